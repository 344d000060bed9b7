"""Regret: how much later than the best of the strategies each is, in the same futures.

In every future the strategies are ranked as if that future had been known; regret is what not knowing it
costs. After Savage, J. American Statistical Association 46 (1951), page 55. Called by the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column
from sim.results.errors import StudyError
from sim.results.run import Run
from sim.results.statistics import Estimate, mean, percentiles, probability


@dataclass(frozen=True, slots=True)
class Regret:
    """What one strategy loses against the best in hindsight; never counts as the horizon.

    Attributes
    ----------
    best
        Probability that no other strategy is earlier.
    mean_days, p90_days
        Mean and P90 of the days lost.
    """

    name: str
    best: Estimate
    mean_days: Estimate
    p90_days: Estimate


def days_lost(completions: Sequence[Column], horizon: float) -> Column:
    """Return by how many days each strategy is later than the best of them, shape ``(m, n)``.

    Parameters
    ----------
    completions
        One column per strategy, shape ``(n,)`` each; infinity for never, which counts as the horizon.
    """
    days = np.minimum(completions, horizon)
    return np.asarray(days - days.min(axis=0))


def regrets(runs: Sequence[Run]) -> list[Regret]:
    """Return the regret of each of two or more runs, the least mean first.

    Raises
    ------
    StudyError
        There are fewer than two, or they do not share start, seed and number of replications.
    """
    if len(runs) < 2 or len({(run.facts.start, run.seed, run.replications) for run in runs}) > 1:
        raise StudyError("regret needs two or more strategies with the same start, seed and replications")
    horizon = float(min(run.facts.day(run.facts.horizon) for run in runs))
    lost = days_lost([run.completion for run in runs], horizon)
    found = [
        Regret(run.facts.name, probability(row == 0.0), mean(row), percentiles(row, (0.9,))[0])
        for run, row in zip(runs, lost, strict=True)
    ]
    return sorted(found, key=lambda each: each.mean_days.value)
