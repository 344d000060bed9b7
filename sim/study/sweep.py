"""Sweep: how the answer depends on a lever or an assumption, on the same luck at every point.

Says which value is best, which are as good within the noise, and the last one that is still safe. Called by
the command line and the API.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sim.results.change import percentile_change
from sim.results.errors import StudyError
from sim.results.run import Run
from sim.results.statistics import Estimate, percentiles, probability
from sim.results.summary import never
from sim.scenario.load import Loaded, load
from sim.study.shared import Variant
from sim.study.variants import Options, completions, runs_of
from sim.study.vary import Axis, grid

MOST_POINTS = 2_000


@dataclass(frozen=True, slots=True)
class Point:
    """The answer at one point: the values of the axes, percentiles in days, probabilities."""

    values: tuple[float, ...]
    texts: tuple[str, ...]
    p50: Estimate
    p80: Estimate
    by: Estimate | None
    never: Estimate


@dataclass(frozen=True)
class Sweep:
    """The answer at every point of a grid, the last axis fastest.

    Attributes
    ----------
    by
        The date of the probability at each point; None if nothing was promised and no date given.
    best
        Index of the point with the earliest P80; then with the least never, then the earliest P50.
    as_good
        Indices of the points whose P80 differs from the best by no more than the noise.
    safe_share, last_safe
        The probability that counts as safe, and the index of the last point of the first axis from which it
        is reached by the date; None if it is at no point, or there are two axes.
    """

    axes: tuple[Axis, ...]
    runs: tuple[Run, ...]
    points: tuple[Point, ...]
    by: date | None
    best: int
    as_good: tuple[int, ...]
    safe_share: float
    last_safe: int | None


def sweep(
    name: str,
    axes: Sequence[Axis],
    *,
    overrides: Sequence[str] = (),
    options: Options | None = None,
    by: date | None = None,
    safe_share: float = 0.5,
) -> Sweep:
    """Run a scenario at each point of the grid of one or two axes.

    Parameters
    ----------
    by
        Date of the probability; by default the scenario's target.

    Raises
    ------
    StudyError
        There is no axis, there are more than two, or too many points.
    ScenarioError
        The scenario cannot be found, or a value makes it wrong.
    """
    return sweep_of(load(name, overrides), axes, options=options, by=by, safe_share=safe_share)


def sweep_of(
    loaded: Loaded,
    axes: Sequence[Axis],
    *,
    options: Options | None = None,
    by: date | None = None,
    safe_share: float = 0.5,
) -> Sweep:
    """Return the sweep of a scenario that is loaded already; as :func:`sweep`."""
    options = options or Options()
    size = math.prod(len(axis.values) for axis in axes)
    if not 1 <= len(axes) <= 2 or size > MOST_POINTS:
        raise StudyError(
            f"a sweep has one or two axes and at most {MOST_POINTS} points, got {len(axes)} and {size}"
        )
    subjects = grid(loaded, axes)
    columns = completions([Variant(subject.plan) for subject in subjects], options)
    runs = tuple(runs_of([subject.facts for subject in subjects], columns, options))
    by = by or runs[0].facts.target
    spots = _spots(axes)
    points = tuple(_point(run, by, *spot) for run, spot in zip(runs, spots, strict=True))
    best = min(range(len(points)), key=lambda index: _rank(points[index]))
    as_good = tuple(i for i, run in enumerate(runs) if i == best or _same(runs[best], run))
    safe = [i for i, point in enumerate(points) if point.by is not None and point.by.value >= safe_share]
    last = safe[-1] if safe and len(axes) == 1 else None
    return Sweep(tuple(axes), runs, points, by, best, as_good, safe_share, last)


def _spots(axes: Sequence[Axis]) -> list[tuple[tuple[float, ...], tuple[str, ...]]]:
    spots: list[tuple[tuple[float, ...], tuple[str, ...]]] = [((), ())]
    for axis in axes:
        steps = list(zip(axis.values, axis.texts, strict=True))
        spots = [((*values, value), (*texts, text)) for values, texts in spots for value, text in steps]
    return spots


def _point(run: Run, by: date | None, values: tuple[float, ...], texts: tuple[str, ...]) -> Point:
    p50, p80 = percentiles(run.completion, (0.5, 0.8))
    share = probability(run.completion <= run.facts.day(by)) if by is not None else None
    return Point(values, texts, p50, p80, share, never(run))


def _rank(point: Point) -> tuple[float, float, float]:
    return point.p80.value, point.never.value, point.p50.value


def _same(best: Run, other: Run) -> bool:
    moved = percentile_change(best.completion, other.completion, 0.8)
    return moved.low <= 0.0 <= moved.high if math.isfinite(moved.value) else False
