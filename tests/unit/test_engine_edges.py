"""Where engines could part: exactly at the horizon, with very many steps, with differences just too large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.chance.amount import Column, Constant, Input, Values, choose, less
from sim.chance.distributions import Exponential, Uniform
from sim.chance.draws import Draws, draw
from sim.chance.profiles import Drawn, Level, Window
from sim.chance.steps import Steps
from sim.engine import array_engine, simpy_engine
from sim.engine.agreement import EngineDisagreement, check_agreement, first_difference
from sim.engine.bind import to_ticks
from sim.engine.times import Times
from sim.model.plan import All, At, Attempts, Node, Outcome, Plan, Work

TABLES = ("ready", "start", "fire", "waited", "trials")


def drawn(plan: Plan, count: int = 30) -> Draws:
    inputs = plan.inputs or {"x": Input("x", Uniform(0.0, 1.0))}
    return draw(inputs, seed=5, first=0, count=count)


def both(plan: Plan, count: int = 30) -> Times:
    """Return the times of a plan, which both engines must find."""
    draws = drawn(plan, count)
    reference, fast = simpy_engine.run(plan, draws), array_engine.run(plan, draws)
    for table in TABLES:
        np.testing.assert_array_equal(getattr(fast, table), getattr(reference, table))
    return fast


@pytest.mark.parametrize(("day", "done"), [(9.0, 9.0), (10.0, 10.0), (10.5, np.inf)])
def test_what_takes_no_time_may_happen_at_the_horizon_and_not_after_it(day: float, done: float) -> None:
    sure = Attempts(("at",), (Constant(0.0),), (), (Constant(0.5),), approve=Level("approve", 1.0))
    nodes = {
        "at": At(Constant(day)),
        "work": Work(("at",), Constant(0.0)),
        "queued": Work(("at",), Constant(0.0), pool="desk"),
        "try": sure,
        "yes": Outcome("try"),
        "queued try": replace(sure, pool="desk"),
        "all": All(("work", "queued", "yes", "queued try")),
    }
    times = both(Plan(nodes, 10.0, {"desk": 1}))
    for name in nodes:
        assert times.of(name).tolist() == [done] * 30
    assert times.start[times.row["try"]].tolist() == [done] * 30
    assert times.trials[times.row["try"]].tolist() == [float(np.isfinite(done))] * 30


def test_a_trial_returned_near_the_horizon_is_tried_again_only_within_it() -> None:
    tried = Attempts(
        (),
        (Constant(4.0), Constant(0.0)),
        (Input("rework", Uniform(5.0, 7.0)),),
        (Constant(0.9), Constant(0.1)),
        approve=Level("approve", 0.5),
    )
    plan = Plan({"try": tried, "yes": Outcome("try")}, 10.0)
    times, rework = both(plan), drawn(plan).value("rework")
    again = to_ticks(rework) + 4.0
    assert times.of("yes").tolist() == np.where(again <= 10.0, again, np.inf).tolist()
    assert times.trials[0].tolist() == np.where(again <= 10.0, 2.0, 1.0).tolist()


def test_a_tick_is_the_8_589_934_592th_of_a_day() -> None:
    tick = 2.0**-33
    days = np.array([0.49, 0.51, 1.49, 1.51]) * tick
    assert to_ticks(days).tolist() == [0.0, tick, tick, 2.0 * tick]


def test_what_is_no_work_is_done_at_once_even_at_no_rate() -> None:
    """Alone, in a queue, and beside replications in which there is work to do."""
    stop, some = Window("stop", 0.0, 50.0, inside=0.0, outside=1.0), Input("x", Uniform(0.0, 1.0))
    nodes: dict[str, Node] = {
        "at": At(Constant(1.0)),
        "alone": Work(("at",), Constant(0.0), stop),
        "first": Work(("at",), Constant(0.0), stop, pool="line"),
        "second": Work(("at",), Constant(0.0), stop, pool="line"),
        "now and then": Work(("at",), choose(less(some, 0.5), 0.0, 3.0), stop),
    }
    plan = Plan(nodes, 100.0, {"line": 1})
    times = both(plan)
    assert times.of("alone").tolist() == times.of("second").tolist() == [1.0] * 30
    assert times.of("now and then").tolist() == np.where(drawn(plan).value("x") < 0.5, 1.0, 53.0).tolist()


def test_later_trials_are_drawn_only_where_somebody_comes_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def several(name: str, count: int) -> tuple[Input, ...]:
        return tuple(Input(f"{name} {k}", Uniform(0.0, 1.0), stratified=k < 2) for k in range(count))

    tried = Attempts((), several("work", 5), several("again", 4), several("luck", 5), Level("approve", 0.5))
    draws, asked = drawn(Plan({"try": tried}, 100.0), 200), dict[str, int]()
    value = Draws.value

    def noted(self: Draws, name: str) -> Column:
        asked[name] = max(self.count, asked.get(name, 0))
        return value(self, name)

    monkeypatch.setattr(Draws, "value", noted)
    array_engine.run(Plan({"try": tried}, 100.0), draws)
    assert [asked[f"work {k}"] for k in (0, 1)] == [200, 200]  # most come to these
    assert 0 < asked["work 4"] < asked["work 2"] < 100


class Staircase(Drawn):
    """A speed that falls to 0 and rises to 2 again and again, at days that differ between replications."""

    def __init__(self, steps: int) -> None:
        super().__init__("staircase")
        object.__setattr__(self, "count", steps)

    def draw(self, values: Values, horizon: float) -> Steps:
        days = np.arange(self.count, dtype=float)[:, np.newaxis] * 3.0
        times = days + np.where(days > 0.0, np.linspace(0.0, 1.0, values.count), 0.0)
        return Steps(
            times, np.broadcast_to(np.arange(self.count)[:, np.newaxis] % 2 * 2.0, times.shape).copy()
        )

    count: int


@pytest.mark.parametrize("steps", [3, 254, 255, 256, 257, 600])
def test_any_number_of_steps_is_gone_through(steps: int) -> None:
    rate = Staircase(steps)
    begin = Input("begin", Uniform(0.0, 3.0 * steps))
    nodes = {
        "begin": Work((), begin),
        "some": Work(("begin",), Constant(7.0), rate=rate),
        "much": Work((), Constant(float(steps)), rate=rate),
    }
    times = both(Plan(nodes, 1e4))
    assert (times.of("some") > times.of("begin")).any()


def test_a_pool_that_does_not_feed_itself_takes_one_pass() -> None:
    nodes = {f"lot {k}": Work((), Input(f"lot {k}", Exponential(5.0)), pool="crew") for k in range(6)}
    plan = Plan({**nodes, "done": All(tuple(nodes))}, 1e4, {"crew": 2})
    assert array_engine.solve(plan, drawn(plan)).passes == {("crew",): 1}


def test_a_pool_that_feeds_itself_takes_a_pass_for_each_round() -> None:
    first = Work((), Input("first", Uniform(1.0, 2.0)), pool="crew")
    second = Work(("first",), Input("second", Uniform(1.0, 2.0)), pool="crew")
    plan = Plan({"first": first, "second": second}, 1e4, {"crew": 1})
    (passes,) = array_engine.solve(plan, drawn(plan)).passes.values()
    assert 1 < passes <= 3


def changed(times: Times, table: str, row: int, column: int, days: float) -> Times:
    values: Column = getattr(times, table).copy()
    values[row, column] += days
    return replace(times, **{table: values})


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("column", [0, 29])
def test_a_difference_of_more_than_the_tolerance_is_found_wherever_it_is(table: str, column: int) -> None:
    plan = Plan({"a": Work((), Input("a", Uniform(2.0, 3.0))), "b": Work(("a",), Constant(1.0))}, 100.0)
    draws = drawn(plan)
    times = array_engine.run(plan, draws)
    check_agreement(plan, draws, changed(times, table, 1, column, 0.5e-9))
    with pytest.raises(EngineDisagreement, match=f"on {table} of node 'b' in replication {column}:"):
        check_agreement(plan, draws, changed(times, table, 1, column, 2e-9))


@pytest.mark.parametrize(("count", "every"), [(97, 4), (25, 1), (7, 1)])
def test_25_replications_are_replayed_spread_evenly_or_all_if_there_are_fewer(count: int, every: int) -> None:
    plan = Plan({"a": Work((), Input("a", Uniform(2.0, 3.0)))}, 100.0)
    draws = drawn(plan, count)
    times, replayed = array_engine.run(plan, draws), []
    for column in range(count):
        try:
            check_agreement(plan, draws, changed(times, "fire", 0, column, 1.0))
        except EngineDisagreement:
            replayed.append(column)
    assert replayed == list(range(0, count, every))


def test_the_order_of_rows_is_no_difference() -> None:
    plan = Plan({"a": At(Constant(3.0)), "b": At(Constant(5.0))}, 100.0)
    times = array_engine.run(plan, drawn(plan))
    turned = Times({"b": 0, "a": 1}, *(getattr(times, table)[::-1] for table in TABLES))
    assert first_difference(times, turned) is None
    late = changed(turned, "fire", 0, 2, 1.0)
    assert first_difference(times, late) == ("b", "fire", 2)


def test_never_agrees_with_never_and_with_nothing_else() -> None:
    never = Times({"a": 0}, *(np.full((1, 2), np.inf) for _ in TABLES))
    assert first_difference(never, never) is None
    later = replace(never, fire=np.array([[np.inf, 7.0]]))
    assert first_difference(never, later) == first_difference(later, never) == ("a", "fire", 1)
