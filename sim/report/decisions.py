"""Decisions: one future as a Gantt chart, who wins where, history's slips, and waiting without news.

Plain data in, axes out, in the style of the other figures. Called by the commands that help to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from sim.chance.amount import Column
from sim.report import marks, page, timeline
from sim.report.page import EDGE, WIDTH
from sim.report.style import DARK, GRAY, RULE, SMALL, TEXT, palette, styled
from sim.report.words import folded

ROW, BAR, AXES_HEIGHT = 0.2, 0.62, 2.6
BINDING, WAITING = "#B5485D", "#FFFFFF"
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a Gantt chart: days of work, days of waiting for a server, and whether it decides the date."""

    name: str
    spans: tuple[Span, ...]
    waits: tuple[Span, ...] = ()
    binding: bool = False


def until(spans: Sequence[Span], last: float) -> tuple[Span, ...]:
    """Return spans of time, cut off at a day."""
    return tuple((begin, min(end, last)) for begin, end in spans if begin <= last)


@styled
def gantt_chart(rows: Sequence[Row], *, start: date, completion: float, title: str) -> Axes:
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
    if not rows:
        raise ValueError("a Gantt chart needs at least one row, got none")
    figure, origin = page.new_page(), timeline.number(start)
    names = [page.write(figure, folded(row.name, width=40, lines=1), va="center", size=SMALL) for row in rows]
    left = EDGE + max(page.size(name)[0] for name in names) + 0.12
    width, height = WIDTH - left - 2 * EDGE, ROW * len(rows)
    note = "Red: the path that decided the date. Gray: in time. Open: waiting for a server."
    bottom = page.note(figure, [note]) + 0.42
    end = max(stop for row in rows for _, stop in (*row.spans, *row.waits)) if rows else 0.0
    limits = (origin, origin + 1.04 * max(end, completion if np.isfinite(completion) else 0.0, 30.0))
    done = {"complete": origin + completion} if np.isfinite(completion) else {}
    lines = marks.marks_of(figure, done, left=left, width=width, limits=limits)
    page.set_height(figure, bottom + height + marks.height_of(lines) + page.HEADING)
    page.heading(figure, "What happened in this future?", title)
    axes = page.add_axes(figure, left, bottom, width=width, height=height)
    timeline.date_axis(axes, *limits, width=width)
    axes.set_ylim(0.5 - len(rows), 0.5)
    axes.set_yticks([])
    axes.grid(visible=True, axis="x")
    for index, row in enumerate(rows):
        _draw_row(axes, row, -index, origin)
        page.place(names[index], EDGE, page.inches(axes, limits[0], -index)[1])
    marks.draw_marks(axes, lines)
    return axes


def _draw_row(axes: Axes, row: Row, y: float, origin: float) -> None:
    color = BINDING if row.binding else "#A9A9A9"
    for begin, end in row.spans:
        axes.barh(y, end - begin, left=origin + begin, height=BAR, color=color, ec=color, lw=0.5)
    for begin, end in row.waits:
        axes.barh(y, end - begin, left=origin + begin, height=BAR, color=WAITING, ec=color, lw=0.8)


@dataclass(frozen=True, eq=False)
class Field:
    """Who wins where: margins from -1 to 1 of shape ``(len(up), len(across))``, and the labels of the axes.

    ``today`` is a point (across, up), or None.
    """

    across: Column
    up: Column
    margins: Column
    labels: tuple[str, str]
    today: tuple[float, float] | None = None


