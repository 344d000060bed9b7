"""Run folders from elsewhere: whatever is in them, they are read or refused in a sentence."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import run as command
from sim.results.errors import StudyError
from sim.results.manifest import MANIFEST, OUTCOMES, SUMMARY, read_manifest, write_manifest
from sim.results.run import load_run
from sim.results.summary import summary
from sim.scenario.problems import ScenarioError
from sim.study.named import named
from sim.study.run import run

Damage = Callable[[Path], object]

NASTY: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, 2**64, 10**400, "", "x", "../../x", "\x1b[31m", "2024-13-01", "9999-12-31"),
    *([], {}, [[]], {"a": 1}, ["x"] * 1_000),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    run(named("kz-ascend"), replications=5, workers=1, out=folder)
    return folder


def is_told(folder: Path) -> bool:
    """Whether reading the folder ends with a table or a sentence; anything else raises."""
    try:
        return not summary(load_run(folder)).empty
    except (StudyError, ScenarioError) as error:
        return bool(str(error))


def copied(finished: Path, tmp_path: Path, damage: Damage) -> Path:
    folder = tmp_path / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(finished, folder)
    damage(folder)
    return folder


def manifest(content: bytes) -> Damage:
    return lambda folder: (folder / MANIFEST).write_bytes(content)


def signed(body: dict[str, Any]) -> Damage:
    """Return what puts another manifest in place, with a right checksum: its author knows how to make one."""
    return lambda folder: write_manifest(folder, body)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"\x00" * 100,
        "{}".encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"seed": ' + b"9" * 10_000 + b"}",
        b'{"seed": NaN}',
        b'{"manifest_sha256": "x"}',
    ],
)
def test_what_is_no_manifest_is_refused(finished: Path, tmp_path: Path, content: bytes) -> None:
    folder = copied(finished, tmp_path, manifest(content))
    with pytest.raises(StudyError):
        load_run(folder)
    assert command(["verify", str(folder)]) in (1, 2, 3)


def test_every_field_of_a_manifest_may_be_nonsense(finished: Path, tmp_path: Path) -> None:
    body, luck = read_manifest(finished), random.Random(3)
    for key in body:
        assert is_told(copied(finished, tmp_path, signed({k: v for k, v in body.items() if k != key}))), key
        for value in luck.sample(NASTY, 6):
            folder = copied(finished, tmp_path, signed({**body, key: value}))
            assert is_told(folder), (key, value)


@pytest.mark.parametrize("key", ["title", "name"])
def test_a_folder_cannot_command_a_terminal(finished: Path, tmp_path: Path, key: str) -> None:
    folder = copied(finished, tmp_path, signed({**read_manifest(finished), key: "\x1b[31mred"}))
    with pytest.raises(StudyError, match="not printable text"):
        load_run(folder)


def test_a_folder_whose_scenario_is_nonsense_is_not_verified(finished: Path, tmp_path: Path) -> None:
    body, luck = read_manifest(finished), random.Random(7)
    for value in luck.sample(NASTY, 5):
        scenario = json.loads(json.dumps(body["scenario"]))
        scenario[luck.choice(list(scenario))] = value
        folder = copied(finished, tmp_path, signed({**body, "scenario": scenario}))
        assert command(["verify", str(folder)]) in (1, 2, 3)


@pytest.mark.parametrize("name", [OUTCOMES, SUMMARY])
@pytest.mark.parametrize("content", [b"", b"PAR1" + b"\x8f" * 500 + b"PAR1", b"\xff\xfe\x00", None])
def test_damaged_outputs_are_told(finished: Path, tmp_path: Path, name: str, content: bytes | None) -> None:
    def damage(folder: Path) -> None:
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)

    folder = copied(finished, tmp_path, damage)
    assert is_told(folder)
    assert (command(["verify", str(folder)]) == 0) == (content is None and name == OUTCOMES)


def test_flipped_bytes_in_the_outcomes_are_told(finished: Path, tmp_path: Path) -> None:
    luck = random.Random(1)

    def flip(folder: Path) -> None:
        raw = bytearray((folder / OUTCOMES).read_bytes())
        for _ in range(luck.choice((1, 5, 50))):
            raw[luck.randrange(len(raw))] ^= 1 << luck.randrange(8)
        (folder / OUTCOMES).write_bytes(raw)

    for _ in range(40):
        assert is_told(copied(finished, tmp_path, flip))


@pytest.mark.parametrize("name", [MANIFEST, OUTCOMES, SUMMARY])
@pytest.mark.parametrize("what", ["pipe", "endless", "folder"])
def test_what_is_no_file_is_not_waited_for(finished: Path, tmp_path: Path, name: str, what: str) -> None:
    makers: dict[str, Damage] = {
        "pipe": os.mkfifo,
        "endless": lambda path: path.symlink_to("/dev/zero"),
        "folder": Path.mkdir,
    }

    def damage(folder: Path) -> None:
        (folder / name).unlink()
        makers[what](folder / name)

    folder = copied(finished, tmp_path, damage)
    assert is_told(folder)
    assert command(["verify", str(folder)]) in (1, 3)
