"""Correlations: which drawn inputs the correlation of two quantities of the scenario means.

A quantity stands for several inputs: one per build, branch and repetition. Inputs pair up within a branch if
both are drawn there, else within a build, the first repetition with the first, and so on; what all builds
share pairs with each of them. Called by :mod:`sim.model.build`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sim.chance.copula import check_correlations
from sim.model.draft import Draft, Drawn

FIRST = {"", "[0]", "[0][0]"}
"""Repetitions that go with a quantity drawn only once."""


class ContradictionError(ValueError):
    """Correlations that no world can have; the message says which to lower."""


def correlations_of(draft: Draft) -> Mapping[tuple[str, str], float]:
    """Return the rank correlations between inputs, by pair of names.

    A quantity that this plan does not draw (of a supplier that nobody buys from) correlates with nothing.

    Raises
    ------
    ContradictionError
        The coefficients contradict each other.
    """
    found: dict[tuple[str, str], float] = {}
    for correlation in draft.world.scenario.correlations:
        first, second = (draft.world.drawn.get(path, {}) for path in correlation.between)
        found |= dict.fromkeys(_pairs(draft, first, second), correlation.coefficient)
    try:
        check_correlations(found)
    except ValueError as error:
        raise ContradictionError(str(error)) from None
    return found


def _pairs(
    draft: Draft, first: Mapping[str, Drawn], second: Mapping[str, Drawn]
) -> Iterator[tuple[str, str]]:
    builds = draft.world.scenario.builds
    for name, one in first.items():
        near = {key: each for key, each in second.items() if each.scope == one.scope} or {
            key: each for key, each in second.items() if _same_build(one, each, builds)
        }
        for partner, other in near.items():
            if _go_together(one.index, other.index):
                yield name, partner


def _same_build(one: Drawn, other: Drawn, builds: Collection[str]) -> bool:
    """Return whether two inputs belong to one build, or either to the world."""
    return len({_build_of(one, builds), _build_of(other, builds)} - {""}) < 2


def _build_of(drawn: Drawn, builds: Collection[str]) -> str:
    build = drawn.scope.partition("/")[0]
    return build if build in builds else ""


def _go_together(one: str, other: str) -> bool:
    return one == other or {one, other} <= FIRST
