"""Agreement: some replications of a fast run are replayed in SimPy and compared on every time of every node.

The reference engine defines what a plan means and the array engine claims the same, so one difference is
enough to stop a run. The message says where, for whoever looks at it next. Called by ``study`` after each
fast run.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column, Values
from sim.engine import simpy_engine
from sim.engine.times import Times
from sim.model.plan import Plan

TOLERANCE_DAYS = 1e-9
"""How far two engines may lie apart."""

CHECKED = 25
"""Replications that are replayed if nobody says which."""

Rows = NDArray[np.intp]

_TABLES = ("ready", "start", "fire", "waited", "trials")


class EngineDisagreement(Exception):  # noqa: N818 - a finding about two engines, not a mistake of a caller
    """The two engines found different times for a node; the text says which, where, and both times."""


class Replayable(Values, Protocol):
    """Draws of numbered replications, of which some can be taken out."""

    @property
    def replications(self) -> NDArray[np.int64]:
        """Return the number of each replication, shape ``(count,)``."""
        ...

    def take(self, rows: Rows) -> Values:
        """Return the draws of some replications."""
        ...


def check_agreement(plan: Plan, draws: Replayable, times: Times, rows: Rows | None = None) -> None:
    """Replay replications of a fast run in SimPy and compare every time of every node.

    Parameters
    ----------
    times
        What the array engine found for ``draws``.
    rows
        Which replications of the draws to replay, counted from 0; by default 25, spread evenly.

    Raises
    ------
    EngineDisagreement
        Some ready, start or fire time, wait or number of trials differs by more than 1e-9.
    """
    rows = _spread(draws.count) if rows is None else rows
    reference = simpy_engine.run(plan, draws.take(rows))
    found = first_difference(reference, _taken(times, rows))
    if found is not None:
        node, table, column = found
        row = times.row[node]
        exact, fast = getattr(reference, table)[row, column], getattr(times, table)[row, rows[column]]
        raise EngineDisagreement(
            f"the engines disagree on {table} of node {node!r} in replication "
            f"{draws.replications[rows[column]]}: {float(exact)!r} in SimPy, {float(fast)!r} in the array "
            f"engine; please report this with the scenario and the seed, and use the SimPy engine meanwhile"
        )


def first_difference(reference: Times, other: Times) -> tuple[str, str, int] | None:
    """Return node, table and column of the first difference in plan order, or None if there is none."""
    if list(reference.row) == list(other.row) and not any(
        _differs(getattr(reference, table), getattr(other, table)).any() for table in _TABLES
    ):
        return None
    for node, row in reference.row.items():
        for table in _TABLES:
            differs = _differs(getattr(reference, table)[row], getattr(other, table)[other.row[node]])
            if differs.any():
                return node, table, int(differs.argmax())
    return None


def _differs(expected: Column, found: Column) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):  # infinity minus infinity; both never is agreement
        near: NDArray[np.bool_] = (expected == found) | (np.abs(expected - found) <= TOLERANCE_DAYS)
    return ~near


def _spread(count: int) -> Rows:
    return np.unique(np.linspace(0, count - 1, min(CHECKED, count)).round().astype(np.intp))


def _taken(times: Times, rows: Rows) -> Times:
    return Times(times.row, *(getattr(times, table)[:, rows] for table in _TABLES))
