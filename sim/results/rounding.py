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
    if when is None:
        return facts.never
    width = days.high - max(days.low, 0.0)
    if width <= DAY_WIDTH:
        return when.isoformat()
    return when.isoformat()[:7] if width <= MONTH_WIDTH else when.isoformat()[:4]


def share_text(share: Estimate) -> str:
    """Return a probability in percent, with as many digits as its interval supports ("22 %", "0.4 %").

    What was never or always seen is not called impossible or certain: it is "under" or "over" a bound.
    """
    if math.isnan(share.value):
        return "unknown"
    digits = _digits(share.high - share.low)
    if share.value == 0.0:
        return f"under {_rounded_up(share.high, digits)} %"
    if share.value == 1.0:
        return f"over {_complement(share.low, digits)} %"
    return f"{100.0 * share.value:.{digits}f} %"


def days_text(days: Estimate) -> str:
    """Return a number of days, rounded to its interval: whole days, tens or hundreds."""
    if not math.isfinite(days.value):
        return "unknown" if math.isnan(days.value) else "never"
    width = days.high - days.low
    unit = 10.0 ** max(math.floor(math.log10(width)), 0) if math.isfinite(width) and width > 0.0 else 1.0
    return f"{round(days.value / unit) * unit:,.0f}"


def _digits(width: float) -> int:
    return min(max(math.ceil(-math.log10(100.0 * width)), 0), 6) if width > 0.0 else 6


def _rounded_up(share: float, digits: int) -> str:
    scale = 10.0**digits
    return f"{math.ceil(100.0 * share * scale) / scale:.{digits}f}"


def _complement(share: float, digits: int) -> str:
    scale = 10.0**digits
    return f"{math.floor(100.0 * share * scale) / scale:.{digits}f}"
