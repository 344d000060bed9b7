"""Queueing: requests for the servers of one pool, first in, first out, in many replications at once.

Serving is the recursion over requests sorted by ready time: each starts when it is ready and the earliest
server is free, and holds that server until it is done. Nothing here knows which node a request belongs to or
what follows from its end. Called by pools, which make requests out of nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column
from sim.chance.kernels import kernel
from sim.engine.bind import LOOPS
from sim.engine.progress import Course, Index, Stand, end_of_work, never_after
from sim.engine.sorting import places_in_order

WORTH_TAKING_OUT = 0.75
"""Replications in which anybody asks are served on their own if they are fewer than this share."""


@dataclass(frozen=True, slots=True)
class Requests:
    """What a pool is asked for in a block: one row per request, in the order that decides ties.

    Attributes
    ----------
    ready, amount
        Shape ``(r, m)``.
    limit
        Shape ``(r, m)``: a request that would start later than this is withdrawn; None if none ever is.
    courses
        The different rates of the requests; None is a rate of 1.
    course_of
        Shape ``(r, m)`` or ``(r, 1)``: which of the courses each request takes.
    """

    ready: Column
    amount: Column
    limit: Column | None
    courses: tuple[Course | None, ...]
    course_of: Index

    def some(self, rows: Index, columns: Index) -> Requests:
        """Return some of the requests in some of the replications."""
        here = np.ix_(rows, columns)
        limit = None if self.limit is None else self.limit[here]
        courses = tuple(None if course is None else course.take(columns) for course in self.courses)
        return Requests(self.ready[here], self.amount[here], limit, courses, self.course_of[rows])

    def sorted(self, places: Index) -> Requests:
        """Return the requests rearranged, in each replication on its own, as flat positions say."""
        limit = None if self.limit is None else self.limit.take(places)
        alike = len(self.courses) == 1
        course_of = self.course_of if alike else self.course_of[places // places.shape[1], 0]
        return Requests(self.ready.take(places), self.amount.take(places), limit, self.courses, course_of)


def serve(requests: Requests, servers: int, horizon: float) -> tuple[Column, Column]:
    """Return when each request starts and when it is done, both infinite if it never does."""
    alike = len(requests.courses) == 1
    return (served if alike else served.plain)(requests, servers, horizon)


@kernel(LOOPS)
def served(requests: Requests, servers: int, horizon: float) -> tuple[Column, Column]:
    """Serve requests; the compiled form knows only those that all go at one rate."""
    asked = requests.ready < np.inf
    rows, columns = np.flatnonzero(asked.any(axis=1)), np.flatnonzero(asked.any(axis=0))
    if columns.size >= WORTH_TAKING_OUT * asked.shape[1]:
        columns = np.arange(asked.shape[1])
    if asked.shape == (rows.size, columns.size):
        return _serve_sorted(requests, servers, horizon)
    start, end = np.full((2, *asked.shape), np.inf)
    here = np.ix_(rows, columns)
    start[here], end[here] = _serve_sorted(requests.some(rows, columns), servers, horizon)
    return start, end


def _serve_sorted(requests: Requests, servers: int, horizon: float) -> tuple[Column, Column]:
    places = places_in_order(requests.ready, horizon)
    if places is None:
        return _serve_in_order(requests, servers, horizon)
    start, end = np.empty((2, *requests.ready.shape))
    sorted_start, sorted_end = _serve_in_order(requests.sorted(places), servers, horizon)
    start.put(places, sorted_start)
    end.put(places, sorted_end)
    return start, end


def _serve_in_order(line: Requests, servers: int, horizon: float) -> tuple[Column, Column]:
    start, end = np.empty((2, *line.ready.shape))
    free, clock = np.zeros((servers, line.ready.shape[1])), _Clock(line, horizon)
    for row, ready in enumerate(line.ready):
        if ready.min(initial=np.inf) == np.inf:  # then so are all rows after it
            start[row:], end[row:] = np.inf, np.inf
            break
        begin = never_after(horizon, np.maximum(ready, free[0], out=start[row]))
        if line.limit is not None:
            withdrawn = line.limit[row] < begin
            begin[withdrawn] = np.inf
        end[row] = clock.end(row, begin)
        _hold(free, end[row] if line.limit is None else np.where(withdrawn, free[0], end[row]))
    return start, end


class _Clock:
    """When requests end that are asked in the order of their starts: the steps of a rate only move on."""

    def __init__(self, line: Requests, horizon: float) -> None:
        self.line, self.horizon = line, horizon
        self.everyone = np.arange(line.ready.shape[1])
        self.stands: dict[int, Stand] = {}

    def end(self, row: int, start: Column) -> Column:
        """Return when a request ends in each replication."""
        course_of, amount = self.line.course_of[row], self.line.amount[row]
        if len(course_of) == 1:
            return self._end(int(course_of[0]), start, amount)
        end = np.empty_like(start)
        for place, course in enumerate(self.line.courses):
            columns = np.flatnonzero(course_of == place)
            end[columns] = end_of_work(course, start[columns], amount[columns], columns, self.horizon)
        return end

    def _end(self, place: int, start: Column, amount: Column) -> Column:
        course = self.line.courses[place]
        if course is None:
            return end_of_work(None, start, amount, self.everyone, self.horizon)
        stand = self.stands.setdefault(place, course.begin(self.everyone))
        stand.move(start)
        return stand.finish(start, amount)


def _hold(free: Column, until: Column) -> None:
    """Give the earliest server (row 0) work ``until`` then, and keep the rows in ascending order."""
    for server in range(len(free) - 1):
        following = free[server + 1]
        np.minimum(following, until, out=free[server])
        until = np.maximum(following, until)
    free[-1] = until
