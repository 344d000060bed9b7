from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from sim.results.answer import answer
from sim.results.comparison import Comparison, compare_columns, compare_runs
from sim.results.facts import Facts
from sim.results.rounding import date_text, days_text, share_text
from sim.results.run import Run
from sim.results.statistics import Estimate
from sim.results.summary import harmless, summary, summary_of_comparison

NEVER = math.inf
FACTS = Facts(
    name="a", title="A", start=date(2024, 4, 30), target=date(2024, 12, 31), horizon=date(2025, 4, 30)
)


def compared(first: list[float], second: list[float], horizon: float = 365.0) -> Comparison:
    return compare_columns(np.array(first), np.array(second), horizon=horizon, block=None)


def run_of(completion: list[float], **changes: object) -> Run:
    columns = {"replication": np.arange(len(completion)), "completion": np.array(completion)}
    facts = Facts(**{**vars(FACTS), **changes})  # type: ignore[arg-type]
    return Run(facts, 1, len(completion), "array", tuple(columns), memory=columns)


def test_every_pair_is_counted_once() -> None:
    pair = compared([10, 20, 30, 40, NEVER, NEVER, 70, 80], [20, 10, 30, NEVER, 50, NEVER, 90, NEVER])
    assert (pair.earlier.value, pair.later.value) == (4 / 8, 2 / 8)
    assert (pair.tied.value, pair.both_never.value) == (1 / 8, 1 / 8)
    assert (pair.only_first.value, pair.only_second.value) == (2 / 8, 1 / 8)


def test_days_are_gained_only_where_both_complete() -> None:
    pair = compared([10, 20, 30, NEVER, 50], [40, 20, 36, 1, NEVER])
    assert pair.mean_gain_days.value == 12.0
    assert pair.median_gain_days.value == 6.0


def test_restricted_gain_counts_never_as_the_horizon() -> None:
    pair = compared([10, NEVER], [NEVER, 90], horizon=100.0)
    assert pair.restricted_gain_days.value == (90 - 10) / 2


def test_both_never_everywhere_gains_nothing_and_warns_of_nothing() -> None:
    pair = compared([NEVER] * 3, [NEVER] * 3)
    assert pair.both_never.value == 1.0
    assert math.isnan(pair.mean_gain_days.value)
    assert math.isnan(pair.median_gain_days.value)
    assert pair.restricted_gain_days.value == 0.0
    assert pair.dominance.first_order == pair.dominance.second_order == "equal"


def test_times_after_the_horizon_are_never() -> None:
    pair = compared([10, 20], [366, 30])
    assert pair.only_first.value == 0.5


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ([1, 2, 3], [2, 3, 4], ("first", "first", 0.0)),
        ([3, 4, NEVER], [1, 2, 3], ("second", "second", 0.0)),
        # Same mean, less spread: nobody is ahead at every date, yet all who dislike risk take the first.
        ([4, 5, 6], [1, 5, 9], ("neither", "first", 1 / 3)),
        # The second is sooner but for a risk of never: the curves cross, and so do the areas.
        ([50, 50, 50, 50], [1, 1, 1, NEVER], ("neither", "neither", 1 / 4)),
        ([3, 1, 2], [1, 2, 3], ("equal", "equal", 0.0)),
    ],
)
def test_dominance(first: list[float], second: list[float], order: tuple[str, str, float]) -> None:
    found = compared(first, second, horizon=100.0).dominance
    assert (found.first_order, found.second_order) == order[:2]
    assert found.crossing == pytest.approx(order[2])


def test_runs_are_paired_by_calendar_date() -> None:
    later = run_of([10, 20], name="b", start=date(2024, 5, 10), horizon=date(2025, 6, 30))
    pair = compare_runs(run_of([20, 31]), later)
    assert (pair.tied.value, pair.earlier.value) == (0.5, 0.0)
    assert pair.mean_gain_days.value == -0.5


def test_runs_without_common_luck_are_refused() -> None:
    with pytest.raises(ValueError, match="replications 2 and 1"):
        compare_runs(run_of([1, 2]), run_of([1]))


