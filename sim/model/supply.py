"""Supply: from asking a supplier to lots at the factory gate.

A tender, rounds of contracting until an allocation is firm, the wait behind other orders, then lots through a
line that all builds share: one server whose rate is the least of its bottlenecks times the share open to
exports. Called by :mod:`sim.model.branch`.
"""

from __future__ import annotations

from sim.chance.profiles import Level, Minimum, Profile, Sum, Window
from sim.chance.ramps import Ramp
from sim.chance.regimes import ByRegime, RegimeChain
from sim.model.draft import Draft, is_nothing
from sim.model.licensing import closures, product, rates
from sim.model.plan import At, Attempts, Outcome, Work
from sim.scenario.supply import Capacity, Contract, Market, Production, Supplier


def contract(draft: Draft, name: str, supplier: Supplier, *, after: str, unless: str | None) -> str:
    """Add tender and contracting rounds; return the node at which the allocation is firm."""
    path = f"suppliers.{name}"
    tender = draft.amount(f"{path}.tender", supplier.tender)
    chosen = draft.add("tender", Work((after,), tender, unless=unless, cause="tender"))
    section, path = supplier.contract, f"{path}.contract"
    rounds = section.rounds if _is_uncertain(section) else 1
    work = tuple(draft.amount(f"{path}.duration", section.duration, trial=k) for k in range(rounds))
    if rounds == 1:
        return draft.add("contract", Work((chosen,), work[0], unless=unless, cause="contract"))
    again = tuple(draft.amount(f"{path}.again", section.again, trial=k) for k in range(rounds - 1))
    luck = tuple(draft.luck(path, trial=k) for k in range(rounds))
    chance = draft.amount(f"{path}.chance", section.chance) * draft.amount(
        f"{path}.survives", section.survives
    )
    firm = draft.profile(f"{path}.firm", lambda full: Level(full, chance))
    node = Attempts(
        (chosen,), work, again, luck, firm, unless=unless, reworked="contract again", cause="contract"
    )
    return draft.add("contract", Outcome(draft.add("contracting", node), cause="contract"))


def _is_uncertain(section: Contract) -> bool:
    return any(not (share.is_fixed and share.central == 1.0) for share in (section.chance, section.survives))


def production(
    draft: Draft, name: str, supplier: Supplier, *, ordered: str, lots: int, unless: str | None
) -> tuple[str, ...]:
    """Add the wait in the supplier's queue and the lots on its line; return the nodes of finished lots."""
    section, path = believed(supplier), f"suppliers.{name}.production"
    queue = draft.amount(f"{path}.queue", section.queue)
    speed = None if section.market is None else market(draft.shared, f"{path}.market", section.market)
    reached = draft.add(
        "queue", Work((ordered,), queue, rate=speed, unless=unless, slowed="tight market", cause="allocation")
    )
    ready = (reached, *_availability(draft, path, section))
    line, rate = _line(draft.shared, name, section)
    lot = draft.amount(f"suppliers.{name}.lot", supplier.lot)
    return tuple(
        draft.add(f"lot[{i}]/made", Work(ready, lot, rate, line, unless, cause="production"))
        for i in range(lots)
    )


def believed(supplier: Supplier) -> Production:
    """Return the production section with the chosen published estimate put in its place."""
    if supplier.estimate is None:
        return supplier.production
    chosen = supplier.estimates[supplier.estimate]
    said = {key: value for key, value in chosen if value is not None}
    return supplier.production.model_copy(update=said)


def market(root: Draft, path: str, section: Market) -> Profile:
    """Return the speed of the supplier's queue over time."""
    chain = root.profile(
        f"{path}.states",
        lambda full: RegimeChain(
            full,
            states=tuple(section.states),
            history=tuple((root.day(change.date), change.state) for change in section.history),
            rates=rates(root, f"{path}.rates", section.rates),
            horizon=root.horizon,
        ),
    )
    speeds = {state: root.amount(f"{path}.states.{state}", speed) for state, speed in section.states.items()}
    return root.profile(path, lambda full: ByRegime(full, chain, speeds))


def prepare_line(root: Draft, name: str) -> None:
    """Put the firm orders of others on the supplier's line, ahead of everybody."""
    section = believed(root.world.scenario.suppliers[name])
    if is_nothing(section.backlog):
        return
    line, rate = _line(root, name, section)
    backlog = root.amount(f"suppliers.{name}.production.backlog", section.backlog)
    root.add(f"{name}/backlog", Work((), backlog, rate, line, cause="allocation"))


def _availability(draft: Draft, path: str, section: Production) -> tuple[str, ...]:
    if section.available_from is None:
        return ()
    slip = draft.shared.amount(f"{path}.slip", section.slip)
    return (draft.add("available", At(slip + draft.day(section.available_from), cause="new product")),)


def _line(root: Draft, name: str, section: Production) -> tuple[str, Profile]:
    path = f"suppliers.{name}.production"
    line = root.pool(f"{name}/line", 1)

    bottlenecks = tuple(
        _bottleneck(root, f"{path}.capacities.{key}", c) for key, c in section.capacities.items()
    )
    share = root.amount(f"{path}.export_share", section.export_share)
    rate = product(
        root,
        f"{path}.rate",
        root.profile(f"{path}.least", lambda full: Minimum(full, bottlenecks)),
        root.profile(f"{path}.exports", lambda full: Level(full, share)),
        closures(root, f"{path}.shocks", section.shocks),
    )
    assert rate is not None  # the first factor is there
    return line, rate


def _bottleneck(root: Draft, path: str, section: Capacity) -> Profile:
    """Return what a bottleneck allows; its stock is there from the date of its first point."""
    points = tuple(
        (root.day(date), root.amount(f"{path}.points.{date}", output))
        for date, output in sorted(section.points.items())
    )
    ramp = Ramp(path, points)
    if section.stock is None or section.stock_rate is None:
        return ramp
    rate = root.amount(f"{path}.stock_rate", section.stock_rate)
    begin = root.day(min(section.points))
    gone = root.amount(f"{path}.stock", section.stock) / rate + begin
    stock = Window(f"{path}.from_stock", begin, gone, inside=rate, outside=0.0)
    return Sum(f"{path}.with_stock", (ramp, stock))
