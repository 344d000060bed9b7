"""Holds: times in which nothing moves (or little), at known dates and at random ones.

License freezes, shutdowns, corridor closures and disruptions of a line are all holds. Random ones begin as a
Poisson process and last drawn times, from inputs of their own; holds that overlap are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.chance.amount import Amount, Input, Values, amount
from sim.chance.arrivals import COMMON, TWENTY_YEARS, ceiling, enough
from sim.chance.distributions import Distribution, Exponential
from sim.chance.law import Column
from sim.chance.profiles import Drawn, column
from sim.chance.steps import Steps, level, spells


@dataclass(frozen=True, eq=False)
class Holds(Drawn):
    """One value (0: nothing moves) during holds, 1 otherwise.

    Attributes
    ----------
    rate
        Expected holds per day.
    length
        Law of their lengths in days.
    inside
        The value during a hold.
    history
        Known holds as ``(first day, first day after)``.
    until
        No random hold begins before this day.
    horizon
        Days for which there are inputs: ``{name}.gap[k]`` and ``{name}.length[k]`` for the k-th random hold.
    """

    rate: Amount | float
    length: Distribution
    inside: Amount | float = 0.0
    history: tuple[tuple[Amount | float, Amount | float], ...] = ()
    until: float = 0.0
    horizon: float = TWENTY_YEARS

    def amounts(self) -> Iterable[Amount]:
        """Return rate, inside, known holds, and the holds' own inputs."""
        known = (day for hold in self.history for day in hold)
        own = (part for hold in self._random for part in hold)
        return (*map(amount, (self.rate, self.inside, *known)), *own)

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw gaps and lengths until every replication is past the horizon."""
        holds = [(column(begin, values), column(end, values)) for begin, end in self.history]
        holds += self._arrivals(values, horizon)
        if not holds:
            return level(np.ones(1))
        begin, end = (np.array(np.broadcast_arrays(*side)) for side in zip(*holds, strict=True))
        return spells(begin, end, inside=column(self.inside, values), outside=np.ones(1))

    def _arrivals(self, values: Values, horizon: float) -> Iterator[tuple[Column, Column]]:
        """Yield begins and ends of the random holds, infinite where there is none any more."""
        day, here, few = np.full(values.count, self.until), np.arange(values.count), values
        rate = np.broadcast_to(column(self.rate, values), values.count)
        for gap, length in self._random:
            with np.errstate(divide="ignore"):
                day = day + gap.column(few) / rate[here]
            on = np.flatnonzero(day <= horizon)
            if not on.size:
                return
            if on.size < here.size:
                here, day = here[on], day[on]
                few = values.take(here)
            begin, end = np.full((2, values.count), np.inf)
            begin[here], end[here] = day, day + length.column(few)
            yield begin, end
        if self._random:
            raise ValueError(f"{self.name} has inputs for {self.horizon:g} days, not for {horizon:g}")

    @cached_property
    def _random(self) -> tuple[tuple[Input, Input], ...]:
        each = range(enough(ceiling(self.rate), days=self.horizon - self.until, name=self.name))
        gaps = (Input(f"{self.name}.gap[{k}]", Exponential(1.0), stratified=k < COMMON) for k in each)
        lengths = (Input(f"{self.name}.length[{k}]", self.length, stratified=k < COMMON) for k in each)
        return tuple(zip(gaps, lengths, strict=True))
