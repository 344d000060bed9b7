"""Paired comparison: the same futures under two strategies, replication by replication.

Both runs share their luck, so a difference is the strategies' own and its interval is far narrower than that
of either. Never is never: a replication in which one side does not finish has no number of days gained, and
is counted instead. Called by ``study.compare`` and by ``summary``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.chance.draws import BLOCK
from sim.results.outcomes import COMPLETION
from sim.results.run import Run
from sim.results.statistics import Estimate, mean, percentiles, probability

Winner = Literal["first", "second", "equal", "neither"]


@dataclass(frozen=True, slots=True)
class Dominance:
    """Whether one completion curve is better than the other whatever the date, or whatever the impatience.

    Attributes
    ----------
    first_order
        Whose curve is nowhere below the other's.
    second_order
        Whose expected lateness after a date is nowhere above the other's, for every date up to the horizon
        (never counts as the horizon): what everybody who dislikes delay and risk prefers. After Shaked and
        Shanthikumar, Stochastic Orders, section 4.A.
    crossing
        The largest share by which a curve that is above elsewhere falls below; 0 if they do not cross.
    """

    first_order: Winner
    second_order: Winner
    crossing: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The first strategy against the second; days are gained by the first if positive.

    Attributes
    ----------
    earlier, later, tied, both_never
        Probabilities that sum to 1: the first completes before, after, on the same instant as the second, or
        neither completes. A strategy that completes is before one that never does.
    only_first, only_second
        Probability that this one completes and the other never does (part of ``earlier`` and ``later``).
    median_gain_days, mean_gain_days
        Among replications in which both complete; NaN if there are none.
    restricted_gain_days
        Mean over all replications up to the horizon, where never counts as the horizon: a bound of what is
        gained, since never is later than that.
    """

    first: str
    second: str
    replications: int
    earlier: Estimate
    later: Estimate
    tied: Estimate
    both_never: Estimate
    only_first: Estimate
    only_second: Estimate
    median_gain_days: Estimate
    mean_gain_days: Estimate
    restricted_gain_days: Estimate
    dominance: Dominance


def compare_runs(first: Run, second: Run) -> Comparison:
    """Compare the completions of two runs of the same seed and number of replications.

    Days are counted from the start of the first; the earlier horizon limits both.

    Raises
    ------
    ValueError
        The runs do not share their luck: another seed, or another number of replications.
    """
    if first.seed != second.seed or first.replications != second.replications:
        raise ValueError(
            f"{first.facts.name!r} and {second.facts.name!r} cannot be paired: seeds {first.seed} and "
            f"{second.seed}, replications {first.replications} and {second.replications}"
        )
    horizon = min(first.facts.horizon, second.facts.horizon)
    return compare_columns(
        first.column(COMPLETION),
        second.column(COMPLETION) + first.facts.day(second.facts.start),
        horizon=float(first.facts.day(horizon)),
        names=(first.facts.name, second.facts.name),
    )


def compare_columns(
    first: Column,
    second: Column,
    *,
    horizon: float,
    names: tuple[str, str] = ("first", "second"),
    block: int | None = BLOCK,
) -> Comparison:
    """Compare two columns of times on the same luck.

    Parameters
    ----------
    first, second
        Shape ``(n,)``: days; infinity, or a time after the horizon, is never.
    horizon
        In the same days.
    block
        Replications per Latin hypercube; None if all replications are independent.
    """
    first, second = _never_after(first, horizon), _never_after(second, horizon)
    ours, theirs = np.isfinite(first), np.isfinite(second)
    both = ours & theirs
    gain = np.subtract(second, first, out=np.zeros_like(first), where=both)
    restricted = np.minimum(second, horizon) - np.minimum(first, horizon)

    def share(hits: NDArray[np.bool_]) -> Estimate:
        return probability(hits, block=block)

    return Comparison(
        *names,
        replications=len(first),
        earlier=share(first < second),
        later=share(second < first),
        tied=share(both & (first == second)),
        both_never=share(~ours & ~theirs),
        only_first=share(ours & ~theirs),
        only_second=share(theirs & ~ours),
        median_gain_days=percentiles(gain, (0.5,), selected=both, block=block)[0],
        mean_gain_days=mean(gain, selected=both, block=block),
        restricted_gain_days=mean(restricted, block=block),
        dominance=_dominance(first, second, horizon),
    )


def _never_after(days: Column, horizon: float) -> Column:
    return np.where(days <= horizon, days, np.inf)


def _dominance(first: Column, second: Column, horizon: float) -> Dominance:
    times = np.unique(np.concatenate([first, second, [horizon]]))
    times = times[np.isfinite(times)]
    ahead = _curve(first, times) - _curve(second, times)
    # Lateness after a date is the area between curve and 1 from there to the horizon: sum it from the right.
    areas = (ahead[:-1] * np.diff(times))[::-1].cumsum()
    slack = 1e-12 * max(horizon, 1.0)
    crossing = max(0.0, min(float(ahead.max()), float(-ahead.min())))
    return Dominance(_winner(ahead, 0.0), _winner(areas, slack), crossing)


def _curve(days: Column, times: Column) -> Column:
    return np.searchsorted(np.sort(days), times, side="right") / len(days)


def _winner(ahead: Column, slack: float) -> Winner:
    best, worst = bool(np.any(ahead > slack)), bool(np.any(ahead < -slack))
    if best and worst:
        return "neither"
    return "first" if best else "second" if worst else "equal"
