"""How many replications a wanted precision takes.

Sizes double from the one asked for, so that an interrupted search goes on as if nothing had happened. What is
never, or never certain, is said instead of searched for without end. Called by ``run``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.results.run import Run
from sim.results.statistics import Estimate, percentiles

SHARES = (0.5, 0.8)
"""The percentiles of completion whose intervals are narrowed."""

MOST_REPLICATIONS = 5_000_000
"""A search ends here: what is still wide then has a gap in it (a mixture), not too few replications."""


def next_size(runs: Sequence[Run], days: float) -> int | None:
    """Return how many replications to try next; None if the runs are precise or large enough."""
    count = runs[0].replications
    if count >= MOST_REPLICATIONS or not any(_wide(interval, days) for interval in _intervals(runs)):
        return None
    return min(2 * count, MOST_REPLICATIONS)


def unmet(run: Run, days: float) -> tuple[str, ...]:
    """Return a sentence for each percentile whose interval is not as narrow as asked for, and why."""
    sentences = []
    for share, interval in zip(SHARES, _intervals([run]), strict=True):
        name = f"{run.facts.name}: P{round(100 * share)}"
        if math.isinf(interval.low):
            sentences.append(f"{name} is {run.facts.never}, so it has no precision in days")
        elif _wide(interval, days):
            width = (
                "an unknown number of" if math.isinf(interval.high) else f"{interval.high - interval.low:.0f}"
            )
            sentences.append(
                f"{name} is known to within {width} days, not {days:g}, after "
                f"{run.replications:,} replications"
            )
    return tuple(sentences)


def _intervals(runs: Sequence[Run]) -> list[Estimate]:
    return [interval for run in runs for interval in percentiles(run.completion, SHARES)]


def _wide(interval: Estimate, days: float) -> bool:
    return interval.low < math.inf and interval.high - interval.low > days
