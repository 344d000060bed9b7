"""Causes: where the days go (a waterfall from the plan to the date) and what moves the date (a tornado)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from matplotlib.axes import Axes

from sim.report import page
from sim.report.page import EDGE, WIDTH
from sim.report.style import DARK, GRAY, SMALL, TEXT, styled
from sim.report.words import folded

ADDED, GAINED = ("#B5485D", "#9C3A4E"), ("#4C86A8", "#356A8A")
"""Color and ink of days lost and days won; no supplier has these."""

ROW, BAR, VALUE_ROOM = 0.27, 0.62, 0.62


@styled
def ledger_waterfall(rows: Sequence[tuple[str, float]], *, planned: float, total: float) -> Axes:
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
    found = planned + sum(days for _, days in rows)
    if abs(found - total) > 1e-3:
        raise ValueError(f"the ledger does not add up: plan and causes are {found:g} days, total {total:g}")
    ends = list(accumulate((days for _, days in rows), initial=planned))
    names = ["planned", *(name for name, _ in rows), "found"]
    axes = _frame(names, "Where do the days go?", "Days from the start: planned, added by each cause, found")
    bars = [(0.0, planned), *pairwise(ends), (0.0, total)]
    _scale(axes, bars)
    for index, (begin, end) in enumerate(bars):
        whole = index in (0, len(bars) - 1)
        color, ink = (GRAY, DARK) if whole else ADDED if end >= begin else GAINED
        axes.barh(-index, end - begin, left=begin, height=BAR, color=color)
        words = f"{end:,.0f}" if whole else _signed(end - begin)
        _value(axes, max(begin, end), -index, words, ink=ink, side="left")
        if index < len(bars) - 1:
            axes.plot([end, end], [-index - 1 - BAR / 2, -index + BAR / 2], color=GRAY, lw=0.7)
    return axes


@styled
def tornado(rows: Sequence[tuple[str, float, float]]) -> Axes:
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
    if not rows:
        raise ValueError("a tornado needs at least one driver, got none")
    ordered = sorted(rows, key=lambda row: -abs(row[2] - row[1]))
    axes = _frame([row[0] for row in ordered], "What moves the date?", "Days of change if only this differs")
    bars = [(min(low, high), max(low, high)) for _, low, high in ordered]
    _scale(axes, bars)
    axes.axvline(0, color=DARK, lw=0.9)
    for index, (low, high) in enumerate(bars):
        for begin, end in ((low, min(high, 0.0)), (max(low, 0.0), high)):
            if begin < end:
                axes.barh(
                    -index, end - begin, left=begin, height=BAR, color=(ADDED if end > 0 else GAINED)[0]
                )
        for days, side in ((low, "right"), (high, "left")):
            if days:
                _value(axes, days, -index, _signed(days), ink=(ADDED if days > 0 else GAINED)[1], side=side)
    return axes


def _frame(names: Sequence[str], question: str, explanation: str) -> Axes:
    """Return axes with a row per name, the names written on the left."""
    figure = page.new_page()
    texts = [page.write(figure, folded(name, width=30, lines=1), va="center", size=TEXT) for name in names]
    left = EDGE + max(page.size(text)[0] for text in texts) + 0.15
    bottom, height = 0.42, ROW * len(names)
    page.set_height(figure, bottom + height + page.HEADING)
    page.heading(figure, question, explanation)
    axes = page.add_axes(figure, left, bottom, width=WIDTH - left - EDGE, height=height)
    axes.set_ylim(0.5 - len(names), 0.5)
    axes.set_yticks([])
    for index, text in enumerate(texts):
        page.place(text, EDGE, page.inches(axes, 0, -index)[1])
    return axes


def _scale(axes: Axes, bars: Sequence[tuple[float, float]]) -> None:
    """Set the limits so that the values written beside the bars have room."""
    low = min(0.0, *(min(bar) for bar in bars))
    high = max(0.0, *(max(bar) for bar in bars))
    high += 1.0 if high == low else 0.0
    wide = axes.get_window_extent().width / axes.figure.dpi
    left = VALUE_ROOM if low < 0 else 0.0
    per_inch = (high - low) / (wide - left - VALUE_ROOM)
    axes.set_xlim(low - left * per_inch, high + VALUE_ROOM * per_inch)
    page.number_ticks(axes.xaxis)


def _signed(days: float) -> str:
    return f"{days:+,.0f}".replace("-", "\N{MINUS SIGN}") if round(days) else "0"


def _value(axes: Axes, x: float, y: float, words: str, *, ink: str, side: str) -> None:
    across, up = page.inches(axes, x, y)
    style = {"size": SMALL, "color": ink, "weight": "bold", "path_effects": page.HALO}
    text = page.write(axes.figure, words, ha=side, va="center", **style)
    page.place(text, across + (0.05 if side == "left" else -0.05), up)
