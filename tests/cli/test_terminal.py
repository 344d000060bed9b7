"""What a terminal shows: tables that fit, colors only where they are wanted, progress, and quiet ends."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.console import Lines, Table, broken, say
from sim.cli.progress import Pace, progress, time_text

PROGRAM = [sys.executable, "-c", "from sim.cli import main; main()"]
FEW = ("-n", "250", "--workers", "1", "--quiet")
COLOR = "\x1b["


def on_terminal(folder: Path, *arguments: str, columns: int = 80, **variables: str) -> str:
    """Return what a command prints on a terminal."""
    leader, follower = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": str(columns), **variables}
    command = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, env=environment, stdin=follower, stdout=follower, stderr=follower
    )
    os.close(follower)
    text = b""
    try:
        while piece := os.read(leader, 65536):
            text += piece
    except OSError:  # the other end was closed
        pass
    os.close(leader)
    assert command.wait(timeout=60) == 0
    return text.decode()


TABLE = """
from sim.cli.console import Table, say
say(Table(["scenario"], [("P80", ["2025-11\\n2025-10 … 12"])]))
"""


def test_a_terminal_gets_color_unless_it_is_told_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert COLOR in on_terminal(tmp_path, "regret", "kz-nvidia-wait", "kz-ascend", *FEW)
    monkeypatch.setattr(sys.modules[__name__], "PROGRAM", [sys.executable, "-c", TABLE])
    assert COLOR in on_terminal(tmp_path)
    for variable in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        text = on_terminal(tmp_path, **variable)
        assert "2025-10" in text
        assert COLOR not in text


def printed(capfd: pytest.CaptureFixture[str], *blocks: str | Lines | Table) -> list[str]:
    say(*blocks)
    return capfd.readouterr().out.splitlines()


NAMES = [f"a-scenario-with-quite-a-long-name-{number}" for number in range(8)]


def test_eight_scenarios_of_long_names_fit(capfd: pytest.CaptureFixture[str]) -> None:
    rows = [("P80", ["2025-11-07\n2025-10-13 … 12-11"] * 8), ("a label " * 9, ["-"] * 8)]
    lines = printed(capfd, Table(NAMES, rows, title="All of them"))
    assert max(map(len, lines)) <= 80
    text = "".join(line.replace(" ", "") for line in lines)
    assert all(name[-14:] in text for name in NAMES)
    assert sum(line.startswith("P80") for line in lines) == text.count("Allofthem")


def test_a_word_longer_than_a_cell_goes_on_below(capfd: pytest.CaptureFixture[str]) -> None:
    assert broken("suppliers.nvidia.production.queue", 20) == ["suppliers.nvidia.", "production.queue"]
    assert broken("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert broken("one\ntwo", 10) == ["one", "two"]


def test_paths_are_not_broken_in_lines(capfd: pytest.CaptureFixture[str]) -> None:
    path = "/".join(["reports"] * 15)
    assert path in printed(capfd, f"It is in {path} now.")[1]


def test_a_title_is_text_and_no_markup(capfd: pytest.CaptureFixture[str]) -> None:
    lines = printed(capfd, Table(["[red]name[/red]"], [("[bold]row", ["[/]"])], title="[blink]title"))
    assert lines == ["[blink]title", "           [red]name[/red]", "[bold]row  [/]"]


def test_the_pace_of_a_phase_begins_anew_when_less_is_done() -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0])
    assert pace.tell(0) == 0.0
    assert pace.text(1_000) == "starting"
    now[0] = 10.0
    assert pace.tell(2_000) == 10.0
    assert pace.text(8_000) == "200 replications/s, 30 s left"
    assert pace.tell(0) == 0.0
    now[0] = 11.0
    pace.tell(50)
    assert pace.text(100) == "50 replications/s, 1 s left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (99.0, "99 s"), (100.0, "2 min"), (3_599.0, "1 h 0 min"), (7_500.0, "2 h 5 min")],
)
def test_times_are_short(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


def test_short_work_shows_no_progress_and_quiet_work_never(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress("kz-switch", quiet=False) as report:
        assert report is not None
        report(0, 100)
        report(100, 100)
    with progress("kz-switch", quiet=True) as report:
        assert report is None
    assert capfd.readouterr() == ("", "")


def test_long_work_tells_lines_where_there_is_no_terminal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.cli.progress.BETWEEN_LINES_SECONDS", 0.0)
    with progress("kz-switch", quiet=False) as report:
        assert report is not None
        report(0, 2_000)
        report(1_000, 2_000)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("kz-switch: 1,000 of 2,000 done, ")
    assert "replications/s" in err


SLOW = """
import time
from sim.cli.progress import progress
with progress("kz-switch", quiet=False) as report:
    for done in range(0, 1201, 100):
        report(done, 1200)
        time.sleep(0.15)
print("the answer")
"""


def test_a_bar_appears_for_long_work_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "PROGRAM", [sys.executable, "-c", SLOW])
    text = on_terminal(tmp_path)
    assert "replications/s" in text
    assert text.endswith("the answer\r\n")
    assert "\x1b[2K" in text, "the line of the bar is erased"
    assert "\x1b" not in on_terminal(tmp_path, TERM="dumb"), "no bar, at most lines of text"


def test_nobody_reading_on_is_no_error(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [*PROGRAM, "evidence", "kz-switch"],
        cwd=tmp_path,
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (141, "")


def test_output_that_cannot_be_encoded_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "ours.yaml").write_text("title: Қазақстан\nextends: kz-ascend\n", "utf-8")
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [*PROGRAM, "list"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ours                 ?????????" in done.stdout
