"""The answer of ``capacity``: how much compute is accepted by when, supplier by supplier.

Called by ``decide``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column
from sim.cli.answer import Answer, Document, Draw
from sim.cli.console import Block, Table
from sim.report.capacity import capacity_over_time, growth
from sim.results.capacity import Installed, quantiles
from sim.results.facts import Facts

MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Amount:
    """What runs at a date, over the futures.

    Attributes
    ----------
    date
        The date.
    p10_accelerators, p50_accelerators, p90_accelerators
        Percentiles of the accelerators that run by then.
    p10_petaflops, p50_petaflops, p90_petaflops
        Percentiles of their usable training compute, in PFLOP/s.
    """

    date: datetime.date
    p10_accelerators: float
    p50_accelerators: float
    p90_accelerators: float
    p10_petaflops: float
    p50_petaflops: float
    p90_petaflops: float


@dataclass(frozen=True, slots=True)
class Vendor:
    """One supplier's capacity in one build, month by month.

    Attributes
    ----------
    build
        Null where there is a single one.
    supplier
        Who delivers.
    amounts
        In order of time.
    """

    build: str | None
    supplier: str
    amounts: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Capacity(Document):
    """How much compute there is by when.

    Attributes
    ----------
    name
        The scenario.
    replications
        Futures simulated.
    vendors
        Build by build, and in each its suppliers.
    """

    name: str
    replications: int
    vendors: tuple[Vendor, ...]


def answer(facts: Facts, found: Sequence[Installed]) -> Answer:
    """Return the answer of what is installed over time."""
    builds = {each.build: [one for one in found if one.build == each.build] for each in found}
    vendors = tuple(Vendor(each.build or None, each.supplier, _amounts(facts, each)) for each in found)
    replications = found[0].accelerators.shape[1] if found else 0
    return Answer(
        Capacity(facts.name, replications, vendors), [*_blocks(facts, builds)], _figures(facts, builds)
    )


def _blocks(facts: Facts, builds: Mapping[str, Sequence[Installed]]) -> Iterator[Block]:
    if not builds:
        yield f"{facts.title}: no accelerators are ordered."
        return
    yield f"{facts.title}: accelerators that run by each date, the median and P10 … P90."
    for build, parts in builds.items():
        yield Table([each.supplier for each in parts], _rows(facts, parts), title=build)


def _rows(facts: Facts, parts: Sequence[Installed]) -> list[tuple[str, list[str]]]:
    """Return some dates, evenly from the first change to the last."""
    bands = [quantiles(each.accelerators) for each in parts]
    moving = np.any([np.any(np.diff(band, axis=1) != 0.0, axis=0) for band in bands], axis=0)
    changes = np.flatnonzero(moving)
    first, last = (int(changes[0]), int(changes[-1]) + 1) if changes.size else (0, 0)
    step = max(1, -(-(last - first) // (MOST_ROWS - 1)))
    chosen = [*range(first, last, step), last]
    days = parts[0].days
    return [(str(facts.date(float(days[at]))), [_cell(band[:, at]) for band in bands]) for at in chosen]


def _cell(band: Column) -> str:
    low, middle, high = band
    return f"{middle:,.0f}\n{low:,.0f} … {high:,.0f}"


def _figures(facts: Facts, builds: Mapping[str, Sequence[Installed]]) -> dict[str, Draw]:
    def draw(parts: Sequence[Installed]) -> Draw:
        vendors = [growth(each.supplier, each.days, each.accelerators) for each in parts]
        return lambda language: capacity_over_time(vendors, start=facts.start, language=language)

    names = {build: "-".join(filter(None, ("capacity", facts.name, build))) for build in builds}
    return {names[build]: draw(parts) for build, parts in builds.items()}


def _amounts(facts: Facts, each: Installed) -> tuple[Amount, ...]:
    table = np.vstack([quantiles(each.accelerators), quantiles(each.petaflops)]).T.tolist()
    dates = [facts.date(float(day)) for day in each.days]
    return tuple(Amount(date, *row) for date, row in zip(dates, table, strict=True) if date is not None)
