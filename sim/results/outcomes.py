"""Outcomes: what is kept of each replication, as named columns.

An engine returns thousands of times per replication; a study keeps the milestones. Costs join
in :func:`outcomes_of`, and nowhere else. Called by ``study`` inside each worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from numpy.typing import NDArray

from sim.chance.amount import Values
from sim.engine.times import Times
from sim.model.plan import Plan
from sim.results.cost import cost_columns

REPLICATION = "replication"
"""The first column: the number of the replication, from 0."""

COMPLETION = "completion"
"""The column every run has: when the build is complete."""

SWITCHED = "switched"
"""The column of runs whose strategy can change supplier: when it did."""

Columns: TypeAlias = dict[str, NDArray[Any]]
"""Column name to values, shape ``(n,)``, one per replication: int64 for ``replication``, else float64."""


def column_names(plan: Plan) -> tuple[str, ...]:
    """Return the names of the outcome columns of a plan, ``replication`` first."""
    return (REPLICATION, *plan.milestones, *plan.costs)


def outcomes_of(plan: Plan, draws: Values, times: Times) -> Mapping[str, NDArray[Any]]:
    """Return the outcome columns of some replications, shape ``(n,)`` each, without ``replication``.

    Milestones are in days since the start; infinity means never (not by the horizon). Costs are in USD.
    """
    dates = {column: times.of(node) for column, node in plan.milestones.items()}
    return dates | cost_columns(plan, draws, times)
