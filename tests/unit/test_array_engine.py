from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import pytest

from sim.chance.amount import Amount, Constant, Input, amount
from sim.chance.distributions import Exponential, Uniform
from sim.chance.draws import Draws, draw
from sim.chance.profiles import Level, Window
from sim.engine import array_engine, simpy_engine
from sim.engine.agreement import EngineDisagreement, check_agreement, first_difference
from sim.engine.array_engine import BLOCK, run, solve
from sim.engine.parts import contended_pools, parts_of
from sim.engine.pools import counted
from sim.engine.sorting import places_in_order
from sim.engine.times import Times
from sim.model.plan import All, Any, At, Attempts, Node, Outcome, Plan, Reach, Work

HORIZON = 1000.0


def drawn(plan: Plan, count: int = 1) -> Draws:
    return draw(plan.inputs, seed=1, first=0, count=count, correlations=plan.correlations)


def plan_of(pools: dict[str, int] | None = None, /, *, horizon: float = HORIZON, **nodes: Node) -> Plan:
    return Plan(nodes, horizon, pools or {})


def work(*after: str, days: Amount | float, **options: object) -> Work:
    return Work(after, amount(days), **options)  # type: ignore[arg-type]


def fired(plan: Plan) -> dict[str, float]:
    times = run(plan, drawn(plan))
    return {name: float(times.of(name)[0]) for name in plan.nodes}


def applications(name: str, *, trials: int = 3, chance: float = 0.4) -> Attempts:
    """Return attempts at one desk that often come back."""
    return Attempts(
        (),
        tuple(Input(f"{name}.work{k}", Exponential(10.0)) for k in range(trials)),
        tuple(Input(f"{name}.rework{k}", Exponential(5.0)) for k in range(trials - 1)),
        tuple(Input(f"{name}.luck{k}", Uniform(0.0, 1.0)) for k in range(trials)),
        approve=Level("chance", chance),
        pool="desk",
    )


def two_tranches() -> Plan:
    """Return a plan in which the second tranche waits for the first, and both for the same desk and crews."""
    nodes: dict[str, Node] = {}
    for buyer in ("kz", "uz"):
        for tranche in (1, 2):
            here = f"{buyer}{tranche}"
            before = (f"{buyer}1.done",) if tranche == 2 else ()
            nodes[f"{here}.license"] = replace(applications(here), after=before)
            nodes[f"{here}.granted"] = Outcome(f"{here}.license")
            days = Input(f"{here}.days", Exponential(8.0))
            lots = [f"{here}.lot{lot}" for lot in range(3)]
            nodes |= {lot: Work((f"{here}.granted",), days, pool="crews") for lot in lots}
            nodes[f"{here}.done"] = All(tuple(lots))
    return Plan(nodes, HORIZON, {"desk": 1, "crews": 2})


# Queues


