"""Neighbors: each build of a world alone against all of them together, on the same luck.

Runs the plan of the world and one plan per build on the same draws, so whatever differs is the others' doing.
Where a build gets earlier, walks to the first thing that happened earlier by itself and says what it was:
with queues that serve in order of arrival, a late request can overtake, or meet a friendlier regime. Called
by the command line for scenarios with several builds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from sim.chance.amount import Column
from sim.chance.draws import Draws, draw
from sim.chance.regimes import ByRegime
from sim.engine import array_engine
from sim.engine.times import Times
from sim.model.build import plan_of
from sim.model.plan import Attempts, Outcome, Plan, Within, Without, Work
from sim.results.neighbors import Earlier, Neighbored, Neighbors
from sim.scenario.schema import Scenario

CHUNK = 1_000
"""Replications solved at once: all times of the world are kept while builds are compared."""


@dataclass(frozen=True, eq=False)
class _World:
    """A plan and its times, alone or together."""

    scenario: Scenario
    plan: Plan
    draws: Draws
    times: Times


def neighbors(scenario: Scenario, *, replications: int = 2_000, seed: int = 1) -> Neighbors:
    """Return what the builds of a scenario do to each other.

    Raises
    ------
    ValueError
        The scenario has fewer than two builds, or fewer than one replication is asked for.
    """
    if len(scenario.builds) < 2:
        raise ValueError(f"neighbors need two or more builds, got {len(scenario.builds)}")
    if replications < 1:
        raise ValueError(f"neighbors need at least 1 replication, got {replications}")
    together = plan_of(scenario)
    alone = {name: plan_of(_only(scenario, name)) for name in scenario.builds}
    chunks: list[dict[str, Neighbored]] = []
    for first in range(0, replications, CHUNK):
        count = min(CHUNK, replications - first)
        draws = draw(together.inputs, seed=seed, first=first, count=count, correlations=together.correlations)
        world = _World(scenario, together, draws, array_engine.run(together, draws))
        chunks.append({name: _compared(world, name, plan) for name, plan in alone.items()})
    return Neighbors(
        replications, tuple(_joined([chunk[name] for chunk in chunks]) for name in scenario.builds)
    )


def _only(scenario: Scenario, build: str) -> Scenario:
    """Return the world with one of its builds; the others never were."""
    return scenario.model_copy(update={"builds": {build: scenario.builds[build]}})


def _compared(world: _World, build: str, plan: Plan) -> Neighbored:
    lone = _World(world.scenario, plan, world.draws, array_engine.run(plan, world.draws))
    column = f"{build}.completion"
    alone, together = (each.times.of(each.plan.milestones[column]) for each in (lone, world))
    earlier = np.flatnonzero(together < alone)
    return Neighbored(
        build,
        alone,
        together,
        dict(_waits(world, build)),
        dict(_waits(lone, build)),
        tuple(_explained(lone, world, build, int(row)) for row in earlier),
    )


def _waits(world: _World, build: str) -> Iterator[tuple[str, Column]]:
    """Yield the days a build waits for each pool that does not belong to it."""
    for pool in world.plan.pools:
        rows = [
            world.times.row[name]
            for name, node in world.plan.nodes.items()
            if name.startswith(f"{build}/") and getattr(node, "pool", None) == pool
        ]
        if rows and not pool.startswith(f"{build}/"):
            yield pool, world.times.waited[rows].sum(axis=0)


def _joined(parts: list[Neighbored]) -> Neighbored:
    """Return the comparison over the replications of all chunks."""

    def column(columns: list[Mapping[str, Column]]) -> dict[str, Column]:
        return {key: np.concatenate([each[key] for each in columns]) for key in columns[0]}

    return Neighbored(
        parts[0].build,
        np.concatenate([part.alone for part in parts]),
        np.concatenate([part.together for part in parts]),
        column([part.waited for part in parts]),
        column([part.waited_alone for part in parts]),
        tuple(each for part in parts for each in part.earlier),
    )


def _explained(alone: _World, together: _World, build: str, row: int) -> Earlier:
    """Return why a build is earlier among others: the first of its nodes that is so by itself."""
    column = f"{build}.completion"
    gained = [world.times.of(world.plan.milestones[column])[row] for world in (alone, together)]
    node = next(_own_gains(alone, together, row))
    return Earlier(
        replication=int(together.draws.replications[row]),
        days=float(gained[0] - gained[1]),
        node=node,
        reason=_reason(alone, together, node, row),
    )


def _own_gains(alone: _World, together: _World, row: int) -> Iterator[str]:
    """Yield nodes that fire earlier together although nothing they wait for does."""
    sooner = {
        name
        for name in alone.plan.nodes
        if together.times.of(name)[row] < alone.times.of(name)[row]  # also where alone it never fires
    }
    for name in alone.plan.nodes:
        if name in sooner and not sooner.intersection(alone.plan.nodes[name].waits_for()):
            yield name


def _reason(alone: _World, together: _World, name: str, row: int) -> str:
    node = alone.plan.nodes[name]
    if isinstance(node, Attempts | Outcome):
        attempts = node.attempts if isinstance(node, Outcome) else name
        said = [_decision(world, attempts, row) for world in (alone, together)]
        return f"alone {said[0]}; among the others {said[1]}"
    if isinstance(node, Without | Within):
        return "something else came too late, so the plan took its other way"
    if isinstance(node, Work) and node.pool is not None:
        ready = [world.times.ready[world.times.row[name]][row] for world in (alone, together)]
        moved = "came later and" if ready[1] > ready[0] else "came at the same time and"
        return f"the queue for {node.pool} was in another order: this request {moved} was served sooner"
    return "one of the things it waits for came in another order"


def _decision(world: _World, name: str, row: int) -> str:
    """Return how and when an application was decided, at which trial, and in which regime."""
    at, node = world.times.row[name], world.plan.nodes[name]
    fired, trials = world.times.fire[at][row], int(world.times.trials[at][row])
    if not np.isfinite(fired):
        return f"not decided after {trials} trials"
    date = world.scenario.start + timedelta(days=int(np.ceil(fired)))
    regime = _regime(world, node, fired, row)
    return f"{_verdict(world, name, row)} at trial {trials} on {date}{regime}"


def _verdict(world: _World, attempts: str, row: int) -> str:
    for name, node in world.plan.nodes.items():
        if isinstance(node, Outcome) and node.attempts == attempts and np.isfinite(world.times.of(name)[row]):
            return "approved" if node.approved else "denied"
    return "given up"


def _regime(world: _World, node: object, day: float, row: int) -> str:
    profile = getattr(node, "approve", None)
    if not isinstance(profile, ByRegime):
        return ""
    path = profile.chain.steps(world.draws, world.plan.horizon)
    state = path.at(np.full(world.draws.count, day))[row]
    return f" in regime {profile.chain.states[int(state)]}"
