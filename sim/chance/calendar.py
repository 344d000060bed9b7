"""Calendar: seasons that come back every year, such as a winter that slows outdoor work.

It turns months and days into days since the scenario's start, with leap years and the turn of the year. The
dates are certain; what a season does to the work may not be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

import numpy as np

from sim.chance.amount import Amount, Values, amount
from sim.chance.profiles import Drawn, column
from sim.chance.steps import Steps, level, product, spells

LEAP_YEAR = 2000
"""A year that has a February 29."""


@dataclass(frozen=True, slots=True)
class Season:
    """A part of every year, from its first day to its last, with the value in force.

    ``begin`` and ``end`` are month and day (``"11-01"``, ``"03-31"``); a season that ends before it begins
    runs over the new year. In years without a February 29, a season that begins then begins on March 1, one
    that ends then ends on February 28.

    Raises
    ------
    ValueError
        A month and day that no year has.
    """

    begin: str
    end: str
    value: Amount | float

    def __post_init__(self) -> None:
        for day in (self.begin, self.end):
            try:
                date.fromisoformat(f"{LEAP_YEAR}-{day}")
            except ValueError:
                raise ValueError(f"season: {day!r} is no month and day such as 11-01") from None

    def spell(self, year: int) -> tuple[date, date]:
        """Return the first day of the season that begins in a year, and the first day after it."""
        return _on(year, self.begin), _after(year + (self.end < self.begin), self.end)


@dataclass(frozen=True, eq=False)
class Calendar(Drawn):
    """The value of the season at each time, 1 outside; seasons that overlap multiply."""

    start: date
    seasons: tuple[Season, ...]

    def amounts(self) -> Iterable[Amount]:
        """Return the seasons' values."""
        return tuple(amount(season.value) for season in self.seasons)

    def draw(self, values: Values, horizon: float) -> Steps:
        """Draw the seasons' values and lay them over the years."""
        parts = [self._season(season, values, horizon) for season in self.seasons]
        return product(parts or [level(np.ones(1))])

    def _season(self, season: Season, values: Values, horizon: float) -> Steps:
        last = (self.start + timedelta(days=ceil(horizon))).year
        dates = [season.spell(year) for year in range(self.start.year - 1, last + 1)]
        days = np.array([[(day - self.start).days for day in spell] for spell in dates], dtype=np.float64)
        begin, end = days[days[:, 1] > 0].T[..., np.newaxis]
        return spells(begin, end, inside=column(season.value, values), outside=np.ones(1))


def _on(year: int, day: str) -> date:
    try:
        return date.fromisoformat(f"{year:04d}-{day}")
    except ValueError:  # February 29
        return date(year, 3, 1)


def _after(year: int, day: str) -> date:
    following = date.fromisoformat(f"{LEAP_YEAR}-{day}") + timedelta(days=1)
    return _on(year + (following.year - LEAP_YEAR), f"{following:%m-%d}")
