"""Parts: what a page is made of, as plain text; the template alone knows HTML.

Made by the modules of sections, read by ``page.html.jinja``. Every string is text, not markup, and is escaped
there; only a picture is markup, and it is made by ``pictures`` from a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import pandas as pd
from markupsafe import Markup

Kind = Literal["numbers", "plain", "long", "stamp"]


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a cell: a text, perhaps linked, and beside or below it a smaller one."""

    text: str
    small: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; ``color`` is the scenario's own in all figures."""

    text: str
    small: str = ""
    color: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row is its head.

    ``folded`` is the summary under which it waits to be opened; without it the table is open. On paper a
    folded table is left out unless it is ``printed``.
    """

    caption: str
    head: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: Kind = "numbers"
    folded: str = ""
    printed: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: its markup, the line that says what it was made from, and the numbers behind it.

    ``title`` tells it from other figures of the same kind; empty where there is one.
    """

    name: str
    svg: Markup
    source: str
    table: Table | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page.

    Attributes
    ----------
    key
        Its anchor, the same in every language.
    missing
        The command that would add what the section lacks.
    """

    key: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    warning: str = ""
    figures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer, large or beside it."""

    text: str
    large: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page: title, when its numbers were made, the answer, and the sections, the table of dates first."""

    title: str
    dated: str
    answer: tuple[Sentence, ...]
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]


def cell(text: str) -> Cell:
    """Return the cell of a text; what follows a line break is its interval."""
    first, _, rest = text.partition("\n")
    return Cell((Part(first, rest),))


def heads(*names: str) -> tuple[Head, ...]:
    """Return plain heads of columns."""
    return tuple(Head(name) for name in names)


def rows_of(rows: Sequence[tuple[str, Sequence[str]]]) -> tuple[tuple[Cell, ...], ...]:
    """Return rows of cells from names and texts."""
    return tuple((cell(name), *map(cell, cells)) for name, cells in rows)


def table_of(frame: pd.DataFrame, caption: str) -> Table | None:
    """Return a table whose cells are texts already, its first column naming the rows; None if it is empty."""
    if frame.empty:
        return None
    texts = frame.astype(object).where(frame.notna(), "")
    body = tuple(tuple(cell(str(text)) for text in row) for row in texts.itertuples(index=False))
    return Table(caption, heads(*map(str, frame.columns)), body)


def link(text: str, url: str, *, small: str = "") -> Part:
    """Return a linked text; what is no web address is not linked."""
    try:
        safe = urlsplit(url.strip())
    except ValueError:
        return Part(text, small)
    return Part(text, small, url.strip() if safe.scheme in ("http", "https") and safe.netloc else "")
