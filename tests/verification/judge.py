"""How a simulated number is judged against a known one.

Every expectation is the mean of a column with one value per replication (a probability is the mean of an
indicator), so one rule fits all: 4.5 standard errors, plus the error the reference itself admits. A correct
program fails a number with probability 6.8e-6. Latin hypercube draws are better than independent ones, so the
band stays valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from sim import Plan
from sim.chance.amount import Column, Values
from sim.chance.draws import draw
from sim.engine.times import Times

Engine = Callable[[Plan, Values], Times]
Sample = Callable[[Times], Column]

BAND = 4.5
"""Standard errors a number may be off."""

ERROR_RATE = 6.8e-6
"""Probability that a correct program is off by more."""

ROUNDING = 1e-9
"""What a number without chance may be off."""


@dataclass(frozen=True)
class Expectation:
    """A known number: ``sample`` gives a value per replication, whose mean should be ``expected``.

    ``sd`` is the standard deviation of one value: known, 0 if every value is exact, None to estimate it.
    ``reference_error`` is how far off the reference may be itself.
    """

    number: str
    expected: float
    sample: Sample
    sd: float | None = None
    reference_error: float = 0.0


@dataclass(frozen=True)
class Case:
    """A plan with known answers, and where they are from.

    ``size`` is the number of replications for SimPy, about a second of its time, ``fast_size`` that for the
    array engine.
    """

    name: str
    title: str
    source: str
    plan: Plan
    expectations: tuple[Expectation, ...]
    size: int = 2_000
    fast_size: int = 20_000


@dataclass(frozen=True)
class Finding:
    """A number of a case, as expected and as computed from some replications."""

    number: str
    expected: float
    computed: float
    standard_error: float
    reference_error: float
    replications: int

    @property
    def errors(self) -> float:
        """Return how many standard errors the computed number is off; 0 where there is no chance in it."""
        return (self.computed - self.expected) / self.standard_error if self.standard_error else 0.0

    @property
    def passes(self) -> bool:
        tolerance = BAND * self.standard_error + self.reference_error + ROUNDING
        return abs(self.computed - self.expected) <= tolerance


def examine(case: Case, engine: Engine, *, seed: int, count: int) -> list[Finding]:
    """Run some replications of a case on an engine and return a finding for each of its numbers."""
    plan = case.plan
    times = engine(plan, draw(plan.inputs, seed=seed, first=0, count=count, correlations=plan.correlations))
    return [_finding(expectation, times, count) for expectation in case.expectations]


def _finding(known: Expectation, times: Times, count: int) -> Finding:
    sample = known.sample(times)
    sd = float(np.std(sample)) if known.sd is None else known.sd
    computed, error = float(np.mean(sample)), sd / sqrt(count)
    return Finding(known.number, known.expected, computed, error, known.reference_error, count)


def mean(number: str, expected: float, sample: Sample, **options: float) -> Expectation:
    """Expect a mean; give ``sd`` where it is known."""
    return Expectation(number, expected, sample, **options)


def probability(number: str, expected: float, sample: Sample, *, reference_error: float = 0.0) -> Expectation:
    """Expect a probability of what ``sample`` says came true; 0 and 1 must hold in every replication."""
    return Expectation(number, expected, sample, sqrt(expected * (1.0 - expected)), reference_error)


def exactly(number: str, expected: float, sample: Sample, *, reference_error: float = 0.0) -> Expectation:
    """Expect a number that has no chance in it."""
    return Expectation(number, expected, sample, 0.0, reference_error)


def law(
    sample: Sample,
    what: str = "",
    *,
    moments: tuple[float, float] | None = None,
    quantiles: Mapping[float, float] | None = None,
    cumulated: Mapping[float, float] | None = None,
    reference_error: float = 0.0,
) -> Iterator[Expectation]:
    """Expect a law: mean and variance from ``moments`` (mean, sd); the share of replications up to each
    quantile (``{probability: quantile}``) and each day (``{day: probability}``).

    The distribution function is judged at the exact quantile, which needs no density. ``reference_error`` is
    relative for moments; around a quantile it is taken as absolute, in probability.
    """
    if moments is not None:
        center, sd = moments
        yield Expectation(f"{what}mean", center, sample, sd, reference_error * center)
        square: Sample = lambda times: (sample(times) - center) ** 2  # noqa: E731
        yield Expectation(f"{what}variance", sd**2, square, reference_error=2 * reference_error * sd**2)
    shares = {
        **{f"P(T <= P{100 * share:g})": (share, quantile) for share, quantile in (quantiles or {}).items()},
        **{f"P(T <= {day:g})": (share, day) for day, share in (cumulated or {}).items()},
    }
    for number, (share, day) in shares.items():
        yield probability(f"{what}{number}", share, up_to(sample, day), reference_error=reference_error)


def up_to(sample: Sample, day: float) -> Sample:
    """Sample whether something is no larger than a number."""
    return lambda times: (sample(times) <= day).astype(float)
