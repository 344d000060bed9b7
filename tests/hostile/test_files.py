"""Attacks with a name, each of which once worked or is known elsewhere: what is said, and what is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.scenario.evidence import read_evidence
from sim.scenario.folders import find_scenario, scenario_files
from sim.scenario.load import load, rebuild
from sim.scenario.problems import MOST_SHOWN, ScenarioError
from sim.study.named import named
from tests.unit.minimal import BASE

Write = Callable[..., Path]

_watchers: list[list[str]] = []


def _watch(event: str, details: tuple[object, ...]) -> None:
    if event == "open" and _watchers and isinstance(details[0], str | bytes):
        _watchers[-1].append(os.path.realpath(os.fsdecode(details[0])))


sys.addaudithook(_watch)  # cannot be taken away again, so there is one, which mostly looks away


@contextmanager
def watched() -> Iterator[list[str]]:
    """Tell which files are opened, with links followed."""
    _watchers.append([])
    try:
        yield _watchers[-1]
    finally:
        _watchers.pop()


def message(name: str | Path, *overrides: str) -> str:
    with pytest.raises(ScenarioError) as error:
        named(str(name), overrides)
    return str(error.value)


def child(**keys: str) -> str:
    lines = {"title": "t", "extends": "kz-ascend", **keys}
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


@pytest.mark.parametrize(
    "place",
    [
        "/etc/passwd",
        "../../../../../../../etc/passwd",
        "../secret",
        "../secret.yaml",
        "link.yaml",
        "loop.yaml",
        "/dev/stdin",
        "/dev/zero",
        "/proc/self/environ",
        "~/.bashrc",
        "folder",
        '"a\\0.yaml"',
        '"' + "x" * 5_000 + '"',
        '"' + "x" * 5_000 + '.yaml"',
    ],
)
def test_a_parent_elsewhere_is_not_read(write: Write, tmp_path: Path, place: str) -> None:
    (tmp_path / "secret").write_text("title: secret\n")
    (tmp_path / "secret.yaml").write_text("title: secret\n")
    path = write("mine.yaml", f"title: t\nextends: {place}\n")
    (path.parent / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (path.parent / "loop.yaml").symlink_to("loop.yaml")
    (path.parent / "folder").mkdir()
    with watched() as opened:
        said = message("mine")
    assert said.startswith("scenarios/mine.yaml:2:10: extends: ")
    assert "secret:" not in said
    assert not [file for file in opened if "secret" in file or file.startswith(("/etc", "/dev", "/proc"))]


@pytest.mark.parametrize(
    "place",
    ["/etc/passwd", "../secret.csv", "link.csv", "/dev/zero", "/dev/stdin", "pipe.csv", "folder", ".", '""'],
)
def test_a_column_elsewhere_is_not_read(write: Write, tmp_path: Path, place: str) -> None:
    (tmp_path / "secret.csv").write_text("days\n1\n")
    law = f"{{empirical: {{file: {place}, column: days}}, unit: days, assumption: x}}"
    path = write("mine.yaml", child(acceptance=f"{{mending: {law}}}"))
    (path.parent / "link.csv").symlink_to(tmp_path / "secret.csv")
    (path.parent / "folder").mkdir()
    os.mkfifo(path.parent / "pipe.csv")
    with watched() as opened:
        said = message("mine")
    assert "scenarios folders" in said or "outside the scenario" in said or "file" in said
    assert not [file for file in opened if "secret" in file or file.startswith(("/etc", "/dev", "/proc"))]


def test_evidence_behind_a_link_is_not_read(write: Write, tmp_path: Path) -> None:
    path = write("mine.yaml", child())
    (tmp_path / "secret.csv").write_text("id\n")
    (path.parent / "evidence.csv").symlink_to(tmp_path / "secret.csv")
    with watched() as opened:
        assert read_evidence()
    assert not [file for file in opened if "secret" in file]


def test_only_the_folders_of_scenarios_are_read(write: Write, tmp_path: Path) -> None:
    write("mine.yaml", child())
    with watched() as opened:
        load("mine")
    data = [file for file in opened if file.endswith((".yaml", ".csv"))]
    assert data
    assert all("/scenarios/" in file for file in data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title: "a\\e[31mred"\n', ":1:8: title: holds '\\x1b', which is not printable text"),
        ('title: "a\\u202Eb"\n', ":1:8: title: holds '\\u202e', which is not printable text"),
        ('title: "\\uD800"\n', ":1:8: title: holds '\\ud800', which is not printable text"),
        ("title: a\x1b[31m\n", ":1: holds '\\x1b', which is not printable text"),
        ("title: a\u202eb\n", ":1: holds '\\u202e', which is not printable text"),
        ("a.b: 1\n", ":1:1: a.b: is no key: keys are letters, digits, - and _, at most 80 of them"),
        ("<<: {title: x}\n", ":1:1: '<<': is no key"),
        ("../x: 1\n", ":1:1: ../x: is no key"),
        ("x" * 81 + ": 1\n", f":1:1: '{'x' * 36}...: is no key"),
        ("# x\n" * 20_001, ":20001: has more than 20000 lines"),
    ],
)
def test_text_that_nobody_can_see_and_keys_that_are_no_names(write: Write, text: str, said: str) -> None:
    write("mine.yaml", text)
    assert f"scenarios/mine.yaml{said}" in message("mine")


def test_a_title_is_one_line_of_bounded_length(write: Write) -> None:
    write("long.yaml", child(title="x" * 201))
    write("two.yaml", child(title='"a\\nb"'))
    for name in ("long", "two"):
        assert "title: a title is one line of at most 200 characters" in message(name)


def test_a_letter_of_another_alphabet_is_another_name(write: Write) -> None:
    write("mine.yaml", child(strategy="{supplier: \u0430scend}"))  # a Cyrillic a
    assert "unknown supplier" in message("mine")
    assert "did you mean ascend?" in message("mine")


FAR_TAIL = "{mending: {normal: {mean: 1, sd: 1}, min: 900, max: 901, unit: days, assumption: x}}"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"demand": "{accelerators: 1e12, compute: null}"}, "demand: the plan has over 4000 stages"),
        ({"pools": "{desk: 1000000}"}, "pools.desk: a pool has 1 to 10000 servers"),
        (
            {"pools": f"{{{', '.join(f'p{i}: 1' for i in range(501))}}}"},
            "has 501 entries; at most 500 are read",
        ),
        ({"horizon": "9999-12-31"}, "horizon: 9999-12-31 is outside the calendar"),
        ({"site": "{winter: {begin: 13-40, end: 03-31}}"}, "'13-40' is no month and day"),
        (
            {"freight": "{china-rail: {legs: {made: {duration: 1 days}}}}"},
            "two nodes named 'ascend/lot[0]/made'",
        ),
        ({"acceptance": FAR_TAIL}, "acceptance.mending: truncated: "),
    ],
)
def test_more_than_a_plan_may_have_is_refused_at_its_place(
    write: Write, keys: dict[str, str], said: str
) -> None:
    write("mine.yaml", child(**keys))
    assert said in message("mine")
    assert message("mine").startswith("scenarios/mine.yaml:")


def test_a_hundred_problems_are_shown_and_the_others_counted(write: Write) -> None:
    names = ", ".join(f"X{i}" for i in range(400))
    write("mine.yaml", child(acceptance=f"{{mending: {{uniform: [1, 2], unit: days, source: [{names}]}}}}"))
    assert len(message("mine").splitlines()) == MOST_SHOWN
    write("mine.yaml", "title: t\n" + "".join(f"k{i}: 1\n" for i in range(300)) * 2)
    lines = message("mine").splitlines()
    assert len(lines) == MOST_SHOWN + 1
    assert lines[-1].startswith("... and ")


def test_a_long_family_is_refused(write: Write) -> None:
    for number in range(30):
        write(f"s{number}.yaml", f"title: t\nextends: s{number + 1}\n")
    write("s30.yaml", "title: t\n")
    assert "extends: has more than 20 parents above it" in message("s0")


def test_a_family_with_too_many_values_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.scenario.load.MOST_VALUES", 200)
    many = "".join(f"k{i}: 1\n" for i in range(90))
    for number in range(4):
        write(f"s{number}.yaml", f"extends: s{number + 1}\n{many}")
    assert "with what it extends, it holds more than 200 values" in message("s0")


def test_columns_hold_a_bounded_number_of_numbers(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.scenario.load.MOST_NUMBERS", 200)
    write("many.csv", "days\n" + "1\n" * 100)
    law = "{duration: {empirical: {file: many.csv, column: days}, unit: days, assumption: x}}"
    legs = ", ".join(f"l{i}: {law}" for i in range(5))
    write("mine.yaml", child(freight=f"{{china-rail: {{legs: {{{legs}}}}}}}"))
    assert "columns hold more than 200 numbers" in message("mine")


def test_a_column_that_is_there_twice_is_not_guessed(write: Write) -> None:
    write("two.csv", "days,days\n1,2\n")
    law = "{empirical: {file: two.csv, column: days}, unit: days, assumption: x}"
    write("mine.yaml", child(acceptance=f"{{mending: {law}}}"))
    assert "scenarios/two.csv:1: has more than one column 'days'" in message("mine")


def test_a_file_with_a_name_that_cannot_be_printed_is_passed_over(write: Write) -> None:
    path = write("fine.yaml", "title: 'x\n  y'\n")
    (path.parent / os.fsdecode(b"bad\xff.yaml")).write_text("title: x\n")
    (path.parent / "bad\x1b[31m.yaml").write_text("title: x\n")
    local = {file.name: file.title for file in scenario_files() if file.path.is_relative_to(path.parent)}
    assert local == {"fine": "x y"}


@pytest.mark.parametrize("name", ["x" * 5_000, "a\x00b", "a\nb"])
def test_no_name_is_too_strange_to_be_refused(write: Write, name: str) -> None:
    write("mine.yaml", child())
    with pytest.raises(ScenarioError):
        find_scenario(name)


def test_a_merged_scenario_is_checked_like_a_file() -> None:
    deep: object = 1
    for _ in range(60):
        deep = {"x": deep}
    for merged, said in (
        ({"title": deep}, "nested deeper than 40 levels"),
        ({"a/b": 1}, "is no key"),
        ({"title": "\x1b"}, "is not printable text"),
    ):
        with pytest.raises(ScenarioError, match=said):
            rebuild(merged)
    assert BASE


def test_a_change_with_terminal_codes_is_named_without_them(write: Write) -> None:
    write("mine.yaml", child())
    assert message("mine", "title\x1b[31m=x").startswith("--set title?[31m=x: ")
