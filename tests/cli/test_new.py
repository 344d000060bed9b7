"""``chiproute new``: a scenario that works as written, and teaches what to change."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.scenario.explain import difference
from sim.scenario.load import load
from tests.cli.conftest import Command

BASES = (
    "kz-base",
    "kz-split",
    "kz-second-wave",
    "kz-asof-2024-12",
    "kz-national-llm",
    "central-asia-queue",
    "tj-first-cluster",
    "license-freeze",
)


def differing(one: str, other: str) -> set[str]:
    """Return the paths of what differs between two scenarios, but for whether they are bases."""
    return {path for path, _, _ in difference(load(one), load(other))} - {"abstract"}


@pytest.mark.parametrize("base", BASES)
def test_a_new_scenario_differs_from_any_base_by_its_title_alone(
    chiproute: Command, tmp_path: Path, base: str
) -> None:
    assert chiproute("new", "mine", "--from", base).code == 0
    assert differing(base, "mine") == {"title"}


@pytest.mark.parametrize("base", ["kz-switch", "central-asia-queue", "license-freeze"])
def test_the_example_in_its_comments_is_right_and_changes_nothing(
    chiproute: Command, tmp_path: Path, base: str
) -> None:
    chiproute("new", "mine", "--from", base)
    file = tmp_path / "scenarios" / "mine.yaml"
    text = file.read_text(encoding="utf-8")
    before, example = text.split("to change it:\n#\n")
    file.write_text(before + "\n" + re.sub(r"^# ", "", example, flags=re.MULTILINE), encoding="utf-8")
    assert differing(base, "mine") == {"title"}
    explained = chiproute("show", "mine", "--explain", "licensing.bis.preparation").out
    assert "scenarios/mine.yaml:" in explained


def test_the_commands_it_recommends_run(chiproute: Command, tmp_path: Path) -> None:
    started = json.loads(chiproute("new", "mine", "--from", "kz-ascend", "--json").out)
    assert started["file"] == "scenarios/mine.yaml"
    for command in started["next"]:
        name, *arguments = command.removeprefix("chiproute ").split()
        few = ("-n", "250", "--workers", "1", "--quiet") if name == "compare" else ()
        assert chiproute(name, *arguments, *few).code == 0, command


def test_it_says_every_lever_of_the_strategy_and_what_it_means(chiproute: Command, tmp_path: Path) -> None:
    chiproute("new", "mine", "--from", "kz-switch")
    text = (tmp_path / "scenarios" / "mine.yaml").read_text(encoding="utf-8")
    for lever in ("kind", "first", "then", "patience", "prepare_second"):
        assert re.search(rf"^  {lever}: \S.*  # \S", text, re.MULTILINE), lever


@pytest.mark.parametrize(
    ("name", "base", "way_out"),
    [
        ("kz-switch", "kz-ascend", "choose another name"),
        ("../mine", "kz-ascend", "letters, digits, - and _"),
        ("", "kz-ascend", "letters, digits, - and _"),
        ("mine", "kz-ascent", "did you mean kz-ascend"),
    ],
)
def test_it_refuses_a_wrong_name(
    chiproute: Command, tmp_path: Path, name: str, base: str, way_out: str
) -> None:
    said = chiproute("new", name, "--from", base)
    assert (said.code, said.out) == (2, "")
    assert way_out in said.err
    assert not list(tmp_path.rglob("*.yaml"))


def test_it_never_overwrites(chiproute: Command, tmp_path: Path) -> None:
    file = tmp_path / "scenarios" / "mine.yaml"
    file.parent.mkdir()
    file.write_text("a week of work")
    said = chiproute("new", "mine", "--from", "kz-switch")
    assert said.code == 2
    assert "is there already" in said.err
    assert file.read_text() == "a week of work"


def test_a_base_outside_the_scenario_folders_is_refused(chiproute: Command, tmp_path: Path) -> None:
    stranger = tmp_path / "elsewhere" / "own.yaml"
    stranger.parent.mkdir()
    stranger.write_text("title: Own\nextends: kz-ascend\n")
    said = chiproute("new", "mine", "--from", str(stranger))
    assert said.code == 2
    assert "copy it to scenarios/ first" in said.err
