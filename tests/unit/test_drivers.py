"""What moves the date: schedule measures by hand, and inputs whose influence is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.chance.amount import Input
from sim.chance.distributions import Fixed, Uniform
from sim.engine import array_engine
from sim.engine.bind import bind
from sim.model.plan import Plan, Work
from sim.results.change import percentile_change
from sim.results.drivers import family, first_order, influences, merge_bias, near, paths, quantity_of, stages
from sim.results.ledger import ledger
from sim.study.drivers import grade_of, low_grade_share, share_to_move, tornado
from sim.study.explore import explore
from sim.study.variants import Options
from tests.unit.study_plans import subject
from tests.unit.test_ledger import five_stages

SEED = 20_261_122


def test_stages_paths_and_joins_by_hand() -> None:
    plan, values = five_stages()
    times = array_engine.run(plan, values)
    binding = ledger(bind(plan, values), times, "accept").binding
    found = {
        stage.name: (stage.criticality, stage.sensitivity) for stage in stages(plan, times, binding, "accept")
    }
    # Completion is 55 or 71 (standard deviation 8); only the license varies, by 20.
    assert found == {"accept": (1.0, 0.0), "license": (0.5, 1.25), "shell": (0.5, 0.0), "two": (0.5, 0.0)}
    assert dict(paths(plan, binding)) == {
        ("site", "acceptance"): 0.5,
        ("license", "installation", "acceptance"): 0.5,
    }
    # The lots are ready at 46 on average, the shell at 50, the later of them at (50 + 66) / 2 = 58.
    assert merge_bias(plan, times, binding) == [("accept", 8.0)]


def test_names_of_families_and_quantities() -> None:
    assert family("nvidia/lot[3]/made") == "nvidia/lot/made"
    assert quantity_of("licensing.bis.stages.review.duration[0][2]") == "licensing.bis.stages.review.duration"
    assert quantity_of("risks.flood.luck") == quantity_of("risks.flood.delay") == "risks.flood"
    assert quantity_of("kz/site.power") != quantity_of("uz/site.power")


def test_influence_finds_the_input_that_matters_and_counts_never_last() -> None:
    random = np.random.default_rng(SEED)
    strong, weak = random.random((2, 4_000))
    completion = np.where(strong > 0.9, np.inf, 100.0 * strong + 1e-3 * weak)
    first, second = influences({"a.strong": strong, "b.weak": weak}, completion, by=50.0)
    assert first.path == "a.strong"
    # All ranks but the tied last tenth are its own: 1 - 0.1^3 of the variance, the square of the correlation.
    assert first.correlation == pytest.approx(math.sqrt(1.0 - 0.1**3), abs=2e-3)
    assert first.first_order == pytest.approx(1.0, abs=0.01)
    assert second.explained < 0.01
    assert second.first_order < 0.01


def test_first_order_share_of_a_sum_is_exact() -> None:
    random = np.random.default_rng(SEED)
    x, y = random.random((2, 100_000))
    # P(x + y <= 1 | x) = 1 - x, whose variance is 1/12, a third of 1/4. Error below 4 standard errors, 0.011.
    hits = x + y <= 1.0
    assert first_order([x], hits) == pytest.approx(1.0 / 3.0, abs=0.011)
    assert first_order([x, y], hits) == pytest.approx(2.0 / 3.0, abs=0.015)


def test_near_takes_as_many_on_either_side() -> None:
    completion = np.append(np.arange(1000.0), np.inf)
    chosen = np.flatnonzero(near(completion, 700.0))
    assert (chosen[0], chosen[-1], len(chosen)) == (675, 724, 50)
    assert np.flatnonzero(near(completion, -5.0))[-1] == 49
    assert np.flatnonzero(near(completion, np.inf))[-1] == 999


def test_change_of_a_percentile_covers_the_true_one_and_is_paired() -> None:
    hits, widths = 0, []
    true = 10.0 + 0.841621 * (math.hypot(100.0, 30.0) - 100.0)  # P80 of two normal laws
    for seed in range(200):
        random = np.random.default_rng(seed)
        base = random.normal(0.0, 100.0, 4_000)
        found = percentile_change(base, base + random.normal(10.0, 30.0, 4_000), 0.8)
        widths.append(found.high - found.low)
        hits += found.low <= true <= found.high
    # An interval of 95 % holds it at least 178 times of 200 but for 5 times in 10,000.
    assert hits >= 178
    assert np.mean(widths) < 9.0  # of two runs on luck of their own it would be 15


def test_change_from_and_to_never() -> None:
    early, never = np.full(10, 5.0), np.full(10, np.inf)
    assert percentile_change(early, never, 0.8).value == np.inf
    assert percentile_change(never, early, 0.8).value == -np.inf
    assert math.isnan(percentile_change(never, never, 0.8).value)


def two_stages() -> Plan:
    long, short = Input("a.long", Uniform(0.0, 100.0)), Input("b.short", Uniform(0.0, 10.0))
    strikes = Input("risks.flood.luck", Uniform(0.0, 1.0))
    nodes = {
        "long": Work((), long, cause="long"),
        "short": Work(("long",), short, cause="short"),
        "flood": Work(("short",), strikes * 20.0, cause="flood"),
    }
    return Plan(nodes, 1000.0, milestones={"completion": "flood"})


def test_the_tornado_holds_one_thing_at_its_median() -> None:
    explored = explore(subject(plan=two_stages()), Options(replications=4_000, workers=1))
    found = influences(explored.uniforms, explored.completion, None)
    bars = {bar.path: bar for bar in tornado(explored, found, share=0.8, grades={"a.long": "low"})}
    assert set(bars) == {"a.long", "b.short", "risks.flood"}
    rest = explored.uniforms["b.short"] * 10.0 + explored.uniforms["risks.flood.luck"] * 20.0
    held = np.sort(50.0 + rest)[3_199]
    before = np.sort(explored.completion)[3_199]
    assert bars["a.long"].days.value == pytest.approx(held - before, abs=1e-9)
    assert bars["a.long"].grade == "low"
    assert bars["risks.flood"].risk


def test_grades_come_from_the_path_or_the_section_above() -> None:
    grades = {"licensing.bis.speed": "high", "licensing.bis.chance": "low", "site.work[0].days": "medium"}
    assert grade_of("licensing.bis.speed", grades) == "high"  # type: ignore[arg-type]
    assert grade_of("licensing.bis.decision.luck", grades) == "low"  # type: ignore[arg-type]
    assert grade_of("kz/site.work", grades) == "medium"  # type: ignore[arg-type]
    assert grade_of("unknown", grades) is None  # type: ignore[arg-type]
    assert math.isnan(low_grade_share([]))


def test_the_percentile_to_move_is_one_that_is_reached() -> None:
    for done, share in ((1000, 0.8), (600, 0.5), (250, 0.2)):
        completion = np.where(np.arange(1000) < done, 1.0, np.inf)
        assert share_to_move(completion) == share


def test_inputs_without_chance_are_not_explored() -> None:
    sure = Work((), Input("sure", Fixed(3.0)) + Input("open", Uniform(0.0, 1.0)))
    plan = Plan({"done": sure}, 10.0, milestones={"completion": "done"})
    assert set(explore(subject(plan=plan), Options(replications=10)).uniforms) == {"open"}
