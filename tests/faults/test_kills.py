"""Kill -9: at every file operation, and at random moments of real runs with worker processes.

``CHIPROUTE_KILLS=100 pytest tests/faults -k random -s`` is the long campaign.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sim.chance.draws import BLOCK
from sim.results.errors import StudyError
from sim.results.manifest import changed_outputs, read_manifest
from sim.study.verify import verify
from tests.faults.conftest import REPLICATIONS, Ran, is_finished

KILLS = int(os.environ.get("CHIPROUTE_KILLS", "3"))
ALL_PARTS = REPLICATIONS // BLOCK
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are killed as POSIX does it")


def test_a_kill_before_any_file_operation_loses_nothing_and_leaves_nothing() -> None:
    memory = Path("/dev/shm")  # no waiting for a disk
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as home:
        words = [sys.executable, "-W", "error", "-m", "tests.faults.mortal", home]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert [int(kills) > 30 for kills in done.stdout.split()] == [True] * 3


def test_kills_at_random_moments_lose_nothing_and_leave_nothing(
    command: Ran, straight: Callable[[], bytes]
) -> None:
    chance = random.Random(20261122)
    wanted, began = straight(), time.monotonic()
    finish(command)
    took = time.monotonic() - began
    stages: Counter[str] = Counter()
    while stages.total() < KILLS:
        shutil.rmtree(command.folder)
        # Several in a row, as on a machine that keeps failing: a resumed run is killed as well.
        for _ in range(min(KILLS - stages.total(), chance.randint(1, 5))):
            process = command.start(workers=chance.choice([1, 2]))
            if not killed(process, command.folder, took * chance.uniform(0.05, 0.95), chance.random() < 0.3):
                break
            stages[stage(command.folder)] += 1
        finish(command)
        assert command.outcomes() == wanted
        is_finished(command.folder)
        print(f"{stages.total()} kills survived: {dict(stages)}", flush=True)
    assert verify(command.folder).verdict == "reproduced"


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="workers are found below /proc")
def test_a_worker_that_is_killed_costs_its_chunk_a_retry_and_nothing_else(
    command: Ran, straight: Callable[[], bytes]
) -> None:
    process = command.caught(workers=2)
    first, *_ = workers = workers_of(process)
    assert len(workers) == 2
    os.kill(first, signal.SIGKILL)
    assert process.communicate(timeout=600)[1] == ""
    assert process.returncode == 0
    assert command.outcomes() == straight()
    is_finished(command.folder)


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Return the numbers of the worker processes of a command, which are in its group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended since
            if b"spawn_main" in path.read_bytes() and os.getpgid(int(path.parent.name)) == process.pid:
                found.append(int(path.parent.name))
    return sorted(found)


def finish(command: Ran) -> None:
    process = command.start(workers=2)
    assert process.communicate(timeout=600)[1] == ""
    assert process.returncode == 0


def killed(process: subprocess.Popen[str], folder: Path, after_seconds: float, at_the_end: bool) -> bool:
    """Kill a run with its workers some time after its start, or while it is put together."""
    deadline = time.monotonic() + after_seconds
    while time.monotonic() < deadline or at_the_end:
        if process.poll() is not None or (at_the_end and is_ending(folder)):
            break
        time.sleep(0.001)
    ended = process.poll() is not None
    with_group_killed(process)
    return not ended


def is_ending(folder: Path) -> bool:
    return (folder / "outcomes.parquet").exists() or parts_of(folder) == ALL_PARTS


def parts_of(folder: Path) -> int:
    return len(list(folder.glob("parts/*.parquet")))


def with_group_killed(process: subprocess.Popen[str]) -> None:
    """Kill a process and its workers, and wait until all are gone."""
    if process.poll() is None:  # else its number may be another group's by now
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.002)
    raise AssertionError("the group did not end")


def stage(folder: Path) -> str:
    """Say how far a killed run had come; fail if its manifest vouches for what is not there."""
    try:
        manifest = read_manifest(folder)
    except StudyError:
        return "starting"
    assert changed_outputs(folder, manifest) == ()
    if manifest["outputs"]:
        return "finished"
    if (folder / "outcomes.parquet").exists():
        return "finishing"
    if parts_of(folder) == ALL_PARTS:
        return "assembling"
    return "computing" if parts_of(folder) else "starting workers"
