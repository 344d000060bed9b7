"""Shared luck: many variants of one plan on the same draws, with what they have in common drawn once.

Variants of a scenario differ in a lever or an assumption; drawing inputs and profiles takes longer than
solving the plan, so what is equal in two variants is drawn for the first and kept. The times are those of
separate runs, to the last bit. Called by ``variants``.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim.chance.amount import Column, T, inputs_of
from sim.chance.draws import Draws, draw
from sim.chance.profiles import Drawn
from sim.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Variant:
    """A plan, and the inputs that are held at one uniform in all its replications (0.5: the median)."""

    plan: Plan
    held: Mapping[str, float] = field(default_factory=dict)


def with_common_parts(variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """Return the variants with nodes equal to those of the first plan replaced by the first plan's objects.

    Equal means equal to the last byte when pickled, so nothing that matters can differ.
    """
    first = variants[0].plan
    known = {pickle.dumps((name, node)): node for name, node in first.nodes.items()}

    def common(plan: Plan) -> Plan:
        if plan is first:
            return plan
        nodes = {name: known.get(pickle.dumps((name, node)), node) for name, node in plan.nodes.items()}
        return replace(plan, nodes=nodes)

    return tuple(replace(variant, plan=common(variant.plan)) for variant in variants)


def draws_of(variants: Sequence[Variant], *, seed: int, first: int, count: int) -> Iterator[Draws]:
    """Yield the draws of each variant, as :func:`sim.chance.draws.draw` makes them.

    Parameters
    ----------
    variants
        From :func:`with_common_parts`.
    first, count
        Which replications.
    """
    plan = variants[0].plan
    base = draw(plan.inputs, seed=seed, first=first, count=count, correlations=plan.correlations)
    for variant in variants:
        if variant.plan.correlations == plan.correlations:
            profiles = _free_profiles(plan, variant.held)
            yield _Like(variant.plan.inputs, seed, base.replications, base, variant.held, profiles)
        else:
            other = variant.plan
            fresh = draw(other.inputs, seed=seed, first=first, count=count, correlations=other.correlations)
            yield fresh.replaced(variant.held)


def _free_profiles(plan: Plan, held: Mapping[str, float]) -> frozenset[tuple[int, float]]:
    """Return the profiles of a plan that no held input shapes, by identity and horizon."""
    profiles = {id(each): each for node in plan.nodes.values() for each in node.profiles()}
    return frozenset(
        (key, plan.horizon)
        for key, profile in profiles.items()
        if not held or not any(part.name in held for part in inputs_of(profile.amounts()))
    )


@dataclass(frozen=True, eq=False)
class _Like(Draws):
    """The luck of a base plan, for one that may hold inputs, know others, or give them another law."""

    base: Draws
    held: Mapping[str, float]
    profiles: frozenset[tuple[int, float]]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        match key:
            case (Drawn() as profile, float(horizon)) if (id(profile), horizon) in self.profiles:
                profile.steps(self.base, horizon)  # kept there from now on
                return self.base.once(key, make)
        return super().once(key, make)

    def _find_uniform(self, name: str) -> Column:
        if name in self.held:
            return np.full(self.count, self.held[name])
        if name in self.base.inputs:
            return self.base.uniform(name)
        alone = draw({name: self.inputs[name]}, seed=self.seed, first=self.first, count=self.count)
        return alone.uniform(name)

    def _find_value(self, name: str) -> Column:
        same = name not in self.held and self.base.inputs.get(name) == self.inputs[name]
        return self.base.value(name) if same else super()._find_value(name)
