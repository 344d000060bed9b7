"""Progress: work that accrues at a rate and chances that change, looked up for many replications at once.

A course is one profile's steps for one block of replications, laid out flat so that each replication stands
on a step of its own. It takes the same steps with the same arithmetic as the reference engine, so the two
round alike; it knows neither nodes nor pools. Called by the node kinds and by the queues of the array engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.chance.kernels import kernel
from sim.chance.steps import Steps
from sim.engine.bind import LOOPS, SLACK, to_ticks

Index = NDArray[np.intp]
"""Positions of replications in a block, or of steps in a flat array."""


def never_after(horizon: float, days: Column) -> Column:
    """Return the days with those after the horizon turned infinite, in place."""
    np.putmask(days, days > horizon, np.inf)
    return days


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of one profile for one block of replications.

    Attributes
    ----------
    times
        Shape ``(k + 1, m)``, or ``m = 1`` if all replications share the profile: the day each step begins.
        The last row, and unused ones, are at ``end``.
    values
        Shape ``(k, m)``: the value in force from then on.
    """

    times: Column
    values: Column
    horizon: float

    def take(self, columns: Index) -> Course:
        """Return the course of some of the replications."""
        if self.shared:
            return self
        return replace(self, times=self.times.take(columns, axis=1), values=self.values.take(columns, axis=1))

    @property
    def shared(self) -> bool:
        """Whether all replications have the same steps."""
        return self.width == 1

    def at(self, days: Column, columns: Index) -> Column:
        """Return the value in force at a day of each of the replications in ``columns``."""
        return in_force(self, days, columns)

    def begin(self, columns: Index) -> Stand:
        """Return the first steps of some replications."""
        position = columns * 0 if self.shared else columns.copy()
        return Stand(self, position, self.values.take(position), self.times.take(position + self.width))

    def stand(self, days: Column, columns: Index) -> Stand:
        """Return the steps in force on a day of each of the replications in ``columns``."""
        position = self.positions(days, columns)
        return Stand(self, position, self.values.take(position), self.times.take(position + self.width))

    def walk(self, day: Column, left: Column, slack: Column, position: Index) -> Column:
        """Return when the work left is done, going on with the step ``position``, which begins at ``day``."""
        done_at, going = np.full_like(day, np.inf), np.arange(day.size)
        while going.size:
            rate, until = self.values.take(position), self.times.take(position + self.width)
            done_at[going], room = _within_step(day, left, slack, rate, until)
            on = np.flatnonzero((done_at[going] == np.inf) & (until < self.end))
            going, position, slack = going[on], position[on] + self.width, slack[on]
            day, left = until[on], left[on] - room[on]
        return done_at

    @property
    def end(self) -> float:
        """A day past the horizon, when nothing matters any more."""
        return self.horizon + 1.0

    @property
    def width(self) -> int:
        """How far the next step of a replication lies in the flat arrays."""
        return int(self.times.shape[1])

    def positions(self, days: Column, columns: Index) -> Index:
        """Return where in the flat arrays the step in force at a day of each replication lies."""
        if self.shared:
            found: Index = np.searchsorted(self.times[:-1, 0], days, side="right") - 1
            return found
        times = self.times[:-1] if columns.size == self.width else self.times[:-1].take(columns, axis=1)
        small = np.uint8 if times.shape[0] < 256 else np.intp
        row = np.add.reduce((times <= days).view(np.uint8), axis=0, dtype=small)
        places: Index = (row.astype(np.intp) - 1) * self.width + columns
        return places


def courses_of(profile_steps: Mapping[int, Steps], *, horizon: float, block: slice) -> dict[int, Course]:
    """Return the courses of drawn profiles in a block of replications; what shares times goes on sharing."""
    times: dict[int, Column] = {}
    found: dict[int, Course] = {}
    for key, steps in profile_steps.items():
        shared, columns = id(steps.times), block if steps.count > 1 else slice(None)
        if shared not in times:
            times[shared] = closed(np.ascontiguousarray(steps.times[:, columns]), horizon)
        values = np.ascontiguousarray(steps.values[: len(times[shared]) - 1, columns])
        found[key] = Course(times[shared], values, horizon)
    return found


@kernel(LOOPS)
def closed(times: Column, horizon: float) -> Column:
    """Return the times of steps without those after the horizon, and a last row on the day past it."""
    used = int(np.count_nonzero(times.min(axis=1) <= horizon))
    found = np.full((used + 1, times.shape[1]), horizon + 1.0)
    np.minimum(times[:used], horizon + 1.0, out=found[:used])
    return found


@dataclass(slots=True)
class Stand:
    """The steps of a course on which some replications stand: their positions, rates and ends."""

    course: Course
    position: Index
    rate: Column
    until: Column

    def move(self, days: Column) -> None:
        """Move on to the steps in force at days no earlier than the last; stay where days are infinite."""
        behind = np.flatnonzero((self.until <= days) & (days < self.course.end))
        while behind.size:
            position = self.position[behind] + self.course.width
            self.position[behind], self.rate[behind] = position, self.course.values.take(position)
            self.until[behind] = self.course.times.take(position + self.course.width)
            behind = behind[self.until[behind] <= days[behind]]

    def finish(self, starts: Column, amounts: Column) -> Column:
        """Return when work that starts now is done, infinite past the horizon.

        Both may be infinite. An amount of 0 is done at the start, whatever the rate.
        """
        course, slack = self.course, amounts * SLACK
        done_at, room = _within_step(starts, amounts, slack, self.rate, self.until)
        on = np.flatnonzero((done_at == np.inf) & (self.until < course.end) & (starts < course.end))
        if on.size:
            left, position = amounts[on] - room[on], self.position[on] + course.width
            done_at[on] = course.walk(self.until[on], left, slack[on], position)
        if amounts.min(initial=np.inf) == 0.0:
            np.copyto(done_at, starts, where=amounts == 0.0)
        return never_after(course.horizon, done_at)


def _within_step(
    day: Column, left: Column, slack: Column, rate: Column, until: Column
) -> tuple[Column, Column]:
    """Return when work is done in a step (infinite if not in this one) and how much the step has room for."""
    room = rate * (until - day)
    fits = (rate > 0.0) & (room >= left - slack)
    done_at = np.minimum(to_ticks(day + left / rate), until)
    np.putmask(done_at, ~fits, np.inf)
    return done_at, room


def end_of_work(
    course: Course | None, starts: Column, amounts: Column, columns: Index, horizon: float
) -> Column:
    """Return when an amount of work is done, at the rate of a course or at 1; infinite past the horizon."""
    if course is not None:
        return finish(course, starts, amounts, columns)
    return never_after(horizon, starts + amounts)


@kernel(LOOPS)
def finish(course: Course, starts: Column, amounts: Column, columns: Index) -> Column:
    """Return when work at the rate of a course is done; starts and amounts may be infinite."""
    return course.stand(starts, columns).finish(starts, amounts)


@kernel(LOOPS)
def in_force(course: Course, days: Column, columns: Index) -> Column:
    """Return the value of a course in force at a day of each of some replications."""
    found: Column = course.values.take(course.positions(days, columns))
    return found
