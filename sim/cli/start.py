"""The command that starts a scenario: a file that works as written, with comments that teach.

What the file shows is taken from its base: the levers with their meaning, the dates of its builds, and one
uncertain number as an example. Called by ``main``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.answers.reading import Started
from sim.cli.console import Lines, say
from sim.cli.machine import emit
from sim.cli.names import SCENARIO
from sim.cli.options import AS_JSON

if TYPE_CHECKING:
    from sim.scenario.load import Loaded

NAME = re.compile(r"\w[\w-]{0,79}", re.ASCII)
_DATE = re.compile(r"'(\d{4}-\d\d-\d\d)'")
ONE_LINE = 10_000
LEVER_WIDTH = 34
"""Column at which the meaning of a lever begins."""


@click.command("new")
@click.argument("name")
@click.option("--from", "base", required=True, type=SCENARIO, metavar="BASE", help="Scenario to start from.")
@AS_JSON
def new_command(name: str, base: str, as_json: bool) -> None:
    """Start a scenario of your own: a file that works, with comments."""
    from sim.scenario.load import load

    path = Path("scenarios") / f"{name}.yaml"
    _refuse(name, path)
    loaded = load(base)
    _refuse_stranger(loaded)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in starter(name, loaded))
    commands = tuple(_commands(name, loaded.name))
    if as_json:
        emit(Started(name, loaded.name, path, commands))
    else:
        say(f"{path} is {loaded.name} under another title, ready to be changed. Edit it, then:")
        say(Lines([f"  {command}" for command in commands]))


def _refuse(name: str, path: Path) -> None:
    """Refuse a name that is no file name, or that is taken."""
    from sim.scenario.folders import scenario_files
    from sim.scenario.words import shown

    if not NAME.fullmatch(name):
        raise click.UsageError(f"{shown(name)} is no name for a scenario (letters, digits, - and _)")
    if path.exists():
        raise click.UsageError(f"{path} is there already (choose another name, or edit it)")
    if any(file.name == name for file in scenario_files()):
        raise click.UsageError(f"there is a scenario {name} already (choose another name)")


def _refuse_stranger(base: Loaded) -> None:
    """Refuse a base that a file in ``scenarios/`` could not extend."""
    from sim.scenario.folders import find_scenario
    from sim.scenario.problems import ScenarioError

    try:
        known = find_scenario(base.name).resolve()
    except ScenarioError:
        known = Path()
    if known != base.path.resolve():
        raise click.UsageError(f"{base.path} is in no scenarios folder (copy it to scenarios/ first)")


def starter(name: str, base: Loaded) -> Iterator[str]:
    """Yield the lines of a scenario that extends another and changes nothing but its title."""
    from sim.scenario.explain import quantities

    paths = [path for path, quantity in quantities(base) if not quantity.is_fixed]
    example = next((path for path in paths if path.startswith("licensing.")), paths[0] if paths else None)
    yield f"# {name} is {base.name} plus what stands below; what is not here, {base.name} says."
    yield "#"
    yield "# All there is to change, and who says so, value by value:"
    yield f"#   chiproute show {name}"
    if example is not None:
        yield f"#   chiproute show {name} --explain {example}"
    yield "# Whether it is right, what it changes, and what that does:"
    yield from (f"#   {command}" for command in _commands(name, base.name))
    yield ""
    yield from _entry("title", f"{base.scenario.title}, changed")
    yield from _entry("extends", base.name)
    yield ""
    yield from _levers(base)
    yield from _builds(base)
    if example is not None:
        yield from _example(base, example)


def _commands(name: str, base: str) -> Iterator[str]:
    yield f"chiproute check {name}"
    yield f"chiproute diff {base} {name}"
    yield f"chiproute compare {base} {name}"


def _levers(base: Loaded) -> Iterator[str]:
    from sim.scenario.schema import Strategy

    yield "# Change this first: what you decide. Dates are written 2026-05-01, lengths of time `9 months`."
    target = base.merged.get("target")
    if target is not None:
        yield from _entry("target", target, about="The promised date.")
    yield "strategy:"
    for key, value in base.merged["strategy"].items():
        yield from _entry(key, value, about=Strategy.model_fields[key].description or "", indent=2)
    yield ""


def _builds(base: Loaded) -> Iterator[str]:
    builds = base.merged.get("builds") or {}
    if not builds:
        return
    yield "# The machines of this world; each may have its own demand, strategy and site, too."
    yield "builds:"
    for name, build in builds.items():
        dates = {key: build[key] for key in ("begin", "target") if key in build}
        yield f"  {name}:"
        for key, value in (dates or {"title": build["title"]}).items():
            yield from _entry(key, value, indent=4)
    yield ""


def _example(base: Loaded, path: str) -> Iterator[str]:
    from sim.scenario.evidence import FILE_NAME

    yield "# What you do not decide is a law of chance with its unit, and what it rests on: `source`, ids of"
    yield f"# rows in {FILE_NAME}, or `assumption`, one sentence; `grade` says how good that is: high, medium"
    yield f"# or low. Evidence of your own goes into scenarios/{FILE_NAME}, a row per source."
    yield f"# A number as {base.name} has it, as an example; take away the # in front to change it:"
    yield "#"
    yield from (f"# {line}" for line in _nested(base.merged, path))


def _nested(merged: Mapping[str, Any], path: str) -> list[str]:
    """Return a value below the sections it lies in, as YAML."""
    from sim.scenario.words import split_path

    steps = split_path(path)
    value: Any = merged
    for step in steps:
        value = value[step]
    lines, indent = [f"{'  ' * depth}{step}:" for depth, step in enumerate(steps)], "  " * len(steps)
    return lines + [f"{indent}{line}" for key in value for line in _plain_entry(key, value[key])]


def _entry(key: str, value: Any, *, about: str = "", indent: int = 0) -> Iterator[str]:
    lines = _plain_entry(key, value)
    if about and len(lines) == 1:
        lines = [f"{' ' * indent}{lines[0]}".ljust(LEVER_WIDTH) + f"  # {about}"]
        indent = 0
    yield from (f"{' ' * indent}{line}" for line in lines)


def _plain_entry(key: str, value: Any) -> list[str]:
    """Return a key and its value as YAML, in one line unless sections lie below."""
    from sim.scenario.document import as_yaml

    text = _DATE.sub(r"\1", as_yaml({key: value}, width=ONE_LINE).rstrip("\n"))
    return (text[1:-1] if text.startswith("{") else text).splitlines()


COMMANDS = (new_command,)
