"""The command that says whether the numbers of a folder come out again, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest
from jsonschema import Draft202012Validator

from sim.cli.main import run
from sim.cli.output_schema import output_schema
from sim.results import store
from sim.results.manifest import finished, read_manifest, write_manifest
from tests.cli.conftest import Command


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder as the command leaves it, with figures and page."""
    out = str(tmp_path_factory.mktemp("finished"))
    assert run(["run", "kz-ascend", "-n", "250", "--workers", "1", "--quiet", "--out", out]) == 0
    (folder,) = Path(out).glob("kz-ascend-*")
    return folder


@pytest.fixture
def folder(left: Path, tmp_path: Path) -> Path:
    """A copy of the run folder; each test says something else about it."""
    return copytree(left, tmp_path / "run")


def forge(folder: Path) -> None:
    """Let the first replication end thirty days earlier, with right hashes."""
    path = folder / "outcomes.parquet"
    (columns,) = store.stream(path, 250)
    completion = columns["completion"].copy()
    completion[0] -= 30.0
    assembly = store.Assembly(path)
    assembly.add({**columns, "completion": completion})
    assembly.finish()
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
    copytree(folder, other)
    forge(other)
    assert chiproute("verify", str(other), str(folder), "--quiet").code == 1
    (other / "outcomes.parquet").unlink()
    assert chiproute("verify", str(other), str(folder), "--quiet").code == 3
    assert chiproute("verify", str(tmp_path)).code == 1


def one_line(text: str) -> str:
    return " ".join(text.split())
