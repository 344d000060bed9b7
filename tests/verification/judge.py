"""How a simulated number is judged against a known one.

Every expectation is the mean of a column with one value per replication (a probability is the mean of an
indicator), so one rule fits all: 4.5 standard errors, plus the error the reference itself admits. A correct
program fails a number with probability 6.8e-6. Latin hypercube draws are better than independent ones, so the
band stays valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from sim.chance.amount import Column, Values
from sim.chance.draws import draw
from sim.engine.times import Times
from sim.model.plan import Plan

Engine = Callable[[Plan, Values], Times]
Sample = Callable[[Times], Column]

BAND = 4.5
"""Standard errors a number may be off."""


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
    """A plan with known answers. ``size``: replications that judge it well and that SimPy runs in seconds."""

    name: str
    title: str
    plan: Plan
    expectations: tuple[Expectation, ...]
    size: int = 4_000


@dataclass(frozen=True)
class Finding:
    """A number of a case, as expected and as computed."""

    case: str
    number: str
    expected: float
    computed: float
    standard_error: float
    tolerance: float

    @property
    def passes(self) -> bool:
        return abs(self.computed - self.expected) <= self.tolerance


def examine(case: Case, engine: Engine, *, seed: int, replications: int | None = None) -> list[Finding]:
    """Run a case on an engine and return a finding for each of its numbers."""
    count = replications or case.size
    plan = case.plan
    times = engine(plan, draw(plan.inputs, seed=seed, first=0, count=count, correlations=plan.correlations))
    return [_finding(case, expectation, times, count) for expectation in case.expectations]


def _finding(case: Case, known: Expectation, times: Times, count: int) -> Finding:
    sample = known.sample(times)
    sd = float(np.std(sample)) if known.sd is None else known.sd
    error = sd / sqrt(count)
    tolerance = BAND * error + known.reference_error + 1e-9
    return Finding(case.name, known.number, known.expected, float(np.mean(sample)), error, tolerance)


def fires(node: str) -> Sample:
    """Sample the day a node fires."""
    return lambda times: times.of(node)


def mean(number: str, expected: float, sample: Sample, **options: float) -> Expectation:
    """Expect a mean; give ``sd`` where it is known."""
    return Expectation(number, expected, sample, **options)


def probability(number: str, expected: float, sample: Sample, *, reference_error: float = 0.0) -> Expectation:
    """Expect a probability of what ``sample`` says came true; 0 and 1 must hold in every replication."""
    return Expectation(number, expected, sample, sqrt(expected * (1.0 - expected)), reference_error)


def exactly(number: str, expected: float, sample: Sample) -> Expectation:
    """Expect a number that has no chance in it."""
    return Expectation(number, expected, sample, sd=0.0)


def up_to(sample: Sample, day: float) -> Sample:
    """Sample whether a time is no later than a day."""
    return lambda times: (sample(times) <= day).astype(float)


def starts(node: str) -> Sample:
    """Sample the day a node starts."""
    return lambda times: times.start[times.row[node]]


def trials(node: str) -> Sample:
    """Sample the number of trials of some attempts."""
    return lambda times: times.trials[times.row[node]]


def if_ever(node: str) -> Sample:
    """Sample the day a node fires, 0 for never."""
    return lambda times: np.where(np.isfinite(times.of(node)), times.of(node), 0.0)


def at(sample: Sample, day: float) -> Sample:
    """Sample whether a time is exactly a day."""
    return lambda times: (sample(times) == day).astype(float)


def after(later: str, *earlier: str) -> Sample:
    """Sample whether a node fires after all of some others."""
    return lambda times: (times.of(later) > np.max([times.of(name) for name in earlier], axis=0)).astype(
        float
    )


def both(one: Sample, other: Sample) -> Sample:
    """Sample whether both came true."""
    return lambda times: one(times) * other(times)


def waited(customers: Iterable[int]) -> Sample:
    """Sample the mean days some customers of a queue wait."""
    names = [f"service {k}" for k in customers]
    return lambda times: np.mean([times.waited[times.row[name]] for name in names], axis=0)


def waits(customers: Iterable[int]) -> Sample:
    """Sample the share of some customers of a queue who wait at all."""
    names = [f"service {k}" for k in customers]
    return lambda times: np.mean([times.waited[times.row[name]] > 0 for name in names], axis=0)


def present(customers: int, moment: float) -> Sample:
    """Sample the number of customers who have arrived at a queue by a moment and not left."""

    def sample(times: Times) -> Column:
        come = sum((times.of(f"arrival {k}") <= moment).astype(float) for k in range(1, customers + 1))
        gone = sum((times.of(f"service {k}") <= moment).astype(float) for k in range(1, customers + 1))
        return come - gone

    return sample


def percentiles(p10: float, p50: float, p80: float, p90: float) -> dict[float, float]:
    """Return percentiles by probability."""
    return {0.1: p10, 0.5: p50, 0.8: p80, 0.9: p90}


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
    for share, quantile in (quantiles or {}).items():
        number = f"{what}P(T <= P{100 * share:g})"
        yield probability(number, share, up_to(sample, quantile), reference_error=reference_error)
    for day, share in (cumulated or {}).items():
        yield probability(
            f"{what}P(T <= {day:g})", share, up_to(sample, day), reference_error=reference_error
        )
