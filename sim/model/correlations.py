"""Correlations: which drawn inputs the correlation of two quantities of the scenario means.

A quantity stands for several inputs: one per build, branch and repetition. Inputs pair up within a build, the
first repetition with the first, and so on; what all builds share pairs with each of them. Called by
:mod:`sim.model.build`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.model.draft import Drawn, Draft

FIRST = {"", "[0]", "[0][0]"}
"""Repetitions that go with a quantity drawn only once."""


def correlations_of(draft: Draft) -> Mapping[tuple[str, str], float]:
    """Return the rank correlations between inputs, by pair of names.

    A quantity that this plan does not draw (of a supplier that nobody buys from) correlates with nothing.
    """
    found: dict[tuple[str, str], float] = {}
    for correlation in draft.world.scenario.correlations:
        first, second = (draft.world.drawn.get(path, {}) for path in correlation.between)
        found |= dict.fromkeys(_pairs(draft, first, second), correlation.coefficient)
    return found


def _pairs(
    draft: Draft, first: Mapping[str, Drawn], second: Mapping[str, Drawn]
) -> Iterator[tuple[str, str]]:
    builds = draft.world.scenario.builds
    for name, one in first.items():
        for partner, other in second.items():
            together = {_build_of(one, builds), _build_of(other, builds)} - {""}
            if len(together) < 2 and _go_together(one.index, other.index):
                yield name, partner


def _build_of(drawn: Drawn, builds: Mapping[str, object]) -> str:
    build = drawn.scope.partition("/")[0]
    return build if build in builds else ""


def _go_together(one: str, other: str) -> bool:
    return one == other or {one, other} <= FIRST
