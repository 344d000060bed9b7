"""Page: places text and axes in inches, measured before they are placed, so that nothing overlaps.

matplotlib's own layout engines know margins but not labels that must keep apart; a figure here is built from
measured blocks instead. All lengths are inches from the lower left corner of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from sim.chance.amount import Column
from sim.report.language import Language
from sim.report.style import DARK, GRAY, SMALL, TITLE, Look
from sim.report.words import folded

Place: TypeAlias = tuple[float, float]

WIDTH = 5.8
EDGE = 0.12
GAP, BETWEEN = 0.025, 0.12
HALO = (withStroke(linewidth=2, foreground="white"),)
HEADING, LEADER = 0.56, 0.22


def new_page() -> Figure:
    """Return an empty page; its height is set by :func:`set_height` once its contents are measured."""
    figure = Figure(figsize=(WIDTH, 3.6))
    FigureCanvasAgg(figure)
    return figure


def set_height(figure: Figure, height: float) -> None:
    """Set the height of a page."""
    figure.set_size_inches(WIDTH, height)


def add_axes(figure: Figure, left: float, bottom: float, *, width: float, height: float) -> Axes:
    """Return new axes at a place given in inches (the page must have its final height)."""
    wide, high = figure.get_size_inches()
    return figure.add_axes((left / wide, bottom / high, width / wide, height / high))


def write(figure: Figure | SubFigure, words: str, **options: Any) -> Text:
    """Return a text on the page, to be placed in inches; dollar signs in it mean dollars."""
    return figure.text(0, 0, words, transform=figure.dpi_scale_trans, parse_math=False, **options)


def size(text: Text) -> tuple[float, float]:
    """Return width and height of a text in inches."""
    if not text.get_text():
        return 0.0, 0.0
    figure = text.get_figure(root=True)
    assert figure is not None
    box = text.get_window_extent()
    return box.width / figure.dpi, box.height / figure.dpi


def fitted(figure: Figure | SubFigure, words: str, *, width: float, **options: Any) -> Text:
    """Return a text of one line that is at most so wide, cut with an ellipsis if need be."""
    characters = 120
    text = write(figure, folded(words, width=characters, lines=1), **options)
    while size(text)[0] > width:
        characters = int(0.95 * min(characters, len(text.get_text())))
        text.set_text(folded(words, width=characters, lines=1))
    return text


def width_of(figure: Figure, words: str, **options: Any) -> float:
    """Return how wide a text would be, in inches."""
    text = write(figure, words, **options)
    width = size(text)[0]
    text.remove()
    return width


def place(text: Text, x: float, y: float) -> None:
    """Move a text to a place in inches."""
    text.set_position((x, y))


def inches(axes: Axes, x: float, y: float) -> Place:
    """Return where a point of the axes' data lies on the page."""
    across, up = axes.transData.transform((x, y)) / axes.figure.dpi
    return float(across), float(up)


def width_of_axes(axes: Axes) -> float:
    """Return the width of axes in inches."""
    return float(axes.get_window_extent().width / axes.figure.dpi)


def number_ticks(axis: Axis, language: Language) -> None:
    """Write round numbers along an axis whose limits are set."""
    low, high = axis.get_view_interval()
    round_numbers = MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks = [tick for tick in round_numbers if low <= tick <= high]
    axis.set_ticks(ticks, labels=[language.number(tick) for tick in ticks])


def rule(figure: Figure | SubFigure, begin: Place, end: Place, *, color: str) -> None:
    """Draw a thin line between two places on the page."""
    x, y = zip(begin, end, strict=True)
    figure.add_artist(Line2D(x, y, color=color, lw=0.8, transform=figure.dpi_scale_trans))


def box(figure: Figure, corner: Place, *, width: float, height: float, look: Look) -> None:
    """Draw a filled box of a scenario's color, as a key to its bars."""
    figure.add_artist(Rectangle(corner, width, height, transform=figure.dpi_scale_trans, **look.fill))


