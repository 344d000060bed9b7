"""Limits: what a scenario may ask of the calendar, and of the machine that runs it.

They lie far beyond any real plan, so what exceeds one is a mistake or an attack; each message names the limit
and the way out. How large the plan itself may grow is up to :mod:`sim.model.draft`. Called by ``checks``,
which goes on only where these hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date

from sim.scenario.laws import LAWS
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Scenario
from sim.scenario.section import inside

Finding = tuple[str, str]

MOST_ENTRIES = 500
MOST_OF: Mapping[str, int] = {"states": 30, "correlations": 50, "parts": 20, "shares": 20, "builds": 50}
"""Entries of any list or mapping, and of those whose entries multiply with each other."""

MOST_TOUCHED = 500
MOST_SERVERS = 10_000
LONGEST_TITLE = 200

FIRST_YEAR, LAST_YEAR = 1900, 2500
LONGEST_YEARS = 200
"""Calendars and figures know the years; times are exact for 2,870 years (:mod:`sim.engine.bind`)."""

ENDING = ("length", "transient", "delay", "window")
"""Keys of durations that something else waits for the end of: they cannot be ``never``."""

DIVISORS = ("peak", "utilization", "goodput", "stock_rate")
"""Keys of quantities that others are divided by."""


def limits(scenario: Scenario) -> Iterator[Finding]:
    """Yield each limit that a scenario exceeds, as (path, sentence)."""
    yield from _calendar(scenario)
    for path, value in inside(scenario):
        key = path.rpartition(".")[2]
        if isinstance(value, Mapping | tuple):
            yield from _entries(path, len(value), MOST_OF.get(key, MOST_ENTRIES))
        elif isinstance(value, Quantity):
            yield from _quantity(path, key, value)
        elif isinstance(value, str) and key == "title":
            yield from _title(path, value)
    for name, servers in scenario.pools.items():
        if not 1 <= servers <= MOST_SERVERS:
            yield f"pools.{name}", f"a pool has 1 to {MOST_SERVERS} servers, not {servers}"
    touched = sum(len(risk.affects) for risk in scenario.risks.values())
    if touched > MOST_TOUCHED:
        yield "risks", f"touch {touched} paths together; at most {MOST_TOUCHED}: use * for any one name"


def _calendar(scenario: Scenario) -> Iterator[Finding]:
    for key, day in (("start", scenario.start), ("horizon", scenario.horizon)):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            yield key, f"{day} is outside the calendar, which is kept from {FIRST_YEAR} to {LAST_YEAR}"
    end = _later(scenario.start, LONGEST_YEARS)
    if scenario.horizon > end:
        yield "horizon", f"{scenario.horizon} is later than {end}: at most {LONGEST_YEARS} years are followed"


def _later(day: date, years: int) -> date:
    """Return the same day some years later; March 1 for a February 29 that the year does not have."""
    year = min(day.year + years, date.max.year)
    return date(year, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _entries(path: str, count: int, most: int) -> Iterator[Finding]:
    if count > most:
        yield path, f"has {count} entries; at most {most} are read"


def _title(path: str, title: str) -> Iterator[Finding]:
    if len(title) > LONGEST_TITLE or "\n" in title:
        yield path, f"a title is one line of at most {LONGEST_TITLE} characters; write more under description"


def _quantity(path: str, key: str, quantity: Quantity) -> Iterator[Finding]:
    if key in ENDING and math.isinf(quantity.central):
        yield path, "must come to an end: it cannot be never"
    if key in DIVISORS and can_be_zero(quantity):
        yield path, "is divided by: it must be above 0"


def can_be_zero(quantity: Quantity) -> bool:
    """Whether 0 is drawn with a probability, and not only the end of a range."""
    has_steps = quantity.law in ("fixed", "discrete", "empirical")
    return has_steps and LAWS[quantity.law].support(quantity.parameters)[0] == 0.0
