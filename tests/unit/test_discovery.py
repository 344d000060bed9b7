"""Scenario discovery: a box that is known, none where there is none, and files that PRIM can read."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.chance.amount import Column, Formula, Input
from sim.chance.distributions import Uniform
from sim.cli.answers.discovery import sentences
from sim.cli.main import run as command
from sim.model.plan import Plan, Work
from sim.results.errors import StudyError
from sim.study.discovery import INPUTS, Discovery, discover, export
from sim.study.explore import Explored, explore
from sim.study.variants import Options
from tests.unit.study_plans import subject

A = Input("kz/site.a[0]", Uniform(low=0.0, high=100.0))
B = Input("b.luck", Uniform(low=0.0, high=1.0))
NOISE = tuple(Input(f"noise.n{k}", Uniform(low=0.0, high=1.0)) for k in range(40))
UNUSED = Input("regimes.sojourn[2]", Uniform(low=0.0, high=1.0))
OPTIONS = Options(replications=5_000, seed=20_261_122)


def corner(a: Column, b: Column, *_: Column) -> Column:
    """Return days that are late, and never for a tenth of these, exactly if ``a > 60 and b > 0.5``."""
    return np.where((a > 60.0) & (b > 0.5), np.where(b > 0.95, np.inf, 300.0), 100.0)


def inner(*columns: Column) -> Column:
    """Return days that are late exactly if every input is above 0.4."""
    return np.where(np.min(columns, axis=0) > 0.4, 300.0, 100.0)


def alone(*columns: Column, used: int) -> Column:
    """Return days that depend on one input which is not exported."""
    return np.where(columns[used] > 0.7, 300.0, 100.0)


def explored(formula: Formula) -> Explored:
    return explore(
        subject(plan=Plan({"done": Work((), formula)}, 600.0, milestones={"completion": "done"})), OPTIONS
    )


@pytest.fixture(scope="module")
def late_corner() -> Explored:
    return explored(Formula(corner, (A, B, *NOISE, UNUSED)))


@pytest.fixture(scope="module")
def found(late_corner: Explored) -> Discovery:
    return discover(late_corner, units={"site.a": "days"})


def test_the_box_is_the_corner_in_which_the_plan_is_late(found: Discovery) -> None:
    assert found.box is not None
    by_name = {each.input: each for each in found.box.conditions}
    assert set(by_name) == {A.name, B.name}
    assert by_name[A.name].low == pytest.approx(60.0, rel=0.05)
    assert by_name[B.name].low == pytest.approx(0.5, rel=0.05)
    assert all(each.high == np.inf for each in by_name.values())
    assert found.box.density.value > 0.97
    assert found.box.coverage.value > 0.95
    assert found.base.low < 0.2 < found.base.high  # 0.4 times 0.5
    assert re.search(r"with .*kz/site\.a\[0\] > [\d.]+ days", " ".join(sentences(found)))


def test_a_box_has_three_sides_at_most() -> None:
    four = tuple(Input(f"side.{k}", Uniform(low=0.0, high=1.0)) for k in range(4))
    box = discover(explored(Formula(inner, four))).box
    assert box is not None
    assert len(box.conditions) == 3


def test_the_box_is_judged_on_futures_it_was_not_fitted_to(late_corner: Explored, found: Discovery) -> None:
    # With the judging half on time throughout, the same box must be worth nothing there.
    judging = np.arange(OPTIONS.replications) // 250 % 2 == 1
    times = replace(late_corner.times, fire=np.where(judging, 100.0, late_corner.times.fire))
    other = discover(replace(late_corner, times=times))
    assert other.base.value == 0.0
    assert other.box is None
    assert list(other.inputs) == list(found.inputs)


def test_no_pattern_is_said_not_invented() -> None:
    inputs = (UNUSED, *NOISE)
    # Two 95 % intervals that must not overlap: a box from noise passes in well under 1 of 100 seeds.
    nothing = discover(explored(Formula(partial(alone, used=0), inputs)))
    assert 0.2 < nothing.base.value < 0.4
    assert nothing.box is None
    assert "No box" in " ".join(sentences(nothing))
    # The same lateness from an input that is exported is found.
    assert discover(explored(Formula(partial(alone, used=1), inputs))).box is not None


def test_all_futures_late_is_no_pattern(late_corner: Explored) -> None:
    certain = discover(late_corner, by=late_corner.subject.start + timedelta(days=1))
    assert certain.base.value == 1.0
    assert certain.box is None
    assert "--by" in " ".join(sentences(certain))


def test_files_hold_a_row_per_replication_in_own_units(found: Discovery, tmp_path: Path) -> None:
    inputs, outcomes = (pd.read_csv(path) for path in export(found, tmp_path / "new"))
    assert inputs.shape == (OPTIONS.replications, INPUTS)
    assert {A.name, B.name} == set(inputs.columns[:2])
    assert UNUSED.name not in inputs.columns
    assert (inputs.dtypes == np.float64).all()
    assert list(outcomes.columns) == ["late", "completion"]
    assert outcomes["late"].dtype == np.bool_
    late = (inputs[A.name] > 60.0) & (inputs[B.name] > 0.5)
    pd.testing.assert_series_equal(outcomes["late"], late, check_names=False)
    never = late & (inputs[B.name] > 0.95)
    assert never.any()
    pd.testing.assert_series_equal(outcomes["completion"].isna(), never, check_names=False)


def test_a_missing_library_is_named_with_its_command(
    late_corner: Explored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.tree", None)
    with pytest.raises(StudyError, match=r'pip install "chiproute\[discovery\]"'):
        discover(late_corner)


def test_what_cannot_be_judged_is_refused(late_corner: Explored) -> None:
    with pytest.raises(StudyError, match="promises no date"):
        discover(replace(late_corner, subject=replace(late_corner.subject, target=None)))
    few = explore(late_corner.subject, Options(replications=300))
    with pytest.raises(StudyError, match="500 replications or more, not 300"):
        discover(few)


def test_the_command_writes_files_and_says_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["discover", "kz-nvidia-wait", "-n", "500", "--by", "2026-06-30", "--quiet"]
    assert command([*arguments, "--out", str(tmp_path)]) == 0
    assert "Not complete by 2026-06-30" in capsys.readouterr().out
    folder = tmp_path / "discovery" / "kz-nvidia-wait-seed1"
    assert len(pd.read_csv(folder / "inputs.csv")) == len(pd.read_csv(folder / "outcomes.csv")) == 500
