"""Samples: what is looked at in each replication, as a function of the times an engine found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.engine.times import Times

from .judge import Sample


def fires(node: str) -> Sample:
    """Sample the day a node fires."""
    return lambda times: times.of(node)


def starts(node: str) -> Sample:
    """Sample the day a node starts."""
    return lambda times: times.start[times.row[node]]


def trials(node: str) -> Sample:
    """Sample the number of trials of some attempts."""
    return lambda times: times.trials[times.row[node]]


def if_ever(node: str) -> Sample:
    """Sample the day a node fires, 0 for never."""
    return lambda times: np.where(np.isfinite(times.of(node)), times.of(node), 0.0)


def at(sample: Sample, day: float) -> Sample:
    """Sample whether something is exactly a number."""
    return lambda times: (sample(times) == day).astype(float)


def over(sample: Sample, day: float) -> Sample:
    """Sample whether something is larger than a number."""
    return lambda times: (sample(times) > day).astype(float)


def after(later: str, *earlier: str) -> Sample:
    """Sample whether a node fires after all of some others."""
    return lambda times: (times.of(later) > np.max([times.of(name) for name in earlier], axis=0)).astype(
        float
    )


def both(one: Sample, other: Sample) -> Sample:
    """Sample whether both came true."""
    return lambda times: one(times) * other(times)


def waited(services: Iterable[str]) -> Sample:
    """Sample the mean days some requests wait for their pool."""
    names = tuple(services)
    return lambda times: np.mean([times.waited[times.row[name]] for name in names], axis=0)


def waits(service: str) -> Sample:
    """Sample whether a request waits for its pool at all."""
    return lambda times: (times.waited[times.row[service]] > 0).astype(float)


@dataclass(frozen=True)
class Window:
    """The customers of a queue who come by a day, of whom there are ``expected`` on average.

    What Poisson arrivals find is the stationary state only over all that come in a time: the first one, say,
    comes after a while in which nobody did. So each sample is a sum over those who come, over the number
    expected.
    """

    customers: Sequence[tuple[str, str]]
    until: float
    expected: float

    def waits(self, times: Times) -> Column:
        """Sample the share that waits."""
        return self._sum(times, self._waited(times) > 0)

    def waited(self, times: Times) -> Column:
        """Sample the mean days of waiting."""
        return self._sum(times, self._waited(times))

    def stayed(self, times: Times) -> Column:
        """Sample the mean days from coming to leaving."""
        return self._sum(times, self._leave(times) - self._come(times))

    def stayed_longer(self, days: float) -> Sample:
        """Sample the share that stays longer than some days."""
        return lambda times: self._sum(times, self._leave(times) - self._come(times) > days)

    def _sum(self, times: Times, each: NDArray[Any]) -> Column:
        found: Column = np.sum(np.where(self._come(times) <= self.until, each, 0.0), axis=0) / self.expected
        return found

    def _come(self, times: Times) -> Column:
        return np.array([times.of(comes) for comes, _ in self.customers])

    def _leave(self, times: Times) -> Column:
        return np.array([times.of(leaves) for _, leaves in self.customers])

    def _waited(self, times: Times) -> Column:
        return np.array([times.waited[times.row[leaves]] for _, leaves in self.customers])


def present(customers: Sequence[tuple[str, str]], moment: float) -> Sample:
    """Sample how many of some customers, given as nodes of coming and leaving, are there at a moment."""

    def sample(times: Times) -> Column:
        come, gone = (np.array([times.of(pair[side]) for pair in customers]) for side in (0, 1))
        there: Column = np.count_nonzero((come <= moment) & (gone > moment), axis=0).astype(float)
        return there

    return sample
