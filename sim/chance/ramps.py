"""Ramps: capacity that grows or falls in straight lines between points in time, as production does.

Engines know steps only, so a ramp becomes one step per month whose level makes what the ramp makes in that
month: at the end of each month the output is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from sim.chance.amount import Amount, Values, amount
from sim.chance.law import Column
from sim.chance.profiles import Drawn, column
from sim.chance.steps import Steps

MONTH = 365.25 / 12
"""Days in a step."""


@dataclass(frozen=True, eq=False)
class Ramp(Drawn):
    """Straight lines between points ``(day, value per day)``, level before the first and after the last.

    A point drawn before the one in front of it moves up to that one's day; two points on one day are a jump.

    Raises
    ------
    ValueError
        There is no point.
    """

    points: tuple[tuple[Amount | float, Amount | float], ...]

    def __post_init__(self) -> None:
        if not self.points:
            raise ValueError(f"ramp {self.name!r} has no points")

    def amounts(self) -> Iterable[Amount]:
        """Return days and values, point by point."""
        return tuple(amount(part) for point in self.points for part in point)

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw the points and level each month's output."""
        days, levels = (_table(side, values) for side in zip(*self.points, strict=True))
        days = np.maximum.accumulate(days, axis=0)
        months = max(0, ceil(min(horizon, float(days[-1].max())) / MONTH))
        begins = np.arange(months + 1.0)[:, np.newaxis] * MONTH
        monthly = np.diff(_output(days, levels, begins), axis=0) / MONTH
        monthly = np.where(begins[:-1] >= days[-1], levels[-1], monthly)  # exactly, in however many months
        steps = np.vstack([monthly, np.broadcast_to(levels[-1], monthly.shape[1:])])
        return Steps(np.broadcast_to(begins, steps.shape).copy(), steps)


def _table(numbers: Sequence[Amount | float], values: Values) -> Column:
    return np.array(np.broadcast_arrays(*(column(number, values) for number in numbers)))


def _output(days: Column, levels: Column, until: Column) -> Column:
    """Return the output since day 0 (but for a constant) by some days, shape ``(times, n)``.

    ``days`` and ``levels`` have shape ``(points, n)``, ``until`` ``(times, 1)``.
    """
    output: Column = levels[0] * np.minimum(until, days[0]) + levels[-1] * np.maximum(until - days[-1], 0.0)
    for length, rise, begin, level in zip(
        np.diff(days, axis=0), np.diff(levels, axis=0), days, levels, strict=False
    ):
        past = np.clip(until - begin, 0.0, length)
        output = output + past * (level + 0.5 * rise * past / np.where(length > 0.0, length, 1.0))
    return output
