"""Discovery: which corner of the inputs makes a build late, as a box in words, and as files for PRIM.

A shallow tree (CART; Breiman et al. 1984) is fitted to one half of the replications and its purest late leaf
is judged on the other, so that its own fit does not flatter it (density and coverage as in Bryant and
Lempert, Technological Forecasting and Social Change 77 (2010), page 34). Called by the command line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from sim.chance.amount import Column
from sim.chance.draws import BLOCK
from sim.results.drivers import family, rank_correlation, ranks_of
from sim.results.errors import StudyError
from sim.results.files import explained, replaced
from sim.results.ledger import Mask
from sim.results.statistics import Estimate, probability
from sim.scenario.explain import quantities
from sim.scenario.load import Loaded
from sim.scenario.units import DIMENSIONS
from sim.study.explore import Explored

INPUTS = 30
"""Inputs that are kept: those whose ranks go most with the ranks of completion."""

DEPTH = 3
SMALLEST_LEAF = 0.05
"""Splits that may bound a box, and the share of the replications that it holds at least."""

_LATER = re.compile(r"\[(?:[2-9]|\d{2,})\]")


@dataclass(frozen=True, slots=True)
class Condition:
    """Above ``low`` and at most ``high``, in the unit of the input; an infinite end bounds nothing."""

    input: str
    low: float
    high: float
    unit: str = ""

    def holds(self, values: Column) -> Mask:
        """Return where values meet the condition."""
        return (values > self.low) & (values <= self.high)

    @property
    def text(self) -> str:
        """Return the condition as words such as "site.permits > 143 days"."""
        low = f"{self.low:,.3g} < " if math.isfinite(self.low) else ""
        high = f" <= {self.high:,.3g}" if math.isfinite(self.high) else ""
        found = f"{low}{self.input}{high}" if high else f"{self.input} > {self.low:,.3g}"
        return f"{found} {self.unit}".rstrip()


@dataclass(frozen=True)
class Box:
    """Conditions that hold together, as they fared on replications they were not fitted to.

    Attributes
    ----------
    density
        Share of the futures inside that are late.
    coverage
        Share of the late futures that are inside.
    size
        Share of all futures that are inside.
    """

    conditions: tuple[Condition, ...]
    density: Estimate
    coverage: Estimate
    size: Estimate


@dataclass(frozen=True)
class Discovery:
    """What was found.

    Attributes
    ----------
    by
        Date after which a build is late; never is late.
    inputs
        Input to its values in its own unit, shape ``(n,)``, the most correlated first.
    completion
        Days since the start, infinity for never, shape ``(n,)``.
    late
        Shape ``(n,)``.
    base
        Share of late futures in the half that judges.
    box
        None where no box is surely denser than the base.
    """

    by: date
    inputs: Mapping[str, Column]
    completion: Column
    late: Mask
    base: Estimate
    box: Box | None


def discover(
    explored: Explored, *, by: date | None = None, units: Mapping[str, str] | None = None
) -> Discovery:
    """Return the inputs that matter and the box of inputs in which the build is late.

    Parameters
    ----------
    by
        Date after which a build is late; by default the target.
    units
        Path of a quantity to its unit, from :func:`units_of`.

    Raises
    ------
    StudyError
        There is no date, there are fewer than two blocks of replications, or scikit-learn is missing.
    """
    by, completion = by or explored.subject.target, explored.completion
    if by is None:
        raise StudyError(f"{explored.subject.name} promises no date: say after which date it is late")
    if len(completion) < 2 * BLOCK:
        raise StudyError(f"discovery needs {2 * BLOCK} replications or more, not {len(completion)}")
    late = completion > explored.subject.facts.day(by)
    fit = np.arange(len(completion)) // BLOCK % 2 == 0
    inputs = _values(explored, _relevant(explored, fit))
    judged = {name: column[~fit] for name, column in inputs.items()}
    base = probability(late[~fit])
    conditions = _purest({name: column[fit] for name, column in inputs.items()}, late[fit], units or {})
    box = _judge(conditions, judged, late[~fit])
    found = box if box and box.density.low > base.high else None
    return Discovery(by, inputs, completion, late, base, found)


def units_of(loaded: Loaded) -> dict[str, str]:
    """Return the unit of every quantity of a scenario that has one, by path."""
    found = ((path, DIMENSIONS[each.dimension].canonical) for path, each in quantities(loaded))
    return {path: unit for path, unit in found if unit}


def export(found: Discovery, folder: Path) -> tuple[Path, Path]:
    """Write ``inputs.csv`` and ``outcomes.csv``, a row per replication, and return their paths.

    ``Prim(inputs, outcomes["late"].to_numpy(), threshold)`` of EMA Workbench takes them as pandas reads them.
    A completion that never comes is empty.

    Raises
    ------
    StudyError
        The folder cannot be written.
    """
    finite = np.where(np.isfinite(found.completion), found.completion, np.nan)
    return (
        _write(folder / "inputs.csv", found.inputs),
        _write(folder / "outcomes.csv", {"late": found.late, "completion": finite}),
    )


def _write(path: Path, columns: Mapping[str, Any]) -> Path:
    import pandas as pd

    text = pd.DataFrame(dict(columns)).to_csv(index=False, lineterminator="\n")
    with explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as file:
            file.write(text.encode())
    return path


def _relevant(explored: Explored, fit: Mask) -> list[str]:
    """Return the inputs that go most with completion in the fitted half, without later repetitions."""
    ranks = ranks_of(explored.completion[fit])
    related = {
        name: abs(rank_correlation(uniforms[fit], ranks))
        for name, uniforms in explored.uniforms.items()
        if not _LATER.search(name)
    }
    return sorted(related, key=lambda name: -related[name])[:INPUTS]


def _values(explored: Explored, names: Sequence[str]) -> dict[str, Column]:
    laws = {name: explored.subject.plan.inputs[name].distribution for name in names}
    return {name: law.quantile(explored.uniforms[name]) for name, law in laws.items()}


def _purest(inputs: Mapping[str, Column], late: Mask, units: Mapping[str, str]) -> tuple[Condition, ...]:
    """Return the leaf of a tree with the largest share of late futures, the larger of equals."""
    if not inputs:
        return ()
    names, table = list(inputs), np.column_stack(list(inputs.values()))
    tree = _classifier().fit(table, late)
    places, counts = np.unique(tree.apply(table), return_inverse=True)
    sizes = np.bincount(counts)
    shares = np.bincount(counts, weights=late) / sizes
    leaf = int(places[np.lexsort((sizes, shares))[-1]])
    limits: dict[str, tuple[float, float]] = {}
    for feature, low, high in reversed(list(_splits(tree.tree_, leaf))):
        one, other = limits.get(names[feature], (-math.inf, math.inf))
        limits[names[feature]] = max(one, low), min(other, high)
    return tuple(Condition(name, *ends, _unit(name, units)) for name, ends in limits.items())


def _classifier() -> Any:
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError as error:
        raise StudyError('discovery needs scikit-learn: pip install "chiproute[discovery]"') from error
    return DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=SMALLEST_LEAF, random_state=0)


def _splits(tree: Any, leaf: int) -> Iterator[tuple[int, float, float]]:
    """Yield the feature and the limits of each split above a leaf, the root last."""
    while leaf:
        left = leaf in tree.children_left
        above = int(np.flatnonzero((tree.children_left if left else tree.children_right) == leaf)[0])
        limit = float(tree.threshold[above])
        yield int(tree.feature[above]), *((-math.inf, limit) if left else (limit, math.inf))
        leaf = above


def _unit(name: str, units: Mapping[str, str]) -> str:
    return units.get(family(name).rpartition("/")[2], "")


def _judge(conditions: Sequence[Condition], inputs: Mapping[str, Column], late: Mask) -> Box | None:
    if not conditions:
        return None
    inside = np.all([each.holds(inputs[each.input]) for each in conditions], axis=0)
    return Box(
        tuple(conditions),
        density=probability(late, selected=inside),
        coverage=probability(inside, selected=late),
        size=probability(inside),
    )
