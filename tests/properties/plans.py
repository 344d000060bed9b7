"""Strategies for plans and draws: every kind of node, with the corners where engines could part.

Times are often small integers (ties), zero or infinite; rates are often zero; pools are small and asked by
many nodes, some of which depend on each other. Numbers may be inputs, so that replications differ.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any as Anything

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.chance.amount import Amount, Column, Constant, Input, T, Values
from sim.chance.distributions import Uniform
from sim.chance.steps import Steps
from sim.model.plan import All, Any, At, Attempts, Node, Outcome, Plan, Reach, Within, Without, Work

HORIZON = 40.0

GIVEN = Uniform(0.0, 1.0)
"""A law that nobody asks: the values of inputs are given."""

SHARE = st.sampled_from([0.0, -0.5, 0.1, 0.3, 0.6, 1.0, 1 / 3])
REQUIRED = st.sampled_from([0.0, 0.3, 0.9, 1.0, 1.0, 2.0, -1.0])
CHANCE = st.sampled_from([0.0, 0.2, 0.5, 1.0, 1 / 3])
UGLY = st.floats(0.0, 12.0, allow_subnormal=False)


@dataclass(frozen=True)
class Numbers:
    """Where the numbers of a plan come from."""

    amount: st.SearchStrategy[float]
    day: st.SearchStrategy[float]
    gap: st.SearchStrategy[float]
    rate: st.SearchStrategy[float]
    luck: st.SearchStrategy[float]


TIDY = Numbers(
    amount=st.sampled_from([0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0]),
    day=st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 8.0]),
    gap=st.sampled_from([1.0, 1.0, 2.0, 3.0, 4.0]),
    rate=st.sampled_from([0.0, 0.5, 1.0, 1.0, 2.0]),
    luck=st.sampled_from([0.0, 0.2, 0.4, 0.5, 0.69, 0.999]),
)
"""Small numbers, so that much happens at the same time and work fits its steps exactly."""

WILD = Numbers(
    amount=st.one_of(
        TIDY.amount, UGLY, st.sampled_from([np.inf, -1.0, 1 / 3, 0.3, 1.05, 0.7, 1e-9, 0.25, 4 + 3e-9, 40.0])
    ),
    day=st.one_of(TIDY.day, UGLY, st.sampled_from([np.inf, 5.3, 12.0, 40.0, 41.0, -2.0])),
    gap=st.one_of(TIDY.gap, UGLY, st.sampled_from([0.0, np.inf])),
    rate=st.sampled_from([0.0, 0.0, 0.25, 1.0, 1 / 3, 0.1, 0.35, 0.7]),
    luck=st.floats(0.0, 1.0, exclude_max=True),
)
"""Everything a plan may hold."""


@dataclass
class GivenDraws:
    """Draws that are given, not drawn."""

    count: int
    columns: dict[str, Column]

    def value(self, name: str) -> Column:
        return self.columns[name]

    @property
    def replications(self) -> NDArray[np.int64]:
        return np.arange(self.count)

    def take(self, rows: NDArray[np.intp]) -> GivenDraws:
        return GivenDraws(len(rows), {name: column[rows] for name, column in self.columns.items()})

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        return make()


@dataclass(eq=False)
class GivenProfile:
    """A profile whose steps are amounts: gaps between step times, and values."""

    name: str
    gaps: tuple[Amount, ...]
    heights: tuple[Amount, ...]

    def amounts(self) -> tuple[Amount, ...]:
        return (*self.gaps, *self.heights)

    def steps(self, values: Values, horizon: float) -> Steps:
        times = np.cumsum([np.zeros(values.count), *(gap.column(values) for gap in self.gaps)], axis=0)
        heights = np.array([height.column(values) for height in self.heights])
        shared = not any(isinstance(part, Input) for part in self.amounts())
        return Steps(times[:, :1], heights[:, :1]) if shared else Steps(times, heights)


@dataclass
class Draft:
    """A plan in the making: draws what it needs and keeps the columns of the inputs."""

    draw: st.DrawFn
    numbers: Numbers
    count: int
    crowded: bool = False
    nodes: dict[str, Node] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    pools: dict[str, int] = field(default_factory=dict)
    profiles: list[GivenProfile] = field(default_factory=list)
    chances: list[GivenProfile] = field(default_factory=list)

    def number(self, values: st.SearchStrategy[float]) -> Amount:
        """Return a constant, or an input with a value for each replication."""
        if self.draw(st.booleans()):
            return Constant(self.draw(values))
        name = f"input{len(self.columns)}"
        drawn = self.draw(st.lists(values, min_size=self.count, max_size=self.count))
        self.columns[name] = np.array(drawn, dtype=float)
        return Input(name, GIVEN)

    def profile(self, heights: st.SearchStrategy[float]) -> GivenProfile:
        steps = self.draw(st.integers(1, 5))
        gaps = tuple(self.number(self.numbers.gap) for _ in range(steps - 1))
        return GivenProfile("profile", gaps, tuple(self.number(heights) for _ in range(steps)))

    def some(self, most: int = 2) -> tuple[str, ...]:
        """Return some of the last nodes, maybe none."""
        if not self.nodes:
            return ()
        return tuple(self.draw(st.lists(st.sampled_from(list(self.nodes)[-8:]), max_size=most, unique=True)))

    def one(self) -> str:
        return self.draw(st.sampled_from(list(self.nodes)))

    def where(self) -> dict[str, Anything]:
        """Return pool, rate and cancelling node of something that takes time."""
        pools, rates = [None, *self.pools, *self.pools], [None, *self.profiles, *self.profiles]
        if self.crowded:
            return {
                "pool": self.draw(st.sampled_from(pools[1:])),
                "rate": self.draw(st.sampled_from(rates[:2])),
            }
        unless = self.one() if self.nodes and self.draw(st.integers(0, 3)) == 0 else None
        return {
            "pool": self.draw(st.sampled_from(pools)),
            "rate": self.draw(st.sampled_from(rates)),
            "unless": unless,
        }

    # One function for each kind of node

    def at(self) -> Node:
        return At(self.number(self.numbers.day))

    def work(self) -> Node:
        return Work(self.some(), self.number(self.numbers.amount), **self.where())

    def all(self) -> Node:
        return All(self.some(4))

    def any(self) -> Node:
        return Any(self.some(4))

    def reach(self) -> Node:
        after = self.some(6)
        shares = tuple(self.number(SHARE) for _ in after)
        return Reach(after, shares, self.number(REQUIRED))

    def attempts(self) -> Node:
        trials = self.draw(st.integers(1, 4))
        deny = self.draw(st.sampled_from([None, *self.chances]))
        return Attempts(
            self.some(2),
            tuple(self.number(self.numbers.amount) for _ in range(trials)),
            tuple(self.number(self.numbers.amount) for _ in range(trials - 1)),
            tuple(self.number(self.numbers.luck) for _ in range(trials)),
            approve=self.draw(st.sampled_from(self.chances)),
            deny=deny,
            **self.where(),
        )

    def outcome(self) -> Node:
        tried = [name for name, node in self.nodes.items() if isinstance(node, Attempts)]
        return Outcome(self.draw(st.sampled_from(tried)), self.draw(st.booleans())) if tried else self.at()

    def within(self) -> Node:
        return Within(self.one(), self.one()) if self.nodes else self.at()

    def without(self) -> Node:
        return Without(self.one(), self.one()) if self.nodes else self.at()


KINDS = (
    Draft.at,
    *(Draft.work,) * 6,
    Draft.all,
    Draft.any,
    Draft.reach,
    *(Draft.attempts,) * 3,
    *(Draft.outcome,) * 2,
    Draft.within,
    Draft.without,
)


CROWDED = (*(Draft.at,) * 3, *(Draft.work,) * 10, *(Draft.attempts,) * 2, Draft.outcome, Draft.all)


@st.composite
def plans_and_draws(draw: st.DrawFn, *, crowded: bool = False) -> tuple[Plan, GivenDraws]:
    """Return a plan of up to 24 nodes and the draws of a few replications.

    In a crowded plan all work asks for one of two pools, much of it after other work that does.
    """
    draft = Draft(
        draw, draw(st.sampled_from([TIDY, WILD])), draw(st.integers(1, 8 if crowded else 4)), crowded
    )
    draft.pools = {f"pool{i}": draw(st.integers(1, 3)) for i in range(draw(st.integers(1, 2)))}
    draft.profiles = [draft.profile(draft.numbers.rate) for _ in range(draw(st.integers(1, 2)))]
    draft.chances = [draft.profile(CHANCE) for _ in range(draw(st.integers(1, 2)))]
    kinds = st.sampled_from(CROWDED if crowded else KINDS)
    for place, kind in enumerate(draw(st.lists(kinds, min_size=5, max_size=24))):
        node = kind(draft)
        draft.nodes[f"{place}.{type(node).__name__}"] = node
    plan = Plan(draft.nodes, draw(st.sampled_from([HORIZON, HORIZON, 12.0, 5.3])), draft.pools)
    return plan, GivenDraws(draft.count, draft.columns)