@dataclass(frozen=True, slots=True)
class Block:
    """A bold head in a scenario's ink over a gray body, with its size in inches."""

    head: Text
    body: Text
    width: float
    height: float

    def move(self, x: float, middle: float) -> None:
        """Place the block: its left side at ``x``, its middle at the height ``middle``."""
        top = middle + self.height / 2
        place(self.head, x, top)
        place(self.body, x, top - size(self.head)[1] - GAP)

    def first_line(self, middle: float) -> float:
        """Return the height of the head's first line if the block's middle is at ``middle``."""
        return middle + self.height / 2 - 0.06


def block(figure: Figure, title: str, *, body: str, look: Look, characters: int = 20) -> Block:
    """Return a block of text, measured and not yet placed."""
    style: dict[str, Any] = {"va": "top", "ha": "left", "linespacing": 1.1}
    head = write(figure, folded(title, width=characters, lines=4), color=look.ink, weight="bold", **style)
    text = write(figure, body, color=GRAY, size=SMALL, **style)
    (wide, high), (wide_body, high_body) = size(head), size(text)
    return Block(head, text, max(wide, wide_body), high + (high_body + GAP if body else 0.0))


def label_ends(axes: Axes, blocks: Sequence[Block], levels: Sequence[float]) -> None:
    """Write blocks to the right of the axes, each joined to its level on the right edge and kept apart.

    Of equal levels the first block is the lowest.
    """
    edge, (low, high) = axes.get_xlim()[1], axes.get_ylim()
    places = [inches(axes, edge, level) for level in levels]
    heights = [block.height + BETWEEN for block in blocks]
    floor, ceiling = inches(axes, edge, low)[1], inches(axes, edge, high)[1]
    centers = spread([up for _, up in places], heights, low=floor, high=ceiling)
    for block, (right, up), center in zip(blocks, places, centers, strict=True):
        block.move(right + LEADER, center)
        begin, end = (right + 0.03, up), (right + LEADER - 0.05, block.first_line(center))
        rule(axes.figure, begin, end, color=str(block.head.get_color()))


def heading(figure: Figure, question: str, explanation: str) -> None:
    """Write the figure's question and what it shows, top left (the page must have its final height)."""
    top = figure.get_size_inches()[1] - EDGE
    place(write(figure, question, size=TITLE, weight="bold", color=DARK, va="top"), EDGE, top)
    place(write(figure, explanation, size=SMALL, color=GRAY, va="top"), EDGE, top - 0.22)


def note(figure: Figure, sentences: Sequence[str]) -> float:
    """Write small sentences at the bottom of the page; return the height they take."""
    words = "\n".join(folded(sentence, width=100, lines=4) for sentence in sentences if sentence)
    text = write(figure, words, size=SMALL - 1, color=GRAY, va="bottom", linespacing=1.15)
    place(text, EDGE, EDGE * 0.7)
    return size(text)[1] + EDGE * 0.7


def spread(wanted: Sequence[float], sizes: Sequence[float], *, low: float, high: float) -> list[float]:
    """Return centers as near as possible to the wanted ones such that things of these sizes keep apart.

    The least squares answer: with the sizes subtracted the order constraint is an isotonic regression (pool
    adjacent violators), and its bounded form is the unbounded one clipped. The order of ``wanted`` is kept,
    ties in the order given. If the things need more room than there is, they keep apart and pass ``high``.
    """
    if len(wanted) == 0:
        return []
    order = np.argsort(wanted, kind="stable")
    half = np.asarray(sizes, dtype=float)[order] / 2
    shift = np.concatenate([[0.0], np.cumsum(half[:-1] + half[1:])])
    level = _isotonic(np.asarray(wanted, dtype=float)[order] - shift)
    lowest = low + half[0]
    level = np.clip(level, lowest, max(lowest, high - half[-1] - shift[-1]))
    centers = np.empty(len(order))
    centers[order] = level + shift
    return [float(center) for center in centers]


def _isotonic(values: Column) -> Column:
    pooled: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while pooled and pooled[-1][0] > mean:
            before, more = pooled.pop()
            mean, count = (mean * count + before * more) / (count + more), count + more
        pooled.append((mean, count))
    return np.repeat([mean for mean, _ in pooled], [count for _, count in pooled])
