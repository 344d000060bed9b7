"""Disks that are full or read-only: real file systems, mounted where only the test sees them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.faults.conftest import Ran, is_finished

Straight = Callable[[], bytes]


@cache
def can_mount() -> bool:
    """Return whether this system lets a process mount things that nobody else sees."""
    words = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(words, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


mounting = pytest.mark.skipif(not can_mount(), reason="no mount namespaces for this user (unshare -rm)")


def inside(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a mount namespace of its own."""
    return subprocess.run(
        ["unshare", "-rm", "sh", "-euc", script],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def words_of(command: Ran) -> str:
    """Return the command as a shell has it."""
    words = [sys.executable, Path(__file__).with_name("command.py"), command.scenario, command.folder]
    return shlex.join(map(str, [*words, command.replications, 1]))


@mounting
def test_a_full_disk_is_a_sentence_and_with_room_the_run_goes_on(command: Ran, straight: Straight) -> None:
    command.folder.mkdir()
    # From no room for the lock to no room for the outcomes beside all of the parts.
    script = f"""
mount -t tmpfs -o size=4k tmpfs {command.folder}
for kilobytes in 300 1500 64000; do
    {words_of(command)} && exit 3
    ls {command.folder}/parts 2>/dev/null | wc -l
    mount -o remount,size=${{kilobytes}}k {command.folder}
done
{words_of(command)}
cp -r {command.folder} {command.home}/kept
"""
    done = inside(script)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    sentences = done.stderr.splitlines()
    assert len(sentences) == 3
    for sentence in sentences:
        assert sentence.startswith(f"said: run folder {command.folder}: the disk is full; finished parts")
    few, some, most = (int(line) for line in done.stdout.split())
    assert 0 == few < 5 < some < 35 < most
    assert (command.home / "kept" / "outcomes.parquet").read_bytes() == straight()
    is_finished(command.home / "kept")


def test_a_file_that_may_grow_no_further_is_a_sentence_and_without_the_limit_the_run_goes_on(
    command: Ran, straight: Straight
) -> None:
    pytest.importorskip("resource")
    # Who measures coverage writes files too, and must not meet the limit.
    command.wrapper = ("sh", "-c", 'unset COVERAGE_PROCESS_CONFIG; ulimit -f 60; exec "$@"', "limited")
    process = command.start()
    _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (1, False)
    assert said.endswith("File too large\n")
    assert not list(command.folder.rglob("*.partial"))
    there = len(command.parts())
    assert there == command.replications // 250
    command.again()
    assert command.outcomes() == straight()


@mounting
def test_scenarios_and_working_directory_may_be_read_only(command: Ran, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    home, chiproute = command.home, f"{sys.executable} -c 'from sim.cli import main; main()'"
    script = f"""
mount --bind {home} {home}
mount -o remount,ro,bind {home}
mount -t tmpfs tmpfs {home}/out
cd {home}
{chiproute} run tiny -n 500 --quiet --out {home}/out > /dev/null
mount -o remount,ro {home}/out
{chiproute} verify {home}/out/tiny-* --quiet
! {chiproute} run tiny -n 500 --quiet
"""
    done = inside(script)
    assert done.returncode == 0, done.stderr
    assert "every number came out again" in " ".join(done.stdout.split())
    assert done.stderr.splitlines()[-1].startswith("chiproute: run folder reports/tiny-")
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr
