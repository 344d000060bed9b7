"""Export licenses: preparation, applications under changing regimes, denial, appeal, the license-free route.

An application accrues review work at the regime's speed, stops during holds, and is decided by the chances in
force on the day of the decision. Called by :mod:`sim.model.branch`, once per tranche of an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.chance.amount import Amount, amount, choose, less, maximum
from sim.chance.holds import Holds
from sim.chance.profiles import Level, Product, Profile
from sim.chance.regimes import ByRegime, RegimeChain, Transient
from sim.model.draft import Draft, is_nothing
from sim.model.plan import Any, Attempts, Outcome, Within, Work
from sim.scenario.licensing import Holds as HoldsSection
from sim.scenario.licensing import License, Regime, Regimes
from sim.scenario.quantity import Quantity

SLOW_REGIME = "license hold or slow regime"
RETURNED = "returned applications"
"""Columns of the delay ledger for what review itself does not take."""

SHORTEST_CERTIFICATION_DAYS = 1 / 24
"""The license-free route takes at least an hour in its regime: it cannot be over before it begins."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """Nodes that tell what became of an application; at most one of them fires."""

    approved: str
    denied: str | None


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority in a draft: its section, and the profiles that all its applicants share."""

    name: str
    section: License
    chain: RegimeChain
    speed: Profile

    @property
    def path(self) -> str:
        """Return the path of the section."""
        return f"licensing.{self.name}"


def authority(draft: Draft, name: str) -> Authority:
    """Return an authority as all builds of the draft see it."""
    section = draft.world.scenario.licensing[name]
    root, path = draft.shared, f"licensing.{name}"
    chain = _chain(root, f"{path}.regimes", section.regimes)
    speeds = {
        name: root.amount(f"{path}.regimes.states.{name}.speed", regime.speed)
        for name, regime in section.regimes.states.items()
    }
    factors = (
        root.profile(f"{path}.regimes.speed", lambda full: ByRegime(full, chain, speeds)),
        _transient(root, f"{path}.regimes.transient", section.regimes, chain),
        closures(root, f"{path}.holds", section.holds),
    )
    speed = product(root, f"{path}.speed", *factors)
    assert speed is not None  # the first factor is there
    if section.desks is not None:
        root.pool(section.desks, root.world.scenario.pools[section.desks])
    return Authority(name, section, chain, speed)


def closures(draft: Draft, path: str, section: HoldsSection) -> Profile | None:
    """Return a profile that is 1, and the section's speed while a stop lasts; None if there are no stops."""
    if is_nothing(section.rate) and not section.history:
        return None
    return draft.profile(
        path,
        lambda full: Holds(
            full,
            rate=draft.amount(f"{path}.rate", section.rate),
            length=draft.law(f"{path}.length", section.length),
            inside=draft.amount(f"{path}.speed", section.speed),
            history=tuple((draft.day(stop.begin), draft.day(stop.end)) for stop in section.history),
            horizon=draft.horizon,
        ),
    )


def product(root: Draft, name: str, *factors: Profile | None) -> Profile | None:
    """Return the product of the profiles that are there; None if none is."""
    there = tuple(factor for factor in factors if factor is not None)
    if len(there) < 2:
        return there[0] if there else None
    return root.profile(name, lambda full: Product(full, there))


def apply(
    draft: Draft, to: Authority, *, after: str, tranche: int, size: float, unless: str | None
) -> Clearance:
    """Add one application for a tranche and return what becomes of it.

    Parameters
    ----------
    after
        Node from which the applicant works on it.
    size
        Accelerators of the whole order: small orders may need no license under some regimes.
    unless
        Node after which nothing is filed or granted any more (patience is over, a rival order has cost the
        license); the license-free route stays open.
    """
    filed = _file(draft, to, after=after, tranche=tranche, unless=unless)
    approved, denied = _appeal(draft, to, filed, tranche)
    if unless is not None:
        approved = draft.add(f"approved-in-time[{tranche}]", Within(approved, unless, cause="license"))
    exempt = _exempt(draft, to, after=after, tranche=tranche, size=size)
    routes = (approved,) if exempt is None else (approved, exempt)
    granted = draft.add(f"granted[{tranche}]", Any(routes, cause="license"))
    return Clearance(granted, denied)


def _file(draft: Draft, to: Authority, *, after: str, tranche: int, unless: str | None) -> str:
    section, path, name = to.section, to.path, f"license[{tranche}]"
    if section.process == "aggregate":
        assert section.deal_to_license is not None  # checked with the file
        work: tuple[Amount, ...] = (
            draft.amount(f"{path}.deal_to_license", section.deal_to_license, tranche),
        )
    else:
        preparation = draft.amount(f"{path}.preparation", section.preparation, tranche)
        after = draft.add(
            f"prepare-license[{tranche}]",
            Work((after,), preparation, unless=unless, cause="license preparation"),
        )
        work = tuple(_review(draft, to, tranche, trial) for trial in range(section.applications))
    rework = tuple(
        draft.amount(f"{path}.refiling", section.refiling, tranche, trial=k) for k in range(len(work) - 1)
    )
    luck = tuple(draft.luck(f"{path}.decision", tranche, trial=k) for k in range(len(work)))
    approve, deny = _chances(draft.shared, to)
    return draft.add(
        name,
        Attempts(
            (after,),
            work,
            rework,
            luck,
            approve,
            deny,
            to.speed,
            section.desks,
            unless,
            SLOW_REGIME,
            RETURNED,
            cause="license review",
        ),
    )


