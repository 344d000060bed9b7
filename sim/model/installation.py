"""Installation: crews, burn-in, dead units and their replacements, then acceptance with staff and software.

A lot needs to be at the door, a ready site and a free crew. What burn-in finds dead beyond the spares comes
back through customs (and, for controlled parts, the license). Called by :mod:`sim.model.branch`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.chance.amount import Amount, amount, maximum
from sim.chance.profiles import Level, Profile
from sim.model.draft import Draft, is_nothing
from sim.model.licensing import SLOW_REGIME
from sim.model.plan import Attempts, Outcome, Work
from sim.scenario.supply import Port, Supplier
from sim.scenario.works import Acceptance


@dataclass(frozen=True, slots=True)
class Installed:
    """Nodes at which parts of the machine run, and the accelerators each adds."""

    nodes: tuple[str, ...]
    accelerators: tuple[Amount, ...]


def install(
    draft: Draft, name: str, lot: int, *, ready: tuple[str, ...], crews: str, license_speed: Profile | None
) -> Installed:
    """Add installation and burn-in of one lot; return when its good and its replaced accelerators run."""
    supplier = draft.world.scenario.suppliers[name]
    section, path = supplier.installation, f"suppliers.{name}.installation"
    size = supplier.lot.central
    work = draft.amount(f"{path}.per_lot", section.per_lot, lot)
    placed = draft.add(f"lot[{lot}]/installed", Work(ready, work, pool=crews, cause="installation"))
    burn_in = draft.amount(f"{path}.burn_in", section.burn_in, lot)
    runs = draft.add(f"lot[{lot}]/burned-in", Work((placed,), burn_in, cause="burn-in"))
    if is_nothing(section.dead_on_arrival):
        return Installed((runs,), (amount(size),))
    dead = draft.amount(f"{path}.dead_on_arrival", section.dead_on_arrival, lot)
    missing = maximum(dead - draft.amount(f"{path}.spares", section.spares), 0.0) * size
    replaced = _replace(draft, name, supplier, lot, after=runs, license_speed=license_speed)
    return Installed((runs, replaced), (size - missing, missing))


def _replace(
    draft: Draft, name: str, supplier: Supplier, lot: int, *, after: str, license_speed: Profile | None
) -> str:
    section, path = supplier.installation, f"suppliers.{name}.installation"
    if license_speed is not None:
        handling = draft.amount(f"{path}.licensed_replacement", section.licensed_replacement, lot)
        node = Work((after,), handling, license_speed, slowed=SLOW_REGIME, cause="replacement")
        after = draft.add(f"lot[{lot}]/replacement-license", node)
    days = draft.amount(f"{path}.replacement", section.replacement, lot)
    return draft.add(f"lot[{lot}]/replaced", Work((after,), days, cause="replacement"))


def accept(draft: Draft, name: str, section: Acceptance, *, after: tuple[str, ...]) -> str:
    """Add acceptance tests until one is passed; return the node of acceptance."""
    passes = draft.world.scenario.suppliers[name].acceptance.passes
    work = tuple(
        draft.amount("acceptance.performance", section.performance, trial=k)
        + draft.amount("acceptance.stability", section.stability, trial=k)
        for k in range(section.attempts)
    )
    mending = tuple(
        draft.amount("acceptance.mending", section.mending, trial=k) for k in range(section.attempts - 1)
    )
    luck = tuple(draft.luck("acceptance", trial=k) for k in range(section.attempts))
    chance = draft.amount(f"suppliers.{name}.acceptance.passes", passes)
    level = draft.profile("acceptance.passes", lambda full: Level(full, chance))
    tests = draft.add(
        "acceptance",
        Attempts(after, work, mending, luck, level, reworked="acceptance rework", cause="acceptance"),
    )
    return draft.add("accepted", Outcome(tests, cause="acceptance"))


def port(draft: Draft, name: str, section: Port, *, after: str) -> str:
    """Add efforts to port the software until one is stable; return the node at which it is."""
    path = f"suppliers.{name}.port"
    work = tuple(draft.amount(f"{path}.duration", section.duration, trial=k) for k in range(section.efforts))
    again = tuple(draft.amount(f"{path}.again", section.again, trial=k) for k in range(section.efforts - 1))
    luck = tuple(draft.luck(path, trial=k) for k in range(section.efforts))
    chance = draft.amount(f"{path}.stable", section.stable)
    level = draft.profile(f"{path}.stable", lambda full: Level(full, chance))
    efforts = draft.add(
        "port", Attempts((after,), work, again, luck, level, reworked="port rework", cause="port")
    )
    return draft.add("ported", Outcome(efforts, cause="port"))
