"""What a plan refuses, and what it says about it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.chance.amount import Constant, Input
from sim.chance.distributions import Exponential
from sim.chance.draws import draw
from sim.chance.profiles import Level
from sim.engine import array_engine, simpy_engine
from sim.engine.pools import counted
from sim.model.draft import Draft, World
from sim.model.plan import All, Attempts, Capacity, Cost, Outcome, Plan, Work
from sim.model.site import in_order
from sim.scenario.load import load
from sim.scenario.quantity import Quantity
from sim.scenario.works import Activity

WAIT = Work((), Input("wait", Exponential(10.0)))


def refused(nodes: dict[str, Any], **options: Any) -> str:
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the sentence is what the tests compare)
        Plan(nodes, 100.0, **options)
    return str(error.value)


def test_a_node_looks_only_at_nodes_before_it() -> None:
    later = refused({"a": Work(("b",), Constant(1.0)), "b": WAIT})
    assert later == "node 'a' looks at 'b', which comes later in the plan"
    assert refused({"a": All(("b",))}) == "node 'a' looks at 'b', which does not exist in the plan"
    itself = refused({"a": Work(("a",), Constant(1.0))})
    assert itself == "node 'a' looks at 'a', which comes later in the plan"
    assert "looks at 'stop'" in refused({"a": Work((), Constant(1.0), unless="stop"), "stop": WAIT})


def test_a_pool_is_known_and_has_a_server() -> None:
    crowd = {"a": Work((), Constant(1.0), pool="crew")}
    assert refused(crowd) == "node 'a' asks for pool 'crew', which the plan does not have"
    assert refused(crowd, pools={"crew": 0}) == "pool 'crew' has 0 servers; it needs at least 1"
    assert Plan(crowd, 100.0, {"crew": 1}).pools == {"crew": 1}


def part(*, node: str = "a", unless: str | None = None) -> Capacity:
    one = Constant(1.0)
    return Capacity(build="b", supplier="nvidia", node=node, accelerators=one, teraflops=one, unless=unless)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"milestones": {"completion": "gone"}}, "milestone 'completion'"),
        ({"costs": {"total": (Cost(kind="all", node="gone", usd=Constant(1.0)),)}}, "cost 'total'"),
        ({"capacity": (part(node="gone"),)}, "capacity of 'nvidia'"),
        ({"capacity": (part(unless="gone"),)}, "capacity of 'nvidia'"),
    ],
)
def test_what_is_reported_is_a_node_of_the_plan(options: dict[str, Any], what: str) -> None:
    assert refused({"a": WAIT}, **options) == f"{what} reports node 'gone', which the plan does not have"


def test_inputs_of_one_name_follow_one_law() -> None:
    other = Work((), Input("wait", Exponential(11.0)))
    assert refused({"a": WAIT, "b": other}) == "two inputs are named 'wait' but follow different laws"
    assert list(Plan({"a": WAIT, "b": WAIT}, 100.0).inputs) == ["wait"]


def test_inputs_of_costs_and_capacity_belong_to_the_plan() -> None:
    usd, units, speed = (Input(name, Exponential(2.0)) for name in ("usd", "units", "speed"))
    plan = Plan(
        {"a": WAIT},
        100.0,
        costs={"total": (Cost(kind="all", node="a", usd=usd),)},
        capacity=(Capacity(build="b", supplier="s", node="a", accelerators=units, teraflops=speed),),
    )
    assert list(plan.inputs) == ["wait", "usd", "units", "speed"]


def test_attempts_have_luck_for_each_trial_and_rework_between_them() -> None:
    one = Constant(1.0)
    with pytest.raises(ValueError, match="got 2 work, 2 luck, 2 rework"):
        Attempts((), (one, one), (one, one), (one, one), approve=Level("approve", 1.0))


def test_a_chance_of_denial_is_optional_and_the_last_return_ends_it() -> None:
    never = Attempts((), (Constant(3.0),), (), (Constant(0.5),), approve=Level("approve", 0.0))
    plan = Plan({"try": never, "yes": Outcome("try"), "no": Outcome("try", approved=False)}, 100.0)
    draws = draw({"x": Input("x", Exponential(1.0))}, seed=1, first=0, count=2)
    for engine in (simpy_engine, array_engine):
        assert np.isinf(engine.run(plan, draws).fire).all()


def test_two_nodes_of_a_draft_do_not_share_a_name() -> None:
    draft = Draft(World(load("kz-ascend").scenario))
    assert draft.within("nvidia").add("order", WAIT) == "nvidia/order"
    with pytest.raises(ValueError, match="the plan has two nodes named 'nvidia/order'"):
        draft.add("nvidia/order", WAIT)


def test_activities_that_wait_for_each_other_are_named() -> None:
    def activity(*after: str) -> Activity:
        return Activity(duration=Quantity.fixed(1.0, "duration"), after=after)

    assert in_order({"roof": activity("wall"), "wall": activity(), "door": activity("roof", "wall")}) == [
        "wall",
        "roof",
        "door",
    ]
    with pytest.raises(ValueError, match=r"activities wait for each other: roof, wall$"):
        in_order({"roof": activity("wall"), "wall": activity("roof"), "site": activity()})


def test_an_engine_that_does_not_settle_says_so() -> None:
    assert counted(1, ["a"]) == 1
    with pytest.raises(RuntimeError, match="times of a, b do not settle"):
        counted(10**9, ["a", "b"])
