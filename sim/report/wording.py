"""Wording: the sentence that answers the question, and the cells of its tables, in any language.

No digit is shown that its interval does not support. A cell is a text, and below it, after a line break, its
95 % interval. Called by pages, notebooks and the command line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sim.report.language import ENGLISH, Language
from sim.results.answer import Answer, Option
from sim.results.comparison import Comparison
from sim.results.facts import Facts
from sim.results.forecast import Forecast, Observation
from sim.results.neighbors import Neighbors
from sim.results.rounding import rounded_days
from sim.results.statistics import Estimate

Row = tuple[str, list[str]]
"""The name of a row and its cells."""

DASH = "-"
"""Where the question does not arise."""


def sentence(answer: Answer, language: Language = ENGLISH) -> str:
    """Return the answer in one sentence (one more for each strategy that it is compared with)."""
    return " ".join(sentences(answer, language))


def sentences(answer: Answer, language: Language = ENGLISH) -> list[str]:
    """Return the answer, then the best strategy against each other one, a sentence each."""
    best = answer.best
    first = f"{best.facts.title}: {_when(best, language)}{_promise(best, language)}."
    return [first, *(_against(each, language) for each in answer.against)]


def _when(option: Option, language: Language) -> str:
    half, most = (language.when(share, option.facts) for share in (option.p50, option.p80))
    never, share = language.never(option.facts), language.share(option.never)
    if math.isinf(option.p50.value):
        return language.text("wording.when_hardly", never=never, share=share)
    key = "wording.when_half" if math.isinf(option.p80.value) else "wording.when"
    return language.text(key, half=half, most=most, never=never, share=share)


def _promise(option: Option, language: Language) -> str:
    if option.by_target is None or option.facts.target is None:
        return ""
    target, share = language.short_date(option.facts.target), language.share(option.by_target)
    return language.text("wording.promise", target=target, share=share)


def _against(comparison: Comparison, language: Language) -> str:
    tied = language.text("wording.tied", share=language.share(comparison.tied))
    earlier = language.share(comparison.earlier)
    ahead = language.text("wording.before", second=comparison.second, share=earlier)
    ahead += tied if comparison.tied.value > 0.0 else ""
    gain, which = comparison.median_gain_days, "median"
    if gain.value == 0.0:
        gain, which = comparison.mean_gain_days, "mean"
    if math.isnan(gain.value):
        return f"{ahead}."
    side = "earlier" if gain.value >= 0 else "later"
    size = Estimate(abs(gain.value), *sorted((abs(gain.low), abs(gain.high))))
    return ahead + language.text(f"wording.gain.{side}.{which}", days=language.days(size))


def forecast_sentences(found: Forecast, language: Language = ENGLISH) -> Iterator[str]:
    """Yield the answer given the facts, and how far the facts can be trusted to have been expected."""
    facts = found.run.facts
    p50, p80 = (language.when(found.percentiles[k], facts) for k in (1, 3))
    told = "; ".join(observation_text(each, language) for each in found.observed)
    known = told or language.text("wording.nothing")
    yield language.text("wording.given", title=facts.title, known=known, half=p50, most=p80)
    effective, count = (language.number(each) for each in (found.effective, found.run.replications))
    share = language.share(found.prior)
    yield language.text("wording.prior", share=share, effective=effective, count=count)


def observation_text(observed: Observation, language: Language = ENGLISH) -> str:
    """Return a fact: "cleared not by 2024-12-24"."""
    names = {
        "milestone": language.name("milestone", observed.milestone),
        "date": language.short_date(observed.when),
    }
    return language.text(f"wording.happened.{observed.happened.replace(' ', '_')}", **names)


def date_cell(days: Estimate, facts: Facts, language: Language = ENGLISH) -> str:
    """Return a date with its 95 % interval, in two lines."""
    text = language.when(days, facts)
    if facts.date(days.value) is None:
        return text
    low, high = facts.date(days.low) or facts.start, facts.date(days.high)
    form = "open" if high is None else "year" if low.year == high.year else "years"
    ends = {"low": low, "high": high or low}
    parts = {f"{end}_{part}": f"{getattr(day, part):02}" for end, day in ends.items() for part in _PARTS}
    return f"{text}\n{language.text(f'wording.span.{form}', **parts)}"


_PARTS = ("year", "month", "day")


def share_cell(share: Estimate | None, language: Language = ENGLISH) -> str:
    """Return a probability with its 95 % interval, in two lines; a dash where the question does not arise."""
    if share is None:
        return DASH
    low, high = (language.number(_percent(end)) for end in (share.low, share.high))
    return f"{language.share(share)}\n{language.text('format.percent', number=f'{low} … {high}')}"


def _percent(share: float) -> float:
    return float(f"{100 * share:.2g}" if share < 0.1 else f"{100 * share:.1f}")


def days_cell(days: Estimate, language: Language = ENGLISH) -> str:
    """Return a number of days with its 95 % interval, in two lines."""
    if math.isnan(days.value):
        return DASH
    never = language.text("word.never")
    low, high = (
        never if math.isinf(end) else language.number(end, digits=0) for end in (days.low, days.high)
    )
    rounded = rounded_days(days)
    value = never if math.isinf(rounded) else language.number(rounded)
    return f"{language.text('wording.days', number=value)}\n{low} … {high}"


def option_rows(options: Sequence[Option], language: Language = ENGLISH) -> list[Row]:
    """Return the table of dates and probabilities: a row per quantity, a cell per scenario."""
    rows: list[Row] = [
        (name, [date_cell(getattr(option, name.lower()), option.facts, language) for option in options])
        for name in ("P10", "P50", "P80", "P90")
    ]
    target = target_name([option.facts for option in options], language)
    rows.append((target, [share_cell(option.by_target, language) for option in options]))
    rows += share_row("within_budget", [option.within_budget for option in options], language)
    rows += share_row("switched", [option.switched for option in options], language)
    return rows + share_row("never", [option.never for option in options], language)


def share_row(name: str, shares: Sequence[Estimate | None], language: Language = ENGLISH) -> list[Row]:
    """Return the row of a probability; none where the question does not arise for any scenario."""
    if all(share is None for share in shares):
        return []
    return [(language.text(f"wording.{name}"), [share_cell(share, language) for share in shares])]


def target_name(facts: Sequence[Facts], language: Language = ENGLISH) -> str:
    """Return "P(by 2024-12-31)", or "P(by target)" where targets differ."""
    targets = {each.target for each in facts}
    only = targets.pop() if len(targets) == 1 else None
    if only is None:
        return language.text("wording.by_target")
    return language.text("wording.by", date=language.short_date(only))


def comparison_rows(comparison: Comparison, language: Language = ENGLISH) -> list[tuple[str, str]]:
    """Return the paired comparison of two scenarios, a row per quantity."""
    names = {"first": comparison.first, "second": comparison.second}
    return [
        (language.text("wording.pair.before", **names), share_cell(comparison.earlier, language)),
        (language.text("wording.pair.tied"), share_cell(comparison.tied, language)),
        (language.text("wording.pair.neither"), share_cell(comparison.both_never, language)),
        (language.text("wording.pair.median"), days_cell(comparison.median_gain_days, language)),
        (language.text("wording.pair.mean"), days_cell(comparison.mean_gain_days, language)),
    ]


def neighbor_rows(found: Neighbors, language: Language = ENGLISH) -> list[Row]:
    """Return who is delayed by the others: a row per quantity, a cell per build."""
    builds = found.builds
    rows: list[Row] = [
        (language.text("wording.neighbors.delayed"), [share_cell(e.share_delayed, language) for e in builds]),
        (language.text("wording.neighbors.days"), [days_cell(e.mean_days, language) for e in builds]),
        (language.text("wording.neighbors.earlier"), [share_cell(e.share_earlier, language) for e in builds]),
        (language.text("wording.neighbors.never"), [share_cell(e.share_prevented, language) for e in builds]),
    ]
    table = found.table()
    for key in (key for key in table.columns if key.startswith("wait_") and key.endswith("_days")):
        pool = key.removeprefix("wait_").removesuffix("_days")
        cells = [language.text("wording.days", number=language.number(days, digits=1)) for days in table[key]]
        rows.append((language.text("wording.neighbors.wait", pool=pool), cells))
    return rows
