"""Analyses: the sections whose figures show dates, slips, capacity and cost.

Each function returns one section, or None where the question does not arise. Called by ``contents``.
"""

from __future__ import annotations

import math
from dataclasses import replace

from sim.report.capacity import capacity_over_time, describe_capacity
from sim.report.curves import completion_curves, describe_completion
from sim.report.document import commands
from sim.report.document.parts import Picture, Section, Table, heads, rows_of
from sim.report.document.pictures import Studio
from sim.report.language import Language
from sim.report.slips import describe_slips, slip_curves
from sim.report.tell import growths_of, slips_of, stories_of
from sim.report.wording import days_cell
from sim.results.outside import Beside
from sim.study.dossier import Dossier

SLIPS = ("P20", "P50", "P80")


def of_runs(key: str, found: Dossier, studio: Studio) -> Section | None:
    """Return the section of the figure of this name, which needs only the runs, if they have its data."""
    figures = studio.of_stories(key, found)
    return section(key, studio.language, figures=figures) if figures else None


def completion(found: Dossier, studio: Studio) -> Section:
    """Return the curves, and above them the curves given the facts of scenarios that know some."""
    language, source = studio.language, studio.of_outcomes(found)
    given = [
        studio.picture(
            f"given-{number}",
            completion_curves,
            describe_completion,
            stories_of(case.forecast, language),
            source=source,
        )
        for number, case in enumerate(found.cases)
        if case.forecast is not None
    ]
    return section("completion", language, figures=(*given, *studio.of_stories("completion", found)))


def section(
    key: str,
    language: Language,
    *,
    figures: tuple[Picture, ...] = (),
    tables: tuple[Table, ...] = (),
    missing: str = "",
) -> Section:
    """Return a section with the heading and the first words of its key."""
    lead, heading = (language.text(f"page.{key}.{part}") for part in ("lead", "heading"))
    return Section(key, heading, (lead,) if figures else (), "", figures, tables, missing)


def outside(found: Dossier, studio: Studio) -> Section | None:
    """Return the slip of real machines beside the simulated one."""
    promised = [run for run in found.machines if run.facts.name in found.beside]
    if found.history is None or not promised:
        return None
    language = studio.language
    best = found.answers[0].best.facts.name
    shown = next((run for run in promised if run.facts.name == best), promised[0])
    assert shown.facts.target is not None  # those without a promise have nothing beside them
    late = shown.completion - shown.facts.day(shown.facts.target)
    slips, source = slips_of(found.history, late, shown.facts.title), studio.of_history(found)
    picture = studio.picture("outside", slip_curves, describe_slips, slips, source=source)
    narrow = [name for name, each in found.beside.items() if each.narrow]
    warning = language.text("page.outside.narrow", names=", ".join(narrow)) if narrow else ""
    table = _slip_table(found.beside, language)
    return replace(section("outside", language, figures=(picture,), tables=(table,)), warning=warning)


def _slip_table(found: dict[str, Beside], language: Language) -> Table:
    real = next(iter(found.values())).real
    rows = [
        (
            name,
            [*(_slip(each.simulated[k], language) for each in found.values()), days_cell(real[k], language)],
        )
        for k, name in enumerate(SLIPS)
    ]
    later = [language.percent(each.earlier_than_history) for each in found.values()]
    rows.append((language.text("page.outside.later"), [*later, ""]))
    names = (language.text("page.outside.slip"), *found, language.text("slip.real"))
    return Table(language.text("page.outside.caption"), heads(*names), rows_of(rows))


def _slip(days: float, language: Language) -> str:
    if math.isinf(days):
        return language.text("word.never")
    return language.text("wording.days", number=language.number(days, digits=0))


def capacity(found: Dossier, studio: Studio) -> Section | None:
    """Return the compute that runs by when, a figure per scenario."""
    told, missing = [case for case in found.cases if case.capacity], commands.for_ledger(found)
    if not told and not missing:
        return None
    figures = tuple(
        studio.of_case(
            "capacity",
            case,
            capacity_over_time,
            describe_capacity,
            growths_of(case.capacity),
            start=case.run.facts.start,
        )
        for case in told
    )
    return section("capacity", studio.language, figures=figures, missing=missing)
