"""Verification: what is said of folders that are as they were, changed, forged, old, unfinished or moved."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from minimal import minimal
from study_plans import subject as by_hand

from sim.results import conditions, manifest, store
from sim.results.differences import outcome_differences
from sim.results.errors import StudyError
from sim.results.files import locked
from sim.results.folder import write_comparison
from sim.results.manifest import adding_outputs, finished, read_manifest, write_manifest
from sim.results.outcomes import Columns
from sim.results.verification import Verification
from sim.scenario.load import digest, restored
from sim.study import run as run_module
from sim.study import spread
from sim.study import verify as verify_module
from sim.study.named import subject_of
from sim.study.run import Settings, run, run_all
from sim.study.subject import Subject
from sim.study.verify import Again, verify

UNCERTAIN = """
suppliers:
  free: {contract: {duration: {uniform: [10, 100], unit: days, assumption: A test., grade: low}}}
"""


def tiny(name: str = "tiny", changes: str = UNCERTAIN) -> Subject:
    return subject_of(restored(minimal(changes), name))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished run of 600 replications with a figure."""
    run(tiny(), replications=600, out=tmp_path / "run")
    with adding_outputs(tmp_path / "run") as added:
        added.append(tmp_path / "run" / "figure.svg")
        added[0].write_text("<svg/>")
    return tmp_path / "run"


def findings(found: Verification) -> dict[str, str]:
    return {output.name: output.finding for output in found.outputs}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def forged(folder: Path, change: Callable[[Columns], Columns]) -> None:
    """Change outcomes, and the hashes with them: what somebody would do who knows the format."""
    path = folder / "outcomes.parquet"
    pieces = [change(columns) for columns in store.stream(path, store.rows(path))]
    assembly = store.Assembly(path)
    for piece in pieces:
        assembly.add(piece)
    assembly.finish()
    write_manifest(folder, finished(read_manifest(folder), folder, ["outcomes.parquet"]))


def rewritten(folder: Path, **changes: object) -> None:
    """Change the manifest, and its own hash with it."""
    write_manifest(folder, {**read_manifest(folder), **changes})


def later_by(days: float, rows: slice) -> Callable[[Columns], Columns]:
    def change(columns: Columns) -> Columns:
        completion = columns["completion"].copy()
        completion[rows] += days
        return {**columns, "completion": completion}

    return change


def test_a_run_comes_out_again_and_its_folder_is_left_as_it_was(folder: Path) -> None:
    before = contents(folder)
    found = verify(folder)
    assert (found.verdict, found.verified, found.replications, found.seed) == ("reproduced", 600, 600, 1)
    assert findings(found) == {
        "outcomes.parquet": "identical",
        "summary.csv": "identical",
        "figure.svg": "unchanged",
    }
    assert [output.note for output in found.outputs] == ["", "", "not made again"]
    assert (found.problems, found.unchecked, found.notes, found.changes) == ((), (), (), ())
    assert contents(folder) == before


def test_a_run_comes_out_again_wherever_it_is_and_without_the_file_it_was_made_of(
    tmp_path: Path, folder: Path
) -> None:
    moved = shutil.move(folder, tmp_path / "somewhere else")
    assert verify(moved).verdict == "reproduced"


def test_the_other_engine_gives_the_same_numbers(folder: Path) -> None:
    found = verify(folder, Again(engine="simpy", replications=60))
    assert (found.verdict, found.engine, found.verified) == ("reproduced", "simpy", 60)
    assert findings(found)["outcomes.parquet"] == "equal"
    assert found.outcomes is not None
    assert found.outcomes.replications == 60


def test_a_tampered_manifest_is_refused_before_anything_is_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(verify_module, "run_all")
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace('"seed": 1', '"seed": 2'))
    found = verify(folder)
    assert found.verdict == "tampered"
    assert "manifest.json was changed after it was written" in found.problems[0]


