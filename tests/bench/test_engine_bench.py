"""What the engines cost: against each other, by kind of node, by replications and by size of the plan.

Run with ``pytest tests/bench --benchmark-only --benchmark-columns=min,median --benchmark-json=engines.json``;
ratios and times per replication are in each benchmark's ``extra_info``, and printed with ``-s``.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any as Anything

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from supply_plan import LINE, PASSES, WINTER, several, supply_plan

from sim.chance.amount import Input, amount
from sim.chance.distributions import Exponential, Uniform
from sim.chance.draws import Draws, draw
from sim.engine import array_engine, simpy_engine
from sim.model.plan import All, Any, At, Attempts, Node, Outcome, Plan, Reach, Within, Without, Work

CHUNK = 10_000
"""Replications drawn and run at once."""

REPEATED = 50
"""Nodes of one kind in the plan that measures this kind."""


def drawn(plan: Plan, count: int, *, first: int = 0) -> Draws:
    """Return draws whose values have been found already."""
    draws = draw(plan.inputs, seed=1, first=first, count=count, correlations=plan.correlations)
    for name in plan.inputs:
        draws.value(name)
    return draws


def report(benchmark: BenchmarkFixture, **numbers: float) -> None:
    benchmark.extra_info.update(numbers)
    told = ", ".join(f"{name} {number:,.4g}" for name, number in numbers.items())
    print(f"\n{benchmark.name}: {told}", end="")


def pedantic(benchmark: BenchmarkFixture, function: Callable[[], Anything], **options: int) -> Anything:
    return benchmark.pedantic(function, **options)  # type: ignore[no-untyped-call]


def fastest(benchmark: BenchmarkFixture, function: Callable[[], object], *, rounds: int = 5) -> float:
    """Return the seconds of the fastest round."""
    pedantic(benchmark, function, rounds=rounds, warmup_rounds=1)
    return _fastest(benchmark)


def _fastest(benchmark: BenchmarkFixture) -> float:
    assert benchmark.stats is not None
    return float(benchmark.stats.stats.min)


def test_array_engine_against_simpy(benchmark: BenchmarkFixture) -> None:
    plan = supply_plan()
    draws = drawn(plan, CHUNK)
    few = draws.take(np.arange(0, CHUNK, CHUNK // 100))
    begin = perf_counter()
    simpy_engine.run(plan, few)
    slow = (perf_counter() - begin) / few.count
    fast = fastest(benchmark, lambda: array_engine.run(plan, draws)) / CHUNK
    report(benchmark, nodes=len(plan.nodes), array_us=fast * 1e6, simpy_us=slow * 1e6, ratio=slow / fast)


def test_drawing_inputs_against_array_engine(benchmark: BenchmarkFixture) -> None:
    plan = supply_plan()
    draws = drawn(plan, CHUNK)
    begin = perf_counter()
    array_engine.run(plan, draws)
    engine = perf_counter() - begin
    drawing = fastest(benchmark, lambda: drawn(plan, CHUNK))
    report(benchmark, inputs=len(plan.inputs), draws_us=drawing / CHUNK * 1e6, ratio=drawing / engine)


@pytest.mark.parametrize("replications", [1_000, 10_000, 100_000, 1_000_000])
def test_cost_against_replications(benchmark: BenchmarkFixture, replications: int) -> None:
    plan = supply_plan()

    def draw_and_run() -> None:
        for first in range(0, replications, CHUNK):
            array_engine.run(plan, drawn(plan, min(CHUNK, replications), first=first))

    pedantic(benchmark, draw_and_run, rounds=1 if replications > CHUNK else 3)
    report(benchmark, us_per_replication=_fastest(benchmark) / replications * 1e6)


@pytest.mark.parametrize("lots", [8, 16, 32, 64, 128, 256, 512])
def test_cost_against_lots(benchmark: BenchmarkFixture, lots: int) -> None:
    plan = supply_plan(lots)
    draws = drawn(plan, 4_000)
    seconds = fastest(benchmark, lambda: array_engine.run(plan, draws), rounds=3)
    report(benchmark, us_per_replication=seconds / 4_000 * 1e6, ns_per_lot=seconds / 4_000 / lots * 1e9)


BEFORE: dict[str, Node] = {
    "a": Work((), Input("a", Exponential(200.0))),
    "b": Work((), Input("b", Exponential(200.0))),
    "tried": Attempts(
        ("a",), several("try", Exponential(20.0), 1), (), several("luck", Uniform(0.0, 1.0), 1), PASSES
    ),
}
SHARES = several("share", Uniform(0.0, 1.0), 20)
TRIALS = (
    several("work", Exponential(30.0), 4),
    several("rework", Exponential(30.0), 3),
    several("q", Uniform(0, 1), 4),
)
DAYS = Input("days", Exponential(30.0))

KINDS: dict[str, Callable[[str], Node]] = {
    "At": lambda last: At(DAYS),
    "All": lambda last: All(("a", last)),
    "Any": lambda last: Any(("a", last)),
    "Within": lambda last: Within("a", last),
    "Without": lambda last: Without("a", last),
    "Outcome": lambda last: Outcome("tried"),
    "Reach of 20": lambda last: Reach(("a", "b") * 10, SHARES, amount(8.0)),
    "Work": lambda last: Work((last,), DAYS),
    "Work, rate shared": lambda last: Work((last,), DAYS, WINTER),
    "Work, rate drawn": lambda last: Work(("a",), DAYS, LINE),
    "Work, unless": lambda last: Work(("a",), DAYS, unless="b"),
    "Work, pool of 1": lambda last: Work(("a",), DAYS, pool="one"),
    "Work, pool of 4": lambda last: Work(("a",), DAYS, pool="four"),
    "Work, pool of 1, rate drawn": lambda last: Work(("a",), DAYS, LINE, pool="one"),
    "Attempts": lambda last: Attempts(("a",), *TRIALS, PASSES),
    "Attempts, rates": lambda last: Attempts(("a",), *TRIALS, PASSES, rate=LINE),
}


@pytest.mark.parametrize("kind", KINDS)
def test_cost_of_each_kind_of_node(benchmark: BenchmarkFixture, kind: str) -> None:
    def seconds(repeated: int) -> float:
        nodes, last = dict(BEFORE), "b"
        for place in range(repeated):
            nodes[f"n{place}"] = KINDS[kind](last)
            last = f"n{place}"
        plan = Plan(nodes, 3_000.0, {"one": 1, "four": 4})
        draws = drawn(plan, 4_000)
        times = []
        for _ in range(5):
            begin = perf_counter()
            array_engine.run(plan, draws)
            times.append(perf_counter() - begin)
        return min(times)

    without = seconds(0)
    per_node = (pedantic(benchmark, lambda: seconds(REPEATED), rounds=1) - without) / REPEATED / 4_000
    report(benchmark, ns_per_node_and_replication=per_node * 1e9)


@pytest.mark.parametrize("builds", [1, 2, 4, 8, 16])
def test_passes_of_a_pool_that_feeds_itself(benchmark: BenchmarkFixture, builds: int) -> None:
    """Two tranches per build, up to six applications each, one license desk, two crews, four lots each."""
    plan = _tranches(builds)
    draws = drawn(plan, 4_000)
    seconds = fastest(benchmark, lambda: array_engine.run(plan, draws), rounds=2)
    (passes,) = array_engine.solve(plan, draws).passes.values()
    few = draws.take(np.arange(20))
    begin = perf_counter()
    simpy_engine.run(plan, few)
    slow = (perf_counter() - begin) / few.count
    fast = seconds / 4_000
    report(benchmark, nodes=len(plan.nodes), passes=passes, array_us=fast * 1e6, ratio=slow / fast)


def _tranches(builds: int) -> Plan:
    nodes: dict[str, Node] = {}
    for build in range(builds):
        before: tuple[str, ...] = ()
        for tranche in range(2):
            here = f"{build}/{tranche}"
            works, lucks = several(f"{here}/w", Exponential(20.0), 6), several(f"{here}/q", Uniform(0, 1), 6)
            rework = several(f"{here}/r", Exponential(20.0), 5)
            nodes[f"{here}/tried"] = Attempts(before, works, rework, lucks, PASSES, pool="desk")
            nodes[f"{here}/granted"] = Outcome(f"{here}/tried")
            for lot, days in enumerate(several(f"{here}/d", Exponential(5.0), 4)):
                nodes[f"{here}/lot{lot}"] = Work((f"{here}/granted",), days, pool="crews")
            nodes[f"{here}/done"] = All(tuple(f"{here}/lot{lot}" for lot in range(4)))
            before = (f"{here}/done",)
    return Plan(nodes, 3_000.0, {"desk": 1, "crews": 2})
