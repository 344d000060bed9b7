from __future__ import annotations

import errno
import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.results import store
from sim.results.errors import OtherLayout, StudyError, Tampered
from sim.results.facts import Facts
from sim.results.files import explained, locked, replaced, sha256
from sim.results.folder import open_folder
from sim.results.manifest import adding_outputs, changed_outputs, read_manifest, write_manifest
from sim.results.outcomes import Columns
from sim.results.run import Run, load_run

FACTS = Facts(
    name="kz-test",
    title="=cmd|' /C calc'!A0",
    start=date(2024, 4, 30),
    target=date(2024, 12, 31),
    horizon=date(2032, 12, 31),
    digest="abc",
    merged={"start": date(2024, 4, 30), "lots": [1, 2.5]},
)


def rows(first: int, stop: int) -> Columns:
    number = np.arange(first, stop)
    return {
        "replication": number,
        "completion": np.where(number % 7 == 0, np.inf, 100.0 + np.sqrt(number)),
        "license": number / 3.0,
    }


def fill(folder: Path, cuts: list[int], *, order: int = 1, facts: Facts = FACTS, seed: int = 1) -> Run:
    """Write replications up to the last cut, in parts between the cuts."""
    with open_folder(folder, facts, seed=seed, engine="array") as opened:
        opened.begin(cuts[-1])
        for first, stop in list(pairwise(cuts))[::order]:
            opened.add(rows(first, stop))
        return opened.finish(cuts[-1])


def outcomes(folder: Path) -> bytes:
    return (folder / "outcomes.parquet").read_bytes()


def test_a_run_reads_back_as_it_was_written(tmp_path: Path) -> None:
    run = fill(tmp_path / "new" / "run", [0, 1000])
    assert load_run(tmp_path / "new" / "run") == run
    assert run.facts.target == FACTS.target
    assert (run.replications, run.columns) == (1000, ("replication", "completion", "license"))
    for name, column in rows(0, 1000).items():
        assert np.array_equal(run.outcomes[name], column)
        assert np.array_equal(run.column(name), column)
    assert np.isinf(run.completion[0])
    assert run.outcomes["replication"].dtype == np.int64


def test_a_finished_folder_holds_outcomes_summary_manifest_and_nothing_else(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500, 1000])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "manifest.json",
        "outcomes.parquet",
        "summary.csv",
    ]


def test_the_same_replications_give_the_same_bytes_however_they_were_cut(tmp_path: Path) -> None:
    fill(tmp_path / "whole", [0, 60_100])
    fill(tmp_path / "parts", [0, 250, 24_999, 25_001, 50_000, 60_100])
    fill(tmp_path / "backward", [0, 13, 30_000, 60_100], order=-1)
    assert outcomes(tmp_path / "whole") == outcomes(tmp_path / "parts") == outcomes(tmp_path / "backward")
    groups = pq.read_metadata(tmp_path / "parts" / "outcomes.parquet")
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [25_000, 25_000, 10_100]


def test_an_extended_run_equals_the_long_one(tmp_path: Path) -> None:
    fill(tmp_path / "long", [0, 30_000])
    fill(tmp_path / "grown", [0, 10_100])
    with open_folder(tmp_path / "grown", FACTS, seed=1, engine="array") as opened:
        assert opened.missing(30_000) == [(10_100, 30_000)]
        opened.begin(30_000)
        opened.add(rows(10_100, 30_000))
        opened.finish(30_000)
    assert outcomes(tmp_path / "grown") == outcomes(tmp_path / "long")
    sessions = read_manifest(tmp_path / "grown")["sessions"]
    assert [each["replications"] for each in sessions] == [[[0, 10_100]], [[10_100, 30_000]]]


def test_each_session_says_which_replications_were_left_to_it(tmp_path: Path) -> None:
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        opened.begin(1000)
        opened.add(rows(0, 250))
        opened.add(rows(500, 750))
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        opened.begin(1000)
        opened.add(rows(250, 500))
        opened.add(rows(750, 1000))
        opened.finish(1000)
        opened.begin(2000)
        opened.add(rows(1000, 2000))
        opened.finish(2000)
    sessions = [each["replications"] for each in read_manifest(tmp_path)["sessions"]]
    assert sessions == [[[0, 1000]], [[250, 500], [750, 1000], [1000, 2000]]]


