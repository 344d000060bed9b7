"""The summary of a run: one row per quantity, with its interval, as days and as dates.

The table is what a reader quotes, so each row also has a text that shows no more digits than its interval
supports. Called when a run folder is finished, by the command line and by ``report``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.results.comparison import Comparison, compare_runs
from sim.results.cost import COST, within
from sim.results.facts import Facts
from sim.results.files import replaced
from sim.results.outcomes import COMPLETION, REPLICATION, SWITCHED
from sim.results.rounding import date_text, days_text, share_text
from sim.results.run import Run
from sim.results.statistics import SHARES, Estimate, percentiles, probability
from sim.scenario.quantity import parse
from sim.scenario.units import DIMENSIONS

THREADS = 2
"""Columns that are read and sorted at a time: a million replications of one take 25 MB."""

MILESTONE_SHARES = (0.1, 0.5, 0.9)
"""The percentiles reported for milestones other than completion."""

Row = dict[str, Any]


def summary(run: Run) -> pd.DataFrame:
    """Return the summary of a run.

    One row per quantity: percentiles (``completion.p50``, unit ``days`` since the start, infinity for never),
    probabilities (``probability.by_target``, ``.never`` …, unit ``share``) and costs (unit ``USD``). ``low``
    and ``high`` bound the 95 % interval; ``date``, ``date_low`` and ``date_high`` are the same as ISO dates,
    empty for never and for what is no date; ``text`` is the estimate, rounded to what the interval supports.
    """
    rows = [*_completion(run), *_probabilities(run), *_milestones(run), *_costs(run)]
    return pd.DataFrame([{"scenario": run.facts.name, **row} for row in rows])


def summary_of_comparison(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the summaries of several runs, then the first compared with each other one.

    The rows of a pair (``first vs second``) are probabilities and days gained by the first, as in
    :class:`sim.results.comparison.Comparison`; days gained are differences and have no dates.
    """
    pairs = [_pair(compare_runs(runs[0], other)) for other in runs[1:]]
    return pd.concat([*map(summary, runs), *pairs], ignore_index=True)


def _pair(pair: Comparison) -> pd.DataFrame:
    rows = [
        *(_plain(f"probability.{name}", "share", getattr(pair, name)) for name in _PAIR_SHARES),
        *(_plain(name, "days", getattr(pair, name)) for name in _PAIR_DAYS),
    ]
    return pd.DataFrame([{"scenario": f"{pair.first} vs {pair.second}", **row} for row in rows])


_PAIR_SHARES = ("earlier", "later", "tied", "both_never", "only_first", "only_second")
_PAIR_DAYS = ("median_gain_days", "mean_gain_days", "restricted_gain_days")


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV in which no cell can act as a formula when a spreadsheet opens it."""
    safe = table.rename(columns=harmless).map(harmless)
    with replaced(path) as file:
        file.write(safe.to_csv(index=False, lineterminator="\n").encode())


def harmless(cell: object) -> object:
    """Return a cell; where a spreadsheet would run its text as a formula, an apostrophe goes in front.

    Spreadsheets look behind blanks and quotes, take full-width signs for signs, and some begin a new cell at
    a semicolon (where a comma is the decimal sign), at a tab or at a line end; all line ends become newlines.
    """
    return _FORMULA.sub(r"\1'", "\n".join(cell.splitlines())) if isinstance(cell, str) else cell


_FORMULA = re.compile('(^|[;\t\n])(?=[\\s"]*[=+@\t\uff0b\uff0d\uff1d\uff20-])')


def times(run: Run) -> tuple[str, ...]:
    """Return the columns that hold times."""
    return tuple(name for name in run.columns if name != REPLICATION and not _is_cost(name))


def costs(run: Run) -> tuple[str, ...]:
    """Return the columns that hold money."""
    return tuple(filter(_is_cost, run.columns))


def _is_cost(name: str) -> bool:
    return name == COST or name.endswith(f".{COST}")


def by_target(run: Run) -> Estimate | None:
    """Return the probability to be complete by the target date; None without a target."""
    if run.facts.target is None:
        return None
    return probability(run.completion <= run.facts.day(run.facts.target))


def within_budget(run: Run) -> Estimate | None:
    """Return the probability to be complete by the target within the budget; None without either."""
    money = run.facts.merged.get("costs", {}).get("budget")
    if run.facts.target is None or money is None or COST not in run.columns:
        return None
    budget = parse(money, DIMENSIONS["money"]).central
    target = run.facts.day(run.facts.target)
    return within(run.column(COST), run.completion, budget_usd=budget, target_days=target)


def never(run: Run) -> Estimate:
    """Return the probability not to be complete by the horizon."""
    return probability(np.isinf(run.completion))


def switched(run: Run) -> Estimate | None:
    """Return the probability that the supplier is changed; None for a strategy that cannot."""
    return probability(np.isfinite(run.column(SWITCHED))) if SWITCHED in run.columns else None


def _percentiles(
    run: Run, names: Sequence[str], shares: Sequence[float]
) -> Iterator[tuple[str, float, Estimate]]:
    """Yield column, share and estimate; two columns at a time, for numpy leaves other threads a processor."""
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(lambda name: percentiles(run.column(name), shares), names)
        for name, estimates in zip(names, found, strict=True):
            yield from ((name, *pair) for pair in zip(shares, estimates, strict=True))


def _completion(run: Run) -> Iterator[Row]:
    for name, share, estimate in _percentiles(run, [COMPLETION], SHARES):
        yield _time_row(name, share, estimate, run.facts)


def _milestones(run: Run) -> Iterator[Row]:
    names = [name for name in times(run) if name != COMPLETION]
    for name, share, estimate in _percentiles(run, names, MILESTONE_SHARES):
        yield _time_row(name, share, estimate, run.facts)


def _probabilities(run: Run) -> Iterator[Row]:
    found = {
        "by_target": by_target(run),
        "by_target_within_budget": within_budget(run),
        "never": never(run),
        "switched": switched(run),
    }
    for name, estimate in found.items():
        if estimate is not None:
            yield _plain(f"probability.{name}", "share", estimate)


def _costs(run: Run) -> Iterator[Row]:
    for name, share, estimate in _percentiles(run, costs(run), SHARES):
        dates = dict.fromkeys(("date", "date_low", "date_high"), "")
        text = {"text": f"{estimate.value / 1e6:.3g} MUSD"}
        yield _row(f"{name}.p{round(100 * share)}", "USD", estimate) | dates | text


def _time_row(name: str, share: float, estimate: Estimate, facts: Facts) -> Row:
    # No milestone is before the start, so that is the bound where the replications give none.
    bounded = Estimate(estimate.value, max(estimate.low, 0.0), estimate.high)
    dates = {
        "date": _iso(bounded.value, facts),
        "date_low": _iso(bounded.low, facts),
        "date_high": _iso(bounded.high, facts),
    }
    row = _row(f"{name}.p{round(100 * share)}", "days", bounded)
    return row | dates | {"text": date_text(bounded, facts)}


def _plain(name: str, unit: str, estimate: Estimate) -> Row:
    """Return the row of a quantity that is not a time, and so has no dates."""
    text = share_text(estimate) if unit == "share" else days_text(estimate)
    return _row(name, unit, estimate) | {"date": "", "date_low": "", "date_high": "", "text": text}


def _row(quantity: str, unit: str, estimate: Estimate) -> Row:
    return {
        "quantity": quantity,
        "unit": unit,
        "estimate": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
    }


def _iso(days: float, facts: Facts) -> str:
    when = facts.date(days)
    return when.isoformat() if when else ""
