"""Binding: a plan and its draws become plain columns and steps, the same for both engines.

Amounts are evaluated and profiles drawn here, over all replications at once, before a node fires; an engine
only walks through time. The exception are the later trials of attempts: few replications come to them, so
their amounts wait until an engine asks. Times are counted in ticks of 2^-33 day (about 10 microseconds): sums
and differences of times up to 2,800 years are then exact in floating point, so a tie is a tie in both engines
and the columns of a delay ledger add up without a remainder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Amount, Column, Values
from sim.chance.arrivals import COMMON
from sim.chance.kernels import kernel
from sim.chance.profiles import Profile
from sim.chance.steps import Steps
from sim.model.plan import Attempts, Node, Plan, Reach

LOOPS = "sim.engine.loops"
"""Where the compiled forms of this room's kernels are."""

TICKS_PER_DAY = 2.0**33
"""Times are whole multiples of one tick."""

SLACK = 1e-9
"""Work (or a sum of shares) within this fraction of the whole is done: rounding never costs a season."""


def to_ticks(days: Column) -> Column:
    """Round days to the nearest tick (still in days)."""
    ticks = days * TICKS_PER_DAY
    np.rint(ticks, out=ticks)
    ticks /= TICKS_PER_DAY
    return ticks


Rows: TypeAlias = NDArray[np.intp]
"""Positions of replications."""

Measure: TypeAlias = Callable[[Column], Column]
"""Turns the values of an amount into what engines count in."""


@dataclass(frozen=True, slots=True)
class Later:
    """A column that is evaluated only where it is asked for; ``rows`` says where it lies among the draws."""

    what: str
    amount: Amount
    measure: Measure
    draws: Values
    rows: Rows

    @overload
    def __getitem__(self, columns: slice) -> Later: ...
    @overload
    def __getitem__(self, columns: Rows) -> Column: ...
    def __getitem__(self, columns: slice | Rows) -> Later | Column:
        """Return the numbers in some replications; those of a slice are still to be evaluated."""
        rows = self.rows[columns]
        if isinstance(columns, slice):
            return replace(self, rows=rows)
        return self.measure(_checked(self.amount.column(self.draws.take(rows)), self.what))


Numbers: TypeAlias = Column | Later


@dataclass(frozen=True, slots=True)
class Bound:
    """A plan with its numbers in place.

    Attributes
    ----------
    amounts
        Node name to ``node.amounts()``, in that order, each a column of shape ``(n,)`` or, in the later
        trials of attempts, one that is evaluated later (:meth:`columns` evaluates all). Those that are times
        (an ``At`` day, work at rate 1, rework) are whole ticks; works, days and shares are never negative.
    profile_steps
        ``id(profile)`` to its steps, step times in whole ticks; read it with :meth:`steps`.
    """

    plan: Plan
    count: int
    amounts: Mapping[str, tuple[Numbers, ...]]
    profile_steps: Mapping[int, Steps]

    def columns(self, name: str) -> tuple[Column, ...]:
        """Return the amounts of a node in all replications."""
        everyone = np.arange(self.count)
        return tuple(each[everyone] if isinstance(each, Later) else each for each in self.amounts[name])

    def steps(self, profile: Profile) -> Steps:
        """Return the drawn steps of one of the plan's profiles."""
        return self.profile_steps[id(profile)]


def bind(plan: Plan, draws: Values) -> Bound:
    """Evaluate every amount and draw every profile of a plan.

    Raises
    ------
    ValueError
        An amount is not a number in some replication (infinity times 0, say).
    """
    found: dict[object, Column] = {}
    amounts = {name: tuple(_numbers(name, node, draws, found)) for name, node in plan.nodes.items()}
    profiles = {id(profile): profile for node in plan.nodes.values() for profile in node.profiles()}
    steps = {key: profile.steps(draws, plan.horizon) for key, profile in profiles.items()}
    return Bound(plan, draws.count, amounts, _on_ticks(steps))


def _numbers(name: str, node: Node, draws: Values, found: dict[object, Column]) -> Iterator[Numbers]:
    """Yield the numbers of a node's amounts; nodes that share an amount share its column in ``found``."""
    everyone = np.arange(draws.count)
    for place, (amount, (measure, is_late)) in enumerate(zip(node.amounts(), _measures(node), strict=True)):
        what = f"amount {place} of node {name!r}"
        if is_late:
            yield Later(what, amount, measure, draws, everyone)
            continue
        key = id(amount), measure
        if key not in found:
            found[key] = measure(_checked(amount.column(draws), what))
        yield found[key]


def _measures(node: Node) -> list[tuple[Measure, bool]]:
    """Return how to measure each amount of a node, and whether it can wait."""
    if isinstance(node, Attempts):
        work = ticks if node.rate is None else _not_negative
        groups = ((work, node.work), (ticks, node.rework), (_as_it_is, node.luck))
        return [(measure, trial >= COMMON) for measure, group in groups for trial in range(len(group))]
    if isinstance(node, Reach):
        return [*((_not_negative, False) for _ in node.shares), (_as_it_is, False)]
    return [(_not_negative if getattr(node, "rate", None) else ticks, False) for _ in node.amounts()]


def _as_it_is(column: Column) -> Column:
    return column


def _not_negative(column: Column) -> Column:
    return np.maximum(column, 0.0)


@kernel(LOOPS)
def ticks(column: Column) -> Column:
    """Return days in whole ticks, 0 instead of days below."""
    return to_ticks(np.maximum(column, 0.0))


def _checked(column: Column, what: str) -> Column:
    if np.isnan(column.max(initial=0.0)):  # the largest of several is NaN if any is
        where = int(np.isnan(column).argmax())
        raise ValueError(f"{what} is not a number in row {where} of the draws")
    return column


def _on_ticks(profile_steps: Mapping[int, Steps]) -> dict[int, Steps]:
    """Round the times of steps; steps that share their times go on sharing them."""
    times = {id(steps.times): steps.times for steps in profile_steps.values()}
    rounded = {key: ticks(table.ravel()).reshape(table.shape) for key, table in times.items()}
    return {key: Steps(rounded[id(steps.times)], steps.values) for key, steps in profile_steps.items()}
