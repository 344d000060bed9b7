"""Words: the sentence that answers the question, and the cells of its table.

No digit is shown that its interval does not support. Called by the commands that simulate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.results.answer import Answer, Option
from sim.results.comparison import Comparison
from sim.results.facts import Facts
from sim.results.neighbors import Neighbors
from sim.results.rounding import date_text, days_text, share_text
from sim.results.statistics import Estimate


def sentence(answer: Answer) -> str:
    """Return the answer in one sentence (two, when strategies are compared)."""
    best = answer.best
    first = f"{best.facts.title}: {_when(best)}{_promise(best)}."
    return " ".join([first, *map(_against, answer.against)])


def _when(option: Option) -> str:
    half, most = (date_text(share, option.facts) for share in (option.p50, option.p80))
    never = f"{option.facts.never} in {share_text(option.never)}"
    if math.isinf(option.p50.value):
        return f"{never} of the futures"
    if math.isinf(option.p80.value):
        return f"complete by {half} in half of the futures, and {never}"
    return f"complete by {half} in half of the futures and by {most} in 80 %"


def _promise(option: Option) -> str:
    if option.by_target is None:
        return ""
    return f"; the promised {option.facts.target} is met in {share_text(option.by_target)}"


def _against(comparison: Comparison) -> str:
    tied = f", on the same day in {share_text(comparison.tied)}" if comparison.tied.value > 0.0 else ""
    earlier = share_text(comparison.earlier)
    ahead = f"It is complete before {comparison.second} in {earlier} of the same futures{tied}"
    gain, which = comparison.median_gain_days, "in the median"
    if gain.value == 0.0:
        gain, which = comparison.mean_gain_days, "on average"
    if math.isnan(gain.value):
        return f"{ahead}."
    side = "earlier" if gain.value >= 0 else "later"
    size = Estimate(abs(gain.value), *sorted((abs(gain.low), abs(gain.high))))
    return f"{ahead} ({days_text(size)} days {side} {which} where both finish)."


def date_cell(days: Estimate, facts: Facts) -> str:
    """Return a date with its 95 % interval, in two lines."""
    text = date_text(days, facts)
    if facts.date(days.value) is None:
        return text
    low, high = facts.date(days.low) or facts.start, facts.date(days.high)
    if high is None:
        return f"{text}\n{low:%Y-%m} … never"
    if low.year == high.year:
        return f"{text}\n{low} … {high:%m-%d}"
    return f"{text}\n{low:%Y-%m} … {high:%Y-%m}"


def share_cell(share: Estimate | None) -> str:
    """Return a probability with its 95 % interval, in two lines; a dash where the question does not arise."""
    if share is None:
        return "-"
    return f"{share_text(share)}\n{_percent(share.low)} … {_percent(share.high)} %"


def _percent(share: float) -> str:
    return f"{100 * share:.2g}" if share < 0.1 else f"{100 * share:.1f}".removesuffix(".0")


def days_cell(days: Estimate) -> str:
    """Return a number of days with its 95 % interval, in two lines."""
    if math.isnan(days.value):
        return "-"
    low, high = ("never" if math.isinf(bound) else f"{bound:,.0f}" for bound in (days.low, days.high))
    return f"{days_text(days)} d\n{low} … {high}"


def option_rows(options: Sequence[Option]) -> list[tuple[str, list[str]]]:
    """Return the table of dates and probabilities: a row per quantity, a cell per scenario."""
    rows = [
        (name, [date_cell(getattr(option, name.lower()), option.facts) for option in options])
        for name in ("P10", "P50", "P80", "P90")
    ]
    targets = {option.facts.target for option in options}
    target = f"P(by {targets.pop()})" if len(targets) == 1 else "P(by target)"
    rows.append((target, [share_cell(option.by_target) for option in options]))
    if any(option.within_budget is not None for option in options):
        rows.append(("  within budget", [share_cell(option.within_budget) for option in options]))
    if any(option.switched is not None for option in options):
        rows.append(("P(switched)", [share_cell(option.switched) for option in options]))
    rows.append(("P(never)", [share_cell(option.never) for option in options]))
    return rows


def comparison_rows(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the paired comparison of two scenarios, a row per quantity."""
    return [
        (f"P({comparison.first} before {comparison.second})", share_cell(comparison.earlier)),
        ("P(same day)", share_cell(comparison.tied)),
        ("P(neither completes)", share_cell(comparison.both_never)),
        ("days gained, median where both finish", days_cell(comparison.median_gain_days)),
        ("days gained, mean where both finish", days_cell(comparison.mean_gain_days)),
    ]


def neighbor_rows(found: Neighbors) -> list[tuple[str, list[str]]]:
    """Return who is delayed by the others: a row per quantity, a cell per build."""
    rows = [
        ("delayed by others", [share_cell(each.share_delayed) for each in found.builds]),
        ("days on average", [days_cell(each.mean_days) for each in found.builds]),
        ("earlier", [share_cell(each.share_earlier) for each in found.builds]),
        ("never because of", [share_cell(each.share_prevented) for each in found.builds]),
    ]
    for key in (key for key in found.table().columns if key.startswith("wait_") and key.endswith("_days")):
        pool = key.removeprefix("wait_").removesuffix("_days")
        rows.append((f"wait {pool}"[:18], [f"{days:.1f} d" for days in found.table()[key]]))
    return rows
