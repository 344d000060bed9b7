"""Binding: a plan and its draws become plain columns and steps, the same for both engines.

Every amount is evaluated and every profile drawn here, over all replications at once, before a node fires;
an engine only walks through time. Times are counted in ticks of 2^-33 day (about 10 microseconds): sums and
differences of times up to 2,800 years are then exact in floating point, so a tie is a tie in both engines
and the columns of a delay ledger add up without a remainder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column, Values
from sim.chance.profiles import Profile
from sim.chance.steps import Steps
from sim.model.plan import At, Attempts, Node, Plan, Reach, Work

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


@dataclass(frozen=True, slots=True)
class Bound:
    """A plan with its numbers in place.

    Attributes
    ----------
    amounts
        Node name to the columns of ``node.amounts()``, in that order, each of shape ``(n,)``. Those that are
        times (an ``At`` day, work at rate 1, rework) are whole ticks; works, days and shares are never
        negative.
    profile_steps
        ``id(profile)`` to its steps, step times in whole ticks; read it with :meth:`steps`.
    """

    plan: Plan
    count: int
    amounts: Mapping[str, tuple[Column, ...]]
    profile_steps: Mapping[int, Steps]

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
    amounts = {name: _columns(node, draws) for name, node in plan.nodes.items()}
    for name, columns in amounts.items():
        _check_numbers(name, columns)
    profiles = {id(profile): profile for node in plan.nodes.values() for profile in node.profiles()}
    steps = {key: _on_ticks(profile.steps(draws, plan.horizon)) for key, profile in profiles.items()}
    return Bound(plan, draws.count, amounts, steps)


def _columns(node: Node, draws: Values) -> tuple[Column, ...]:
    columns = tuple(part.column(draws) for part in node.amounts())
    if isinstance(node, Work | Attempts):
        durations = len(node.amounts()) - (len(node.luck) if isinstance(node, Attempts) else 0)
        timed = tuple(np.maximum(column, 0.0) for column in columns[:durations])
        first = len(node.work) if isinstance(node, Attempts) else 1
        works = timed[:first] if node.rate is not None else tuple(map(to_ticks, timed[:first]))
        return (*works, *map(to_ticks, timed[first:]), *columns[durations:])
    if isinstance(node, At):
        return (to_ticks(np.maximum(columns[0], 0.0)),)
    if isinstance(node, Reach):
        return (*(np.maximum(share, 0.0) for share in columns[:-1]), columns[-1])
    return columns


def _check_numbers(name: str, columns: tuple[Column, ...]) -> None:
    for place, column in enumerate(columns):
        if np.isnan(column.max(initial=0.0)):  # the largest of several is NaN if any is
            where = int(np.isnan(column).argmax())
            raise ValueError(f"amount {place} of node {name!r} is not a number in row {where} of the draws")


def _on_ticks(steps: Steps) -> Steps:
    return Steps(to_ticks(steps.times), steps.values)
