"""Steps: piecewise-constant functions of time, one per replication, side by side in two arrays.

A profile (calendar, regime, hold, ramp) is drawn into steps before an engine starts; the SimPy engine walks
one replication's steps, the array engine inverts the cumulated steps of all. Nothing here knows what a step
means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column


@dataclass(frozen=True, slots=True)
class Steps:
    """A right-continuous step function per replication.

    Attributes
    ----------
    times
        Shape ``(k, n)``: the day each step begins. Row 0 is 0; a column never decreases; unused rows are
        infinite. Of several steps that begin at the same time the last one is in force.
    values
        Shape ``(k, n)``: the value in force from then on.

    A profile without chance may have ``n = 1``: it broadcasts over all replications.
    """

    times: Column
    values: Column

    def at(self, day: Column) -> Column:
        """Return the value in force at a day of each replication, shape ``(n,)``; at infinity, the last."""
        raise NotImplementedError
