"""Contents: which sections a page has, and their order.

Called by ``rendering``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.report.document import analyses, dates, evidence, method, stamp, why
from sim.report.document.parts import Page, Section
from sim.report.document.pictures import Studio
from sim.study.dossier import Dossier


def page_of(found: Dossier, studio: Studio) -> Page:
    """Return everything a page says."""
    language = studio.language
    machines, runs = found.machines, found.runs
    title = runs[0].facts.title
    if len(runs) > 1:
        title = language.text("page.title_compared", count=len(runs))
    elif len(machines) > 1:
        title = str(runs[0].facts.merged.get("title") or title)
    return Page(
        title,
        stamp.dated(found, language),
        tuple(dates.answer(found, language)),
        tuple(dates.warnings(found, language)),
        tuple(each for each in _sections(found, studio) if each is not None),
    )


def _sections(found: Dossier, studio: Studio) -> Iterator[Section | None]:
    language = studio.language
    yield dates.dates(found, studio)
    yield analyses.completion(found, studio)
    yield analyses.of_runs("delay", found, studio)
    yield why.ledger(found, studio)
    yield why.drivers(found, studio)
    yield why.sweep(found, studio)
    yield analyses.outside(found, studio)
    yield analyses.capacity(found, studio)
    yield analyses.of_runs("milestones", found, studio)
    yield analyses.of_runs("cost", found, studio)
    yield dates.pairs(found, studio)
    yield dates.queue(found, language)
    yield evidence.evidence(found, language)
    yield method.method(found, language)
    yield stamp.stamp(found, language)
