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


def turned(lefts: Sequence[float], widths: Sequence[float], *, edge: float) -> list[bool]:
    """Return which names reach to the left of their lines instead of to the right.

    They are those that would pass the edge, and those that would meet the line of such a one.
    """
    found = [left + width > edge for left, width in zip(lefts, widths, strict=True)]
    for mark in sorted(range(len(lefts)), key=lambda index: -lefts[index]):
        end = lefts[mark] + widths[mark]
        found[mark] |= any(each and lefts[mark] < x < end for x, each in zip(lefts, found, strict=True))
    return found


def mark_rows(
    lefts: Sequence[float], widths: Sequence[float], *, turn: Sequence[bool] = (), gap: float = 0.1
) -> list[int]:
    """Return the row of each name, counted from the bottom, so that no name meets a name or a mark's line.

    Names begin at their lines and reach to the right. Going from right to left, a name takes the lowest row
    in which it ends before every later line that rises to that row. Names that turn to the left follow, from
    left to right, each above everything that it would meet.
    """
    rows, turn = [0] * len(lefts), turn or [False] * len(lefts)
    done: list[int] = []
    for mark in sorted(range(len(lefts)), key=lambda index: -lefts[index]):
        if not turn[mark]:
            end = lefts[mark] + widths[mark] + gap
            while any(rows[other] >= rows[mark] and lefts[other] < end for other in done):
                rows[mark] += 1
            done.append(mark)
    for mark in sorted(set(range(len(lefts))) - set(done), key=lambda index: lefts[index]):
        begin = lefts[mark] - widths[mark] - gap
        met = [other for other in done if lefts[other] + (0 if turn[other] else widths[other]) > begin]
        rows[mark] = 1 + max((rows[other] for other in met), default=-1)
        done.append(mark)
    return rows


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line: where it is, its name, the row above the axes and the side where the name stands."""

    x: float
    name: Text
    row: int
    turned: bool


def marks_of(
    figure: Figure, named: Mapping[str, float], *, left: float, width: float, limits: tuple[float, float]
) -> list[Mark]:
    """Return marks for named places on an axis, their rows found by measuring the names.

    The axis will begin ``left`` inches from the page's edge and be ``width`` inches wide.
    """
    first, last = limits
    names = [page.write(figure, name, size=SMALL, color=DARK, va="bottom") for name in named]
    lefts = [left + (x - first) / (last - first) * width for x in named.values()]
    widths = [page.size(name)[0] + NAME_SPACE for name in names]
    turn = turned(lefts, widths, edge=WIDTH - EDGE)
    rows = mark_rows(lefts, widths, turn=turn)
    return [Mark(*each) for each in zip(named.values(), names, rows, turn, strict=True)]


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
        begin = x - NAME_SPACE - page.size(mark.name)[0] if mark.turned else x + NAME_SPACE
        page.place(mark.name, begin, y + mark.row * ROW)
    axes.set_ylim(low, high)
