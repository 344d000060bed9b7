"""The two engines find the same times for every node of any plan: not only within 1e-9 days, but equal.

So does the array engine with compiled kernels.
An ordinary run generates 240 plans. The long campaign generates as many as one likes, and solves up to 1,000
replications of each shipped scenario: ``CHIPROUTE_CAMPAIGN=5000 pytest tests -k engines_agree``.
"""

from __future__ import annotations

import os

import numpy as np
from hypothesis import HealthCheck, given, settings
from plans import GivenDraws, plans_and_draws

from sim.chance.kernels import compiled
from sim.engine import array_engine, simpy_engine
from sim.model.plan import Plan

EXAMPLES = int(os.environ.get("CHIPROUTE_CAMPAIGN", "120"))


many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(plans_and_draws())
def test_engines_agree_on_any_plan(plan_and_draws: tuple[Plan, GivenDraws]) -> None:
    check(*plan_and_draws)


@many
@given(plans_and_draws(crowded=True))
def test_engines_agree_on_plans_whose_pools_feed_themselves(plan_and_draws: tuple[Plan, GivenDraws]) -> None:
    check(*plan_and_draws)


def check(plan: Plan, draws: GivenDraws) -> None:
    reference = simpy_engine.run(plan, draws)
    for is_compiled in (False, True):
        with compiled(is_compiled):
            fast = array_engine.run(plan, draws)
        for node, row in reference.row.items():
            for table in ("ready", "start", "fire", "waited", "trials"):
                exact, found = getattr(reference, table)[row], getattr(fast, table)[fast.row[node]]
                np.testing.assert_array_equal(found, exact, err_msg=f"{table} of {node}: {plan.nodes[node]}")
