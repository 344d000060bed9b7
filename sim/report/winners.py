"""Winners: which of two strategies is complete first, over a grid of two assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from sim.chance.amount import Column
from sim.report import page
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, WIDTH
from sim.report.style import DARK, GRAY, SMALL, TEXT, palette, styled
from sim.report.words import lever_text, short_number

LEFT, AXES_HEIGHT, MOST_NUMBERS, STRONGEST = 0.62, 2.6, 120, 0.75
SIDES = ("switch", "ascend")
"""The first and the second strategy have the colors of these, whatever they are."""


@dataclass(frozen=True, eq=False)
class Field:
    """Who wins where: margins from -1 to 1 of shape ``(len(up), len(across))``, and the labels of the axes.

    ``today`` is a point (across, up), or None.

    Raises
    ------
    ValueError
        An axis has fewer than two values.
    """

    across: Column
    up: Column
    margins: Column
    labels: tuple[str, str]
    today: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if len(self.across) < 2 or len(self.up) < 2:
            raise ValueError("a map needs at least two values on each axis")


@styled
def win_map(field: Field, *, first: str, second: str, language: Language = ENGLISH) -> Axes:
    """Draw who of two strategies is complete earlier over a grid of two assumptions.

    Returns
    -------
    Axes
        x and y in the units of the assumptions; the line where neither is ahead, and a cross for today.
    """
    axes = _frame(field, language)
    axes.pcolormesh(field.across, field.up, _colors(field.margins), lw=0)
    if field.margins.min() < 0.0 < field.margins.max():
        axes.contour(field.across, field.up, field.margins, levels=[0.0], colors=DARK, linewidths=1.6)
    if field.margins.size <= MOST_NUMBERS:
        _write_margins(axes, field, language)
    if field.today is not None:
        axes.plot(*field.today, "x", color=DARK, ms=9, mew=2.2, label="today", clip_on=False)
    _name_sides(axes, (first, second), language)
    return axes


def describe_map(field: Field, *, first: str, second: str, language: Language = ENGLISH) -> Description:
    """Say what :func:`win_map` draws; the table has a row per value up, a column per value across."""
    across, up = (lever_text(label, language) for label in field.labels)
    corner = f"{up} / {across}"
    table = [
        {corner: short_number(value, language)}
        | {
            short_number(x, language): _points(margin, language)
            for x, margin in zip(field.across, row, strict=True)
        }
        for value, row in zip(field.up, field.margins, strict=True)
    ]
    wins, losses = int((field.margins > 0.0).sum()), int((field.margins < 0.0).sum())
    counts = {"wins": wins, "losses": losses, "points": field.margins.size}
    words = language.text("winner.described", across=across, up=up, first=first, second=second, **counts)
    return described(words, table)


def _frame(field: Field, language: Language) -> Axes:
    figure = page.new_page()
    bottom = page.note(figure, [language.text("winner.note")]) + 0.58
    page.set_height(figure, bottom + AXES_HEIGHT + 0.24 + page.HEADING)
    page.heading(
        figure,
        language.text("winner.question"),
        language.text("winner.up", label=lever_text(field.labels[1], language)),
    )
    axes = page.add_axes(figure, LEFT, bottom, width=WIDTH - LEFT - 2 * EDGE, height=AXES_HEIGHT)
    axes.set_xlim(*_edges(field.across))
    axes.set_ylim(*_edges(field.up))
    axes.grid(visible=False)
    axes.set_xlabel(lever_text(field.labels[0], language), size=SMALL, color=GRAY)
    page.number_ticks(axes.xaxis, language)
    page.number_ticks(axes.yaxis, language)
    return axes


def _edges(values: Column) -> tuple[float, float]:
    """Return the outer edges of cells around values: half a step beyond the first and the last."""
    return float(values[0] - (values[1] - values[0]) / 2), float(values[-1] + (values[-1] - values[-2]) / 2)


def _colors(margins: Column) -> Column:
    """Return a color per cell: the winner's, the fainter the closer, shape ``(*margins.shape, 4)``."""
    sides = [to_rgba(palette(side)[0]) for side in SIDES]
    colors = np.where(margins[..., np.newaxis] >= 0.0, *map(np.array, sides))
    colors[..., 3] = STRONGEST * np.abs(margins)
    return colors


def _name_sides(axes: Axes, names: Sequence[str], language: Language) -> None:
    top = page.inches(axes, 0, axes.get_ylim()[1])[1] + 0.08
    places = ((LEFT, "left"), (WIDTH - 2 * EDGE, "right"))
    for name, side, (x, align) in zip(names, SIDES, places, strict=True):
        style = {"color": palette(side)[1], "weight": "bold", "size": TEXT, "ha": align}
        words = language.text("winner.first", name=name)
        page.place(page.fitted(axes.figure, words, width=2.4, **style), x, top)


def _write_margins(axes: Axes, field: Field, language: Language) -> None:
    for row, y in zip(field.margins, field.up, strict=True):
        for margin, x in zip(row, field.across, strict=True):
            words = _points(margin, language)
            axes.text(x, y, words, size=SMALL - 2, color=DARK, ha="center", va="center")


def _points(margin: float, language: Language) -> str:
    return language.number(100.0 * margin, digits=0, signed=True)
