"""Regimes: a policy (or a market) that changes state at random times, after a history that is known.

A continuous-time Markov chain, drawn from inputs of its own, one waiting time and one choice per change; and
profiles that follow it: a value by state, and a transient after each change. However many profiles follow a
chain, they see the same path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Amount, Input, Values, amount
from sim.chance.arrivals import COMMON, TWENTY_YEARS, ceiling, enough
from sim.chance.distributions import Distribution, Exponential, Uniform
from sim.chance.kernels import LOOPS, kernel
from sim.chance.law import Column
from sim.chance.profiles import Drawn, column
from sim.chance.steps import Steps, level, pick, running_maximum

Index = NDArray[np.intp]
"""Positions of replications, or of states."""

Rates = Mapping[tuple[str, str], Amount | float]


@dataclass(frozen=True, eq=False)
class RegimeChain(Drawn):
    """The path of a continuous-time Markov chain; its values are positions in ``states``.

    Attributes
    ----------
    states
        Names of the states.
    history
        Known changes as ``(day, state)``, earliest first; the first holds at day 0 or before.
    rates
        Expected changes per day of stay, by ``(from, to)``. A state without a rate is never left.
    until
        There is no chance before this day, nor before the last known change, nor before day 0.
    horizon
        Days for which there are inputs: ``{name}.sojourn[k]`` and, where a state has several exits,
        ``{name}.next[k]`` for the k-th random change.

    Raises
    ------
    ValueError
        A state that is not in ``states``, or a history that is out of order or does not reach back to day 0.
    """

    states: tuple[str, ...]
    history: tuple[tuple[float, str], ...]
    rates: Rates = field(default_factory=dict)
    until: float = 0.0
    horizon: float = TWENTY_YEARS

    def __post_init__(self) -> None:
        days = [day for day, _ in self.history]
        named = [state for _, state in self.history] + [state for pair in self.rates for state in pair]
        unknown = [state for state in named if state not in self.states]
        if unknown:
            raise ValueError(f"{self.name}: there is no state {unknown[0]!r}, only {', '.join(self.states)}")
        if not days or days[0] > 0.0:
            raise ValueError(f"{self.name}: the history does not say which state day 0 finds")
        if days != sorted(days):
            raise ValueError(f"{self.name}: the history is not in the order of time")
        loops = [one for one, other in self.rates if one == other]
        if loops:
            raise ValueError(f"{self.name}: a rate leads from {loops[0]!r} to itself")

    @property
    def free_from(self) -> float:
        """Return the day from which changes are a matter of chance."""
        return max(0.0, self.until, self.history[-1][0])

    @property
    def known_rows(self) -> int:
        """Return how many rows of the drawn path are known changes; random ones follow."""
        return len(self._known)

    @property
    def most_changes(self) -> int:
        """Return how many random changes there are inputs for."""
        return len(self._sojourns)

    def amounts(self) -> Iterable[Amount]:
        """Return the rates and the chain's own inputs."""
        return (*map(amount, self.rates.values()), *self._sojourns, *self._choices)

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw the path: the known changes, then jumps until every replication is past the horizon."""
        count = values.count if self._sojourns else 1
        path = [(np.full(count, max(day, 0.0)), np.full(count, float(place))) for day, place in self._known]
        path += self._jumps(values, horizon) if self._sojourns else []
        times, states = zip(*path, strict=True)
        return Steps(np.array(times), np.array(states))

    @cached_property
    def _known(self) -> tuple[tuple[float, int], ...]:
        """Return the known changes that count, by position: the last one up to day 0, and those after it."""
        begun = sum(day <= 0.0 for day, _ in self.history)
        return tuple((day, self.states.index(state)) for day, state in self.history[begun - 1 :])

    def _jumps(self, values: Values, horizon: float) -> Iterator[tuple[Column, Column]]:
        """Yield the days (infinite where there is no change any more) and states of the random changes."""
        rates, here = self._cumulated_rates(values), np.arange(values.count)
        day, state = np.full(values.count, self.free_from), np.full(values.count, self._known[-1][1])
        for k, sojourn in enumerate(self._sojourns):
            few = values if here.size == values.count else values.take(here)
            choice = self._choices[k].column(few) if self._choices else np.zeros(1)
            stay, following = jumped(rates, state, here, sojourn=sojourn.column(few), choice=choice)
            day = day + stay
            on = np.flatnonzero(day <= horizon)
            if not on.size:
                return
            here, day, state = here[on], day[on], following[on]
            yield _spread(day, here, values.count, np.inf), _spread(state, here, values.count, 0.0)
        raise ValueError(f"{self.name} has inputs for {self.horizon:g} days, not for {horizon:g}")

    def _cumulated_rates(self, values: Values) -> Column:
        """Return the rates, summed over the states they lead to, shape ``(from, to, n or 1)``."""
        columns = {pair: column(rate, values) for pair, rate in self.rates.items()}
        table = np.zeros((len(self.states), len(self.states), max(map(len, columns.values()))))
        for (one, other), rate in columns.items():
            table[self.states.index(one), self.states.index(other)] = rate
        return np.cumsum(table, axis=1)

    @cached_property
    def _sojourns(self) -> tuple[Input, ...]:
        exits = [sum(ceiling(r) for (s, _), r in self.rates.items() if s == state) for state in self.states]
        count = enough(max(exits, default=0.0), days=self.horizon - self.free_from, name=self.name)
        return tuple(
            Input(f"{self.name}.sojourn[{k}]", Exponential(1.0), stratified=k < COMMON) for k in range(count)
        )

    @cached_property
    def _choices(self) -> tuple[Input, ...]:
        exits = [one for one, _ in self.rates]
        if len(exits) == len(set(exits)):
            return ()
        each = range(len(self._sojourns))
        return tuple(Input(f"{self.name}.next[{k}]", Uniform(0.0, 1.0), stratified=k < COMMON) for k in each)


@dataclass(frozen=True, eq=False)
class ByRegime(Drawn):
    """A value for each state of a chain, in force while the chain is in it.

    Raises
    ------
    ValueError
        A state of the chain has no value, or a value no state.
    """

    chain: RegimeChain
    values: Mapping[str, Amount | float]

    def __post_init__(self) -> None:
        odd = sorted(set(self.values) ^ set(self.chain.states))
        if odd:
            lacks = "no value for" if odd[0] in self.chain.states else "a value for the unknown"
            raise ValueError(f"{self.name} has {lacks} state {odd[0]!r} of {self.chain.name}")

    def amounts(self) -> Iterable[Amount]:
        """Return the chain's amounts, then the values."""
        return (*self.chain.amounts(), *map(amount, self.values.values()))

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw the values and lay them along the chain's path."""
        path = self.chain.steps(values, horizon)
        table = np.array(
            np.broadcast_arrays(*(column(self.values[state], values) for state in self.chain.states))
        )
        found = of_states(table, path.values)
        alone = path.count < found.shape[1]  # else profiles of one chain share its times
        return Steps(np.broadcast_to(path.times, found.shape).copy() if alone else path.times, found)


