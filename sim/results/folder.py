"""A run folder while it is being written: what it holds, what is missing, and how parts become outcomes.

Parts are replications in files of their own, written in any order as they finish; a finished folder has one
``outcomes.parquet`` and no parts. A process may die at any moment: the next one with the same run goes on
from the finished parts. Called by ``study``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sim.results import store
from sim.results.errors import StudyError
from sim.results.facts import Facts
from sim.results.files import PARTIAL, explained, locked
from sim.results.manifest import (
    MANIFEST,
    OUTCOMES,
    SUMMARY,
    Manifest,
    changed_outputs,
    check_same,
    finished,
    new_manifest,
    read_manifest,
    session,
    write_manifest,
)
from sim.results.outcomes import REPLICATION, Columns
from sim.results.run import Run, run_of
from sim.results.summary import summary, write_csv

Range = tuple[int, int]
"""Replications from the first to before the second number."""


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
    with locked(path):
        with explained(path):
            folder = RunFolder(path, _manifest(path, new_manifest(facts, seed=seed, engine=engine)))
        try:
            yield folder
        finally:
            folder.close()


class RunFolder:
    """A locked run folder: :meth:`add` takes replications in any order, :meth:`finish` puts them together."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self._manifest = manifest
        self._in_session = False
        self._parts = path / "parts"
        _remove_partial(path)
        self._parts.mkdir(exist_ok=True)
        self._ranges = sorted(_whole_parts(self._parts))

    @property
    def replications(self) -> int:
        """Return how many replications the finished outcomes hold."""
        return store.rows(self.path / OUTCOMES)

    def missing(self, stop: int) -> list[Range]:
        """Return which replications before ``stop`` the folder does not hold."""
        gaps, reached = [], self.replications
        for first, end in self._ranges:
            if first > reached:
                gaps.append((reached, min(first, stop)))
            reached = max(reached, end)
        gaps.append((reached, stop))
        return [(first, end) for first, end in gaps if first < end]

    def begin(self, stop: int) -> None:
        """Record in the manifest that replications up to ``stop`` are being computed, and with what."""
        sessions = self._manifest["sessions"]
        now = session(self.replications, stop)
        if self._in_session:
            now, sessions = (
                {**sessions[-1], "replications": [sessions[-1]["replications"][0], stop]},
                sessions[:-1],
            )
        self._in_session = True
        self._write({**self._manifest, "sessions": [*sessions, now]})

    def add(self, columns: Columns) -> None:
        """Keep some consecutive replications."""
        numbers = columns[REPLICATION]
        first, stop = int(numbers[0]), int(numbers[-1]) + 1
        with explained(self.path):
            store.write_part(self._parts / _part_name(first, stop), columns)
        self._ranges = sorted([*self._ranges, (first, stop)])

    def known(self) -> Columns | None:
        """Return the first replications the folder holds already, or None; at most a row group."""
        with explained(self.path):
            if self.replications:
                return next(store.stream(self.path / OUTCOMES, self.replications))
            return store.read_part(self._parts / _part_name(*self._ranges[0])) if self._ranges else None

    def finish(self, stop: int) -> Run:
        """Put all replications before ``stop`` into the outcomes, write the summary, and return the run.

        At no moment does the manifest vouch for a file that is not what it says, or is a part removed before
        the outcomes that contain it are on disk. A folder that holds more replications is left as it is, and
        the run is of the first of them.
        """
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
            self._parts.rmdir()

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
        reached = self.replications
        yield from store.stream(self.path / OUTCOMES, reached) if reached else ()
        for first, end in self._ranges:
            if reached < end and first < stop:
                part = store.read_part(self._parts / _part_name(first, end))
                if part is None:
                    raise StudyError(
                        f"run folder {self.path}: part {first}-{end} was damaged; run again to repair it"
                    )
                yield {name: column[reached - first : stop - first] for name, column in part.items()}
                reached = end

    def _tidy(self, stop: int) -> None:
        for first, end in self._ranges:
            if end <= stop:
                (self._parts / _part_name(first, end)).unlink(missing_ok=True)
        self._ranges = [(first, end) for first, end in self._ranges if end > stop]

    def _write(self, manifest: Manifest) -> None:
        with explained(self.path):
            write_manifest(self.path, manifest)
        self._manifest = manifest


def _manifest(path: Path, wanted: Manifest) -> Manifest:
    if not (path / MANIFEST).exists():
        if any((path / name).exists() for name in (OUTCOMES, SUMMARY, "parts")):
            raise StudyError(f"run folder {path} holds results but no {MANIFEST}; choose another folder")
        write_manifest(path, wanted)
        return wanted
    found = read_manifest(path)
    check_same(path, found, wanted)
    changed = changed_outputs(path, {"outputs": _only_outcomes(found)})
    if changed and (path / OUTCOMES).exists():
        raise StudyError(f"run folder {path}: {changed[0]} since it was written; choose another folder")
    return {**found, "outputs": {}} if changed else found


def _only_outcomes(manifest: Manifest) -> Manifest:
    return {name: value for name, value in manifest["outputs"].items() if name == OUTCOMES}


def _whole_parts(parts: Path) -> Iterator[Range]:
    """Yield the ranges of parts; those that are damaged are removed, to be computed again."""
    for path in sorted(parts.glob(f"{_NUMBER}-{_NUMBER}.parquet")):
        first, stop = map(int, path.stem.split("-"))
        part = store.read_part(path)
        if part is not None and store.whole(part, first, stop):
            yield first, stop
        else:
            path.unlink()


_NUMBER = "[0-9]" * 10


def _remove_partial(path: Path) -> None:
    for leftover in [*path.glob(f"*{PARTIAL}"), *path.glob(f"parts/*{PARTIAL}")]:
        leftover.unlink()


def _part_name(first: int, stop: int) -> str:
    return f"{first:010d}-{stop:010d}.parquet"
