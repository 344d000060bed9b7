"""Relations between shipped scenarios that hold replication by replication, whatever the numbers are."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.results.run import Run
from sim.study.named import named
from sim.study.run import run

REPLICATIONS = 500


@cache
def simulated(name: str, *overrides: str, replications: int = REPLICATIONS) -> Run:
    return run(named(name, overrides), replications=replications, workers=1)


@pytest.mark.parametrize("prepared", ["true", "false"])
def test_no_patience_is_the_second_supplier_prepared_or_not(prepared: str) -> None:
    switch = simulated("kz-switch", "strategy.patience=0 days", f"strategy.prepare_second={prepared}")
    np.testing.assert_array_equal(switch.completion, simulated("kz-ascend").completion)
    assert (switch.column("switched") == 0).all()


def test_patience_beyond_the_horizon_is_the_first_supplier() -> None:
    switch = simulated("kz-switch", "strategy.patience=100 years")
    np.testing.assert_array_equal(switch.completion, simulated("kz-nvidia-wait").completion)
    assert np.isinf(switch.column("switched")).all()


def test_endless_patience_may_still_switch_on_denial() -> None:
    switch = simulated("kz-switch", "strategy.patience=never", "strategy.on_denial=switch")
    wait = simulated("kz-nvidia-wait")
    changed = np.isfinite(switch.column("switched"))
    assert 0 < changed.sum() < REPLICATIONS / 4
    np.testing.assert_array_equal(switch.completion[~changed], wait.completion[~changed])
    assert np.isinf(switch.column("nvidia.completion")[changed]).all()


def test_a_switch_keeps_the_luck_of_both_suppliers() -> None:
    switch, wait = simulated("kz-switch"), simulated("kz-nvidia-wait")
    stayed = np.isinf(switch.column("switched"))
    assert 0.2 < stayed.mean() < 0.9
    np.testing.assert_array_equal(switch.completion[stayed], wait.completion[stayed])


def test_an_unused_supplier_changes_nothing() -> None:
    plain = simulated("kz-nvidia-wait")
    without = simulated(
        "kz-nvidia-wait",
        "suppliers.ascend=null",
        "licensing.bis.coupling=null",
        "risks.ascend-sanctions=null",
    )
    dearer = simulated("kz-nvidia-wait", "suppliers.ascend.lot=1024 accelerators")
    np.testing.assert_array_equal(plain.completion, without.completion)
    np.testing.assert_array_equal(plain.completion, dearer.completion)


def test_the_first_replications_do_not_depend_on_how_many_follow() -> None:
    few, many = simulated("kz-switch", replications=300), simulated("kz-switch", replications=700)
    np.testing.assert_array_equal(few.completion, many.completion[:300])


def test_a_later_horizon_in_the_file_changes_no_replication_that_had_finished() -> None:
    near, far = simulated("kz-ascend"), simulated("kz-ascend", "horizon=2040-12-31")
    done = np.isfinite(near.completion)
    np.testing.assert_array_equal(near.completion[done], far.completion[done])
    limit = near.facts.day(near.facts.horizon)
    assert (far.completion[~done] > limit).all()


UNCOUPLED = "licensing.bis.coupling=null"
CREWS_FOR_ALL = "installation.crews=20"


def test_a_race_is_never_later_than_either_supplier_if_they_share_nothing() -> None:
    """What they could share: the buyer's crews, and a license that one order costs the other."""
    race = simulated("kz-race", UNCOUPLED, CREWS_FOR_ALL)
    for name in ("kz-nvidia-wait", "kz-ascend"):
        assert (race.completion <= simulated(name, CREWS_FOR_ALL).completion).all()


def test_a_rival_order_costs_some_licenses() -> None:
    coupled, free = (simulated("kz-race", *also, CREWS_FOR_ALL) for also in ((), (UNCOUPLED,)))
    one, other = coupled.column("nvidia.completion"), free.column("nvidia.completion")
    # The highest chance in the scenario is 0.7, of licenses still pending; a free regime may open later.
    assert 0 < (one > other).mean() < 0.35
    assert (one >= other).all()


def test_a_split_waits_for_its_slowest_part() -> None:
    split = simulated("kz-split")
    slowest = np.maximum(split.column("nvidia.completion"), split.column("ascend.completion"))
    np.testing.assert_array_equal(split.completion, slowest)
