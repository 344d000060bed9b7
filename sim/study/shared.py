"""Shared luck: many variants of one plan run on the same draws, with what they have in common done once.

Variants of a scenario differ in one lever or one assumption; drawing inputs and profiles takes longer than
solving the plan, so what is equal in two variants is drawn for the first and kept. The times are those of
separate runs, to the last bit. Called by sweeps, maps, flip points and the tornado.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sim.chance.amount import Column
from sim.chance.draws import Draws, draw
from sim.chance.profiles import Drawn
from sim.model.plan import Plan

T = TypeVar("T")


def with_common_parts(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """Return the plans with nodes that are equal in the first and in another one the same object.

    Equal means equal to the last byte when pickled, so nothing that matters can differ.
    """
    if not plans:
        return ()
    known = {pickle.dumps((name, node)): node for name, node in plans[0].nodes.items()}
    rest = (
        replace(plan, nodes={name: known.get(pickle.dumps((name, node)), node) for name, node in plan.nodes.items()})
        for plan in plans[1:]
    )
    return (plans[0], *rest)


def draws_of(plans: Sequence[Plan], *, seed: int, first: int, count: int) -> Iterator[Draws]:
    """Yield the draws of each plan, as :func:`sim.chance.draws.draw` would make them.

    Parameters
    ----------
    plans
        From :func:`with_common_parts`; what they share is drawn once.
    first, count
        Which replications.
    """
    base: Draws | None = None
    for plan in plans:
        if base is not None and plan.correlations == plans[0].correlations:
            yield _Like(plan.inputs, seed, base.replications, base, plans[0].horizon, profiles_of(plans[0]))
            continue
        fresh = draw(plan.inputs, seed=seed, first=first, count=count, correlations=plan.correlations)
        base = base or fresh
        yield fresh


def profiles_of(plan: Plan) -> frozenset[int]:
    """Return the identities of the profiles that a plan's nodes name."""
    return frozenset(id(profile) for node in plan.nodes.values() for profile in node.profiles())


@dataclass(frozen=True, eq=False)
class _Like(Draws):
    """The luck of a base plan, for a plan that may know other inputs, or other laws of the same inputs."""

    base: Draws
    horizon: float
    profiles: frozenset[int]
    fresh: dict[str, Draws] = field(default_factory=dict)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        match key:
            case (Drawn() as profile, self.horizon) if id(profile) in self.profiles:
                return self.base.once(key, lambda: profile.draw(self.base, self.horizon))  # type: ignore[return-value]
        return super().once(key, make)

    def _find_uniform(self, name: str) -> Column:
        if name in self.base.inputs:
            return self.base.uniform(name)
        if name not in self.fresh:
            inputs: Mapping = {name: self.inputs[name]}
            self.fresh[name] = draw(inputs, seed=self.seed, first=self.first, count=self.count)
        return self.fresh[name].uniform(name)

    def _find_value(self, name: str) -> Column:
        same = self.base.inputs.get(name) == self.inputs[name]
        return self.base.value(name) if same else super()._find_value(name)
