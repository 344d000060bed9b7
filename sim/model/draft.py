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
from sim.chance.distributions import Distribution, Uniform, distribution
from sim.chance.profiles import Profile
from sim.model.plan import Node
from sim.scenario.checks import matches
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.scenario.world import Risk

P = TypeVar("P", bound=Profile)


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
            The scope has a node of that name.
        """
        full = self.scope + name
        if full in self.world.nodes:
            raise ValueError(f"the plan has two nodes named {full!r}")
        self.world.nodes[full] = node
        return full

    def has(self, name: str) -> bool:
        """Return whether this scope has a node of that name."""
        return self.scope + name in self.world.nodes

    def pool(self, name: str, servers: int) -> str:
        """Add a pool to this scope (once) and return its full name."""
        self.world.pools[self.scope + name] = servers
        return self.scope + name

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
        numbers = index if trial is None else (*index, trial)
        base = self._input(path, quantity, "".join(f"[{i}]" for i in numbers))
        for name, risk in self.world.scenario.risks.items():
            if risk.enabled and any(matches(pattern, path) for pattern in risk.affects):
                base = self._struck(base, name, risk, delayed=not trial)
        return base

    def luck(self, path: str, *index: int) -> Input:
        """Return a uniform draw on 0..1 for a decision of chance."""
        return Input(f"{self.scope}{path}.luck" + "".join(f"[{i}]" for i in index), Uniform(0.0, 1.0))

    def day(self, date: datetime.date) -> float:
        """Return a date as days since the scenario's start."""
        return float((date - self.world.scenario.start).days)

    def _input(self, path: str, quantity: Quantity, index: str) -> Amount:
        if quantity.law == "fixed":
            return Constant(quantity.central)
        name = f"{self.scope}{path}{index}"
        self.world.drawn.setdefault(path, {})[name] = Drawn(self.scope, index)
        return Input(name, law_of(quantity))

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


def law_of(quantity: Quantity) -> Distribution:
    """Return the law of a quantity."""
    return distribution(quantity.law, quantity.parameters, minimum=quantity.minimum, maximum=quantity.maximum)


def is_nothing(quantity: Quantity) -> bool:
    """Return whether a quantity is certainly 0: a mechanism it would drive can be left out of the plan."""
    return quantity.is_fixed and quantity.central == 0.0
