"""Why: the sections that explain a date: where its days go, what moves it, and when to switch.

Each function returns one section, or None where the question does not arise; a section whose study was not
made names the command that adds it. Called by ``contents``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.report.causes import describe_ledger, describe_tornado, ledger_waterfall, tornado
from sim.report.document import commands
from sim.report.document.analyses import section
from sim.report.document.parts import Picture, Section, Table, heads, rows_of
from sim.report.document.pictures import Studio
from sim.report.language import Language
from sim.report.sweep import describe_sweep, sweep_curve
from sim.report.tell import swept_of, swings_of
from sim.report.wording import DASH, date_cell, days_cell, share_cell
from sim.results.drivers import most_days
from sim.results.statistics import Estimate
from sim.study.accounts import Account
from sim.study.dossier import Case, Dossier
from sim.study.drivers import Bar, Drivers
from sim.study.sweep import Sweep

MOST_BARS = 15
"""Bars of a tornado that are drawn, and stages that are listed; the table of the tornado has all its bars."""


def ledger(found: Dossier, studio: Studio) -> Section | None:
    """Return the waterfalls from the promised to the found days, and the ledgers behind them."""
    told = [(case, case.ledger) for case in found.cases if case.ledger is not None and case.ledger.mean]
    missing = commands.for_ledger(found)
    if not told and not missing:
        return None
    figures = tuple(_waterfall(case, account, studio) for case, account in told)
    tables = tuple(_ledger_table(account, studio.language) for _, account in told)
    return section("ledger", studio.language, figures=figures, tables=tables, missing=missing)


def _waterfall(case: Case, account: Account, studio: Studio) -> Picture:
    near = studio.language.text("page.ledger.source", share=_percentile(account.share))
    ends = {"planned": account.planned, "total": account.total}
    return studio.of_case(
        "ledger", case, ledger_waterfall, describe_ledger, account.steps, extra=near, **ends
    )


def _percentile(share: float) -> str:
    return f"P{100 * share:.0f}"


def _ledger_table(account: Account, language: Language) -> Table:
    parts = (account.mean, account.near)
    causes = dict.fromkeys(cause for part in reversed(parts) for cause in part)
    order = most_days([(cause, account.near.get(cause, 0.0)) for cause in causes])
    rows = [
        (language.name("cause", cause), [language.number(part.get(cause, 0.0), digits=1) for part in parts])
        for cause, _ in order
    ]
    rows.append((language.text("column.sum"), [language.number(sum(p.values()), digits=1) for p in parts]))
    near = language.text("page.ledger.near", share=_percentile(account.share))
    return Table(
        language.text("page.ledger.caption", name=account.name),
        heads(language.text("column.cause"), language.text("page.ledger.mean"), near),
        rows_of(rows),
        folded=language.text("page.ledger.both", name=account.name),
    )


def drivers(found: Dossier, studio: Studio) -> Section | None:
    """Return what moves the date, as tornados, with the stages that decide it."""
    told = [(case, case.drivers) for case in found.cases if case.drivers is not None]
    missing = commands.for_drivers(found)
    if not told and not missing:
        return None
    figures = tuple(each for case, known in told for each in _tornado(case, known, studio))
    tables = tuple(table for case, known in told for table in _driver_tables(case, known, studio.language))
    return section("drivers", studio.language, figures=figures, tables=tables, missing=missing)


def _tornado(case: Case, known: Drivers, studio: Studio) -> Iterator[Picture]:
    bars = swings_of(known.tornado)
    if any(days for _, days, _ in bars):
        low = studio.language.percent(known.low_grade_share)
        told = studio.language.text("page.drivers.source", share=_percentile(known.share), low=low)
        yield studio.of_case("drivers", case, tornado, describe_tornado, bars[:MOST_BARS], extra=told)


def _driver_tables(case: Case, known: Drivers, language: Language) -> Iterator[Table]:
    bars = [(bar.path, _bar_cells(bar, language)) for bar in known.tornado]
    yield _folded("tornado", case, ("path", "moves", "on_time", "grade"), bars, language)
    stages = [
        (
            each.name,
            [
                language.percent(each.criticality),
                language.number(each.sensitivity, digits=2),
                language.name("cause", each.cause),
            ],
        )
        for each in known.stages[:MOST_BARS]
    ]
    yield _folded("stages", case, ("stage", "critical", "sensitivity", "cause"), stages, language)


def _bar_cells(bar: Bar, language: Language) -> list[str]:
    on_time = DASH if bar.on_time is None else language.percent(bar.on_time.value, digits=1)
    return [moved(bar.days, language), on_time, language.text(f"page.grade.{bar.grade or 'none'}")]


def moved(days: Estimate, language: Language) -> str:
    """Return the days by which a date moves, or what became of never."""
    if math.isnan(days.value):
        return language.text("page.drivers.never_either_way")
    if math.isinf(days.value):
        return language.text(f"page.drivers.{'becomes' if days.value > 0 else 'no_longer'}_never")
    return days_cell(days, language)


def _folded(
    key: str, case: Case, columns: tuple[str, ...], rows: list[tuple[str, list[str]]], language: Language
) -> Table:
    title = language.text(f"page.drivers.{key}", name=case.run.facts.name)
    names = heads(*(language.text(f"page.drivers.{column}") for column in columns))
    return Table(title, names, rows_of(rows), kind="long", folded=title)


def sweep(found: Dossier, studio: Studio) -> Section | None:
    """Return the best value of the lever that was swept, and the last safe one."""
    missing, swept = commands.for_sweep(found), found.sweep
    if swept is None:
        return section("sweep", studio.language, missing=missing) if missing else None
    case = next(case for case in found.cases if case.run.facts.name == found.swept)
    lever = studio.language.text("page.sweep.source", lever=swept.axes[0].path)
    picture = studio.of_case("sweep", case, sweep_curve, describe_sweep, swept_of(swept), extra=lever)
    return section(
        "sweep", studio.language, figures=(picture,), tables=(_sweep_table(swept, studio.language),)
    )


def _sweep_table(found: Sweep, language: Language) -> Table:
    rows = [
        (
            point.texts[0],
            [
                date_cell(point.p80, run.facts, language),
                share_cell(point.by, language),
                share_cell(point.never, language),
                _judged(found, index, language),
            ],
        )
        for index, (point, run) in enumerate(zip(found.points, found.runs, strict=True))
    ]
    by = DASH if found.by is None else language.text("wording.by", date=language.short_date(found.by))
    names = (
        found.axes[0].path,
        "P80",
        by,
        language.text("wording.never"),
        language.text("page.sweep.judged"),
    )
    return Table(
        language.text("page.sweep.caption"),
        heads(*names),
        rows_of(rows),
        folded=language.text("page.sweep.table"),
    )


def _judged(found: Sweep, index: int, language: Language) -> str:
    if index == found.best:
        return language.text("page.sweep.best")
    return language.text("page.sweep.as_good") if index in found.as_good else ""
