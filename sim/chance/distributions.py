"""Distributions: the laws of chance a scenario can name, each a vectorized quantile function and its inverse.

A draw is the quantile of a uniform number, so the quantile function is what matters; the cdf serves
truncation. Called by ``draws`` (luck becomes numbers) and by ``model`` (quantities become inputs).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np

from sim.chance.kernels import LOOPS, kernel
from sim.chance.law import Column, ascending, logistic, logit, normal_cdf, normal_score, positive
from sim.chance.law import Distribution as Distribution  # part of what this module offers
from sim.chance.tables import tabulate

Parameters = Mapping[str, float | Sequence[float]]

METALOG_BOUND = 1.66711
"""A three-term metalog is a law iff ``|a3 / a2|`` is below this (Keelin 2016, Decision Analysis 13(4))."""

LEAST_CHANCE = 1e-9
"""A truncation that leaves less probability than this is refused."""

SHAPES = 1024
"""Tables kept: laws that differ in scale only share one, hence all lots of a supplier do."""


@dataclass(frozen=True)
class Fixed(Distribution):
    """A number without chance."""

    value: float

    @property
    def constant(self) -> float:
        """Return the value."""
        return self.value


class _Ranged(Distribution):
    low: float
    high: float

    @property
    def constant(self) -> float | None:
        """Return the bounds where they are one."""
        return self.low if self.low == self.high else None

    def _problem(self) -> str:
        return ascending(**vars(self))


@dataclass(frozen=True)
class Uniform(_Ranged):
    """Any value between two bounds, all alike."""

    low: float
    high: float

    def _quantile(self, probability: Column) -> Column:
        return self.low + probability * (self.high - self.low)

    def _cdf(self, x: Column) -> Column:
        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)


@dataclass(frozen=True)
class Triangular(_Ranged):
    """A density that rises in a straight line to the mode and falls in another."""

    low: float
    mode: float
    high: float

    def _quantile(self, probability: Column) -> Column:
        return triangular(probability, self.low, self.mode, self.high)

    def _cdf(self, x: Column) -> Column:
        width, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        x = np.clip(x, self.low, self.high)
        below = (x - self.low) ** 2 / (width * (rise or 1.0))
        above = (self.high - x) ** 2 / (width * (fall or 1.0))
        return np.where(x < self.mode, below, 1.0 - above)


@dataclass(frozen=True)
class Pert(_Ranged):
    """The beta law on ``low..high`` with mean ``(low + 4 mode + high) / 6`` (beta-PERT, lambda = 4)."""

    low: float
    mode: float
    high: float

    @cached_property
    def _beta(self) -> Beta:
        share = (self.mode - self.low) / (self.high - self.low)
        return Beta(1.0 + 4.0 * share, 5.0 - 4.0 * share)

    def _quantile(self, probability: Column) -> Column:
        return self.low + (self.high - self.low) * self._beta.at(probability)

    def _cdf(self, x: Column) -> Column:
        return self._beta.cdf((x - self.low) / (self.high - self.low))


@dataclass(frozen=True)
class Normal(Distribution):
    """The normal law."""

    mean: float
    sd: float

    def _quantile(self, probability: Column) -> Column:
        return self.mean + self.sd * normal_score(probability)

    def _cdf(self, x: Column) -> Column:
        return normal_cdf((x - self.mean) / self.sd)

    def _problem(self) -> str:
        return positive(sd=self.sd)


@dataclass(frozen=True)
class Lognormal(Distribution):
    """A positive value; ``sigma`` is the standard deviation of its natural logarithm."""

    median: float = field()  # takes the place of the base class's median
    sigma: float

    def _quantile(self, probability: Column) -> Column:
        return np.asarray(self.median * np.exp(self.sigma * normal_score(probability)))

    def _cdf(self, x: Column) -> Column:
        return normal_cdf(np.log(np.maximum(x, 0.0) / self.median) / self.sigma)

    def _problem(self) -> str:
        return positive(**vars(self))


@dataclass(frozen=True)
class Gamma(Distribution):
    """The gamma law with mean ``shape * scale``; quantiles from a table (``tables``)."""

    shape: float
    scale: float

    def _quantile(self, probability: Column) -> Column:
        return self.scale * _gamma_table(self.shape)(probability)

    def _cdf(self, x: Column) -> Column:
        from scipy.special import gammainc

        return np.asarray(gammainc(self.shape, np.maximum(x, 0.0) / self.scale))

    def _problem(self) -> str:
        return positive(**vars(self))


@dataclass(frozen=True)
class Weibull(Distribution):
    """The Weibull law: ``P(X > x) = exp(-(x / scale) ** shape)``."""

    shape: float
    scale: float

    def _quantile(self, probability: Column) -> Column:
        return np.asarray(self.scale * (-np.log1p(-probability)) ** (1.0 / self.shape))

    def _cdf(self, x: Column) -> Column:
        return -np.expm1(-((np.maximum(x, 0.0) / self.scale) ** self.shape))

    def _problem(self) -> str:
        return positive(**vars(self))


@dataclass(frozen=True)
class Exponential(Distribution):
    """The waiting time for something that happens at a constant rate of ``1 / mean``."""

    mean: float

    def _quantile(self, probability: Column) -> Column:
        found = np.log1p(-probability)
        found *= -self.mean
        return found

    def _cdf(self, x: Column) -> Column:
        return -np.expm1(-np.maximum(x, 0.0) / self.mean)

    def _problem(self) -> str:
        return positive(**vars(self))


@dataclass(frozen=True)
class Beta(Distribution):
    """The beta law on 0..1 with mean ``a / (a + b)``; quantiles from a table (``tables``)."""

    a: float
    b: float

    def _quantile(self, probability: Column) -> Column:
        return _beta_table(self.a, self.b)(probability)

    def _cdf(self, x: Column) -> Column:
        from scipy.special import betainc

        return np.asarray(betainc(self.a, self.b, np.clip(x, 0.0, 1.0)))

    def _problem(self) -> str:
        return positive(**vars(self))


@dataclass(frozen=True)
class Discrete(Distribution):
    """A few values, each with a weight (weights need not sum to 1)."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    @cached_property
    def _ladder(self) -> tuple[Column, Column]:
        """Return the values in ascending order and the probability reached at each."""
        pairs = sorted((v, w) for v, w in zip(self.values, self.weights, strict=True) if w > 0)
        values, weights = np.array(pairs, dtype=np.float64).T
        reached = np.cumsum(weights / np.sum(weights))
        reached[-1] = 1.0
        return values, reached

    def _quantile(self, probability: Column) -> Column:
        values, reached = self._ladder
        return values[np.searchsorted(reached, probability)]

    def _cdf(self, x: Column) -> Column:
        values, reached = self._ladder
        return np.concatenate([[0.0], reached])[np.searchsorted(values, x, side="right")]

    def _problem(self) -> str:
        if len(self.values) != len(self.weights):
            return f"has {len(self.values)} values but {len(self.weights)} weights"
        if min(self.weights, default=0.0) < 0:
            return f"weights must not be negative, got {min(self.weights):g}"
        return "" if sum(self.weights) > 0 else "weights must sum to more than 0"