@pytest.mark.parametrize("name", ["outcomes.parquet", "summary.csv", "figure.svg"])
def test_a_changed_output_is_named_before_anything_is_run(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(verify_module, "run_all")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    found = verify(folder)
    assert (found.verdict, found.problems) == ("tampered", (f"{name} was changed",))


def test_a_scenario_exchanged_in_the_manifest_is_found(folder: Path) -> None:
    other = {**read_manifest(folder)["scenario"], "title": "Another world"}
    rewritten(folder, scenario=other)
    assert verify(folder).problems == ("the scenario of tiny is not the one with the recorded SHA-256",)
    rewritten(folder, scenario_sha256=digest(other))
    assert verify(folder).problems == ("title or dates of tiny are not those of its scenario",)


def test_forged_outcomes_with_right_hashes_do_not_come_out_again(folder: Path) -> None:
    forged(folder, later_by(-30.0, slice(41, 44)))
    found = verify(folder)
    assert found.verdict == "differs"
    assert found.outcomes is not None
    (column,) = [each for each in found.outcomes.columns if each.differing]
    assert (column.column, column.differing, column.first_differing) == ("completion", 3, 41)
    assert column.largest_difference == pytest.approx(30.0)
    assert findings(found)["summary.csv"] == "identical"


def test_a_forged_summary_with_right_hashes_does_not_come_out_again(folder: Path) -> None:
    lines = (folder / "summary.csv").read_text().splitlines(keepends=True)
    row = next(line for line in lines if ",completion.p80," in line)
    (folder / "summary.csv").write_text("".join(lines).replace(row, row.replace("2024", "2023")))
    write_manifest(folder, finished(read_manifest(folder), folder, ["summary.csv"]))
    for again in (Again(), Again(replications=100)):
        found = verify(folder, again)
        assert (found.verdict, findings(found)["summary.csv"]) == ("differs", "differs")
        (difference,) = found.row_differences
        assert difference.quantity == "completion.p80"
        assert difference.recorded.startswith("2023")
        assert difference.again.startswith("2024")


def test_never_on_one_side_is_counted_apart(folder: Path) -> None:
    forged(folder, later_by(np.inf, slice(0, 2)))
    found = verify(folder)
    assert found.outcomes is not None
    (column,) = [each for each in found.outcomes.columns if each.differing]
    assert (column.never_on_one_side, column.largest_difference) == (2, 0.0)


@pytest.fixture
def older_program(monkeypatch: pytest.MonkeyPatch) -> Callable[[slice], pytest.MonkeyPatch]:
    """Let runs come from an older numpy, with which some replications ended a day later."""

    def older(rows: slice) -> pytest.MonkeyPatch:
        right = spread.simulate

        def wrong(*arguments: Any, **options: Any) -> Columns:
            columns = right(*arguments, **options)
            return later_by(1.0, slice(*(edge - int(columns["replication"][0]) for edge in edges)))(columns)

        edges = (rows.start, rows.stop)
        now = conditions.conditions()
        then = {**now, "versions": {**now["versions"], "numpy": "1.0"}}
        monkeypatch.setattr(spread, "simulate", wrong)
        monkeypatch.setattr(manifest, "conditions", lambda: then)
        return monkeypatch

    return older


def test_other_versions_are_told_apart_from_errors(
    tmp_path: Path, older_program: Callable[[slice], pytest.MonkeyPatch]
) -> None:
    patched = older_program(slice(0, 500))
    run(tiny(), replications=500, out=tmp_path)
    patched.undo()
    found = verify(tmp_path)
    assert found.verdict == "other conditions"
    (change,) = found.changes
    assert (change.condition, change.then, change.now) == ("numpy", "1.0", np.__version__)
    assert found.outcomes is not None
    (column,) = [each for each in found.outcomes.columns if each.differing]
    assert (column.differing, column.largest_difference) == (500, pytest.approx(1.0))
    assert {row.quantity for row in found.row_differences} >= {"completion.p50", "completion.p80"}


def test_each_session_is_judged_by_its_own_conditions(
    tmp_path: Path, older_program: Callable[[slice], pytest.MonkeyPatch]
) -> None:
    patched = older_program(slice(200, 500))
    run(tiny(), replications=500, out=tmp_path)
    patched.undo()
    run(tiny(), replications=1_000, out=tmp_path)
    found = verify(tmp_path)
    assert found.verdict == "other conditions"
    assert [each.replications for each in found.sessions] == [((0, 500),), ((500, 1_000),)]
    assert [each.differing for each in found.sessions] == [300, 0]
    assert [bool(each.changes) for each in found.sessions] == [True, False]
    forged(tmp_path, later_by(1.0, slice(700, 701)))
    found = verify(tmp_path)
    assert (found.verdict, [each.differing for each in found.sessions]) == ("differs", [300, 1])


def test_an_unfinished_run_is_verified_as_far_as_it_got(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= 750:
            raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "CHUNK_BLOCKS", {"array": 1})
    with pytest.raises(KeyboardInterrupt):
        run(tiny(), replications=2_000, workers=1, out=tmp_path, progress=interrupt)
    found = verify(tmp_path)
    assert (found.verdict, found.verified) == ("incomplete", 750)
    assert found.unchecked == ("the run is not finished: 750 of 2,000 replications are there",)
    assert findings(found) == {"outcomes.parquet": "equal"}
    next(iter((tmp_path / "parts").iterdir())).unlink()
    found = verify(tmp_path)
    assert found.outcomes is not None
    assert found.outcomes.replications == 500


def test_a_run_that_has_nothing_yet_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tiny(), replications=500, workers=1, out=tmp_path, progress=interrupted)
    found = verify(tmp_path)
    assert (found.verdict, found.verified) == ("incomplete", 0)
    assert found.unchecked == ("the run is not finished: 0 of 500 replications are there",)


