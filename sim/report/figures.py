"""Figures: the named figures of a report, and how they are saved.

Saved files are the same bytes for the same data: no dates, no version stamps, fixed salts; they appear
whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.curves import completion_curves
from sim.report.delays import delay_rows
from sim.report.milestones import milestone_bars
from sim.report.style import styled

FIGURES: Mapping[str, Callable[..., Axes]] = MappingProxyType(
    {"completion": completion_curves, "delay": delay_rows, "milestones": milestone_bars}
)
"""Name to the function that draws the figure from a sequence of stories."""

_METADATA: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
)


@styled
def save(figure: Figure, folder: Path, stem: str) -> list[Path]:
    """Write a figure as ``stem.png`` and ``stem.svg`` into a folder, which is made if need be.

    Returns
    -------
    list of Path
        The two files. Each is written beside its place and then moved there, so a reader never sees half.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_save(figure, folder / f"{stem}.{kind}", kind=kind) for kind in _METADATA]


def _save(figure: Figure, path: Path, *, kind: str) -> Path:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        figure.savefig(unfinished, format=kind, metadata=dict(_METADATA[kind]))
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
