"""Running the command as a user does: in a folder of one's own, arguments in, text and exit code out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.cli.main import run
from tests.pictures import without_pictures


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def chiproute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run the command line in this process, in an empty folder.

    Figures are drawn and written as SVG, but their PNG files stay empty: the tests of figures look at them.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.report.figures._png", lambda figure: b"")

    def command(*arguments: str) -> Said:
        code = run(arguments)
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return command


@pytest.fixture
def unpictured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out pictures and pages, where a test looks at numbers or words alone."""
    without_pictures(monkeypatch)


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the command line in a process of its own, in an empty folder."""

    def start(*arguments: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-c", "from sim.cli import main; main()", *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(line, cwd=tmp_path, text=True, env=os.environ | {"TERM": "dumb"}, **pipes)

    return start
