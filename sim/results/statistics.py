"""Estimates with intervals from columns in which infinity means never.

Replications come in blocks whose inputs are Latin hypercubes, so binomial intervals would be too wide: the
spread between blocks says how uncertain an estimate is (McKay, Beckman and Conover, Technometrics 21 (1979),
page 239; Owen, J. Royal Statistical Society B 54 (1992), page 541). Called by ``comparison`` and ``summary``,
and by ``study`` to decide when a run is precise enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.chance.draws import BLOCK
from sim.results.sample_size import percentile_ranks, student, wilson

SHARES = (0.1, 0.5, 0.7, 0.8, 0.9)
"""The percentiles that are always reported."""

FEWEST_BLOCKS = 8
"""With fewer blocks their spread says too little; intervals then assume independent replications."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the interval that holds the true one 95 times in 100.

    An end is infinite where the replications give no bound; a percentile is infinite where it is never
    reached; all three are NaN where there is nothing to estimate from.
    """

    value: float
    low: float
    high: float


NOTHING = Estimate(math.nan, math.nan, math.nan)
"""The estimate from no replications at all."""


@dataclass(frozen=True)
class Sample:
    """Which replications an estimate is made from, and how they hang together.

    Attributes
    ----------
    count
        All replications in their order, from replication 0.
    selected
        Shape ``(count,)``: the replications that matter (those where both finish, say); None for all.
    block
        Replications per Latin hypercube; None if all replications are independent.
    """

    count: int
    selected: Mask | None = None
    block: int | None = BLOCK

    @property
    def size(self) -> int:
        """Return how many replications are selected."""
        return self.count if self.selected is None else int(np.count_nonzero(self.selected))

    @property
    def blocks(self) -> int:
        """Return how many whole blocks there are to compare; 0 if they are too few."""
        whole = self.count // self.block if self.block else 0
        return whole if whole >= FEWEST_BLOCKS else 0

    def take(self, values: Column) -> Column:
        """Return the selected values."""
        return values if self.selected is None else values[self.selected]

    def error(self, values: Column | Mask) -> float:
        """Return the standard error of the mean of selected values, from the spread between blocks.

        With a selection this is the ratio of two sums; its error is linearized as in Cochran, Sampling
        Techniques, 3rd edition, section 2.11.
        """
        if self.selected is None:
            sums, weights = self._sums(values), np.full(self.blocks, float(self.block or 0))
        else:
            sums, weights = self._sums(np.where(self.selected, values, 0.0)), self._sums(self.selected)
        if not weights.any():
            return math.inf
        residuals = (sums - sums.sum() / weights.sum() * weights) / weights.mean()
        return float(residuals.std(ddof=1)) / math.sqrt(self.blocks)

    def _sums(self, values: Column | Mask) -> Column:
        whole = values[: self.blocks * (self.block or 0)]
        sums: Column = whole.reshape(self.blocks, -1).sum(axis=1, dtype=np.float64)
        return sums


def percentiles(
    values: Column,
    shares: Sequence[float] = SHARES,
    *,
    selected: Mask | None = None,
    block: int | None = BLOCK,
) -> tuple[Estimate, ...]:
    """Return percentiles with their intervals.

    The percentile at share p is the smallest value that at least p of the selected replications do not
    exceed; never counts as infinity, so a percentile above the share that finishes is infinite. Its interval
    is the one of p turned back into values: Woodruff, J. American Statistical Association 47 (1952),
    page 635; with fewer than 8 blocks, binomial order statistics.

    Parameters
    ----------
    values
        Shape ``(n,)``, all replications in their order; infinity for never.
    shares
        Each between 0 and 1.
    selected, block
        As in :class:`Sample`.
    """
    sample = Sample(len(values), selected, block)
    ordered = np.sort(sample.take(values))
    if not ordered.size:
        return tuple(NOTHING for _ in shares)
    return tuple(_percentile(values, ordered, share, sample) for share in shares)


def _percentile(values: Column, ordered: Column, share: float, sample: Sample) -> Estimate:
    count = len(ordered)
    value = float(ordered[rank_of(share, count) - 1])
    if not sample.blocks:
        low, high, _ = percentile_ranks(count, share)
        return Estimate(value, _ranked(ordered, low), _ranked(ordered, high))
    # Beside an atom (or at never) the share jumps across p: the larger of the two errors is the honest one.
    error = max(sample.error(values < value), sample.error(values <= value))
    half = student(sample.blocks - 1) * error
    low, high = math.floor(count * (share - half)), math.ceil(count * (share + half)) + 1
    return Estimate(value, _ranked(ordered, low), _ranked(ordered, high))


def rank_of(share: float, count: int) -> int:
    """Return the rank, from 1, of a percentile among ordered values."""
    return max(math.ceil(share * count - 1e-9), 1)


def _ranked(ordered: Column, rank: int) -> float:
    if rank < 1:
        return -math.inf
    return float(ordered[rank - 1]) if rank <= len(ordered) else math.inf


def probability(hits: Mask, *, selected: Mask | None = None, block: int | None = BLOCK) -> Estimate:
    """Return the share of selected replications in which something happens, with its interval.

    It is Wilson's interval for as many independent replications as would give the error found between
    blocks, hence never of width 0; with fewer than 8 blocks, and at 0 and 1, the replications themselves
    are counted. After Korn and Graubard, Survey Methodology 24 (1998), page 193.

    Parameters
    ----------
    hits
        Shape ``(n,)``, all replications in their order.
    selected, block
        As in :class:`Sample`.
    """
    sample = Sample(len(hits), selected, block)
    size = sample.size
    if not size:
        return NOTHING
    share = float(np.count_nonzero(hits if selected is None else hits & selected)) / size
    if not sample.blocks or share in (0.0, 1.0):
        return Estimate(share, *wilson(share, size, quantile=student(10**9)))
    error = max(sample.error(hits), 1.0 / size)
    worth = share * (1.0 - share) / error**2
    return Estimate(share, *wilson(share, worth, quantile=student(sample.blocks - 1)))


def mean(values: Column, *, selected: Mask | None = None, block: int | None = BLOCK) -> Estimate:
    """Return the mean of selected replications, which must be finite, with its interval.

    With fewer than 8 blocks the interval is Student's, for independent replications.

    Parameters
    ----------
    values
        Shape ``(n,)``, all replications in their order; those not selected may be anything.
    selected, block
        As in :class:`Sample`.
    """
    sample = Sample(len(values), selected, block)
    chosen = sample.take(values)
    if not chosen.size:
        return NOTHING
    middle = float(chosen.mean())
    if sample.blocks:
        half = student(sample.blocks - 1) * sample.error(values)
    elif chosen.size > 1:
        half = student(chosen.size - 1) * float(chosen.std(ddof=1)) / math.sqrt(chosen.size)
    else:
        half = math.inf
    return Estimate(middle, middle - half, middle + half)
