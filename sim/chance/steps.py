"""Steps: piecewise-constant functions of time, one per replication, side by side in two arrays.

A profile (calendar, regime, hold, ramp) is drawn into steps before an engine starts; the SimPy engine walks
one replication's steps, the array engine inverts the cumulated steps of all. Nothing here knows what a step
means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.chance.amount import Column
from sim.chance.kernels import LOOPS, kernel

TOGETHER = 512
"""Replications that are merged at a time."""


@dataclass(frozen=True, eq=False)
class Steps:
    """A right-continuous step function per replication.

    Attributes
    ----------
    times
        Shape ``(k, n)``: the day each step begins. Row 0 is 0; a column never decreases; unused rows are
        infinite. Of several steps that begin at the same time the last one is in force.
    values
        Shape ``(k, n)``: the value in force from then on.

    A profile without chance may have ``n = 1``: it broadcasts over all replications.
    """

    times: Column
    values: Column

    @property
    def count(self) -> int:
        """Return for how many replications there are steps (1: the same for all)."""
        return int(self.times.shape[1])

    @cached_property
    def cumulated(self) -> Column:
        """Return the work done by the start of each step, shape ``(k, n)``, for values that are not negative.

        An infinite row holds all the work that is ever done.
        """
        with np.errstate(invalid="ignore"):
            work = self.values[:-1] * np.diff(self.times, axis=0)
        work = np.where((self.values[:-1] > 0.0) & np.isfinite(self.times[:-1]), work, 0.0)
        return np.cumsum(np.vstack([np.zeros((1, self.count)), work]), axis=0)

    def at(self, day: Column) -> Column:
        """Return the value in force at a day of each replication, shape ``(n,)``; at infinity, the last."""
        if self.count == 1:
            used = self.times[np.isfinite(self.times[:, 0]), 0]
            return self.values[:, 0].take(np.maximum(np.searchsorted(used, day, side="right") - 1, 0))
        begun = (self.times <= day) & np.isfinite(self.times)
        return pick(self.values, np.maximum(np.count_nonzero(begun, axis=0) - 1, 0))

    def take(self, rows: ArrayLike) -> Steps:
        """Return the steps of the replications at some positions (or where a mask is true)."""
        if self.count == 1:
            return self
        chosen = np.arange(self.count)[np.asarray(rows)]
        return Steps(np.take(self.times, chosen, axis=1), np.take(self.values, chosen, axis=1))


def level(value: Column) -> Steps:
    """Return steps that never change, from one value per replication (or one for all)."""
    return Steps(np.zeros((1, len(value))), value[np.newaxis].copy())


@kernel(LOOPS)
def spells(begin: Column, end: Column, *, inside: Column, outside: Column) -> Steps:
    """Return steps with one value in spells of time and another outside them; spells may overlap.

    Parameters
    ----------
    begin, end
        Shape ``(spells, n)`` or ``(spells, 1)``, in any order; a spell of no length counts for nothing, one
        that begins before day 0 is running at 0.
    inside, outside
        Shape ``(n,)`` or ``(1,)``.
    """
    end = np.maximum(np.maximum(end, begin), 0.0)
    begin = np.maximum(begin, 0.0)
    if np.any(begin[1:] < begin[:-1]):  # one runs while more have begun than ended: sort either side
        begin, end = np.sort(begin, axis=0), np.sort(end, axis=0)
    running_maximum(end)
    end[:-1] = np.minimum(end[:-1], begin[1:])
    count = max(begin.shape[1], end.shape[1], len(inside), len(outside))
    times, values = np.zeros((2, 2 * len(begin) + 1, count))
    times[1::2], times[2::2] = begin, end
    values[0::2], values[1::2] = outside, inside
    return trimmed(Steps(times, values))


def product(parts: Sequence[Steps]) -> Steps:
    """Return the product of step functions."""
    return _combined(np.multiply, parts)


def minimum(parts: Sequence[Steps]) -> Steps:
    """Return the least of step functions at each time."""
    return _combined(np.minimum, parts)


def total(parts: Sequence[Steps]) -> Steps:
    """Return the sum of step functions."""
    return _combined(np.add, parts)


def trimmed(steps: Steps) -> Steps:
    """Return steps without the last rows that no replication uses."""
    used = len(steps.times)
    while used > 1 and not np.isfinite(steps.times[used - 1]).any():
        used -= 1
    return steps if used == len(steps.times) else Steps(steps.times[:used].copy(), steps.values[:used].copy())


def running_maximum(rows: NDArray[Any]) -> None:
    """Turn each row into the largest of the rows so far, in place: faster than ``np.maximum.accumulate``."""
    for before, row in pairwise(rows):
        np.maximum(before, row, out=row)


def _combined(function: np.ufunc, parts: Sequence[Steps]) -> Steps:
    # In the order given, whatever their sizes: rounding must not depend on other replications.
    return reduce(partial(_merged, function), parts)


def _merged(function: np.ufunc, one: Steps, other: Steps) -> Steps:
    if len(one.times) == 1 or len(other.times) == 1 or np.array_equal(one.times, other.times):
        times, values = max(one.times, other.times, key=len), function(one.values, other.values)
        return Steps(np.broadcast_to(times, values.shape).copy(), values)
    for coarse, fine in ((one, other), (other, one)):
        if np.array_equal(coarse.times, fine.times[::2]):  # as of a regime and its transient
            return Steps(
                fine.times, function(fine.values, np.repeat(coarse.values, 2, axis=0)[: len(fine.times)])
            )
    if one.count == other.count == 1:
        return _interleaved(function, one, other)
    return merged(function, one, other)


@kernel(LOOPS)
def merged(function: np.ufunc, one: Steps, other: Steps) -> Steps:
    """Merge replications with about as many steps together: short ones are not padded, all stay in cache."""
    used = [np.count_nonzero(np.isfinite(part.times), axis=0) for part in (one, other)]
    length = used[0] + used[1] - 1
    rows = int(length.max())
    times, values = np.full((rows, length.size), np.inf), np.zeros((rows, length.size))
    order = np.argsort(length, kind="stable")
    for first in range(0, length.size, TOGETHER):
        columns = order[first : first + TOGETHER]
        parts = (_some(part, columns, n) for part, n in zip((one, other), used, strict=True))
        merged = _interleaved(function, *parts)
        times[: len(merged.times), columns], values[: len(merged.times), columns] = (
            merged.times,
            merged.values,
        )
    return Steps(times, values)


def _some(steps: Steps, columns: NDArray[np.intp], used: NDArray[np.intp]) -> Steps:
    """Return the steps of some replications, without the rows that none of them uses."""
    if steps.count == 1:
        return Steps(steps.times[: used[0]], steps.values[: used[0]])
    rows = used[columns].max()
    return Steps(steps.times[:rows].take(columns, axis=1), steps.values[:rows].take(columns, axis=1))


def _interleaved(function: np.ufunc, one: Steps, other: Steps) -> Steps:
    count, first = max(one.count, other.count), len(one.times)
    times = np.concatenate([np.broadcast_to(part.times, (len(part.times), count)) for part in (one, other)])
    order = np.argsort(times, axis=0, kind="stable")
    begun = (order < first).astype(np.intp)  # of the steps of one; at its start of day 0, no other is needed
    for before, row in pairwise(begun):
        row += before
    row_other = np.maximum(np.arange(len(order))[:, np.newaxis] - begun, 0)
    values = function(pick(one.values, begun - 1), pick(other.values, row_other))
    return trimmed(Steps(pick(times, order)[1:], values[1:]))  # both begin at 0: one row is enough


def pick(table: Column, row: NDArray[np.intp]) -> Column:
    """Return the entries of a table ``(k, n)`` or ``(k, 1)`` in some rows of each column."""
    width = table.shape[1]  # one flat index is much faster than a pair
    return table.ravel().take(row if width == 1 else row * width + np.arange(width))
