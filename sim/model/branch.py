"""A branch: one supplier's part of one build, from being chosen to stable software on accepted machines.

It is written in two steps, because strategies look between them: :func:`clear` (tender, contract, license)
and :func:`deliver` (queue, lots, freight, site, installation, acceptance, port). Called by
:mod:`sim.model.strategy`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.chance.amount import Amount
from sim.chance.profiles import Level
from sim.model import freight, installation, licensing, site, supply
from sim.model.draft import Draft
from sim.model.installation import Installed
from sim.model.licensing import Authority
from sim.model.plan import All, Any, Attempts, Outcome, Reach, Within, Without, Work
from sim.scenario.licensing import Tranches
from sim.scenario.schema import Demand
from sim.scenario.supply import Supplier
from sim.scenario.works import Acceptance, Site


@dataclass(frozen=True, slots=True)
class Home:
    """What a build brings to each of its branches."""

    begin: str
    demand: Demand
    site: Site
    hall: str
    crews: str
    acceptance: Acceptance
    staff: str
    order_before_license: bool
    power: str | None = None
    """Node at which one connection for all branches is there; None: each branch gets its own."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A branch up to clearance: it may ship from ``cleared`` on; ``denied`` ends it (None: nobody can)."""

    draft: Draft
    name: str
    supplier: Supplier
    lots: int
    chosen: str
    contracted: str
    cleared: str
    denied: str | None
    authority: Authority | None

    @property
    def accelerators(self) -> float:
        """Return the size of the order."""
        return self.lots * self.supplier.lot.central

    @property
    def power_kw(self) -> float:
        """Return the facility power of the order."""
        return self.accelerators * self.supplier.accelerator.power.central


@dataclass(frozen=True, slots=True)
class Branch:
    """The nodes of a finished branch: the order, milestones, and when its accelerators come to run."""

    opening: Opening
    ordered: str
    milestones: dict[str, str]
    running: Installed

    @property
    def complete(self) -> str:
        """Return the node at which this branch's part is complete."""
        return self.milestones["completion"]


def lots_of(demand: Demand, supplier: Supplier, share: float) -> int:
    """Return how many whole lots a share of the demand takes, at the planning value of utilization."""
    if demand.accelerators is not None:
        wanted = demand.accelerators.central * share
    else:
        assert demand.compute is not None  # checked with the file
        machine = supplier.accelerator
        wanted = demand.compute.central * share / (machine.peak.central * machine.utilization.central)
    return max(1, math.ceil(round(wanted / supplier.lot.central, 9)))


def load_kw(demand: Demand, supplier: Supplier, share: float) -> float:
    """Return the facility power of a share of the demand."""
    return lots_of(demand, supplier, share) * supplier.lot.central * supplier.accelerator.power.central


def clear(
    build: Draft,
    home: Home,
    name: str,
    *,
    share: float,
    after: str,
    label: str | None = None,
    unless: str | None = None,
) -> Opening:
    """Add tender, contract and the first license of a branch."""
    draft = build.within(label or name)
    supplier = build.world.scenario.suppliers[name]
    lots = lots_of(home.demand, supplier, share)
    contracted = supply.contract(draft, name, supplier, after=after, unless=unless)
    if supplier.license is None:
        return Opening(draft, name, supplier, lots, after, contracted, contracted, None, None)
    to = licensing.authority(draft, supplier.license)
    size = lots * supplier.lot.central
    first = licensing.apply(draft, to, after=contracted, tranche=0, size=size, unless=unless)
    return Opening(draft, name, supplier, lots, after, contracted, first.approved, first.denied, to)


def deliver(
    opening: Opening, home: Home, *, cleared: str, port_from: str, unless: str | None = None
) -> Branch:
    """Add everything from the order to stable software.

    Parameters
    ----------
    cleared
        Node at which the branch goes ahead (the clearance, as far as the strategy still wants it).
    port_from
        Node from which the software port can start.
    unless
        Node after which nothing more is produced for this branch.
    """
    draft, supplier = opening.draft, opening.supplier
    ordered = opening.contracted if home.order_before_license and opening.authority else cleared
    made = supply.production(draft, opening.name, supplier, ordered=ordered, lots=opening.lots, unless=unless)
    place = _place(opening, home)
    delivered, parts = _ship(opening, home, made=made, cleared=cleared, place=place)
    required = draft.amount("demand.required_share", home.demand.required_share) * opening.accelerators
    installed = draft.add("installed", Reach(parts.nodes, parts.accelerators, required, cause="installation"))
    accepted = installation.accept(draft, opening.name, home.acceptance, after=(installed, home.staff))
    milestones = {
        "contracted": opening.contracted,
        "cleared": cleared,
        "first_lot": draft.add("first-lot", Any(made)),
        "delivered": draft.add("delivered", All(delivered)),
        "site_ready": place,
        "installed": installed,
        "accepted": accepted,
    }
    complete = accepted
    if supplier.port is not None:
        milestones["ported"] = installation.port(draft, opening.name, supplier.port, after=port_from)
        complete = draft.add("complete", All((accepted, milestones["ported"]), cause="port"))
    return Branch(opening, ordered, milestones | {"completion": complete}, parts)


def _place(opening: Opening, home: Home) -> str:
    draft, supplier = opening.draft, opening.supplier
    power = home.power or site.connect(draft, home.site, power_kw=opening.power_kw, after=opening.chosen)
    needs = [home.hall, power]
    if supplier.site is not None:
        needs.append(site.works(draft, home.site, supplier.site, after=opening.chosen))
    return draft.add("site-ready", All(tuple(needs), cause="site"))


