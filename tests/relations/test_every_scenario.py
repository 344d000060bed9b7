"""Relations that hold for every shipped scenario, replication by replication, whatever its numbers are."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pytest

from sim.chance.amount import Amount, Constant, Values
from sim.chance.draws import draw, medians
from sim.chance.kernels import compiled
from sim.chance.profiles import Profile
from sim.chance.steps import Steps
from sim.engine import array_engine, simpy_engine
from sim.model.plan import At, Attempts, Node, Plan, Work
from sim.study.named import named
from sim.study.run import Settings, run_all
from sim.study.simulate import simulate
from tests.shipped import NAMES, solved

AGREEING = min(1_000, int(os.environ.get("CHIPROUTE_CAMPAIGN", "50")) // 5)
"""Replications that both engines solve."""

SWITCHES = ("kz-switch", "ascend-sanctioned", "kz-national-llm")

each_scenario = pytest.mark.parametrize("name", NAMES)


@dataclass(eq=False)
class Stretched:
    """A profile in slow motion: everything happens at ``factor`` times its day."""

    profile: Profile
    factor: float

    @property
    def name(self) -> str:
        return self.profile.name

    def amounts(self) -> Iterable[Amount]:
        return self.profile.amounts()

    def steps(self, values: Values, horizon: float) -> Steps:
        steps = self.profile.steps(values, horizon / self.factor)
        return Steps(steps.times * self.factor, steps.values)


def stretched(plan: Plan, factor: float) -> Plan:
    """Return a plan in which every duration, day and change of a profile is ``factor`` times what it was."""

    @cache  # two nodes that share a profile go on sharing it
    def slow(profile: Profile | None) -> Profile | None:
        return None if profile is None else Stretched(profile, factor)

    def node(old: Node) -> Node:
        if isinstance(old, At):
            return replace(old, day=old.day * factor)
        if isinstance(old, Work):
            return replace(old, amount=old.amount * factor, rate=slow(old.rate))
        if isinstance(old, Attempts):
            work, rework = (tuple(part * factor for part in parts) for parts in (old.work, old.rework))
            profiles = {name: slow(getattr(old, name)) for name in ("approve", "deny", "rate")}
            return replace(old, work=work, rework=rework, **profiles)
        return old

    nodes = {name: node(old) for name, old in plan.nodes.items()}
    return replace(plan, nodes=nodes, horizon=plan.horizon * factor)


@each_scenario
def test_a_world_in_slow_motion_ends_as_much_later(name: str) -> None:
    case, factor = solved(name), 3.0
    slow = array_engine.run(stretched(case.plan, factor), case.draws)
    # Times are whole ticks of 1e-10 days; a hundred of them may be rounded on the way.
    for milestone, node in case.plan.milestones.items():
        np.testing.assert_allclose(slow.of(node), case.column(milestone) * factor, rtol=0.0, atol=1e-6)


@each_scenario
def test_a_later_horizon_changes_nothing_that_had_happened(name: str) -> None:
    case = solved(name)
    later = array_engine.run(replace(case.plan, horizon=case.plan.horizon + 400.0), case.draws)
    happened = np.isfinite(case.times.fire)
    np.testing.assert_array_equal(later.fire[happened], case.times.fire[happened])
    assert (later.fire[~happened] > case.plan.horizon).all()


@each_scenario
def test_a_stage_more_at_the_end_shifts_the_completion_by_its_days(name: str) -> None:
    case = solved(name)
    finish = case.plan.milestones["completion"]
    nodes = {**case.plan.nodes, "opening": Work((finish,), Constant(8.0))}
    opened = array_engine.run(replace(case.plan, nodes=nodes), case.draws).of("opening")
    expected = case.column() + 8.0
    np.testing.assert_array_equal(opened, np.where(expected <= case.plan.horizon, expected, np.inf))


@each_scenario
def test_the_engines_agree_on_every_time(name: str) -> None:
    """Also with compiled kernels; in the long campaign over 1,000 replications."""
    plan = solved(name).plan
    fresh = partial(draw, plan.inputs, seed=11, first=0, count=AGREEING, correlations=plan.correlations)
    reference = simpy_engine.run(plan, fresh())
    for is_compiled in (False, True):
        with compiled(is_compiled):
            fast = array_engine.run(plan, fresh())
        for table in ("ready", "start", "fire", "waited", "trials"):
            np.testing.assert_array_equal(getattr(fast, table), getattr(reference, table))


@each_scenario
def test_the_world_at_its_medians_is_the_same_in_both_engines(name: str) -> None:
    plan = solved(name).plan
    middle = medians(plan.inputs)
    reference, fast = simpy_engine.run(plan, middle), array_engine.run(plan, middle)
    for table in ("ready", "start", "fire", "waited", "trials"):
        np.testing.assert_array_equal(getattr(fast, table), getattr(reference, table))


@each_scenario
def test_a_run_is_the_same_in_one_piece_and_in_several(name: str) -> None:
    plan = solved(name).plan
    part = partial(simulate, plan, seed=7)
    whole = part(first=0, count=300)
    pieces = [part(first=first, count=stop - first) for first, stop in ((0, 120), (120, 300))]
    for column, values in whole.items():
        np.testing.assert_array_equal(np.concatenate([piece[column] for piece in pieces]), values)


@each_scenario
def test_a_supplier_that_nobody_asks_changes_nothing(name: str) -> None:
    case = solved(name)
    strategy = str(case.loaded.merged["strategy"])
    idle = [supplier for supplier in case.loaded.merged["suppliers"] if supplier not in strategy]
    if not idle:
        pytest.skip("every supplier is asked")
    changed = solved(name, *(f"suppliers.{supplier}.lot=48 accelerators" for supplier in idle))
    np.testing.assert_array_equal(changed.column(), case.column())


def test_the_scenarios_that_switch_are_all_looked_at() -> None:
    kinds = {name: solved(name).loaded.scenario.strategy.kind for name in NAMES}
    assert {name for name, kind in kinds.items() if kind == "switch"} == set(SWITCHES)


@pytest.mark.parametrize("name", SWITCHES)
def test_without_patience_a_switch_is_its_second_supplier_and_with_endless_its_first(name: str) -> None:
    strategy = solved(name).loaded.scenario.strategy
    for patience, supplier in (("0 days", strategy.then), ("never", strategy.first)):
        alone = f"strategy={{kind: single, supplier: {supplier}, first: null, then: null, patience: null}}"
        switch, single = solved(name, f"strategy.patience={patience}"), solved(name, alone)
        np.testing.assert_array_equal(switch.column(), single.column())


def test_four_workers_find_what_one_finds() -> None:
    subjects = [named(name) for name in ("kz-switch", "central-asia-queue")]
    nowhere = [None] * len(subjects)
    alone, together = (
        run_all(subjects, Settings(replications=250, workers=workers), folders=nowhere) for workers in (1, 4)
    )
    for one, other in zip(alone, together, strict=True):
        for column in one.outcomes.columns:
            np.testing.assert_array_equal(one.outcomes[column], other.outcomes[column])
