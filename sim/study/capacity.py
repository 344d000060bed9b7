"""Capacity of a plan over time: the replications behind the figure of how much compute there is by when.

A run keeps milestones only; this solves some of its replications again on the same luck. Called by the
command line when it draws the figure.
"""

from __future__ import annotations

from sim.chance.draws import draw
from sim.engine import array_engine
from sim.model.plan import Plan
from sim.results.capacity import Installed, installed


def capacity(plan: Plan, *, replications: int = 2_000, seed: int = 1) -> tuple[Installed, ...]:
    """Return what runs over a monthly grid, by build and supplier, in the first replications of a run."""
    draws = draw(plan.inputs, seed=seed, first=0, count=replications, correlations=plan.correlations)
    return installed(plan, draws, array_engine.run(plan, draws))
