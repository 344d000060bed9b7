"""The terminal: paragraphs and tables that fit, in color only where somebody looks at them.

Piped, everything is plain text of at most 80 columns without trailing blanks; one word that is longer (a
path, an address) is never broken outside of tables. Called by ``answer`` and by the commands that read.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text

WIDTH = 80
NARROWEST = 40
GAP = 2
WIDEST_LABEL, WIDEST_CELL = 40, 26
"""Characters after which a label, and a cell or heading, goes on in the next line."""

_BREAKS = re.compile(r"[^\s./\-_,:]*[\s./\-_,:]?")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines to be printed as they are; the first ``hanging`` characters of each stay free when one wraps."""

    lines: Sequence[str]
    hanging: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A row per quantity and a column per heading.

    Attributes
    ----------
    rows
        Labels with their cells; the second line of a cell is an interval, and stays in the background.
    numbers
        Whether cells are numbers, set to the right.
    """

    headings: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    title: str = ""
    numbers: bool = False


Block = str | Lines | Table
"""What a command says: a paragraph, lines, or a table."""


def say(*blocks: Block) -> None:
    """Print blocks on standard output, an empty line between them."""
    width = columns()
    texts = [text for text in (_text(block, width) for block in blocks) if text]
    if texts:
        click.echo("\n\n".join(texts))


def columns() -> int:
    """Return how many columns there are: 80 unless standard output is a terminal of another width."""
    if not sys.stdout.isatty():
        return WIDTH
    return max(shutil.get_terminal_size((WIDTH, 24)).columns, NARROWEST)


def _text(block: Block, width: int) -> str:
    if isinstance(block, Table):
        return "\n\n".join(_table(block, part, width) for part in _parts(block, width))
    if isinstance(block, Lines):
        return "\n".join(_filled(line, width, block.hanging) for line in block.lines)
    return _filled(block, min(width, WIDTH), 0)


def _filled(text: str, width: int, hanging: int) -> str:
    return textwrap.fill(
        text,
        width,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _parts(table: Table, width: int) -> Iterator[range]:
    """Yield as many columns at a time as stand side by side."""
    left, begin = _widest([label for label, _ in table.rows], WIDEST_LABEL), 0
    used = left
    for index in range(len(table.headings)):
        wanted = GAP + _column_width(table, index)
        if index > begin and used + wanted > width:
            yield range(begin, index)
            begin, used = index, left
        used += wanted
    yield range(begin, len(table.headings))


def _column_width(table: Table, index: int) -> int:
    return _widest([table.headings[index], *(cells[index] for _, cells in table.rows)], WIDEST_CELL)


def _widest(texts: Sequence[str], most: int) -> int:
    return max((len(line) for text in texts for line in broken(text, most)), default=0)


def broken(text: str, most: int) -> list[str]:
    """Return the lines of a text, each broken after blanks, dots and dashes to at most so many characters."""
    return [part for line in text.split("\n") for part in _broken_line(line, most)]


def _broken_line(line: str, most: int) -> Iterator[str]:
    begun = ""
    for piece in _BREAKS.findall(line):
        if begun and len((begun + piece).rstrip()) > most:
            yield begun.rstrip()
            begun = ""
        begun += piece
        while len(begun.rstrip()) > most:
            yield begun[:most]
            begun = begun[most:]
    yield begun.rstrip()


def _table(table: Table, part: range, width: int) -> str:
    from rich.console import Console
    from rich.table import Table as Rich
    from rich.text import Text

    named = any(table.headings)
    drawn = Rich(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="", show_header=named)
    drawn.add_column("", no_wrap=True)
    for index in part:
        heading = Text("\n".join(broken(table.headings[index], WIDEST_CELL)), style="bold")
        drawn.add_column(heading, no_wrap=True, justify="right" if table.numbers else "left", vertical="top")
    for label, cells in table.rows:
        name = Text("\n".join(broken(label, WIDEST_LABEL)), style="bold")
        drawn.add_row(name, *(_cell(cells[index]) for index in part))
    stream = StringIO()
    colors = sys.stdout.isatty() and not plain_terminal()
    console = Console(file=stream, force_terminal=colors, width=width, highlight=False, legacy_windows=False)
    if table.title:
        console.print(Text(table.title, style="bold"))
    console.print(drawn)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def _cell(text: str) -> Text:
    from rich.text import Text

    first, *rest = (line for part in text.split("\n") for line in broken(part, WIDEST_CELL))
    return Text(first) + Text("\n" + "\n".join(rest), style="dim") if rest else Text(first)


def plain_terminal() -> bool:
    """Whether the user asked for no color, or the terminal has none."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in ("dumb", "unknown")
