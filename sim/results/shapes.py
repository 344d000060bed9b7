"""Shapes: whether a manifest, which anybody may have written, has the fields that the program reads.

A right hash only says that nothing changed since it was made, not who made it. Called by ``manifest``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from sim.scenario.words import UNPRINTABLE

_SESSION = {
    "replications": [[int]],
    "started": str,
    "finished": str | None,
    "command": [str],
    "versions": {},
    "program_sha256": str,
    "platform": {"machine": str, "simd": str},
}
_COMMON: dict[str, Any] = {"name": str, "replications": int, "outputs": {}, "sessions": [_SESSION]}
_RUN = _COMMON | {
    "title": str,
    "start": date,
    "target": date | None,
    "horizon": date,
    "scenario_sha256": str,
    "seed": int,
    "engine": str,
    "scenario": {},
}
SHAPES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"run": _RUN, "comparison": _COMMON | {"runs": [_RUN]}}
)
"""Kind of a manifest to its fields: a type, a list of one shape, or a mapping with at least these fields."""


def misfit(manifest: Mapping[str, Any]) -> str:
    """Return the first thing that is wrong with the shape of a manifest; empty if nothing is."""
    shape = SHAPES.get(str(manifest.get("kind")))
    if shape is None:
        return f"it is of no kind this version knows: {manifest.get('kind')!r}"
    return next(_misfits(manifest, shape, ""), "") or next(_meaningless(manifest), "")


def _misfits(value: Any, shape: Any, where: str) -> Iterator[str]:
    if isinstance(shape, Mapping) and isinstance(value, dict):
        for key, inner in shape.items():
            yield from _misfits(value.get(key, ...), inner, f"{where}.{key}".lstrip("."))
    elif isinstance(shape, list) and isinstance(value, list):
        for number, each in enumerate(value):
            yield from _misfits(each, shape[0], f"{where}[{number}]")
    elif isinstance(shape, Mapping | list) or not isinstance(_dated(value, shape), shape):
        yield f"{where} is missing" if value is ... else f"{where} is {value!r}"


def _dated(value: Any, shape: Any) -> Any:
    """Return a text as the date it is, where a date is wanted."""
    if shape in (date, date | None) and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _meaningless(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield what has the right types and still cannot be."""
    yield from (f"{text!r} is not printable text" for text in _shown(manifest) if UNPRINTABLE.search(text))
    for number, session in enumerate(manifest["sessions"]):
        if any(len(each) != 2 for each in session["replications"]):
            yield f"sessions[{number}].replications are {session['replications']!r}"
    for name in manifest["outputs"]:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            yield f"its output {name!r} is outside the folder"
    if not manifest.get("runs", True):
        yield "it compares no runs"
    for run in manifest.get("runs", ()):
        yield from _meaningless(run)


def _shown(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield what reaches a terminal."""
    yield from (manifest["name"], manifest.get("title", ""), *manifest["outputs"])
    for session in manifest["sessions"]:
        yield from (session["started"], session["platform"]["machine"], session["platform"]["simd"])
        yield from (str(text) for pair in session["versions"].items() for text in pair)
