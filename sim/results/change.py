"""Change: how far a percentile moves from one run to another on the same luck.

The luck is shared, so the interval of the difference is far narrower than those of the two percentiles.
Called by sweeps, tornados and whoever asks whether two values of a lever differ at all.
"""

from __future__ import annotations

import math

import numpy as np

from sim.chance.amount import Column
from sim.chance.draws import BLOCK
from sim.results.sample_size import student
from sim.results.statistics import NOTHING, Estimate, Sample, rank_of

NEIGHBORHOOD = 0.02
"""Half the share of replications around a percentile from which the density there is estimated."""


def percentile_change(before: Column, after: Column, share: float, *, block: int | None = BLOCK) -> Estimate:
    """Return the percentile of ``after`` minus that of ``before``, with its interval.

    Each percentile is linearized as in Bahadur, Annals of Mathematical Statistics 37 (1966), page 577: its
    error is that of the share below it, divided by the density. With fewer than 8 blocks the replications
    count as independent.

    Parameters
    ----------
    before, after
        Shape ``(n,)``: days on the same luck; infinity for never.

    Returns
    -------
    Estimate
        In days; infinite if only ``after`` is never, minus infinite if only ``before`` is, NaN if both are.
    """
    first, second = (_percentile(column, share) for column in (before, after))
    if not (math.isfinite(first) and math.isfinite(second)):
        value = second - first if math.isfinite(first) or math.isfinite(second) else math.nan
        return NOTHING if math.isnan(value) else Estimate(value, value, value)
    moved = _influence(before, first, share) - _influence(after, second, share)
    sample = Sample(len(before), None, block)
    if sample.blocks:
        half = student(sample.blocks - 1) * sample.error(moved)
    else:
        half = student(max(len(moved) - 1, 1)) * float(moved.std()) / math.sqrt(len(moved))
    return Estimate(second - first, second - first - half, second - first + half)


def _percentile(days: Column, share: float) -> float:
    rank = rank_of(share, days.size) - 1
    return float(np.partition(days, rank)[rank])


def _influence(days: Column, value: float, share: float) -> Column:
    """Return what each replication contributes to the error of a percentile, with the sign of the share."""
    low, high = max(share - NEIGHBORHOOD, 0.0), min(share + NEIGHBORHOOD, 1.0)
    ends = [_percentile(days, each) for each in (low, high)]
    finite = days[np.isfinite(days)]
    top = ends[1] if math.isfinite(ends[1]) else float(finite.max())
    held = np.mean((days >= ends[0]) & (days <= top))
    width = top - ends[0]
    return ((days <= value) - share) * (width / held)
