"""Profiles: functions of time that are drawn once per replication; all time-dependence enters through them.

Here is what a profile is, the simplest ones, and the ones made of others. Calendars, regimes, holds and ramps
have modules of their own. Called by ``model`` (which names them in a plan) and ``engine`` (which draws them).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.chance.amount import Amount, Constant, Values, amount
from sim.chance.law import Column
from sim.chance.steps import Steps, level, minimum, product, spells, total


class Profile(Protocol):
    """A function of time that is drawn once per replication."""

    @property
    def name(self) -> str:
        """Return the name, of which the names of the profile's own inputs begin."""
        ...

    def amounts(self) -> Iterable[Amount]:
        """Yield the amounts (hence the inputs) the profile is drawn from."""
        ...

    def steps(self, values: Values, horizon: float) -> Steps:
        """Draw the profile for all replications, up to the horizon in days."""
        ...


@dataclass(frozen=True, eq=False)
class Drawn:
    """What profiles share: each is drawn once per draws, however often used."""

    name: str

    def amounts(self) -> Iterable[Amount]:
        """Return the amounts the profile is drawn from."""
        return ()

    def steps(self, values: Values, horizon: float) -> Steps:
        """Return the profile in all replications, up to the horizon in days."""
        return values.once((self, horizon), lambda: self.draw(values, horizon))

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw the profile, without looking whether it has been drawn."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Level(Drawn):
    """The same value at all times."""

    value: Amount | float

    def amounts(self) -> Iterable[Amount]:
        """Return the value."""
        return (amount(self.value),)

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw the value."""
        return level(column(self.value, values))


@dataclass(frozen=True, eq=False)
class Window(Drawn):
    """One value from a day to another (the end excluded), and another value before and after."""

    begin: Amount | float
    end: Amount | float
    inside: Amount | float = 1.0
    outside: Amount | float = 0.0

    def amounts(self) -> Iterable[Amount]:
        """Return begin, end, and the two values."""
        return tuple(map(amount, (self.begin, self.end, self.inside, self.outside)))

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw days and values."""
        begin, end, inside, outside = (column(part, values) for part in self.amounts())
        return spells(begin[np.newaxis], end[np.newaxis], inside=inside, outside=outside)


@dataclass(frozen=True, eq=False)
class _Combined(Drawn):
    profiles: tuple[Profile, ...]

    def __post_init__(self) -> None:
        if not self.profiles:
            raise ValueError(f"{type(self).__name__.lower()} {self.name!r} is made of no profiles")

    def amounts(self) -> Iterable[Amount]:
        """Yield the amounts of the parts."""
        for profile in self.profiles:
            yield from profile.amounts()

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw the parts and combine them."""
        return self._combine([profile.steps(values, horizon) for profile in self.profiles])

    def _combine(self, parts: Sequence[Steps]) -> Steps:
        raise NotImplementedError


class Product(_Combined):
    """The product of profiles: one slows down another."""

    def _combine(self, parts: Sequence[Steps]) -> Steps:
        return product(parts)


class Minimum(_Combined):
    """The least of profiles at each time: the bottleneck."""

    def _combine(self, parts: Sequence[Steps]) -> Steps:
        return minimum(parts)


class Sum(_Combined):
    """The sum of profiles: sources beside each other."""

    def _combine(self, parts: Sequence[Steps]) -> Steps:
        return total(parts)


def column(number: Amount | float, values: Values) -> Column:
    """Return an amount's values, shape ``(count,)``, or ``(1,)`` where it is the same in all replications."""
    number = amount(number)
    return np.array([number.number]) if isinstance(number, Constant) else number.column(values)
