"""A run folder while it is being written: what it holds, what is missing, and how parts become outcomes.

Parts are replications in files of their own, written in any order as they finish; a finished folder has one
``outcomes.parquet`` and no parts. A process may die at any moment: the next one with the same run goes on
from the finished parts. Called by ``study``; ``study.verify`` reads what a folder holds.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sim.results import store
from sim.results.errors import StudyError
from sim.results.facts import Facts
from sim.results.files import PARTIAL, explained, locked
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
from sim.results.outcomes import Columns
from sim.results.parts import PARTS, Joining, held, write_part
from sim.results.run import Run, run_of
from sim.results.summary import summary, summary_of_comparison, write_csv

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
        self._joining: Joining | None = None
        _remove_partial(path)
        (path / PARTS).mkdir(exist_ok=True)
        self._parts = held(path)
        _remove_others(path / PARTS, [part.path for part in self._parts])

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
        """Record in the manifest that what is missing before ``stop`` is being computed, and with what.

        What comes from now on is joined into the outcomes as it comes.
        """
        sessions, ranges = self._manifest["sessions"], self.missing(stop)
        now = session(ranges)
        if self._in_session:
            *sessions, now = sessions
            now = {**now, "replications": [*now["replications"], *map(list, ranges)]}
        self._in_session = True
        self._write({**self._manifest, "sessions": [*sessions, now]})
        self._drop_joining()
        with explained(self.path):
            self._joining = Joining(self.path, stop)

    def add(self, columns: Columns) -> None:
        """Keep some consecutive replications."""
        self._check_held()
        with explained(self.path):
            insort(self._parts, write_part(self.path, columns))
            if self._joining:
                self._joining.join(self._parts, columns)

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
        self._drop_joining()
        with suppress(OSError):
            (self.path / PARTS).rmdir()

    def _beginning(self, stop: int) -> Run:
        note = f"{self.path} holds {self.replications:,} replications; the first {stop:,} were used"
        return replace(run_of(self.path, self._manifest), replications=stop, notes=(note,))

    def _put_together(self, stop: int) -> None:
        if self._joining is None or self._joining.stop != stop:
            self.begin(stop)
        assert self._joining is not None  # or begin has failed
        self._write({**self._manifest, "outputs": {}})
        self._joining.finish(self._parts)
        self._joining = None
        write_csv(self.path / SUMMARY, summary(run_of(self.path, self._manifest)))
        done = {**self._manifest, "replications": stop}
        self._write(finished(done, self.path, (OUTCOMES, SUMMARY)))

    def _drop_joining(self) -> None:
        if self._joining is not None:
            self._joining.drop()
        self._joining = None

    def _complete(self, stop: int) -> bool:
        return {OUTCOMES, SUMMARY} <= self._manifest["outputs"].keys() and self.replications == stop

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


def _remove_partial(path: Path) -> None:
    for leftover in path.glob(f"*{PARTIAL}"):
        leftover.unlink()


def _remove_others(folder: Path, parts: Sequence[Path]) -> None:
    """Remove what is left of damaged and unfinished parts: they are computed again."""
    for path in {*folder.glob("*.parquet*")} - {*parts}:
        path.unlink()
