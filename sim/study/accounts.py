"""Accounts: the delay ledger of a scenario as its reader wants it: mean, near P80, and from promise to P80.

Single futures differ in their causes, so a percentile's ledger is the mean of the futures around it. Called
by the command line and the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.results.drivers import mean_of, most_days, near
from sim.results.rounding import share_text
from sim.results.statistics import percentiles, probability
from sim.study.drivers import share_to_move
from sim.study.explore import Explored

NEGLIGIBLE_DAYS = 1.0
"""Causes that add or save less are put together in the waterfall."""

LATE_START = "already past the plan at best"
EARLY_START = "sooner than planned at best"


@dataclass(frozen=True)
class Account:
    """Where the days go.

    Attributes
    ----------
    sentence
        What the numbers are taken from.
    share
        The percentile of the account; below 0.8 where P80 is never.
    mean, near
        Mean days by cause over the completed replications, and over those around the percentile.
    planned, steps, total
        The waterfall: days of the official plan (0 without one), days added by each cause, days around the
        percentile. The causes are the difference between the futures around the percentile and those that
        come nearest to keeping the plan; by how much these already miss it is the first step.
    """

    name: str
    sentence: str
    share: float
    mean: Mapping[str, float]
    near: Mapping[str, float]
    planned: float
    steps: list[tuple[str, float]]
    total: float


def account_of(explored: Explored) -> Account:
    """Return the account of an explored scenario."""
    facts, days = explored.subject.facts, explored.ledger.days
    completion, done = explored.completion, np.isfinite(explored.completion)
    share = share_to_move(completion)
    late = mean_of(days, near(completion, percentiles(completion, (share,))[0].value))
    planned = float(facts.day(facts.target)) if facts.target is not None else 0.0
    kept = mean_of(days, near(completion, planned)) if facts.target is not None else {}
    done_share = share_text(probability(done))
    sentence = (
        f"{facts.title}: mean days by cause over the futures that complete ({done_share} of them "
        f"all), and over those around P{100 * share:.0f}."
    )
    steps = _steps(kept, late, planned)
    return Account(
        explored.subject.name, sentence, share, mean_of(days, done), late, planned, steps, sum(late.values())
    )


def difference(first: Account, second: Account, *, where: Literal["mean", "near"]) -> dict[str, float]:
    """Return by how many days the second account exceeds the first, cause by cause."""
    one, other = getattr(first, where), getattr(second, where)
    return {cause: other.get(cause, 0.0) - one.get(cause, 0.0) for cause in dict.fromkeys((*one, *other))}


def _steps(kept: Mapping[str, float], late: Mapping[str, float], planned: float) -> list[tuple[str, float]]:
    moved = {cause: late.get(cause, 0.0) - kept.get(cause, 0.0) for cause in dict.fromkeys((*late, *kept))}
    large = most_days([each for each in moved.items() if abs(each[1]) >= NEGLIGIBLE_DAYS])
    small = sum(days for days in moved.values() if abs(days) < NEGLIGIBLE_DAYS)
    missed = sum(kept.values()) - planned if kept else 0.0
    begin = [(LATE_START if missed > 0.0 else EARLY_START, missed)] if abs(missed) >= NEGLIGIBLE_DAYS else []
    rest = small if begin else small + missed
    return [*begin, *large, *([("other", rest)] if rest else [])]
