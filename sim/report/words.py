"""Words: how figures write dates, months, shares and titles, in one place and one manner."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date

import numpy as np

from sim.report.story import Story
from sim.results.rounding import share_text
from sim.results.statistics import Estimate

DAYS_PER_MONTH = 30.4375
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_text(day: date) -> str:
    """Return a date as "31 Dec 2024"."""
    return f"{day.day} {month_name(day)} {day.year}"


def month_name(day: date) -> str:
    """Return the short name of the month, whatever the machine's locale."""
    return _MONTHS[day.month - 1]


def never_text(story: Story) -> str:
    """Return "4 % never (not by 2032-12-31)", or nothing if it was not seen."""
    share = story.never
    return f"{share_text(share)} never\n({story.facts.never})" if share.value > 0 else ""


def number_text(number: float) -> str:
    """Return a number with separated thousands and a true minus sign."""
    return f"{number + 0.0:,.10g}".replace("-", "\N{MINUS SIGN}")


def months_text(days: Estimate, *, signed: bool) -> str:
    """Return "+5 months", with a decimal where the interval is below half a month, or "never"."""
    if np.isinf(days.value):
        return "never"
    sign, digits = "+" if signed else "", int(days.high - days.low < DAYS_PER_MONTH / 2)
    months = round(days.value / DAYS_PER_MONTH, digits) + 0.0  # no minus before zero
    return f"{months:{sign}.{digits}f} months".replace("-", "\N{MINUS SIGN}")


def futures_text(stories: Sequence[Story]) -> str:
    """Return how many replications the scenarios have: "10,000 simulated futures"."""
    sizes = sorted({story.replications for story in stories})
    return " to ".join(f"{size:,}" for size in dict.fromkeys((sizes[0], sizes[-1]))) + " simulated futures"


def folded(title: str, *, width: int, lines: int) -> str:
    """Return a title wrapped to so many characters, cut with an ellipsis after so many lines."""
    wrapped = textwrap.wrap(title, width)
    if len(wrapped) > lines:
        wrapped[lines - 1] = wrapped[lines - 1][: width - 1] + "…"
    return "\n".join(wrapped[:lines])
