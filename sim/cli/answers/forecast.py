"""The answer of ``forecast``: the date given what has already happened, and what to watch.

Called by ``decide``.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sim.cli.answer import Answer, Document
from sim.cli.answers.parts import Days, Moment, Probability
from sim.cli.console import Block, Table
from sim.cli.words import date_cell, share_cell
from sim.report.curves import completion_curves
from sim.report.tell import stories_of
from sim.results.forecast import DAYS_PER_MONTH, Forecast, Month, Signpost
from sim.results.rounding import date_text, share_text
from sim.results.statistics import SHARES, Estimate

MOST_WATCHED = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """What was observed.

    Attributes
    ----------
    milestone
        What had happened or not.
    happened
        "by" or "not by" the date, or "on" it.
    date
        When that was known.
    """

    milestone: str
    happened: Literal["by", "not by", "on"]
    date: datetime.date


@dataclass(frozen=True, slots=True)
class Quantile:
    """A percentile of completion given the facts.

    Attributes
    ----------
    share
        Share of the agreeing futures that are complete by then, 0 to 1.
    completion
        When that is.
    """

    share: float
    completion: Moment


@dataclass(frozen=True, slots=True)
class Silence:
    """The forecast if still nothing has happened some months later.

    Attributes
    ----------
    months, date
        Months after the last fact, and the date.
    silent
        Probability, given the facts, that nothing has happened by then.
    remaining
        Median time from then to completion; null if most never complete.
    by
        Probability to be complete by the date of the forecast.
    """

    months: int
    date: datetime.date
    silent: Probability
    remaining: Days
    by: Probability


@dataclass(frozen=True, slots=True)
class Watched:
    """A milestone to watch.

    Attributes
    ----------
    milestone, date
        What to look for, and by when.
    happens
        Probability, given the facts, that it happens by then.
    by_if, by_if_not
        Probability to be complete by the date of the forecast in either case.
    moves
        Expected absolute change of that probability by looking.
    """

    milestone: str
    date: datetime.date
    happens: Probability
    by_if: Probability
    by_if_not: Probability
    moves: float


@dataclass(frozen=True, slots=True)
class Forecasted(Document):
    """Completion given what was observed.

    Attributes
    ----------
    name
        The scenario.
    observed
        The facts.
    as_of
        The last date of the facts.
    replications, agreeing
        Futures simulated, and those that agree with the facts.
    prior
        Probability of the facts before they happened.
    percentiles
        P10 to P90.
    by_target
        Probability to be complete by the target; null without one.
    by_date, by
        The date that tells futures apart, and the probability to be complete by it.
    never
        Probability not to be complete by the horizon.
    without_news
        Month by month, if still nothing happens.
    watch
        The most telling milestone first.
    """

    name: str
    observed: tuple[Fact, ...]
    as_of: datetime.date
    replications: int
    agreeing: int
    prior: Probability
    percentiles: tuple[Quantile, ...]
    by_target: Probability | None
    by_date: datetime.date
    by: Probability
    never: Probability
    without_news: tuple[Silence, ...]
    watch: tuple[Watched, ...]


def answer(found: Forecast, months: Sequence[Month], posts: Sequence[Signpost]) -> Answer:
    """Return the answer of a forecast, its future month by month, and its signposts."""
    return Answer(
        _document(found, months, posts),
        [*_blocks(found, months, posts)],
        {
            f"forecast-{found.run.facts.name}": lambda language: completion_curves(
                stories_of(found), language=language
            )
        },
    )


def _blocks(found: Forecast, months: Sequence[Month], posts: Sequence[Signpost]) -> Iterator[Block]:
    yield from sentences(found)
    yield Table([found.run.facts.name], _rows(found))
    by = f"P(by {found.by_date})"
    if months:
        rows = [
            (
                f"{each.when:%Y-%m}",
                [share_cell(each.silent), _months(each.remaining_days), share_cell(each.by)],
            )
            for each in months
        ]
        yield Table(["still nothing", "median from then", by], rows, title="If nothing happens until")
    if posts:
        rows = [
            (f"{each.milestone} by {each.when:%Y-%m}", [share_cell(part) for part in parts])
            for each in posts[:MOST_WATCHED]
            for parts in [(each.happens, each.by_if, each.by_if_not)]
        ]
        yield Table(["happens", f"{by} if so", "if not"], rows, title="What to watch")


def sentences(found: Forecast) -> Iterator[str]:
    """Yield the answer given the facts, and how far the facts can be trusted to have been expected."""
    facts = found.run.facts
    p50, p80 = found.percentiles[1], found.percentiles[3]
    known = "; ".join(map(str, found.observed)) or "nothing"
    yield (
        f"{facts.title}: given what was known ({known}), complete by {date_text(p50, facts)} in half of the "
        f"futures and by {date_text(p80, facts)} in 80 %."
    )
    yield (
        f"The scenario gave these facts a probability of {share_text(found.prior)}; {found.effective:,} of "
        f"{found.run.replications:,} futures agree with them."
    )


def _rows(found: Forecast) -> list[tuple[str, list[str]]]:
    facts = found.run.facts
    rows = [
        (f"P{100 * share:.0f}", [date_cell(each, facts)])
        for share, each in zip(SHARES, found.percentiles, strict=True)
    ]
    if found.on_time is not None:
        rows.append((f"P(by {facts.target})", [share_cell(found.on_time)]))
    if found.by_date != facts.target:
        rows.append((f"P(by {found.by_date})", [share_cell(found.by)]))
    rows.append(("P(never)", [share_cell(found.never)]))
    return rows


def _months(days: Estimate) -> str:
    if math.isinf(days.value):
        return "most never complete"
    low, value, high = (each / DAYS_PER_MONTH for each in (days.low, days.value, days.high))
    return f"{value:.1f} months\n{low:.1f} … " + (f"{high:.1f}" if math.isfinite(high) else "never")


def _document(found: Forecast, months: Sequence[Month], posts: Sequence[Signpost]) -> Forecasted:
    facts = found.run.facts
    percentiles = zip(SHARES, found.percentiles, strict=True)
    return Forecasted(
        name=facts.name,
        observed=tuple(Fact(each.milestone, each.happened, each.when) for each in found.observed),
        as_of=found.as_of,
        replications=found.run.replications,
        agreeing=found.effective,
        prior=Probability.of(found.prior),
        percentiles=tuple(Quantile(share, Moment.of(each, facts)) for share, each in percentiles),
        by_target=Probability.maybe(found.on_time),
        by_date=found.by_date,
        by=Probability.of(found.by),
        never=Probability.of(found.never),
        without_news=tuple(map(_silence, months)),
        watch=tuple(map(_watched, posts)),
    )


def _silence(month: Month) -> Silence:
    return Silence(
        month.months,
        month.when,
        Probability.of(month.silent),
        Days.of(month.remaining_days),
        Probability.of(month.by),
    )


def _watched(post: Signpost) -> Watched:
    return Watched(
        post.milestone,
        post.when,
        Probability.of(post.happens),
        Probability.of(post.by_if),
        Probability.of(post.by_if_not),
        post.moves,
    )
