"""Words of the commands that help to decide: sentences and rows, no digit beyond its interval.

Called by ``decide``; nothing is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import numpy as np

from sim.cli.words import date_cell, days_cell, share_cell
from sim.results.drivers import most_days
from sim.results.facts import Facts
from sim.results.forecast import DAYS_PER_MONTH, Forecast, Month, Signpost
from sim.results.outside import Beside
from sim.results.rounding import date_text, days_text, share_text
from sim.results.statistics import Estimate
from sim.study.drivers import Drivers
from sim.study.flip import Flip
from sim.study.sweep import Sweep
from sim.study.trace import Task, Trace
from sim.study.vary import value_text

Rows = list[tuple[str, list[str]]]


def plain(value: Any) -> Any:
    """Return results as JSON-like data; numbers that do not exist (never) are null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, date) else value


def ledger_rows(parts: Sequence[Mapping[str, float]]) -> Rows:
    """Return days by cause, a column per ledger, the largest of the last column first, and the sums."""
    causes = dict.fromkeys(cause for part in parts for cause in part)
    order = most_days([(cause, abs(parts[-1].get(cause, 0.0))) for cause in causes])
    rows = [(cause, [_days(part.get(cause, 0.0)) for part in parts]) for cause, _ in order]
    return [*rows, ("sum", [_days(sum(part.values())) for part in parts])]


def _days(days: float) -> str:
    return f"{days:,.1f} d".replace("-", "\N{MINUS SIGN}")


def end_of(path: str) -> str:
    """Return the end of a path, which tells it apart where there is no room for all of it."""
    return ".".join(path.split(".")[-3:])


def driver_rows(found: Drivers) -> Rows:
    """Return the tornado: days at the percentile, chance to be on time, grade of the evidence."""
    return [
        (
            f"{bar.path}{' (off)' if bar.risk else ''}",
            [signed_cell(bar.days), points_text(bar.on_time), bar.grade or "-"],
        )
        for bar in found.tornado
    ]


def influence_rows(found: Drivers, most: int = 12) -> Rows:
    """Return the quantities that go with the date: correlation, share of ranks, share of the variance."""
    return [
        (each.path, [f"{each.correlation:+.2f}", _percent(each.explained), _percent(each.first_order)])
        for each in found.influences[:most]
    ]


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f} %"


def stage_rows(found: Drivers, most: int = 12) -> Rows:
    """Return the stages most often on the binding path."""
    return [
        (each.name, [f"{100 * each.criticality:.0f} %", f"{each.sensitivity:.2f}", each.cause])
        for each in found.stages[:most]
    ]


def signed_cell(days: Estimate) -> str:
    """Return days gained or lost with their interval, or what became of never."""
    if math.isnan(days.value):
        return "never with or without"
    if math.isinf(days.value):
        return "becomes never" if days.value > 0 else "no longer never"
    return f"{days.value:+,.0f} d\n{days.low:+,.0f} … {days.high:+,.0f}"


def points_text(change: Estimate | None) -> str:
    """Return a change of a probability in points of percent."""
    return "-" if change is None else f"{100 * change.value:+.1f} %"


def sweep_rows(found: Sweep) -> Rows:
    """Return a row per point: P50, P80, probability by the date, never; the best is marked."""
    rows = []
    for index, (point, run) in enumerate(zip(found.points, found.runs, strict=True)):
        mark = " *" if index == found.best else " ~" if index in found.as_good else ""
        cells = [date_cell(point.p80, run.facts), share_cell(point.by), share_cell(point.never)]
        rows.append((", ".join(point.texts) + mark, cells))
    return rows


def sweep_sentences(found: Sweep) -> Iterator[str]:
    """Yield what the sweep says: the best value, those as good, the last safe one."""
    best, paths = found.points[found.best], ", ".join(axis.path for axis in found.axes)
    when = date_text(best.p80, found.runs[found.best].facts)
    if math.isinf(best.p80.value):
        least = ", ".join(best.texts)
        yield f"No value of {paths} brings P80 before the horizon; {least} leaves least undone."
    else:
        yield f"Best {paths}: {', '.join(best.texts)} (P80 {when})."
    others = [", ".join(found.points[index].texts) for index in found.as_good if index != found.best]
    if others:
        shown = others if len(others) <= 6 else [others[0], "…", others[-1]]
        yield f"As good within the noise (same futures): {', '.join(shown)}."
    if found.by is not None and len(found.axes) == 1:
        yield _last_safe(found)


def _last_safe(found: Sweep) -> str:
    share, axis = f"{100 * found.safe_share:.0f} %", found.axes[0]
    if found.last_safe is None:
        return f"No value reaches {share} by {found.by}."
    point = found.points[found.last_safe]
    days = axis.days(point.values[0])
    start = found.runs[0].facts
    day = "" if days is None else f" ({start.date(days)})"
    if found.last_safe == len(found.points) - 1:
        return f"Still safe: {point.texts[0]}{day}, the last value tried, reaches {share} by {found.by}."
    return f"Last safe: after {point.texts[0]}{day} no value reaches {share} by {found.by}."


