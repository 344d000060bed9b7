"""What a command refuses or fails at: one line that says what is wrong, where, and the way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.unit.minimal import BASE

SMALL = ("-n", "250", "--workers", "1", "--quiet")

LINES = {
    "zzzzz": "there is no command 'zzzzz' (chiproute --help says how)",
    "comparee": "there is no command 'comparee' (did you mean compare?)",
    "-x": "there is no option -x (chiproute --help says how)",
    "list extra": "got unexpected extra argument (extra)",
    "run": "NAMES is missing (chiproute run --help says how)",
    "run kz-switch --out": "option '--out' requires an argument (chiproute --help says how)",
    "run kz-switch -n 0": "-n/--replications: 0 is not in the range 1<=x<=100000000",
    "run kz-switch --language fr": "--language: 'fr' is not one of 'en', 'ru'",
    "completion tcsh": "SHELL: 'tcsh' is not one of 'bash', 'zsh', 'fish'",
    "plot nowhere": "FOLDERS: directory 'nowhere' does not exist",
    "plot . --figure dela": "--figure: there is no figure 'dela' (did you mean delay?)",
    "plot . --figure zzz": "--figure: there is no figure 'zzz'; there are completion, delay, milestones",
    "ledger a b c": "a ledger takes one scenario, or two to compare, not 3",
    "trace kz-switch --at half": "--at: 'half' is no percentile such as p80",
    "trace kz-switch --at p50 --replication 3": "say which future: --at p80 or --replication 17",
    "map a b --vary x=1..2": "a map needs --vary twice, got it 1 times (chiproute map --help says how)",
}


@pytest.mark.parametrize(("line", "message"), LINES.items(), ids=LINES)
def test_a_wrong_command_line_is_one_line(chiproute: Command, line: str, message: str) -> None:
    said = chiproute(*line.split())
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"chiproute: {message}")
    assert said.err.count("\n") == 1


def test_a_document_that_is_none_gets_the_names_of_all(chiproute: Command) -> None:
    said = chiproute("schema", "--output", "zzz")
    assert said.code == 2
    assert "there is no document of 'zzz'; documents come from list, show, check" in said.err


def test_what_has_no_target_cannot_slip(chiproute: Command) -> None:
    said = chiproute("outside", "kz-switch", "--set", "target=null", *SMALL)
    assert (said.code, said.err) == (1, "chiproute: kz-switch promises no date, so it cannot slip\n")


def test_two_names_of_one_scenario_say_the_same(chiproute: Command) -> None:
    assert chiproute("diff", "kz-switch", "kz-switch").out == "kz-switch and kz-switch say the same.\n"


def test_a_scenario_that_promises_nothing_and_knows_no_chance_can_be_started_from(
    chiproute: Command, tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "certain.yaml").write_text(BASE, encoding="utf-8")
    assert chiproute("new", "mine", "--from", "certain").code == 0
    text = (tmp_path / "scenarios" / "mine.yaml").read_text(encoding="utf-8")
    assert "target" not in text
    assert "--explain" not in text
    (found,) = json.loads(chiproute("diff", "certain", "mine", "--json").out)["values"]
    assert found["path"] == "title"


def test_a_scenario_beside_the_families_is_listed_under_the_folder(
    chiproute: Command, tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.yaml").write_text("title: Mine\nextends: kz-switch\n", encoding="utf-8")
    lines = chiproute("list").out.splitlines()
    assert lines[0] == "scenarios/"
    assert lines[1].split() == ["mine", "Mine"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "out of memory (ask for fewer replications, or give --workers 1)"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError(28, "No space left on device", "reports/x"), "reports/x: No space left on device"),
        (OSError("the device is gone"), "the device is gone"),
    ],
)
def test_what_the_machine_cannot_do_is_a_failed_study(
    chiproute: Command, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr("sim.cli.read.say", fail)
    said = chiproute("list")
    assert (said.code, said.out, said.err) == (1, "", f"chiproute: {message}\n")


def test_a_fault_of_the_program_itself_is_never_dressed_up(
    chiproute: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.cli.read.say", lambda *blocks: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        chiproute("list")
