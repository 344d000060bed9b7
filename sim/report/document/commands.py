"""Commands: what a reader types to add what a page lacks, to check it, or to make it again.

Folders are named as they were given, but never by a path of the machine that wrote the page. Called by the
sections.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from sim.study.dossier import Dossier

PATIENCE = "strategy.patience=0..24mo"


def report(found: Dossier, *options: str) -> str:
    """Return the command that makes this page in full; empty for runs that are in no folder."""
    folders = [named(run.folder) for run in found.runs if run.folder is not None]
    return shlex.join(["chiproute", "report", *folders, *options]) if folders else ""


def verify(folder: Path) -> str:
    """Return the command that makes every number of a run folder again."""
    return shlex.join(["chiproute", "verify", named(folder)])


def named(folder: Path) -> str:
    """Return how a page names a folder."""
    return folder.name if folder.is_absolute() else folder.as_posix()


def for_ledger(found: Dossier) -> str:
    """Return the command that adds ledgers and capacity, if some are missing and can be had."""
    return report(found) if any(not case.doubt and not case.replications for case in found.cases) else ""


def for_drivers(found: Dossier) -> str:
    """Return the command that adds what moves the date, if it is missing and can be had."""
    return report(found) if any(not case.doubt and case.drivers is None for case in found.cases) else ""


def for_sweep(found: Dossier) -> str:
    """Return the command that adds the best month to switch, if a strategy switches and can be read."""
    kinds = [case.run.facts.merged.get("strategy", {}).get("kind") for case in found.cases if not case.doubt]
    return report(found, "--vary", PATIENCE) if found.sweep is None and "switch" in kinds else ""
