"""Language: the fixed texts of figures and pages, and how numbers, dates and plurals are written.

The texts are in ``languages/CODE.toml``, a table per room; nothing else in ``report`` holds a sentence. What
a scenario says (titles, names of suppliers and stages) is never translated. Called by every figure and page.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypeAlias

from sim.results.facts import Facts
from sim.results.rounding import date_precision, rounded_days, share_parts
from sim.results.statistics import Estimate

Entry: TypeAlias = "str | tuple[str, ...]"

LANGUAGES = ("en", "ru")
"""Codes of the languages there are."""

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of figures and pages; :func:`language` makes it from its code, and checks the code."""

    code: str

    def text(self, key: str, **values: object) -> str:
        """Return a text of the catalogue ("delay.heading") with its placeholders filled.

        Raises
        ------
        KeyError
            The catalogue has no such text, or a placeholder has no value; the message names both.
        """
        pattern = self._entry(key)
        if not isinstance(pattern, str):
            raise KeyError(f"{key!r} in the {self.code!r} catalogue has plural forms: ask counted()")
        try:
            return pattern.format_map(values)
        except KeyError as missing:
            raise KeyError(f"text {key!r} ({self.code}) needs a value for {missing}") from None

    def name(self, table: str, name: str) -> str:
        """Return the spoken name of a milestone, cause …; what the catalogue lacks, without underscores."""
        known = _catalogue(self.code).get(f"{table}.{name.replace(' ', '_').replace('-', '_')}")
        return known if isinstance(known, str) else name.replace("_", " ")

    def counted(self, noun: str, number: float, *, digits: int = 0, signed: bool = False) -> str:
        """Return a number and its noun in the right form: "1 month", "5 months", "5 месяцев".

        Nouns are the lists in the table ``plural`` of the catalogue.
        """
        forms = self._entry(f"plural.{noun}")
        form = 1 if digits else _FORM[self.code](abs(round(number)))  # fractions take form 1 in both
        return f"{self.number(number, digits=digits, signed=signed)}{self.text('format.space')}{forms[form]}"

    def number(self, number: float, *, digits: int | None = None, signed: bool = False) -> str:
        """Return a number with separated thousands and a true minus; all its digits if none are given."""
        rounded = number if digits is None else round(number, digits)
        form = f"{'+' if signed and rounded else ''},{'.10g' if digits is None else f'.{digits}f'}"
        marks = f"{self.text('format.thousands')}{self.text('format.decimal')}{MINUS}"
        return f"{rounded + 0.0:{form}}".translate(str.maketrans(",.-", marks))  # + 0.0: no minus before zero

    def percent(self, share: float, *, digits: int = 0) -> str:
        """Return a share 0..1 in percent."""
        return self.text("format.percent", number=self.number(100.0 * share, digits=digits))

    def share(self, share: Estimate) -> str:
        """Return a probability, rounded to what its interval supports: "22 %", "under 0.04 %"."""
        kind, percent, digits = share_parts(share)
        return self.text(f"share.{kind}", number=self.number(percent, digits=digits))

    def interval(self, share: Estimate) -> str:
        """Return the ends of a probability's 95 % interval, in percent: "0.47 … 0.73 %"."""
        digits = share_parts(share)[2] + 1
        low, high = (self.number(100.0 * end, digits=digits) for end in (share.low, share.high))
        return self.text("format.percent", number=f"{low} … {high}")

    def days(self, days: Estimate) -> str:
        """Return a number of days, rounded to its interval, with its noun; "never" for infinity."""
        rounded = rounded_days(days)
        if math.isnan(rounded):
            return self.text("share.unknown")
        return self.text("word.never") if math.isinf(rounded) else self.counted("day", rounded)

    def short_date(self, when: date) -> str:
        """Return a date in digits: "2032-12-31", "31.12.2032"."""
        return self._dated("to_day", when)

    def day(self, when: date) -> str:
        """Return a date as a label: "31 Dec 2024"."""
        return self._dated("day", when)

    def month(self, when: date) -> str:
        """Return the short name of the month, as on an axis."""
        return self._entry("format.months")[when.month - 1]

    def when(self, days: Estimate, facts: Facts) -> str:
        """Return a time as a date, month or year, as its interval supports, or "not by 2032-12-31"."""
        when = facts.date(days.value)
        return self.never(facts) if when is None else self._dated(date_precision(days), when)

    def never(self, facts: Facts) -> str:
        """Return the text of a date that does not exist: "not by 2032-12-31"."""
        return self.text("word.not_by", date=self.short_date(facts.horizon))

    def _dated(self, form: str, when: date) -> str:
        names = {"name": self.month(when), "full": self._entry("format.long_months")[when.month - 1]}
        return self.text(
            f"format.{form}",
            year=when.year,
            month=f"{when.month:02}",
            day=f"{when.day:02}",
            d=when.day,
            **names,
        )

    def _entry(self, key: str) -> Entry:
        try:
            return _catalogue(self.code)[key]
        except KeyError:
            raise KeyError(f"languages/{self.code}.toml has no text {key!r}") from None


ENGLISH = Language("en")


def language(code: str) -> Language:
    """Return the language of a code.

    Raises
    ------
    ValueError
        There is no such language; the message lists those there are.
    """
    if code not in LANGUAGES:
        raise ValueError(f"there is no language {code!r}, only {', '.join(LANGUAGES)}")
    return Language(code)


@cache
def _catalogue(code: str) -> Mapping[str, Entry]:
    text = files("sim.report").joinpath("languages", f"{code}.toml").read_text(encoding="utf-8")
    return MappingProxyType(dict(_flat(tomllib.loads(text), "")))


def _flat(table: Mapping[str, object], prefix: str) -> dict[str, Entry]:
    """Return the texts of a nested table under dotted keys."""
    found: dict[str, Entry] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = tuple(value) if isinstance(value, list) else str(value)
    return found


def _english_form(number: int) -> int:
    return 0 if number == 1 else 1


def _russian_form(number: int) -> int:
    """Return 0 for 1, 21 …; 1 for 2-4, 22-24 …; 2 for the rest (CLDR's one, few, many)."""
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else 2


_FORM = MappingProxyType({"en": _english_form, "ru": _russian_form})
