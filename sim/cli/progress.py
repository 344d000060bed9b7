"""Progress: how far a study is, how fast it goes, and how long it will take.

On a terminal a bar that disappears when the work is done, elsewhere a plain line every few seconds, both on
standard error; work of about a second shows neither. Called by the commands that simulate.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from sim.cli.console import plain_terminal

if TYPE_CHECKING:
    from rich.progress import Progress

Report = Callable[[int, int], None]
"""Told how many replications are done, of how many."""

WORTH_A_BAR_SECONDS = 1.0
BETWEEN_LINES_SECONDS = 5.0


@contextmanager
def progress(name: str, quiet: bool) -> Iterator[Report | None]:
    """Give a function to tell progress to; None where nothing is to be shown."""
    if quiet:
        yield None
    elif sys.stderr.isatty() and not plain_terminal():
        bar = _Bar(name)
        try:
            yield bar
        finally:
            bar.close()
    else:
        yield _Lines(name)


@dataclass
class Pace:
    """How fast the present phase goes; a phase ends when less is done than before."""

    clock: Callable[[], float] = time.monotonic
    begin: float = 0.0
    first: int = 0
    last: int = -1

    def tell(self, done: int) -> float:
        """Note how much is done, and return the seconds since the phase began."""
        if self.last < 0 or done < self.last:
            self.begin, self.first = self.clock(), done
        self.last = done
        return self.clock() - self.begin

    def text(self, total: int) -> str:
        """Return the speed and the time left."""
        seconds, count = self.clock() - self.begin, self.last - self.first
        if seconds <= 0.0 or count <= 0:
            return "starting"
        speed = count / seconds
        return f"{_short(speed)} replications/s, {time_text((total - self.last) / speed)} left"


def _short(speed: float) -> str:
    return f"{speed:,.0f}" if speed >= 10 else f"{speed:.1f}"


def time_text(seconds: float) -> str:
    """Return a time as "42 s", "3 min" or "2 h 5 min"."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60.0)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@dataclass
class _Lines:
    """Progress as plain lines: the first after some seconds."""

    name: str
    pace: Pace = field(default_factory=Pace)
    shown: float = 0.0

    def __call__(self, done: int, total: int) -> None:
        seconds = self.pace.tell(done)
        if seconds < self.shown:
            self.shown = 0.0
        if seconds - self.shown >= BETWEEN_LINES_SECONDS:
            self.shown = seconds
            click.echo(f"{self.name}: {done:,} of {total:,} done, {self.pace.text(total)}", err=True)


@dataclass
class _Bar:
    """Progress as a bar, made when the work turns out to take more than a moment."""

    name: str
    pace: Pace = field(default_factory=Pace)
    bar: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        if self.pace.tell(done) >= WORTH_A_BAR_SECONDS and self.bar is None:
            self.bar = _started(self.name, total)
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], completed=done, total=total, pace=self.pace.text(total))

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()


def _started(name: str, total: int) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.text import Text

    name = name if len(name) <= 24 else f"{name[:23]}…"
    columns = (TextColumn(Text(name).markup), BarColumn(bar_width=20), TextColumn("{task.fields[pace]}"))
    bar = Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4)
    bar.add_task(name, total=total, pace="")
    bar.start()
    return bar
