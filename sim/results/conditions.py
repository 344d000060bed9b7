"""The conditions under which numbers were computed: program, libraries, machine.

The same scenario and seed give the same numbers under the same conditions; under others the last digits of
an elementary function, or the program itself, may differ. Recorded by ``manifest``, compared by
``study.verify``.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("chiproute", "numpy", "scipy", "simpy", "numba", "pandas", "pyarrow")

ROOMS = ("scenario", "chance", "model", "engine", "results", "study")
"""The parts of the program that numbers depend on."""


@dataclass(frozen=True, slots=True)
class Change:
    """A condition that was different when numbers were recorded.

    Attributes
    ----------
    condition
        What it is, such as a library.
    then, now
        What it was, and what it is.
    """

    condition: str
    then: str
    now: str


def conditions() -> dict[str, Any]:
    """Return the present conditions, for a manifest."""
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "program_sha256": _program_sha256(),
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "processors": os.cpu_count(),
            "simd": _simd(),
        },
    }


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return which conditions that numbers depend on differ between two sessions of a manifest."""
    before, after = _flat(then), _flat(now)
    return tuple(
        Change(name, before.get(name, "unknown"), after.get(name, "unknown"))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    )


def _flat(session: Mapping[str, Any]) -> dict[str, str]:
    machine = session["platform"]
    program = {"program text": str(session["program_sha256"])[:12]}
    return {**session["versions"], **program, "machine": machine["machine"], "vector units": machine["simd"]}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


@cache
def _program_sha256() -> str:
    """Return one hash of the program's text: between two releases the version alone does not tell."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (package / room).rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _simd() -> str:
    """Return which vector instructions numpy uses here: they decide the last digits of exp and log."""
    import numpy as np

    found: Any = np.show_config(mode="dicts")
    return " ".join(found.get("SIMD Extensions", {}).get("found", ())) or "none"
