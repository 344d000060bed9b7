"""Quantile tables: a slow quantile function, tabulated once and then read by cubic interpolation.

The table runs over the logit of the probability, which is quick to find and in which quantile functions of
smooth laws have smooth tails too. It is refined until it is exact enough, and refuses laws that never are;
beyond its ends the slow function itself is asked. Used by the beta, PERT and gamma laws of
:mod:`sim.chance.distributions`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.chance.law import Column

REACH = 37.0
"""The table covers logits up to 37, probabilities down to 9e-17."""

TOLERANCE = 1e-6
"""Largest error between nodes, before the last refinement, as a share of P90 - P10."""

MOST_INTERVALS = 8192
"""A law that needs more is not tabulated."""


@dataclass(frozen=True, eq=False)
class QuantileTable:
    """A tabulated quantile function of the logit.

    Attributes
    ----------
    exact
        The function tabulated.
    cubics
        Shape ``(4, intervals)``: coefficients of the cubic on each interval, constant term first.
    """

    exact: Callable[[Column], Column]
    cubics: Column

    def __call__(self, logit: Column) -> Column:
        """Return the quantiles at logits, monotone in the logit."""
        intervals = self.cubics.shape[1]
        place = np.clip((logit + REACH) * (intervals / (2 * REACH)), 0.0, np.nextafter(intervals, 0.0))
        index = place.astype(np.intp)
        place -= index
        found: Column = self.cubics[3].take(index)
        for coefficients in self.cubics[2::-1]:
            found *= place
            found += coefficients.take(index)
        if logit.size and (logit.max() > REACH or logit.min() < -REACH):
            outside = np.abs(logit) > REACH
            found[outside] = self.exact(logit[outside])
        return found


def tabulate(exact: Callable[[Column], Column]) -> Callable[[Column], Column]:
    """Return a table of a quantile function of the logit, or the function where no table is exact.

    The error is below 1e-6 of P90 - P10 at every logit up to 37 where the law is smooth: each refinement is
    checked against the function half-way between the nodes, and the one after the last is used.
    """
    low, high = exact(np.array([-math.log(9.0), math.log(9.0)]))
    intervals, table = 256, QuantileTable(exact, _cubics(exact, 256))
    while intervals < MOST_INTERVALS:
        step = 2 * REACH / intervals
        middles = np.arange(-REACH + step / 2, REACH, step)
        error = np.max(np.abs(table(middles) - exact(middles)))
        intervals *= 2
        table = QuantileTable(exact, _cubics(exact, intervals))
        if error <= TOLERANCE * (high - low):
            return table
    return exact


def _cubics(exact: Callable[[Column], Column], intervals: int) -> Column:
    """Return cubics through the nodes; slopes of fourth order, limited as by Fritsch and Carlson (1980)."""
    step = 2 * REACH / intervals
    value = exact(np.arange(-2.0, intervals + 3.0) * step - REACH)
    slope = (8 * (value[3:-1] - value[1:-3]) - (value[4:] - value[:-4])) / 12
    rise = np.diff(value[1:-1])
    slope = np.clip(slope, 0.0, 3 * np.minimum(rise[:-1], rise[1:]))
    first, last, rise = slope[:-1], slope[1:], rise[1:-1]
    return np.array([value[2:-3], first, 3 * rise - 2 * first - last, first + last - 2 * rise])


def two_tailed(logit: Column, lower: Callable[..., Any], upper: Callable[..., Any]) -> Column:
    """Return quantiles at logits, each asked of the tail it lies in: none loses precision near 1.

    ``lower`` inverts a cdf, ``upper`` its complement.
    """
    tail, found = 1.0 / (1.0 + np.exp(np.abs(logit))), np.empty_like(logit)
    is_low = logit < 0
    found[is_low], found[~is_low] = lower(tail[is_low]), upper(tail[~is_low])
    return found
