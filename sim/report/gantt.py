"""Gantt: one future, a row per stage, with the path that decided its date in color."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.report import marks, page, timeline
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, WIDTH
from sim.report.style import ADDED, SMALL, SPARE, WHITE, styled

ROW, BAR, SHORTEST, NAMED = 0.2, 0.62, 30.0, 6
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a Gantt chart: days of work, days of waiting for a server, and whether it decides the date."""

    name: str
    spans: tuple[Span, ...]
    waits: tuple[Span, ...] = ()
    binding: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """Return when it begins and ends, waiting included; NaN for a stage without either."""
        days = [day for span in (*self.spans, *self.waits) for day in span]
        return (min(days), max(days)) if days else (np.nan, np.nan)


def until(spans: Sequence[Span], last: float) -> tuple[Span, ...]:
    """Return spans of time, cut off at a day."""
    return tuple((begin, min(end, last)) for begin, end in spans if begin <= last)


@styled
def gantt_chart(
    rows: Sequence[Row], *, start: date, completion: float, title: str, language: Language = ENGLISH
) -> Axes:
    """Draw one future: a row per stage, the binding path in color, waits for a server as open boxes.

    Parameters
    ----------
    rows
        From top to bottom; days since the start.
    completion
        Days since the start; infinity for never.

    Returns
    -------
    Axes
        x in matplotlib's day numbers; rows at y = 0, -1, -2 …

    Raises
    ------
    ValueError
        There is no row.
    """
    last, origin = _last(rows, completion), timeline.number(start)
    figure = page.new_page()
    names = [page.fitted(figure, row.name, width=0.42 * WIDTH, va="center", size=SMALL) for row in rows]
    done = {language.text("trace.complete"): origin + completion} if np.isfinite(completion) else {}
    axes = _frame(figure, names, limits=(origin, origin + last), done=done, language=language)
    page.heading(figure, language.text("trace.question"), title)
    for index, row in enumerate(rows):
        _draw_row(axes, row, -index, origin)
    return axes


def describe_gantt(
    rows: Sequence[Row], *, start: date, completion: float, title: str, language: Language = ENGLISH
) -> Description:
    """Say what :func:`gantt_chart` draws; the table has a row per stage."""
    _last(rows, completion)
    table = [_cells(row, start, language) for row in rows]
    if np.isinf(completion):
        return described(language.text("trace.described_never", title=title), table)
    decided = [row.name for row in rows if row.binding]
    named = ", ".join(decided[:NAMED]) + (" …" if len(decided) > NAMED else "")
    when = _date(start, completion, language)
    return described(language.text("trace.described", title=title, date=when, stages=named), table)


def _cells(row: Row, start: date, language: Language) -> dict[str, str]:
    waiting = sum(end - begin for begin, end in row.waits)
    cells = {
        "stage": row.name,
        "begins": _date(start, row.ends[0], language),
        "ends": _date(start, row.ends[1], language),
        "waits": language.number(waiting, digits=0),
        "decides": language.text("trace.yes" if row.binding else "trace.no"),
    }
    return {language.text(f"column.{name}"): cell for name, cell in cells.items()}


def _date(start: date, day: float, language: Language) -> str:
    return language.short_date(start + timedelta(float(np.ceil(day)))) if np.isfinite(day) else ""


def _last(rows: Sequence[Row], completion: float) -> float:
    """Return the last day of the axis, with some air."""
    if not rows:
        raise ValueError("a Gantt chart needs at least one row, got none")
    ends = [row.ends[1] for row in rows if row.spans or row.waits]
    return 1.04 * max([*ends, completion if np.isfinite(completion) else 0.0, SHORTEST])


def _frame(
    figure: Figure,
    names: Sequence[Text],
    *,
    limits: Span,
    done: Mapping[str, float],
    language: Language,
) -> Axes:
    """Return axes of dates with a row per name, the names written on the left."""
    left = EDGE + max(page.size(name)[0] for name in names) + 0.12
    width, height = WIDTH - left - 2 * EDGE, ROW * len(names)
    bottom = page.note(figure, [language.text("trace.note")]) + 0.42
    lines = marks.marks_of(figure, done, left=left, width=width, limits=limits)
    page.set_height(figure, bottom + height + marks.height_of(lines) + page.HEADING)
    axes = page.add_axes(figure, left, bottom, width=width, height=height)
    timeline.date_axis(axes, *limits, width=width, language=language)
    axes.set_ylim(0.5 - len(names), 0.5)
    axes.set_yticks([])
    axes.grid(visible=True, axis="x")
    marks.draw_marks(axes, lines)
    for index, name in enumerate(names):
        page.place(name, EDGE, page.inches(axes, limits[0], -index)[1])
    return axes


def _draw_row(axes: Axes, row: Row, y: float, origin: float) -> None:
    color = ADDED[0] if row.binding else SPARE
    for begin, end in row.spans:
        axes.barh(y, end - begin, left=origin + begin, height=BAR, color=color, ec=color, lw=0.5)
    for begin, end in row.waits:
        axes.barh(y, end - begin, left=origin + begin, height=BAR, color=WHITE, ec=color, lw=0.8)
