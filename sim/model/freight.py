"""Freight: lots from the factory gate to the door, leg by leg, and the import notification beside them.

Corridors that close are a rate: lots on a leg stand still while it is closed. A suspended license stops the
first leg. Called by :mod:`sim.model.branch`.
"""

from __future__ import annotations

from sim.chance.profiles import Profile
from sim.model.draft import Draft
from sim.model.licensing import closures, product
from sim.model.plan import Work
from sim.scenario.supply import Leg, Route


def notify(draft: Draft, route_name: str, route: Route, *, after: str) -> str:
    """Add the import notification of the order; return the node at which it is accepted."""
    days = draft.amount(f"freight.{route_name}.notification", route.notification)
    return draft.add("notification", Work((after,), days, cause="customs"))


def carry(
    draft: Draft, route_name: str, lot: int, *, shipped: tuple[str, ...], notified: str, stops: Profile | None
) -> str:
    """Add the legs of one lot; return the node at which it is at the door.

    ``stops`` is the speed of shipping under suspensions of the license; the last leg waits for notification.
    """
    route = draft.world.scenario.freight[route_name]
    after, last = shipped, len(route.legs) - 1
    for index, (name, leg) in enumerate(route.legs.items()):
        if index == last:
            after = (*after, notified)
        rate = _rate(draft, f"freight.{route_name}.legs.{name}", leg, stops if index == 0 else None)
        days = draft.amount(f"freight.{route_name}.legs.{name}.duration", leg.duration, lot)
        slowed = "route closed" if stops is None or index else "route closed or license suspended"
        after = (draft.add(f"lot[{lot}]/{name}", Work(after, days, rate, slowed=slowed, cause=leg.cause)),)
    return after[0]


def _rate(draft: Draft, path: str, leg: Leg, stops: Profile | None) -> Profile | None:
    root = draft.shared
    closed = closures(root, f"{path}.closures", leg.closures)
    return product(root, f"{path}.rate[{'' if stops is None else stops.name}]", closed, stops)
