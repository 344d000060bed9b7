"""The box: runs a scenario in a process with little memory and time, and tells what it opened and started.

``python -m tests.hostile.box FOLDER`` imports the program once, then forks for each folder below; a child
leaves its exit code, its output, and every file it opened. Called by the tests of this room.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.mutations import Mutant

REPLICATIONS = 25
MOST_SECONDS = 5.0
"""Of processor time: the machine may have other work to do."""

MOST_MEGABYTES = 500
PATIENCE_SECONDS = 60

PROJECT = Path(__file__).resolve().parents[2]

STARTS = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "socket.connect",
    "ctypes.dlopen",
)
"""Audit events of code that leaves the process."""


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    name: str
    code: int
    seconds: float
    megabytes: float
    out: str
    err: str
    folder: str
    opened: tuple[str, ...]
    started: tuple[str, ...]
    left: tuple[str, ...]


def judged(mutants: Iterable[Mutant], *, pictures: bool = False) -> list[Verdict]:
    """Run each mutant in the box; with ``pictures``, by the whole command, else without its figures."""
    with tempfile.TemporaryDirectory() as root:
        names = [_laid_out(Path(root, "all", mutant.name), mutant) for mutant in mutants]
        command = [sys.executable, "-m", "tests.hostile.box", root, "pictures" if pictures else "numbers"]
        environment = {**os.environ, "MPLCONFIGDIR": f"{root}/matplotlib"}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, cwd=PROJECT
        )
        assert done.returncode == 0, done.stderr
        return [Verdict(**json.loads(Path(root, "all", name, "verdict.json").read_text())) for name in names]


def _laid_out(folder: Path, mutant: Mutant) -> str:
    for name, content in mutant.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    for name, target in mutant.links.items():
        (folder / name).symlink_to(target)
    (folder / "scenarios" / "folder.yaml").mkdir()
    os.mkfifo(folder / "scenarios" / "pipe.csv")
    (folder / "arguments.json").write_text(json.dumps(mutant.overrides))
    return mutant.name


def main(root: str, how: str) -> None:
    """Judge every folder below ``root/all``."""
    _warm_up()
    for folder in sorted(Path(root, "all").iterdir()):
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            _live(folder, how)
        status, usage = _waited(child, began)
        left = folder / "child.json"
        said: dict[str, Any] = (
            json.loads(left.read_text()) if left.exists() else {"opened": (), "started": ()}
        )
        verdict = {
            "name": folder.name,
            "code": os.waitstatus_to_exitcode(status),
            "seconds": round(usage.ru_utime + usage.ru_stime, 3),
            "megabytes": round(usage.ru_maxrss / 1024, 1),
            "out": _text(folder / "out"),
            "err": _text(folder / "err"),
            "folder": str(folder),
            "left": sorted(file.name for file in folder.rglob("*")),
            **said,
        }
        (folder / "verdict.json").write_text(json.dumps(verdict))


def _waited(child: int, began: float) -> tuple[int, resource.struct_rusage]:
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            return status, usage
        if time.monotonic() - began > PATIENCE_SECONDS:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.005)


def _text(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def _warm_up() -> None:
    """Import what a run needs, so that a child only does what its scenario asks for."""
    import scipy.special  # noqa: F401

    import sim.cli
    import sim.engine.simpy_engine
    import sim.report.figures
    import sim.results.answer
    import sim.study.named
    import sim.study.run  # noqa: F401
    from sim.scenario.load import load
    from sim.study.named import subject_of
    from sim.study.run import run

    run(subject_of(load("kz-ascend")), replications=REPLICATIONS, workers=1)


def _live(folder: Path, how: str) -> None:
    """Be the child: run the scenario, write down what happened, and end."""
    code, opened, started = 99, list[str](), list[str]()
    try:
        os.chdir(folder)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), number)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        _limit()
        overrides = json.loads(Path("arguments.json").read_text())
        sys.addaudithook(lambda event, details: _note(event, details, opened, started))
        code = _run(overrides, how)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        said = {"opened": sorted(set(opened)), "started": started}
        Path(folder, "child.json").write_text(json.dumps(said))
        os._exit(code)


def _limit() -> None:
    """Leave the child its share of memory above what the program itself takes, and some seconds."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MOST_MEGABYTES * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE_SECONDS, PATIENCE_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _note(event: str, details: Sequence[Any], opened: list[str], started: list[str]) -> None:
    if event == "open":
        opened.append(os.path.abspath(os.fsdecode(details[0])) if isinstance(details[0], str | bytes) else "")
    elif event in STARTS:
        started.append(event)


def _run(overrides: Sequence[str], how: str) -> int:
    from sim.cli.main import run as command

    options = [part for text in overrides for part in ("--set", text)]
    if how == "pictures":
        return command(["run", "mutant", "-n", str(REPLICATIONS), "--quiet", *options])
    code = command(["check", "mutant", *options])
    return code or _compute(overrides)


def _compute(overrides: Sequence[str]) -> int:
    """Run without figures: what the command does, but for the pictures and the sentence."""
    from sim.results.errors import StudyError
    from sim.results.summary import summary, write_csv
    from sim.scenario.problems import ScenarioError
    from sim.study.named import named
    from sim.study.run import run

    try:
        found = run(named("mutant", overrides), replications=REPLICATIONS, workers=1)
        write_csv(Path("summary.csv"), summary(found))
    except (ScenarioError, StudyError) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, ScenarioError) else 1
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
