"""Story: what the figures need to know of one scenario, as plain data.

A study's results are turned into stories by whoever draws them; nothing here knows folders, plans or engines.
Times are days since the scenario's start, infinity for never (not by the horizon).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sim.chance.amount import Column
from sim.results.facts import Facts
from sim.results.statistics import Estimate, probability, rank_of


@dataclass(frozen=True, eq=False)
class Story:
    """The simulated futures of one scenario.

    Attributes
    ----------
    facts
        Name, title and dates; figures write the title.
    completion
        Shape ``(n,)``: days since the start, infinity for never; replications in their order, because the
        intervals compare blocks.
    milestones
        Milestone to days of shape ``(n,)``, in the order in which they are drawn.
    suppliers, strategy
        Who delivers, and the kind of strategy ("single", "switch", "split" …); they decide the color.
    cost
        Shape ``(n,)``: what is spent, in USD; None where the scenario has no prices.
    budget_usd
        The budget, or None.

    Raises
    ------
    ValueError
        There is no replication, a value is not a number, or a column has another number of replications.
    """

    facts: Facts
    completion: Column
    milestones: Mapping[str, Column] = field(default_factory=dict)
    suppliers: tuple[str, ...] = ()
    strategy: str = "single"
    cost: Column | None = None
    budget_usd: float | None = None

    def __post_init__(self) -> None:
        if self.replications == 0:
            raise ValueError(f"scenario {self.facts.name!r} has no replications to draw")
        costs = {} if self.cost is None else {"cost": self.cost}
        for what, column in {"completion": self.completion, **self.milestones, **costs}.items():
            if column.shape != self.completion.shape:
                wrong = f"has {column.size} replications, not {self.replications}"
                raise ValueError(f"scenario {self.facts.name!r}: {what} {wrong}")
            if np.isnan(column).any():
                raise ValueError(f"scenario {self.facts.name!r}: {what} holds a value that is not a number")

    @property
    def replications(self) -> int:
        """Return the number of simulated futures."""
        return int(self.completion.size)

    @property
    def never(self) -> Estimate:
        """Return the share of futures that are not complete by the horizon, with its interval."""
        return probability(np.isinf(self.completion))

    def by(self, when: date) -> Estimate:
        """Return the share of futures complete by a date, with its interval."""
        return probability(self.completion <= self.facts.day(when))


def percentile(days: Column, share: float) -> float:
    """Return the smallest time by which at least this share has happened; infinity if it never has."""
    rank = rank_of(share, days.size) - 1
    return float(np.partition(days, rank)[rank])


def checked(stories: Sequence[Story]) -> tuple[Story, ...]:
    """Return the stories, of which there must be at least one.

    Raises
    ------
    ValueError
        There is none.
    """
    if not stories:
        raise ValueError("a figure needs at least one scenario, got none")
    return tuple(stories)
