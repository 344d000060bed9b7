"""What no field can know alone: each mistake across sections gets its place and its sentence."""

from __future__ import annotations

import pytest

from sim.scenario.load import rebuild
from sim.scenario.problems import ScenarioError
from tests.unit.minimal import minimal


def problems(changes: str) -> list[str]:
    """Return everything that is wrong with the changed minimal world."""
    with pytest.raises(ScenarioError) as error:
        rebuild(minimal(changes))
    return [str(problem).removeprefix("merged scenario: ") for problem in error.value.problems]


DATES = (
    (
        "{start: 2024-05-01, licensing: null, suppliers: {plain: null}, target: 2024-05-01}",
        "target: the target 2024-05-01 is not after the start 2024-05-01 and by the horizon 2034-01-01",
    ),
    (
        "builds: {early: {title: E, begin: 2023-12-31}}",
        "builds.early.begin: 2023-12-31 is not between the start 2024-01-01 and the horizon 2034-01-01",
    ),
    (
        "builds: {late: {title: L, begin: 2025-01-01, target: 2024-12-31}}",
        "builds.late.target: the target 2024-12-31 is not after the start 2025-01-01 and by the horizon "
        "2034-01-01",
    ),
)

BUILDS = (
    ("site: null", "site: names no site, and the scenario has none to fall back on: add a site section"),
    (
        "{site: null, builds: {one: {title: One}}}",
        "builds.one.site: names no site, and the scenario has none to fall back on: add a site section",
    ),
    (
        "demand: {compute: 1 PFLOP/s}",
        "demand: say either compute or accelerators (null removes one that is inherited)",
    ),
    ("installation: {pool: crew}", "installation.pool: unknown pool 'crew'; there are none"),
)

STRATEGIES = (
    ("strategy: {supplier: null}", "strategy.supplier: a strategy of kind single needs `supplier`"),
    ("strategy: {supplier: fre}", "strategy.supplier: unknown supplier 'fre' (did you mean free?)"),
    (
        "strategy: {kind: switch, first: plain, then: plain}",
        "strategy.then: a switch needs two suppliers, not 'plain' twice",
    ),
    (
        "strategy: {kind: race, parts: [{supplier: free}]}",
        "strategy.parts: a strategy of kind race needs at least two parts",
    ),
    (
        "strategy: {kind: race, parts: [{supplier: free}, {supplier: free}]}",
        "strategy.parts: names a supplier twice: free, free",
    ),
    (
        "strategy: {kind: split, parts: [{supplier: free, share: 0.5}, {supplier: plain, share: 0.4}]}",
        "strategy.parts: shares sum to 0.9, not to 1",
    ),
    (
        "strategy: {kind: race, parts: [{supplier: free}, {supplier: nobody}]}",
        "strategy.parts[1].supplier: unknown supplier 'nobody'; there are free, plain",
    ),
)

SUPPLIERS = (
    ("freight: {road: {legs: {truck: null}}}", "freight.road.legs: a route needs at least one leg"),
    (
        "{demand: {accelerators: 0.5}, suppliers: {free: {lot: 0.5}}}",
        "suppliers.free.lot: a lot is at least one accelerator, not 0.5",
    ),
    (
        "suppliers: {free: {production: {capacities: {line: null}}}}",
        "suppliers.free.production.capacities: a line needs at least one bottleneck",
    ),
    (
        "suppliers: {free: {estimates: {low: {capacities: {}}}}}",
        "suppliers.free.estimates.low.capacities: a line needs at least one bottleneck",
    ),
    (
        "suppliers: {free: {production: {capacities: {line: {points: {2024-01-01: null}}}}}}",
        "suppliers.free.production.capacities.line.points: a bottleneck needs at least one dated point",
    ),
    (
        "suppliers: {free: {production: {capacities: {line: {stock: 5}}}}}",
        "suppliers.free.production.capacities.line: stock and stock_rate come together",
    ),
    (
        "suppliers: {free: {lot: {uniform: [5, 10], unit: accelerators, assumption: x}}}",
        "suppliers.free.lot: decides how the plan is laid out: give a fixed number",
    ),
)

OFFICE = "licensing: {{office: {{{}}}}}"
AGGREGATE = "process: aggregate, deal_to_license: 60 days"

