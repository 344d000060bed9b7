"""The loops of the array engine that numba compiles: work at a rate, shares that add up, queues.

Each does what the plain form of its kernel says, number by number in the same order of operations, hence to
the same bytes; see :mod:`sim.chance.loops`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from sim.chance.law import Column
from sim.chance.loops import NEW_TABLE, NEW_VECTOR, ROWS, TABLE, VECTOR, loop, several
from sim.engine.bind import SLACK, TICKS_PER_DAY
from sim.engine.progress import Course, Index
from sim.engine.queueing import Requests


@loop(NEW_VECTOR, VECTOR)
def ticks(column: Column) -> Column:
    """Return days in whole ticks; see ``bind``."""
    found = np.empty(column.size)
    for place in range(column.size):
        found[place] = np.rint(max(column[place], 0.0) * TICKS_PER_DAY) / TICKS_PER_DAY
    return found


@loop(NEW_TABLE, TABLE, types.float64)
def closed(times: Column, horizon: float) -> Column:
    """Return the times of steps up to the horizon, and a last row past it; see ``progress``."""
    used = len(times)
    while used > 0 and not np.any(times[used - 1] <= horizon):
        used -= 1
    found = np.empty((used + 1, times.shape[1]))
    for row in range(used):
        for column in range(times.shape[1]):
            found[row, column] = min(times[row, column], horizon + 1.0)
    found[used] = horizon + 1.0
    return found


@loop(types.int64, TABLE, types.float64, types.int64)
def _row(times: Column, day: float, column: int) -> int:
    """Return the last step that has begun by a day; the last row of times ends the last step."""
    low, high = 0, times.shape[0] - 1
    while high - low > 1:
        middle = (low + high) // 2
        if times[middle, column] <= day:
            low = middle
        else:
            high = middle
    return low


@loop(types.float64, TABLE, TABLE, types.int64, types.float64, types.float64, types.float64)
def _end(times: Column, values: Column, column: int, start: float, amount: float, horizon: float) -> float:
    if start > horizon:
        return np.inf
    if amount == 0.0:
        return start
    row, day, left, slack = _row(times, start, column), start, amount, amount * SLACK
    while row < values.shape[0]:
        rate, until = values[row, column], times[row + 1, column]
        room = rate * (until - day)
        if rate > 0.0 and room >= left - slack:
            done = min(np.rint((day + left / rate) * TICKS_PER_DAY) / TICKS_PER_DAY, until)
            return done if done <= horizon else np.inf
        if until >= horizon + 1.0:
            return np.inf
        left, day, row = left - room, until, row + 1
    return np.inf


@loop(NEW_VECTOR, TABLE, TABLE, types.float64, VECTOR, VECTOR, ROWS)
def _finish(
    times: Column, values: Column, horizon: float, starts: Column, amounts: Column, columns: Any
) -> Column:
    ends, step = np.empty(starts.size), min(times.shape[1] - 1, 1)
    for place in range(starts.size):
        ends[place] = _end(times, values, columns[place] * step, starts[place], amounts[place], horizon)
    return ends


def finish(course: Course, starts: Column, amounts: Column, columns: Index) -> Column:
    """Return when work is done; see ``progress``."""
    return _finish(course.times, course.values, course.horizon, starts, amounts, columns)


@loop(NEW_VECTOR, TABLE, TABLE, VECTOR, ROWS)
def _in_force(times: Column, values: Column, days: Column, columns: Any) -> Column:
    found, step = np.empty(days.size), min(times.shape[1] - 1, 1)
    for place in range(days.size):
        column = columns[place] * step
        found[place] = values[_row(times, days[place], column), column]
    return found


def in_force(course: Course, days: Column, columns: Index) -> Column:
    """Return the values in force on some days; see ``progress``."""
    return _in_force(course.times, course.values, days, columns)


@loop(types.int64, TABLE, types.int64, types.int64[::1], NEW_VECTOR)
def _sort(days: Column, column: int, order: Any, ordered: Column) -> int:
    """Order the rows of a column whose days are finite, ties by row; return how many there are."""
    count = 0
    for row in range(days.shape[0]):
        day, place = days[row, column], count
        if day == np.inf:
            continue
        while place > 0 and ordered[place - 1] > day:
            ordered[place], order[place] = ordered[place - 1], order[place - 1]
            place -= 1
        ordered[place], order[place] = day, row
        count += 1
    return count


@loop(NEW_VECTOR, TABLE, TABLE, VECTOR, types.float64)
def reached(days: Column, shares: Column, required: Column, horizon: float) -> Column:
    """Return when shares first add up to what is required; see ``kinds``."""
    found = np.full(required.size, np.inf)
    order, ordered = np.empty(len(days), np.int64), np.empty(len(days))
    for column in range(required.size):
        if required[column] <= 0.0:
            found[column] = 0.0
            continue
        need, total = required[column] * (1.0 - SLACK), 0.0
        for place in range(_sort(days, column, order, ordered)):
            total += shares[order[place], column]
            if total >= need:
                found[column] = ordered[place]
                break
    return found


@loop(types.void, types.float64[::1], types.float64)
def _hold(free: Column, until: float) -> None:
    """Give the earliest server work until then; keep the servers in ascending order."""
    place = 0
    while place + 1 < free.size and free[place + 1] < until:
        free[place] = free[place + 1]
        place += 1
    free[place] = until


@loop(
    several(NEW_TABLE, NEW_TABLE),
    several(TABLE, TABLE, TABLE),
    several(TABLE, TABLE),
    types.boolean,
    types.int64,
    types.float64,
)
def _served(line: Any, course: Any, at_rate: bool, servers: int, horizon: float) -> Any:
    ready, amount, limit = line
    times, values = course
    starts, ends = np.full(ready.shape, np.inf), np.full(ready.shape, np.inf)
    order, ordered, free = np.empty(len(ready), np.int64), np.empty(len(ready)), np.empty(servers)
    step = min(times.shape[1] - 1, 1)
    for column in range(ready.shape[1]):
        free[:] = 0.0
        for place in range(_sort(ready, column, order, ordered)):
            row, begin = order[place], max(ordered[place], free[0])
            if begin > horizon:
                begin = np.inf
            if limit.shape[0] > 0 and limit[row, column] < begin:
                continue
            until = np.inf
            if begin < np.inf and at_rate:
                until = _end(times, values, column * step, begin, amount[row, column], horizon)
            elif begin + amount[row, column] <= horizon:
                until = begin + amount[row, column]
            starts[row, column], ends[row, column] = begin, until
            _hold(free, until)
    return starts, ends


def served(requests: Requests, servers: int, horizon: float) -> tuple[Column, Column]:
    """Return starts and ends of requests that all go at one rate; see ``queueing``."""
    nothing = np.empty((0, 0))
    limit = nothing if requests.limit is None else requests.limit
    (course,) = requests.courses
    steps = (nothing, nothing) if course is None else (course.times, course.values)
    line = (requests.ready, requests.amount, limit)
    starts, ends = _served(line, steps, course is not None, servers, horizon)
    return starts, ends
