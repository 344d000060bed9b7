"""Stamp: with what, when and from what a run was made, and the command that makes it again.

Everything is the manifest's; the page has no clock of its own. Called by ``contents``.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from sim.report.document import commands
from sim.report.document.parts import Cell, Part, Section, Table, cell, heads
from sim.report.language import Language
from sim.results.manifest import Manifest
from sim.results.run import Run
from sim.study.dossier import Case, Dossier

Row = tuple[str, str]


def stamp(found: Dossier, language: Language) -> Section:
    """Return a table per run."""
    tables = tuple(_table(case, language) for case in found.cases)
    lead = (language.text("page.stamp.lead"),)
    return Section("stamp", language.text("page.stamp.heading"), lead, tables=tables)


def dated(found: Dossier, language: Language) -> str:
    """Return when the last of the runs was finished; nothing for runs in memory."""
    days = [
        str(each["finished"])[:10]
        for case in found.cases
        for each in (case.manifest or {}).get("sessions", ())
        if each["finished"]
    ]
    return language.text("page.dated", date=max(days)) if days else ""


def _table(case: Case, language: Language) -> Table:
    rows = [*_identity(case.run, language), *_made(case.manifest or {}, language)]
    if case.run.folder is not None:
        rows.append((language.text("page.stamp.verify"), commands.verify(case.run.folder)))
    body = tuple((cell(name), Cell((Part(text),))) for name, text in rows)
    head = heads(*(language.text(f"page.stamp.{name}") for name in ("what", "value")))
    return Table(language.text("page.stamp.caption", name=case.run.facts.name), head, body, kind="stamp")


def _identity(run: Run, language: Language) -> Iterator[Row]:
    told = {
        "scenario": f"{run.facts.name} — {run.facts.title}",
        "digest": run.facts.digest or language.text("page.stamp.by_hand"),
        "dates": " · ".join(
            str(day) for day in (run.facts.start, run.facts.target, run.facts.horizon) if day
        ),
        "seed": str(run.seed),
        "replications": language.number(run.replications),
        "engine": language.text(f"page.stamp.engine_{run.engine}"),
    }
    for name, text in told.items():
        yield language.text(f"page.stamp.{name}"), text


def _made(manifest: Manifest, language: Language) -> Iterator[Row]:
    for name, output in manifest.get("outputs", {}).items():
        if "/" not in name and not name.endswith(".html"):
            yield language.text("page.stamp.output", name=name), f"SHA-256 {output['sha256']}"
    for each in manifest.get("sessions", ())[-1:]:
        command = [Path(each["command"][0]).name, *each["command"][1:]]
        yield language.text("page.stamp.command"), shlex.join(command)
        yield language.text("page.stamp.when"), " … ".join(filter(None, (each["started"], each["finished"])))
        versions = ", ".join(f"{package} {number}" for package, number in each["versions"].items())
        yield language.text("page.stamp.versions"), versions
        machine = each["platform"]
        yield language.text("page.stamp.machine"), f"{machine['machine']}, {machine['processors']} CPU"
