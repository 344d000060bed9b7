"""What all laws of chance share: how they are asked and checked, and the functions they are made of.

The laws themselves are in ``distributions``. Imports of scipy wait until a law needs one: they take longer
than everything else a command without draws does.
"""

from __future__ import annotations

import math
from dataclasses import fields
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Column = NDArray[np.float64]


class Distribution:
    """A law of chance: a frozen value that compares by its parameters.

    Raises
    ------
    ValueError
        On making one: a parameter is not finite, or the parameters make no law. Names the value.
    """

    def __post_init__(self) -> None:
        problem = self._not_finite() or self._problem()
        if problem:
            raise ValueError(f"{type(self).__name__.lower()}: {problem}")

    def quantile(self, probability: ArrayLike) -> Column:
        """Return the smallest value not exceeded with each probability (0..1), elementwise."""
        if self.constant is not None:
            return np.full(np.shape(probability), float(self.constant))
        with np.errstate(divide="ignore"):  # probabilities 0 and 1 may lie at infinity
            found = self._quantile(np.ravel(np.asarray(probability, dtype=np.float64)))
        return found.reshape(np.shape(probability))

    def at(self, uniforms: Column) -> Column:
        """Return the values of a law that is not constant at uniforms above 0 and below 1, shape ``(n,)``."""
        return self._quantile(uniforms)

    def cdf(self, x: ArrayLike) -> Column:
        """Return the probability of ``x`` or less, elementwise."""
        column = np.atleast_1d(np.asarray(x, dtype=np.float64))
        if self.constant is not None:
            return np.where(column >= self.constant, 1.0, 0.0).reshape(np.shape(x))
        with np.errstate(divide="ignore"):
            return self._cdf(column).reshape(np.shape(x))

    @cached_property
    def median(self) -> float:
        """Return the quantile of one half."""
        return float(self.quantile(0.5))

    @property
    def constant(self) -> float | None:
        """Return the only value the law can take; None if there are several."""
        return None

    def _quantile(self, probability: Column) -> Column:
        raise NotImplementedError

    def _cdf(self, x: Column) -> Column:
        raise NotImplementedError

    def _problem(self) -> str:
        """Return what is wrong with the (finite) parameters, or nothing."""
        return ""

    def _not_finite(self) -> str:
        for field in fields(self):  # type: ignore[arg-type]  # every law is a dataclass
            value = getattr(self, field.name)
            for number in value if isinstance(value, tuple) else (value,):
                if not math.isfinite(number):
                    return f"{field.name} must be finite, got {number}"
        return ""


def ascending(**parameters: float) -> str:
    """Return which parameter is above the next one, or nothing."""
    for (name, value), (other, bound) in pairwise(parameters.items()):
        if value > bound:
            return f"{name} {value:g} is above {other} {bound:g}"
    return ""


def positive(**parameters: float) -> str:
    """Return which parameters are not above 0, or nothing."""
    wrong = [f"{name} must be above 0, got {value:g}" for name, value in parameters.items() if value <= 0]
    return ", ".join(wrong)


def normal_score(probability: Column) -> Column:
    """Return quantiles of the standard normal law."""
    from scipy.special import ndtri

    return np.asarray(ndtri(probability))


def normal_cdf(score: Column) -> Column:
    """Return probabilities of the standard normal law."""
    from scipy.special import ndtr

    return np.asarray(ndtr(score))


def logit(probability: Column) -> Column:
    """Return logits, without loss near 0 and near 1."""
    found = np.log1p(-probability)
    return np.subtract(np.log(probability), found, out=found)


def logistic(logit: Column) -> Column:
    """Return probabilities from their logits."""
    return 0.5 * (1.0 + np.tanh(0.5 * logit))
