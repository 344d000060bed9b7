"""A run folder while it is being written: what it holds, what is missing, and how parts become outcomes.

Parts are replications in files of their own, written in any order as they finish; a finished folder has one
``outcomes.parquet`` and no parts. A process may die at any moment: the next one with the same run goes on
from the finished parts. Called by ``study``; ``study.verify`` reads what a folder holds.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sim.results import store
from sim.results.errors import StudyError
from sim.results.facts import Facts
from sim.results.files import PARTIAL, explained, intact, locked
from sim.results.manifest import (
    COMPARISON,
    MANIFEST,
    OUTCOMES,
    SUMMARY,
    Manifest,
    changed_outputs,
    check_same,
    finished,
    missing_outputs,
    new_comparison,
    new_manifest,
    read_manifest,
    session,
    write_manifest,
)
from sim.results.outcomes import REPLICATION, Columns
from sim.results.run import Run, run_of
from sim.results.summary import summary, summary_of_comparison, write_csv

PARTS = "parts"
"""The folder of parts in a run folder."""

Range = tuple[int, int]
"""Replications from the first to before the second number."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A file of the replications ``first`` to before ``stop``."""

    first: int
    stop: int
    path: Path


@contextmanager
def open_folder(path: Path, facts: Facts, *, seed: int, engine: str) -> Iterator[RunFolder]:
    """Open a run folder for this run, new or begun, and keep others out while the block runs.

    Raises
    ------
    StudyError
        The folder cannot be written, another process writes to it, it holds another run, or its outcomes
        were changed since they were written.
    """
    with explained(path):
        path.mkdir(parents=True, exist_ok=True)
    with locked(path) as check_held:
        with explained(path):
            manifest = _manifest(path, new_manifest(facts, seed=seed, engine=engine))
            folder = RunFolder(path, manifest, check_held)
        try:
            yield folder
        finally:
            folder.close()


class RunFolder:
    """A locked run folder: :meth:`add` takes replications in any order, :meth:`finish` puts them together."""

    def __init__(self, path: Path, manifest: Manifest, check_held: Callable[[], None]) -> None:
        self.path = path
        self._manifest = manifest
        self._check_held = check_held
        self._in_session = False
        self._folder = path / PARTS
        _remove_partial(path)
        self._folder.mkdir(exist_ok=True)
        self._parts = _whole_parts(self._folder)
        _remove_other_files(self._folder, self._parts)

    @property
    def replications(self) -> int:
        """Return how many replications the finished outcomes hold."""
        return store.rows(self.path / OUTCOMES)

    def missing(self, stop: int) -> list[Range]:
        """Return which replications before ``stop`` the folder does not hold."""
        gaps, reached = [], self.replications
        for part in self._parts:
            if part.first > reached:
                gaps.append((reached, min(part.first, stop)))
            reached = max(reached, part.stop)
        gaps.append((reached, stop))
        return [(first, end) for first, end in gaps if first < end]

    def begin(self, stop: int) -> None:
        """Record in the manifest that what is missing before ``stop`` is being computed, and with what."""
        sessions, ranges = self._manifest["sessions"], self.missing(stop)
        now = session(ranges)
        if self._in_session:
            *sessions, now = sessions
            now = {**now, "replications": [*now["replications"], *map(list, ranges)]}
        self._in_session = True
        self._write({**self._manifest, "sessions": [*sessions, now]})

    def add(self, columns: Columns) -> None:
        """Keep some consecutive replications."""
        self._check_held()
        numbers = columns[REPLICATION]
        first, stop = int(numbers[0]), int(numbers[-1]) + 1
        with explained(self.path):
            path = store.write_part(self._folder / _part_name(first, stop), columns)
        insort(self._parts, Part(first, stop, path))

    def known(self) -> Columns | None:
        """Return the first replications the folder holds already, or None; at most a row group."""
        with explained(self.path):
            if self.replications:
                return next(store.stream(self.path / OUTCOMES, self.replications))
            return store.read_part(self._parts[0].path) if self._parts else None

    def finish(self, stop: int) -> Run:
        """Put all replications before ``stop`` into the outcomes, write the summary, and return the run.

        At no moment does the manifest vouch for a file that is not what it says, or is a part removed before
        the outcomes that contain it are on disk. A folder that holds more replications is left as it is, and
        the run is of the first of them.
        """
        self._check_held()
        if self.replications > stop:
            return self._beginning(stop)
        with explained(self.path):
            if not self._complete(stop):
                self._put_together(stop)
            self._tidy(stop)
        return run_of(self.path, self._manifest)

    def close(self) -> None:
        """Remove the folder of parts, unless there are some that a later run can use."""
        with suppress(OSError):
            self._folder.rmdir()

    def _beginning(self, stop: int) -> Run:
        note = f"{self.path} holds {self.replications:,} replications; the first {stop:,} were used"
        return replace(run_of(self.path, self._manifest), replications=stop, notes=(note,))

    def _put_together(self, stop: int) -> None:
        if not self._in_session:
            self.begin(stop)
        self._write({**self._manifest, "outputs": {}})
        store.assemble(self.path / OUTCOMES, self._pieces(stop))
        write_csv(self.path / SUMMARY, summary(run_of(self.path, self._manifest)))
        done = {**self._manifest, "replications": stop}
        self._write(finished(done, self.path, (OUTCOMES, SUMMARY)))

    def _complete(self, stop: int) -> bool:
        return {OUTCOMES, SUMMARY} <= self._manifest["outputs"].keys() and self.replications == stop

    def _pieces(self, stop: int) -> Iterator[Columns]:
        for part in pieces(self.path, self._parts, stop):
            if part is None:
                raise StudyError(f"run folder {self.path}: a part was damaged; run again to repair it")
            yield part

    def _tidy(self, stop: int) -> None:
        for part in self._parts:
            if part.stop <= stop:
                part.path.unlink(missing_ok=True)
        self._parts = [part for part in self._parts if part.stop > stop]

    def _write(self, manifest: Manifest) -> None:
        with explained(self.path):
            write_manifest(self.path, manifest)
        self._manifest = manifest


