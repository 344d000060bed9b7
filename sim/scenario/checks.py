"""Checks across sections: what no field can know alone, such as a supplier that no section describes.

Yields every problem as (path, sentence); the loader puts file, line and column to it. Called by ``load`` once
the fields themselves are right.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from difflib import get_close_matches

from sim.scenario.licensing import Change, DatedHold, License
from sim.scenario.limits import can_be_zero, limits
from sim.scenario.quantity import Quantity
from sim.scenario.schema import Build, Demand, Scenario, Strategy
from sim.scenario.section import inside
from sim.scenario.supply import Capacity, Supplier
from sim.scenario.words import shown
from sim.scenario.works import Activity, Site
from sim.scenario.world import Risk

SIZES = ("lot", "compute", "accelerators", "power", "up_to", "single_below", "license_free_below")
"""Keys of quantities that say how large things are; the plan is laid out by them before anything is drawn."""

Finding = tuple[str, str]
"""Path in the scenario, and what is wrong there."""

NEEDED = {
    "single": ("supplier",),
    "switch": ("first", "then"),
    "split": ("parts",),
    "race": ("parts",),
    "staged": ("parts",),
}
"""Keys that each kind of strategy cannot do without."""


def checks(scenario: Scenario) -> Iterator[Finding]:
    """Yield every problem across the sections of a scenario, as (path, sentence)."""
    exceeded = tuple(limits(scenario))
    yield from exceeded
    if exceeded:
        return  # the other checks would take long
    yield from _dates(scenario)
    for name, supplier in scenario.suppliers.items():
        yield from _supplier(scenario, f"suppliers.{name}", supplier)
    for name, license_ in scenario.licensing.items():
        yield from _license(scenario, f"licensing.{name}", license_)
    yield from _sizes(scenario)
    yield from _risks(scenario)
    yield from _correlations(scenario)
    yield from _build(scenario, "", scenario)
    for name, build in scenario.builds.items():
        yield from _build(scenario, f"builds.{name}.", build)


def known(path: str, name: str | None, among: Collection[str], what: str) -> Iterator[Finding]:
    """Yield a problem if a name is given that is not among the known ones."""
    if name is None or name in among:
        return
    near = get_close_matches(name, among, n=1)
    hint = f" (did you mean {near[0]}?)" if near else f"; there are {', '.join(among) or 'none'}"
    yield path, f"unknown {what} {shown(name)}{hint}"


def _dates(scenario: Scenario) -> Iterator[Finding]:
    if scenario.horizon <= scenario.start:
        yield "horizon", f"the horizon {scenario.horizon} is not after the start {scenario.start}"
    yield from _target("target", scenario.target, scenario.start, scenario.horizon)
    for path, value in inside(scenario):
        if isinstance(value, DatedHold) and value.end < value.begin:
            yield path, f"ends on {value.end}, before it begins on {value.begin}"
    for name, build in scenario.builds.items():
        begin = build.begin or scenario.start
        if not scenario.start <= begin < scenario.horizon:
            yield (
                f"builds.{name}.begin",
                f"{begin} is not between the start {scenario.start} and the horizon {scenario.horizon}",
            )
        yield from _target(f"builds.{name}.target", build.target, begin, scenario.horizon)


def _target(path: str, target: date | None, begin: date, horizon: date) -> Iterator[Finding]:
    if target is not None and not begin < target <= horizon:
        yield path, f"the target {target} is not after the start {begin} and by the horizon {horizon}"


def _build(scenario: Scenario, prefix: str, build: Build | Scenario) -> Iterator[Finding]:
    """Check what a build says itself, or (for the scenario) what its builds fall back on."""
    if build.demand is not None:
        yield from _demand(f"{prefix}demand", build.demand)
    if build.strategy is not None:
        yield from _strategy(scenario, f"{prefix}strategy", build.strategy)
    if build.site is not None:
        yield from _site(scenario, f"{prefix}site", build.site)
    elif scenario.site is None and (prefix or not scenario.builds):
        yield (
            f"{prefix}site",
            "names no site, and the scenario has none to fall back on: add a site section",
        )
    if build.installation is not None:
        yield from known(f"{prefix}installation.pool", build.installation.pool, scenario.pools, "pool")


def _demand(path: str, demand: Demand) -> Iterator[Finding]:
    if (demand.compute is None) == (demand.accelerators is None):
        yield path, "say either compute or accelerators (null removes one that is inherited)"


def _strategy(scenario: Scenario, path: str, strategy: Strategy) -> Iterator[Finding]:
    for key in NEEDED[strategy.kind]:
        if not getattr(strategy, key):
            yield f"{path}.{key}", f"a strategy of kind {strategy.kind} needs `{key}`"
    for key in ("supplier", "first", "then"):
        yield from known(f"{path}.{key}", getattr(strategy, key), scenario.suppliers, "supplier")
    for index, part in enumerate(strategy.parts):
        yield from known(f"{path}.parts[{index}].supplier", part.supplier, scenario.suppliers, "supplier")
    if strategy.kind == "switch" and strategy.first is not None and strategy.first == strategy.then:
        yield f"{path}.then", f"a switch needs two suppliers, not {shown(strategy.first)} twice"
    yield from _parts(path, strategy)


def _parts(path: str, strategy: Strategy) -> Iterator[Finding]:
    if not strategy.parts:
        return
    if len(strategy.parts) < 2:
        yield f"{path}.parts", f"a strategy of kind {strategy.kind} needs at least two parts"
    suppliers = [part.supplier for part in strategy.parts]
    if strategy.kind in ("split", "race") and len(set(suppliers)) < len(suppliers):
        yield f"{path}.parts", f"names a supplier twice: {', '.join(suppliers)}"
    total = math.fsum(part.share for part in strategy.parts)
    if strategy.kind in ("split", "staged") and not math.isclose(total, 1.0, abs_tol=1e-9):
        yield f"{path}.parts", f"shares sum to {total:g}, not to 1"


def _supplier(scenario: Scenario, path: str, supplier: Supplier) -> Iterator[Finding]:
    yield from known(f"{path}.license", supplier.license, scenario.licensing, "authority")
    yield from known(f"{path}.route", supplier.route, scenario.freight, "route")
    yield from known(f"{path}.estimate", supplier.estimate, supplier.estimates, "estimate")
    if supplier.route in scenario.freight and not scenario.freight[supplier.route].legs:
        yield f"freight.{supplier.route}.legs", "a route needs at least one leg"
    if supplier.lot.central < 1:
        yield f"{path}.lot", f"a lot is at least one accelerator, not {supplier.lot.central:g}"
    production = supplier.production
    yield from _capacities(f"{path}.production.capacities", production.capacities)
    for name, estimate in supplier.estimates.items():
        if estimate.capacities is not None:
            yield from _capacities(f"{path}.estimates.{name}.capacities", estimate.capacities)
    if production.market is not None:
        market = production.market
        yield from _chain(scenario, f"{path}.production.market", market.states, market.history, market.rates)


def _capacities(path: str, capacities: Mapping[str, Capacity]) -> Iterator[Finding]:
    if not capacities:
        yield path, "a line needs at least one bottleneck"
    for name, capacity in capacities.items():
        if not capacity.points:
            yield f"{path}.{name}.points", "a bottleneck needs at least one dated point"
        if (capacity.stock is None) != (capacity.stock_rate is None):
            yield f"{path}.{name}", "stock and stock_rate come together"


def _license(scenario: Scenario, path: str, license_: License) -> Iterator[Finding]:
    regimes = license_.regimes
    yield from _chain(scenario, f"{path}.regimes", regimes.states, regimes.history, regimes.rates)
    yield from known(f"{path}.desks", license_.desks, scenario.pools, "pool")
    yield from _process(path, license_)
    for name, regime in regimes.states.items():
        total = regime.returned.central + regime.denied.central
        if total > 1.0:
            yield f"{path}.regimes.states.{name}", f"returned and denied sum to {total:g}, more than 1"
    if license_.tranches is not None:
        total = math.fsum(license_.tranches.shares)
        if not math.isclose(total, 1.0, abs_tol=1e-9) or min(license_.tranches.shares, default=0.0) <= 0.0:
            yield f"{path}.tranches.shares", f"shares must be positive and sum to 1, not to {total:g}"
    for index, name in enumerate(() if license_.coupling is None else license_.coupling.suppliers):
        yield from known(f"{path}.coupling.suppliers[{index}]", name, scenario.suppliers, "supplier")


def _process(path: str, license_: License) -> Iterator[Finding]:
    if license_.process == "aggregate":
        if license_.deal_to_license is None:
            yield f"{path}.deal_to_license", "the aggregate process needs it"
        if license_.stages or license_.preparation != Quantity.fixed(0.0, "duration"):
            yield (
                path,
                "the aggregate process already holds preparation and stages: null them, or time is counted "
                "twice",
            )
    elif not license_.stages:
        yield f"{path}.stages", "the staged process needs at least one stage"
    elif license_.deal_to_license is not None:
        yield (
            f"{path}.deal_to_license",
            "the staged process already takes this time: null it, or choose process: aggregate",
        )


def _chain(
    scenario: Scenario,
    path: str,
    states: Collection[str],
    history: tuple[Change, ...],
    rates: Mapping[str, Mapping[str, Quantity]],
) -> Iterator[Finding]:
    """Check states, dated history and rates of a chain."""
    if not history:
        yield f"{path}.history", "needs the state in force at the start"
    elif history[0].date > scenario.start:
        yield (
            f"{path}.history[0].date",
            f"{history[0].date} is after the start {scenario.start}: the first state must be in force then",
        )
    dates = [change.date for change in history]
    if dates != sorted(dates):
        yield f"{path}.history", "dates must ascend"
    for index, change in enumerate(history):
        yield from known(f"{path}.history[{index}].state", change.state, states, "state")
    for origin, row in rates.items():
        yield from known(f"{path}.rates.{origin}", origin, states, "state")
        for goal in row:
            yield from known(f"{path}.rates.{origin}.{goal}", goal, states, "state")
        if origin in row:
            yield f"{path}.rates.{origin}.{origin}", "a state cannot change to itself"


def _site(scenario: Scenario, path: str, site: Site) -> Iterator[Finding]:
    yield from known(f"{path}.kind", site.kind, site.kinds, "kind of site")
    for name, activities in site.kinds.items():
        yield from _network(f"{path}.kinds.{name}", activities)
    for name, supplier in scenario.suppliers.items():
        if supplier.site is not None and supplier.site not in site.kinds:
            yield (
                f"suppliers.{name}.site",
                f"unknown kind of site {shown(supplier.site)}; {path}.kinds has {', '.join(site.kinds)}",
            )
    for key in ("begin", "end") if site.winter is not None else ():
        yield from _month_and_day(f"{path}.winter.{key}", getattr(site.winter, key))
    loads = [step.up_to.central for step in site.power]
    if loads != sorted(loads):
        yield f"{path}.power", "steps must ascend in size"


def _month_and_day(path: str, text: str) -> Iterator[Finding]:
    try:
        date.fromisoformat(f"2000-{text}")  # a leap year
    except ValueError:
        yield path, f"{shown(text)} is no month and day such as 11-01"


def _network(path: str, activities: Mapping[str, Activity]) -> Iterator[Finding]:
    if not activities:
        yield path, "a kind of site needs at least one activity"
    for name, activity in activities.items():
        for index, other in enumerate(activity.after):
            yield from known(f"{path}.{name}.after[{index}]", other, activities, "activity")
    circle = _circle(activities)
    if circle:
        yield path, "activities wait for each other in a circle: " + " -> ".join((*circle, circle[0]))


def _circle(activities: Mapping[str, Activity]) -> tuple[str, ...]:
    """Return one circle of activities that wait for each other, empty if there is none."""
    left = {name: {other for other in a.after if other in activities} for name, a in activities.items()}
    while free := [name for name, waits in left.items() if not waits & left.keys()]:
        for name in free:
            del left[name]
    walk: list[str] = []
    here = next(iter(left), None)
    while here is not None and here not in walk:
        walk.append(here)
        here = min(left[here] & left.keys())
    return tuple(walk[walk.index(here) :]) if here is not None else ()


def _risks(scenario: Scenario) -> Iterator[Finding]:
    paths = _touchable(scenario)
    for name, risk in scenario.risks.items():
        chances = (risk.chance is not None, risk.rate is not None, risk.window is not None)
        if chances not in ((True, False, False), (False, True, True)):
            yield f"risks.{name}", "say either its chance, or its rate and the window in which it can occur"
        for index, pattern in enumerate(risk.affects):
            if not any(matches(pattern, path) for path in paths):
                yield f"risks.{name}.affects[{index}]", _nothing_there(pattern, paths)
        if risk.factor is not None and can_be_zero(risk.factor):
            yield from _undecided(f"risks.{name}.factor", risk, paths)
        if risk.factor is None and risk.delay is None:
            yield f"risks.{name}", "a risk needs a factor or a delay"
        if not risk.affects:
            yield f"risks.{name}.affects", "a risk needs at least one path that it touches"


def _undecided(where: str, risk: Risk, paths: Mapping[str, Quantity]) -> Iterator[Finding]:
    """Refuse a factor that can be 0 for what never happens: nobody can say what 0 times never is."""
    for path, quantity in paths.items():
        if math.isinf(quantity.central) and any(matches(pattern, path) for pattern in risk.affects):
            yield where, f"can be 0, and 0 times never is no time: give {path} as a number, or leave it out"


def _correlations(scenario: Scenario) -> Iterator[Finding]:
    paths = _touchable(scenario)
    for index, correlation in enumerate(scenario.correlations):
        for end, path in enumerate(correlation.between):
            where = f"correlations[{index}].between[{end}]"
            if path not in paths:
                yield where, _nothing_there(path, paths)
            elif paths[path].is_fixed:
                yield where, f"{shown(path)} is a fixed number: there is nothing to correlate"


def _nothing_there(path: str, paths: Collection[str]) -> str:
    near = get_close_matches(path, paths, n=1)
    return f"{shown(path)} is no quantity that is drawn once per stage" + (
        f" (did you mean {near[0]}?)" if near else ""
    )


def matches(pattern: str, path: str) -> bool:
    """Return whether a pattern names a path or something above it; ``*`` stands for any one name."""
    wanted, parts = pattern.split("."), path.split(".")
    return len(wanted) <= len(parts) and all(w in ("*", p) for w, p in zip(wanted, parts, strict=False))


def _touchable(scenario: Scenario) -> dict[str, Quantity]:
    """Return the quantities that risks and correlations can name, as the plan names them.

    Lengths of stops and transients are drawn anew at every occurrence, so no single input stands for them.
    """
    found: dict[str, Quantity] = {}
    for path, quantity in _quantities(scenario):
        parts = path.split(".")
        if parts[0] == "builds":
            parts = parts[2:]
        if parts[2:3] == ["estimates"]:
            parts[2:4] = ["production"]
        if parts[-1] not in ("length", "transient"):
            found[".".join(parts)] = quantity
    return found


def _quantities(scenario: Scenario) -> Iterator[tuple[str, Quantity]]:
    """Yield every quantity of a scenario with its path."""
    return ((path, value) for path, value in inside(scenario) if isinstance(value, Quantity))


def _sizes(scenario: Scenario) -> Iterator[Finding]:
    """Check that what decides the shape of the plan is not left to chance."""
    for path, quantity in _quantities(scenario):
        if path.rpartition(".")[2] in SIZES and not quantity.is_fixed:
            yield path, "decides how the plan is laid out: give a fixed number"
