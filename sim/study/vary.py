"""Vary: what ``--vary strategy.patience=0..24mo`` means, and the scenarios it makes.

A range or a list of values for one path becomes an axis; a scenario is read once, and each point of a grid
is that scenario with one change more, checked like any other. Called by sweeps, maps and flip points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.results.errors import StudyError
from sim.scenario.load import Loaded, digest
from sim.scenario.merge import override_all
from sim.scenario.problems import ScenarioError
from sim.scenario.units import DIMENSIONS, UnitError, split
from sim.study.named import subject_of
from sim.study.subject import Subject

POINTS = 25
"""Values on an axis whose range has no natural step."""

MOST_STEPS = 60
"""A range over at most this many whole units is stepped in whole units."""

_LONG = {"d": "days", "wk": "weeks", "mo": "months", "yr": "years"}
_RANGE = re.compile(r"(?P<low>[^.]*(?:\.\d+)?[^.]*)\.\.(?P<high>.+?)(?:\s+step\s+(?P<step>.+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Axis:
    """The values a path takes.

    Attributes
    ----------
    values
        Numbers in ``unit``, in rising order where they come from a range; positions from 0 if the values
        are not numbers.
    texts
        The values as a scenario file writes them.
    """

    path: str
    values: tuple[float, ...]
    texts: tuple[str, ...]
    unit: str = ""

    @property
    def label(self) -> str:
        """Return the path with its unit, for a table or a figure."""
        return f"{self.path} in {_LONG.get(self.unit, self.unit)}" if self.unit else self.path

    def days(self, value: float) -> float | None:
        """Return a value as days; None if the axis is no duration."""
        size = DIMENSIONS["duration"].units.get(self.unit)
        return value * size if size is not None else None


def axis_of(text: str, *, points: int = POINTS) -> Axis:
    """Return the axis of ``path=a..b unit``, ``path=a..b step c unit`` or ``path=a, b, c unit``.

    Raises
    ------
    StudyError
        The text is none of these.
    """
    path, equals, values = (part.strip() for part in text.partition("="))
    if not (path and equals and values):
        raise StudyError(f"--vary {text}: write path=0..24mo, path=0..24mo step 3mo, or path=3, 6, 9 months")
    match = _RANGE.fullmatch(values)
    if match is None:
        return _listed(path, [each.strip() for each in values.split(",")])
    try:
        return _ranged(path, match["low"], match["high"], match["step"], points=points)
    except UnitError as error:
        raise StudyError(f"--vary {text}: {error}") from None


def varied(loaded: Loaded, changes: Sequence[str]) -> Subject:
    """Return a loaded scenario with changes ``path=value`` as a subject, its files not read again.

    Raises
    ------
    ScenarioError
        A change leads nowhere or makes the scenario wrong.
    """
    from sim.scenario.checks import checks
    from sim.scenario.schema import Scenario
    from sim.scenario.validate import validate

    root, errors = override_all(loaded.root, tuple(changes), Scenario)
    scenario, problems = validate(root, Scenario, checks)
    problems += [problem for error in errors for problem in error.problems]
    if scenario is None or problems:
        raise ScenarioError(problems)
    merged = root.plain()
    return subject_of(replace(loaded, scenario=scenario, root=root, merged=merged, digest=digest(merged)))


def grid(loaded: Loaded, axes: Sequence[Axis]) -> list[Subject]:
    """Return the scenario at each point of the grid of some axes, the last axis fastest."""
    points: list[tuple[str, ...]] = [()]
    for axis in axes:
        points = [(*point, f"{axis.path}={text}") for point in points for text in axis.texts]
    return [varied(loaded, point) for point in points]


def value_text(value: float, unit: str) -> str:
    """Return a number as a scenario file writes it."""
    return f"{value:.10g} {unit}".strip()


def _ranged(path: str, low: str, high: str, step: str | None, *, points: int) -> Axis:
    (end, unit), (begin, other) = split(high), split(low)
    stride, third = split(step) if step is not None else (_stride(begin, end, points), unit)
    unit = unit or other or third
    if {other, third} - {unit, ""}:
        raise UnitError(f"{low}..{high} has more than one unit")
    if not (begin < end and stride > 0.0):
        raise UnitError(f"{low}..{high} is no rising range")
    count = math.floor((end - begin) / stride + 1e-9) + 1
    values = tuple(float(f"{value:.10g}") for value in begin + stride * np.arange(count))
    return Axis(path, values, tuple(value_text(value, unit) for value in values), unit)


def _stride(begin: float, end: float, points: int) -> float:
    width = end - begin
    whole = begin == round(begin) and end == round(end) and 4 <= width <= MOST_STEPS
    return 1.0 if whole and points == POINTS else width / (points - 1)


def _listed(path: str, entries: list[str]) -> Axis:
    try:
        parts = [split(entry) for entry in entries]
    except UnitError:
        return Axis(path, tuple(map(float, range(len(entries)))), tuple(entries))
    last = parts[-1][1]
    if {unit for _, unit in parts} - {last, ""}:
        return Axis(path, tuple(map(float, range(len(entries)))), tuple(entries))
    numbers = tuple(number for number, _ in parts)
    return Axis(path, numbers, tuple(value_text(number, last) for number in numbers), last)
