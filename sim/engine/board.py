"""The board: all times found so far for one block of replications, and the numbers to find the others.

A block is small enough for its rows to stay in the processor's cache. The board gives rows by the name of a
node and knows no kinds of nodes; the kinds, the queues and the feedback write their rows into it. Called by
the array engine, which makes one board per block, and by the feedback, which takes out unsettled columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.chance.profiles import Profile
from sim.engine.bind import Bound, Later, Numbers
from sim.engine.progress import Course, Index, courses_of
from sim.engine.times import Times
from sim.model.plan import Node

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Board:
    """One block of ``count`` replications; arrays have one column for each.

    Attributes
    ----------
    times
        Rows to be filled; those of ``waited`` and ``trials`` are 0 until somebody writes them.
    amounts
        Node name to its amounts, as in :class:`~sim.engine.bind.Bound`.
    courses
        ``id(profile)`` to its course.
    approved
        Name of decided attempts to whether the decision was an approval.
    """

    nodes: Mapping[str, Node]
    horizon: float
    times: Times
    amounts: Mapping[str, tuple[Numbers, ...]]
    courses: Mapping[int, Course]
    everyone: Index
    approved: dict[str, Mask] = field(default_factory=dict)

    @classmethod
    def of(cls, bound: Bound, times: Times, block: slice) -> Board:
        """Return the board of a block of replications; it writes into ``times``."""
        horizon = bound.plan.horizon
        amounts = {name: tuple(c[block] for c in columns) for name, columns in bound.amounts.items()}
        courses = courses_of(bound.profile_steps, horizon=horizon, block=block)
        views = {name: getattr(times, name)[:, block] for name in _TABLES}
        everyone = np.arange(views["fire"].shape[1])
        return cls(bound.plan.nodes, horizon, Times(times.row, **views), amounts, courses, everyone)

    @property
    def count(self) -> int:
        """Return the number of replications in the block."""
        return self.everyone.size

    def fired(self, name: str) -> Column:
        """Return the fire times of a node."""
        return self.times.of(name)

    def latest(self, names: Iterable[str]) -> Column:
        """Return when the last of some nodes has fired; 0 if there are none."""
        rows = [self.fired(name) for name in names]
        latest = np.zeros(self.count) if not rows else rows[0].copy()
        for row in rows[1:]:
            np.maximum(latest, row, out=latest)
        return latest

    def amount(self, name: str, place: int = 0) -> Column:
        """Return an amount of a node in all replications of the block."""
        numbers = self.amounts[name][place]
        return numbers[self.everyone] if isinstance(numbers, Later) else numbers

    def course(self, profile: Profile | None) -> Course | None:
        """Return the course of a profile; None, for a rate of 1, of no profile."""
        return None if profile is None else self.courses[id(profile)]

    def forget(self, names: Iterable[str]) -> None:
        """Write that some nodes are not known to fire."""
        for name in names:
            self.times.fire[self.times.row[name]] = np.inf

    def instant(self, name: str, days: Column) -> None:
        """Write the row of a node that is ready, starts and fires all at once."""
        row = self.times.row[name]
        self.times.ready[row] = self.times.start[row] = self.times.fire[row] = days

    def write(self, name: str, *, ready: Column, start: Column, fire: Column) -> None:
        """Write the row of a node that takes time."""
        row = self.times.row[name]
        self.times.ready[row], self.times.start[row], self.times.fire[row] = ready, start, fire

    def take(self, names: Iterable[str], columns: Index) -> Board:
        """Return a board of its own for some nodes, what they look at, and some replications."""
        members = list(names)
        seen = dict.fromkeys(other for name in members for other in (*self.nodes[name].waits_for(), name))
        rows = [self.times.row[name] for name in seen]
        tables = {table: getattr(self.times, table)[rows].take(columns, axis=1) for table in _TABLES}
        times = Times({name: place for place, name in enumerate(seen)}, **tables)
        amounts = {name: tuple(c[columns] for c in self.amounts[name]) for name in members}
        wanted = {id(profile) for name in members for profile in self.nodes[name].profiles()}
        courses = {key: self.courses[key].take(columns) for key in wanted}
        approved = {name: mask[columns] for name, mask in self.approved.items() if name in seen}
        return Board(self.nodes, self.horizon, times, amounts, courses, np.arange(columns.size), approved)

    def put(self, names: Iterable[str], columns: Index, part: Board) -> None:
        """Write back the rows of some nodes that were found on a board of some replications."""
        for name in names:
            here, there = self.times.row[name], part.times.row[name]
            for table in _TABLES:
                getattr(self.times, table)[here, columns] = getattr(part.times, table)[there]
            if name in part.approved:
                self.approved[name][columns] = part.approved[name]


_TABLES = tuple(table.name for table in fields(Times) if table.name != "row")
