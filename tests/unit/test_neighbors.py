"""Two buyers at one license desk: who waits for whom, and why waiting can help, counted by hand."""

from __future__ import annotations

from math import inf

import pytest
from minimal import PLAIN_COMPLETE, minimal, world

from sim.results.neighbors import Neighbored
from sim.scenario.load import rebuild
from sim.study import neighbors as neighbors_module
from sim.study.capacity import capacity
from sim.study.neighbors import neighbors

DESK = """
strategy: {supplier: plain}
pools: {desk: 1}
builds: {first: {title: One}, second: {title: Two, begin: 2024-01-06}}
"""
OPEN = DESK + "licensing: {office: {desks: desk}}"
SHUT_UNTIL_DAY_60 = """
licensing:
  office:
    desks: desk
    applications: %d
    regimes:
      states: {shut: {%s: 1}, open: {}}
      history: [{date: 2024-01-01, state: shut}, {date: 2024-03-01, state: open}]
"""


def compared(changes: str, *, replications: int = 1) -> list[Neighbored]:
    return list(neighbors(rebuild(minimal(changes)), replications=replications).builds)


def test_the_second_at_a_desk_waits_for_the_first() -> None:
    first, second = compared(OPEN)
    # Filed on days 15 and 20; a review takes 30 days.
    assert (first.build, first.alone.tolist(), first.together.tolist()) == (
        "first",
        [PLAIN_COMPLETE],
        [PLAIN_COMPLETE],
    )
    assert (second.alone.tolist(), second.together.tolist()) == ([PLAIN_COMPLETE + 5], [PLAIN_COMPLETE + 30])
    assert (first.waited["desk"].tolist(), first.waited_alone["desk"].tolist()) == ([0.0], [0.0])
    assert (second.waited["desk"].tolist(), second.waited_alone["desk"].tolist()) == ([25.0], [0.0])
    assert first.earlier == second.earlier == ()


@pytest.mark.parametrize(
    ("applications", "answer", "alone"),
    [
        (8, "denied", "alone denied at trial 1 on 2024-02-20 in regime shut"),
        (1, "returned", "alone not decided after 1 trials"),
    ],
)
def test_who_waits_may_meet_a_friendlier_regime(applications: int, answer: str, alone: str) -> None:
    first, second = compared(DESK + SHUT_UNTIL_DAY_60 % (applications, answer))
    assert (first.together.tolist(), first.earlier) == ([inf], ())
    assert (second.alone.tolist(), second.together.tolist()) == ([inf], [PLAIN_COMPLETE + 30])
    (earlier,) = second.earlier
    assert (earlier.replication, earlier.days) == (0, inf)
    assert earlier.node.startswith("second/plain/")
    assert earlier.reason == f"{alone}; among the others approved at trial 1 on 2024-03-16 in regime open"


def test_2000_replications_are_compared_unless_told() -> None:
    found = neighbors(rebuild(minimal(OPEN)))
    assert (found.replications, len(found.builds[1].together)) == (2_000, 2_000)


def test_builds_are_compared_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbors_module, "CHUNK", 2)
    _, second = compared(DESK + SHUT_UNTIL_DAY_60 % (8, "denied"), replications=5)
    assert second.together.tolist() == [PLAIN_COMPLETE + 30] * 5
    assert second.waited["desk"].tolist() == [25.0] * 5
    assert [each.replication for each in second.earlier] == [0, 1, 2, 3, 4]


def test_capacity_is_that_of_the_first_2000_replications_of_seed_1_unless_told() -> None:
    days = "{uniform: [0, 90], unit: days, assumption: A test., grade: low}"
    plan = world(f"suppliers: {{free: {{contract: {{duration: {days}}}}}}}")
    (usual,), (same,), (other,) = capacity(plan), capacity(plan, seed=1), capacity(plan, seed=2)
    assert usual.accelerators.shape[1] == 2_000
    assert (usual.accelerators == same.accelerators).all()
    assert (usual.accelerators != other.accelerators).any()
