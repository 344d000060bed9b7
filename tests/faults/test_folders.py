"""Folders under attack during a real run: removed, shared, damaged; edited files; a clock set back."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable

import pytest

from sim.results import manifest as manifest_module
from sim.results.errors import StudyError
from sim.results.manifest import read_manifest
from sim.scenario.load import load
from sim.study.verify import verify
from tests.faults.command import Clock
from tests.faults.conftest import TINY, Ran, is_finished
from tests.faults.test_kills import with_group_killed

Straight = Callable[[], bytes]


def test_a_folder_removed_during_the_run_is_a_sentence_and_the_next_run_is_whole(
    command: Ran, straight: Straight
) -> None:
    process = command.caught()
    shutil.rmtree(command.folder, ignore_errors=True)
    shutil.rmtree(command.folder, ignore_errors=True)  # what a part under way put back
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith(f"said: run folder {command.folder}: it was removed")
    assert said.endswith("run the same command again\n")
    shutil.rmtree(command.folder, ignore_errors=True)
    command.again()
    assert command.outcomes() == straight()


def test_of_two_runs_that_start_together_none_spoils_the_other(command: Ran, straight: Straight) -> None:
    command.environment["PAUSE_SECONDS"] = "0.05"
    processes = [command.start(), command.start()]
    said = [process.communicate(timeout=120)[1] for process in processes]
    codes = [process.returncode for process in processes]
    assert 0 in codes
    for code, sentence in zip(codes, said, strict=True):
        refusal = rf"said: run folder {command.folder}: another run \(process \w+\) is writing here\n"
        assert re.fullmatch(refusal if code else "", sentence)
    assert command.outcomes() == straight()
    is_finished(command.folder)


def test_parts_that_are_damaged_between_two_sessions_are_computed_again(
    command: Ran, straight: Straight
) -> None:
    process = command.caught(parts=6)
    with_group_killed(process)
    _, flipped, _, cut, *_ = command.parts()
    content = bytearray(flipped.read_bytes())
    content[len(content) // 3] ^= 16
    flipped.write_bytes(content)
    cut.write_bytes(cut.read_bytes()[:-1])
    command.again()
    assert command.outcomes() == straight()
    ranges = read_manifest(command.folder)["sessions"][-1]["replications"]
    assert ranges[:2] == [[250, 500], [750, 1000]]


def test_a_scenario_edited_during_the_run_changes_nothing_in_it(command: Ran, straight: Straight) -> None:
    before = load(str(command.scenario))
    process = command.caught()
    command.scenario.write_text(TINY.replace("median: 30", "median: 300"))
    assert process.wait(timeout=60) == 0
    process.communicate()
    assert command.outcomes() == straight()
    manifest = read_manifest(command.folder)
    assert json.dumps(manifest["scenario"]) == json.dumps(before.merged)
    assert manifest["scenario_sha256"] == before.digest
    assert verify(command.folder).verdict == "reproduced"
    with pytest.raises(StudyError, match="holds another run: scenario with SHA-256"):
        command.again()


def test_a_clock_set_back_between_sessions_changes_nothing(
    command: Ran, straight: Straight, monkeypatch: pytest.MonkeyPatch
) -> None:
    command.environment["CLOCK_DAYS"] = "3000"
    process = command.caught()
    with_group_killed(process)
    future = time.time() + 1e8
    for part in command.parts():
        os.utime(part, (future, future))
    monkeypatch.setenv("CLOCK_DAYS", "-3000")
    monkeypatch.setattr(manifest_module, "datetime", Clock)
    command.again()
    assert command.outcomes() == straight()
    first, second = read_manifest(command.folder)["sessions"]
    assert int(first["started"][:4]) - int(second["started"][:4]) in (16, 17)
    assert verify(command.folder).verdict == "reproduced"
