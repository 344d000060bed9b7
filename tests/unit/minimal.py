"""A minimal world with fixed numbers, for dates computed by hand.

Day 0 is 2024-01-01. One supplier, ``free``, is uncontrolled; ``plain`` needs a license of ``office``. A lot
has 10 accelerators, lines make 10 a day, the route has one leg of 2 days, and a lot takes a crew 3 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from sim.chance.draws import draw
from sim.engine.array_engine import run
from sim.engine.times import Times
from sim.model.build import plan_of
from sim.model.plan import Plan
from sim.scenario.load import rebuild

BASE = """
title: Minimal world
start: 2024-01-01
horizon: 2034-01-01
demand: {accelerators: 10 accelerators}
strategy: {kind: single, supplier: free}
suppliers:
  free:
    title: Uncontrolled
    accelerator: {peak: 100 TFLOP/s, utilization: 0.5, power: 1 kW}
    lot: 10 accelerators
    contract: {duration: 10 days}
    production:
      queue: 20 days
      capacities: {line: {points: {2024-01-01: 304.375 accelerators/month}}}
    route: road
    installation: {per_lot: 3 days}
    acceptance: {passes: 1}
  plain:
    title: Controlled
    license: office
    accelerator: {peak: 100 TFLOP/s, utilization: 0.5, power: 1 kW}
    lot: 10 accelerators
    contract: {duration: 10 days}
    production:
      queue: 20 days
      capacities: {line: {points: {2024-01-01: 304.375 accelerators/month}}}
    route: road
    installation: {per_lot: 3 days}
    acceptance: {passes: 1}
licensing:
  office:
    preparation: 5 days
    stages: {review: {duration: 30 days}}
    refiling: 7 days
    regimes:
      states: {normal: {}, slow: {speed: 0.5}}
      history: [{date: 2024-01-01, state: normal}]
freight:
  road: {legs: {truck: {duration: 2 days}}}
site:
  kind: hall
  kinds: {hall: {fit-out: {duration: 1 day}}}
acceptance: {performance: 4 days, stability: 6 days, mending: 8 days}
"""

FREE_COMPLETE = 10 + 20 + 1 + 2 + 3 + 10
"""Contract, queue, production of a lot, truck, installation, acceptance: day 46."""

PLAIN_COMPLETE = FREE_COMPLETE + 5 + 30
"""The same after preparation and review of the license."""


def merged(base: Any, changes: Any) -> Any:
    """Return nested mappings merged as scenario files are: None removes, anything else replaces."""
    if not isinstance(base, dict) or not isinstance(changes, Mapping):
        return changes
    both = {key: merged(base.get(key), value) for key, value in changes.items() if value is not None}
    return {key: value for key, value in base.items() if key not in changes} | both


def minimal(changes: str = "") -> dict[str, Any]:
    """Return the minimal world with changes, written as in a scenario file, as a manifest keeps it."""
    parse = YAML(typ="safe", pure=True).load
    plain: dict[str, Any] = _plain(merged(parse(BASE), parse(changes) or {}))
    return plain


def world(changes: str = "") -> Plan:
    """Return the plan of the minimal world with changes, written as in a scenario file."""
    return plan_of(rebuild(minimal(changes)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def solved(plan: Plan, *, count: int = 1, seed: int = 1) -> Times:
    """Return the times of a plan."""
    draws = draw(plan.inputs, seed=seed, first=0, count=count, correlations=plan.correlations)
    return run(plan, draws)


def days(changes: str = "", *names: str) -> list[float]:
    """Return when milestones (completion, unless named) are reached in the changed world, in days."""
    plan = world(changes)
    times = solved(plan)
    columns = names or ("completion",)
    return [float(np.round(times.of(plan.milestones[name])[0], 6)) for name in columns]


def day(changes: str = "", name: str = "completion") -> float:
    """Return when one milestone is reached in the changed world, in days."""
    return days(changes, name)[0]
