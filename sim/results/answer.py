"""The answer: the numbers of the one sentence that a set of strategies is run for.

Which strategy is complete first, with what probability by the promised date, and what it gains. The command
line words it; nothing here is formatted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sim.results.comparison import Comparison, compare_runs
from sim.results.facts import Facts
from sim.results.run import Run
from sim.results.statistics import Estimate, percentiles
from sim.results.summary import by_target, never, switched, within_budget


@dataclass(frozen=True, slots=True)
class Option:
    """One strategy: days since its start, and probabilities."""

    facts: Facts
    p10: Estimate
    p50: Estimate
    p80: Estimate
    p90: Estimate
    by_target: Estimate | None
    never: Estimate
    switched: Estimate | None
    within_budget: Estimate | None

    @property
    def dates(self) -> tuple[date | None, ...]:
        """Return P10, P50, P80 and P90 as dates; None where the percentile is never."""
        return tuple(self.facts.date(share.value) for share in (self.p10, self.p50, self.p80, self.p90))


@dataclass(frozen=True, slots=True)
class Answer:
    """All strategies as given, the best of them, and the best against each other one.

    Attributes
    ----------
    best
        The option with the earliest P80; then the least never, then the earliest P50, then the order given.
    against
        The best compared with each other option, in the order given.
    """

    options: tuple[Option, ...]
    best: Option
    against: tuple[Comparison, ...]


def answer(runs: Sequence[Run]) -> Answer:
    """Return the answer of one or more runs of the same seed and number of replications.

    Raises
    ------
    ValueError
        There is no run, or they cannot be paired.
    """
    if not runs:
        raise ValueError("an answer needs at least one run, got none")
    options = tuple(map(_option, runs))
    best = min(range(len(runs)), key=lambda index: _rank(options[index], runs[0].facts))
    others = [run for index, run in enumerate(runs) if index != best]
    return Answer(options, options[best], tuple(compare_runs(runs[best], other) for other in others))


def _option(run: Run) -> Option:
    p10, p50, p80, p90 = percentiles(run.completion, (0.1, 0.5, 0.8, 0.9))
    return Option(
        run.facts, p10, p50, p80, p90, by_target(run), never(run), switched(run), within_budget(run)
    )


def _rank(option: Option, origin: Facts) -> tuple[float, float, float]:
    shift = origin.day(option.facts.start)
    p80, p50 = option.p80.value + shift, option.p50.value + shift
    return p80 if math.isfinite(p80) else math.inf, option.never.value, p50
