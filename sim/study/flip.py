"""Flip points and maps: for which values of an assumption one strategy beats another, on the same luck.

The margin is the probability that the first is complete earlier minus the probability that it is later.
Where its sign changes is found by bisection in one assumption, and drawn over a grid of two. Called by the
command line and the API.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column
from sim.results.ledger import Mask
from sim.results.run import Run
from sim.results.statistics import Estimate, mean
from sim.scenario.load import Loaded, load
from sim.study.shared import Variant
from sim.study.variants import Options, completions, runs_of
from sim.study.vary import Axis, grid, value_text, varied

TOLERANCE = 1.0 / 256.0
"""Share of the range to which a flip point is narrowed."""


@dataclass(frozen=True)
class Flip:
    """Where the better of two strategies changes.

    Attributes
    ----------
    tried
        Value and margin of the first over the second, by rising value.
    value
        Where the margin is 0; None if it has the same sign at both ends.
    plus_minus
        Half the width of the values that the noise of the margins leaves open (95 %).
    first_wins_above
        Whether the first wins above the value rather than below it (without a flip: whether it wins at all).
    """

    first: str
    second: str
    axis: Axis
    tried: tuple[tuple[float, Estimate], ...]
    value: float | None
    plus_minus: float
    first_wins_above: bool


@dataclass(frozen=True)
class Map:
    """Who wins where: the margin of the first over the second on a grid, rows along the first axis.

    Attributes
    ----------
    margins
        Shape ``(len(axes[0].values), len(axes[1].values))``: from -1 (the second always wins) to 1.
    unclear
        Same shape: whether the interval of the margin holds 0.
    today
        The values the scenario itself has on the axes; None where it is not a plain number.
    """

    first: str
    second: str
    axes: tuple[Axis, Axis]
    margins: Column
    unclear: Mask
    today: tuple[float | None, float | None]


def flip(
    first: str,
    second: str,
    axis: Axis,
    *,
    overrides: Sequence[str] = (),
    options: Options | None = None,
) -> Flip:
    """Return the value between the ends of an axis at which the better of two strategies changes.

    Raises
    ------
    ScenarioError
        A scenario cannot be found, or a value makes it wrong.
    """
    return flip_of((load(first, overrides), load(second, overrides)), axis, options or Options())


def flip_of(pair: tuple[Loaded, Loaded], axis: Axis, options: Options) -> Flip:
    """Return the flip point of two scenarios that are loaded already; as :func:`flip`."""
    low, high = axis.values[0], axis.values[-1]
    tried = {value: _margin(pair, axis, value, options) for value in (low, high)}
    ends = tried[low].value, tried[high].value
    value, plus_minus = None, math.nan
    if ends[0] * ends[1] < 0.0:
        value, plus_minus = _bisect(pair, axis, options, tried)
    ordered = tuple(sorted(tried.items()))
    return Flip(pair[0].name, pair[1].name, axis, ordered, value, plus_minus, ends[1] > 0.0)


def win_map(
    first: str,
    second: str,
    axes: tuple[Axis, Axis],
    *,
    overrides: Sequence[str] = (),
    options: Options | None = None,
) -> Map:
    """Return who of two strategies wins over a grid of two assumptions.

    Raises
    ------
    ScenarioError
        A scenario cannot be found, or a value makes it wrong.
    """
    return win_map_of((load(first, overrides), load(second, overrides)), axes, options or Options())


def win_map_of(pair: tuple[Loaded, Loaded], axes: tuple[Axis, Axis], options: Options) -> Map:
    """Return the map of two scenarios that are loaded already; as :func:`win_map`."""
    sides = [grid(loaded, axes) for loaded in pair]
    variants = [Variant(subject.plan) for side in sides for subject in side]
    columns = completions(variants, options)
    runs = runs_of([subject.facts for side in sides for subject in side], columns, options)
    half = len(runs) // 2
    margins = [margin(*each) for each in zip(runs[:half], runs[half:], strict=True)]
    shape = tuple(len(axis.values) for axis in axes)
    values = np.array([each.value for each in margins]).reshape(shape)
    unclear = np.array([each.low <= 0.0 <= each.high for each in margins]).reshape(shape)
    now = tuple(_today(pair[0], axis) for axis in axes)
    return Map(pair[0].name, pair[1].name, axes, values, unclear, (now[0], now[1]))


def margin(first: Run, second: Run) -> Estimate:
    """Return P(first earlier) - P(first later), with its interval; both never counts as neither."""
    ours = first.completion
    theirs = second.completion + first.facts.day(second.facts.start)
    return mean((ours < theirs).astype(np.float64) - (ours > theirs))


def _margin(pair: Sequence[Loaded], axis: Axis, value: float, options: Options) -> Estimate:
    change = f"{axis.path}={value_text(value, axis.unit)}"
    subjects = [varied(loaded, [change]) for loaded in pair]
    columns = completions([Variant(subject.plan) for subject in subjects], options)
    return margin(*runs_of([subject.facts for subject in subjects], columns, options))


def _bisect(
    pair: Sequence[Loaded], axis: Axis, options: Options, tried: dict[float, Estimate]
) -> tuple[float, float]:
    low, high = axis.values[0], axis.values[-1]
    rising = tried[high].value > 0.0
    width = (high - low) * TOLERANCE
    while high - low > width:
        middle = (low + high) / 2.0
        tried[middle] = _margin(pair, axis, middle, options)
        if (tried[middle].value > 0.0) == rising:
            high = middle
        else:
            low = middle
    value = (low + high) / 2.0
    return value, _reach(tried, value)


def _reach(tried: dict[float, Estimate], value: float) -> float:
    """Return how far from the flip point the nearest values lie, on either side, whose margins are not 0."""
    clear = [each for each, found in tried.items() if not found.low <= 0.0 <= found.high]
    below = max((each for each in clear if each < value), default=min(tried))
    above = min((each for each in clear if each > value), default=max(tried))
    return max(value - below, above - value)


def _today(loaded: Loaded, axis: Axis) -> float | None:
    from sim.scenario.explain import explain
    from sim.scenario.units import DIMENSIONS

    found = explain(loaded, axis.path)
    if len(found) != 1 or found[0].quantity is None:
        return None
    size = next(
        (each.units[axis.unit] for each in DIMENSIONS.values() if axis.unit and axis.unit in each.units), 1.0
    )
    central = found[0].quantity.central / size
    return float(central) if math.isfinite(central) else None
