"""Units: one table of what a scenario file may write after a number, and one canonical unit per dimension.

Turns ``9 months`` into 273.9375 days and says clearly why ``9 kW`` is no duration. Laws, evidence and
positions are left to ``quantity`` and ``load``. Called by ``quantity`` and, for axis labels and help, by the
rooms to the right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.scenario.words import guess, listed, shown

DAYS_PER_MONTH = 30.4375
DAYS_PER_YEAR = 365.25

_TIMES = {
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": DAYS_PER_MONTH,
    "quarter": DAYS_PER_YEAR / 4,
    "year": DAYS_PER_YEAR,
}
_SHORT_TIMES = {"h": "hour", "d": "day", "wk": "week", "mo": "month", "yr": "year"}
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_NUMBER = re.compile(r"([+-]?(?:\d[\d_]*)?(?:\.\d+|\d\.?)(?:[eE][+-]?\d+)?)\s*(.*)", re.ASCII | re.DOTALL)


class UnitError(ValueError):
    """A number or a unit that cannot be read; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of number: the units it may be written in and the range it lives in.

    Attributes
    ----------
    name
        The dimension as the code and the schema say it (``duration``).
    phrase
        The dimension in a sentence (``a duration``).
    canonical
        The unit of the number once read (``days``).
    units
        Unit to its size in canonical units; the empty unit is there if a plain number will do.
    examples
        Units worth naming in an error, most usual first.
    highest
        The largest number that makes sense (1 for a share); the smallest is 0 everywhere.
    """

    name: str
    phrase: str
    canonical: str
    units: Mapping[str, float] = field(hash=False)
    examples: tuple[str, ...]
    highest: float = math.inf

    @property
    def is_plain(self) -> bool:
        """Whether a number without unit will do."""
        return "" in self.units


def _durations() -> dict[str, float]:
    table = {f"{name}{plural}": days for name, days in _TIMES.items() for plural in ("s", "")}
    return table | {short: _TIMES[name] for short, name in _SHORT_TIMES.items()}


def _rates(*things: str) -> dict[str, float]:
    """Return ``thing/month``, ``thing per month`` … in things per day; an empty thing gives ``per month``."""
    return {
        f"{thing}{between}{time}".strip(): 1 / days
        for thing in things
        for between in ("/", " per ")
        for time, days in _TIMES.items()
    }


def _plain(*things: str) -> dict[str, float]:
    return dict.fromkeys(things, 1.0)


_ACCELERATORS = ("accelerators", "accelerator", "units", "unit")
_COUNTED = ("tokens", "parameters", "dies", "stacks", "wafers", "people")


def _dimensions() -> tuple[Dimension, ...]:
    machines, things = _plain("", *_ACCELERATORS), _plain("", *_COUNTED)
    share = {"": 1.0, "fraction": 1.0, "%": 0.01, "percent": 0.01}
    power = {"W": 1e-3, "kW": 1.0, "MW": 1e3, "GW": 1e6}
    money = {"USD": 1.0, "kUSD": 1e3, "MUSD": 1e6}
    compute = {"TFLOP/s": 1.0, "PFLOP/s": 1e3, "EFLOP/s": 1e6}
    return (
        Dimension("duration", "a duration", "days", _durations(), ("days", "weeks", "months", "years")),
        Dimension("accelerators", "a number of accelerators", "accelerators", machines, ("accelerators",)),
        Dimension("output", "an output", "accelerators/day", _rates(*_ACCELERATORS), ("units/month",)),
        Dimension("wafers", "a flow of wafers", "wafers/day", _rates("wafers"), ("wafers/month",)),
        Dimension("stacks", "a flow of memory stacks", "stacks/day", _rates("stacks"), ("stacks/month",)),
        Dimension("share", "a share", "", share, ("%", "fraction"), highest=1.0),
        Dimension("frequency", "a frequency", "per day", _rates("", "1", "times"), ("per year", "per month")),
        Dimension("power", "a power", "kW", power, ("kW", "MW")),
        Dimension("money", "a sum of money", "USD", money, ("USD", "kUSD", "MUSD", "billion USD")),
        Dimension("compute", "computing power", "TFLOP/s", compute, ("TFLOP/s", "PFLOP/s", "EFLOP/s")),
        Dimension("factor", "a factor", "", _plain(""), ()),
        Dimension("count", "a count", "", things, ("tokens", "parameters", "dies")),
    )


DIMENSIONS: Mapping[str, Dimension] = {dimension.name: dimension for dimension in _dimensions()}


def split(text: str) -> tuple[float, str]:
    """Return the number and the unit of a text such as ``9 months``.

    Raises
    ------
    UnitError
        The text does not begin with a number, or writes a comma in it.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"{shown(text)} does not begin with a number")
    if match[2].startswith(","):
        raise UnitError(f"{shown(text)} has a comma in its number: write 1.5 or 1500")
    return float(match[1]), match[2]


def size(unit: str, dimension: Dimension) -> float:
    """Return how many canonical units of the dimension one ``unit`` is; ``million USD`` is 1e6.

    Raises
    ------
    UnitError
        The unit is missing, unknown, or one of another dimension.
    """
    words = " ".join(unit.split())
    scale, _, rest = words.partition(" ")
    if scale in SCALES and (rest or dimension.is_plain):
        return SCALES[scale] * size(rest, dimension)
    if words in dimension.units:
        return dimension.units[words]
    raise UnitError(_complaint(words, dimension))


def _complaint(unit: str, dimension: Dimension) -> str:
    needs = (
        f"{dimension.phrase} needs {listed(dimension.examples)}"
        if dimension.examples
        else f"{dimension.phrase} is a plain number"
    )
    if not unit:
        return f"has no unit; {needs}"
    owner = next((other for other in DIMENSIONS.values() if unit in other.units), None)
    if owner is not None:
        return f"{unit} is for {owner.phrase}; {needs}"
    return f"unknown unit {shown(unit)}{guess(unit, dimension.units) or f'; {needs}'}"
