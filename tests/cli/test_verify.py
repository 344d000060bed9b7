"""The command that says whether the numbers of a folder come out again, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sim.cli.output_schema import output_schema
from sim.results import store
from sim.results.manifest import finished, read_manifest, write_manifest
from tests.cli.conftest import Command


@pytest.fixture
def folder(chiproute: Command, tmp_path: Path) -> Path:
    """A run folder; each test says something else about it."""
    assert chiproute("run", "kz-ascend", "-n", "250", "--workers", "1", "--quiet").code == 0
    (folder,) = tmp_path.glob("reports/kz-ascend-*")
    return folder


def forge(folder: Path) -> None:
    """Let the first replication end thirty days earlier, with right hashes."""
    path = folder / "outcomes.parquet"
    (columns,) = store.stream(path, 250)
    completion = columns["completion"].copy()
    completion[0] -= 30.0
    store.assemble(path, [{**columns, "completion": completion}])
    write_manifest(folder, finished(read_manifest(folder), folder, ["outcomes.parquet"]))


def test_verify_says_in_words_and_in_its_exit_code_what_it_found(chiproute: Command, folder: Path) -> None:
    said = chiproute("verify", str(folder), "--quiet")
    assert said.code == 0
    assert "every number came out again. 250 replications of kz-ascend, seed 1, were" in one_line(said.out)
    assert "\n  outcomes.parquet: the same bytes again\n  summary.csv: the same bytes again\n" in said.out
    assert "files: what was recorded, not made again" in one_line(said.out)

    forge(folder)
    said = chiproute("verify", str(folder), "--quiet")
    assert said.code == 1
    assert "an error of the program or of the machine" in one_line(said.out)
    assert "completion 1 0 30 0" in one_line(said.out)

    manifest = read_manifest(folder)
    manifest["sessions"][0]["versions"]["numpy"] = "1.0"
    write_manifest(folder, manifest)
    said = chiproute("verify", str(folder), "--json")
    assert said.code == 3
    Draft202012Validator(json.loads(output_schema("verify"))).validate(json.loads(said.out))
    (found,) = json.loads(said.out)["folders"]
    assert found["verdict"] == "other conditions"
    assert found["sessions"][0]["changes"][0]["condition"] == "numpy"
    assert max(map(len, chiproute("verify", str(folder)).out.splitlines()[2:])) <= 80

    (folder / "summary.csv").write_text("mine")
    said = chiproute("verify", str(folder), "--quiet")
    assert said.code == 1
    assert "summary.csv was changed" in said.out
    assert "Traceback" not in said.err


def test_the_worst_of_several_folders_decides_the_exit_code(
    chiproute: Command, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    folder.rename(other)
    chiproute("run", "kz-ascend", "-n", "250", "--workers", "1", "--quiet")
    forge(other)
    assert chiproute("verify", str(other), str(folder), "--quiet").code == 1
    (other / "outcomes.parquet").unlink()
    assert chiproute("verify", str(other), str(folder), "--quiet").code == 3
    assert chiproute("verify", str(tmp_path)).code == 1


def one_line(text: str) -> str:
    return " ".join(text.split())
