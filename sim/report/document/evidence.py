"""Evidence: what the numbers rest on, the weakest first, each with its value, source, date and grade.

Weak is what has a low grade and, where the drivers are known, moves the date most. Called by ``contents``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sim.report.document.parts import Cell, Part, Section, Table, cell, heads, link
from sim.report.language import Language
from sim.scenario.account import WEAKEST_FIRST
from sim.scenario.evidence import FILE_NAME, Evidence
from sim.scenario.explain import Explanation
from sim.scenario.quantity import EVIDENCE_KEYS
from sim.study.dossier import Dossier

OPEN = 12
"""Inputs that are shown before the reader asks for all."""


@dataclass(frozen=True)
class Input:
    """An input of one or more of the scenarios, with the days it moves the date by where that is known."""

    known: Explanation
    value: str
    scenarios: tuple[str, ...]
    days: float

    @property
    def weakness(self) -> tuple[int, float]:
        """Return what to sort by: the weakest grade first, then the largest effect."""
        return WEAKEST_FIRST.index(self.known.grade), -(0.0 if math.isnan(self.days) else self.days)


def evidence(found: Dossier, language: Language) -> Section | None:
    """Return the inputs of all scenarios; None if no scenario could be read."""
    inputs = sorted(_inputs(found), key=lambda each: each.weakness)
    if not inputs:
        return None
    table = _Writer(language, found).table
    tables = [table(inputs[:OPEN], language.text("page.evidence.weakest", count=len(inputs[:OPEN])))]
    if len(inputs) > OPEN:
        rest = language.text("page.evidence.rest", count=len(inputs) - OPEN)
        tables.append(table(inputs[OPEN:], rest, folded=rest))
    return Section(
        "evidence",
        language.text("page.evidence.heading"),
        (language.text("page.evidence.lead"), _counts(inputs, found, language)),
        tables=tuple(tables),
    )


def _counts(inputs: list[Input], found: Dossier, language: Language) -> str:
    grades = [each.known.grade or "none" for each in inputs]
    counted = ", ".join(
        f"{grades.count(grade)} {language.text(f'page.grade.{grade}')}"
        for grade in ("low", "none", "medium", "high")
        if grade in grades
    )
    assumed = sum(each.known.assumption is not None for each in inputs)
    sha = found.tables.get(FILE_NAME, "")
    return language.text(
        "page.evidence.counts", count=len(inputs), grades=counted, assumed=assumed, sha=sha[:12]
    )


def _inputs(found: Dossier) -> Iterator[Input]:
    """Yield each input once for each value it has in the scenarios."""
    groups: dict[tuple[str, str], list[tuple[str, Explanation]]] = {}
    for case in found.cases:
        for each in case.evidence.inputs if case.evidence is not None else ():
            groups.setdefault((each.path, value_text(each.value)), []).append((case.run.facts.name, each))
    effects = list(_effects(found))
    for (path, value), members in groups.items():
        yield Input(members[0][1], value, tuple(name for name, _ in members), _effect(path, effects))


def _effects(found: Dossier) -> Iterator[tuple[str, float]]:
    for case in found.cases:
        for bar in case.drivers.tornado if case.drivers is not None else ():
            if math.isfinite(bar.days.value):
                yield bar.path.rpartition("/")[2], abs(bar.days.value)


def _effect(path: str, effects: Iterable[tuple[str, float]]) -> float:
    """Return the most days by which a bar that holds this input moves a date; NaN if none does."""
    return max(
        (days for bar, days in effects if path == bar or path.startswith((f"{bar}.", f"{bar}["))),
        default=math.nan,
    )


def value_text(value: Any) -> str:
    """Return a quantity as a reader takes it: "pert 8, 26, 78 weeks", "9 months"."""
    if not isinstance(value, Mapping):
        return str(value)
    unit = str(value.get("unit", ""))
    laws = [
        f"{law} {_numbers(numbers)}" for law, numbers in value.items() if law not in (*EVIDENCE_KEYS, "unit")
    ]
    return f"{', '.join(laws)} {unit}".removeprefix("fixed ").strip()


def _numbers(numbers: Any) -> str:
    if isinstance(numbers, Mapping):
        return ", ".join(f"{name} {_numbers(each)}" for name, each in numbers.items())
    if isinstance(numbers, list | tuple):
        shown = [str(each) for each in numbers[:12]]
        return ", ".join(shown + ["…"] * (len(numbers) > len(shown)))
    return str(numbers)


@dataclass(frozen=True)
class _Writer:
    """Writes tables of inputs; what all scenarios share, and effects nobody computed, get no column."""

    language: Language
    found: Dossier

    def table(self, inputs: list[Input], caption: str, *, folded: str = "") -> Table:
        names = ["input", "value", "rests_on", "grade"]
        if self._effects:
            names.append("moves")
        head = heads(*(self.language.text(f"page.evidence.{name}") for name in names))
        return Table(caption, head, tuple(map(self._row, inputs)), kind="long", folded=folded)

    @property
    def _effects(self) -> bool:
        return any(case.drivers is not None for case in self.found.cases)

    def _row(self, each: Input) -> tuple[Cell, ...]:
        only = "" if len(each.scenarios) == len(self.found.cases) else ", ".join(each.scenarios)
        row = [
            Cell((Part(each.known.path, only),)),
            cell(each.value),
            Cell(tuple(self._grounds(each.known))),
            cell(self.language.text(f"page.grade.{each.known.grade or 'none'}")),
        ]
        if self._effects:
            row.append(cell(self._days(each.days)))
        return tuple(row)

    def _days(self, days: float) -> str:
        if math.isnan(days):
            return ""
        return self.language.text("wording.days", number=self.language.number(days, digits=0))

    def _grounds(self, known: Explanation) -> Iterator[Part]:
        if known.assumption:
            yield Part(known.assumption, self.language.text("page.evidence.assumption"))
        yield from map(self._source, known.evidence)
        named = known.quantity.source if known.quantity is not None else ()
        there = {row.id for row in known.evidence}
        for each in named:
            if each not in there:
                yield Part(each, self.language.text("page.evidence.not_found"))

    def _source(self, row: Evidence) -> Part:
        told = [row.id, _publisher(row.source_url), row.as_of]
        return link(row.source_title or row.note, row.source_url, small=" · ".join(filter(None, told)))


def _publisher(url: str) -> str:
    try:
        return (urlsplit(url.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