def write_comparison(folder: Path, runs: Sequence[Run]) -> None:
    """Compare runs that are in folders, and write the table with a manifest to make it again.

    Raises
    ------
    StudyError
        The folder cannot be written, another process writes to it, or it holds a run.
    """
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder), explained(folder):
        if (folder / MANIFEST).exists():
            read_manifest(folder, kind="comparison")
        folders = [run.folder for run in runs if run.folder is not None]
        manifest = new_comparison(folders, replications=runs[0].replications)
        write_manifest(folder, manifest)
        write_csv(folder / COMPARISON, summary_of_comparison(runs))
        write_manifest(folder, finished(manifest, folder, [COMPARISON]))


def held(path: Path) -> list[Part]:
    """Return the whole parts of a folder, finished or not, in order; nothing is changed."""
    return _whole_parts(path / PARTS)


def pieces(path: Path, parts: Sequence[Part], stop: int) -> Iterator[Columns | None]:
    """Yield what a folder holds of the replications before ``stop``, in order; None for a damaged part."""
    reached = store.rows(path / OUTCOMES)
    yield from store.stream(path / OUTCOMES, min(reached, stop)) if reached else ()
    for part in parts:
        if reached < part.stop and part.first < stop:
            columns, skipped = store.read_part(part.path), max(reached - part.first, 0)
            yield columns and {name: each[skipped : stop - part.first] for name, each in columns.items()}
            reached = part.stop


def _manifest(path: Path, wanted: Manifest) -> Manifest:
    if not (path / MANIFEST).exists():
        if any((path / name).exists() for name in (OUTCOMES, SUMMARY, PARTS)):
            raise StudyError(f"run folder {path} holds results but no {MANIFEST}; choose another folder")
        write_manifest(path, wanted)
        return wanted
    found = read_manifest(path, kind=None)
    check_same(path, found, wanted)
    outputs = {name: found["outputs"][name] for name in (OUTCOMES, SUMMARY) if name in found["outputs"]}
    for sentence in changed_outputs(path, {"outputs": outputs}):
        if not sentence.endswith("missing"):
            raise StudyError(f"run folder {path}: {sentence} since it was written; choose another folder")
    missing = missing_outputs(path, {"outputs": outputs})
    return {**found, "outputs": {}} if missing else found


def _whole_parts(folder: Path) -> list[Part]:
    """Return the parts that are what they were when they were written, in order."""
    paths = sorted(folder.glob(f"{_NUMBER}-{_NUMBER}-{'[0-9a-f]' * 8}.parquet"))
    return [_part(path) for path in paths if intact(path)]


def _part(path: Path) -> Part:
    first, stop, _ = path.stem.split("-")
    return Part(int(first), int(stop), path)


_NUMBER = "[0-9]" * 10


def _remove_other_files(folder: Path, parts: Sequence[Part]) -> None:
    """Remove what is left of damaged and unfinished parts: they are computed again."""
    for path in {*folder.glob("*.parquet*")} - {part.path for part in parts}:
        path.unlink()


def _remove_partial(path: Path) -> None:
    for leftover in path.glob(f"*{PARTIAL}"):
        leftover.unlink()


def _part_name(first: int, stop: int) -> str:
    return f"{first:010d}-{stop:010d}.parquet"
