"""Causes: where the days go (a waterfall from the plan to the date) and what moves the date (a tornado)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeAlias

from matplotlib.axes import Axes

from sim.report import page
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, WIDTH
from sim.report.style import ADDED, DARK, GAINED, GRAY, SMALL, TEXT, styled
from sim.report.words import cause_text

ROW, BAR, VALUE_ROOM = 0.27, 0.62, 0.62
NAMED = 3
"""So many causes or drivers are named in the text alternative."""

Swing: TypeAlias = tuple[str, float, float]


@styled
def ledger_waterfall(
    rows: Sequence[tuple[str, float]], *, planned: float, total: float, language: Language = ENGLISH
) -> Axes:
    """Draw how the planned days become the total, cause by cause.

    Parameters
    ----------
    rows
        Cause and its days (negative for days won), in the order in which they are drawn.
    planned, total
        Days of the official plan, and days found.

    Returns
    -------
    Axes
        x in days; the bars from top to bottom at y = 0, -1, -2 …: planned, the causes, total.

    Raises
    ------
    ValueError
        The causes do not make up the difference to a thousandth of a day: a ledger must add up.
    """
    steps = _steps(rows, planned, total, language)
    axes = _frame([step.name for step in steps], "ledger", language)
    _scale(axes, [(step.begin, step.end) for step in steps], language)
    for index, step in enumerate(steps):
        axes.barh(-index, step.end - step.begin, left=step.begin, height=BAR, color=step.look[0])
        _value(axes, max(step.begin, step.end), -index, step.written(language), ink=step.look[1], side="left")
        if index < len(steps) - 1:
            axes.plot([step.end] * 2, [-index - 1 - BAR / 2, -index + BAR / 2], color=GRAY, lw=0.7)
    return axes


def describe_ledger(
    rows: Sequence[tuple[str, float]], *, planned: float, total: float, language: Language = ENGLISH
) -> Description:
    """Say what :func:`ledger_waterfall` draws; the table has a row per bar."""
    steps = _steps(rows, planned, total, language)
    cause, days, so_far = (language.text(f"column.{name}") for name in ("cause", "days", "sum"))
    table = [
        {cause: step.name, days: step.written(language), so_far: language.number(step.end, digits=0)}
        for step in steps
    ]
    largest = sorted(steps[1:-1], key=lambda step: -abs(step.days))[:NAMED]
    named = [language.text("ledger.one", cause=s.name, days=_signed(s.days, language)) for s in largest]
    ends = {"planned": language.counted("day", planned), "total": language.counted("day", total)}
    if not named:
        return described(language.text("ledger.described_none", **ends), table)
    return described(language.text("ledger.described", causes=", ".join(named), **ends), table)


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of the waterfall, from ``begin`` to ``end`` days; ``whole`` for what is planned and found."""

    name: str
    begin: float
    end: float
    whole: bool = False

    @property
    def days(self) -> float:
        """Return the days added, negative if won."""
        return self.end - self.begin

    @property
    def look(self) -> tuple[str, str]:
        """Return the bar's color and its value's ink."""
        return (GRAY, DARK) if self.whole else ADDED if self.days >= 0 else GAINED

    def written(self, language: Language) -> str:
        """Return the value beside the bar."""
        return language.number(self.end, digits=0) if self.whole else _signed(self.days, language)


def _steps(rows: Sequence[tuple[str, float]], planned: float, total: float, language: Language) -> list[Step]:
    found = planned + sum(days for _, days in rows)
    if abs(found - total) > 1e-3:
        raise ValueError(f"the ledger does not add up: plan and causes are {found:g} days, total {total:g}")
    ends = accumulate((days for _, days in rows), initial=planned)
    names = [cause_text(cause, language) for cause, _ in rows]
    return [
        Step(language.text("ledger.planned"), 0.0, planned, whole=True),
        *(Step(name, *ends) for name, ends in zip(names, pairwise(ends), strict=True)),
        Step(language.text("ledger.found"), 0.0, total, whole=True),
    ]


