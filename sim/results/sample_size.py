"""How many replications are enough: ranks and sample sizes that assume independent replications.

These hold for any law of chance, or say that they assume the normal one. Between Latin hypercube blocks the
truth is usually better; :mod:`sim.results.statistics` measures that. Called by ``statistics`` when there are
few blocks, and by users who plan a study.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

LEVEL = 0.95
"""How often an interval is meant to hold the true value."""


def percentile_ranks(count: int, share: float, *, level: float = LEVEL) -> tuple[int, int, float]:
    """Return the ranks of the order statistics around a percentile, and the exact coverage of the interval.

    From x(low) to x(high), counted from 1, lies the percentile of any continuous law with at least the
    coverage returned. Rank 0 means "no lower bound", rank ``count + 1`` "no upper bound". After Conover,
    Practical Nonparametric Statistics, 3rd edition, section 3.2.

    Raises
    ------
    ValueError
        ``count`` is below 1, or ``share`` or ``level`` is not between 0 and 1.
    """
    from scipy.special import bdtr  # a sixth of a second, for those who only make plans

    _check(count=count, share=share, level=level)
    tail = (1.0 - level) / 2.0
    low = _binomial_quantile(tail, count, share)
    high = _binomial_quantile(1.0 - tail, count, share) + 1
    below = bdtr(low - 1, count, share) if low > 0 else 0.0
    return low, high, float(bdtr(high - 1, count, share) - below)


def wilks_replications(share: float = 0.95, *, level: float = LEVEL) -> int:
    """Return how many replications are needed for the largest to exceed a percentile, at a level.

    Wilks, Annals of Mathematical Statistics 12 (1941), page 91: the least n with ``1 - share**n >= level``.
    """
    _check(share=share, level=level)
    return math.ceil(math.log1p(-level) / math.log(share))


def replications_for_mean(deviation: float, *, half_width: float, level: float = LEVEL) -> int:
    """Return how many replications give the mean to within a half width (normal approximation)."""
    _check(level=level)
    return math.ceil((_normal(level) * deviation / half_width) ** 2)


def replications_for_probability(probability: float, *, half_width: float, level: float = LEVEL) -> int:
    """Return how many replications give a probability to within a half width (normal approximation)."""
    deviation = math.sqrt(probability * (1.0 - probability))
    return replications_for_mean(deviation, half_width=half_width, level=level)


def half_width_of_probability(probability: float, count: int, *, level: float = LEVEL) -> float:
    """Return the half width of the interval of a probability (normal approximation)."""
    _check(count=count, level=level)
    return _normal(level) * math.sqrt(probability * (1.0 - probability) / count)


def half_width_of_mean(values: ArrayLike, *, level: float = LEVEL) -> float:
    """Return the half width of the interval of the mean of independent values (Student's t)."""
    sample = np.asarray(values, dtype=np.float64)
    _check(count=sample.size - 1, level=level)
    return student(sample.size - 1, level) * float(sample.std(ddof=1)) / math.sqrt(sample.size)


def curve_half_width(count: int, *, level: float = LEVEL) -> float:
    """Return how far a whole empirical curve may be from the true one.

    The bound of Dvoretzky, Kiefer and Wolfowitz with the constant of Massart, Annals of Probability 18
    (1990), page 1269: ``sqrt(ln(2 / (1 - level)) / (2 n))``.
    """
    _check(count=count, level=level)
    return math.sqrt((math.log(2.0) - math.log1p(-level)) / (2.0 * count))


def student(freedom: int, level: float = LEVEL) -> float:
    """Return the two-sided quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2.0))


def wilson(probability: float, count: float, *, quantile: float) -> tuple[float, float]:
    """Return the score interval of a probability: Wilson, J. American Statistical Association 22 (1927)."""
    weight = quantile * quantile / count
    middle = (probability + weight / 2.0) / (1.0 + weight)
    spread = probability * (1.0 - probability) / count + (weight / 2.0) ** 2 / quantile**2
    half = quantile * math.sqrt(spread) / (1.0 + weight)
    low = 0.0 if probability == 0.0 else max(middle - half, 0.0)
    high = 1.0 if probability == 1.0 else min(middle + half, 1.0)
    return low, high


def _normal(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2.0))


def _binomial_quantile(probability: float, count: int, share: float) -> int:
    from scipy.special import bdtr

    below = bdtr(np.arange(count + 1), count, share)
    return int(np.searchsorted(below, probability))


def _check(*, count: int = 1, share: float = 0.5, level: float = LEVEL) -> None:
    if count < 1:
        raise ValueError(f"an interval needs more replications, got {count}")
    for name, number in (("share", share), ("level", level)):
        if not 0.0 < number < 1.0:
            raise ValueError(f"{name} must lie between 0 and 1, got {number}")
