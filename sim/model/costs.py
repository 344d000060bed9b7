"""Costs: what each branch and the waiting cost, as money that is spent when a node fires.

A dropped order (after a switch, or the loser of a race) is paid back but for the share that cancelling costs,
unless it had been delivered. Called by :mod:`sim.model.build`; evaluated by ``results``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.chance.amount import Amount
from sim.model.branch import Branch
from sim.model.draft import Draft, is_nothing
from sim.model.plan import All, Cost, Within, Without
from sim.model.strategy import Way
from sim.scenario.units import DAYS_PER_MONTH

KW_PER_MW = 1_000.0


def costs_of(draft: Draft, way: Way, *, complete: str, target_day: float | None) -> tuple[Cost, ...]:
    """Return what a build costs; ``target_day`` is when waiting begins to cost (None: never)."""
    found: list[Cost] = []
    for branch, dropped in zip(way.branches, way.dropped, strict=True):
        found += _machines(branch, dropped)
    return (*found, *_site(draft, way), *_delay(draft, complete, target_day))


def _machines(branch: Branch, dropped: str | None) -> Iterator[Cost]:
    draft, opening = branch.opening.draft, branch.opening
    section = opening.supplier.accelerator.price
    if is_nothing(section):
        return
    price = draft.amount(f"suppliers.{opening.name}.accelerator.price", section) * opening.accelerators
    if dropped is None:
        yield Cost(kind="machines", node=branch.ordered, usd=price)
        return
    placed = draft.add("order", Within(branch.ordered, dropped))
    yield Cost(kind="machines", node=placed, usd=price)
    unfinished = draft.add("not-delivered", Without(branch.milestones["delivered"], dropped))
    lost = draft.add("order-dropped", All((placed, unfinished)))
    yield Cost(kind="machines", node=lost, usd=-1.0 * price)
    kept = draft.shared.amount("costs.cancellation", draft.world.scenario.costs.cancellation)
    yield Cost(kind="cancellation", node=lost, usd=price * kept)


def _site(draft: Draft, way: Way) -> Iterator[Cost]:
    """Yield the site of each branch; after a switch only what its machine needs beyond the first one's."""
    section = draft.world.scenario.costs.site_per_mw
    if is_nothing(section):
        return
    per_mw = draft.amount("costs.site_per_mw", section)
    built_kw = 0.0
    for branch in way.branches:
        load_kw = branch.opening.power_kw
        more_kw = max(load_kw - built_kw, 0.0) if way.switched is not None else load_kw
        built_kw = max(load_kw, built_kw)
        yield Cost(kind="site", node=branch.opening.chosen, usd=per_mw * (more_kw / KW_PER_MW))


def _delay(draft: Draft, complete: str, target_day: float | None) -> Iterator[Cost]:
    section = draft.world.scenario.costs.delay_per_month
    if target_day is None or is_nothing(section):
        return
    per_day: Amount = draft.amount("costs.delay_per_month", section) / DAYS_PER_MONTH
    yield Cost(kind="delay", node=complete, usd=per_day, since=target_day)