@dataclass(frozen=True, eq=False)
class Transient(Drawn):
    """A value for a drawn time after each change of a chain, 1 at other times: getting used to new rules.

    The lengths are inputs ``{name}.length[k]``, one per change: the known ones first (those before day 0 may
    still be felt; the first entry of the history is no change), then the random ones.
    """

    chain: RegimeChain
    value: Amount | float
    length: Distribution

    def amounts(self) -> Iterable[Amount]:
        """Return the chain's amounts, the value and the lengths."""
        return (*self.chain.amounts(), amount(self.value), *self._lengths)

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw the lengths and begin one at each change: every other step is a step of the chain."""
        path, inside = self.chain.steps(values, horizon), column(self.value, values)
        if not self._lengths:
            return level(np.ones(1))
        begin = np.broadcast_to(path.times, (len(path.times), values.count))
        end = np.array([self._first_end(values), *self._ends(begin[1:], values)])
        running_maximum(np.maximum(end, begin, out=end))
        np.minimum(end[:-1], begin[1:], out=end[:-1])
        times, drawn = np.empty((2, 2 * len(begin), values.count))
        times[0::2], times[1::2] = begin, end
        drawn[0::2], drawn[1::2] = inside, 1.0
        return Steps(times, drawn)

    def _first_end(self, values: Values) -> Column:
        """Return when the last transient of those that began by day 0 ends; day 0 if none is felt then."""
        end = np.zeros(values.count)
        for (day, _), length in zip(self.chain.history[1 : self._begun], self._lengths, strict=False):
            np.maximum(end, day + length.column(values), out=end)
        return end

    def _ends(self, begins: Column, values: Values) -> Iterator[Column]:
        """Yield when the transients of the later changes end, infinite where they do not begin."""
        for begin, length in zip(begins, self._lengths[self._begun - 1 :], strict=False):
            here = np.flatnonzero(begin < np.inf)
            yield _spread(begin[here] + length.column(values.take(here)), here, values.count, np.inf)

    @property
    def _begun(self) -> int:
        """Return how many entries of the chain's history have begun by day 0."""
        return len(self.chain.history) - self.chain.known_rows + 1

    @cached_property
    def _lengths(self) -> tuple[Input, ...]:
        known = len(self.chain.history) - 1
        each = range(known + self.chain.most_changes)
        return tuple(
            Input(f"{self.name}.length[{k}]", self.length, stratified=k < known + COMMON) for k in each
        )


@kernel(LOOPS)
def jumped(
    rates: Column, state: Index, columns: Index, *, sojourn: Column, choice: Column
) -> tuple[Column, Index]:
    """Return how many days chains stay in a state, and which they go to next.

    Parameters
    ----------
    rates
        Shape ``(from, to, n or 1)``: expected changes per day, summed over the states they lead to.
    state, columns, sojourn
        Shape ``(m,)``: where the chains are, their positions in ``rates``, and their days at a rate of 1.
    choice
        Shape ``(m,)`` or ``(1,)``: from 0 to 1, where among the exits.
    """
    exits = rates[state, :, columns if rates.shape[2] > 1 else 0]
    with np.errstate(divide="ignore"):
        stay = sojourn / exits[:, -1]
    return stay, np.argmax(exits > (exits[:, -1] * choice)[:, np.newaxis], axis=1)


@kernel(LOOPS)
def of_states(table: Column, states: Column) -> Column:
    """Return a number for each state of a path; ``table`` has shape ``(states, n or 1)``."""
    return pick(table, states.astype(np.intp))


def _spread(found: NDArray[Any], here: NDArray[np.intp], count: int, elsewhere: float) -> Column:
    """Return a column with numbers in some replications and one number elsewhere."""
    spread = np.full(count, elsewhere)
    spread[here] = found
    return spread
