"""Quantile tables: a slow quantile function, tabulated once and then read by cubic interpolation.

The table has so many intervals for each halving of the probability, counted from the nearer end of the law:
the bits of a floating-point number say at once which one it lies in, and quantile functions of smooth laws
are smooth there. It is refined until it is exact enough, and refuses laws that never are; so near to the ends
that hardly a draw falls there, the slow function itself is asked. Used by the beta, PERT and gamma laws of
:mod:`sim.chance.distributions`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.chance.kernels import LOOPS, kernel
from sim.chance.law import Column

Quantile = Callable[[Column], Any]

HALVINGS = 24
"""Halvings of the probability, from one half on; one draw in 8 million lies beyond."""

LEAST = 2.0 ** -(HALVINGS + 1)
"""Below this probability in either tail the slow function is asked."""

TOLERANCE = 2.5e-7
"""Largest error where cubics are worst, as a share of P90 - P10."""

MOST_BITS = 7
"""A law that needs more than 2^7 intervals for each halving is not tabulated."""

LEAST_BITS = int(np.float64(LEAST).view(np.int64))
MANTISSA = 52
"""The least probability as an integer, and how many of its bits are not the exponent."""


@dataclass(frozen=True, eq=False)
class Tails:
    """A quantile function, exact in both tails: ``lower`` inverts a cdf, ``upper`` its complement."""

    lower: Quantile
    upper: Quantile

    def __call__(self, probability: Column) -> Column:
        """Return the quantiles, each asked of the tail it lies in: none loses precision near 1."""
        found, is_low = np.empty_like(probability), probability <= 0.5
        found[is_low] = self.lower(probability[is_low])
        found[~is_low] = self.upper(1.0 - probability[~is_low])
        return found


@dataclass(frozen=True, eq=False)
class QuantileTable:
    """A tabulated quantile function.

    Attributes
    ----------
    exact
        The function tabulated.
    cubics
        Shape ``(intervals, 4)``: coefficients of the cubic on each interval, constant term first; those of
        the lower tail from its end to the median, then those of the upper tail.
    bits
        How many leading bits of the mantissa tell intervals apart.
    """

    exact: Tails
    cubics: Column
    bits: int

    def __call__(self, probability: Column) -> Column:
        """Return the quantiles, monotone in the probability."""
        found = interpolated(probability, self.cubics, self.bits)
        low, high = probability.min(initial=0.5), probability.max(initial=0.5)
        if low < LEAST or high > 1.0 - LEAST:
            beyond = (probability < LEAST) | (probability > 1.0 - LEAST)
            found[beyond] = self.exact(probability[beyond])
        return found


@kernel(LOOPS)
def interpolated(probability: Column, cubics: Column, bits: int) -> Column:
    """Return the cubics at probabilities; beyond the ends of the table, anything."""
    tail, rest = np.minimum(probability, 1.0 - probability), MANTISSA - bits
    raw = tail.view(np.int64)
    interval = (raw >> rest) - (LEAST_BITS >> rest)
    interval += (probability > 0.5) * (len(cubics) // 2)
    chosen = cubics.take(interval, axis=0, mode="clip")
    within = (raw & (2**rest - 1)) * 2.0**-rest
    found: Column = chosen[:, 3] * within
    for power in (2, 1):
        found += chosen[:, power]
        found *= within
    found += chosen[:, 0]
    return found


def tabulate(lower: Quantile, upper: Quantile) -> Tails | QuantileTable:
    """Return a table of a quantile function, or the function where no table is exact.

    ``lower`` inverts a cdf, ``upper`` its complement. The error is below 1e-6 of P90 - P10: each table is
    checked against the function in every interval, between the places where it is exact.
    """
    exact = Tails(lower, upper)
    low, high = exact(np.array([0.1, 0.9]))
    for bits in range(3, MOST_BITS + 1):
        table = QuantileTable(exact, np.concatenate([_cubics(lower, bits), _cubics(upper, bits)]), bits)
        between = _tails(bits, 1 / 6, 5 / 6)[:-1].ravel()  # the last interval begins at one half
        probes = np.concatenate([between, 1.0 - between])
        if np.abs(table(probes) - exact(probes)).max() <= TOLERANCE * (high - low):
            return table
    return exact


def _tails(bits: int, *places: float) -> Column:
    """Return the probabilities at some places of each interval, shape ``(intervals of a tail, places)``."""
    begin = np.arange(HALVINGS * 2**bits + 1)[:, np.newaxis]
    octave, within = LEAST * 2.0 ** (begin >> bits), begin & (2**bits - 1)
    return np.asarray(octave * (1.0 + (within + np.array(places)) / 2**bits))


def _cubics(quantile: Quantile, bits: int) -> Column:
    """Return cubics that are exact at four places of each interval, where these make them monotone.

    Otherwise their slopes are limited as by Fritsch and Carlson, SIAM J. Numerical Analysis 17 (1980), page
    238.
    """
    a, b, c, d = quantile(_tails(bits, 0.0, 1 / 3, 2 / 3, 1.0).ravel()).reshape(-1, 4).T
    rise = d - a
    first, last = (-11 * a + 18 * b - 9 * c + 2 * d) / 2, (11 * d - 18 * c + 9 * b - 2 * a) / 2
    low, high = np.minimum(3 * rise, 0.0), np.maximum(3 * rise, 0.0)
    first, last = np.clip(first, low, high), np.clip(last, low, high)
    return np.stack([a, first, 3 * rise - 2 * first - last, first + last - 2 * rise], axis=1)
