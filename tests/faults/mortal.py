"""A program that is killed before each of its file operations in turn, and must always recover.

    python mortal.py FOLDER

For every k a child process lives through some work on a folder and kills itself (SIGKILL) before its k-th
operation below it; then the manifest may vouch for no file that is not what it says, and another child must
finish the same work to the same bytes. The parent only forks and looks, so children inherit no threads.
Prints how many kills there were.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from importlib import import_module
from itertools import count, pairwise
from pathlib import Path

import numpy as np

from sim.results.conditions import conditions
from sim.results.facts import Facts
from sim.results.folder import open_folder, write_comparison
from sim.results.manifest import adding_outputs, changed_outputs, read_manifest
from sim.results.outcomes import Columns
from sim.results.run import Run

Work = Callable[[Path], None]

OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}


def main(home: Path) -> None:
    """Go through a new run, an extension, and a comparison with a figure that is drawn twice."""
    warm(home / "warm")
    works = {new_run: nothing, extension: begun, comparison: two_runs}
    print(*(everywhere(home / work.__name__, work, before) for work, before in works.items()))


def warm(folder: Path) -> None:
    """Import here what the work imports, and look up its conditions, once for all children."""
    conditions()
    assert lived(imports, folder)
    for name in folder.read_text().split():
        with suppress(ImportError):
            import_module(name)


def imports(file: Path) -> None:
    comparison(file.with_suffix(".work"))
    file.write_text(" ".join(sys.modules))


def nothing(folder: Path) -> None:
    folder.mkdir()


def new_run(folder: Path) -> None:
    filled(folder / "run", 200)


def begun(folder: Path) -> None:
    filled(folder / "run", 150)


def extension(folder: Path) -> None:
    filled(folder / "run", 300)


def two_runs(folder: Path) -> None:
    for name in ("one", "two"):
        filled(folder / name, 200)


def comparison(folder: Path) -> None:
    write_comparison(folder / "both", [filled(folder / name, 200) for name in ("one", "two")])
    for _ in range(2):
        with adding_outputs(folder / "both", "figure") as added:
            added.append(folder / "both" / "figure.svg")
            added[0].write_text("<svg/>")


def filled(folder: Path, stop: int) -> Run:
    """Do what a study does with a run folder, with columns made up instead of simulated."""
    start, horizon = date(2024, 4, 30), date(2032, 12, 31)
    facts = Facts(name=folder.name, title=folder.name, start=start, horizon=horizon)
    with open_folder(folder, facts, **OPTIONS) as opened:
        missing = opened.missing(stop)
        if missing:
            opened.begin(stop)
        for first, end in missing:
            for part in pairwise([*range(first, end, 100), end]):
                opened.add(columns(*part))
        return opened.finish(stop)


OPTIONS = {"seed": 1, "engine": "array"}


def columns(first: int, stop: int) -> Columns:
    number = np.arange(first, stop)
    return {"replication": number, "completion": np.where(number % 7, 100.0 + np.sqrt(number), np.inf)}


def everywhere(home: Path, work: Work, before: Work) -> int:
    """Kill some work before each of its operations; return how many there are."""
    home.mkdir()
    assert lived(before, home / "begin")
    wanted = outcomes(made(home, "straight", work))
    for k in count(1):
        folder = home / str(k)
        shutil.copytree(home / "begin", folder)
        killed = not lived(work, folder, operation=k)
        check_manifests(folder)
        assert lived(work, folder)
        check_manifests(folder)
        assert outcomes(folder) == wanted, f"other bytes after a kill before operation {k}"
        left = [str(path) for path in folder.rglob("*") if path.name == ".lock" or "part" in path.name]
        assert not left, f"left after a kill before operation {k}: {left}"
        if not killed:
            return k - 1
    raise AssertionError("unreachable")


def made(home: Path, name: str, work: Work) -> Path:
    shutil.copytree(home / "begin", home / name)
    assert lived(work, home / name)
    return home / name


def lived(work: Work, folder: Path, operation: int = 0) -> bool:
    """Do some work in a child process; return whether it came to its end."""
    child = os.fork()
    if child == 0:
        if operation:
            die_before(operation, folder)
        work(folder)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


def die_before(operation: int, folder: Path) -> None:
    """Kill this process before its so-manieth operation on a file below a folder."""
    left = operation

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in OPERATIONS and str(arguments[0]).startswith(str(folder)):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def check_manifests(folder: Path) -> None:
    """Fail if a manifest vouches for a file that is not what it says."""
    for path in folder.rglob("manifest.json"):
        wrong = changed_outputs(path.parent, read_manifest(path.parent, kind=None))
        assert not wrong, (str(path), wrong)


def outcomes(folder: Path) -> dict[str, bytes]:
    names = ("outcomes.parquet", "summary.csv", "comparison.csv", "figure.svg")
    files = (path for path in folder.rglob("*") if path.name in names)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
