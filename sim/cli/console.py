"""The terminal: tables that fit 80 columns, and progress with time left.

Tables go to standard output, progress to standard error; piped, both are plain lines. Called by the commands.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

WIDTH = 80
SCENARIOS_PER_TABLE = 3

Report = Callable[[int, int], None]
"""Told how many replications are done, of how many."""


def console() -> Console:
    """Return where tables are printed; 80 columns wide where there is no terminal."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False, soft_wrap=False)


def print_rows(names: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], title: str = "") -> None:
    """Print a row per quantity and a column per scenario; many scenarios are split over several tables."""
    for begin in range(0, len(names), SCENARIOS_PER_TABLE):
        part = slice(begin, begin + SCENARIOS_PER_TABLE)
        table = Table(
            title=title or None,
            title_justify="left",
            show_edge=False,
            pad_edge=False,
            box=None,
            padding=(0, 2, 0, 0),
        )
        table.add_column("", no_wrap=True)
        for name in names[part]:
            table.add_column(name, overflow="fold")
        for label, cells in rows:
            table.add_row(Text(label, style="bold"), *(_cell(cell) for cell in cells[part]))
        console().print(table)
        console().print()


def _cell(text: str) -> Text:
    first, _, rest = text.partition("\n")
    return Text(first) + Text("\n" + rest, style="dim") if rest else Text(first)


@contextmanager
def progress(name: str, quiet: bool) -> Iterator[Report | None]:
    """Give a function to tell progress to: a bar with time left on a terminal, plain lines elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        with _bar() as bar:
            task = bar.add_task(name, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        yield _Lines(name)


def _bar() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


class _Lines:
    """Progress as plain lines: the first, then one every few seconds."""

    every_seconds = 5.0

    def __init__(self, name: str) -> None:
        self.name = name
        self.begin = self.last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last < self.every_seconds or done == 0:
            return
        self.last = now
        left = (now - self.begin) * (total - done) / done
        print(f"{self.name}: {done:,} of {total:,} replications, {left:.0f} s left", file=sys.stderr)