def test_what_an_interrupted_run_left_is_not_missing(tmp_path: Path) -> None:
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        opened.add(rows(250, 500))
        opened.add(rows(1000, 3000))
    with pytest.raises(StudyError, match="not finished"):
        load_run(tmp_path)
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        assert opened.missing(2000) == [(0, 250), (500, 1000)]
        opened.add(rows(0, 250))
        opened.add(rows(500, 1000))
        run = opened.finish(2000)
        assert np.array_equal(run.completion, rows(0, 2000)["completion"])
        assert opened.missing(4000) == [(3000, 4000)]
        opened.add(rows(3000, 4000))
        assert np.array_equal(opened.finish(4000).completion, rows(0, 4000)["completion"])


def test_fewer_replications_are_the_first_of_those_there(tmp_path: Path) -> None:
    fill(tmp_path, [0, 1000])
    before = outcomes(tmp_path)
    run = fill_none(tmp_path, 300)
    assert (run.replications, len(run.outcomes), len(run.completion)) == (300, 300, 300)
    assert "holds 1,000 replications" in run.notes[0]
    assert outcomes(tmp_path) == before


def fill_none(folder: Path, stop: int) -> Run:
    with open_folder(folder, FACTS, seed=1, engine="array") as opened:
        assert opened.missing(stop) == []
        return opened.finish(stop)


@pytest.mark.parametrize("damage", ["cut", "empty", "swap"])
def test_a_damaged_part_is_computed_again(tmp_path: Path, damage: str) -> None:
    first, second = two_parts(tmp_path)
    content = second.read_bytes()
    second.write_bytes({"cut": content[:-100], "empty": b"", "swap": first.read_bytes()}[damage])
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        assert opened.missing(500) == [(250, 500)]


def test_no_flipped_bit_of_a_part_goes_unnoticed(tmp_path: Path) -> None:
    _, second = two_parts(tmp_path)
    content = second.read_bytes()
    for place in range(0, len(content), 41):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        second.write_bytes(flipped)
        assert store.read_part(second) is None
    second.write_bytes(content)
    assert store.read_part(second) is not None


def test_a_part_that_is_damaged_during_the_run_is_a_sentence_and_repaired_by_the_next(tmp_path: Path) -> None:
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        opened.add(rows(0, 500))
        (part,) = (tmp_path / "parts").iterdir()
        part.write_bytes(part.read_bytes()[:-1])
        with pytest.raises(StudyError, match="a part was damaged; run again to repair it"):
            opened.finish(500)
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        assert opened.missing(500) == [(0, 500)]


def two_parts(folder: Path) -> list[Path]:
    with open_folder(folder, FACTS, seed=1, engine="array") as opened:
        opened.add(rows(0, 250))
        opened.add(rows(250, 500))
    return sorted((folder / "parts").iterdir())


def test_another_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    before = outcomes(tmp_path)
    with pytest.raises(StudyError, match="another run: seed 1, not 2"):
        fill(tmp_path, [0, 500], seed=2)
    with pytest.raises(StudyError, match="another run: scenario 'kz-test', not 'other'"):
        fill(tmp_path, [0, 500], facts=Facts(**{**vars(FACTS), "name": "other"}))
    with pytest.raises(StudyError, match="'abc', not 'changed'"):
        fill(tmp_path, [0, 500], facts=Facts(**{**vars(FACTS), "digest": "changed"}))
    assert outcomes(tmp_path) == before


