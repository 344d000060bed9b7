"""A small world, the command that runs it, and what is true of every finished run folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sim.results.manifest import changed_outputs, read_manifest
from sim.study.named import named
from sim.study.run import run

COMMAND = Path(__file__).with_name("command.py")
REPLICATIONS = 10_000

TINY = """\
title: A world that is quick to run
start: 2024-01-01
target: 2024-06-01
horizon: 2034-01-01
demand: {accelerators: 20 accelerators}
strategy: {kind: single, supplier: plain}
suppliers:
  plain:
    title: Controlled
    license: office
    accelerator: {peak: 100 TFLOP/s, utilization: 0.5, power: 1 kW}
    lot: 10 accelerators
    contract: {duration: {lognormal: {median: 30, sigma: 0.5}, unit: days, assumption: A test., grade: low}}
    production:
      queue: {uniform: [10, 60], unit: days, assumption: A test., grade: low}
      capacities: {line: {points: {2024-01-01: 300 accelerators/month}}}
    route: road
    installation: {per_lot: 3 days}
    acceptance: {passes: 0.8}
licensing:
  office:
    preparation: 5 days
    stages: {review: {duration: 30 days}}
    refiling: 7 days
    regimes:
      states: {normal: {}, slow: {speed: 0.5}}
      history: [{date: 2024-01-01, state: normal}]
freight:
  road: {legs: {truck: {duration: 2 days}}}
site:
  kind: hall
  kinds: {hall: {fit-out: {duration: 1 day}}}
acceptance: {performance: 4 days, stability: 6 days, mending: 8 days}
"""


@dataclass
class Ran:
    """What is needed to start the command, again and again, and to judge what it left."""

    home: Path
    replications: int = REPLICATIONS
    environment: dict[str, str] = field(default_factory=dict)
    wrapper: tuple[str, ...] = ()
    """A command that starts the command, in a namespace say."""

    @property
    def folder(self) -> Path:
        return self.home / "run"

    @property
    def scenario(self) -> Path:
        return self.home / "scenarios" / "tiny.yaml"

    def caught(self, parts: int = 3, *, workers: int = 1) -> subprocess.Popen[str]:
        """Start the command, slowed down, and return when it has kept some parts."""
        self.environment["PAUSE_SECONDS"] = "0.05"
        process = self.start(workers)
        deadline = time.monotonic() + 60
        while len(self.parts()) < parts:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.002)
        return process

    def start(self, workers: int = 1) -> subprocess.Popen[str]:
        """Start the command in a process group of its own."""
        words = [str(self.scenario), str(self.folder), str(self.replications), str(workers)]
        return subprocess.Popen(
            [*self.wrapper, sys.executable, str(COMMAND), *words],
            cwd=self.home,
            env=os.environ | self.environment,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def again(self) -> None:
        """Do what the command does, in this process, which is quicker to start."""
        run(named(str(self.scenario)), replications=self.replications, workers=1, out=self.folder)

    def outcomes(self) -> bytes:
        return (self.folder / "outcomes.parquet").read_bytes()

    def parts(self) -> list[Path]:
        return sorted((self.folder / "parts").glob("*.parquet"))


def is_finished(folder: Path) -> None:
    """Fail unless a folder holds a finished run and nothing else."""
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json",
        "outcomes.parquet",
        "summary.csv",
    ]
    assert changed_outputs(folder, read_manifest(folder)) == ()


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Ran]:
    """The command in a folder of its own; whatever still runs at the end is ended."""
    made = Ran(tmp_path)
    made.scenario.parent.mkdir()
    made.scenario.write_text(TINY)
    return made


@pytest.fixture(scope="session")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], bytes]:
    """The outcomes of so many replications that nothing happened to."""
    home = tmp_path_factory.mktemp("straight")
    (home / "tiny.yaml").write_text(TINY)
    kept: dict[int, bytes] = {}

    def outcomes(replications: int = REPLICATIONS) -> bytes:
        if replications not in kept:
            run(named(str(home / "tiny.yaml")), replications=replications, workers=1, out=home / "run")
            kept[replications] = (home / "run" / "outcomes.parquet").read_bytes()
            shutil.rmtree(home / "run")
        return kept[replications]

    return outcomes
