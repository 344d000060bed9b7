"""The dossier of small runs: which are looked into, with how many futures, and what refuses them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from minimal import minimal
from study_plans import subject as by_hand

from sim.results.errors import StudyError
from sim.results.run import Run
from sim.scenario.load import restored
from sim.study.dossier import Analyses, dossier
from sim.study.named import subject_of
from sim.study.run import run
from sim.study.variants import Options
from sim.study.vary import axis_of

PROMISED = """
target: 2024-03-01
suppliers:
  free: {contract: {duration: {uniform: [10, 100], unit: days, assumption: A test., grade: low}}}
"""
LATER = PROMISED.replace("[10, 100]", "[200, 300]")
QUICK = Analyses(options=Options(100, workers=1))


def tiny(name: str, changes: str = PROMISED, *, seed: int = 1, replications: int = 250) -> Run:
    subject = subject_of(restored(minimal(changes), name))
    return run(subject, replications=replications, seed=seed, workers=1)


@pytest.fixture(scope="module")
def soon() -> Run:
    return tiny("soon", seed=3)


@pytest.fixture(scope="module")
def late() -> Run:
    return tiny("late", LATER, seed=3)


def test_runs_that_share_their_luck_are_compared_and_one_alone_has_its_builds(soon: Run, late: Run) -> None:
    both = dossier([soon, late], QUICK)
    assert both.runs == both.machines == (soon, late)
    assert len(both.answers) == 1
    alone = dossier([tiny("two", f"{PROMISED}builds: {{a: {{title: A}}, b: {{title: B}}}}", seed=3)], QUICK)
    assert alone.machines == alone.cases[0].machines
    assert len(alone.answers) == len(alone.machines) == 2
    assert alone.cases[0].neighbors is not None
    assert alone.cases[0].neighbors.replications == 100


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"seed": 4}, "got seed 3 with 250 replications, seed 4 with 250 replications"),
        ({"replications": 500}, "got seed 3 with 250 replications, seed 3 with 500 replications"),
        ({}, "two of these runs have the same name: soon, soon"),
    ],
)
def test_what_shares_no_luck_or_a_name_is_refused(soon: Run, other: dict[str, int], problem: str) -> None:
    with pytest.raises(StudyError, match=problem):
        dossier([soon, replace(soon, **other)])
    with pytest.raises(ValueError, match="at least one run, got none"):
        dossier([])


def test_what_is_simulated_again_is_the_runs_own_luck_and_no_more_than_asked_for(soon: Run) -> None:
    (case,) = dossier([soon], QUICK).cases
    assert (case.doubt, case.replications) == ("", 100)
    assert case.ledger is not None
    assert case.capacity[0].accelerators.shape[1] == 100
    assert (case.drivers, case.neighbors, case.forecast, case.refused) == (None, None, None, "")
    (whole,) = dossier([soon], Analyses(options=Options(9_000, workers=1))).cases
    assert whole.replications == 250


def test_only_the_best_is_looked_into_where_time_is_short(soon: Run, late: Run) -> None:
    cases = dossier([late, soon], replace(QUICK, every=False)).cases
    assert [case.replications for case in cases] == [0, 100]
    assert [case.ledger is None for case in cases] == [True, False]
    assert [case.replications for case in dossier([late, soon], QUICK).cases] == [100, 100]


def test_a_plan_built_by_hand_and_dates_that_do_not_come_out_again_are_doubted(soon: Run) -> None:
    (unknown,) = dossier([run(by_hand(), replications=250, workers=1)], QUICK).cases
    assert (unknown.doubt, unknown.loaded, unknown.replications) == ("by hand", None, 0)
    assert soon.memory is not None
    for row, doubt in ((99, "other dates"), (100, "")):
        completion = soon.completion.copy()
        completion[row] += 1.0
        other = replace(soon, memory={**soon.memory, "completion": completion})
        assert dossier([other], QUICK).cases[0].doubt == doubt


def test_a_lever_is_swept_in_the_first_scenario_that_it_moves(soon: Run, late: Run) -> None:
    axis = axis_of("suppliers.free.production.queue=20, 60 days")
    found = dossier([soon, late], replace(QUICK, axis=axis))
    assert found.swept == "soon"
    assert found.sweep is not None
    assert [each.replications for each in found.sweep.runs] == [100, 100]
    assert found.sweep.runs[0].seed == 3
    np.testing.assert_array_equal(found.sweep.runs[0].completion, soon.completion[:100])
    for path in ("suppliers.plain.production.queue=20, 60 days", "site.no=1, 2"):
        with pytest.raises(StudyError, match=r"changes no date of soon, late"):
            dossier([soon, late], replace(QUICK, axis=axis_of(path)))


def test_a_slip_stands_beside_those_of_real_machines_where_a_date_was_promised(soon: Run) -> None:
    found = dossier([soon], QUICK)
    assert list(found.beside) == ["soon"]
    assert found.history is not None
    assert set(found.tables) == {"evidence.csv", "reference_class.csv"}
    never_promised = tiny("free", PROMISED.replace("target: 2024-03-01", ""), seed=3)
    assert dossier([never_promised], QUICK).beside == {}
