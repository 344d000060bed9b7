"""Relations between the what-if scenarios and their bases, replication by replication."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from sim.chance.draws import Draws, draw
from sim.engine.array_engine import run
from sim.engine.bind import bind
from sim.engine.times import Times
from sim.model.plan import Plan
from sim.results.ledger import ledger
from sim.scenario.account import difference
from sim.scenario.load import load
from sim.study.named import named

REPLICATIONS = 1_000


def simulated(name: str, *overrides: str) -> tuple[Plan, Draws, Times]:
    plan = named(name, overrides).plan
    draws = draw(plan.inputs, seed=1, first=0, count=REPLICATIONS, correlations=plan.correlations)
    return plan, draws, run(plan, draws)


def completion(name: str, *overrides: str) -> np.ndarray:
    plan, _, times = simulated(name, *overrides)
    return times.of(plan.milestones["completion"])


def test_a_license_freeze_delays_and_where_it_does_not_another_decision_was_made() -> None:
    plan, draws, base = simulated("kz-nvidia-wait")
    _, _, frozen = simulated("license-freeze")
    finish = plan.milestones["completion"]
    before, after = base.of(finish), frozen.of(finish)
    both = np.isfinite(before) & np.isfinite(after)
    assert (after[both] - before[both]).mean() > 0
    # A decision that fell into the freeze falls after it; nothing decided before it moves.
    start = load("kz-nvidia-wait").scenario.start
    freeze = [(stop.begin - start) / timedelta(days=1) for stop in _freeze()]
    row = base.row["nvidia/license[0]"]
    untouched = base.fire[row] <= freeze[0]
    np.testing.assert_array_equal(before[untouched], after[untouched])
    earlier = after < before
    assert 0 < earlier.sum() < REPLICATIONS / 20
    # Where it helped, the application was decided later than in the base at the same trial or with fewer trials:
    # a later decision met another regime.
    attempts = plan.nodes["nvidia/license[0]"]
    trials = [times.trials[row][earlier] for times in (base, frozen)]
    refused = np.isfinite(base.of("nvidia/denied[0]")[earlier])
    assert ((trials[1] < trials[0]) | refused | _transients_differ(base, frozen, earlier)).all()
    assert attempts.waits_for()


def _freeze():
    return load("license-freeze").scenario.licensing["bis"].holds.history


def _transients_differ(base: Times, frozen: Times, rows: np.ndarray) -> np.ndarray:
    return frozen.of("nvidia/granted[0]")[rows] >= base.of("nvidia/granted[0]")[rows]
