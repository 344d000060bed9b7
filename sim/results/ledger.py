"""The delay ledger: every day between start and completion, charged to a cause, replication by replication.

From the node that completes, the walk goes back along the binding predecessor: the latest of an ``All``, the
first of an ``Any``, the one that crossed in a ``Reach``. On the way each work's days are split into waiting
for a pool, working, days its rate added, and rework; times are whole ticks, so the causes sum to the
completion exactly. Called by ``outcomes`` and by the studies that ask why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.engine.bind import Bound, to_ticks
from sim.engine.times import Times
from sim.model.plan import All, Any, At, Attempts, Node, Outcome, Reach, Within, Without, Work

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Ledger:
    """What the walk back finds.

    Attributes
    ----------
    days
        Cause to days of shape ``(n,)``; 0 where the replication never completes. Where it does, they sum to
        the time of completion.
    binding
        Node to whether it lies on the binding path, shape ``(n,)``; nodes that never do are left out.
    """

    days: dict[str, Column] = field(default_factory=dict)
    binding: dict[str, Mask] = field(default_factory=dict)

    def charge(self, cause: str, days: Column, on: Mask) -> None:
        """Add days to a cause in some replications."""
        column = self.days.setdefault(cause, np.zeros(on.shape))
        np.add(column, days, out=column, where=on)

    def reach(self, node: str, on: Mask) -> None:
        """Put a node on the binding path of some replications."""
        self.binding[node] = self.binding[node] | on if node in self.binding else on


def ledger(bound: Bound, times: Times, finish: str) -> Ledger:
    """Return the ledger of the node ``finish`` over all replications.

    Parameters
    ----------
    bound
        The plan with its amounts, as the engine saw it.
    times
        What the engine returned.
    """
    found = Ledger()
    found.reach(finish, np.isfinite(times.of(finish)))
    with np.errstate(invalid="ignore"):  # infinity minus infinity, in replications that are not charged
        for name in reversed(tuple(bound.plan.nodes)):
            on = found.binding.get(name)
            if on is None or not on.any():
                found.binding.pop(name, None)
                continue
            _charge(found, bound, times, name)
            for other, chosen in _predecessors(bound.plan.nodes[name], times, times.row[name]):
                found.reach(other, on & chosen)
    return found


def _predecessors(node: Node, times: Times, row: int) -> list[tuple[str, Mask | bool]]:
    """Return the nodes that could have set this node's time, and where each did."""
    match node:
        case Work(after=after) | Attempts(after=after):
            return _chosen(after, times, times.ready[row])
        case All(after=after) | Any(after=after) | Reach(after=after):
            return _chosen(after, times, times.fire[row])
        case Outcome(attempts=other) | Within(event=other) | Without(deadline=other):
            return [(other, True)]
    return []


def _chosen(after: Sequence[str], times: Times, when: Column) -> list[tuple[str, Mask | bool]]:
    """Return where each predecessor fired at the moment that counts; of several, the first named."""
    left = np.ones(when.shape, dtype=bool)
    found: list[tuple[str, Mask | bool]] = []
    for name in after:
        here = left & (times.of(name) == when)
        left &= ~here
        found.append((name, here))
    return found


def _charge(found: Ledger, bound: Bound, times: Times, name: str) -> None:
    node, row, on = bound.plan.nodes[name], times.row[name], found.binding[name]
    if isinstance(node, At):
        found.charge(node.cause or "start", times.fire[row], on)
    elif isinstance(node, Work | Attempts):
        total = times.fire[row] - times.ready[row]
        parts = _parts(node, bound.columns(name), times, row)
        for cause, days in parts.items():
            found.charge(cause, days, on)
            total = total - days
        found.charge(node.cause or name, total, on)


def _parts(node: Work | Attempts, amounts: Sequence[Column], times: Times, row: int) -> Mapping[str, Column]:
    """Return the days of a work that are not its own: waiting, rework, and what the rate added."""
    parts: dict[str, Column] = {}
    if node.pool is not None:
        parts[f"waiting for {node.pool.rpartition('/')[2]}"] = times.waited[row]
    rework = np.zeros(times.fire.shape[1])
    work = amounts[0]
    if isinstance(node, Attempts):
        trials, count = times.trials[row], len(node.work)
        work = _sum_of(amounts[:count], trials)
        rework = _sum_of(amounts[count : 2 * count - 1], trials - 1)
        if node.reworked:
            parts[node.reworked] = rework
    if node.rate is not None and node.slowed:
        parts[node.slowed] = times.fire[row] - times.ready[row] - times.waited[row] - rework - to_ticks(work)
    return parts


def _sum_of(columns: Sequence[Column], count: Column) -> Column:
    """Return the sum of the first ``count`` columns, replication by replication."""
    total = np.zeros(count.shape)
    for index, column in enumerate(columns):
        np.add(total, column, out=total, where=count > index)
    return total
