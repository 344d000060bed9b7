"""From what studies return to what figures take: stories of runs, and the plain data of the other figures.

Called by the commands, pages and notebooks that draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.chance.amount import Column
from sim.report.capacity import Growth, growth
from sim.report.causes import Swing
from sim.report.gantt import Row, until
from sim.report.language import ENGLISH, Language
from sim.report.slips import Slips
from sim.report.story import Story
from sim.report.sweep import Swept
from sim.report.winners import Field
from sim.report.words import DAYS_PER_MONTH
from sim.results.cost import COST
from sim.results.forecast import Forecast
from sim.results.run import Run
from sim.scenario.quantity import parse
from sim.scenario.units import DIMENSIONS

if TYPE_CHECKING:
    from sim.results.capacity import Installed
    from sim.results.outside import Outside
    from sim.study.drivers import Bar
    from sim.study.flip import Map
    from sim.study.sweep import Sweep
    from sim.study.trace import Trace

DRAWN = (
    "switched",
    "contracted",
    "cleared",
    "first_lot",
    "delivered",
    "site_ready",
    "installed",
    "ported",
    "accepted",
)
"""Milestones of the figure of milestones, in its order; completion comes last."""

SHORTEST_DAYS = 7.0
"""A Gantt chart shows a stage that did not decide the date from this length."""


def story_of(run: Run) -> Story:
    """Return what the figures need to know of a run."""
    strategy = run.facts.merged.get("strategy", {})
    names = [name for name in DRAWN if name in run.columns]
    return Story(
        run.facts,
        run.completion,
        {name: run.column(name) for name in names} | {"completion": run.completion},
        tuple(_suppliers(strategy)),
        str(strategy.get("kind", "single")),
        run.column(COST) if COST in run.columns else None,
        _budget_usd(run),
    )


def stories_of(found: Forecast, language: Language = ENGLISH) -> tuple[Story, Story]:
    """Return what a scenario said before its facts were known, and what it says given them."""
    before = story_of(found.run)
    facts = found.run.facts
    known = language.text("forecast.given", date=language.short_date(found.as_of))
    given = Story(
        replace(facts, title=known),
        before.completion[found.kept],
        suppliers=before.suppliers,
        strategy="forecast",
    )
    return replace(before, facts=replace(facts, title=language.text("forecast.before"))), given


def growths_of(installed: Sequence[Installed]) -> list[Growth]:
    """Return the accelerators of each supplier, and build where there are several, over time."""
    return [
        replace(growth(each.supplier, each.days, each.accelerators), build=each.build) for each in installed
    ]


def swept_of(found: Sweep) -> Swept:
    """Return P80 in months after the start at each value of the only axis of a sweep."""
    axis = found.axes[0]
    p80 = [(point.p80.low, point.p80.value, point.p80.high) for point in found.points]
    low, value, high = np.array(p80).T / DAYS_PER_MONTH
    safe = None if found.last_safe is None else axis.values[found.last_safe]
    band = (np.maximum(low, 0.0), high)
    return Swept(np.array(axis.values), value, band, axis.values[found.best], safe, lever=axis.label)


def slips_of(history: Outside, simulated: Column, title: str) -> Slips:
    """Return the slips of real machines beside simulated ones, in days, infinity for never."""
    band = (history.low, history.high)
    return Slips(history.days, history.share, band, len(history.machines), simulated, title)


def rows_of(found: Trace) -> list[Row]:
    """Return the stages of one future that decided its date or took at least a week, up to its end."""
    last = min(found.completion, found.subject.plan.horizon)
    return [
        Row(
            task.node,
            until(task.spans, last),
            until([(wait.begin, wait.end) for wait in task.waits], last),
            task.binding,
        )
        for task in found.tasks
        if task.binding or (task.ready < last and min(task.end, last) - task.ready >= SHORTEST_DAYS)
    ]


def field_of(found: Map) -> Field:
    """Return who wins over two assumptions, the first one across."""
    across, up = found.axes
    today = None if found.today[0] is None or found.today[1] is None else (found.today[0], found.today[1])
    labels = (across.label, up.label)
    return Field(np.array(across.values), np.array(up.values), found.margins.T, labels, today)


def swings_of(bars: Sequence[Bar]) -> list[Swing]:
    """Return the days by which each driver moves the percentile, without those that make it never."""
    return [(_end_of(bar.path), bar.days.value, 0.0) for bar in bars if math.isfinite(bar.days.value)]


def _end_of(path: str) -> str:
    """Return the end of a path, which tells it apart where there is no room for all of it."""
    return ".".join(path.split(".")[-3:])


def _budget_usd(run: Run) -> float | None:
    money = run.facts.merged.get("costs", {}).get("budget")
    return None if money is None else parse(money, DIMENSIONS["money"]).central


def _suppliers(strategy: Mapping[str, Any]) -> Iterator[str]:
    for key in ("supplier", "first", "then"):
        if strategy.get(key):
            yield str(strategy[key])
    for part in strategy.get("parts") or ():
        yield str(part["supplier"])
