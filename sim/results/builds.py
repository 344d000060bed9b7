"""Builds: a run of several machines in one world, seen one machine at a time.

Each view is a run of its own, with the build's title, target and milestones, so that every answer and figure
works on it unchanged. Called by the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sim.results.outcomes import REPLICATION
from sim.results.run import Run


def views(run: Run) -> tuple[Run, ...]:
    """Return one run per build, or the run itself if it has a single machine."""
    builds = run.facts.merged.get("builds") or {}
    return tuple(_views(run, builds)) if builds else (run,)


def _views(run: Run, builds: dict[str, dict[str, object]]) -> Iterator[Run]:
    for name, build in builds.items():
        prefix = f"{name}."
        columns = {key.removeprefix(prefix): run.column(key) for key in run.columns if key.startswith(prefix)}
        columns = {REPLICATION: run.column(REPLICATION)} | columns
        facts = replace(run.facts, name=name, title=str(build["title"]), target=_date(build.get("target")))
        yield replace(run, facts=facts, columns=tuple(columns), folder=None, memory=columns)


def _date(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value is not None else None
