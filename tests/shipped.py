"""Shipped scenarios run once for all tests that look at them: 250 replications, one Latin hypercube."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sim.chance.amount import Column
from sim.chance.draws import BLOCK, Draws, draw
from sim.engine.array_engine import run
from sim.engine.times import Times
from sim.model.build import plan_of
from sim.model.plan import Plan
from sim.scenario.folders import scenario_files, shipped_folder
from sim.scenario.load import Loaded, load

NAMES = tuple(
    file.name
    for file in scenario_files()
    if not file.abstract and file.path.is_relative_to(shipped_folder().resolve())
)


@dataclass(frozen=True, eq=False)
class Solved:
    """A scenario with its plan, draws and times."""

    loaded: Loaded
    plan: Plan
    draws: Draws
    times: Times

    def column(self, milestone: str = "completion") -> Column:
        return self.times.of(self.plan.milestones[milestone])


@cache
def solved(name: str, *overrides: str, replications: int = BLOCK) -> Solved:
    """Return a shipped scenario with some replications of it, as the array engine solves them."""
    loaded = load(name, overrides)
    plan = plan_of(loaded.scenario)
    draws = draw(plan.inputs, seed=1, first=0, count=replications, correlations=plan.correlations)
    return Solved(loaded, plan, draws, run(plan, draws))
