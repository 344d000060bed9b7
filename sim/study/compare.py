"""Compare subjects: run all on the same luck over the same workers, then pair them.

Called by the command line and the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from sim.results.comparison import Comparison, compare_runs
from sim.results.run import Run
from sim.study.run import Settings, run_all
from sim.study.subject import Subject


@dataclass(frozen=True, slots=True)
class Compared:
    """Runs in the order asked for, and their comparisons."""

    runs: tuple[Run, ...]
    comparisons: tuple[Comparison, ...]


def compare(
    subjects: Sequence[Subject],
    settings: Settings | None = None,
    *,
    out: Path | str | None = None,
    all_pairs: bool = False,
) -> Compared:
    """Run subjects and compare the first with each other one, or all pairs.

    Parameters
    ----------
    out
        A folder; each run goes into a folder of its own there, named after the subject.

    Raises
    ------
    ValueError
        There are fewer than two subjects, or two have the same name.
    StudyError, Interrupted
        As in :func:`sim.study.run.run`.
    """
    names = [subject.name for subject in subjects]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"a comparison needs two or more scenarios of different names, got {names}")
    folders = [Path(out) / name if out is not None else None for name in names]
    runs = tuple(run_all(subjects, settings or Settings(), folders=folders))
    pairs = combinations(runs, 2) if all_pairs else ((runs[0], other) for other in runs[1:])
    return Compared(runs, tuple(compare_runs(first, second) for first, second in pairs))
