"""Words: how figures write months, shares, sizes and titles, in one place and one manner."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from sim.report.language import Language
from sim.report.story import Story
from sim.results.statistics import Estimate

DAYS_PER_MONTH = 30.4375


def never_text(story: Story, language: Language) -> str:
    """Return "4 % never (not by 2032-12-31)" in two lines, or nothing if it was not seen."""
    share = story.never
    if not share.value > 0:
        return ""
    return language.text(
        "words.never_and_date", share=language.share(share), not_by=language.never(story.facts)
    )


def months_text(days: Estimate, language: Language, *, signed: bool) -> str:
    """Return "+5 months", with a decimal where the interval is below half a month, or "never"."""
    if np.isinf(days.value):
        return language.text("word.never")
    digits = int(days.high - days.low < DAYS_PER_MONTH / 2)
    return language.counted("month", days.value / DAYS_PER_MONTH, digits=digits, signed=signed)


def titles(stories: Sequence[Story]) -> list[str]:
    """Return the scenarios' titles, with their names where titles alone would be the same."""
    alone = [story.facts.title for story in stories]
    named = [f"{story.facts.title} ({story.facts.name})" for story in stories]
    numbered = [f"{name} [{index}]" for index, name in enumerate(named, 1)]
    return next(each for each in (alone, named, numbered) if len(set(each)) == len(each))


def futures_text(stories: Sequence[Story], language: Language) -> str:
    """Return how many replications the scenarios have: "10,000 simulated futures"."""
    sizes = sorted({story.replications for story in stories})
    most = language.counted("future", sizes[-1])
    if len(sizes) == 1:
        return most
    return language.text("words.range", least=language.number(sizes[0]), most=most)


def cause_text(cause: str, language: Language) -> str:
    """Return the spoken name of a cause of the ledger; pools that the catalogue does not know keep theirs."""
    pool, name = cause.removeprefix("waiting for "), language.name("cause", cause)
    if pool == cause or name != cause.replace("_", " "):
        return name
    return language.text("cause.waiting", pool=pool)


def lever_text(label: str, language: Language) -> str:
    """Return the label of a varied path, "strategy.patience in months", with its unit in the language."""
    path, between, unit = label.rpartition(" in ")
    if not between:
        return label
    return language.text("words.measured", path=path, unit=language.name("unit", unit))


def short_number(value: float, language: Language) -> str:
    """Return a value of an axis with at most four significant digits."""
    return language.number(float(f"{value:.4g}"))


def millions(usd: float, language: Language) -> str:
    """Return a sum in million USD with three significant digits."""
    return language.number(float(f"{usd / 1e6:.3g}"))


def folded(title: str, *, width: int, lines: int) -> str:
    """Return a title wrapped to so many characters, cut with an ellipsis after so many lines."""
    wrapped = textwrap.wrap(title, width)
    if len(wrapped) > lines:
        wrapped[lines - 1] = wrapped[lines - 1][: width - 1] + "…"
    return "\n".join(wrapped[:lines])
