"""The draft: where mechanisms write a plan, node by node.

It names nodes and inputs by scope (``uzbekistan/nvidia/license``), turns quantities of the scenario into
amounts, and lets risks act on them. Mechanisms get a draft and return node names; :mod:`sim.model.build`
turns the finished draft into a :class:`~sim.model.plan.Plan`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from sim.chance.amount import Amount, Constant, Formula, Input, choose, less
from sim.chance.arrivals import COMMON
from sim.chance.distributions import Distribution, Uniform, distribution
from sim.chance.profiles import Profile
from sim.model.plan import Node
from sim.scenario.checks import matches
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.scenario.world import Risk

P = TypeVar("P", bound=Profile)

MOST_NODES = 4_000
MOST_NUMBERS = 50_000
"""A plan with more stages, or amounts in them, is refused: it would take minutes instead of seconds."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where an input of a quantity is drawn: in which scope, and for which repetition."""

    scope: str
    index: str


@dataclass
class World:
    """What all scopes of one draft share; ``drawn`` holds the inputs of each quantity by path and name."""

    scenario: Scenario
    nodes: dict[str, Node] = field(default_factory=dict)
    pools: dict[str, int] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    drawn: dict[str, dict[str, Drawn]] = field(default_factory=dict)
    numbers: int = 0

    def grow(self, *, numbers: int = 0) -> None:
        """Count what is added.

        Raises
        ------
        ValueError
            The plan is larger than it may be.
        """
        self.numbers += numbers
        if self.numbers > MOST_NUMBERS or len(self.nodes) > MOST_NODES:
            raise ValueError(
                f"demand: the plan has over {MOST_NODES} stages, or {MOST_NUMBERS} numbers in them; order "
                "in larger lots, in fewer tranches, or with fewer repetitions"
            )


@dataclass(frozen=True)
class Draft:
    """A scope of a plan in the making. ``scope`` is empty for the world, else ends in a slash."""

    world: World
    scope: str = ""

    def within(self, name: str) -> Draft:
        """Return the scope of a build or a branch inside this one."""
        return Draft(self.world, f"{self.scope}{name}/")

    @property
    def shared(self) -> Draft:
        """Return the scope of the world, for what all builds share."""
        return Draft(self.world)

    def add(self, name: str, node: Node) -> str:
        """Add a node and return its full name.

        Raises
        ------
        ValueError
            The scope has a node of that name, or the plan has too many.
        """
        full = self.scope + name
        if full in self.world.nodes:
            raise ValueError(f"the plan has two nodes named {full!r}")
        self.world.nodes[full] = node
        self.world.grow()
        return full

    def has(self, name: str) -> bool:
        """Return whether this scope has a node of that name."""
        return self.scope + name in self.world.nodes

    def pool(self, name: str, servers: int) -> str:
        """Add a pool to this scope (once) and return its full name.

        Raises
        ------
        ValueError
            The scope has a pool of that name and another size.
        """
        full = self.scope + name
        if self.world.pools.setdefault(full, servers) != servers:
            raise ValueError(
                f"pools.{name}: the plan has a pool of its own that is named so; choose another name"
            )
        return full

    def profile(self, name: str, make: Callable[[str], P]) -> P:
        """Return the profile of that name in this scope, made on first use."""
        full = self.scope + name
        if full not in self.world.profiles:
            self.world.profiles[full] = make(full)
        return self.world.profiles[full]  # type: ignore[return-value]  # a name stands for one kind of profile

    def amount(self, path: str, quantity: Quantity, *index: int, trial: int | None = None) -> Amount:
        """Return a quantity as an amount, with the risks that touch its path.

        ``index`` tells the third lot from the second, ``trial`` a second application from the first: each is
        its own input. A risk delays every lot, but only the first trial.
        """
        self.world.grow(numbers=1)
        base = self._input(path, quantity, _numbered(*index, trial), stratified=_is_common(trial))
        for name, risk in self.world.scenario.risks.items():
            if risk.enabled and any(matches(pattern, path) for pattern in risk.affects):
                base = self._struck(base, name, risk, delayed=not trial)
        return base

    def luck(self, path: str, *index: int, trial: int | None = None) -> Input:
        """Return a uniform draw on 0..1 for a decision of chance, numbered as in :meth:`amount`."""
        self.world.grow(numbers=1)
        name = f"{self.scope}{path}.luck{_numbered(*index, trial)}"
        return Input(name, Uniform(0.0, 1.0), stratified=_is_common(trial))

    def day(self, date: datetime.date) -> float:
        """Return a date as days since the scenario's start."""
        return float((date - self.world.scenario.start).days)

    def _input(self, path: str, quantity: Quantity, index: str, *, stratified: bool = True) -> Amount:
        if quantity.law == "fixed":
            return Constant(quantity.central)
        name = f"{self.scope}{path}{index}"
        self.world.drawn.setdefault(path, {})[name] = Drawn(self.scope, index)
        return Input(name, self.law(path, quantity), stratified)

    def law(self, path: str, quantity: Quantity) -> Distribution:
        """Return the law of the quantity at a path.

        Raises
        ------
        ValueError
            Nothing can be drawn from it; names the path.
        """
        bounds = {"minimum": quantity.minimum, "maximum": quantity.maximum}
        try:
            return distribution(quantity.law, quantity.parameters, **bounds)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def _struck(self, base: Amount, name: str, risk: Risk, *, delayed: bool) -> Amount:
        occurs = self.occurrence(name, risk)
        path = f"risks.{name}"
        if risk.factor is not None:
            base = base * choose(occurs, self.shared._input(f"{path}.factor", risk.factor, ""), 1.0)
        if risk.delay is not None and delayed:
            base = base + occurs * self.shared._input(f"{path}.delay", risk.delay, "")
        return base

    def occurrence(self, name: str, risk: Risk) -> Amount:
        """Return 1 in the replications in which a risk occurs, else 0."""
        return less(self.shared.luck(f"risks.{name}"), self._chance(f"risks.{name}", risk))

    def _chance(self, path: str, risk: Risk) -> Amount:
        """Return the chance of a risk: given, or that of at least one Poisson event in its window."""
        if risk.chance is not None:
            return self.shared._input(f"{path}.chance", risk.chance, "")
        assert risk.rate is not None  # checked with the file
        assert risk.window is not None
        rate = self.shared._input(f"{path}.rate", risk.rate, "")
        expected = rate * self.shared._input(f"{path}.window", risk.window, "")
        return -1.0 * Formula(np.expm1, (-1.0 * expected,))

    @property
    def horizon(self) -> float:
        """Return the horizon in days since the start."""
        return self.day(self.world.scenario.horizon)


def _numbered(*index: int | None) -> str:
    return "".join(f"[{i}]" for i in index if i is not None)


def _is_common(trial: int | None) -> bool:
    """Return whether so many replications come to a trial that its inputs are worth a stratum each."""
    return trial is None or trial < COMMON


def is_nothing(quantity: Quantity) -> bool:
    """Return whether a quantity is certainly 0: a mechanism it would drive can be left out of the plan."""
    return quantity.is_fixed and quantity.central == 0.0
