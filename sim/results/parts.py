"""Parts of a run: some replications in a file of their own, and how they are joined into outcomes.

Parts are written in any order, and may overlap what the outcomes hold already. Called by ``folder``, which
writes them, and by ``study.verify``, which reads what a folder holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.results import store
from sim.results.errors import StudyError
from sim.results.files import intact
from sim.results.manifest import OUTCOMES
from sim.results.outcomes import REPLICATION, Columns

PARTS = "parts"
"""The folder of parts in a run folder."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A file of the replications ``first`` to before ``stop``."""

    first: int
    stop: int
    path: Path


class Joining:
    """The outcomes before ``stop`` while they are joined: what the folder holds, then part after part.

    Parts are joined as they come, so that the last one leaves little to do.
    """

    def __init__(self, folder: Path, stop: int) -> None:
        self.stop = stop
        self._folder, self._reached = folder, 0
        self._outcomes = store.Assembly(folder / OUTCOMES)
        try:
            for columns in pieces(folder, (), stop):
                self._add(columns)
        except BaseException:
            self.drop()
            raise

    def join(self, parts: Sequence[Part], fresh: Columns | None = None) -> None:
        """Join what follows in parts, which are in order; ``fresh`` is what the newest of them holds."""
        for part in parts:
            if part.first > self._reached or self._reached >= self.stop:
                return
            if part.stop > self._reached:
                is_fresh = fresh is not None and fresh[REPLICATION][0] == part.first
                columns = fresh if is_fresh else store.read_part(part.path)
                self._add(_between(columns, self._reached, self.stop))

    def finish(self, parts: Sequence[Part]) -> None:
        """Join the rest, and let the outcomes appear."""
        self.join(parts)
        self._outcomes.finish()

    def drop(self) -> None:
        """Give up; parts stay as they are."""
        self._outcomes.drop()

    def _add(self, columns: Columns | None) -> None:
        if columns is None:
            raise StudyError(f"run folder {self._folder}: a part was damaged; run again to repair it")
        self._outcomes.add(columns)
        self._reached += len(columns[REPLICATION])


def held(folder: Path) -> list[Part]:
    """Return the whole parts of a run folder, finished or not, in order; nothing is changed."""
    paths = sorted((folder / PARTS).glob(f"{_NUMBER}-{_NUMBER}-{'[0-9a-f]' * 8}.parquet"))
    return [_part(path) for path in paths if intact(path)]


def pieces(folder: Path, parts: Sequence[Part], stop: int) -> Iterator[Columns | None]:
    """Yield what a folder holds of the replications before ``stop``, in order; None for a damaged part."""
    reached = store.rows(folder / OUTCOMES)
    yield from store.stream(folder / OUTCOMES, min(reached, stop)) if reached else ()
    for part in parts:
        if reached < part.stop and part.first < stop:
            yield _between(store.read_part(part.path), reached, stop)
            reached = part.stop


def write_part(folder: Path, columns: Columns) -> Part:
    """Keep consecutive replications in the parts of a run folder."""
    numbers = columns[REPLICATION]
    first, stop = int(numbers[0]), int(numbers[-1]) + 1
    return Part(first, stop, store.write_part(folder / PARTS / f"{first:010d}-{stop:010d}.parquet", columns))


def _part(path: Path) -> Part:
    first, stop, _ = path.stem.split("-")
    return Part(int(first), int(stop), path)


_NUMBER = "[0-9]" * 10


def _between(columns: Columns | None, reached: int, stop: int) -> Columns | None:
    """Return the replications from one to before another of consecutive ones."""
    if columns is None:
        return None
    first = int(columns[REPLICATION][0])
    return {name: each[max(reached - first, 0) : stop - first] for name, each in columns.items()}