def _ship(
    opening: Opening, home: Home, *, made: tuple[str, ...], cleared: str, place: str
) -> tuple[tuple[str, ...], Installed]:
    draft, supplier = opening.draft, opening.supplier
    notified = freight.notify(
        draft, supplier.route, draft.world.scenario.freight[supplier.route], after=cleared
    )
    stops = None if opening.authority is None else licensing.suspensions(draft, opening.authority)
    speed = None if opening.authority is None else opening.authority.speed
    delivered: list[str] = []
    parts: list[Installed] = []
    granted = cleared
    for tranche, lots in enumerate(tranches(opening)):
        if tranche > 0:
            granted = _next_tranche(
                opening, tranche, after=tuple(node for part in parts for node in part.nodes)
            )
        releases = _released(opening, tranche, granted=granted, made=[made[lot] for lot in lots])
        for lot, release in zip(lots, releases, strict=True):
            door = freight.carry(draft, supplier.route, lot, shipped=release, notified=notified, stops=stops)
            delivered.append(door)
            parts.append(
                installation.install(
                    draft, opening.name, lot, ready=(door, place), crews=home.crews, license_speed=speed
                )
            )
    return tuple(delivered), Installed(
        tuple(node for part in parts for node in part.nodes),
        tuple(number for part in parts for number in part.accelerators),
    )


def tranches(opening: Opening) -> list[range]:
    """Return the lots of each license tranche."""
    section = None if opening.authority is None else opening.authority.section.tranches
    if section is None or opening.accelerators <= section.single_below.central:
        return [range(opening.lots)]
    ends = [round(opening.lots * math.fsum(section.shares[: i + 1])) for i in range(len(section.shares))]
    begins = [0, *ends[:-1]]
    return [range(begin, end) for begin, end in zip(begins, ends, strict=True) if end > begin]


def _next_tranche(opening: Opening, tranche: int, *, after: tuple[str, ...]) -> str:
    """Add the end-use check of what is installed and the application for the next tranche."""
    draft, to = opening.draft, opening.authority
    assert to is not None
    assert to.section.tranches is not None
    in_place = draft.add(f"tranche[{tranche - 1}]/in-place", All(after, cause="installation"))
    checked = _check(draft, to, to.section.tranches, tranche, after=in_place)
    return licensing.apply(
        draft, to, after=checked, tranche=tranche, size=opening.accelerators, unless=None
    ).approved


def _check(draft: Draft, to: Authority, section: Tranches, tranche: int, *, after: str) -> str:
    path = f"{to.path}.tranches"
    trials = range(section.checks)
    days = tuple(
        draft.amount(f"{path}.end_use_check", section.end_use_check, tranche, trial=k) for k in trials
    )
    mend = tuple(
        draft.amount(f"{path}.after_failure", section.after_failure, tranche, trial=k) for k in trials[:-1]
    )
    luck = tuple(draft.luck(f"{path}.end_use_check", tranche, trial=k) for k in trials)
    passes = 1.0 - draft.amount(f"{path}.check_fails", section.check_fails)
    level = draft.profile(f"{path}.passes", lambda full: Level(full, passes))
    node = Attempts((after,), days, mend, luck, level, cause="end-use check")
    return draft.add(f"tranche[{tranche}]/checked", Outcome(draft.add(f"tranche[{tranche}]/check", node)))


def _released(opening: Opening, tranche: int, *, granted: str, made: list[str]) -> list[tuple[str, ...]]:
    """Return what each lot of a tranche waits for before it ships: made, licensed, the license valid."""
    draft, to = opening.draft, opening.authority
    if to is None or to.section.validity is None:
        return [(node, granted) for node in made]
    validity = draft.amount(f"{to.path}.validity", to.section.validity, tranche)
    expiry = draft.add(f"expiry[{tranche}]", Work((granted,), validity, cause="license validity"))
    all_made = draft.add(f"tranche[{tranche}]/made", All((granted, *made), cause="production"))
    late = draft.add(f"expired[{tranche}]", Without(all_made, expiry, cause="license validity"))
    days = draft.amount(f"{to.path}.renewal", to.section.renewal, tranche)
    renewed = draft.add(f"renewed[{tranche}]", Work((late,), days, to.speed, cause="license renewal"))
    return [_valid(draft, node, granted=granted, expiry=expiry, renewed=renewed) for node in made]


def _valid(draft: Draft, made: str, *, granted: str, expiry: str, renewed: str) -> tuple[str, ...]:
    lot = made.removeprefix(draft.scope).removesuffix("/made")
    ready = draft.add(f"{lot}/licensed", All((made, granted), cause="license"))
    in_time = draft.add(f"{lot}/in-time", Within(ready, expiry, cause="license"))
    again = draft.add(f"{lot}/renewed", All((ready, renewed), cause="license renewal"))
    return (draft.add(f"{lot}/released", Any((in_time, again), cause="license")),)


def teraflops(branch: Branch) -> Amount:
    """Return the usable compute of one accelerator of a branch, in TFLOP/s."""
    opening, path = branch.opening, f"suppliers.{branch.opening.name}.accelerator"
    machine = opening.supplier.accelerator
    peak = opening.draft.amount(f"{path}.peak", machine.peak)
    return peak * opening.draft.amount(f"{path}.utilization", machine.utilization)
