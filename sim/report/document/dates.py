"""Dates: the answer in a sentence, the table of dates with intervals, and strategies in pairs.

The numbers are those of ``summary.csv``, with the same rounding. Called by ``contents``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.report.document.parts import Head, Section, Sentence, Table, cell, heads, rows_of
from sim.report.document.pictures import Studio
from sim.report.language import Language
from sim.report.style import looks
from sim.report.wording import (
    comparison_rows,
    date_cell,
    forecast_sentences,
    neighbor_rows,
    observation_text,
    sentences,
    share_cell,
    share_row,
    target_name,
)
from sim.results.comparison import Comparison
from sim.results.forecast import Forecast
from sim.results.run import Run
from sim.results.statistics import SHARES, percentiles
from sim.results.summary import by_target, never, switched, within_budget
from sim.study.dossier import Case, Dossier

if TYPE_CHECKING:
    from sim.report.wording import Row


def answer(found: Dossier, language: Language) -> Iterator[Sentence]:
    """Yield the answer: given what is known where a scenario knows something, else from the start."""
    known = [case for case in found.cases if case.forecast is not None]
    for case in known:
        assert case.forecast is not None
        for index, text in enumerate(forecast_sentences(case.forecast, language)):
            yield Sentence(text, index == 0)
    for each in found.answers:
        first, *others = sentences(each, language)
        yield Sentence(language.text("page.before", sentence=first) if known else first, large=not known)
        yield from (Sentence(text, large=False) for text in others)


def warnings(found: Dossier, language: Language) -> Iterator[str]:
    """Yield what a reader must not miss: facts that the dates do not know, and numbers nobody could check."""
    for case in found.cases:
        name = case.run.facts.name
        if case.refused:
            yield language.text("page.warning.refused", problem=case.refused)
        if case.forecast is not None:
            facts = "; ".join(observation_text(each, language) for each in case.forecast.observed)
            yield language.text("page.warning.before_facts", name=name, facts=facts)
        if case.doubt:
            yield language.text(f"page.warning.{case.doubt.replace(' ', '_')}", name=name)
        yield from (f"{name}: {note}" for note in case.run.notes)


def dates(found: Dossier, studio: Studio) -> Section:
    """Return the table of dates and probabilities, and beside it those given the facts."""
    language, machines = studio.language, found.machines
    names = (
        Head(story.facts.name, story.facts.title, look.color)
        for story, look in zip(studio.stories, looks(studio.stories), strict=True)
    )
    tables = [_given(case, case.forecast, language) for case in found.cases if case.forecast is not None]
    tables.append(
        Table(
            language.text("page.dates.caption", count=language.number(machines[0].replications)),
            (Head(language.text("page.dates.quantity")), *names),
            rows_of(date_rows(machines, language)),
        )
    )
    lead = language.text("page.dates.lead")
    return Section("dates", language.text("page.dates.heading"), (lead,), tables=tuple(tables))


def date_rows(machines: Sequence[Run], language: Language) -> list[Row]:
    """Return percentiles as dates, then probabilities, as in the summary of each run."""
    columns = [percentiles(run.completion) for run in machines]
    rows: list[Row] = [
        (
            f"P{100 * share:.0f}",
            [
                date_cell(column[index], run.facts, language)
                for column, run in zip(columns, machines, strict=True)
            ],
        )
        for index, share in enumerate(SHARES)
    ]
    if any(run.facts.target for run in machines):
        target = target_name([run.facts for run in machines], language)
        rows.append((target, [share_cell(by_target(run), language) for run in machines]))
    rows += share_row("within_budget", [within_budget(run) for run in machines], language)
    rows += share_row("switched", [switched(run) for run in machines], language)
    return rows + share_row("never", [never(run) for run in machines], language)


def _given(case: Case, known: Forecast, language: Language) -> Table:
    """Return the dates given the facts beside those before them."""
    facts = case.run.facts
    before, given = percentiles(case.run.completion), known.percentiles
    rows: list[Row] = [
        (f"P{100 * share:.0f}", [date_cell(after, facts, language), date_cell(first, facts, language)])
        for share, first, after in zip(SHARES, before, given, strict=True)
    ]
    if known.on_time is not None:
        on_time = [share_cell(each, language) for each in (known.on_time, by_target(case.run))]
        rows.append((target_name([facts], language), on_time))
    rows += share_row("never", [known.never, never(case.run)], language)
    return Table(
        language.text("page.given.caption", title=facts.title, date=language.short_date(known.as_of)),
        heads(*(language.text(f"page.given.{each}") for each in ("quantity", "given", "before"))),
        rows_of(rows),
    )


def pairs(found: Dossier, studio: Studio) -> Section | None:
    """Return the best strategy against each other one, future by future, and what each choice can cost."""
    language = studio.language
    compared = [pair for each in found.answers for pair in each.against]
    if not compared:
        return None
    return Section(
        "pairs",
        language.text("page.pairs.heading"),
        (language.text("page.pairs.lead"),),
        figures=studio.of_stories("regret", found),
        tables=tuple(_pair(pair, language) for pair in compared),
    )


def _pair(pair: Comparison, language: Language) -> Table:
    names = {"first": pair.first, "second": pair.second}
    rows = [(name, [text]) for name, text in comparison_rows(pair, language)]
    for order in ("first_order", "second_order"):
        winner = language.text(f"page.pairs.{getattr(pair.dominance, order)}", **names)
        rows.append((language.text(f"page.pairs.{order}"), [winner]))
    return Table(
        language.text("page.pairs.caption", **names),
        heads(*(language.text(f"page.pairs.{each}") for each in ("quantity", "value"))),
        rows_of(rows),
        kind="plain",
    )


def queue(found: Dossier, language: Language) -> Section | None:
    """Return who delays whom among builds that share pools."""
    case = found.cases[0]
    if len(found.cases) > 1 or case.neighbors is None:
        return None
    builds = [each.build for each in case.neighbors.builds]
    table = Table(
        language.text("page.queue.caption", count=language.number(case.neighbors.replications)),
        heads(language.text("page.queue.quantity"), *builds),
        rows_of(neighbor_rows(case.neighbors, language)),
    )
    return Section(
        "queue",
        language.text("page.queue.heading"),
        (language.text("page.queue.lead"),),
        tables=(table, *_earlier(case, language)),
    )


def _earlier(case: Case, language: Language) -> Iterator[Table]:
    """Yield the futures in which a build got earlier because others were there, which wants a reason."""
    assert case.neighbors is not None
    found = case.neighbors.earlier().head(MOST_REASONS)
    if found.empty:
        return
    names = ("build", "replication", "days", "node", "reason")
    texts = found[list(names)].round({"days": 0}).astype(str)
    rows = tuple(tuple(map(cell, row)) for row in texts.itertuples(index=False))
    yield Table(
        language.text("page.queue.earlier_caption"),
        heads(*(language.text(f"page.queue.{name}") for name in names)),
        rows,
        kind="plain",
        folded=language.text("page.queue.earlier"),
    )


MOST_REASONS = 40
