"""Running what a page shows, in a folder that holds the files the page tells its reader to write."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from shutil import copytree

import pytest

from sim.cli.main import run
from tests.docs.markdown import blocks
from tests.pictures import without_pictures

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


@pytest.fixture(scope="module")
def page() -> str:
    """Return the text of the README."""
    return README.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def place(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Be in a clone as its reader has it: the scenarios, and the files that the README tells to write."""
    folder = tmp_path_factory.mktemp("clone")
    copytree(ROOT / "scenarios", folder / "scenarios")
    for block in blocks(page):
        if block.kind == "file":
            path = folder / block.what
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
    with chdir(folder):
        yield folder


Output = Callable[[str], str]


@pytest.fixture(scope="module")
def output(page: str, place: Path) -> Iterator[Output]:
    """Return what a command prints, or the Python of the page, on standard output; either must succeed.

    Pictures and pages are left out: nothing of them is printed there.
    """

    def of(what: str) -> str:
        printed, said = io.StringIO(), io.StringIO()
        with redirect_stdout(printed), redirect_stderr(said):
            code = _run_python(page) if what == "the Python above" else run(shlex.split(what)[1:])
        assert code == 0, f"{what}: exit code {code}\n{said.getvalue()}"
        return printed.getvalue()

    with pytest.MonkeyPatch.context() as patch:
        without_pictures(patch)
        yield of


def _run_python(page: str) -> int:
    for block in blocks(page):
        if block.language == "python":
            exec(compile(block.body, "README.md", "exec"), {})
    return 0
