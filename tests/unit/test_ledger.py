"""The ledger against plans small enough to solve by hand, and its promise to add up in every scenario."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import numpy as np
import pytest

from sim.chance.amount import Column, Constant, Input, T
from sim.chance.distributions import Uniform
from sim.chance.profiles import Level, Window
from sim.engine import array_engine, simpy_engine
from sim.engine.bind import bind
from sim.engine.times import Times
from sim.model.plan import All, Any, At, Attempts, Node, Outcome, Plan, Reach, Work
from sim.results.ledger import Ledger, ledger
from sim.scenario.folders import scenario_files
from sim.study.explore import explore
from sim.study.named import named
from sim.study.variants import Options


@dataclass
class Given:
    """Values written down, one per replication."""

    count: int
    values: dict[str, list[float]] = field(default_factory=dict)

    def value(self, name: str) -> Column:
        return np.array(self.values[name], dtype=float)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        return make()


def uncertain(name: str) -> Input:
    return Input(name, Uniform(0.0, 1000.0))


def five_stages() -> tuple[Plan, Given]:
    """A license of 10 or 50 days, a shell that winter stops, two lots for one crew, acceptance."""
    winter = Window("winter", 20.0, 40.0, inside=0.0, outside=1.0)
    nodes: dict[str, Node] = {
        "license": Work((), uncertain("license"), cause="license"),
        "shell": Work((), Constant(30.0), winter, cause="site", slowed="winter"),
        "one": Work(("license",), Constant(8.0), pool="crew", cause="installation"),
        "two": Work(("license",), Constant(8.0), pool="crew", cause="installation"),
        "accept": Work(("one", "two", "shell"), Constant(5.0), cause="acceptance"),
    }
    plan = Plan(nodes, 1000.0, pools={"crew": 1}, milestones={"completion": "accept"})
    return plan, Given(2, {"license": [10.0, 50.0]})


def solved(plan: Plan, values: Given, finish: str) -> tuple[Ledger, Times]:
    times = array_engine.run(plan, values)
    return ledger(bind(plan, values), times, finish), times


def days(found: Ledger, replication: int) -> dict[str, float]:
    return {cause: column[replication] for cause, column in found.days.items() if column[replication]}


def test_five_stages_by_hand() -> None:
    found, times = solved(*five_stages(), "accept")
    assert times.of("accept").tolist() == [55.0, 71.0]
    assert days(found, 0) == {"site": 30.0, "winter": 20.0, "acceptance": 5.0}
    assert days(found, 1) == {
        "license": 50.0,
        "waiting for crew": 8.0,
        "installation": 8.0,
        "acceptance": 5.0,
    }
    binding = {node: mask.tolist() for node, mask in found.binding.items()}
    assert binding == {
        "accept": [True, True],
        "shell": [True, False],
        "two": [False, True],
        "license": [False, True],
    }


def test_both_engines_give_the_same_ledger() -> None:
    plan, values = five_stages()
    fast, _ = solved(plan, values, "accept")
    slow = ledger(bind(plan, values), simpy_engine.run(plan, values), "accept")
    assert {cause: column.tolist() for cause, column in fast.days.items()} == {
        cause: column.tolist() for cause, column in slow.days.items()
    }


def test_returned_applications_are_charged_apart() -> None:
    attempts = Attempts(
        (),
        (Constant(10.0), Constant(12.0)),
        (Constant(4.0),),
        (uncertain("first"), uncertain("second")),
        Level("chance", 0.5),
        cause="license",
        reworked="returned",
    )
    plan = Plan({"apply": attempts, "granted": Outcome("apply")}, 100.0, milestones={"completion": "granted"})
    found, _ = solved(plan, Given(3, {"first": [0.4, 0.9, 0.9], "second": [0.4, 0.4, 0.9]}), "granted")
    assert days(found, 0) == {"license": 10.0}
    assert days(found, 1) == {"license": 22.0, "returned": 4.0}
    assert days(found, 2) == {}


def test_the_walk_goes_back_through_the_node_that_decided() -> None:
    nodes: dict[str, Node] = {
        "begin": At(Constant(7.0)),
        "early": Work(("begin",), Constant(3.0), cause="early"),
        "late": Work(("begin",), Constant(9.0), cause="late"),
        "last": Work(("begin",), Constant(20.0), cause="last"),
        "first": Any(("late", "early")),
        "most": Reach(("early", "late", "last"), (Constant(1.0),) * 3, Constant(2.0)),
        "all": All(("first", "most")),
    }
    plan = Plan(nodes, 100.0, milestones={"completion": "all"})
    assert days(solved(plan, Given(1), "first")[0], 0) == {"start": 7.0, "early": 3.0}
    assert days(solved(plan, Given(1), "most")[0], 0) == {"start": 7.0, "late": 9.0}
    assert days(solved(plan, Given(1), "all")[0], 0) == {"start": 7.0, "late": 9.0}


def test_a_faster_rate_saves_days() -> None:
    quick = Work((), Constant(30.0), Level("double", 2.0), cause="license", slowed="regime")
    plan = Plan({"quick": quick}, 100.0, milestones={"completion": "quick"})
    assert days(solved(plan, Given(1), "quick")[0], 0) == {"license": 30.0, "regime": -15.0}


@pytest.mark.parametrize("name", [file.name for file in scenario_files() if not file.abstract])
def test_the_ledger_adds_up_in_every_replication_of_every_scenario(name: str) -> None:
    explored = explore(named(name), Options(replications=500))
    done = np.isfinite(explored.completion)
    total = sum(explored.ledger.days.values(), np.zeros(500))
    assert np.array_equal(total[done], explored.completion[done])
    assert not total[~done].any()
    assert done.any()
