"""The two engines agree on every time of every node, on any plan.

An ordinary run generates a few hundred plans. The long campaign generates 20,000 (some minutes):
``CHIPROUTE_CAMPAIGN=20000 pytest tests/properties/test_engines_agree.py``.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, note, settings
from plans import GivenDraws, plans_and_draws

from sim.engine import simpy_engine
from sim.engine.agreement import first_difference
from sim.engine.array_engine import run
from sim.model.plan import Plan

EXAMPLES = int(os.environ.get("CHIPROUTE_CAMPAIGN", "200"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans_and_draws())
def test_engines_agree_on_any_plan(plan_and_draws: tuple[Plan, GivenDraws]) -> None:
    plan, draws = plan_and_draws
    reference, fast = simpy_engine.run(plan, draws), run(plan, draws)
    found = first_difference(reference, fast)
    if found is not None:
        node, table, _ = found
        row = fast.row[node]
        note(f"{plan.nodes[node]}")
        note(f"SimPy {getattr(reference, table)[row]}, array {getattr(fast, table)[row]}")
    assert found is None
