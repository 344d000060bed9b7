"""The manifest of a run folder: everything needed to make the run again, and to tell whether it was changed.

It names the scenario, the seed and the versions, and the SHA-256 of each finished output; an output that it
does not name is not finished. Written by ``folder`` and by ``report``; read by ``run`` and ``verify``.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.results.errors import StudyError
from sim.results.facts import Facts
from sim.results.files import explained, replaced, sha256

MANIFEST = "manifest.json"
OUTCOMES = "outcomes.parquet"
SUMMARY = "summary.csv"
FORMAT = 1
"""Version of the layout of a run folder."""

PACKAGES = ("chiproute", "numpy", "scipy", "simpy", "pandas", "pyarrow")

Manifest = dict[str, Any]


def new_manifest(facts: Facts, *, seed: int, engine: str) -> Manifest:
    """Return the manifest of a run that has nothing yet."""
    return {
        "format": FORMAT,
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
        "scenario": json.loads(_text(facts.merged)),
    }


def session(first: int, stop: int) -> Manifest:
    """Return who computes replications ``first`` to ``stop``, where and with what, as of now."""
    return {
        "replications": [first, stop],
        "started": _now(),
        "finished": None,
        "command": list(sys.argv),
        "versions": {"python": platform.python_version(), **dict(map(_version, PACKAGES))},
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "processors": os.cpu_count(),
        },
    }


def finished(manifest: Manifest, folder: Path, names: Iterable[str]) -> Manifest:
    """Return the manifest with the present size and SHA-256 of some outputs, its last session ended."""
    outputs = {name: _fingerprint(folder / name) for name in names}
    *earlier, last = manifest["sessions"]
    return {
        **manifest,
        "outputs": {**manifest["outputs"], **outputs},
        "sessions": [*earlier, {**last, "finished": last["finished"] or _now()}],
    }


def record_outputs(folder: Path, names: Iterable[str]) -> None:
    """Add further finished files (figures, a report) to the manifest of a run folder."""
    with explained(folder):
        write_manifest(folder, finished(read_manifest(folder), folder, names))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest with the SHA-256 of its own content."""
    body = {key: value for key, value in manifest.items() if key != "manifest_sha256"}
    with replaced(folder / MANIFEST) as file:
        text = json.dumps({**body, "manifest_sha256": _own_sha256(body)}, indent=2, ensure_ascii=False)
        file.write(text.encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a run folder.

    Raises
    ------
    StudyError
        There is none, it cannot be read, it is of a later layout, or it was changed by hand.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise StudyError(f"run folder {folder}: there is no {MANIFEST}")
    try:
        with explained(folder):
            manifest = json.loads(path.read_bytes())
        body = {key: value for key, value in manifest.items() if key != "manifest_sha256"}
        own = manifest["manifest_sha256"]
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise StudyError(f"{path} is not a manifest: {error}") from error
    if own != _own_sha256(body):
        raise StudyError(f"{path} was changed after it was written; its numbers cannot be trusted")
    if manifest["format"] != FORMAT:
        raise StudyError(f"{path} has layout {manifest['format']}, this version reads {FORMAT}")
    return body


def changed_outputs(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Return a sentence for each output that is missing or is not what the manifest says."""
    return tuple(
        f"{name} is missing" if not (folder / name).is_file() else f"{name} was changed"
        for name, fingerprint in manifest["outputs"].items()
        if not (folder / name).is_file() or _fingerprint(folder / name) != fingerprint
    )


def check_same(folder: Path, manifest: Manifest, wanted: Manifest) -> None:
    """Refuse a folder that holds another run.

    Raises
    ------
    StudyError
        Naming what differs.
    """
    for key, word in _IDENTITY.items():
        if manifest[key] != wanted[key]:
            raise StudyError(
                f"run folder {folder} holds another run: {word} {manifest[key]!r}, not {wanted[key]!r}; "
                "choose another folder"
            )


_IDENTITY = {
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


def _fingerprint(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


def _own_sha256(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(body).encode()).hexdigest()


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))


def _version(package: str) -> tuple[str, str]:
    try:
        return package, version(package)
    except PackageNotFoundError:
        return package, "unknown"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
