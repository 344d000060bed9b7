"""Every shipped scenario runs, says what each of its uncertain numbers rests on, and is listed by family."""

from __future__ import annotations

import numpy as np
import pytest

from sim.results.cost import cost_columns
from sim.scenario.explain import quantities
from sim.scenario.folders import scenario_files
from tests.shipped import NAMES, solved


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_runs(name: str) -> None:
    case = solved(name)
    completion = case.column()
    finished = np.isfinite(completion)
    assert finished.mean() > 0.1
    assert (completion[finished] > 0).all()
    assert (completion[finished] <= case.plan.horizon).all()
    for usd in cost_columns(case.plan, case.draws, case.times).values():
        assert (np.isfinite(usd) & (usd > 0)).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_uncertain_number_has_a_source_or_is_called_an_assumption(name: str) -> None:
    found = {path: each for path, each in quantities(solved(name).loaded) if not each.is_fixed}
    assert len(found) > 20
    assert [path for path, each in found.items() if not (each.source or each.assumption)] == []


def test_scenarios_are_listed_by_family() -> None:
    families = {file.name: file.family for file in scenario_files()}
    kazakhstan = ("nvidia-wait", "ascend", "switch", "split", "race", "staged", "national-llm", "second-wave",
                  "asof-2024-12", "asof-2025-03", "base")  # fmt: skip
    assert {families[f"kz-{name}"] for name in kazakhstan} == {"kazakhstan"}
    region = ("uz-compute-2026", "kg-supercomputer", "tj-first-cluster", "central-asia-queue")
    assert {families[name] for name in region} == {"central-asia"}
    what_if = ("license-freeze", "quota-regime", "bilateral-fast-lane", "hbm-runs-out", "gulf-route-closed",
               "winter-start", "ascend-sanctioned", "no-diversion-risk", "aggregate-license")  # fmt: skip
    assert {families[name] for name in what_if} == {"what-if"}


def test_the_base_is_sane_for_the_machine_that_was_built() -> None:
    # Promised for day 245, opened on day 435 (2025-07-09). A check of the parameters, nothing to tune to.
    completion = solved("kz-nvidia-wait", replications=2_000).column()
    assert 0.0 < (completion <= 245).mean() < 0.25
    p10, p90 = np.quantile(completion, [0.1, 0.9], method="inverted_cdf")
    assert p10 < 435 < p90


@pytest.mark.parametrize("estimate", ["semianalysis", "huawei-target", "us-official"])
def test_each_published_estimate_of_supply_can_be_believed(estimate: str) -> None:
    plain = solved("kz-ascend").column("first_lot")
    chosen = solved("kz-ascend", f"suppliers.ascend.estimate={estimate}").column("first_lot")
    both = np.isfinite(plain) & np.isfinite(chosen)
    assert both.sum() > 100
    assert (plain[both] != chosen[both]).mean() > 0.5
