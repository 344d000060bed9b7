"""The site: a network of activities in parallel with everything else, its winter, and the power connection.

The hall's network starts with the project; what a supplier's machine needs beyond the hall (liquid cooling,
a larger connection) starts when the supplier is chosen, so a switch re-opens the site. Called by
:mod:`sim.model.branch` and :mod:`sim.model.build`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sim.chance.calendar import Calendar, Season
from sim.chance.profiles import Profile
from sim.model.draft import Draft
from sim.model.plan import All, Work
from sim.scenario.works import Activity, PowerStep, Site


def works(draft: Draft, site: Site, kind: str, *, after: str) -> str:
    """Add the activities of one kind of site; return the node at which all are done."""
    done: dict[str, str] = {}
    for name in in_order(site.kinds[kind]):
        activity = site.kinds[kind][name]
        days = draft.amount(f"site.kinds.{kind}.{name}.duration", activity.duration)
        before = tuple(done[other] for other in activity.after) or (after,)
        rate = _winter(draft, site) if activity.outdoor else None
        done[name] = draft.add(
            f"site/{kind}/{name}", Work(before, days, rate, slowed="winter", cause=activity.cause)
        )
    return draft.add(f"site/{kind}", All(tuple(done.values()), cause="site"))


def connect(draft: Draft, site: Site, *, power_kw: float, after: str) -> str:
    """Add the power connection that a load needs; return the node at which it is energized."""
    index = next((i for i, step in enumerate(site.power) if power_kw <= step.up_to.central), None)
    if index is None:
        return after
    days = draft.amount(f"site.power[{index}].duration", site.power[index].duration)
    return draft.add("power", Work((after,), days, cause="power"))


def in_order(activities: Mapping[str, Activity]) -> list[str]:
    """Return the activities so that each comes after those it waits for.

    Raises
    ------
    ValueError
        Activities wait for each other in a circle; the message names them.
    """
    order: dict[str, None] = {}
    while len(order) < len(activities):
        free = [
            n for n, a in activities.items() if n not in order and all(other in order for other in a.after)
        ]
        if not free:
            raise ValueError(
                "activities wait for each other: " + ", ".join(n for n in activities if n not in order)
            )
        order |= dict.fromkeys(free)
    return list(order)


def largest(steps: tuple[PowerStep, ...]) -> float:
    """Return the largest load that the connection table covers, in kW; 0 for an empty table."""
    return max((step.up_to.central for step in steps), default=0.0)


def _winter(draft: Draft, site: Site) -> Profile | None:
    if site.winter is None:
        return None
    winter = site.winter
    return draft.profile(
        "site.winter",
        lambda full: Calendar(
            full,
            draft.world.scenario.start,
            (Season(winter.begin, winter.end, draft.amount("site.winter.speed", winter.speed)),),
        ),
    )
