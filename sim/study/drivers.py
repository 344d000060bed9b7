"""Drivers of a scenario: what moves its date, by running it again with one thing at a time held still.

Rank correlations choose the candidates; then each is held at its median (a risk is switched off) in the same
futures, and the date moves by what that one thing does, interactions included. Called by the command line
and the API.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column
from sim.results.change import percentile_change
from sim.results.drivers import Influence, Stage, influences, merge_bias, paths, stages
from sim.results.statistics import Estimate, mean, percentiles
from sim.scenario.account import WEAKEST_FIRST
from sim.scenario.explain import quantities
from sim.scenario.load import Loaded, load
from sim.scenario.quantity import Grade
from sim.study.explore import Explored, explore
from sim.study.named import subject_of
from sim.study.shared import Variant
from sim.study.variants import Options, completions

CANDIDATES = 12
"""Quantities that are held at their medians; all risks are switched off besides."""

_NO_RISK = 1.0 - 2.0**-53


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the tornado: what happens when one quantity is held at its median or a risk is off.

    Attributes
    ----------
    days
        Change of the percentile; negative if the date comes earlier.
    on_time
        Change of the probability to be complete by the target; None without a target.
    grade
        Of the evidence of the quantity, or the weakest in the section that it belongs to.
    """

    path: str
    risk: bool
    days: Estimate
    on_time: Estimate | None
    grade: Grade | None


@dataclass(frozen=True)
class Drivers:
    """What decides the date.

    Attributes
    ----------
    share, percentile
        The percentile that the tornado moves: 0.8, or a lower one where that is never.
    tornado
        The widest bar first.
    low_grade_share
        Share of all bars' days that stand on low-grade evidence; NaN if nothing moves.
    """

    explored: Explored
    stages: list[Stage]
    paths: list[tuple[tuple[str, ...], float]]
    merge_bias: list[tuple[str, float]]
    influences: list[Influence]
    share: float
    percentile: Estimate
    tornado: list[Bar]
    low_grade_share: float


def drivers(
    name: str, *, overrides: Sequence[str] = (), options: Options | None = None, candidates: int = CANDIDATES
) -> Drivers:
    """Return what decides the date of a scenario.

    Raises
    ------
    ScenarioError
        The scenario cannot be found, or something in it is wrong.
    """
    loaded = load(name, overrides)
    explored = explore(subject_of(loaded), options or Options())
    return drivers_of(explored, loaded, candidates=candidates)


def drivers_of(explored: Explored, loaded: Loaded, *, candidates: int = CANDIDATES) -> Drivers:
    """Return what decides the date of an explored scenario; ``loaded`` tells the grades of its evidence."""
    plan, times, binding = explored.subject.plan, explored.times, explored.ledger.binding
    target = explored.subject.target
    by = None if target is None else explored.subject.facts.day(target)
    found = influences(explored.uniforms, explored.completion, by)
    grades = {path: quantity.grade for path, quantity in quantities(loaded)}
    share = share_to_move(explored.completion)
    bars = tornado(explored, found, share=share, grades=grades, candidates=candidates)
    return Drivers(
        explored,
        stages(plan, times, binding, explored.finish),
        paths(plan, binding),
        merge_bias(plan, times, binding),
        found,
        share,
        percentiles(explored.completion, (share,))[0],
        bars,
        low_grade_share(bars),
    )


def share_to_move(completion: Column) -> float:
    """Return 0.8, or 0.5 where that percentile is never, or 0.8 of those that complete."""
    done = float(np.isfinite(completion).mean())
    if done > 0.82:
        return 0.8
    return 0.5 if done > 0.52 else max(round(0.8 * done, 2), 0.01)


def tornado(
    explored: Explored,
    found: Sequence[Influence],
    *,
    share: float,
    grades: Mapping[str, Grade | None],
    candidates: int = CANDIDATES,
) -> list[Bar]:
    """Return the bars of the quantities that explain most, and of all risks, the widest first."""
    chosen = [each for each in found if not _is_risk(each)][:candidates]
    chosen += [each for each in found if _is_risk(each)]
    held = [Variant(explored.subject.plan, _held(each)) for each in chosen]
    columns = completions([Variant(explored.subject.plan), *held], explored.options)
    target = explored.subject.facts.target
    by = None if target is None else explored.subject.facts.day(target)
    bars = [
        Bar(
            each.path,
            _is_risk(each),
            percentile_change(columns[0], column, share),
            None if by is None else mean((column <= by).astype(np.float64) - (columns[0] <= by)),
            grade_of(each.path, grades),
        )
        for each, column in zip(chosen, columns[1:], strict=True)
    ]
    return sorted(bars, key=lambda bar: -_width(bar))


def grade_of(path: str, grades: Mapping[str, Grade | None]) -> Grade | None:
    """Return the grade of a quantity, or the weakest one in the nearest section above it that has any."""
    path = path.rpartition("/")[2]
    while path:
        below = [
            grade
            for each, grade in grades.items()
            if each == path or each.startswith((f"{path}.", f"{path}["))
        ]
        if below:
            return min(below, key=WEAKEST_FIRST.index)
        path = path.rpartition(".")[0]
    return None


def low_grade_share(bars: Sequence[Bar]) -> float:
    """Return the share of the days of all bars that stands on low-grade evidence; NaN if there are none."""
    days = [(abs(bar.days.value), bar.grade) for bar in bars if math.isfinite(bar.days.value)]
    total = sum(each for each, _ in days)
    return sum(each for each, grade in days if grade == "low") / total if total else math.nan


def _is_risk(influence: Influence) -> bool:
    return influence.path.startswith("risks.")


def _held(influence: Influence) -> dict[str, float]:
    """Return what to hold: all inputs at their medians, but of a risk only whether it strikes."""
    if not _is_risk(influence):
        return dict.fromkeys(influence.inputs, 0.5)
    return {name: _NO_RISK for name in influence.inputs if name.endswith(".luck")}


def _width(bar: Bar) -> float:
    return abs(bar.days.value) if not math.isnan(bar.days.value) else 0.0
