"""The manifest of a folder: everything needed to make its numbers again, and to tell whether it was changed.

It names the scenario, the seed and the versions, and the SHA-256 of each finished output; an output that it
does not name is not finished. The hashes show damage and careless edits. They are no signature: who changes a
file can change its hash as well, and only running again proves the numbers. Written by ``folder`` and by
whoever adds outputs; read by ``run`` and ``study.verify``.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sim.results.conditions import conditions
from sim.results.errors import OtherLayout, StudyError, Tampered
from sim.results.facts import Facts
from sim.results.files import explained, locked, replaced, sha256
from sim.results.shapes import misfit

MANIFEST = "manifest.json"
OUTCOMES = "outcomes.parquet"
SUMMARY = "summary.csv"
COMPARISON = "comparison.csv"
FORMAT = 2
"""Version of the layout of a run folder."""

Manifest = dict[str, Any]


def new_manifest(facts: Facts, *, seed: int, engine: str) -> Manifest:
    """Return the manifest of a run that has nothing yet."""
    return {
        "format": FORMAT,
        "kind": "run",
        "name": facts.name,
        "title": facts.title,
        "start": facts.start.isoformat(),
        "target": facts.target.isoformat() if facts.target else None,
        "horizon": facts.horizon.isoformat(),
        "scenario_sha256": facts.digest,
        "seed": seed,
        "engine": engine,
        "replications": 0,
        "outputs": {},
        "sessions": [],
        # In the order of the scenario's keys, which decides ties in queues.
        "scenario": json.loads(json.dumps(facts.merged, ensure_ascii=False, default=str)),
    }


def new_comparison(runs: Sequence[Path], *, replications: int) -> Manifest:
    """Return the manifest of a comparison of run folders, which keeps their manifests whole."""
    manifests = [read_manifest(run) for run in runs]
    return {
        "format": FORMAT,
        "kind": "comparison",
        "name": " vs ".join(str(manifest["name"]) for manifest in manifests),
        "replications": replications,
        "outputs": {},
        "sessions": [session([(0, replications)])],
        "runs": manifests,
    }


def session(ranges: Sequence[tuple[int, int]]) -> Manifest:
    """Return who computes some replications, from the first to before the second number, and with what."""
    return {
        "replications": [list(each) for each in ranges],
        "started": _now(),
        "finished": None,
        "command": list(sys.argv),
        **conditions(),
    }


def finished(manifest: Manifest, folder: Path, names: Iterable[str]) -> Manifest:
    """Return the manifest with the present size and SHA-256 of some outputs, its last session ended."""
    outputs = {name: fingerprint(folder / name) for name in names}
    *earlier, last = manifest["sessions"]
    return {
        **manifest,
        "outputs": {**manifest["outputs"], **outputs},
        "sessions": [*earlier, {**last, "finished": last["finished"] or _now()}],
    }


@contextmanager
def adding_outputs(folder: Path, *prefixes: str) -> Iterator[list[Path]]:
    """Let a block write further files (figures, a page) into a folder and record those it puts on the list.

    While it writes, the manifest vouches for no file whose name begins with one of the prefixes. A folder
    without a manifest only gets the files.

    Raises
    ------
    StudyError
        Another process writes to the folder, or its manifest cannot be read.
    """
    added: list[Path] = []
    if not (folder / MANIFEST).exists():
        yield added
        return
    with locked(folder), explained(folder):
        manifest = read_manifest(folder, kind=None)
        kept = {name: each for name, each in manifest["outputs"].items() if not name.startswith(prefixes)}
        if len(kept) < len(manifest["outputs"]):
            write_manifest(folder, {**manifest, "outputs": kept})
        yield added
        names = [path.relative_to(folder).as_posix() for path in added]
        write_manifest(folder, finished({**manifest, "outputs": kept}, folder, names))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest with the SHA-256 of its own content."""
    body = {key: value for key, value in manifest.items() if key != _OWN}
    with replaced(folder / MANIFEST) as file:
        text = json.dumps({**body, _OWN: _own_sha256(body)}, indent=2, ensure_ascii=False)
        file.write(text.encode() + b"\n")


def read_manifest(folder: Path, *, kind: str | None = "run") -> Manifest:
    """Return the manifest of a folder: of a run, of a comparison, or of either (None).

    Raises
    ------
    Tampered
        It was changed by hand.
    OtherLayout
        It was written by a version with another layout.
    StudyError
        There is none, it cannot be read, or it is of the other kind.
    """
    manifest = sealed(folder)
    if manifest.get("format") != FORMAT:
        raise OtherLayout(
            f"{folder / MANIFEST} has layout {manifest.get('format')}, this version reads {FORMAT}: "
            "choose another folder, or use the version that wrote it"
        )
    problem = misfit(manifest)
    if problem:
        raise Tampered(f"{folder / MANIFEST} is not a manifest: {problem}")
    if kind not in (None, manifest["kind"]):
        raise StudyError(f"{folder} holds a {manifest['kind']}, not a {kind}; give the folders of its runs")
    return manifest


def sealed(folder: Path) -> Manifest:
    """Return a manifest of any layout whose own SHA-256 is right; errors as in :func:`read_manifest`."""
    path = folder / MANIFEST
    if not path.is_file():
        raise StudyError(f"run folder {folder}: there is no {MANIFEST}")
    try:
        with explained(folder):
            manifest = json.loads(path.read_bytes(), parse_constant=_refuse)
        own = manifest.pop(_OWN)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise Tampered(f"{path} is not a manifest: {error}") from error
    if own != _own_sha256(manifest):
        raise Tampered(f"{path} was changed after it was written; its numbers cannot be trusted")
    body: Manifest = manifest
    return body


def changed_outputs(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Return a sentence for each output that is missing or is not what the manifest says."""
    missing = missing_outputs(folder, manifest)
    return tuple(
        f"{name} is missing" if name in missing else f"{name} was changed"
        for name, recorded in manifest["outputs"].items()
        if name in missing or fingerprint(folder / name) != recorded
    )


def missing_outputs(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Return the outputs that a manifest names and its folder does not hold."""
    return tuple(name for name in manifest["outputs"] if not (folder / name).is_file())


def check_same(folder: Path, manifest: Manifest, wanted: Manifest) -> None:
    """Refuse a folder that holds another run.

    Raises
    ------
    StudyError
        Naming what differs.
    """
    for key, word in _IDENTITY.items():
        if manifest.get(key) != wanted[key]:
            raise StudyError(
                f"run folder {folder} holds another run: {word} {manifest.get(key)!r}, not {wanted[key]!r}; "
                "choose another folder"
            )


_IDENTITY = {
    "kind": "a",
    "name": "scenario",
    "scenario_sha256": "scenario with SHA-256",
    "start": "start",
    "target": "target",
    "horizon": "horizon",
    "seed": "seed",
    "engine": "engine",
}


def facts_of(manifest: Manifest) -> Facts:
    """Return the facts of the scenario a manifest tells of."""
    target = manifest["target"]
    return Facts(
        name=manifest["name"],
        title=manifest["title"],
        start=date.fromisoformat(manifest["start"]),
        target=date.fromisoformat(target) if target else None,
        horizon=date.fromisoformat(manifest["horizon"]),
        digest=manifest["scenario_sha256"],
        merged=manifest["scenario"],
    )


def fingerprint(path: Path) -> dict[str, Any]:
    """Return the size and the SHA-256 of a file."""
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


_OWN = "manifest_sha256"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _own_sha256(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
