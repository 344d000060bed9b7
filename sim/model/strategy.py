"""Strategies: how a buyer combines suppliers, one small function each.

A strategy opens branches (tender, contract, license), looks at what becomes of them, and lets them deliver.
It returns its branches and the node at which the machine is complete. Called by :mod:`sim.model.build`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sim.model import licensing, site
from sim.model.branch import Branch, Home, Opening, clear, deliver, load_kw
from sim.model.draft import Draft
from sim.model.plan import All, Any, Within, Without, Work
from sim.scenario.schema import Part, Strategy


@dataclass(frozen=True, slots=True)
class Way:
    """A strategy in the plan.

    Attributes
    ----------
    combine
        How the branches' milestones make those of the build.
    dropped
        Per branch: the node at which it is not wanted any more, or None.
    switched
        The node at which the buyer turns to the second supplier, if the strategy knows such a moment.
    """

    branches: tuple[Branch, ...]
    combine: type[All] | type[Any]
    dropped: tuple[str | None, ...]
    switched: str | None = None


def single(draft: Draft, home: Home, strategy: Strategy) -> Way:
    """Stay with one supplier, come what may."""
    assert strategy.supplier is not None
    opening = clear(draft, home, strategy.supplier, share=1.0, after=home.begin)
    return Way((deliver(opening, home, cleared=opening.cleared, port_from=home.begin),), Any, (None,))


def switch(draft: Draft, home: Home, strategy: Strategy) -> Way:
    """Wait for the first supplier until patience is over or it is denied; then turn to the second."""
    assert strategy.first is not None
    assert strategy.then is not None
    deadline = draft.add(
        "patience", Work((home.begin,), draft.amount("strategy.patience", strategy.patience))
    )
    first = clear(draft, home, strategy.first, share=1.0, after=home.begin, unless=deadline)
    trigger = _trigger(draft, strategy, first, deadline)
    in_time = first.draft.add("in-time", Within(first.cleared, trigger, cause="license"))
    one = deliver(first, home, cleared=in_time, port_from=home.begin, unless=trigger)
    second = clear(draft, home, strategy.then, share=1.0, after=trigger)
    port_from = home.begin if strategy.prepare_second else trigger
    two = deliver(second, home, cleared=second.cleared, port_from=port_from)
    return Way((one, two), Any, (trigger, None), switched=trigger)


def split(draft: Draft, home: Home, strategy: Strategy) -> Way:
    """Give each supplier a share of the order; the machine is complete when all have delivered theirs."""
    suppliers = draft.world.scenario.suppliers
    load = sum(load_kw(home.demand, suppliers[part.supplier], part.share) for part in strategy.parts)
    connected = site.connect(draft, home.site, power_kw=load, after=home.begin)
    branches = _together(draft, replace(home, power=connected), strategy.parts)
    return Way(branches, All, (None,) * len(branches))


def race(draft: Draft, home: Home, strategy: Strategy) -> Way:
    """Give each supplier a whole order; the first complete machine is the machine."""
    branches = _together(draft, home, strategy.parts)
    return Way(branches, Any, tuple(_beaten(branch, branches) for branch in branches))


def staged(draft: Draft, home: Home, strategy: Strategy) -> Way:
    """Buy one part after another: each next supplier is chosen when the part before is complete."""
    branches: list[Branch] = []
    after = home.begin
    for index, part in enumerate(strategy.parts):
        label = part.supplier if index == 0 else f"{part.supplier}-{index + 1}"
        lost = _license_lost(draft.within(label), part.supplier, branches)
        opening = clear(draft, home, part.supplier, share=part.share, after=after, label=label, unless=lost)
        branches.append(deliver(opening, home, cleared=opening.cleared, port_from=after))
        after = branches[-1].complete
    return Way(tuple(branches), All, (None,) * len(branches))


STRATEGIES: Mapping[str, Callable[[Draft, Home, Strategy], Way]] = {
    "single": single,
    "switch": switch,
    "split": split,
    "race": race,
    "staged": staged,
}


def _trigger(draft: Draft, strategy: Strategy, first: Opening, deadline: str) -> str:
    """Add the node at which the buyer turns to the second supplier."""
    over = draft.add("patience-over", Without(first.cleared, deadline, cause="patience"))
    endless = strategy.patience.central >= draft.day(draft.world.scenario.horizon)
    on_denial = strategy.on_denial or ("wait" if endless else "switch")
    if on_denial == "wait" or first.denied is None:
        return draft.add("switched", Any((over,), cause="patience"))
    refused = draft.add("refused", Without(first.cleared, first.denied, cause="license"))
    return draft.add("switched", Any((over, refused), cause="patience"))


def _together(draft: Draft, home: Home, parts: tuple[Part, ...]) -> tuple[Branch, ...]:
    """Open all parts at once; uncontrolled ones first: a pending license can be lost to their orders."""
    suppliers = draft.world.scenario.suppliers
    in_order = sorted(parts, key=lambda part: suppliers[part.supplier].license is not None)
    branches: list[Branch] = []
    for part in in_order:
        lost = _license_lost(draft.within(part.supplier), part.supplier, branches)
        opening = clear(draft, home, part.supplier, share=part.share, after=home.begin, unless=lost)
        branches.append(deliver(opening, home, cleared=opening.cleared, port_from=home.begin))
    return tuple(branches)


def _beaten(branch: Branch, among: Sequence[Branch]) -> str:
    """Add the node at which another branch has won the race."""
    others = tuple(other.complete for other in among if other is not branch)
    return branch.opening.draft.add("beaten", Any(others, cause="race"))


def _license_lost(scope: Draft, supplier: str, rivals: Sequence[Branch]) -> str | None:
    """Add the node at which orders from rivals cost the supplier's license; None if none of them can."""
    name = scope.world.scenario.suppliers[supplier].license
    coupling = None if name is None else scope.world.scenario.licensing[name].coupling
    if name is None or coupling is None:
        return None
    orders = tuple(rival.opening.contracted for rival in rivals if rival.opening.name in coupling.suppliers)
    return licensing.coupled(scope, licensing.authority(scope, name), rival_ordered=orders)
