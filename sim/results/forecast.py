"""Forecast: what the replications that agree with the facts say about the rest.

Conditioning is by selection: of all futures of the scenario those are kept in which what was observed
happened, and nothing is reweighted or refitted. How many are kept, and how probable the facts were before
they happened, is part of the answer. Called by ``study.forecast``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np

from sim.chance.amount import Column
from sim.results.errors import StudyError
from sim.results.facts import Facts
from sim.results.ledger import Mask
from sim.results.outcomes import REPLICATION
from sim.results.run import Run
from sim.results.statistics import SHARES, Estimate, percentiles, probability

DAYS_PER_MONTH = 30.4375

FEWEST = 50
"""Replications that must agree with the facts before a forecast is made of them."""

UNTOLD = 0.02
"""A date that is met or missed with less than this probability does not tell futures apart."""

Happened = Literal["by", "not by", "on"]


@dataclass(frozen=True, slots=True)
class Observation:
    """A milestone that had happened by a date, had not happened by it, or happened on it."""

    milestone: str
    happened: Happened
    when: date

    def __str__(self) -> str:
        return f"{self.milestone} {self.happened} {self.when}"


def observations(facts: Facts) -> tuple[Observation, ...]:
    """Return the observed facts of a scenario, as its file gives them."""
    rows: Sequence[Mapping[str, Any]] = facts.merged.get("observed") or ()
    return tuple(
        Observation(str(row["milestone"]), row["happened"], date.fromisoformat(str(row["date"])))
        for row in rows
    )


def agreeing(run: Run, observed: Sequence[Observation]) -> Mask:
    """Return the replications in which everything observed happened, shape ``(replications,)``.

    Raises
    ------
    StudyError
        A fact names a milestone that the scenario does not report.
    """
    kept = np.ones(run.replications, dtype=bool)
    for each in observed:
        if each.milestone not in run.columns or each.milestone == REPLICATION:
            raise StudyError(
                f"{run.facts.name}: observed milestone {each.milestone!r} is none of "
                f"{', '.join(run.columns[1:])}"
            )
        kept &= _agrees(run.column(each.milestone), each, run.facts)
    return kept


def _agrees(days: Column, observed: Observation, facts: Facts) -> Mask:
    day = facts.day(observed.when)
    if observed.happened == "by":
        return days <= day
    return days > day if observed.happened == "not by" else (days > day - 1) & (days <= day)


@dataclass(frozen=True, slots=True)
class Month:
    """The forecast if still nothing has happened some months later.

    Attributes
    ----------
    silent
        Probability, given the facts, that nothing has happened by then.
    remaining_days
        Median time from then to completion; infinite if most never complete.
    by
        Probability to be complete by the date of the forecast.
    """

    months: int
    when: date
    silent: Estimate
    remaining_days: Estimate
    by: Estimate


@dataclass(frozen=True, slots=True)
class Signpost:
    """A milestone to watch: what it would say if it had happened by a date, or not.

    Attributes
    ----------
    happens
        Probability, given the facts, that it happens by then.
    by_if, by_if_not
        Probability to be complete by the date of the forecast in either case.
    moves
        Expected absolute change of that probability by the observation.
    """

    milestone: str
    months: int
    when: date
    happens: Estimate
    by_if: Estimate
    by_if_not: Estimate
    moves: float


@dataclass(frozen=True)
class Forecast:
    """Completion given the facts.

    Attributes
    ----------
    as_of
        The last date of the facts.
    kept
        The replications that agree with the facts.
    prior
        Probability of the facts before they happened.
    on_time
        Probability to be complete by the target; None without one.
    by_date, by
        The date that tells futures apart (the target; if it is nearly certain to be kept or missed, the
        median completion, or the horizon), and the probability to be complete by it.
    percentiles
        P10, P50, P70, P80 and P90 of completion, in days since the start.
    never
        Probability not to be complete by the horizon.
    """

    run: Run
    observed: tuple[Observation, ...]
    as_of: date
    kept: Mask
    prior: Estimate
    percentiles: tuple[Estimate, ...]
    on_time: Estimate | None
    by_date: date
    by: Estimate
    never: Estimate

    @property
    def effective(self) -> int:
        """Return how many replications agree with the facts."""
        return int(np.count_nonzero(self.kept))


def forecast_of(run: Run, observed: Sequence[Observation], *, by: date | None = None) -> Forecast:
    """Return the forecast of a run, given facts.

    Raises
    ------
    StudyError
        Fewer than 50 replications agree, or a fact names an unknown milestone.
    """
    kept = agreeing(run, observed)
    if np.count_nonzero(kept) < FEWEST:
        raise StudyError(
            f"{run.facts.name}: only {np.count_nonzero(kept)} of {run.replications:,} futures agree with "
            f"what was observed ({'; '.join(map(str, observed))}); this scenario calls the facts near "
            "impossible, so it can say nothing about what follows"
        )
    as_of = max((each.when for each in observed), default=run.facts.start)
    found = percentiles(run.completion, SHARES, selected=kept)
    target = run.facts.target
    on_time = None if target is None else _complete(run, target, kept)
    by = by or _telling_date(run.facts, on_time, found[SHARES.index(0.5)])
    return Forecast(
        run,
        tuple(observed),
        as_of,
        kept,
        probability(kept),
        found,
        on_time,
        by,
        _complete(run, by, kept),
        probability(np.isinf(run.completion), selected=kept),
    )


def _complete(run: Run, by: date, kept: Mask) -> Estimate:
    return probability(run.completion <= run.facts.day(by), selected=kept)


def _telling_date(facts: Facts, on_time: Estimate | None, median: Estimate) -> date:
    if facts.target is not None and on_time is not None and UNTOLD < on_time.value < 1.0 - UNTOLD:
        return facts.target
    return facts.date(median.value) or facts.horizon


def without_news(forecast: Forecast, months: Sequence[int]) -> list[Month]:
    """Return the forecast for each month later in which still nothing has happened.

    Nothing means: what was observed not to have happened still has not (without such a fact, completion).
    Months after which fewer than 50 replications are left are left out.
    """
    run, facts = forecast.run, forecast.run.facts
    silent = [each.milestone for each in forecast.observed if each.happened == "not by"] or ["completion"]
    found = []
    for month in months:
        day = facts.day(forecast.as_of) + month * DAYS_PER_MONTH
        quiet = np.all([run.column(name) > day for name in silent], axis=0)
        kept = forecast.kept & quiet
        if np.count_nonzero(kept) < FEWEST or day > facts.day(facts.horizon):
            break
        when = facts.date(day)
        assert when is not None  # a finite day
        found.append(
            Month(
                month,
                when,
                probability(quiet, selected=forecast.kept),
                percentiles(run.completion - day, (0.5,), selected=kept)[0],
                _complete(run, forecast.by_date, kept),
            )
        )
    return found


def signposts(forecast: Forecast, months: Sequence[int]) -> list[Signpost]:
    """Return for each milestone the month in which looking at it tells most, the most telling first.

    A milestone that is decided already, or that is seen on one side in fewer than 50 replications, is left
    out, and so is completion itself.
    """
    best: dict[str, Signpost] = {}
    for post in _posts(forecast, months):
        if post.milestone not in best or post.moves > best[post.milestone].moves:
            best[post.milestone] = post
    return sorted(best.values(), key=lambda post: -post.moves)


def _posts(forecast: Forecast, months: Sequence[int]) -> Iterator[Signpost]:
    run, facts, kept = forecast.run, forecast.run.facts, forecast.kept
    complete = run.completion <= facts.day(forecast.by_date)
    for name in run.columns:
        if name == REPLICATION or name.endswith("completion"):
            continue
        days = run.column(name)
        for month in months:
            day = facts.day(forecast.as_of) + month * DAYS_PER_MONTH
            seen = kept & (days <= day)
            if not FEWEST <= np.count_nonzero(seen) <= np.count_nonzero(kept) - FEWEST:
                continue
            happens = probability(days <= day, selected=kept)
            one, other = probability(complete, selected=seen), probability(complete, selected=kept & ~seen)
            moves = happens.value * abs(one.value - forecast.by.value)
            moves += (1.0 - happens.value) * abs(other.value - forecast.by.value)
            when = facts.date(day)
            assert when is not None  # a finite day
            yield Signpost(name, month, when, happens, one, other, moves)
