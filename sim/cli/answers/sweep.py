"""The answer of ``sweep``: the best value of a lever, those as good, and the last safe one.

Called by ``decide``.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass

from sim.cli.answer import Answer, Document
from sim.cli.answers.parts import Moment, Probability
from sim.cli.console import Block, Lines, Table
from sim.cli.words import date_cell, share_cell
from sim.report.sweep import sweep_curve
from sim.report.tell import swept_of
from sim.results.rounding import date_text
from sim.study.sweep import Sweep
from sim.study.vary import Axis as StudyAxis

MOST_NAMED = 6
"""So many values that are as good as the best are named one by one."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The values a path takes.

    Attributes
    ----------
    path, unit
        What varies, and the unit of its values; empty for plain numbers and words.
    values
        Numbers in the unit; positions from 0 where the values are words.
    texts
        The values as a scenario file writes them.
    """

    path: str
    unit: str
    values: tuple[float, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, axis: StudyAxis) -> Axis:
        """Return the axis of a study."""
        return cls(axis.path, axis.unit, axis.values, axis.texts)


@dataclass(frozen=True, slots=True)
class Point:
    """The answer for one value of each path.

    Attributes
    ----------
    values, texts
        The values, in the order of the axes.
    p50, p80
        Percentiles of completion.
    by
        Probability to be complete by the date of the sweep; null without a date.
    never
        Probability not to be complete by the horizon.
    """

    values: tuple[float, ...]
    texts: tuple[str, ...]
    p50: Moment
    p80: Moment
    by: Probability | None
    never: Probability


@dataclass(frozen=True, slots=True)
class Swept(Document):
    """The answer at every point of a grid, the last axis fastest.

    Attributes
    ----------
    name
        The scenario.
    axes
        One or two.
    points
        All combinations of their values.
    by
        The date of the probabilities; null if nothing was promised and no date given.
    best
        Number, from 0, of the point with the earliest P80.
    as_good
        Numbers of the points whose P80 differs from the best by no more than the noise.
    safe_share
        The probability that counts as safe.
    last_safe
        Number of the last point that is safe; null if none is, or there are two axes.
    """

    name: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    by: datetime.date | None
    best: int
    as_good: tuple[int, ...]
    safe_share: float
    last_safe: int | None


def answer(name: str, found: Sweep) -> Answer:
    """Return the answer of a sweep of a scenario."""
    curve = {f"sweep-{name}": lambda language: sweep_curve(swept_of(found), language=language)}
    return Answer(_document(name, found), [*_blocks(found)], curve if len(found.axes) == 1 else {})


def _blocks(found: Sweep) -> Iterator[Block]:
    yield Lines(list(_sentences(found)))
    headings = ["P80", f"P(by {found.by})", "P(never)"]
    yield Table(headings, _rows(found), title=" and ".join(axis.label for axis in found.axes))
    yield "* best   ~ as good within the noise"


def _rows(found: Sweep) -> list[tuple[str, list[str]]]:
    rows = []
    for index, (point, run) in enumerate(zip(found.points, found.runs, strict=True)):
        mark = " *" if index == found.best else " ~" if index in found.as_good else ""
        cells = [date_cell(point.p80, run.facts), share_cell(point.by), share_cell(point.never)]
        rows.append((", ".join(point.texts) + mark, cells))
    return rows


def _sentences(found: Sweep) -> Iterator[str]:
    best, paths = found.points[found.best], " and ".join(axis.path for axis in found.axes)
    when = date_text(best.p80, found.runs[found.best].facts)
    if math.isinf(best.p80.value):
        least = ", ".join(best.texts)
        yield f"No value of {paths} brings P80 before the horizon; {least} leaves least undone."
    else:
        yield f"Best {paths}: {', '.join(best.texts)} (P80 {when})."
    others = [", ".join(found.points[index].texts) for index in found.as_good if index != found.best]
    if others:
        shown = others if len(others) <= MOST_NAMED else [others[0], "…", others[-1]]
        yield f"As good within the noise (same futures): {', '.join(shown)}."
    if found.by is not None and len(found.axes) == 1:
        yield _last_safe(found)


def _last_safe(found: Sweep) -> str:
    share, axis = f"{100 * found.safe_share:.0f} %", found.axes[0]
    if found.last_safe is None:
        return f"No value reaches {share} by {found.by}."
    point = found.points[found.last_safe]
    days = axis.days(point.values[0])
    day = "" if days is None else f" ({found.runs[0].facts.date(days)})"
    if found.last_safe == len(found.points) - 1:
        return f"Still safe: {point.texts[0]}{day}, the last value tried, reaches {share} by {found.by}."
    return f"Last safe: after {point.texts[0]}{day} no value reaches {share} by {found.by}."


def _document(name: str, found: Sweep) -> Swept:
    points = (
        Point(
            point.values,
            point.texts,
            Moment.of(point.p50, run.facts),
            Moment.of(point.p80, run.facts),
            Probability.maybe(point.by),
            Probability.of(point.never),
        )
        for point, run in zip(found.points, found.runs, strict=True)
    )
    return Swept(
        name,
        tuple(map(Axis.of, found.axes)),
        tuple(points),
        found.by,
        found.best,
        found.as_good,
        found.safe_share,
        found.last_safe,
    )
