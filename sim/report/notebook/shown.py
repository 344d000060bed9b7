"""Shown: what every result of the Python API has in common: a text, the same as HTML, and figures.

A result says itself in sentences and in small tables of texts; both renderings are made from these. The
tables of numbers belong to each result. Called by the results of this package.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from itertools import zip_longest
from textwrap import fill
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from sim.report.language import Language
from sim.report.language import language as language_of
from sim.results.facts import Facts
from sim.results.statistics import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.report.description import Description

WIDTH, SCREEN_DPI = 80, 120

ENDS = MappingProxyType({"value": "", "low": "_low", "high": "_high"})
"""Parts of an estimate, and how the names of their columns end."""

Rows = Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts: a label and cells per row; the second line of a cell is its 95 % interval."""

    header: Sequence[str]
    rows: Rows
    caption: str = ""


class Shown:
    """A result that can be looked at: ``repr`` for a terminal, HTML for a notebook."""

    @classmethod
    def of(cls, found: Any, **more: Any) -> Self:
        """Return a study's result with all that a notebook wants of it."""
        return cls(**{each.name: getattr(found, each.name) for each in fields(found)}, **more)

    def sentences(self) -> Iterable[str]:
        """Return what the result says, in sentences."""
        raise NotImplementedError

    def grids(self) -> Iterable[Grid]:
        """Return the small tables that belong to the sentences."""
        return ()

    def picture(self) -> Picture:
        """Return the figure of the result.

        Raises
        ------
        ValueError
            It has none.
        """
        raise ValueError(f"there is no figure of a {type(self).__name__}")

    def plot(self, *, language: str = "en") -> Axes:
        """Draw the figure of the result.

        Parameters
        ----------
        language
            Of its words: ``en`` or ``ru``.

        Raises
        ------
        ValueError
            There is no such language, or nothing to draw.
        """
        return self.picture().axes(language_of(language))

    def __repr__(self) -> str:
        return "\n\n".join([fill(" ".join(self.sentences()), WIDTH), *map(_text, self.grids())])

    def _repr_html_(self) -> str:
        body = f"<p>{escape(' '.join(self.sentences()))}</p>{''.join(map(_html, self.grids()))}"
        return f'<div class="chiproute">{body}</div>'


def values_of(rows: Iterable[object], *names: str) -> dict[str, list[Any]]:
    """Return attributes of some results as columns of a table."""
    rows = list(rows)
    return {name: [getattr(row, name) for row in rows] for name in names}


def estimates_of(rows: Iterable[object], **names: str) -> dict[str, list[float]]:
    """Return estimates among the attributes of some results as columns: value, ends of its 95 % interval.

    Parameters
    ----------
    names
        Column to attribute. The column's ends are called ``_low`` and ``_high``; NaN where there is none.
    """
    rows, found = list(rows), {}
    for column, name in names.items():
        estimates: list[Estimate | None] = [getattr(row, name) for row in rows]
        for part, end in ENDS.items():
            found[column + end] = [math.nan if each is None else getattr(each, part) for each in estimates]
    return found


def iso(facts: Facts, days: float) -> str:
    """Return a time as an ISO date; empty for never."""
    when = facts.date(days)
    return when.isoformat() if when else ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure that is still to be drawn: its two functions, and what both take."""

    draw: Callable[..., Axes]
    describe: Callable[..., Description]
    arguments: tuple[object, ...]
    options: Mapping[str, object] = field(default_factory=dict)

    def axes(self, language: Language) -> Axes:
        """Return the figure, which a notebook shows as a picture, and everything else as its words.

        Figures are made without pyplot, whose hook shows pictures in notebooks, so the axes show themselves.
        """
        axes = self.draw(*self.arguments, **self.options, language=language)
        words = self.description(language).alternative

        def bundle(**_: object) -> dict[str, object]:
            return {"image/png": _png(axes), "text/plain": words}

        axes._repr_mimebundle_ = bundle  # type: ignore[attr-defined]  # IPython's word, not matplotlib's
        return axes

    def description(self, language: Language) -> Description:
        """Return the figure in words, and the data behind it."""
        return self.describe(*self.arguments, **self.options, language=language)


def _png(axes: Axes) -> bytes:
    from io import BytesIO

    from sim.report.style import styled

    file, figure = BytesIO(), axes.get_figure(root=True)
    assert figure is not None  # axes are drawn on a page
    styled(figure.savefig)(file, format="png", dpi=SCREEN_DPI, metadata={"Software": None})
    return file.getvalue()


def _html(grid: Grid) -> str:
    caption = f"<caption>{escape(grid.caption)}</caption>" if grid.caption else ""
    header = "".join(f'<th scope="col">{escape(each)}</th>' for each in grid.header)
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th>{"".join(f"<td>{_cell(cell)}</td>" for cell in cells)}</tr>'
        for label, cells in grid.rows
    )
    return f"<table>{caption}<thead><tr><td></td>{header}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(cell: str) -> str:
    first, _, rest = cell.partition("\n")
    return f"{escape(first)}<br><small>{escape(rest)}</small>" if rest else escape(first)


def _text(grid: Grid) -> str:
    """Return a grid as aligned lines."""
    lines = [("", *grid.header), *(line for row in grid.rows for line in _lines(*row))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    aligned = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    return "\n".join([*([grid.caption] if grid.caption else []), *aligned])


def _lines(label: str, cells: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield from zip_longest([label], *(cell.split("\n") for cell in cells), fillvalue="")
