"""Numbers that no engine simulates: quantiles of laws, ranks, sample sizes, dates, the pairing of two runs.

A computed number agrees with its formula to 1e-6 of it, ranks and dates exactly; the paired runs of A61 have
a standard error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import SupportsFloat

import numpy as np

from sim import Plan
from sim.chance.amount import Input
from sim.chance.copula import check_correlations, to_normal
from sim.chance.distributions import Exponential, Pert
from sim.model.plan import Work
from sim.results.facts import Facts
from sim.results.sample_size import (
    curve_half_width,
    half_width_of_mean,
    half_width_of_probability,
    percentile_ranks,
    replications_for_mean,
    wilks_replications,
)
from sim.scenario.quantity import parse
from sim.scenario.units import DIMENSIONS
from sim.study.compare import compare
from sim.study.run import Settings
from sim.study.subject import Subject

from .judge import BAND
from .law_cases import EXTREMES, LAWS, LISTED, said, spearman
from .published import cases, number

RELATIVE = 1e-6
"""How far a formula and its program may lie apart."""

PAIRS = 20_000


@dataclass(frozen=True)
class Formula:
    """A number (or a text) of a case as expected and as computed; ``tolerance`` is absolute."""

    case: str
    number: str
    expected: float | str
    computed: float | str
    tolerance: float = 0.0

    @property
    def passes(self) -> bool:
        if isinstance(self.expected, str) or isinstance(self.computed, str):
            return self.expected == self.computed
        return abs(self.computed - self.expected) <= self.tolerance


def formulas() -> list[Formula]:
    """Return every number."""
    return [*_quantiles(), *_copula(), *_ranks(), *_sample_sizes(), *_pairs(), *_dates()]


def _equal(case: str, number: str, expected: float, computed: SupportsFloat) -> Formula:
    return Formula(case, number, expected, float(computed), RELATIVE * abs(expected))


def _quantiles() -> Iterator[Formula]:
    for name, law in LAWS.items():
        case, prefix = name[:3], LISTED.get(name, "")
        for share in (0.1, 0.5, 0.8, 0.9):
            expected = cases()[case].get(f"{prefix}P{100 * share:g}")
            if expected is not None:
                yield _equal(case, f"{said(law)}: P{100 * share:g}", expected, law.quantile(share))
        if name in EXTREMES:
            expected = number(case, f"{EXTREMES[name]}: alpha, beta, mean, sd, P80", 4)
            yield _equal(case, f"{said(law)}: P80", expected, law.quantile(0.8))
    yield _equal("A55", "Pert(5, 5, 5): P80", 5.0, Pert(5.0, 5.0, 5.0).quantile(0.8))


def _copula() -> Iterator[Formula]:
    expected = number("A56", "copula rho that gives Spearman 0.5")
    yield _equal("A56", "correlation of scores that gives Spearman 0.5", expected, to_normal(0.5))
    advice = "lower that of a and b from 0.891456 to about 0.58"
    refused = f"correlations contradict each other: {advice}"
    yield Formula("A58", "matrix with 0.9, 0.9, 0.2", refused, _answer(0.2))
    yield Formula("A58", "matrix with 0.9, 0.9, 0.8", "accepted", _answer(0.8))


def _answer(normal: float) -> str:
    pairs = {("a", "b"): spearman(0.9), ("b", "c"): spearman(0.9), ("a", "c"): spearman(normal)}
    try:
        check_correlations(pairs)
    except ValueError as problem:
        return str(problem)
    return "accepted"


def _ranks() -> Iterator[Formula]:
    for count in (200, 1_000, 10_000):
        key = f"n={count}: 95% interval ranks l,u and exact coverage"
        found = percentile_ranks(count, 0.8)
        for place, what in enumerate(("lower rank", "upper rank", "coverage")):
            rounding = 5e-7 if what == "coverage" else 0.0  # of the list
            expected = number("A59", key, place)
            yield Formula("A59", f"P80 of {count}: {what}", expected, float(found[place]), rounding)
    expected = number("A59", "one-sided 95/95 Wilks n (published 59)")
    yield Formula("A59", "replications after Wilks, 95/95", expected, wilks_replications(0.95, level=0.95))
    # 59 are enough up to the probability that the largest of 59 exceeds the P95, and no further.
    reached = number("A59", "P(max of 59 exceeds the P95)")
    for side, enough in ((-1e-12, 59), (1e-12, 60)):
        computed = wilks_replications(0.95, level=reached + side)
        yield Formula("A59", f"… at a level of {reached:.6f} {side:+g}", enough, computed)


def _sample_sizes() -> Iterator[Formula]:
    expected = number("A60", "n for half-width 0.5 at 95% when sd=12 (normal)")
    computed = replications_for_mean(12.0, half_width=0.5)
    yield Formula("A60", "replications for a mean to 0.5, sd 12", expected, computed)
    expected = number("A60", "half-width of P(T<=t)=.8 at n=2000, 95% normal")
    yield _equal("A60", "half width of P = 0.8, 2,000", expected, half_width_of_probability(0.8, 2_000))
    expected = number("A60", "DKW sup-distance, n=20000, alpha=1e-6")
    yield _equal(
        "A60", "half width of a whole curve, 20,000", expected, curve_half_width(20_000, level=1 - 1e-6)
    )
    expected = number("A60", "t half-width: sample 10,20,30 (95%): mean, sd, half-width", 2)
    yield _equal("A60", "half width of the mean of 10, 20, 30", expected, half_width_of_mean([10, 20, 30]))


def _pairs() -> Iterator[Formula]:
    """Two scenarios whose only wait has mean 10 and 12: with common luck they differ by a wait of mean 2."""
    settings = Settings(replications=PAIRS)
    compared = compare([_one_wait(10.0), _one_wait(12.0)], settings)
    first, second = (run.completion for run in compared.runs)
    gain, expected = second - first, number("A61", "mean difference")
    yield Formula("A61", "mean difference", expected, float(gain.mean()), BAND * expected / sqrt(PAIRS))
    variance = number("A61", "variance with CRN (=2^2)")
    # A squared exponential of mean 2 has variance (9 - 1) 2^4.
    yield Formula("A61", "variance of it", variance, float(np.var(gain)), BAND * sqrt(128.0 / PAIRS))
    yield Formula("A61", "P(the shorter is first)", 1.0, compared.comparisons[0].earlier.value)


def _one_wait(mean: float) -> Subject:
    wait = Work((), Input("wait", Exponential(mean=mean)))
    plan = Plan({"done": wait}, horizon=36_525.0, milestones={"completion": "done"})
    name, start, end = f"mean {mean:g}", date(2024, 1, 1), date(2124, 1, 1)
    return Subject(name=name, title="A61", start=start, horizon=end, plan=plan)


def _dates() -> Iterator[Formula]:
    for begin, end in ((date(2024, 1, 15), date(2024, 12, 31)), (date(2024, 10, 31), date(2026, 5, 1))):
        key = next(key for key in cases()["A71"] if str(begin) in key and str(end) in key)
        yield Formula("A71", f"days from {begin} to {end}", number("A71", key), _from(begin).day(end))
    months = float(str(parse("18 months", DIMENSIONS["duration"]).parameters["value"]))
    for begin, span, days in ((date(2024, 2, 1), "90 days", 90.0), (date(2024, 1, 1), "18 months", months)):
        key = next(key for key in cases()["A71"] if str(begin) in key and span in key)
        yield Formula("A71", f"{span} after {begin}", cases()["A71"][key], str(_from(begin).date(days)))


def _from(start: date) -> Facts:
    return Facts(name="dates", title="dates", start=start, horizon=date(2030, 1, 1))
