"""Times: what an engine returns, the same for both engines.

One row per node in plan order, one column per replication, days since the start, infinity for never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.chance.amount import Column


@dataclass(frozen=True, slots=True)
class Times:
    """When each node was ready, started and fired.

    Attributes
    ----------
    row
        Node name to its row.
    ready, start, fire
        Shape ``(nodes, n)``. For nodes other than ``Work`` and ``Attempts`` the three are equal. A cancelled
        work has a ready time and infinite start and fire.
    waited
        Shape ``(nodes, n)``: days spent in queues of a pool (all trials of an attempt together); 0 without a
        pool and for a request that was cancelled; infinite if the node still waits at the horizon.
    trials
        Shape ``(nodes, n)``: trials that came to a decision, 0 for nodes that are not ``Attempts``.
    """

    row: Mapping[str, int]
    ready: Column
    start: Column
    fire: Column
    waited: Column
    trials: Column

    def of(self, node: str) -> Column:
        """Return the fire times of a node, shape ``(n,)``."""
        fired: Column = self.fire[self.row[node]]
        return fired
