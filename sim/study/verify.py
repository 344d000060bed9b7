"""Verify: compute the numbers of a folder again, from its manifest alone, and find out which come out.

Four answers are kept apart: the folder was changed after it was written; its numbers come out again; they do
not, under the conditions they were computed under (an error) or under others (perhaps none); something
cannot be checked. Hashes show damage and careless edits; running again is what proves the numbers. Called by
the command line and the API; words are left to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.results import store
from sim.results.conditions import changes, conditions
from sim.results.differences import OutcomeDifferences, outcome_differences, row_differences
from sim.results.errors import Interrupted, OtherLayout, StudyError, Tampered
from sim.results.facts import Facts
from sim.results.files import LOCK, in_use
from sim.results.manifest import (
    COMPARISON,
    MANIFEST,
    OUTCOMES,
    SUMMARY,
    Manifest,
    changed_outputs,
    facts_of,
    fingerprint,
    missing_outputs,
    read_manifest,
    sealed,
)
from sim.results.parts import PARTS, Part, held, pieces
from sim.results.run import Run, run_of
from sim.results.summary import summary, summary_of_comparison, write_csv
from sim.results.verification import OutputCheck, SessionCheck, Verdict, Verification
from sim.scenario.load import digest, restored
from sim.scenario.problems import ScenarioError
from sim.study.named import subject_of
from sim.study.run import Settings, run_all
from sim.study.simulate import Engine
from sim.study.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Again:
    """How to compute the numbers again; None means as recorded.

    Attributes
    ----------
    replications
        Only the first so many.
    settings
        Workers, executor and progress; the rest is the manifest's.
    """

    engine: Engine | None = None
    replications: int | None = None
    settings: Settings = field(default_factory=Settings)


def verify(folder: Path, again: Again | None = None) -> Verification:
    """Verify a run or comparison folder, wherever it is now; nothing is written into it.

    Raises
    ------
    StudyError
        There is no manifest, another process writes to the folder, or the simulation failed.
    EngineDisagreement
        The engines differ.
    """
    if in_use(folder):
        raise StudyError(f"run folder {folder}: another run is writing here; verify when it has ended")
    try:
        before = sealed(folder)
        found = _examined(folder, before, again or Again())
    except Tampered as error:
        return Verification(folder=folder, verdict="tampered", problems=(str(error),))
    if found.verdict == "tampered" and sealed(folder) != before:
        raise StudyError(f"run folder {folder}: it was written to in the meantime; verify again")
    return found


@dataclass(frozen=True)
class _Kept:
    """A folder whose manifest can be read, and the subjects that this version makes of its scenarios.

    Attributes
    ----------
    unread
        Why there is a scenario without a subject.
    """

    folder: Path
    manifest: Manifest
    subjects: tuple[Subject, ...]
    unread: tuple[str, ...]

    @property
    def runs(self) -> list[Manifest]:
        """Return the manifests of the runs: its own, or those that were compared."""
        return list(self.manifest.get("runs", [self.manifest]))

    @cached_property
    def parts(self) -> list[Part]:
        """Return what an unfinished run left."""
        return held(self.folder)

    @cached_property
    def replications(self) -> int:
        """Return the end of the replications that the folder holds or, if the file is gone, held."""
        there = store.rows(self.folder / OUTCOMES) or int(self.manifest["replications"])
        return max([there, *(part.stop for part in self.parts)])

    @property
    def planned(self) -> int:
        """Return how many replications were to be computed."""
        return max(
            (stop for each in self.manifest["sessions"] for _, stop in each["replications"]), default=0
        )

    @property
    def finished(self) -> bool:
        """Return whether the manifest vouches for results."""
        return any(name in self.manifest["outputs"] for name in (OUTCOMES, COMPARISON))


def _examined(folder: Path, sealed_manifest: Manifest, again: Again) -> Verification:
    try:
        kept = _kept(folder, read_manifest(folder, kind=None))
    except OtherLayout as error:
        return _other_layout(folder, sealed_manifest, str(error))
    found = _identity(kept, again)
    problems = _tampering(kept)
    if problems:
        return replace(found, verdict="tampered", problems=problems)
    try:
        with TemporaryDirectory(prefix="chiproute-verify-") as scratch:
            check = _check_run if found.kind == "run" else _check_comparison
            found = check(kept, found, again=again, scratch=Path(scratch))
    except Interrupted:
        raise Interrupted(f"stopped; {folder} is as it was") from None
    found = replace(found, outputs=(*found.outputs, *_others(kept)), notes=(*found.notes, *_notes(kept)))
    return replace(found, verdict=_verdict(found))


def _kept(folder: Path, manifest: Manifest) -> _Kept:
    subjects, unread = [], []
    for run in manifest.get("runs", [manifest]):
        try:
            subjects.append(_subject(run))
        except StudyError as error:
            unread.append(str(error))
    return _Kept(folder, manifest, tuple(subjects), tuple(unread))


def _subject(run: Manifest) -> Subject:
    if not run["scenario"]:
        raise StudyError(f"the plan of {run['name']} was built by hand: there is no scenario to run again")
    try:
        return subject_of(restored(run["scenario"], run["name"]))
    except ScenarioError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        raise StudyError(
            f"this version cannot read the scenario of {run['name']}: {error.problems[0]}{more}"
        ) from error


def _other_layout(folder: Path, manifest: Manifest, reason: str) -> Verification:
    """Return what can be said of a folder of another layout: whether its files are what was recorded."""
    found = Verification(folder=folder, verdict="incomplete", name=str(manifest.get("name", "")))
    try:
        changed, missing = changed_outputs(folder, manifest), missing_outputs(folder, manifest)
        names = tuple(manifest["outputs"])
    except (KeyError, TypeError, AttributeError):
        return replace(found, unchecked=(reason,))
    problems = tuple(each for each in changed if not each.endswith("missing"))
    outputs = tuple(OutputCheck(name, "unchanged") for name in names if name not in missing)
    unchecked = (reason, *(f"{name} is missing" for name in missing))
    verdict: Verdict = "tampered" if problems else "incomplete"
    return replace(found, verdict=verdict, problems=problems, outputs=outputs, unchecked=unchecked)


def _identity(kept: _Kept, again: Again) -> Verification:
    manifest, first = kept.manifest, kept.runs[0]
    return Verification(
        folder=kept.folder,
        verdict="incomplete",
        kind=manifest["kind"],
        name=manifest["name"],
        seed=first["seed"],
        engine=again.engine or first["engine"],
        replications=kept.replications,
        sessions=_sessions(kept),
    )


def _sessions(kept: _Kept) -> tuple[SessionCheck, ...]:
    now = conditions()
    compared = [each for run in kept.manifest.get("runs", ()) for each in run["sessions"]]
    return tuple(
        SessionCheck(
            started=each["started"],
            replications=tuple((first, stop) for first, stop in each["replications"]),
            changes=changes(each, now),
        )
        for each in (*kept.manifest["sessions"], *compared)
    )


def _tampering(kept: _Kept) -> tuple[str, ...]:
    """Return what was changed after it was written."""
    changed = changed_outputs(kept.folder, kept.manifest)
    facts = {subject.name: subject.facts for subject in kept.subjects}
    return (
        *(sentence for sentence in changed if not sentence.endswith("missing")),
        *(problem for run in kept.runs if (problem := _contradiction(run, facts.get(run["name"])))),
    )


def _contradiction(run: Manifest, facts: Facts | None) -> str:
    """Return in what a manifest contradicts the scenario it keeps; empty if in nothing."""
    if run["scenario"] and digest(run["scenario"]) != run["scenario_sha256"]:
        return f"the scenario of {run['name']} is not the one with the recorded SHA-256"
    if facts is not None and facts != facts_of(run):
        return f"title or dates of {run['name']} are not those of its scenario"
    return ""


def _check_run(kept: _Kept, found: Verification, *, again: Again, scratch: Path) -> Verification:
    stop = min(again.replications or kept.replications, kept.replications)
    missing = missing_outputs(kept.folder, kept.manifest)
    unchecked = [*kept.unread, *(f"{name} is missing" for name in missing if name != OUTCOMES)]
    if not kept.finished:
        unchecked.append(f"the run is not finished: {stop:,} of {kept.planned:,} replications are there")
    run = _computed(kept, stop, again=again, scratch=scratch)[0] if kept.subjects and stop else None
    if run is not None:
        output, outcomes = _check_outcomes(kept, run)
        found = replace(found, verified=stop, outputs=(output,), outcomes=outcomes)
        if outcomes is not None:
            each = zip(found.sessions, outcomes.differing_by_session, strict=True)
            found = replace(found, sessions=tuple(replace(one, differing=count) for one, count in each))
            unchecked += [f"this version computes no column {name}" for name in outcomes.only_recorded]
    found = replace(found, unchecked=tuple(unchecked))
    return _check_summary(kept, found, run, scratch)


def _computed(kept: _Kept, stop: int, *, again: Again, scratch: Path) -> list[Run]:
    """Return the runs of a folder, computed again."""
    first = kept.runs[0]
    try:
        settings = replace(
            again.settings, replications=stop, seed=first["seed"], engine=again.engine or first["engine"]
        )
    except ValueError as error:
        raise Tampered(f"{kept.folder / MANIFEST} is not a manifest: {error}") from error
    folders = [scratch / str(number) for number in range(len(kept.subjects))]
    return run_all(kept.subjects, settings, folders=folders)


def _check_outcomes(kept: _Kept, run: Run) -> tuple[OutputCheck, OutcomeDifferences | None]:
    assert run.folder is not None  # computed into a scratch folder
    path = run.folder / OUTCOMES
    missing = not (kept.folder / OUTCOMES).exists()
    if kept.manifest["outputs"].get(OUTCOMES) == fingerprint(path):
        note = "it is missing; what was recorded of it came out again" if missing else ""
        return OutputCheck(OUTCOMES, "identical", note), None
    if missing and not kept.parts:
        return OutputCheck(OUTCOMES, "unchecked", "it is missing, and other bytes came out"), None
    found = outcome_differences(
        (piece for piece in pieces(kept.folder, kept.parts, run.replications) if piece is not None),
        store.stream(path, run.replications),
        sessions=[each["replications"] for each in kept.manifest["sessions"]],
    )
    return OutputCheck(OUTCOMES, "differs" if found.found else "equal"), found


def _check_summary(kept: _Kept, found: Verification, run: Run | None, scratch: Path) -> Verification:
    """Check the summary against all outcomes computed again or, where they are fewer, the recorded ones."""
    if not (kept.folder / SUMMARY).is_file() or SUMMARY not in kept.manifest["outputs"]:
        return found
    if run is not None and run.folder is not None and run.replications == kept.manifest["replications"]:
        return _check_table(kept, found, SUMMARY, run.folder / SUMMARY)
    if not (kept.folder / OUTCOMES).exists():
        return found
    write_csv(scratch / SUMMARY, summary(run_of(kept.folder, kept.manifest)))
    note = "against the recorded outcomes"
    return _check_table(kept, found, SUMMARY, scratch / SUMMARY, note)


def _check_table(kept: _Kept, found: Verification, name: str, again: Path, note: str = "") -> Verification:
    rows, different = row_differences(kept.folder / name, again)
    same = fingerprint(again) == kept.manifest["outputs"][name]
    check = OutputCheck(name, "differs" if different else "identical" if same else "equal", note)
    return replace(found, rows=rows, row_differences=different, outputs=(*found.outputs, check))


def _check_comparison(kept: _Kept, found: Verification, *, again: Again, scratch: Path) -> Verification:
    if again.replications is not None:
        raise StudyError(
            f"{kept.folder} is a comparison and holds no single replications: verify all of it, or its runs"
        )
    missing = missing_outputs(kept.folder, kept.manifest)
    unchecked = [*kept.unread, *(f"{name} is missing" for name in missing)]
    if not kept.finished:
        unchecked.append("the comparison is not finished")
    found = replace(found, unchecked=tuple(unchecked))
    if kept.unread:
        return found
    runs = _computed(kept, kept.replications, again=again, scratch=scratch)
    found = replace(found, verified=kept.replications, outputs=tuple(_check_runs(kept, runs)))
    if COMPARISON in missing or COMPARISON not in kept.manifest["outputs"]:
        return found
    write_csv(scratch / COMPARISON, summary_of_comparison(runs))
    return _check_table(kept, found, COMPARISON, scratch / COMPARISON)


def _check_runs(kept: _Kept, runs: Sequence[Run]) -> Iterator[OutputCheck]:
    """Yield whether the outcomes that were compared come out again, by what their manifests say of them."""
    for manifest, run in zip(kept.runs, runs, strict=True):
        assert run.folder is not None  # computed into a scratch folder
        name = f"{OUTCOMES} of {manifest['name']}"
        if manifest["replications"] != run.replications:
            yield OutputCheck(name, "unchecked", f"the run holds {manifest['replications']:,} replications")
        elif manifest["outputs"].get(OUTCOMES) == fingerprint(run.folder / OUTCOMES):
            yield OutputCheck(name, "identical")
        else:
            yield OutputCheck(name, "unchecked", "other bytes came out: verify the folder of the run")


def _others(kept: _Kept) -> Iterator[OutputCheck]:
    """Yield the outputs that are not made again."""
    for name in kept.manifest["outputs"]:
        if name not in (OUTCOMES, SUMMARY, COMPARISON) and (kept.folder / name).exists():
            yield OutputCheck(name, "unchanged", "not made again")


def _notes(kept: _Kept) -> Iterator[str]:
    if kept.finished and kept.planned > kept.manifest["replications"]:
        yield f"an extension to {kept.planned:,} replications was begun and is not finished"
    known = {MANIFEST, LOCK, OUTCOMES, SUMMARY, COMPARISON, *kept.manifest["outputs"]}
    files = (path for path in sorted(kept.folder.rglob("*")) if path.is_file())
    names = [path.relative_to(kept.folder).as_posix() for path in files]
    for name in names:
        if name not in known and not name.startswith(f"{PARTS}/"):
            yield f"{name} is not in the manifest: nothing is known about it"


def _verdict(found: Verification) -> Verdict:
    if found.differs:
        guilty = [session for session in found.sessions if session.differing] or found.sessions
        where_known = any(session.differing for session in found.sessions)
        same = [not session.changes for session in guilty]
        return "differs" if (any(same) if where_known else all(same)) else "other conditions"
    open_questions = found.unchecked or any(output.finding == "unchecked" for output in found.outputs)
    return "incomplete" if open_questions else "reproduced"