def interrupted(done: int, total: int) -> None:
    raise KeyboardInterrupt


def test_an_extension_that_was_begun_is_noted_and_verified_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(done: int, total: int) -> None:
        if done > 600:
            raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "CHUNK_BLOCKS", {"array": 1})
    with pytest.raises(KeyboardInterrupt):
        run(tiny(), replications=9_000, workers=1, out=folder, progress=interrupt)
    found = verify(folder)
    assert found.verdict == "reproduced"
    assert 600 < found.verified < 9_000
    assert found.notes == ("an extension to 9,000 replications was begun and is not finished",)


def test_missing_outcomes_are_proven_by_their_hash(folder: Path) -> None:
    (folder / "outcomes.parquet").unlink()
    found = verify(folder)
    assert (found.verdict, findings(found)["outcomes.parquet"]) == ("reproduced", "identical")
    assert found.outputs[0].note == "it is missing; what was recorded of it came out again"
    (folder / "figure.svg").unlink()
    found = verify(folder)
    assert (found.verdict, found.unchecked) == ("incomplete", ("figure.svg is missing",))


def test_a_file_that_nobody_recorded_is_noted(folder: Path) -> None:
    (folder / "report.html").write_text("mine")
    assert verify(folder).notes == ("report.html is not in the manifest: nothing is known about it",)


def test_of_another_layout_only_the_hashes_are_checked(folder: Path) -> None:
    rewritten(folder, format=1)
    found = verify(folder)
    assert (found.verdict, found.verified) == ("incomplete", 0)
    assert "has layout 1" in found.unchecked[0]
    assert set(findings(found).values()) == {"unchanged"}
    (folder / "summary.csv").write_text("mine")
    found = verify(folder)
    assert (found.verdict, found.problems) == ("tampered", ("summary.csv was changed",))


def test_a_scenario_that_this_version_cannot_read_leaves_the_summary_to_check(folder: Path) -> None:
    old = {**read_manifest(folder)["scenario"], "weather": "fine"}
    rewritten(folder, scenario=old, scenario_sha256=digest(old))
    found = verify(folder)
    assert (found.verdict, found.verified) == ("incomplete", 0)
    assert "this version cannot read the scenario of tiny: " in found.unchecked[0]
    assert "weather" in found.unchecked[0]
    assert findings(found)["summary.csv"] == "identical"


@pytest.mark.parametrize(("keys", "more"), [(("mood",), ""), (("mood", "tide", "weather"), " (and 2 more)")])
def test_the_first_problem_of_a_scenario_is_said_and_how_many_more_there_are(
    folder: Path, keys: tuple[str, ...], more: str
) -> None:
    old = {**read_manifest(folder)["scenario"], **dict.fromkeys(keys, "fine")}
    rewritten(folder, scenario=old, scenario_sha256=digest(old))
    (unchecked,) = verify(folder).unchecked
    assert re.search(r" \(and .*|$", unchecked)[0] == more  # type: ignore[index]


def test_a_plan_built_by_hand_cannot_be_run_again(tmp_path: Path) -> None:
    run(by_hand(), replications=250, out=tmp_path)
    found = verify(tmp_path)
    assert (found.verdict, findings(found)) == ("incomplete", {"summary.csv": "identical"})
    assert found.unchecked == ("the plan of kz-test was built by hand: there is no scenario to run again",)