def _review(draft: Draft, to: Authority, tranche: int, trial: int) -> Amount:
    total: Amount | float = 0.0
    for name, stage in to.section.stages.items():
        path = f"{to.path}.stages.{name}"
        days = draft.amount(f"{path}.duration", stage.duration, tranche, trial=trial)
        if not (stage.chance.is_fixed and stage.chance.central == 1.0):
            chosen = less(
                draft.luck(f"{path}.chance", tranche, trial=trial),
                draft.amount(f"{path}.chance", stage.chance),
            )
            days = choose(chosen, days, 0.0)
        total = days + total
    assert isinstance(total, Amount)  # a staged license has stages: checked with the file
    return total


def _chances(root: Draft, to: Authority) -> tuple[Profile, Profile]:
    path, states = f"{to.path}.regimes", to.section.regimes.states
    denied = {
        name: root.amount(f"{path}.states.{name}.denied", regime.denied) for name, regime in states.items()
    }
    returned = {
        name: root.amount(f"{path}.states.{name}.returned", regime.returned)
        for name, regime in states.items()
    }
    if to.section.process == "aggregate":
        approved = {name: 1.0 - denied[name] for name in states}
    else:
        approved = {name: 1.0 - denied[name] - returned[name] for name in states}
    return (
        root.profile(f"{path}.approve", lambda full: ByRegime(full, to.chain, approved)),
        root.profile(f"{path}.deny", lambda full: ByRegime(full, to.chain, denied)),
    )


def _appeal(draft: Draft, to: Authority, filed: str, tranche: int) -> tuple[str, str]:
    approved = draft.add(f"approved[{tranche}]", Outcome(filed, cause="license"))
    denied = draft.add(f"denied[{tranche}]", Outcome(filed, approved=False, cause="license"))
    appeal = to.section.appeal
    if appeal is None:
        return approved, denied
    path = f"{to.path}.appeal"
    days = draft.amount(f"{path}.duration", appeal.duration, tranche)
    chance = draft.amount(f"{path}.chance", appeal.chance)
    succeeds = draft.profile(f"{path}.succeeds", lambda full: Level(full, chance))
    fails = draft.profile(f"{path}.fails", lambda full: Level(full, 1.0 - chance))
    heard = draft.add(
        f"appeal[{tranche}]",
        Attempts((denied,), (days,), (), (draft.luck(path, tranche),), succeeds, fails, cause="appeal"),
    )
    won = draft.add(f"appeal-won[{tranche}]", Outcome(heard, cause="appeal"))
    lost = draft.add(f"appeal-lost[{tranche}]", Outcome(heard, approved=False, cause="appeal"))
    return draft.add(f"approved-or-won[{tranche}]", Any((approved, won), cause="license")), lost


def _exempt(draft: Draft, to: Authority, *, after: str, tranche: int, size: float) -> str | None:
    free = [name for name, state in to.section.regimes.states.items() if _is_free(state, size)]
    if not free:
        return None
    speeds = {state: 1.0 / _certification(draft.shared, to, state) for state in free}
    shut = {state: amount(0.0) for state in to.section.regimes.states if state not in free}
    name = f"{to.path}.license-free[{'+'.join(sorted(free))}]"
    route = draft.shared.profile(name, lambda full: ByRegime(full, to.chain, speeds | shut))
    return draft.add(
        f"license-free[{tranche}]", Work((after,), amount(1.0), rate=route, cause="license-free route")
    )


def _certification(root: Draft, to: Authority, state: str) -> Amount:
    section = to.section.regimes.states[state].certification
    days = root.amount(f"{to.path}.regimes.states.{state}.certification", section)
    return maximum(days, SHORTEST_CERTIFICATION_DAYS)


def suspensions(draft: Draft, to: Authority) -> Profile | None:
    """Return the speed of shipping under suspensions after grant; None if the authority never suspends."""
    section = to.section.revocations
    return closures(draft.shared, f"{to.path}.revocations", section)


def coupled(draft: Draft, to: Authority, *, rival_ordered: tuple[str, ...]) -> str | None:
    """Add the node at which a rival order costs the license that is not yet granted; None where it cannot."""
    coupling = to.section.coupling
    if coupling is None or not rival_ordered:
        return None
    path = f"{to.path}.coupling"
    chance = draft.amount(f"{path}.cancels", coupling.cancels)
    delay = choose(less(draft.luck(path), chance), 0.0, float("inf"))
    first = draft.add("rival-ordered", Any(rival_ordered, cause="coupling"))
    return draft.add("license-lost", Work((first,), delay, cause="coupling"))


def _is_free(regime: Regime, size: float) -> bool:
    return regime.license_free_below is not None and size <= regime.license_free_below.central


def _chain(root: Draft, path: str, section: Regimes) -> RegimeChain:
    return root.profile(
        path,
        lambda full: RegimeChain(
            full,
            states=tuple(section.states),
            history=tuple((root.day(change.date), change.state) for change in section.history),
            rates=rates(root, f"{path}.rates", section.rates),
            horizon=root.horizon,
        ),
    )


def _transient(root: Draft, path: str, section: Regimes, chain: RegimeChain) -> Profile | None:
    if section.transient is None:
        return None
    value, length = root.amount(f"{path}_speed", section.transient_speed), root.law(path, section.transient)
    return root.profile(path, lambda full: Transient(full, chain, value, length))


def rates(
    root: Draft, path: str, rows: Mapping[str, Mapping[str, Quantity]]
) -> dict[tuple[str, str], Amount]:
    """Return rates of change per day, by (from, to)."""
    return {
        (a, b): root.amount(f"{path}.{a}.{b}", rate) for a, row in rows.items() for b, rate in row.items()
    }
