"""Answers where there is little to answer from: nothing selected, nothing varied, one build, no supplier."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.chance.amount import Values
from sim.engine import array_engine
from sim.engine.agreement import EngineDisagreement
from sim.engine.times import Times
from sim.model.plan import Plan
from sim.results.answer import answer
from sim.results.drivers import first_order, mean_of, paths, rank_correlation
from sim.results.facts import Facts
from sim.scenario.load import load
from sim.study.capacity import capacity
from sim.study.compare import compare
from sim.study.explore import explore
from sim.study.forecast import forecast
from sim.study.neighbors import neighbors
from sim.study.precision import MOST_REPLICATIONS, next_size, unmet
from sim.study.run import Settings, run
from sim.study.shared import Variant
from sim.study.variants import Options, completions
from tests.shipped import solved
from tests.unit.study_plans import plan_of, subject


def test_no_run_is_no_answer() -> None:
    with pytest.raises(ValueError, match="at least one run"):
        answer([])


def test_neighbors_are_two_or_more_and_need_a_replication() -> None:
    with pytest.raises(ValueError, match="two or more builds, got 0"):
        neighbors(load("kz-ascend").scenario)
    with pytest.raises(ValueError, match="at least 1 replication, got 0"):
        neighbors(load("central-asia-queue").scenario, replications=0)


def test_what_does_not_vary_correlates_with_nothing() -> None:
    ranks, luck = np.arange(10.0), np.linspace(0.05, 0.95, 10)
    assert rank_correlation(luck, ranks) == pytest.approx(1.0)
    assert rank_correlation(np.full(10, 0.5), ranks) == 0.0
    assert rank_correlation(luck, np.full(10, 3.0)) == 0.0


def test_what_always_or_never_happens_goes_with_no_input() -> None:
    luck = [np.linspace(0.0005, 0.9995, 1000)]
    for always in (True, False):
        assert first_order(luck, np.full(1000, always)) == 0.0
    assert first_order(luck, luck[0] < 0.5) == pytest.approx(1.0, abs=0.01)


def test_a_mean_over_no_replication_is_empty() -> None:
    assert mean_of({"license": np.ones(3)}, np.zeros(3, dtype=bool)) == {}
    assert mean_of(
        {"license": np.array([1.0, 5.0, 9.0]), "idle": np.zeros(3)}, np.array([True, True, False])
    ) == {"license": 3.0}


def test_a_plan_that_never_finishes_has_no_binding_path() -> None:
    assert paths(plan_of(), {}) == []


def test_every_chunk_of_an_exploration_is_told() -> None:
    told: list[tuple[int, int]] = []
    explored = explore(subject(), Options(replications=400, progress=lambda *done: told.append(done)))
    assert told[-1] == (400, 400)
    assert explored.completion.shape == (400,)


def test_a_run_may_be_as_small_as_one_replication_of_seed_0() -> None:
    found = run(subject(), replications=1, seed=0, workers=1)
    assert (found.replications, found.seed, found.completion.shape) == (1, 0, (1,))


def test_the_first_scenario_is_compared_with_each_other_one_unless_all_pairs_are_asked_for() -> None:
    three = [subject(name) for name in "abc"]
    found = compare(three, Settings(replications=50, workers=1))
    assert [(each.first, each.second) for each in found.comparisons] == [("a", "b"), ("a", "c")]
    every = compare(three, Settings(replications=50, workers=1), all_pairs=True)
    assert len(every.comparisons) == 3


def test_studies_run_10_000_replications_of_seed_1_unless_told() -> None:
    runs = run(subject(), workers=1), forecast(subject(), observed=[], workers=1).run
    for each in (Options(), Settings(), *runs):
        assert (each.replications, each.seed) == (10_000, 1)


def test_whatever_runs_the_fast_engine_checks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    right = array_engine.run

    def wrong(plan: Plan, draws: Values) -> Times:
        times = right(plan, draws)
        return replace(times, fire=times.fire + 1.0)

    monkeypatch.setattr(array_engine, "run", wrong)
    with pytest.raises(EngineDisagreement):
        explore(subject(), Options(replications=100))
    with pytest.raises(EngineDisagreement):
        completions([Variant(plan_of())], Options(replications=100, workers=1))


def test_no_variants_have_no_completions() -> None:
    assert completions([], Options(replications=100)) == []


def test_a_precision_that_was_not_reached_is_said_with_what_was() -> None:
    short = run(subject(), replications=500, workers=1)
    assert next_size([short], 1e9) is None
    assert next_size([short], 0.001) == 1_000
    p50, p80 = unmet(short, 0.001)
    assert p50.startswith("kz-test: P50 is known to within ")
    assert p50.endswith(" days, not 0.001, after 500 replications")
    assert "P80" in p80
    assert unmet(short, 1e9) == ()


def test_the_search_for_a_precision_ends_somewhere() -> None:
    class Endless:
        replications = MOST_REPLICATIONS

    assert next_size([Endless()], 1e-9) is None  # type: ignore[list-item]


def test_capacity_over_time_grows_to_that_of_the_whole_machine() -> None:
    plan = solved("kz-nvidia-wait").plan
    (whole,) = capacity(plan, replications=250)
    assert (np.diff(whole.accelerators, axis=0) >= 0.0).all()
    assert whole.accelerators.shape[1] == 250


def test_days_and_dates_of_facts_agree_and_never_has_no_date() -> None:
    facts = Facts(name="f", title="F", start=date(2024, 2, 28), horizon=date(2032, 12, 31))
    assert [facts.date(days) for days in (-3.0, 0.0, 0.01, 1.0, 1.5)] == [
        date(2024, 2, 28),
        date(2024, 2, 28),
        date(2024, 2, 29),
        date(2024, 2, 29),
        date(2024, 3, 1),
    ]
    assert facts.date(math.inf) is None
    assert facts.day(date(2025, 2, 28)) == 366
