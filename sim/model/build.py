"""From a checked scenario to its plan: the one way in.

Sets up what all builds share, writes each build by its strategy, and names the milestones of the outcomes.
Called by ``study``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.chance.amount import Amount, amount
from sim.model import site, supply
from sim.model.branch import Branch, Home, teraflops
from sim.model.correlations import correlations_of
from sim.model.costs import costs_of
from sim.model.draft import Draft, World
from sim.model.plan import All, Any, At, Capacity, Cost, Plan, Reach, Work
from sim.model.strategy import STRATEGIES, Way
from sim.model.workload import train
from sim.scenario.schema import Build, Scenario

FINISH_LINES = (0.25, 0.5, 0.8, 1.0)
"""Shares of the ordered compute whose dates are reported beside completion."""


@dataclass(frozen=True, slots=True)
class Built:
    """A build in the plan: its milestones, what it costs, and what comes to run."""

    milestones: dict[str, str]
    costs: tuple[Cost, ...]
    capacity: tuple[Capacity, ...]


def plan_of(scenario: Scenario) -> Plan:
    """Return the plan of a scenario: nodes, inputs, profiles, pools, and milestones to report.

    Milestones of the only build have plain names (``completion``); of several, ``<build>.completion``, and
    ``completion`` is when the last of them is complete. The same holds for the column ``cost``.
    """
    draft = Draft(World(scenario))
    for name in scenario.suppliers:
        supply.prepare_line(draft, name)
    builds = scenario.builds or {"": Build(title=scenario.title)}
    built = {
        name: _build(draft.within(name) if name else draft, scenario, build) for name, build in builds.items()
    }
    milestones = {
        _column(name, key): node for name, each in built.items() for key, node in each.milestones.items()
    }
    if scenario.builds:
        complete = tuple(each.milestones["completion"] for each in built.values())
        milestones = {"completion": draft.add("all-complete", All(complete))} | milestones
    return Plan(
        draft.world.nodes,
        draft.horizon,
        draft.world.pools,
        correlations_of(draft),
        milestones,
        _costs(built),
        tuple(part for each in built.values() for part in each.capacity),
    )


def _column(build: str, key: str) -> str:
    return f"{build}.{key}" if build else key


def _costs(built: Mapping[str, Built]) -> dict[str, tuple[Cost, ...]]:
    """Return the cost columns: in all, and of each build if there are several; none if nothing costs."""
    total = tuple(cost for each in built.values() for cost in each.costs)
    if not total:
        return {}
    return {"cost": total} | {_column(name, "cost"): each.costs for name, each in built.items()}


def _build(draft: Draft, scenario: Scenario, build: Build) -> Built:
    strategy = build.strategy or scenario.strategy
    home = _home(draft, scenario, build)
    way = STRATEGIES[strategy.kind](draft, home, strategy)
    milestones = _milestones(draft, way)
    workload = build.workload or scenario.workload
    if workload is not None:
        groups: list[tuple[str, tuple[Branch, ...]]] = [(b.complete, (b,)) for b in way.branches]
        if way.combine is All:
            groups = [(milestones["completion"], way.branches)]
        milestones["model"] = train(draft, home, workload, groups)
    target = build.target or (None if scenario.builds else scenario.target)
    costs = costs_of(
        draft,
        way,
        complete=milestones["completion"],
        target_day=None if target is None else draft.day(target),
    )
    return Built(milestones, costs, tuple(_capacity(draft, way)))


def _capacity(draft: Draft, way: Way) -> Iterator[Capacity]:
    for branch, dropped in zip(way.branches, way.dropped, strict=True):
        each = teraflops(branch)
        for node, accelerators in zip(branch.running.nodes, branch.running.accelerators, strict=True):
            yield Capacity(
                build=draft.scope.rstrip("/"),
                supplier=branch.opening.name,
                node=node,
                accelerators=accelerators,
                teraflops=each,
                unless=dropped,
            )


def _home(draft: Draft, scenario: Scenario, build: Build) -> Home:
    begin = draft.add("begin", At(amount(draft.day(build.begin or scenario.start))))
    place = build.site or scenario.site
    assert place is not None  # checked with the file
    staff = build.staff or scenario.staff
    trained = begin
    if staff is not None:
        trained = draft.add("staff", Work((begin,), draft.amount("staff.ramp", staff.ramp), cause="staff"))
    return Home(
        begin=begin,
        demand=build.demand or scenario.demand,
        site=place,
        hall=site.works(draft, place, place.kind, after=begin),
        crews=_crews(draft, scenario, build),
        acceptance=build.acceptance or scenario.acceptance,
        staff=trained,
        order_before_license=(build.strategy or scenario.strategy).order_before_license,
    )


def _crews(draft: Draft, scenario: Scenario, build: Build) -> str:
    section = build.installation or scenario.installation
    if section.pool is not None:
        return draft.shared.pool(section.pool, scenario.pools[section.pool])
    return draft.pool("crews", section.crews)


def _milestones(draft: Draft, way: Way) -> dict[str, str]:
    """Return the milestones of a build: combined, the switch, finish lines, and each branch's own."""
    shared = [key for key in way.branches[0].milestones if all(key in b.milestones for b in way.branches)]
    found = {key: _combined(draft, way, key) for key in shared}
    if way.switched is not None:
        found["switched"] = way.switched
    found |= _finish_lines(draft, way)
    if len(way.branches) > 1:
        for branch in way.branches:
            label = branch.opening.draft.scope.rstrip("/").rpartition("/")[2]
            found |= {f"{label}.{key}": node for key, node in branch.milestones.items()}
    return found


def _combined(draft: Draft, way: Way, key: str) -> str:
    nodes = tuple(branch.milestones[key] for branch in way.branches)
    return (
        nodes[0]
        if len(nodes) == 1
        else draft.add(f"any-{key}" if way.combine is Any else f"all-{key}", way.combine(nodes))
    )


def _finish_lines(draft: Draft, way: Way) -> dict[str, str]:
    groups = [way.branches] if way.combine is All else [(branch,) for branch in way.branches]
    found = {}
    for share in FINISH_LINES:
        nodes = tuple(_reaches(draft, group, share, i) for i, group in enumerate(groups))
        name = f"installed_{round(100 * share)}"
        found[name] = nodes[0] if len(nodes) == 1 else draft.add(f"any-{name}", Any(nodes))
    return found


def _reaches(draft: Draft, group: tuple[Branch, ...], share: float, index: int) -> str:
    nodes = tuple(node for branch in group for node in branch.running.nodes)
    parts: list[Amount] = []
    required = amount(0.0)
    for branch in group:
        weight = teraflops(branch) if len(group) > 1 else amount(1.0)
        parts += [number * weight for number in branch.running.accelerators]
        required = required + weight * (share * branch.opening.accelerators)
    return draft.add(f"installed_{round(100 * share)}[{index}]", Reach(nodes, tuple(parts), required))