LICENSES = (
    (
        OFFICE.format("regimes: {states: {normal: {returned: 0.6, denied: 0.5}}}"),
        "licensing.office.regimes.states.normal: returned and denied sum to 1.1, more than 1",
    ),
    (
        OFFICE.format("tranches: {shares: [0.5, 0.6], end_use_check: 3 days, check_fails: 0}"),
        "licensing.office.tranches.shares: shares must be positive and sum to 1, not to 1.1",
    ),
    (
        OFFICE.format("tranches: {shares: [1.5, -0.5], end_use_check: 3 days, check_fails: 0}"),
        "licensing.office.tranches.shares: shares must be positive and sum to 1, not to 1",
    ),
    (
        OFFICE.format("process: aggregate, preparation: null, stages: null"),
        "licensing.office.deal_to_license: the aggregate process needs it",
    ),
    (
        OFFICE.format(AGGREGATE),
        "licensing.office: the aggregate process already holds preparation and stages: null them, or time is "
        "counted twice",
    ),
    (OFFICE.format("stages: null"), "licensing.office.stages: the staged process needs at least one stage"),
    (
        OFFICE.format("deal_to_license: 60 days"),
        "licensing.office.deal_to_license: the staged process already takes this time: null it, or choose "
        "process: aggregate",
    ),
    (
        OFFICE.format("regimes: {history: []}"),
        "licensing.office.regimes.history: needs the state in force at the start",
    ),
    (
        OFFICE.format("regimes: {history: [{date: 2024-01-02, state: normal}]}"),
        "licensing.office.regimes.history[0].date: 2024-01-02 is after the start 2024-01-01: the first state "
        "must be in force then",
    ),
    (
        OFFICE.format(
            "regimes: {history: [{date: 2024-01-01, state: normal}, {date: 2023-01-01, state: slow}]}"
        ),
        "licensing.office.regimes.history: dates must ascend",
    ),
    (
        OFFICE.format("regimes: {rates: {slow: {slow: 1 per year}}}"),
        "licensing.office.regimes.rates.slow.slow: a state cannot change to itself",
    ),
)

SITES = (
    (
        "suppliers: {free: {site: pool}}",
        "suppliers.free.site: unknown kind of site 'pool'; site.kinds has hall",
    ),
    (
        "site: {power: [{up_to: 2 MW, duration: 9 days}, {up_to: 1 MW, duration: 9 days}]}",
        "site.power: steps must ascend in size",
    ),
    (
        "site: {winter: {begin: 02-30, speed: 0}}",
        "site.winter.begin: '02-30' is no month and day such as 11-01",
    ),
    ("site: {kinds: {hall: {fit-out: null}}}", "site.kinds.hall: a kind of site needs at least one activity"),
    (
        "site: {kinds: {hall: {fit-out: {after: [roof]}, roof: {duration: 1 day, after: [walls]}, "
        "walls: {duration: 1 day, after: [fit-out]}, sign: {duration: 1 day, after: [fit-out]}}}}",
        "site.kinds.hall: activities wait for each other in a circle: fit-out -> roof -> walls -> fit-out",
    ),
    (
        "site: {kinds: {hall: {fit-out: {after: [rof]}, roof: {duration: 1 day}}}}",
        "site.kinds.hall.fit-out.after[0]: unknown activity 'rof' (did you mean roof?)",
    ),
)

RISK = "risks: {{quake: {{title: Q, affects: [suppliers.free.contract], {}}}}}"
PAIR = """
suppliers: {{plain: {{contract: {{duration: {{uniform: [1, 2], unit: days, assumption: x}}}}}}}}
correlations: [{{between: [{}, suppliers.plain.contract.duration], coefficient: 0.5}}]
"""

LUCK = (
    (
        RISK.format("factor: 2"),
        "risks.quake: say either its chance, or its rate and the window in which it can occur",
    ),
    (
        RISK.format("factor: 2, rate: 1 per year"),
        "risks.quake: say either its chance, or its rate and the window in which it can occur",
    ),
    (RISK.format("chance: 0.5"), "risks.quake: a risk needs a factor or a delay"),
    (
        "risks: {quake: {title: Q, affects: [], chance: 0.5, factor: 2}}",
        "risks.quake.affects: a risk needs at least one path that it touches",
    ),
    (
        "risks: {quake: {title: Q, affects: ['*.free.contrct.duration'], chance: 0.5, factor: 2}}",
        "risks.quake.affects[0]: '*.free.contrct.duration' is no quantity that is drawn once per stage (did "
        "you mean suppliers.free.contract.duration?)",
    ),
    (
        PAIR.format("weather"),
        "correlations[0].between[0]: 'weather' is no quantity that is drawn once per stage",
    ),
    (
        PAIR.format("suppliers.free.contract.duration"),
        "correlations[0].between[0]: 'suppliers.free.contract.duration' is a fixed number: there is nothing "
        "to correlate",
    ),
)


CASES = (*DATES, *BUILDS, *STRATEGIES, *SUPPLIERS, *LICENSES, *SITES, *LUCK)


@pytest.mark.parametrize(("changes", "problem"), CASES, ids=[problem for _, problem in CASES])
def test_a_mistake_across_sections_gets_its_place_and_its_sentence(changes: str, problem: str) -> None:
    assert problems(changes) == [problem]