def test_results_without_a_manifest_are_refused(tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("mine")
    with pytest.raises(StudyError, match=r"no manifest\.json"):
        fill(tmp_path, [0, 500])
    assert (tmp_path / "summary.csv").read_text() == "mine"


def test_changed_outcomes_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    with (tmp_path / "outcomes.parquet").open("ab") as file:
        file.write(b"x")
    assert changed_outputs(tmp_path, read_manifest(tmp_path)) == ("outcomes.parquet was changed",)
    with pytest.raises(StudyError, match=r"outcomes\.parquet was changed"):
        fill(tmp_path, [0, 500])


def test_a_changed_summary_is_refused_and_left_alone(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    (tmp_path / "summary.csv").write_text("mine")
    with pytest.raises(StudyError, match=r"summary\.csv was changed since it was written"):
        fill(tmp_path, [0, 500])
    assert (tmp_path / "summary.csv").read_text() == "mine"


@pytest.mark.parametrize("name", ["outcomes.parquet", "summary.csv"])
def test_a_removed_output_is_made_again(tmp_path: Path, name: str) -> None:
    fill(tmp_path, [0, 500])
    before = (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    fill(tmp_path, [0, 500])
    assert (tmp_path / name).read_bytes() == before
    assert changed_outputs(tmp_path, read_manifest(tmp_path)) == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1', '{"manifest_sha256": "0"}'])
def test_a_broken_manifest_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(StudyError, match=r"manifest\.json (is not a manifest|was changed)"):
        load_run(tmp_path)


def test_an_edited_manifest_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    text = (tmp_path / "manifest.json").read_text()
    (tmp_path / "manifest.json").write_text(text.replace('"seed": 1', '"seed": 2'))
    with pytest.raises(StudyError, match="changed after it was written"):
        load_run(tmp_path)


def test_another_layout_is_refused_with_a_way_out(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    write_manifest(tmp_path, {**read_manifest(tmp_path), "format": 1})
    with pytest.raises(OtherLayout, match="has layout 1, this version reads 2: choose another folder"):
        fill(tmp_path, [0, 500])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "poem"}, "it is of no kind this version knows: 'poem'"),
        ({"seed": "one"}, "seed is 'one'"),
        ({"scenario": None}, "scenario is None"),
        ({"start": "soon"}, "start is 'soon'"),
        ({"outputs": {"a\0b": {}}}, r"'a\\x00b' is not printable text"),
        ({"sessions": [{"replications": [[0, 500]]}]}, r"sessions\[0\].started is missing"),
        ({"sessions": [{"replications": [[0, "many"]]}]}, r"sessions\[0\].replications\[0\]\[1\] is 'many'"),
    ],
)
def test_a_manifest_of_another_shape_is_a_sentence(
    tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    fill(tmp_path, [0, 500])
    write_manifest(tmp_path, {**read_manifest(tmp_path), **change})
    with pytest.raises(Tampered, match=rf"manifest\.json is not a manifest: .*{problem}"):
        load_run(tmp_path)


@pytest.mark.parametrize("name", ["../elsewhere", "/dev/zero"])
def test_a_manifest_that_names_files_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    fill(tmp_path, [0, 500])
    outputs = read_manifest(tmp_path)["outputs"]
    write_manifest(tmp_path, {**read_manifest(tmp_path), "outputs": {**outputs, name: {}}})
    with pytest.raises(Tampered, match=f"its output {re.escape(repr(name))} is outside the folder"):
        load_run(tmp_path)


def test_the_manifest_says_how_to_make_the_run_again(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["scenario"] == {"start": "2024-04-30", "lots": [1, 2.5]}
    assert (manifest["seed"], manifest["engine"], manifest["replications"]) == (1, "array", 500)
    assert manifest["outputs"]["outcomes.parquet"]["sha256"] == sha256(tmp_path / "outcomes.parquet")
    session = manifest["sessions"][0]
    assert session["command"] == sys.argv
    assert session["versions"]["numpy"] == np.__version__
    assert len(session["program_sha256"]) == 64
    assert session["platform"]["machine"] == platform.machine()


def test_the_manifest_keeps_the_order_of_the_scenario_which_decides_ties(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    assert list(read_manifest(tmp_path)["scenario"]) == ["start", "lots"]


def test_further_outputs_join_the_manifest(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    with adding_outputs(tmp_path) as added:
        (tmp_path / "figure.svg").write_text("<svg/>")
        added.append(tmp_path / "figure.svg")
    assert "figure.svg" in read_manifest(tmp_path)["outputs"]
    (tmp_path / "figure.svg").unlink()
    assert changed_outputs(tmp_path, read_manifest(tmp_path)) == ("figure.svg is missing",)


def test_nothing_vouches_for_an_output_while_it_is_written_again(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    for words in ("first", "second"):
        with adding_outputs(tmp_path, "figures/") as added:
            assert read_manifest(tmp_path)["outputs"].keys() == {"outcomes.parquet", "summary.csv"}
            (tmp_path / "figures").mkdir(exist_ok=True)
            (tmp_path / "figures" / "delay.svg").write_text(words)
            added.append(tmp_path / "figures" / "delay.svg")
        assert "figures/delay.svg" in read_manifest(tmp_path)["outputs"]
    assert changed_outputs(tmp_path, read_manifest(tmp_path)) == ()


def test_a_folder_without_a_manifest_gets_files_and_no_manifest(tmp_path: Path) -> None:
    with adding_outputs(tmp_path) as added:
        added.append(tmp_path / "figure.svg")
    assert list(tmp_path.iterdir()) == []


def test_the_summary_survives_a_spreadsheet(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500], facts=Facts(**{**vars(FACTS), "name": "=1+1"}))
    text = (tmp_path / "summary.csv").read_text()
    assert text.splitlines()[1].startswith("'=1+1,completion.p10,days,")


def test_a_folder_is_written_by_one_process_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(StudyError, match=f"another run \\(process {os.getpid()}\\)"):
        fill(tmp_path, [0, 500])
    fill(tmp_path, [0, 500])
    assert not (tmp_path / ".lock").exists()


def test_the_lock_of_a_dead_process_holds_nobody(tmp_path: Path) -> None:
    script = f"""
import os
from pathlib import Path
from sim.results.files import locked
with locked(Path({str(tmp_path)!r})):
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    assert (tmp_path / ".lock").exists()
    fill(tmp_path, [0, 500])


def test_a_full_disk_is_a_sentence_and_parts_are_kept(tmp_path: Path) -> None:
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        opened.add(rows(0, 500))
        # The device that is always full stands in for the file about to be written.
        (tmp_path / "parts" / "0000000500-0000001000.parquet.partial").symlink_to("/dev/full")
        with pytest.raises(StudyError, match=r"disk is full; finished parts are kept"):
            opened.add(rows(500, 1000))
        (tmp_path / "outcomes.parquet.partial").symlink_to("/dev/full")
        with pytest.raises(StudyError, match="disk is full"):
            opened.finish(500)
    (part,) = (tmp_path / "parts").iterdir()
    assert part.name.startswith("0000000000-0000000500-")
    assert not (tmp_path / "outcomes.parquet").exists()
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        assert opened.missing(1000) == [(500, 1000)]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="cannot read or write"):
        fill(tmp_path / "file" / "run", [0, 500])


def test_a_folder_removed_meanwhile_is_a_sentence(tmp_path: Path) -> None:
    with open_folder(tmp_path / "run", FACTS, seed=1, engine="array") as opened:
        shutil.rmtree(tmp_path / "run")
        with pytest.raises(StudyError, match="removed or replaced during the run; run the same command"):
            opened.add(rows(0, 500))


def test_a_folder_replaced_meanwhile_by_another_run_is_not_touched(tmp_path: Path) -> None:
    with open_folder(tmp_path / "run", FACTS, seed=1, engine="array") as opened:
        (tmp_path / "run").rename(tmp_path / "moved")
        with open_folder(tmp_path / "run", FACTS, seed=2, engine="array") as other:
            other.begin(500)
            with pytest.raises(StudyError, match="removed or replaced"):
                opened.add(rows(0, 500))
            assert other.missing(500) == [(0, 500)]
            assert list((tmp_path / "run" / "parts").iterdir()) == []
        with pytest.raises(StudyError, match="removed or replaced"):
            opened.finish(500)


def test_the_end_of_a_run_leaves_the_lock_of_another(tmp_path: Path) -> None:
    with locked(tmp_path):
        (tmp_path / ".lock").unlink()
        with locked(tmp_path):
            pass
        with locked(tmp_path):
            (tmp_path / ".lock").unlink()
            (tmp_path / ".lock").write_text("theirs")
    assert (tmp_path / ".lock").read_text() == "theirs"


def test_a_crash_before_the_manifest_is_finished_later(tmp_path: Path) -> None:
    fill(tmp_path / "whole", [0, 500])
    with open_folder(tmp_path / "torn", FACTS, seed=1, engine="array") as opened:
        opened.begin(500)
        opened.add(rows(0, 500))
    assembly = store.Assembly(tmp_path / "torn" / "outcomes.parquet")
    assembly.add(rows(0, 500))
    assembly.finish()
    fill_none(tmp_path / "torn", 500)
    assert outcomes(tmp_path / "torn") == outcomes(tmp_path / "whole")
    assert changed_outputs(tmp_path / "torn", read_manifest(tmp_path / "torn")) == ()
    assert not (tmp_path / "torn" / "parts").exists()


def test_a_manifest_never_vouches_for_outcomes_it_does_not_know(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        opened.add(rows(500, 1000))
        (tmp_path / "summary.csv.partial").symlink_to("/dev/full")
        with pytest.raises(StudyError, match="disk is full"):
            opened.finish(1000)
    assert changed_outputs(tmp_path, read_manifest(tmp_path)) == ()
    assert np.array_equal(fill_none(tmp_path, 1000).completion, rows(0, 1000)["completion"])


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    def fail_half_way() -> None:
        with replaced(tmp_path / "file") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_half_way()
    assert list(tmp_path.iterdir()) == []


def test_other_system_errors_name_their_file(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="some/file: Input/output error"), explained(tmp_path):
        raise OSError(errno.EIO, os.strerror(errno.EIO), "some/file")


def test_an_unknown_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="no column 'price', only replication, completion, license"):
        fill(tmp_path, [0, 500]).column("price")


def test_never_is_infinity_in_the_file(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    completion = pq.read_table(tmp_path / "outcomes.parquet")["completion"].to_numpy()
    assert completion[0] == math.inf
    assert not np.isnan(completion).any()