def test_a_column_that_this_version_does_not_know_is_named(folder: Path) -> None:
    forged(folder, lambda columns: {**columns, "mystery": columns["completion"]})
    found = verify(folder)
    assert found.unchecked == ("this version computes no column mystery",)
    assert found.outcomes is not None
    assert not found.outcomes.found


def compared(folder: Path) -> Path:
    subjects = [tiny("one"), tiny("two", UNCERTAIN + "demand: {accelerators: 20 accelerators}")]
    folders = [folder / subject.name for subject in subjects]
    write_comparison(folder / "both", run_all(subjects, Settings(replications=500), folders=folders))
    return folder / "both"


def test_a_comparison_comes_out_again_without_the_folders_of_its_runs(tmp_path: Path) -> None:
    folder = compared(tmp_path)
    for name in ("one", "two"):
        shutil.rmtree(tmp_path / name)
    found = verify(folder)
    assert (found.verdict, found.kind, found.name) == ("reproduced", "comparison", "one vs two")
    assert findings(found) == {
        "outcomes.parquet of one": "identical",
        "outcomes.parquet of two": "identical",
        "comparison.csv": "identical",
    }


def test_a_forged_comparison_does_not_come_out_again(tmp_path: Path) -> None:
    folder = compared(tmp_path)
    text = (folder / "comparison.csv").read_text()
    assert text.count("one vs two,probability.earlier,share,") == 1
    forgery = text.replace("one vs two,probability.earlier,share,", "one vs two,probability.earlier,share,0")
    (folder / "comparison.csv").write_text(forgery)
    again = finished(read_manifest(folder, kind=None), folder, ["comparison.csv"])
    write_manifest(folder, again)
    found = verify(folder)
    assert (found.verdict, len(found.row_differences)) == ("differs", 1)
    assert found.row_differences[0].cells == ("estimate",)


def test_a_comparison_that_was_interrupted_is_not_called_reproduced(tmp_path: Path) -> None:
    folder = compared(tmp_path)
    write_manifest(folder, {**read_manifest(folder, kind=None), "outputs": {}})
    found = verify(folder)
    assert (found.verdict, found.unchecked) == ("incomplete", ("the comparison is not finished",))


def test_a_comparison_has_no_first_replications(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="is a comparison and holds no single replications"):
        verify(compared(tmp_path), Again(replications=100))


def test_a_folder_that_is_being_written_is_left_alone(folder: Path) -> None:
    with locked(folder), pytest.raises(StudyError, match="another run is writing here"):
        verify(folder)


def test_a_folder_without_a_manifest_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"there is no manifest\.json"):
        verify(tmp_path)


def test_interrupting_says_that_nothing_was_changed(folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match=f"stopped; {folder} is as it was"):
        verify(folder, Again(settings=Settings(progress=interrupted)))


@pytest.mark.parametrize("seed", range(4))
def test_pieces_are_compared_row_by_row_however_they_are_cut(seed: int) -> None:
    chance = np.random.default_rng(seed)
    number = np.arange(1_000)
    recorded: Columns = {"replication": number, "a": chance.random(1_000)}
    again: Columns = {"replication": number, "a": np.where(chance.random(1_000) < 0.1, 9.0, recorded["a"])}
    there = [(0, 130), (130, 131), (400, 777), (790, 1_000)]
    cuts = np.sort(chance.choice(number, 5, replace=False)).tolist()
    sessions = [[(0, 1_000)], [(500, 600), (790, 1_000)]]
    found = outcome_differences(
        [{name: column[slice(*each)] for name, column in recorded.items()} for each in there],
        [
            {name: column[first:stop] for name, column in again.items()}
            for first, stop in zip([0, *cuts], [*cuts, 1_000], strict=True)
        ],
        sessions=sessions,
    )
    held = np.isin(number, np.concatenate([number[slice(*each)] for each in there]))
    differs = held & (recorded["a"] != again["a"])
    second = ((number >= 500) & (number < 600)) | (number >= 790)
    (_, column) = found.columns
    assert column.differing == differs.sum() > 0
    assert column.first_differing == np.flatnonzero(differs)[0]
    assert column.largest_difference == np.abs(recorded["a"] - again["a"])[differs].max()
    assert found.differing_by_session == ((differs & ~second).sum(), (differs & second).sum())
    assert found.replications == held.sum()