@styled
def tornado(rows: Sequence[Swing], *, language: Language = ENGLISH) -> Axes:
    """Draw by how many days each driver moves the answer, the widest on top.

    Parameters
    ----------
    rows
        Label, and the change in days at the driver's low and at its high end (either may be negative).

    Returns
    -------
    Axes
        x in days of change; the bars from top to bottom at y = 0, -1, -2 …

    Raises
    ------
    ValueError
        There is no driver.
    """
    ordered = _widest_first(rows)
    axes = _frame([row[0] for row in ordered], "drivers", language)
    bars = [(min(low, high), max(low, high)) for _, low, high in ordered]
    _scale(axes, bars, language)
    axes.axvline(0, color=DARK, lw=0.9)
    for index, (low, high) in enumerate(bars):
        for begin, end in ((low, min(high, 0.0)), (max(low, 0.0), high)):
            if begin < end:
                color = (ADDED if end > 0 else GAINED)[0]
                axes.barh(-index, end - begin, left=begin, height=BAR, color=color)
        for days, side in ((low, "right"), (high, "left")):
            if days or (low == high and side == "left"):
                ink = (ADDED if days > 0 else GAINED)[1]
                _value(axes, days, -index, _signed(days, language), ink=ink, side=side)
    return axes


def describe_tornado(rows: Sequence[Swing], *, language: Language = ENGLISH) -> Description:
    """Say what :func:`tornado` draws; the table has a row per bar."""
    ordered = _widest_first(rows)
    names = [language.text(f"column.{name}") for name in ("driver", "low", "high")]
    cells = [(name, _signed(low, language), _signed(high, language)) for name, low, high in ordered]
    widest = [
        language.text("drivers.one", driver=name, low=low, high=high) for name, low, high in cells[:NAMED]
    ]
    table = [dict(zip(names, row, strict=True)) for row in cells]
    return described(language.text("drivers.described", drivers=", ".join(widest)), table)


def _widest_first(rows: Sequence[Swing]) -> list[Swing]:
    if not rows:
        raise ValueError("a tornado needs at least one driver, got none")
    return sorted(rows, key=lambda row: -abs(row[2] - row[1]))


def _frame(names: Sequence[str], room: str, language: Language) -> Axes:
    """Return axes with a row per name, the names written on the left."""
    figure = page.new_page()
    texts = [page.fitted(figure, name, width=0.42 * WIDTH, va="center", size=TEXT) for name in names]
    left = EDGE + max(page.size(text)[0] for text in texts) + 0.15
    bottom, height = 0.42, ROW * len(names)
    page.set_height(figure, bottom + height + page.HEADING)
    page.heading(figure, language.text(f"{room}.question"), language.text(f"{room}.explanation"))
    axes = page.add_axes(figure, left, bottom, width=WIDTH - left - EDGE, height=height)
    axes.set_ylim(0.5 - len(names), 0.5)
    axes.set_yticks([])
    for index, text in enumerate(texts):
        page.place(text, EDGE, page.inches(axes, 0, -index)[1])
    return axes


def _scale(axes: Axes, bars: Sequence[tuple[float, float]], language: Language) -> None:
    """Set the limits so that the values written beside the bars have room."""
    low = min(0.0, *(min(bar) for bar in bars))
    high = max(0.0, *(max(bar) for bar in bars))
    high += 1.0 if high == low else 0.0
    left = VALUE_ROOM if low < 0 else 0.0
    per_inch = (high - low) / (page.width_of_axes(axes) - left - VALUE_ROOM)
    axes.set_xlim(low - left * per_inch, high + VALUE_ROOM * per_inch)
    page.number_ticks(axes.xaxis, language)


def _signed(days: float, language: Language) -> str:
    return language.number(days, digits=0, signed=True)


def _value(axes: Axes, x: float, y: float, words: str, *, ink: str, side: str) -> None:
    across, up = page.inches(axes, x, y)
    style = {"size": SMALL, "color": ink, "weight": "bold", "path_effects": page.HALO}
    text = page.write(axes.figure, words, ha=side, va="center", **style)
    page.place(text, across + (0.05 if side == "left" else -0.05), up)
