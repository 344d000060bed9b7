"""Rounding to what an interval supports: no day is shown where only the month is known.

Called by ``summary`` and by whoever words a result. The unrounded numbers stay in the table.
"""

from __future__ import annotations

import math

from sim.results.facts import Facts
from sim.results.statistics import Estimate

DAY_WIDTH = 10.0
"""An interval of at most this many days supports a day."""

MONTH_WIDTH = 366.0
"""An interval of at most this many days supports a month; a wider one, a year."""


def date_text(days: Estimate, facts: Facts) -> str:
    """Return a time as a date, month or year ("2027-03-14", "2027-03", "2027"), or "not by 2032-12-31"."""
    when = facts.date(days.value)
    return facts.never if when is None else when.isoformat()[: _LENGTHS[date_precision(days)]]


_LENGTHS = {"to_day": 10, "to_month": 7, "to_year": 4}


def date_precision(days: Estimate) -> str:
    """Return how much of a date its interval supports: "to_day", "to_month" or "to_year"."""
    width = days.high - max(days.low, 0.0)
    if width <= DAY_WIDTH:
        return "to_day"
    return "to_month" if width <= MONTH_WIDTH else "to_year"


def share_text(share: Estimate) -> str:
    """Return a probability in percent, with as many digits as its interval supports ("22 %", "0.4 %").

    What was never or always seen is not called impossible or certain: it is "under" or "over" a bound.
    """
    kind, percent, digits = share_parts(share)
    return "unknown" if kind == "unknown" else f"{_BOUNDS[kind]}{percent:.{digits}f} %"


_BOUNDS = {"under": "under ", "over": "over ", "about": ""}


def share_parts(share: Estimate) -> tuple[str, float, int]:
    """Return the parts of :func:`share_text`: "about", "under", "over" or "unknown"; percent; digits."""
    if math.isnan(share.value):
        return "unknown", math.nan, 0
    digits = _digits(share.high - share.low)
    scale = 10.0**digits
    if share.value == 0.0:
        return "under", math.ceil(100.0 * share.high * scale) / scale, digits
    if share.value == 1.0:
        return "over", math.floor(100.0 * share.low * scale) / scale, digits
    return "about", 100.0 * share.value, digits


def days_text(days: Estimate) -> str:
    """Return a number of days, rounded to its interval: whole days, tens or hundreds."""
    rounded = rounded_days(days)
    if not math.isfinite(rounded):
        return "unknown" if math.isnan(rounded) else "never"
    return f"{rounded:,.0f}"


def rounded_days(days: Estimate) -> float:
    """Return a number of days, rounded to what its interval supports; infinity and NaN as they are."""
    if not math.isfinite(days.value):
        return days.value
    width = days.high - days.low
    unit = 10.0 ** max(math.floor(math.log10(width)), 0) if math.isfinite(width) and width > 0.0 else 1.0
    return round(days.value / unit) * unit


def _digits(width: float) -> int:
    return min(max(math.ceil(-math.log10(100.0 * width)), 0), 6) if width > 0.0 else 6
