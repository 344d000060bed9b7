from __future__ import annotations

import errno
import json
import math
import os
import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.results import store
from sim.results.errors import StudyError
from sim.results.facts import Facts
from sim.results.files import explained, locked, replaced, sha256
from sim.results.folder import open_folder
from sim.results.manifest import changed_outputs, read_manifest, record_outputs
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
        opened.add(rows(10_100, 30_000))
        opened.finish(30_000)
    assert outcomes(tmp_path / "grown") == outcomes(tmp_path / "long")
    sessions = read_manifest(tmp_path / "grown")["sessions"]
    assert [each["replications"] for each in sessions] == [[0, 10_100], [10_100, 30_000]]


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


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "swap"])
def test_a_damaged_part_is_computed_again(tmp_path: Path, damage: str) -> None:
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        opened.add(rows(0, 250))
        opened.add(rows(250, 500))
    part = tmp_path / "parts" / "0000000250-0000000500.parquet"
    content = bytearray(part.read_bytes())
    content[700] ^= 1
    other = part.with_name("0000000000-0000000250.parquet").read_bytes()
    part.write_bytes({"flip": bytes(content), "cut": content[:-100], "empty": b"", "swap": other}[damage])
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        assert opened.missing(500) == [(250, 500)]


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


def test_removed_outcomes_are_made_again(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    before = outcomes(tmp_path)
    (tmp_path / "outcomes.parquet").unlink()
    fill(tmp_path, [0, 500])
    assert outcomes(tmp_path) == before


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


def test_the_manifest_says_how_to_make_the_run_again(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["scenario"] == {"start": "2024-04-30", "lots": [1, 2.5]}
    assert (manifest["seed"], manifest["engine"], manifest["replications"]) == (1, "array", 500)
    assert manifest["outputs"]["outcomes.parquet"]["sha256"] == sha256(tmp_path / "outcomes.parquet")
    assert manifest["sessions"][0]["command"] == sys.argv
    assert {"python", "numpy", "chiproute"} <= manifest["sessions"][0]["versions"].keys()


def test_further_outputs_join_the_manifest(tmp_path: Path) -> None:
    fill(tmp_path, [0, 500])
    (tmp_path / "figure.svg").write_text("<svg/>")
    record_outputs(tmp_path, ["figure.svg"])
    assert "figure.svg" in read_manifest(tmp_path)["outputs"]
    (tmp_path / "figure.svg").unlink()
    assert changed_outputs(tmp_path, read_manifest(tmp_path)) == ("figure.svg is missing",)


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
    assert [path.name for path in (tmp_path / "parts").iterdir()] == ["0000000000-0000000500.parquet"]
    assert not (tmp_path / "outcomes.parquet").exists()
    with open_folder(tmp_path, FACTS, seed=1, engine="array") as opened:
        assert opened.missing(1000) == [(500, 1000)]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="cannot read or write"):
        fill(tmp_path / "file" / "run", [0, 500])


def test_a_folder_removed_meanwhile_is_a_sentence(tmp_path: Path) -> None:
    with open_folder(tmp_path / "run", FACTS, seed=1, engine="array") as opened:
        (tmp_path / "run" / "parts").rmdir()
        with pytest.raises(StudyError, match="cannot read or write"):
            opened.add(rows(0, 500))


def test_a_crash_before_the_manifest_is_finished_later(tmp_path: Path) -> None:
    fill(tmp_path / "whole", [0, 500])
    with open_folder(tmp_path / "torn", FACTS, seed=1, engine="array") as opened:
        opened.add(rows(0, 500))
        store.assemble(tmp_path / "torn" / "outcomes.parquet", [rows(0, 500)])
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
