"""Several builds in one world; new suppliers and countries by YAML alone; what a file may not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.scenario.load import load
from sim.scenario.problems import ScenarioError
from sim.study.named import named
from sim.study.neighbors import neighbors
from sim.study.run import run
from tests.shipped import solved

Write = Callable[..., Path]


def test_neighbors_delay_each_other_and_anomalies_are_explained() -> None:
    found = neighbors(load("central-asia-queue").scenario, replications=500)
    table = found.table()
    assert list(table.index) == ["kazakhstan", "uzbekistan", "kyrgyzstan", "tajikistan"]
    assert (table["share_delayed"] > 0.05).all()
    assert (table["mean_days"] > 0).all()
    for pool in ("license-desk", "integrator-crews", "nvidia/line"):
        assert (table[f"wait_{pool}_days"] >= table[f"wait_{pool}_days_alone"] - 1e-9).all()
    assert (table["wait_license-desk_days_alone"] == 0).all()
    for build in found.builds:
        gained = np.flatnonzero(build.together < build.alone)
        assert [one.replication for one in build.earlier] == gained.tolist()
        for one in build.earlier:
            np.testing.assert_allclose(
                one.days, build.alone[one.replication] - build.together[one.replication]
            )
    reasons = found.earlier()["reason"]
    assert 0 < len(reasons) < 100
    assert reasons.str.contains("in regime|was in another order").all()


def test_among_neighbors_a_build_is_as_in_the_run_of_the_world() -> None:
    found = neighbors(load("central-asia-queue").scenario, replications=250)
    for build in found.builds:
        np.testing.assert_array_equal(
            build.together, solved("central-asia-queue").column(f"{build.build}.completion")
        )


def test_builds_with_desks_and_crews_of_their_own_and_time_to_spare_are_alone() -> None:
    free = (
        "licensing.bis.desks=null",
        "installation.pool=null",
        "suppliers.nvidia.production.capacities.integrator.points.2024-04-30=1e9 accelerators/month",
    )
    found = neighbors(load("central-asia-queue", free).scenario, replications=250)
    # Only the line is shared, and it takes less than a millisecond per lot.
    for build in found.builds:
        np.testing.assert_allclose(build.together, build.alone, atol=1e-4)


def test_who_goes_first_is_one_set() -> None:
    plain = solved("central-asia-queue")
    swapped = solved(
        "central-asia-queue",
        "builds.uzbekistan.begin=2024-04-30",
        "builds.kazakhstan.begin=2024-10-14",
    )
    for build, sooner in (("uzbekistan", True), ("kazakhstan", False)):
        change = np.median(swapped.column(f"{build}.completion")) - np.median(
            plain.column(f"{build}.completion")
        )
        assert (change < -60) if sooner else (change > 60)


THIRD = """
title: A base with a domestic accelerator
extends: kz-base
abstract: true
suppliers:
  steppe:
    title: Steppe S1, a domestic accelerator
    accelerator:
      peak: 200 TFLOP/s
      utilization: {uniform: [0.2, 0.4], assumption: Nobody has measured it.}
      power: 0.5 kW
      price: 9 kUSD
    lot: 100 accelerators
    contract: {duration: {uniform: [30, 90], unit: days, assumption: A ministry signs with itself.}}
    production:
      queue: 30 days
      capacities: {fab: {points: {2024-04-30: 500 accelerators/month}}}
    route: at-home
    installation: {per_lot: 4 days}
    acceptance: {passes: 0.8}
freight:
  at-home: {legs: {truck: {duration: 3 days}}}
