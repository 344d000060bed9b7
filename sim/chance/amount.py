"""Amounts: numbers that differ from one replication to the next, as small expressions of uncertain inputs.

A plan never holds drawn numbers; it holds amounts such as ``base * driver + event_days``. Engines evaluate
each amount over all replications at once, before the first node fires. Called by ``model`` (which writes
amounts), by profiles, and by ``engine`` (which evaluates them).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.chance.distributions import Distribution

Column = NDArray[np.float64]

T = TypeVar("T")


class Values(Protocol):
    """Drawn values by input name: what an amount needs in order to become a column."""

    @property
    def count(self) -> int:
        """Return how many replications are drawn."""
        ...

    def value(self, name: str) -> Column:
        """Return the drawn values of an input, shape ``(count,)``."""
        ...

    def take(self, rows: NDArray[np.intp]) -> Values:
        """Return the values in some replications only, by position."""
        ...

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` makes for a key, if possible made only once and kept."""
        ...


class Amount:
    """A number per replication. Combine with ``+ - * /``, :func:`less`, :func:`minimum`, :func:`choose`."""

    def column(self, values: Values) -> Column:
        """Return the amount in each replication, shape ``(count,)``."""
        raise NotImplementedError

    def parts(self) -> tuple[Amount, ...]:
        """Return the amounts this one is made of."""
        return ()

    def __add__(self, other: Amount | float) -> Amount:
        return Formula(np.add, (self, amount(other)))

    def __sub__(self, other: Amount | float) -> Amount:
        return Formula(np.subtract, (self, amount(other)))

    def __mul__(self, other: Amount | float) -> Amount:
        return Formula(np.multiply, (self, amount(other)))

    def __truediv__(self, other: Amount | float) -> Amount:
        return Formula(np.divide, (self, amount(other)))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Amount:
        return amount(other) - self

    def __rtruediv__(self, other: float) -> Amount:
        return amount(other) / self


@dataclass(frozen=True, slots=True)
class Constant(Amount):
    """The same number in every replication."""

    number: float

    def column(self, values: Values) -> Column:
        """Return the number, repeated."""
        return np.full(values.count, self.number)


@dataclass(frozen=True, slots=True)
class Input(Amount):
    """An uncertain input. Its name is part of the contract: the draw depends on seed and name alone.

    Attributes
    ----------
    stratified
        Whether each block of replications is a Latin hypercube in this input. False for what few replications
        ever ask for (the fourth application, the tenth hold): it is then drawn only where it is asked for.
    """

    name: str
    distribution: Distribution
    stratified: bool = True

    def column(self, values: Values) -> Column:
        """Return the drawn values."""
        return values.value(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Formula(Amount):
    """An elementwise numpy function of other amounts (a ufunc or a module-level function, so it pickles).

    It is evaluated once per draws, of however many other amounts it is a part.
    """

    function: Callable[..., Column]
    arguments: tuple[Amount, ...]

    def column(self, values: Values) -> Column:
        """Return the function of the arguments' columns."""
        return values.once(self, lambda: self._evaluated(values))

    def _evaluated(self, values: Values) -> Column:
        numbers = (
            part.number if isinstance(part, Constant) else part.column(values) for part in self.arguments
        )
        found = np.asarray(self.function(*numbers), dtype=np.float64)
        found = found if found.ndim else np.full(values.count, found)
        found.flags.writeable = False
        return found

    def parts(self) -> tuple[Amount, ...]:
        """Return the arguments."""
        return self.arguments


def amount(number: Amount | float) -> Amount:
    """Return an amount as it is, a number as a constant amount."""
    return number if isinstance(number, Amount) else Constant(float(number))


def maximum(first: Amount | float, second: Amount | float) -> Amount:
    """Return the larger of two amounts, replication by replication."""
    return Formula(np.maximum, (amount(first), amount(second)))


def minimum(first: Amount | float, second: Amount | float) -> Amount:
    """Return the smaller of two amounts, replication by replication."""
    return Formula(np.minimum, (amount(first), amount(second)))


def less(first: Amount | float, second: Amount | float) -> Amount:
    """Return 1 where the first amount is smaller than the second, else 0."""
    return Formula(np.less, (amount(first), amount(second)))


def choose(condition: Amount, then: Amount | float, otherwise: Amount | float) -> Amount:
    """Return ``then`` where the condition is not 0, else ``otherwise``."""
    return Formula(np.where, (condition, amount(then), amount(otherwise)))


def inputs_of(amounts: Iterable[Amount]) -> Iterator[Input]:
    """Yield each input that the amounts are made of, with repeats."""
    for part in amounts:
        if isinstance(part, Input):
            yield part
        yield from inputs_of(part.parts())
