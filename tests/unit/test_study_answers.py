"""What studies say of small worlds whose answers can be counted: on time or not, as good as the best."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from sim.chance.amount import Constant, Input, choose, less
from sim.chance.distributions import Uniform
from sim.model.plan import At, Plan, Work
from sim.results.drivers import influences
from sim.study.drivers import low_grade_share, share_to_move, tornado
from sim.study.explore import explore
from sim.study.subject import Subject
from sim.study.sweep import sweep
from sim.study.variants import Options
from sim.study.vary import axis_of

START = date(2024, 1, 1)
OPTIONS = Options(replications=1_000, workers=1)


def world(*, target: int | None) -> Subject:
    """Return two stages of whole and of half days, with a deadline some days after the start."""
    whole = Input("a.whole", Uniform(0.0, 100.0))
    plan = Plan(
        {"a": Work((), whole), "b": Work(("a",), Input("b.half", Uniform(0.0, 10.0)))},
        1_000.0,
        milestones={"completion": "b"},
    )
    return Subject(
        name="world",
        title="World",
        start=START,
        horizon=START + timedelta(1_000),
        target=None if target is None else START + timedelta(target),
        plan=plan,
    )


def test_a_bar_says_by_how_much_the_chance_to_be_on_time_moves() -> None:
    explored = explore(world(target=60), OPTIONS)
    found = influences(explored.uniforms, explored.completion, 60)
    bars = {bar.path: bar for bar in tornado(explored, found, share=0.8, grades={})}
    half = explored.uniforms["b.half"] * 10.0
    held = 50.0 + half <= 60.0
    expected = held.mean() - (explored.completion <= 60.0).mean()
    assert bars["a.whole"].on_time is not None
    assert bars["a.whole"].on_time.value == pytest.approx(expected, abs=1e-12)
    assert 0.35 < expected < 0.5


def test_without_a_target_no_bar_speaks_of_it() -> None:
    explored = explore(world(target=None), OPTIONS)
    bars = tornado(explored, influences(explored.uniforms, explored.completion, None), share=0.8, grades={})
    assert [bar.on_time for bar in bars] == [None, None]
    assert [bar.path for bar in bars] == ["a.whole", "b.half"]  # the widest first
    assert low_grade_share(bars) == 0.0


@pytest.mark.parametrize(
    ("done", "share"), [(1000, 0.8), (821, 0.8), (820, 0.5), (521, 0.5), (520, 0.42), (1, 0.01), (0, 0.01)]
)
def test_the_percentile_to_move_has_room_to_move(done: int, share: float) -> None:
    completion = np.where(np.arange(1000) < done, 1.0, np.inf)
    assert share_to_move(completion) == share


def test_all_points_are_as_good_as_the_best_where_the_lever_does_nothing() -> None:
    axes = [axis_of("suppliers.ascend.lot=64,128,256 accelerators")]
    found = sweep("kz-nvidia-wait", axes, options=OPTIONS)
    assert found.as_good == (0, 1, 2)
    assert found.best == 0
    assert len({point.p80.value for point in found.points}) == 1


def test_no_point_is_as_good_as_the_best_where_the_date_is_never() -> None:
    found = sweep("kz-ascend", [axis_of("suppliers.nvidia.lot=64,128 accelerators")], options=OPTIONS)
    assert np.isinf(found.points[0].p80.value)
    assert found.as_good == (0,)


def test_a_risk_that_never_strikes_is_off_in_its_bar() -> None:
    luck = Input("risks.flood.luck", Uniform(0.0, 1.0))
    days = choose(less(luck, 0.3), 90.0, 10.0)
    plan = Plan(
        {"begin": At(Constant(5.0)), "dig": Work(("begin",), days)}, 500.0, milestones={"completion": "dig"}
    )
    flooded = Subject(name="f", title="F", start=START, horizon=START + timedelta(500), plan=plan)
    explored = explore(flooded, OPTIONS)
    (bar,) = tornado(explored, influences(explored.uniforms, explored.completion, None), share=0.8, grades={})
    assert bar.risk
    assert bar.days.value == -80.0
