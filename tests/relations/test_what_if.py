"""Relations between the what-if scenarios and their bases, replication by replication."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.engine.bind import bind
from sim.results.ledger import ledger
from sim.scenario.explain import difference
from sim.scenario.load import load
from tests.shipped import Solved, solved

REPLICATIONS = 1_000


def simulated(name: str, *overrides: str) -> Solved:
    return solved(name, *overrides, replications=REPLICATIONS)


def test_a_license_freeze_delays_on_average_and_moves_nothing_decided_before_it() -> None:
    base, frozen = simulated("kz-nvidia-wait"), simulated("license-freeze")
    before, after = base.column(), frozen.column()
    both = np.isfinite(before) & np.isfinite(after)
    assert (after[both] - before[both]).mean() > 30
    decided = base.times.of("nvidia/license[0]") <= (date(2025, 2, 5) - base.loaded.scenario.start).days
    assert decided.sum() > REPLICATIONS / 10
    # Replacements are licensed too, so a lot can still be held up; nothing is brought forward.
    assert (after[decided] >= before[decided]).all()


def test_where_a_freeze_helps_a_later_decision_met_a_friendlier_regime() -> None:
    base, frozen = simulated("kz-nvidia-wait"), simulated("license-freeze")
    earlier = np.flatnonzero(frozen.column() < base.column())
    assert 0 < len(earlier) < REPLICATIONS / 20
    node = base.plan.nodes["nvidia/license[0]"]
    approve = node.approve.steps(base.draws, base.plan.horizon)
    row = base.times.row["nvidia/license[0]"]
    decided = frozen.times.fire[row]
    trial = frozen.times.trials[row].astype(int) - 1
    for k in earlier:
        # Frozen: approved at this trial. In the base the same trial, with the same luck, was not.
        luck = node.luck[trial[k]].column(base.draws)[k]
        assert luck < approve.at(decided)[k]
        returned = base.times.trials[row][k] > frozen.times.trials[row][k]
        denied = np.isfinite(base.times.of("nvidia/denied[0]")[k])
        assert returned or denied
        if denied and not returned:
            assert approve.at(decided)[k] > approve.at(base.times.fire[row])[k]
            assert decided[k] > base.times.fire[row][k]


def test_sanctions_on_ascend_leave_a_buyer_of_nvidia_alone() -> None:
    sanctioned = simulated("ascend-sanctioned", "strategy={kind: single, supplier: nvidia}")
    np.testing.assert_array_equal(sanctioned.column(), simulated("kz-nvidia-wait").column())
    assert (simulated("ascend-sanctioned").column() != simulated("kz-switch").column()).any()


def test_more_memory_never_delays_a_build_with_one_license_and_no_shared_pool() -> None:
    path = "suppliers.ascend.production.capacities.memory"
    twice = (
        f"{path}.stock={{pert: [600000, 1600000, 3200000], unit: accelerators, assumption: Twice.}}",
        f"{path}.points.2027-12-31="
        "{pert: [40000, 90000, 220000], unit: accelerators/month, assumption: Twice.}",
    )
    # A tenth of the stock, so that it runs out in most replications.
    scarce = (
        f"{path}.stock={{pert: [30000, 80000, 160000], unit: accelerators, assumption: A tenth.}}",
        f"{path}.points.2027-12-31="
        "{pert: [20000, 45000, 110000], unit: accelerators/month, assumption: Same.}",
    )
    less, more = simulated("hbm-runs-out", *scarce).column(), simulated("hbm-runs-out", *twice).column()
    assert (more <= less).all()
    assert (more < less).sum() > REPLICATIONS / 10


def test_a_quota_above_the_machine_takes_the_license_out_of_the_binding_path() -> None:
    quota = simulated("quota-regime")
    binding = ledger(bind(quota.plan, quota.draws), quota.times, quota.plan.milestones["completion"]).binding
    assert not [name for name in binding if name.startswith(("nvidia/license[", "nvidia/prepare-license["))]
    assert binding["nvidia/license-free[0]"].sum() > REPLICATIONS / 2
    # Without the route the license does bind.
    small = simulated(
        "quota-regime", "licensing.bis.regimes.states.quota.license_free_below=100 accelerators"
    )
    binding = ledger(bind(small.plan, small.draws), small.times, small.plan.milestones["completion"]).binding
    assert binding["nvidia/license[0]"].sum() > REPLICATIONS / 2


@pytest.mark.parametrize("name", ["kz-asof-2024-12", "kz-asof-2025-03"])
def test_what_was_known_later_changes_no_world(name: str) -> None:
    paths = [path for path, _, _ in difference(load("kz-nvidia-wait"), load(name))]
    assert paths
    assert all(path.startswith(("observed", "title", "description")) for path in paths)
    np.testing.assert_array_equal(simulated(name).column(), simulated("kz-nvidia-wait").column())


def test_a_risk_is_switched_off_by_one_key() -> None:
    off = "risks.ascend-sanctions.enabled=false"
    np.testing.assert_array_equal(
        simulated("ascend-sanctioned", off).column(), simulated("kz-switch", off).column()
    )
    assert (simulated("kz-ascend", off).column() <= simulated("kz-ascend").column()).all()
    assert (simulated("kz-ascend", off).column() < simulated("kz-ascend").column()).any()


def test_a_correlation_of_the_base_is_felt() -> None:
    rates = [
        simulated("kz-nvidia-wait").draws.value(f"licensing.bis.{path}")
        for path in ("holds.rate", "regimes.rates.case-by-case.tight")
    ]
    ranks = [np.argsort(np.argsort(rate)) for rate in rates]
    assert np.corrcoef(*ranks)[0, 1] == pytest.approx(0.5, abs=0.1)


def test_coupling_costs_a_split_licenses_and_a_single_buyer_nothing() -> None:
    off = "licensing.bis.coupling=null"
    np.testing.assert_array_equal(
        simulated("kz-nvidia-wait").column(), simulated("kz-nvidia-wait", off).column()
    )
    for name in ("kz-split", "kz-staged"):
        assert np.isinf(simulated(name).column()).mean() > np.isinf(simulated(name, off).column()).mean()


def test_the_simple_license_is_of_the_order_of_the_staged_one() -> None:
    # Two views of one thing from the same evidence: their medians lie within two months of each other.
    simple, staged = simulated("aggregate-license").column(), simulated("kz-nvidia-wait").column()
    assert abs(np.median(simple) - np.median(staged)) < 60
    assert not [name for name in simulated("aggregate-license").plan.nodes if "prepare-license" in name]
