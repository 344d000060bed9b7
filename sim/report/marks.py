"""Marks: named vertical lines across a figure (a target, an event, a best value), their names kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.report import page
from sim.report.page import EDGE, WIDTH
from sim.report.style import DARK, SMALL

ROW, NAME_SPACE = 0.17, 0.05


def mark_rows(lefts: Sequence[float], widths: Sequence[float], *, gap: float = 0.1) -> list[int]:
    """Return the row of each name, counted from the bottom, so that no name meets a name or a mark's line.

    Names begin at their lines and reach to the right. Going from right to left, a name takes the lowest row
    in which it ends before every later line that rises to that row.
    """
    rows = [0] * len(lefts)
    done: list[int] = []
    for mark in sorted(range(len(lefts)), key=lambda index: -lefts[index]):
        end = lefts[mark] + widths[mark] + gap
        while any(rows[other] >= rows[mark] and lefts[other] < end for other in done):
            rows[mark] += 1
        done.append(mark)
    return rows


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line: where it is, its name, and the row above the axes where the name stands."""

    x: float
    name: Text
    row: int


def marks_of(
    figure: Figure, named: Mapping[str, float], *, left: float, width: float, limits: tuple[float, float]
) -> list[Mark]:
    """Return marks for named places on an axis, their rows found by measuring the names.

    The axis will begin ``left`` inches from the page's edge and be ``width`` inches wide.
    """
    first, last = limits
    names = [page.write(figure, name, size=SMALL, color=DARK, va="bottom") for name in named]
    lefts = [left + (x - first) / (last - first) * width for x in named.values()]
    rows = mark_rows(lefts, [page.size(name)[0] + NAME_SPACE for name in names])
    return [Mark(*each) for each in zip(named.values(), names, rows, strict=True)]


def height_of(marks: Sequence[Mark]) -> float:
    """Return how many inches above the axes the names take."""
    return ROW * max((mark.row + 1 for mark in marks), default=0)


def draw_marks(axes: Axes, marks: Sequence[Mark]) -> None:
    """Draw a line per mark, rising to its name above the axes."""
    low, high = axes.get_ylim()
    per_inch = (high - low) / (page.inches(axes, 0, high)[1] - page.inches(axes, 0, low)[1])
    for mark in marks:
        top = high + (mark.row + 0.75) * ROW * per_inch
        axes.plot([mark.x] * 2, [low, top], color=DARK, lw=0.9, clip_on=False, zorder=1.5)
        x, y = page.inches(axes, mark.x, high)
        wide = NAME_SPACE + page.size(mark.name)[0]
        fits = x + wide <= WIDTH - EDGE
        page.place(mark.name, x + NAME_SPACE if fits else x - wide, y + mark.row * ROW)
    axes.set_ylim(low, high)
