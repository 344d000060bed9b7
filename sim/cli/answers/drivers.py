"""The answer of ``drivers``: what moves the date, and which evidence that stands on.

Called by ``decide``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sim.cli.answer import Answer, Document
from sim.cli.answers.parts import Days, Moment, Probability, finite
from sim.cli.console import Block, Lines, Table
from sim.report.causes import tornado
from sim.report.tell import swings_of
from sim.results.rounding import date_text
from sim.results.statistics import Estimate
from sim.study.drivers import Bar as StudyBar
from sim.study.drivers import Drivers

MOST_ROWS = 12
NEGLIGIBLE_DAYS = 0.05


@dataclass(frozen=True, slots=True)
class Bar:
    """What happens when one uncertain quantity is held at its median, or one risk is switched off.

    Attributes
    ----------
    path
        The quantity or risk.
    risk
        Whether it is a risk.
    moves
        Change of the percentile: negative if the date comes earlier; null if it becomes, ceases to be, or
        stays never, as its text says.
    on_time
        Change of the probability to be complete by the target; null without a target.
    grade
        Of the evidence; null where none is stated.
    """

    path: str
    risk: bool
    moves: Days
    on_time: Probability | None
    grade: Literal["high", "medium", "low"] | None


@dataclass(frozen=True, slots=True)
class Assumption:
    """How an uncertain quantity goes with completion.

    Attributes
    ----------
    path
        The quantity.
    rank_correlation
        Spearman's coefficient of its strongest input with completion, -1 to 1; never is the last rank.
    explained_share
        Share of the variance of the ranks of completion that goes with it.
    on_time_share
        Share of the variance of "complete by the target" that goes with it alone; null without a target.
    """

    path: str
    rank_correlation: float
    explained_share: float
    on_time_share: float | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the plan.

    Attributes
    ----------
    name, cause
        The stage, and what its days are charged to.
    critical_share
        Share of the completed futures in which it lies on the binding path.
    sensitivity
        Schedule sensitivity index: that share times its standard deviation over that of completion.
    """

    name: str
    cause: str
    critical_share: float
    sensitivity: float


@dataclass(frozen=True, slots=True)
class BindingPath:
    """A binding path as the causes along it, from the start to completion.

    Attributes
    ----------
    causes
        In order of time.
    share
        Share of the completed futures that took it.
    """

    causes: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Join:
    """A place where the plan waits for several things.

    Attributes
    ----------
    node
        The node that waits.
    merge_bias_days
        Mean of the latest minus the latest of the means: what a schedule of mean durations forgets here.
    """

    node: str
    merge_bias_days: float


@dataclass(frozen=True, slots=True)
class Driven(Document):
    """What decides the date of a scenario.

    Attributes
    ----------
    name
        The scenario.
    share, percentile
        The percentile that the tornado moves (0.8, or a lower one where that is never), and when it is.
    tornado
        The widest bar first.
    low_grade_share
        Share of all bars' days that stand on low-grade evidence; null if nothing moves.
    assumptions
        Those that go most with completion first.
    stages
        The most critical first.
    paths
        The most frequent first.
    joins
        The largest bias first.
    """

    name: str
    share: float
    percentile: Moment
    tornado: tuple[Bar, ...]
    low_grade_share: float | None
    assumptions: tuple[Assumption, ...]
    stages: tuple[Stage, ...]
    paths: tuple[BindingPath, ...]
    joins: tuple[Join, ...]


def answer(found: Drivers) -> Answer:
    """Return the answer of what drives a scenario."""
    name = found.explored.subject.name
    bars = swings_of(found.tornado)
    figures = {f"drivers-{name}": lambda language: tornado(bars, language=language)} if bars else {}
    return Answer(_document(found), [*_blocks(found)], figures)


def _blocks(found: Drivers) -> Iterator[Block]:
    percentile = f"P{100 * found.share:.0f}"
    when = date_text(found.percentile, found.explored.subject.facts)
    yield f"{percentile} is {when}. Held at its median, or switched off, in the same futures:"
    yield Table([f"{percentile} moves", "on time", "grade"], [_bar_row(bar) for bar in found.tornado])
    if not math.isnan(found.low_grade_share):
        yield f"{100 * found.low_grade_share:.0f} % of these days rest on low-grade evidence."
    yield Table(
        ["correlation", "of ranks", "of on time"],
        [
            (
                each.path,
                [_signed(each.correlation, digits=2), _percent(each.explained), _percent(each.first_order)],
            )
            for each in found.influences[:MOST_ROWS]
        ],
        title="Assumptions that go with the date: rank correlation, and shares of the variance",
        numbers=True,
    )
    yield Table(
        ["critical", "sensitivity", "cause"],
        [
            (each.name, [f"{100 * each.criticality:.0f} %", f"{each.sensitivity:.2f}", each.cause])
            for each in found.stages[:MOST_ROWS]
        ],
        title="Stages on the binding path",
    )
    yield from _paths(found)


def _paths(found: Drivers) -> Iterator[Block]:
    paths = [f"{100 * share:3.0f} %  {' > '.join(path)}" for path, share in found.paths]
    yield Lines(["Most frequent binding paths", *paths], hanging=7)
    joins = [f"{join} {days:.1f} days" for join, days in found.merge_bias[:5] if days >= NEGLIGIBLE_DAYS]
    yield f"Merge bias (what waiting for the latest of several adds): {'; '.join(joins) or 'none'}."


def _bar_row(bar: StudyBar) -> tuple[str, list[str]]:
    label = f"{bar.path}{' (off)' if bar.risk else ''}"
    return label, [moved_cell(bar.days), _points(bar.on_time), bar.grade or "-"]


def moved_cell(days: Estimate) -> str:
    """Return days gained or lost with their interval, or what became of never."""
    if math.isnan(days.value):
        return "never with or without"
    if math.isinf(days.value):
        return "becomes never" if days.value > 0 else "no longer never"
    return f"{_signed(days.value)} d\n{_signed(days.low)} … {_signed(days.high)}"


def _points(change: Estimate | None) -> str:
    return "-" if change is None else f"{_signed(100 * change.value, digits=1)} %"


def _signed(number: float, *, digits: int = 0) -> str:
    """Return a number with its sign; what is rounded to nothing has none."""
    rounded = round(number, digits)
    return f"{rounded:+,.{digits}f}".replace("-", "\N{MINUS SIGN}") if rounded else f"{0:.{digits}f}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f} %"


def _document(found: Drivers) -> Driven:
    facts = found.explored.subject.facts
    return Driven(
        name=facts.name,
        share=found.share,
        percentile=Moment.of(found.percentile, facts),
        tornado=tuple(map(_bar, found.tornado)),
        low_grade_share=finite(found.low_grade_share),
        assumptions=tuple(
            Assumption(each.path, each.correlation, each.explained, finite(each.first_order))
            for each in found.influences
        ),
        stages=tuple(
            Stage(each.name, each.cause, each.criticality, each.sensitivity) for each in found.stages
        ),
        paths=tuple(BindingPath(*each) for each in found.paths),
        joins=tuple(Join(*each) for each in found.merge_bias),
    )


def _bar(bar: StudyBar) -> Bar:
    text = moved_cell(bar.days).partition("\n")[0]
    moves = Days(bar.days.value, bar.days.low, bar.days.high, text)
    return Bar(bar.path, bar.risk, moves, Probability.maybe(bar.on_time), bar.grade)
