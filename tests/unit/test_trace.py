"""The story of one future, against plans whose story is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.chance.amount import Constant, Input
from sim.chance.distributions import Uniform
from sim.chance.profiles import Level, Window
from sim.model.plan import At, Attempts, Node, Outcome, Plan, Without, Work
from sim.results.errors import StudyError
from sim.study.named import named
from sim.study.run import run
from sim.study.trace import Task, Wait, nearest, trace
from sim.study.variants import Options
from tests.unit.study_plans import subject


def told(nodes: dict[str, Node], finish: str, **pools: int) -> dict[str, Task]:
    plan = Plan(nodes, 100.0, pools=pools, milestones={"completion": finish})
    return {task.node: task for task in trace(subject(plan=plan), 0).tasks}


def test_who_waited_for_whom() -> None:
    nodes: dict[str, Node] = {
        "first": Work((), Constant(8.0), pool="crew", cause="installation"),
        "second": Work((), Constant(5.0), pool="crew", cause="installation"),
    }
    found = told(nodes, "second", crew=1)
    assert found["second"].waits == (Wait("crew", 0.0, 8.0, ("first",)),)
    assert found["second"].spans == ((8.0, 13.0),)
    assert (found["second"].binding, found["first"].binding) == (True, False)
    assert found["first"].waits == ()


def test_only_who_held_a_server_of_that_pool_meanwhile_is_named_whatever_the_names() -> None:
    nodes: dict[str, Node] = {
        "day": At(Constant(5.0)),
        "before": Work((), Constant(5.0), pool="crew"),
        "z holder": Work((), Constant(4.0), pool="crew"),
        "elsewhere": Work((), Constant(50.0), pool="desk"),
        "alone": Work((), Constant(50.0)),
        "m waits": Work(("day",), Constant(1.0), pool="crew"),
        "a after": Work(("day",), Constant(1.0), pool="crew"),
    }
    found = told(nodes, "m waits", crew=1, desk=1)
    assert found["m waits"].waits == (Wait("crew", 5.0, 9.0, ("z holder",)),)
    assert found["a after"].waits == (Wait("crew", 5.0, 10.0, ("z holder", "m waits")),)


def test_a_standstill_is_told() -> None:
    winter = Window("winter", 20.0, 40.0, inside=0.0, outside=1.0)
    found = told({"dig": Work((), Constant(30.0), winter)}, "dig")
    assert found["dig"].stopped == ((20.0, 40.0),)
    assert found["dig"].spans == ((0.0, 50.0),)


def test_trials_that_come_back_and_their_outcome() -> None:
    work, luck = (Constant(10.0), Constant(12.0)), (Constant(0.9), Constant(0.1))
    chance = Level("chance", 0.5)
    nodes: dict[str, Node] = {
        "apply": Attempts((), work, (Constant(4.0),), luck, chance),
        "granted": Outcome("apply"),
    }
    found = told(nodes, "granted")["apply"]
    assert found.spans == ((0.0, 10.0), (14.0, 26.0))
    assert found.returned == (10.0,)
    assert found.outcome == "approved"


def test_what_is_cancelled_and_what_is_not_finished() -> None:
    nodes: dict[str, Node] = {
        "deadline": Work((), Constant(5.0)),
        "long": Work((), Constant(300.0), pool="line"),
        "order": Work((), Constant(1.0), pool="line", unless="deadline"),
        "over": Without("order", "deadline"),
    }
    found = told(nodes, "over", line=1)
    assert found["order"].outcome == "cancelled"
    assert found["order"].waits == (Wait("line", 0.0, 5.0, ("long",)),)
    assert found["long"].outcome == "unfinished"
    assert found["long"].spans == ((0.0, 100.0),)
    assert found["long"].end == np.inf


def test_the_nearest_future_is_the_percentile() -> None:
    options = Options(replications=500, workers=1)
    finished = run(subject(), replications=500, workers=1).completion
    number = nearest(subject(), 0.3, options)
    assert np.count_nonzero(finished <= finished[number]) == 150
    assert trace(subject(), number).completion == finished[number]


def test_a_percentile_that_is_never_has_no_story() -> None:
    plan = Plan({"end": Work((), Input("x", Uniform(0.0, 200.0)))}, 100.0, milestones={"completion": "end"})
    with pytest.raises(StudyError, match=r"P80 is never .* below P5"):
        nearest(subject(plan=plan), 0.8, Options(replications=500, workers=1))
    never = next(number for number in range(9) if np.isinf(trace(subject(plan=plan), number).completion))
    assert trace(subject(plan=plan), never).ledger == {}


@pytest.mark.parametrize("replication", range(0, 40, 8))
def test_the_binding_path_of_a_shipped_scenario_has_no_gap(replication: int) -> None:
    found = trace(named("kz-nvidia-wait"), replication)
    path = [task for task in found.tasks if task.binding]
    if np.isinf(found.completion):
        assert not path
        return
    assert sum(found.ledger.values()) == found.completion
    assert path[0].ready == 0.0
    assert path[-1].end == found.completion
    assert all(after.ready == before.end for before, after in pairwise(path))
