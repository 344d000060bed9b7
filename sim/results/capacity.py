"""Capacity: accelerators and usable compute that run over time, supplier by supplier.

Reads what a plan says comes to run, and when an engine says it did; the utilization of each supplier is as
uncertain as the scenario says. Called by ``study`` and, for the figure, with the days of a monthly grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column, Values
from sim.engine.times import Times
from sim.model.plan import Capacity, Plan

MONTH = 365.25 / 12
"""Days between two points of the usual grid."""

TERAFLOPS_PER_PETAFLOPS = 1_000.0


@dataclass(frozen=True, eq=False)
class Installed:
    """One supplier's capacity in one build.

    Attributes
    ----------
    build
        Empty where there is a single one.
    days
        Shape ``(k,)``: days since the start.
    accelerators, petaflops
        Shape ``(k, n)``: accelerators that run by each day, and their usable training compute.
    """

    build: str
    supplier: str
    days: Column
    accelerators: Column
    petaflops: Column


def monthly(plan: Plan) -> Column:
    """Return the days of a monthly grid from the start to the horizon, which ends it."""
    return np.append(np.arange(0.0, plan.horizon, MONTH), plan.horizon)


def installed(
    plan: Plan, draws: Values, times: Times, *, days: Column | None = None
) -> tuple[Installed, ...]:
    """Return the capacity of each supplier in each build, by default over a monthly grid.

    The order is that of the plan: builds, and in each its suppliers.
    """
    grid = monthly(plan) if days is None else days
    keys = dict.fromkeys((part.build, part.supplier) for part in plan.capacity)
    return tuple(
        Installed(build, supplier, grid, *_sums(_parts(plan, build, supplier), draws, times, grid))
        for build, supplier in keys
    )


def quantiles(capacity: Column, shares: Sequence[float] = (0.1, 0.5, 0.9)) -> Column:
    """Return the quantiles over replications of a capacity ``(k, n)``, shape ``(len(shares), k)``."""
    return np.quantile(capacity, shares, axis=1, method="inverted_cdf")


def _parts(plan: Plan, build: str, supplier: str) -> list[Capacity]:
    return [part for part in plan.capacity if (part.build, part.supplier) == (build, supplier)]


def _sums(parts: Sequence[Capacity], draws: Values, times: Times, days: Column) -> tuple[Column, Column]:
    accelerators, teraflops = np.zeros((2, len(days), times.fire.shape[1]))
    for part in parts:
        fired = times.of(part.node)
        if part.unless is not None:
            fired = np.where(times.of(part.unless) < fired, np.inf, fired)
        running = (fired <= days[:, np.newaxis]) * part.accelerators.column(draws)
        accelerators += running
        teraflops += running * part.teraflops.column(draws)
    return accelerators, teraflops / TERAFLOPS_PER_PETAFLOPS
