"""Cost: what a run spends, and how likely it stays within a budget and a date at once.

Evaluates the costs of a plan in the times an engine found, as columns of the outcomes. Called by ``outcomes``
and by whoever words the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from sim.chance.amount import Column, Values
from sim.engine.times import Times
from sim.model.plan import Cost, Plan
from sim.results.statistics import Estimate, probability

COST = "cost"
"""The column of a run whose scenario has prices: what is spent, in USD."""


def cost_columns(plan: Plan, draws: Values, times: Times) -> dict[str, Column]:
    """Return each cost column of a plan, shape ``(n,)``, in USD."""
    return {name: _total(plan, costs, draws, times) for name, costs in plan.costs.items()}


def costs_by_kind(plan: Plan, draws: Values, times: Times, *, column: str = COST) -> Mapping[str, Column]:
    """Return what a cost column is made of, by kind (machines, site, delay, cancellation), in USD."""
    costs = plan.costs[column]
    kinds = dict.fromkeys(cost.kind for cost in costs)
    return {kind: _total(plan, [c for c in costs if c.kind == kind], draws, times) for kind in kinds}


def within(cost: Column, completion: Column, *, budget_usd: float, target_days: float) -> Estimate:
    """Return the probability that a build stays within its budget and is complete by a day."""
    return probability((cost <= budget_usd) & (completion <= target_days))


def _total(plan: Plan, costs: Iterable[Cost], draws: Values, times: Times) -> Column:
    total = np.zeros(times.fire.shape[1])
    for cost in costs:
        total += _spent(plan, cost, cost.usd.column(draws), times.of(cost.node))
    return total


def _spent(plan: Plan, cost: Cost, usd: Column, fired: Column) -> Column:
    if cost.since is None:
        return np.where(np.isfinite(fired), usd, 0.0)
    return usd * np.maximum(np.minimum(fired, plan.horizon) - cost.since, 0.0)
