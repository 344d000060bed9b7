"""Parts of the documents that ``--json`` prints: estimates with their unit in each name.

Made from the estimates of :mod:`sim.results`; null stands for never, and for what cannot be estimated.
Called by the answers of single commands.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.results.facts import Facts
    from sim.results.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Probability:
    """A probability from 0 to 1 with its 95 % interval; null where there is nothing to estimate from.

    Attributes
    ----------
    value, low, high
        The estimate and the ends of its interval.
    """

    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, share: Estimate) -> Probability:
        """Return the probability of an estimate."""
        return cls(share.value, share.low, share.high)

    @classmethod
    def maybe(cls, share: Estimate | None) -> Probability | None:
        """Return the probability of an estimate, or None where the question does not arise."""
        return None if share is None else cls.of(share)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time with its 95 % interval, in days and as dates; null is never (not by the horizon).

    Attributes
    ----------
    days, low_days, high_days
        Days since the start of the scenario; a low end that the replications do not bound is 0.
    date, low_date, high_date
        The same as dates.
    text
        The date, month or year that the interval supports, or the sentence for never.
    """

    days: float | None
    low_days: float | None
    high_days: float | None
    date: datetime.date | None
    low_date: datetime.date | None
    high_date: datetime.date | None
    text: str

    @classmethod
    def of(cls, days: Estimate, facts: Facts) -> Moment:
        """Return the moment of an estimate in days since the start."""
        from sim.results.rounding import date_text

        low = max(days.low, 0.0)
        dates = (facts.date(days.value), facts.date(low), facts.date(days.high))
        return cls(days.value, low, days.high, *dates, date_text(days, facts))


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days with its 95 % interval; null where it is never, or the replications give no bound.

    Attributes
    ----------
    days, low_days, high_days
        The estimate and the ends of its interval.
    text
        The number, rounded to what its interval supports.
    """

    days: float | None
    low_days: float | None
    high_days: float | None
    text: str

    @classmethod
    def of(cls, days: Estimate) -> Days:
        """Return the days of an estimate."""
        from sim.results.rounding import days_text

        return cls(days.value, days.low, days.high, days_text(days))


@dataclass(frozen=True, slots=True)
class Charge:
    """Days charged to a cause.

    Attributes
    ----------
    cause
        What the days were spent on.
    days
        How many; negative where days were saved.
    """

    cause: str
    days: float


def finite(number: float) -> float | None:
    """Return a number, or None where there is none."""
    return number if math.isfinite(number) else None
