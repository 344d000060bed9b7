"""The Python API says the same as the commands."""

from __future__ import annotations

import numpy as np
import pytest

import sim


def test_a_run_is_a_data_frame_away() -> None:
    run = sim.run("kz-switch", replications=250, workers=1, set=["strategy.patience=6 months"])
    assert run.outcomes.columns[0] == "replication"
    assert "completion" in run.outcomes.columns
    assert len(run.outcomes) == 250
    assert run.facts.merged["strategy"]["patience"] == "6 months"
    assert (run.column("switched") >= 6 * 30.4375)[np.isfinite(run.column("switched"))].any()


def test_a_comparison_pairs_all_with_all() -> None:
    found = sim.compare(["kz-nvidia-wait", "kz-ascend", "kz-switch"], replications=250, workers=1)
    pairs = {(pair.first, pair.second) for pair in found.comparisons}
    assert pairs == {
        ("kz-nvidia-wait", "kz-ascend"),
        ("kz-nvidia-wait", "kz-switch"),
        ("kz-ascend", "kz-switch"),
    }
    wait_against_ascend = found.comparisons[0]
    shares = (
        wait_against_ascend.earlier,
        wait_against_ascend.later,
        wait_against_ascend.tied,
        wait_against_ascend.both_never,
    )
    assert sum(share.value for share in shares) == pytest.approx(1.0)


def test_an_unknown_name_is_said() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        sim.simulate  # noqa: B018