@pytest.mark.parametrize(("lots", "crews", "days"), [(7, 3, 12.0), (9, 3, 12.0), (5, 8, 12.0), (4, 1, 12.0)])
def test_equal_lots_on_crews_take_whole_rounds(lots: int, crews: int, days: float) -> None:
    nodes = {f"lot{k}": work(days=days, pool="crews") for k in range(lots)}
    assert max(fired(Plan(nodes, HORIZON, {"crews": crews})).values()) == -(-lots // crews) * days


def test_first_in_is_first_out_and_ties_go_by_the_order_of_the_plan() -> None:
    plan = plan_of(
        {"line": 1},
        day=At(Constant(3.0)),
        late=work("day", days=1.0, pool="line"),
        one=work(days=5.0, pool="line"),
        two=work(days=5.0, pool="line"),
    )
    assert fired(plan) == {"day": 3.0, "one": 5.0, "two": 10.0, "late": 11.0}


def test_a_withdrawn_request_takes_no_server() -> None:
    plan = plan_of(
        {"line": 1},
        day=At(Constant(4.0)),
        one=work(days=5.0, pool="line"),
        two=work(days=50.0, pool="line", unless="day"),
        three=work(days=1.0, pool="line"),
    )
    times = run(plan, drawn(plan))
    assert times.of("three")[0] == 6.0
    assert times.of("two")[0] == inf
    assert times.waited[:, 0].tolist() == [0.0, 0.0, 0.0, 5.0]


def test_who_waits_at_the_horizon_has_waited_for_ever() -> None:
    plan = plan_of({"line": 1}, one=work(days=inf, pool="line"), two=work(days=1.0, pool="line"))
    times = run(plan, drawn(plan))
    assert times.start[:, 0].tolist() == [0.0, inf]
    assert times.waited[:, 0].tolist() == [0.0, inf]


def test_requests_of_one_pool_may_go_at_different_rates() -> None:
    half, stop = Level("half", 0.5), Window("stop", 4.0, 10.0, inside=0.0, outside=1.0)
    plan = plan_of(
        {"line": 1},
        day=At(Constant(1.0)),
        last=work("day", days=2.0, pool="line", rate=stop),
        one=work(days=1.0, pool="line", rate=half),
        two=work(days=3.0, pool="line"),
    )
    assert fired(plan) == {"day": 1.0, "last": 12.0, "one": 2.0, "two": 5.0}


def test_a_pool_with_a_server_for_each_node_is_not_contended() -> None:
    plan = plan_of({"desk": 2}, one=applications("one"), two=applications("two"))
    assert contended_pools(plan) == {}
    assert solve(plan, drawn(plan)).passes == {}


# Work and shares that fit exactly


@pytest.mark.parametrize(("rate", "amount"), [(1.0, 3.0), (0.5, 1.5), (0.35, 1.05), (1.0, 3.0 + 2e-9)])
def test_work_that_just_fits_is_done_before_the_rate_drops(rate: float, amount: float) -> None:
    until_day_3 = Window("window", 0.0, 3.0, inside=rate, outside=0.0)
    assert fired(plan_of(work=work(days=amount, rate=until_day_3))) == {"work": 3.0}
    assert fired(plan_of(work=work(days=amount * 1.001, rate=until_day_3))) == {"work": inf}


def test_shares_that_add_up_but_for_rounding_are_enough() -> None:
    shares = (Constant(0.6), Constant(0.3), Constant(0.1))
    assert 0.6 + 0.3 + 0.1 < 1.0
    days = {f"day{k}": At(Constant(k)) for k in range(3)}
    enough = Reach(tuple(days), shares, Constant(1.0))
    assert fired(Plan({**days, "enough": enough}, HORIZON))["enough"] == 2.0


# Feedback


def test_only_pools_that_feed_themselves_are_repeated() -> None:
    plan = two_tranches()
    repeated = [part for part in parts_of(plan, contended_pools(plan)) if part.repeats]
    assert [set(part.pools) for part in repeated] == [{"desk", "crews"}]
    assert set(repeated[0].members) == set(plan.nodes) - {"kz2.done", "uz2.done"}

    lots = {f"lot{k}": work(days=1.0, pool="crews") for k in range(3)}
    after = {"done": All(tuple(lots)), "test": work("done", days=1.0)}
    plan = Plan(lots | after, HORIZON, {"crews": 1})
    assert not any(part.repeats for part in parts_of(plan, contended_pools(plan)))


def test_a_pool_that_feeds_itself_agrees_with_simpy_and_its_passes_are_counted() -> None:
    plan = two_tranches()
    draws = drawn(plan, 300)
    solution = solve(plan, draws)
    assert first_difference(simpy_engine.run(plan, draws), solution.times) is None
    (passes,) = solution.passes.values()
    assert 3 <= passes <= 60
    returned = solution.times.trials.max(axis=0)
    assert (returned > 1).any()  # or nothing was fed back


# Blocks and sizes


def test_a_replication_does_not_depend_on_its_block() -> None:
    plan = two_tranches()
    draws = drawn(plan, 2 * BLOCK + 500)
    rows = np.array([0, 7, BLOCK - 1, BLOCK, 2 * BLOCK + 499])
    whole, some = run(plan, draws), run(plan, draws.take(rows))
    for table in ("ready", "start", "fire", "waited", "trials"):
        np.testing.assert_array_equal(getattr(whole, table)[:, rows], getattr(some, table))


def test_blocks_are_even_and_cover_every_replication_once() -> None:
    for count in (0, 1, BLOCK, BLOCK + 1, 10 * BLOCK + 3):
        blocks = array_engine._blocks(count)
        sizes = [block.stop - block.start for block in blocks]
        assert sum(sizes) == count
        assert max(sizes, default=0) <= BLOCK
        assert max(sizes, default=0) - min(sizes, default=0) <= 1


def test_an_endless_horizon_needs_no_special_care() -> None:
    rates = (Level("never", 0.0), Level("half", 0.5))
    plan = plan_of(
        {"line": 1},
        horizon=inf,
        never=work(days=1.0, rate=rates[0]),
        endless=work(days=inf, rate=rates[1]),
        one=work(days=2.0, rate=rates[1], pool="line"),
        two=work("one", days=2.0, pool="line"),
        any=Any(("never", "two")),
        reach=Reach(("two", "one"), (Constant(1.0), Constant(1.0)), Constant(2.0)),
    )
    assert fired(plan) == {"never": inf, "endless": inf, "one": 4.0, "two": 6.0, "any": 6.0, "reach": 6.0}


def test_an_amount_that_is_not_a_number_is_refused_by_name() -> None:
    plan = plan_of(good=work(days=1.0), bad=work(days=Input("days", Uniform(0.0, 1.0)) * inf * 0.0))
    with (
        np.errstate(invalid="ignore"),
        pytest.raises(ValueError, match="amount 0 of node 'bad' is not a number in row 0"),
    ):
        run(plan, drawn(plan, 3))


@pytest.mark.parametrize("horizon", [100.0, 1e12])
def test_columns_are_sorted_on_their_own_and_ties_keep_the_order_of_rows(horizon: float) -> None:
    days = np.array([[3.0, inf, 1.0], [3.0, 2.0, 1.0], [1.0, inf, 1.0], [inf, 2.0, 1.0]])
    places = places_in_order(days, horizon)
    assert places is not None
    assert (places // 3).T.tolist() == [[2, 0, 1, 3], [1, 3, 0, 2], [0, 1, 2, 3]]
    assert places_in_order(np.sort(days, axis=0), horizon) is None


def test_so_many_passes_are_counted_and_not_one_more() -> None:
    assert counted(10_000, ["a", "b"]) == 10_000
    with pytest.raises(RuntimeError, match=r"times of a, b do not settle in 10000 passes"):
        counted(10_001, ["a", "b"])


def test_a_day_at_the_horizon_comes_before_never() -> None:
    places = places_in_order(np.array([[inf], [100.0], [99.0]]), 100.0)
    assert places is not None
    assert places[:, 0].tolist() == [2, 1, 0]


@pytest.mark.parametrize("rows", [3, 5, 9])
def test_ties_keep_the_order_of_rows_however_many_there_are(rows: int) -> None:
    days = np.ones((rows, 1))
    days[0] = 2.0
    places = places_in_order(days, 100.0)
    assert places is not None
    assert places[:, 0].tolist() == [*range(1, rows), 0]


# Agreement


@dataclass(frozen=True)
class Tampered:
    """A table of the times, a node and a replication, and by how much it is wrong."""

    table: str
    node: str
    replication: int
    days: float


def tampered(times: Times, wrong: Iterable[Tampered]) -> Times:
    tables = {name: getattr(times, name).copy() for name in ("ready", "start", "fire", "waited", "trials")}
    for one in wrong:
        tables[one.table][times.row[one.node], one.replication] += one.days
    return Times(times.row, **tables)


def test_agreement_accepts_what_the_array_engine_finds() -> None:
    plan = two_tranches()
    draws = drawn(plan, 100)
    check_agreement(plan, draws, run(plan, draws))


@pytest.mark.parametrize("table", ["ready", "start", "fire", "waited", "trials"])
def test_a_disagreement_names_node_replication_and_both_times(table: str) -> None:
    plan = plan_of({"line": 1}, one=work(days=2.5, pool="line"), two=work(days=1.0, pool="line"))
    draws = drawn(plan, 40)
    times = run(plan, draws)
    wrong = tampered(times, [Tampered(table, "two", 39, 0.25)])
    right = float(getattr(times, table)[1, 39])
    with pytest.raises(EngineDisagreement) as caught:
        check_agreement(plan, draws.take(np.arange(40)), wrong, np.array([3, 39]))
    for words in (table, "'two'", "replication 39", f"{right!r} in SimPy", f"{right + 0.25!r} in the array"):
        assert words in str(caught.value)
    check_agreement(plan, draws, wrong, np.array([3, 38]))


def test_a_finite_time_instead_of_never_is_a_disagreement() -> None:
    plan = plan_of(one=work(days=inf))
    draws = drawn(plan, 2)
    times = run(plan, draws)
    times.fire[0, 1] = 999.0
    with pytest.raises(
        EngineDisagreement, match=r"fire of node 'one' in replication 1: inf in SimPy, 999\.0"
    ):
        check_agreement(plan, draws, times)