"""

COUNTRY = """
title: Mongolia buys a domestic accelerator and NVIDIA
extends: with-steppe
start: 2025-06-01
target: 2027-12-31
demand: {accelerators: 600 accelerators, compute: null}
strategy: {kind: race, supplier: null, parts: [{supplier: steppe}, {supplier: nvidia}]}
licensing: {bis: {regimes: {history: [{date: 2025-05-13, state: case-by-case}]}}}
site: {winter: {begin: "10-01", end: "04-30"}}
"""


def test_a_third_supplier_and_a_new_country_take_yaml_alone(write: Write) -> None:
    write("bases/with-steppe.yaml", THIRD)
    write("mongolia/mn-first.yaml", COUNTRY)
    outcome = run(named("mn-first"), replications=250, workers=1)
    assert np.isfinite(outcome.completion).mean() > 0.9
    assert (outcome.column("steppe.completion") < outcome.column("nvidia.completion")).mean() > 0.5
    np.testing.assert_array_equal(
        outcome.completion,
        np.minimum(outcome.column("steppe.completion"), outcome.column("nvidia.completion")),
    )


BAD = """title: Bad
extends: kz-base
licensing:
  bis:
    tranches: {shares: [0.5, 0.4], end_use_check: 30 days}
    regimes:
      rates:
        quota:
          frozen: {fixed: 1, unit: per year, assumption: Test.}
risks:
  typo: {title: T, chance: 0.5, affects: [suppliers.nvidia.production.qeue], factor: 2}
  both: {title: T, chance: 0.5, rate: 1 per year, affects: [suppliers], factor: 2}
correlations:
  - {between: [suppliers.nvidia.lot, licensing.bis.holds.length], coefficient: 0.3, assumption: Test.}
pools: {desk: 1}
site: null
builds:
  here: {title: Here}
suppliers:
  nvidia:
    lot: {uniform: [32, 64], unit: accelerators, assumption: Test.}
  ascend:
    estimates: {mine: {capacities: {}}}
"""


@pytest.mark.parametrize(
    ("line", "path", "what"),
    [
        (5, "licensing.bis.tranches.shares", "sum to 1, not to 0.9"),
        (9, "licensing.bis.regimes.rates.quota.frozen", "unknown state 'frozen'"),
        (11, "risks.typo.affects[0]", "did you mean suppliers.nvidia.production.queue?"),
        (12, "risks.both", "either its chance, or its rate"),
        (14, "correlations[0].between[1]", "is no quantity that is drawn once"),
        (18, "builds.here.site", "names no site"),
        (21, "suppliers.nvidia.lot", "fixed number"),
        (23, "suppliers.ascend.estimates.mine.capacities", "at least one bottleneck"),
    ],
)
def test_what_no_world_can_mean_is_said_with_its_place(line: int, path: str, what: str, write: Write) -> None:
    write("bad.yaml", BAD)
    with pytest.raises(ScenarioError) as caught:
        load("bad")
    found = [str(problem) for problem in caught.value.problems]
    assert any(f"bad.yaml:{line}:" in each and f" {path}: " in each and what in each for each in found), found


def test_time_to_a_license_is_not_counted_twice(write: Write) -> None:
    write(
        "twice.yaml", "title: Twice\nextends: aggregate-license\nlicensing: {bis: {preparation: 30 days}}\n"
    )
    with pytest.raises(ScenarioError, match="counted twice"):
        load("twice")
    write("neither.yaml", "title: Neither\nextends: kz-nvidia-wait\nlicensing: {bis: {process: aggregate}}\n")
    with pytest.raises(ScenarioError, match="deal_to_license"):
        load("neither")


def test_correlations_that_contradict_each_other_say_which_to_lower(write: Write) -> None:
    rates = [f"licensing.bis.regimes.rates.case-by-case.{state}" for state in ("tight", "quota", "fast-lane")]
    pairs = [(rates[0], rates[1], 0.9), (rates[1], rates[2], 0.9), (rates[0], rates[2], -0.9)]
    rows = "".join(
        f"  - {{between: [{one}, {other}], coefficient: {value}, assumption: Test.}}\n"
        for one, other, value in pairs
    )
    write("torn.yaml", "title: Torn\nextends: kz-nvidia-wait\ncorrelations:\n" + rows)
    with pytest.raises(ScenarioError, match=r"torn.yaml:4:3: correlations: .* lower all of them among lic"):
        named("torn")