def flip_sentence(found: Flip) -> str:
    """Return the flip point in one sentence."""
    path, unit = found.axis.path, found.axis.unit
    if found.value is None:
        winner = found.first if found.first_wins_above else found.second
        ends = f"{value_text(found.axis.values[0], '')} to {value_text(found.axis.values[-1], unit)}"
        return f"{winner} is complete first more often for every {path} from {ends}."
    digits = max(0, 1 - math.floor(math.log10(found.plus_minus))) if found.plus_minus > 0 else 3
    side = "above" if found.first_wins_above else "below"
    value = f"{found.value:.{digits}f} ± {found.plus_minus:.{digits}f} {unit}".strip()
    return f"{found.first} beats {found.second} only if {path} is {side} {value}."


def forecast_rows(found: Forecast) -> Rows:
    """Return the percentiles and probabilities given the facts."""
    facts = found.run.facts
    names = ("P10", "P50", "P70", "P80", "P90")
    rows: Rows = [
        (name, [date_cell(each, facts)]) for name, each in zip(names, found.percentiles, strict=True)
    ]
    if found.on_time is not None:
        rows.append((f"P(by {facts.target})", [share_cell(found.on_time)]))
    if found.by_date != facts.target:
        rows.append((f"P(by {found.by_date})", [share_cell(found.by)]))
    rows.append(("P(never)", [share_cell(found.never)]))
    return rows


def forecast_sentences(found: Forecast) -> Iterator[str]:
    """Yield the answer given the facts, and how far the facts can be trusted to have been expected."""
    facts = found.run.facts
    p50, p80 = found.percentiles[1], found.percentiles[3]
    known = "; ".join(map(str, found.observed)) or "nothing"
    yield (
        f"{facts.title}: given what was known ({known}), complete by {date_text(p50, facts)} in half of the "
        f"futures and by {date_text(p80, facts)} in 80 %."
    )
    yield (
        f"The scenario gave these facts a probability of {share_text(found.prior)}; {found.effective:,} of "
        f"{found.run.replications:,} futures agree with them."
    )


def month_rows(months: Sequence[Month]) -> Rows:
    """Return the forecast month by month if nothing happens."""
    return [
        (f"{each.when:%Y-%m}", [share_cell(each.silent), _months(each.remaining_days), share_cell(each.by)])
        for each in months
    ]


def _months(days: Estimate) -> str:
    if math.isinf(days.value):
        return "most never complete"
    low, value, high = (each / DAYS_PER_MONTH for each in (days.low, days.value, days.high))
    return f"{value:.1f} months\n{low:.1f} … " + (f"{high:.1f}" if math.isfinite(high) else "never")


def signpost_rows(posts: Sequence[Signpost]) -> Rows:
    """Return what to watch: the probability to be complete if it happens by then, and if not."""
    return [
        (f"{each.milestone} by {each.when:%Y-%m}", [share_cell(part) for part in parts])
        for each in posts
        for parts in [(each.happens, each.by_if, each.by_if_not)]
    ]


def outside_rows(found: Beside) -> Rows:
    """Return simulated and real slips."""
    names = ("P20", "P50", "P80")
    return [
        (name, ["never" if math.isinf(ours) else f"{ours:,.0f} d", days_cell(theirs)])
        for name, ours, theirs in zip(names, found.simulated, found.real, strict=True)
    ]


def story(found: Trace) -> Iterator[str]:
    """Yield the dated story of one future up to completion; ``>`` marks the path that decided the date."""
    facts = found.subject.facts
    events: list[tuple[float, bool, str]] = []
    for task in found.tasks:
        events += [(day, task.binding, f"{task.node}: {text}") for day, text in _events(task)]
    events += [(day, True, f"{name}.") for name, day in _reached(found)]
    events = [event for event in events if event[0] <= found.completion]
    for day, binding, text in sorted(events, key=lambda event: event[0]):
        yield f"{facts.date(day)} {'>' if binding else ' '} {text}"
    if math.isinf(found.completion):
        yield f"never complete ({facts.never})"


def _reached(found: Trace) -> Iterator[tuple[str, float]]:
    for name in ("switched", "completion"):
        day = found.milestones.get(name, math.inf)
        if math.isfinite(day):
            yield name.upper(), day


def _events(task: Task) -> Iterator[tuple[float, str]]:
    for wait in task.waits:
        held = f", held by {', '.join(wait.held_by[:3])}" if wait.held_by else ""
        length = Estimate(wait.end - wait.begin, 0.0, 1.0)
        yield wait.begin, f"waits {days_text(length)} days for {wait.pool}{held}"
    for begin, end in task.stopped:
        yield begin, f"stands still for {end - begin:,.0f} days"
    for day in task.returned:
        yield day, "comes back; to be tried again"
    if task.outcome == "unfinished":
        last = task.spans[-1][0] if task.spans else task.ready
        if math.isfinite(last):
            yield last, "begins, and is not finished by the horizon"
    elif task.outcome != "cancelled" and task.end > task.ready:
        yield task.end, f"{task.outcome} after {task.end - task.ready:,.0f} days"


def title_of(facts: Facts, replication: int) -> str:
    """Return what a chart of one future says of itself."""
    return f"{facts.title} (future {replication:,})"
