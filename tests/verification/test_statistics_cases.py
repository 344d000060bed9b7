"""A59, A60 and A61: ranks, sample sizes and common luck against published and exact values.

Formulas are compared to relative 1e-6. A61 draws 20,000 pairs; a band of 4.5 standard errors fails a correct
program once in 150,000 seeds, and the seed is fixed.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from sim.chance.amount import Input
from sim.chance.distributions import Exponential
from sim.model.plan import Plan, Work
from sim.results.comparison import compare_runs
from sim.results.sample_size import (
    curve_half_width,
    half_width_of_mean,
    half_width_of_probability,
    percentile_ranks,
    replications_for_mean,
    replications_for_probability,
    wilks_replications,
)
from sim.study.compare import compare
from sim.study.run import Settings
from sim.study.subject import Subject


@pytest.mark.parametrize(
    ("count", "low", "high", "coverage"),
    [(200, 149, 172, 0.958498), (1000, 775, 825, 0.9519), (10000, 7921, 8079, 0.951732)],
)
def test_a59_ranks_around_p80(count: int, low: int, high: int, coverage: float) -> None:
    assert percentile_ranks(count, 0.8)[:2] == (low, high)
    assert percentile_ranks(count, 0.8)[2] == pytest.approx(coverage, abs=5e-7)


def test_a59_wilks_sample_size() -> None:
    assert wilks_replications(0.95, level=0.95) == 59
    assert wilks_replications(0.95, level=0.9515054747505769 - 1e-12) == 59
    assert wilks_replications(0.95, level=0.9515054747505769 + 1e-12) == 60


def test_a60_replications_for_a_precision() -> None:
    assert replications_for_mean(12.0, half_width=0.5) == 2213
    assert half_width_of_probability(0.8, 2000) == pytest.approx(0.017530450811531633, rel=1e-9)
    assert replications_for_probability(0.8, half_width=0.017530450811531633) == pytest.approx(2000, abs=1)
    assert half_width_of_mean([10, 20, 30]) == pytest.approx(24.8413771175033, rel=1e-9)
    assert curve_half_width(20_000, level=1.0 - 1e-6) == pytest.approx(0.019045116000253333, rel=1e-6)


def test_a61_common_luck_leaves_only_the_strategies_difference() -> None:
    def exponential(mean: float) -> Subject:
        plan = Plan(
            {"done": Work((), Input("wait", Exponential(mean=mean)))},
            horizon=36_525.0,
            milestones={"completion": "done"},
        )
        return Subject(
            name=f"mean {mean:g}", title="A61", start=date(2024, 1, 1), horizon=date(2124, 1, 1), plan=plan
        )

    count = 20_000
    compared = compare([exponential(10.0), exponential(12.0)], Settings(replications=count))
    first, second = (run.completion for run in compared.runs)
    gain = second - first
    assert abs(gain.mean() - 2.0) <= 4.5 * 2.0 / math.sqrt(count)
    # The variance of a squared exponential of mean 2 is that of kurtosis 9: (9 - 1) 2^4.
    assert abs(np.var(gain) - 4.0) <= 4.5 * math.sqrt(8.0 * 16.0 / count)
    assert np.allclose(second, 1.2 * first, rtol=1e-6)
    pair = compared.comparisons[0]
    assert pair.earlier.value == 1.0
    assert pair.mean_gain_days.low <= 2.0 <= pair.mean_gain_days.high
    assert compare_runs(*compared.runs) == pair
