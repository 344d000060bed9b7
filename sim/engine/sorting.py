"""Sorting rows of times in each replication on its own, ties by the order of the rows.

Times and row numbers are packed into one integer, which numpy sorts several times faster than it finds a
stable order of floats. Called by queues (requests by ready time) and by shares that add up (``Reach``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.engine.bind import TICKS_PER_DAY
from sim.engine.progress import Index

LARGEST_KEY = 2.0**62


def places_in_order(days: Column, horizon: float) -> Index | None:
    """Return, for each replication, where its times lie in ascending order.

    Parameters
    ----------
    days
        Shape ``(r, m)``; whole ticks, not after the horizon, or infinite.

    Returns
    -------
    Index or None
        Shape ``(r, m)``: positions in the flattened ``days``; None if all columns are in order already.
    """
    if (days[1:] >= days[:-1]).all():
        return None
    places: Index = _ranks(days, horizon) * days.shape[1] + np.arange(days.shape[1])
    return places


def _ranks(days: Column, horizon: float) -> Index:
    bits, last_tick = (len(days) - 1).bit_length(), (horizon + 1.0) * TICKS_PER_DAY
    if last_tick >= LARGEST_KEY / 2**bits:
        return np.argsort(days, axis=0, kind="stable")
    keys: NDArray[np.int64] = np.minimum(days * TICKS_PER_DAY, last_tick).astype(np.int64)
    keys <<= bits
    keys |= np.arange(len(days))[:, None]
    keys.sort(axis=0)
    keys &= (1 << bits) - 1
    return keys
