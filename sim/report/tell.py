"""From a run to its story: who delivers, by which strategy, and the milestones worth drawing.

Called by the commands that draw figures of runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sim.report.story import Story
from sim.results.forecast import Forecast
from sim.results.run import Run

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


def story_of(run: Run) -> Story:
    """Return what the figures need to know of a run."""
    strategy = run.facts.merged.get("strategy", {})
    names = [name for name in DRAWN if name in run.columns]
    milestones = {name: run.column(name) for name in names} | {"completion": run.completion}
    kind = str(strategy.get("kind", "single"))
    return Story(run.facts, run.completion, milestones, tuple(_suppliers(strategy)), kind)


def stories_of(found: Forecast) -> tuple[Story, Story]:
    """Return what a scenario said before its facts were known, and what it says given them."""
    before = story_of(found.run)
    facts = found.run.facts
    given = Story(
        replace(facts, title=f"given what was known on {found.as_of}"),
        before.completion[found.kept],
        suppliers=before.suppliers,
        strategy="forecast",
    )
    return replace(before, facts=replace(facts, title="before the facts were known")), given


def _suppliers(strategy: Mapping[str, Any]) -> Iterator[str]:
    for key in ("supplier", "first", "then"):
        if strategy.get(key):
            yield str(strategy[key])
    for part in strategy.get("parts") or ():
        yield str(part["supplier"])
