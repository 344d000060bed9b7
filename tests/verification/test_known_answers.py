"""Every known case, on both engines, and the table that says so.

An ordinary run uses the sizes of the cases and compares the README of this folder line by line (``--fix``
rewrites it). ``CHIPROUTE_VERIFICATION_SCALE=30`` runs thirty times as many replications and leaves the table
alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sim import Plan
from sim.chance.draws import draw
from sim.chance.profiles import Profile
from sim.engine import array_engine, simpy_engine
from sim.model.plan import All, Work

from .activity_cases import RELIABLE_WEEKS, activity_cases, reliable
from .formula_cases import formulas
from .judge import Case, Engine, examine
from .law_cases import law_cases
from .license_cases import license_cases, regime
from .published import cases
from .queue_cases import queue_cases
from .table import README, block, blocks, formula_block, replaced, whole

CASES = (*activity_cases(), *queue_cases(), *license_cases(), *law_cases())
FORMULAS = "Formulas, dates, pairs"
SCALE = int(os.environ.get("CHIPROUTE_VERIFICATION_SCALE", "1"))
SEED = 20261122

Document = Callable[[str], None]
Generated = Callable[[Path, str], None]


@pytest.fixture
def documented(generated: Generated) -> Document:
    """Compare a block with that of the README; --fix repairs it."""

    def compare(block: str) -> None:
        (name,) = blocks(block)
        text = README.read_text(encoding="utf-8") if README.exists() else ""
        generated(README, replaced(text, name, block))

    return compare


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_known_answers(case: Case, documented: Document) -> None:
    simpy = examine(case, simpy_engine.run, seed=SEED, count=case.size * SCALE)
    fast = examine(case, array_engine.run, seed=SEED, count=case.fast_size * SCALE)
    assert simpy
    assert [finding for finding in (*simpy, *fast) if not finding.passes] == []
    if SCALE == 1:
        documented(block(case, simpy, fast))


def test_formulas(documented: Document) -> None:
    found = formulas()
    assert [formula for formula in found if not formula.passes] == []
    documented(formula_block(found))


def test_the_table_holds_every_case_and_nothing_else(generated: Generated) -> None:
    found = blocks(README.read_text(encoding="utf-8"))
    names = [case.name for case in CASES]
    parts = [found[name] for name in (*names, FORMULAS)]
    generated(README, whole(parts, seed=SEED, wrong=len(wrong_models())))


def test_every_case_of_the_list_is_in_the_table_or_out_of_scope_with_a_reason() -> None:
    text = README.read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:### |\| |- \*\*)(A\d\d)\b", text, re.MULTILINE))
    assert named == set(cases())


RELIABLE_FLOATS: dict[str, float] = cases()["A01"]["total float by activity"]


@pytest.mark.parametrize("run", [simpy_engine.run, array_engine.run], ids=["simpy", "array"])
@pytest.mark.parametrize(("name", "weeks"), RELIABLE_FLOATS.items())
def test_an_activity_may_slip_by_its_total_float_and_no_more(name: str, weeks: float, run: Engine) -> None:
    def length(slip: float) -> float:
        plan = reliable({**RELIABLE_WEEKS, name: RELIABLE_WEEKS[name] + slip})
        return float(run(plan, draw(plan.inputs, seed=SEED, first=0, count=1)).of("done")[0])

    assert (length(weeks), length(weeks + 1)) == (44.0, 45.0)


def wrong_models() -> dict[str, Plan]:
    """Return plausible wrong plans by the case that must tell them from the right one."""
    plan = {case.name: case.plan for case in CASES}
    stays_open = regime({("closed", "open"): 1 / 9}, "closed", {"closed": 0.0, "open": 1 / 3})
    frozen = regime({}, "K", {"P": 0.9, "K": 0.35, "D": 0.0})
    return {
        "A02": plan["A03"],
        "A03": plan["A04"],
        "A04": plan["A03"],
        "A14 rho=0.5": plan["A14 rho=0.0"],
        "A21": replace(plan["A21"], pools={"servers": 2}),
        "A22": replace(plan["A22"], pools={"servers": 4}),
        "A25 deterministic": plan["A25 exponential"],
        "A26 delays": replace(plan["A26 delays"], pools={"servers": 2}),
        "A28 c=1": plan["A28 c=2"],
        "A29": replace(plan["A29"], pools={"crews": 5}),
        "A30": replace(plan["A30"], pools={"line": 2, "fluid line": 1}),
        "A32 m=4": replace(plan["A32 m=4"], pools={"machines": 3}),
        "A41": at_rate(plan["A41"], stays_open),
        "A42": at_rate(plan["A42"], frozen),
        "A43 N=12": plan["A43 N=24"],
        "A44 N=12": plan["A44 N=6"],
        "A45": replace(plan["A45"], nodes={**plan["A45"].nodes, "first": All(("N", "H"))}),
        "A51": plan["A52"],
        "A56 rho=0.5": plan["A56 rho=0.25"],
        "A57": replace(plan["A57"], correlations={}),
    }


def at_rate(plan: Plan, rate: Profile) -> Plan:
    """Return a plan with all its work at another rate."""
    nodes = {
        name: replace(node, rate=rate) if isinstance(node, Work) else node
        for name, node in plan.nodes.items()
    }
    return replace(plan, nodes=nodes)


@pytest.mark.parametrize(("name", "wrong"), wrong_models().items(), ids=wrong_models())
def test_a_case_tells_a_wrong_model(name: str, wrong: Plan) -> None:
    (case,) = (case for case in CASES if case.name == name)
    findings = examine(replace(case, plan=wrong), array_engine.run, seed=SEED, count=case.fast_size)
    assert not all(finding.passes for finding in findings)