@styled
def win_map(field: Field, *, first: str, second: str) -> Axes:
    """Draw who of two strategies is complete earlier over a grid of two assumptions.

    Returns
    -------
    Axes
        x and y in the units of the assumptions; the line where neither is ahead, and a cross for today.

    Raises
    ------
    ValueError
        An axis has fewer than two values.
    """
    if len(field.across) < 2 or len(field.up) < 2:
        raise ValueError("a map needs at least two values on each axis")
    figure = page.new_page()
    left = 0.62
    bottom = page.note(
        figure, ["Number: of 100 futures, earlier minus later. Line: neither ahead. Cross: today."]
    )
    bottom += 0.58
    page.set_height(figure, bottom + AXES_HEIGHT + 0.24 + page.HEADING)
    page.heading(figure, "Who is complete first?", f"Up: {field.labels[1]}")
    axes = page.add_axes(figure, left, bottom, width=WIDTH - left - 2 * EDGE, height=AXES_HEIGHT)
    (mine, ink), (theirs, other) = palette("switch"), palette("ascend")
    colors = LinearSegmentedColormap.from_list("ahead", [theirs, "#F7F7F7", mine])
    axes.pcolormesh(field.across, field.up, field.margins, cmap=colors, vmin=-1, vmax=1, alpha=0.75, lw=0)
    axes.grid(visible=False)
    if field.margins.min() < 0.0 < field.margins.max():
        axes.contour(field.across, field.up, field.margins, levels=[0.0], colors=DARK, linewidths=1.6)
    axes.set_xlabel(field.labels[0], size=SMALL, color=GRAY)
    page.number_ticks(axes.xaxis)
    page.number_ticks(axes.yaxis)
    if len(field.across) * len(field.up) <= 120:
        _write_margins(axes, field)
    if field.today is not None:
        axes.plot(*field.today, "x", color=DARK, ms=9, mew=2.2, label="today", clip_on=False)
    top = bottom + AXES_HEIGHT + 0.08
    page.place(page.write(figure, f"{first} first", color=ink, weight="bold", size=TEXT), left, top)
    text = page.write(figure, f"{second} first", color=other, weight="bold", size=TEXT, ha="right")
    page.place(text, WIDTH - 2 * EDGE, top)
    return axes


def _write_margins(axes: Axes, field: Field) -> None:
    for row, y in zip(field.margins, field.up, strict=True):
        for margin, x in zip(row, field.across, strict=True):
            words = f"{100 * margin:+.0f}".replace("-", "\N{MINUS SIGN}") if round(100 * margin) else "0"
            axes.text(x, y, words, size=SMALL - 2, color=DARK, ha="center", va="center")


@styled
def slip_curves(
    days: Column, share: Column, *, band: tuple[Column, Column], simulated: Column, name: str, machines: int
) -> Axes:
    """Draw by how many days real machines slipped, with its 95 % band, beside the simulated slip.

    Parameters
    ----------
    days, share, band
        History's steps: slips in days, share in operation by then, low and high ends; shape ``(k,)`` each.
    simulated
        Shape ``(n,)``: simulated slips in days, infinity for never.

    Returns
    -------
    Axes
        x in months of slip, y the share of machines (or futures) in operation by then.
    """
    figure, month = page.new_page(), 30.4375
    (color, ink), left = palette("switch"), 0.55
    bottom = page.note(figure, [f"Band: 95 % interval of history's curve ({machines} machines)."]) + 0.42
    page.set_height(figure, bottom + AXES_HEIGHT + 0.24 + page.HEADING)
    page.heading(
        figure, "Is the forecast surer than history?", "Share in operation by months after the promise"
    )
    axes = page.add_axes(figure, left, bottom, width=WIDTH - left - 3 * EDGE, height=AXES_HEIGHT)
    finite = np.sort(simulated[np.isfinite(simulated)])
    kept = finite[: max(int(0.995 * finite.size), 1)] if finite.size else days
    low = min(float(days[0]), float(kept[0])) / month - 1.0
    high = max(float(days[-1]), float(kept[-1])) / month + 1.0
    x = np.array([low, *(days / month), high])
    rise, floor, ceiling = (np.array([0.0, *values, values[-1]]) for values in (share, *band))
    ceiling[0] = ceiling[1]
    axes.fill_between(x, floor, ceiling, step="post", color=GRAY, alpha=0.15, lw=0)
    axes.plot(x, rise, drawstyle="steps-post", color=GRAY, label="real machines")
    grown = np.arange(1, finite.size + 1) / simulated.size
    axes.plot(finite / month, grown, color=color, label=name)
    axes.axvline(0.0, color=RULE, lw=1.0)
    axes.set_xlim(low, high)
    axes.set_ylim(0.0, 1.02)
    axes.set_yticks([0.0, 0.2, 0.5, 0.8, 1.0], ["0 %", "20 %", "50 %", "80 %", "100 %"])
    page.number_ticks(axes.xaxis)
    top = bottom + AXES_HEIGHT + 0.08
    page.place(page.write(figure, "real machines", color=GRAY, weight="bold"), left, top)
    simulated_name = page.write(figure, folded(name, width=45, lines=1), color=ink, weight="bold", ha="right")
    page.place(simulated_name, WIDTH - 3 * EDGE, top)
    return axes