@dataclass(frozen=True)
class Empirical(Distribution):
    """Observed values, each as likely as the others; nothing between them is drawn."""

    values: tuple[float, ...]

    @cached_property
    def _discrete(self) -> Discrete:
        return Discrete(self.values, (1.0,) * len(self.values))

    def _quantile(self, probability: Column) -> Column:
        return self._discrete.quantile(probability)

    def _cdf(self, x: Column) -> Column:
        return self._discrete.cdf(x)

    def _problem(self) -> str:
        return "" if self.values else "needs at least one value"


@dataclass(frozen=True)
class Metalog(Distribution):
    """The unbounded three-term metalog through three percentiles (Keelin 2016, symmetric percentiles)."""

    p10: float
    p50: float
    p90: float

    @property
    def constant(self) -> float | None:
        """Return the percentiles where they are one."""
        return self.p50 if self.p10 == self.p90 else None

    @property
    def _terms(self) -> tuple[float, float]:
        width, skew = self.p90 - self.p10, self.p90 + self.p10 - 2 * self.p50
        return width / (2 * math.log(9)), skew / (0.8 * math.log(9))

    def _quantile(self, probability: Column) -> Column:
        a2, a3 = self._terms
        return self.p50 + (a2 + a3 * (probability - 0.5)) * logit(probability)

    def _cdf(self, x: Column) -> Column:
        """Bisect the quantile function over the logit, between bounds it cannot exceed."""
        a2, a3 = self._terms
        high = np.abs(x - self.p50) / (a2 - abs(a3) / 2)
        low = -high
        for _ in range(80):
            middle = (low + high) / 2
            is_below = self.p50 + (a2 + a3 * (logistic(middle) - 0.5)) * middle < x
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return logistic(high)

    def _problem(self) -> str:
        a2, a3 = self._terms
        problem = ascending(**vars(self))
        if problem or self.constant is not None or abs(a3) < METALOG_BOUND * a2:
            return problem
        return f"p50 {self.p50:g} is too near one end of {self.p10:g} to {self.p90:g}"


