"""Sweeps, flip points and regret: the grid, its agreement with separate runs, and known turning points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from sim.chance.amount import Constant, Input
from sim.chance.distributions import Exponential, Lognormal, Uniform
from sim.chance.profiles import Level, Product, Window
from sim.model.plan import Attempts, Node, Outcome, Plan, Work
from sim.results.errors import Interrupted, StudyError
from sim.results.outcomes import Columns
from sim.results.regret import regrets
from sim.scenario.load import load
from sim.scenario.problems import ScenarioError
from sim.study import variants
from sim.study.flip import flip, win_map
from sim.study.named import named
from sim.study.run import run
from sim.study.shared import Variant
from sim.study.simulate import simulate
from sim.study.spread import Chunk, Processes
from sim.study.sweep import sweep
from sim.study.variants import Options, completions, runs_of
from sim.study.vary import axis_of, varied
from tests.unit.study_plans import plan_of, subject

QUICK = Options(replications=500, workers=1)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("strategy.patience=0..4mo", ("0 mo", "1 mo", "2 mo", "3 mo", "4 mo")),
        ("a.b=0 .. 12 months step 4 months", ("0 months", "4 months", "8 months", "12 months")),
        ("a.b=0..12 step 4 mo", ("0 mo", "4 mo", "8 mo", "12 mo")),
        ("a.b=3, 6, 9 mo", ("3 mo", "6 mo", "9 mo")),
        ("a.b=0.5..0.8 step 0.1", ("0.5", "0.6", "0.7", "0.8")),
        ("a.b=nvidia, ascend", ("nvidia", "ascend")),
        ("a.b=6 months, never", ("6 months", "never")),
    ],
)
def test_ranges_and_lists(text: str, texts: tuple[str, ...]) -> None:
    assert axis_of(text).texts == texts


def test_a_range_without_a_natural_step_has_25_points_or_as_many_as_asked_for() -> None:
    assert len(axis_of("p=0.1..0.9").values) == 25
    assert axis_of("p=0..24mo", points=3).values == (0.0, 12.0, 24.0)
    assert axis_of("p=0..24mo").days(2.0) == 60.875


@pytest.mark.parametrize("text", ["p", "p=", "=1..2", "p=5..1", "p=1 kW..2 mo", "p=a..b", "p=0..5 step 0"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(StudyError, match="--vary"):
        axis_of(text)


def test_each_point_of_a_sweep_is_a_separate_run() -> None:
    found = sweep("kz-switch", [axis_of("strategy.patience=0, 9, 24mo")], options=QUICK)
    for point, swept in zip(found.points, found.runs, strict=True):
        apart = run(named("kz-switch", [f"strategy.patience={point.texts[0]}"]), replications=500, workers=1)
        assert np.array_equal(swept.completion, apart.completion)
        assert swept.facts.digest == apart.facts.digest


def test_a_changed_law_gets_its_own_values() -> None:
    axis = axis_of("licensing.bis.preparation.lognormal.median=3, 9")
    found = sweep("kz-nvidia-wait", [axis], options=QUICK)
    apart = run(
        named("kz-nvidia-wait", ["licensing.bis.preparation.lognormal.median=9"]), replications=500, workers=1
    )
    assert np.array_equal(found.runs[1].completion, apart.completion)
    assert not np.array_equal(found.runs[0].completion, apart.completion)


def rich_plan(*, speed: float = 1.0, mean: float = 100.0, extra: bool = False) -> Plan:
    """Profiles, attempts, correlations; variants differ in a constant, a law, or an input more."""
    season = Window("season", Input("from", Uniform(0.0, 50.0)), Input("till", Uniform(50.0, 99.0)))
    rate = Product("rate", (Level("speed", speed), Level("base", Input("base", Uniform(0.5, 1.5)))))
    work, luck = Input("work", Lognormal(20.0, 0.5)), Input("luck", Uniform(0.0, 1.0))
    nodes: dict[str, Node] = {
        "dig": Work((), Input("dig", Exponential(mean)), rate),
        "try": Attempts(("dig",), (work,), (), (luck,), season),
        "granted": Outcome("try"),
        "end": Work(("dig",), Input("more", Exponential(5.0)) if extra else Constant(1.0)),
    }
    pairs = {("dig", "work"): 0.5}
    return Plan(
        nodes, 400.0, correlations=pairs, milestones={"completion": "granted" if not extra else "end"}
    )


def test_shared_draws_change_no_bit() -> None:
    plans = [rich_plan(), rich_plan(speed=2.0), rich_plan(mean=30.0), rich_plan(extra=True), plan_of()]
    plans.append(replace(plans[0], correlations={}))
    found = completions([Variant(plan) for plan in plans], Options(replications=3_000, seed=4, workers=1))
    for plan, column in zip(plans, found, strict=True):
        apart = simulate(plan, seed=4, first=0, count=3_000)["completion"]
        assert np.array_equal(column, apart)


def test_what_is_held_is_held_everywhere() -> None:
    held = {"from": 0.5, "dig": 0.5, "base": 0.5}
    fixed = completions([Variant(rich_plan()), Variant(rich_plan(), held)], QUICK)[1]
    dig = 100.0 * np.log(2.0)  # at speed 1; the season begins at day 25
    assert fixed.min() > dig
    assert not np.array_equal(fixed, completions([Variant(rich_plan())], QUICK)[0])


def test_processes_find_the_same() -> None:
    variants = [Variant(plan_of(mean=mean)) for mean in (100.0, 200.0)]
    here, there = (completions(variants, Options(replications=5_500, workers=count)) for count in (1, 2))
    assert all(np.array_equal(one, other) for one, other in zip(here, there, strict=True))


@pytest.mark.parametrize(("workers", "first_left"), [(2, 4_000), (1, 12_000)])
def test_the_rest_of_long_work_is_left_to_processes_if_there_are_several(
    workers: int, first_left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []

    def spread(rest: Iterable[Chunk], crew: Processes) -> Iterator[tuple[Chunk, Columns]]:
        for chunk in rest:
            left.append(chunk.first)
            yield chunk, {"0": np.zeros(chunk.stop - chunk.first)}

    monkeypatch.setattr(variants, "spread", spread)
    monkeypatch.setattr(variants, "WORTH_PROCESSES_SECONDS", 0.0)
    (column,) = completions([Variant(plan_of())], Options(replications=12_000, workers=workers))
    assert left == list(range(first_left, 12_000, 4_000))
    assert np.flatnonzero(column == 0.0).tolist() == list(range(first_left, 12_000))


def test_progress_counts_every_replication_of_every_point() -> None:
    heard: list[tuple[int, int]] = []
    options = Options(replications=4_100, workers=1, progress=lambda done, total: heard.append((done, total)))
    completions([Variant(plan_of()), Variant(plan_of(mean=9.0))], options)
    assert heard == [(8_000, 8_200), (8_200, 8_200)]


def test_ctrl_c_among_variants_is_an_interruption_that_leaves_nothing() -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="nothing was written"):
        completions([Variant(plan_of())], Options(replications=100, workers=1, progress=stop))


def test_the_last_safe_month() -> None:
    found = sweep("kz-switch", [axis_of("strategy.patience=0..36mo step 6mo")], options=QUICK, safe_share=0.0)
    assert found.last_safe == len(found.points) - 1
    none = sweep("kz-switch", [axis_of("strategy.patience=0, 6mo")], options=QUICK, safe_share=1.0)
    assert none.last_safe is None
    ranks = [(point.p80.value, point.never.value) for point in found.points]
    assert ranks[found.best] == min(ranks)
    assert found.best in found.as_good


def test_two_axes_make_a_grid_with_the_last_fastest() -> None:
    axes = [axis_of("strategy.patience=3, 6mo"), axis_of("suppliers.ascend.contract.chance=0.1, 0.2")]
    found = sweep("kz-switch", axes, options=Options(replications=50, workers=1))
    assert [point.values for point in found.points] == [(3, 0.1), (3, 0.2), (6, 0.1), (6, 0.2)]
    assert found.last_safe is None


def test_a_wrong_path_or_value_is_the_scenarios_error() -> None:
    with pytest.raises(ScenarioError, match="patiense"):
        varied(load("kz-switch"), ["strategy.patiense=3 months"])
    with pytest.raises(ScenarioError, match="kW"):
        sweep("kz-switch", [axis_of("strategy.patience=3, 6 kW")], options=QUICK)


def test_a_sweep_has_one_or_two_axes() -> None:
    with pytest.raises(StudyError, match="one or two axes"):
        sweep("kz-switch", [], options=QUICK)


def test_a_strategy_never_beats_itself() -> None:
    axis = axis_of("suppliers.ascend.contract.duration=10..20 weeks")
    found = flip("kz-ascend", "kz-ascend", axis, options=Options(replications=100, workers=1))
    assert found.value is None
    assert all(margin.value == 0.0 for _, margin in found.tried)


def test_the_flip_point_is_where_the_margin_changes_sign() -> None:
    sure = ["suppliers.ascend.contract.chance=1", "suppliers.ascend.contract.survives=1"]
    axis = axis_of("licensing.bis.preparation=0..90mo")
    options = Options(replications=250, workers=1)
    found = flip("kz-nvidia-wait", "kz-ascend", axis, overrides=sure, options=options)
    assert found.value is not None
    assert not found.first_wins_above
    assert 0.0 < found.plus_minus < 45.0
    for value, margin in found.tried:
        assert (margin.value > 0.0) == (value < found.value)


def test_a_map_is_the_margins_of_separate_runs() -> None:
    options = Options(replications=250, workers=1)
    axes = (
        axis_of("licensing.bis.preparation=1, 40mo"),
        axis_of("suppliers.ascend.contract.chance=0.3, 0.9"),
    )
    found = win_map("kz-nvidia-wait", "kz-ascend", axes, options=options)
    change = ["licensing.bis.preparation=40 mo", "suppliers.ascend.contract.chance=0.3"]
    one, two = (
        run(named(name, change), replications=250, workers=1).completion
        for name in ("kz-nvidia-wait", "kz-ascend")
    )
    assert found.margins[1, 0] == pytest.approx(np.mean(one < two) - np.mean(one > two))
    assert found.margins.shape == (2, 2)


def test_regret_by_hand() -> None:
    facts = subject().facts
    horizon = float(facts.day(facts.horizon))
    columns = [np.array([10.0, 50.0, np.inf]), np.array([30.0, 20.0, np.inf])]
    runs = runs_of([replace(facts, name="a"), replace(facts, name="b")], columns, Options(replications=3))
    first, second = regrets(runs)
    assert (first.name, first.best.value, first.mean_days.value) == ("b", 2 / 3, 20.0 / 3)
    assert (second.name, second.best.value, second.mean_days.value) == ("a", 2 / 3, 10.0)
    late = runs_of([facts, facts], [np.array([np.inf] * 3), np.zeros(3)], Options(replications=3))
    assert regrets(late)[1].mean_days.value == horizon
    with pytest.raises(StudyError, match="two or more"):
        regrets(runs[:1])