def test_best_has_the_earliest_p80_and_never_is_last() -> None:
    runs = [
        run_of([10] * 7 + [NEVER] * 3, name="gamble"),
        run_of([200] * 10, name="safe"),
        run_of([190] * 5 + [210] * 5, name="middling"),
    ]
    found = answer(runs)
    assert found.best.facts.name == "safe"
    assert [pair.second for pair in found.against] == ["gamble", "middling"]
    assert found.options[0].dates == (date(2024, 5, 10), date(2024, 5, 10), None, None)


def test_summary_says_never_in_words_and_leaves_its_date_empty() -> None:
    table = summary(run_of([10.2, 20, 300, NEVER, NEVER])).set_index("quantity")
    p90 = table.loc["completion.p90"]
    assert (p90["estimate"], p90["date"], p90["text"]) == (NEVER, "", "not by 2025-04-30")
    assert table.loc["completion.p10", "date"] == "2024-05-11"
    assert table.loc["probability.by_target", "estimate"] == 0.4
    assert table.loc["probability.never", "estimate"] == 0.4
    assert table.loc["completion.p10", "date_low"] == "2024-04-30"


def test_a_time_is_by_a_date_exactly_if_its_own_date_is() -> None:
    table = summary(run_of([245.0, 245.0])).set_index("quantity")
    assert table.loc["completion.p50", "date"] == "2024-12-31"
    assert table.loc["probability.by_target", "estimate"] == 1.0
    table = summary(run_of([245.001, 245.001])).set_index("quantity")
    assert table.loc["completion.p50", "date"] == "2025-01-01"
    assert table.loc["probability.by_target", "estimate"] == 0.0


def test_switched_is_reported_where_a_strategy_can_switch() -> None:
    run = run_of([10, 20])
    assert "probability.switched" not in set(summary(run)["quantity"])
    columns = {**run.memory, "switched": np.array([5.0, NEVER])}
    run = Run(run.facts, 1, 2, "array", tuple(columns), memory=columns)
    assert summary(run).set_index("quantity").loc["probability.switched", "estimate"] == 0.5


def test_summary_of_a_comparison_has_the_pairs() -> None:
    table = summary_of_comparison([run_of([10, 20]), run_of([30, 40], name="b")])
    pair = table[table["scenario"] == "a vs b"].set_index("quantity")
    assert pair.loc["mean_gain_days", "estimate"] == 20.0
    assert pair.loc["probability.earlier", "estimate"] == 1.0


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (98, 104, "2024-08-08"),
        (80, 120, "2024-08"),
        (-math.inf, 100, "2024-08"),
        (50, 500, "2024"),
        (50, NEVER, "2024"),
    ],
)
def test_dates_show_what_their_interval_supports(low: float, high: float, text: str) -> None:
    assert date_text(Estimate(100.0, low, high), FACTS) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.2234, 0.20, 0.25, "22 %"),
        (0.2234, 0.2214, 0.2254, "22.3 %"),
        (0.0, 0.0, 0.00038, "under 0.04 %"),
        (1.0, 0.99962, 1.0, "over 99.96 %"),
        (math.nan, math.nan, math.nan, "unknown"),
    ],
)
def test_shares_show_what_their_interval_supports(value: float, low: float, high: float, text: str) -> None:
    assert share_text(Estimate(value, low, high)) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (123.4, 123.2, 123.6, "123"),
        (123.4, 110, 137, "120"),
        (-1234.0, -1500, -1000, "-1,200"),
        (NEVER,) * 3 + ("never",),
    ],
)
def test_days_show_what_their_interval_supports(value: float, low: float, high: float, text: str) -> None:
    assert days_text(Estimate(value, low, high)) == text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_cells_never_act_as_formulas(cell: str) -> None:
    assert str(harmless(cell)).startswith("'")


def test_harmless_cells_are_left_alone() -> None:
    assert [harmless(cell) for cell in ("a=b", -1.5, None, "")] == ["a=b", -1.5, None, ""]