@dataclass(frozen=True)
class Truncated(Distribution):
    """A law on condition that the value lies in ``minimum..maximum``, ends included."""

    base: Distribution
    minimum: float = -math.inf
    maximum: float = math.inf

    @property
    def constant(self) -> float | None:
        """Return the value, where there is only one."""
        return self.minimum if self.minimum == self.maximum else self.base.constant

    @cached_property
    def _share(self) -> tuple[float, float]:
        """Return the probability below the minimum, and that of the interval."""
        below = float(self.base.cdf(np.nextafter(self.minimum, -math.inf)))
        return below, float(self.base.cdf(self.maximum)) - below

    def _quantile(self, probability: Column) -> Column:
        below, inside = self._share
        found = self.base.quantile(np.minimum(below + probability * inside, 1.0))
        return np.clip(found, self.minimum, self.maximum)

    def _cdf(self, x: Column) -> Column:
        below, inside = self._share
        reached = np.clip((self.base.cdf(x) - below) / inside, 0.0, 1.0)
        return np.where(x < self.minimum, 0.0, np.where(x >= self.maximum, 1.0, reached))

    def _not_finite(self) -> str:
        return ""

    def _problem(self) -> str:
        if not self.minimum <= self.maximum:
            return f"minimum {self.minimum:g} is above maximum {self.maximum:g}"
        if self._share[1] < LEAST_CHANCE:
            return f"{self.base} is almost never between {self.minimum:g} and {self.maximum:g}"
        return ""


@kernel(LOOPS)
def triangular(probability: Column, low: float, mode: float, high: float) -> Column:
    """Return quantiles of a triangular law."""
    width, rise, fall = high - low, mode - low, high - mode
    rises = probability * width < rise
    found = np.sqrt(np.where(rises, probability * (width * rise), (1.0 - probability) * (width * fall)))
    return np.where(rises, low + found, high - found)


@lru_cache(maxsize=SHAPES)
def _gamma_table(shape: float) -> Callable[[Column], Column]:
    from scipy.special import gammainccinv, gammaincinv

    return tabulate(partial(gammaincinv, shape), partial(gammainccinv, shape))


@lru_cache(maxsize=SHAPES)
def _beta_table(a: float, b: float) -> Callable[[Column], Column]:
    from scipy.special import betainccinv, betaincinv

    return tabulate(partial(betaincinv, a, b), partial(betainccinv, a, b))


_STEPPED = (Fixed, Discrete, Empirical)
_SMOOTH = (Uniform, Triangular, Pert, Normal, Lognormal, Gamma, Weibull, Exponential, Beta, Metalog)

LAWS: Mapping[str, type[Distribution]] = {law.__name__.lower(): law for law in (*_STEPPED, *_SMOOTH)}
"""The laws a scenario can name; their fields are the parameters."""


def distribution(
    law: str, parameters: Parameters, *, minimum: float | None = None, maximum: float | None = None
) -> Distribution:
    """Return the law of that name, truncated where a bound is given.

    Raises
    ------
    ValueError
        There is no such law, its parameters have other names, or they make no law.
    """
    if law not in LAWS:
        raise ValueError(f"there is no law {law!r}; there are {', '.join(LAWS)}")
    names = [each.name for each in fields(LAWS[law])]  # type: ignore[arg-type]  # every law is a dataclass
    if set(names) != set(parameters):
        raise ValueError(f"{law} needs {', '.join(names)}; got {', '.join(parameters) or 'nothing'}")
    base = LAWS[law](**{name: _frozen(value) for name, value in parameters.items()})
    low = -math.inf if minimum is None else minimum
    high = math.inf if maximum is None else maximum
    return base if (low, high) == (-math.inf, math.inf) else Truncated(base, low, high)


def _frozen(value: float | Sequence[float]) -> Any:
    return tuple(map(float, value)) if isinstance(value, Sequence) else float(value)
