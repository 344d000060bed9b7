"""Every known case, on both engines, through plans and draws as any run makes them.

4.5 standard errors: a correct program fails one of the 208 numbers of an engine with probability 0.15 % for a
new seed; the seed is fixed. Set ``CHIPROUTE_VERIFICATION_SCALE=30`` for the nightly size.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from sim.chance.draws import draw
from sim.chance.profiles import Profile
from sim.engine import array_engine, simpy_engine
from sim.model.plan import All, Plan, Work

from .activity_cases import RELIABLE_WEEKS, activity_cases, reliable
from .judge import Case, Engine, examine
from .license_cases import license_cases, regime
from .queue_cases import queue_cases

CASES = (*activity_cases(), *queue_cases(), *license_cases())
SCALE = int(os.environ.get("CHIPROUTE_VERIFICATION_SCALE", "1"))
SEED = 20261122


@pytest.fixture(params=[simpy_engine, array_engine], ids=["simpy", "array"])
def engine(request: pytest.FixtureRequest) -> Engine:
    run: Engine = request.param.run
    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_known_answers(case: Case, engine: Engine) -> None:
    often = 1 if engine is simpy_engine.run else 5
    findings = examine(case, engine, seed=SEED, replications=case.size * SCALE * often)
    assert findings
    assert [finding for finding in findings if not finding.passes] == []


RELIABLE_FLOATS = dict(zip("ABCDEFGHIJKLMN", (0, 0, 0, 4, 0, 0, 4, 4, 2, 0, 1, 0, 4, 0), strict=True))


@pytest.mark.parametrize(("name", "weeks"), RELIABLE_FLOATS.items())
def test_an_activity_may_slip_by_its_total_float_and_no_more(name: str, weeks: float, engine: Engine) -> None:
    def length(slip: float) -> float:
        plan = reliable({**RELIABLE_WEEKS, name: RELIABLE_WEEKS[name] + slip})
        return float(engine(plan, draw(plan.inputs, seed=SEED, first=0, count=1)).of("done")[0])

    assert (length(weeks), length(weeks + 1)) == (44.0, 45.0)


def wrong_models() -> dict[str, Plan]:
    """Return plausible wrong plans by the case that must tell them from the right one."""
    plan = {case.name: case.plan for case in CASES}
    stays_open = regime({("closed", "open"): 1 / 9}, "closed", {"closed": 0.0, "open": 1 / 3})
    frozen = regime({}, "K", {"P": 0.9, "K": 0.35, "D": 0.0})
    return {
        "A03": plan["A04"],
        "A04": plan["A03"],
        "A14 rho=0.5": plan["A14 rho=0.0"],
        "A22": replace(plan["A22"], pools={"servers": 4}),
        "A26": replace(plan["A26"], pools={"servers": 2}),
        "A29": replace(plan["A29"], pools={"crews": 5}),
        "A32 m=4": replace(plan["A32 m=4"], pools={"machines": 3}),
        "A41": at_rate(plan["A41"], stays_open),
        "A42": at_rate(plan["A42"], frozen),
        "A43 N=12": plan["A43 N=24"],
        "A44 N=12": plan["A44 N=6"],
        "A45": replace(plan["A45"], nodes={**plan["A45"].nodes, "first": All(("N", "H"))}),
    }


def at_rate(plan: Plan, rate: Profile) -> Plan:
    """Return a plan with all its work at another rate."""
    nodes = {name: replace(node, rate=rate) for name, node in plan.nodes.items() if isinstance(node, Work)}
    return replace(plan, nodes=nodes)


@pytest.mark.parametrize(("name", "wrong"), wrong_models().items(), ids=wrong_models())
def test_a_case_tells_a_wrong_model(name: str, wrong: Plan) -> None:
    (case,) = (case for case in CASES if case.name == name)
    findings = examine(replace(case, plan=wrong), array_engine.run, seed=SEED)
    assert not all(finding.passes for finding in findings)
