"""Commands that read scenario files and run nothing, such as ``list``, ``show`` and ``check``.

They start at once: no pandas, no scipy, no figures. Called by ``main``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from sim.cli.console import WIDTH, Lines, say
from sim.cli.machine import emit
from sim.cli.names import DOCUMENT, PATH, SCENARIO
from sim.cli.options import AS_JSON, OVERRIDES, QUIET
from sim.scenario.folders import ScenarioFile, file_text, scenario_files
from sim.scenario.problems import Problem, ScenarioError

if TYPE_CHECKING:
    from sim.cli.answers import reading
    from sim.scenario.explain import Explanation
    from sim.scenario.load import Loaded


@click.command("list")
@AS_JSON
def list_command(as_json: bool) -> None:
    """List scenarios by family."""
    files = scenario_files()
    if as_json:
        from sim.cli.answers import reading

        emit(reading.listing(files))
    else:
        say(Lines(list(_listing(files)), hanging=_indent(files)))


@click.command("show")
@click.argument("name", type=SCENARIO)
@click.option(
    "--explain",
    "path",
    type=PATH,
    metavar="PATH",
    help="Say where a value comes from: files, changes, evidence.",
)
@OVERRIDES
@AS_JSON
def show_command(name: str, path: str | None, overrides: Sequence[str], as_json: bool) -> None:
    """Show a scenario with all it inherits, or explain one value."""
    from sim.cli.answers import reading
    from sim.scenario.explain import explain
    from sim.scenario.load import load

    loaded = load(name, overrides)
    found = None if path is None else explain(loaded, path)
    if as_json:
        values = None if found is None else tuple(map(reading.value, found))
        merged = loaded.merged if found is None else None
        emit(reading.Shown(loaded.name, loaded.path, loaded.digest, merged, values))
    elif found is not None:
        say(Lines([line for each in found for line in _explanation(each)], hanging=4))
    else:
        from sim.scenario.document import as_yaml

        click.echo(as_yaml(loaded.merged, width=WIDTH), nl=False)


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=SCENARIO)
@OVERRIDES
@AS_JSON
@QUIET
def check_command(files: Sequence[str], overrides: Sequence[str], as_json: bool, quiet: bool) -> None:
    """Check scenario files: every problem, each at its line."""
    checked = {name: _loaded(name, overrides) for name in files}
    problems = [problem for found in checked.values() if isinstance(found, tuple) for problem in found]
    if as_json:
        from sim.cli.answers import reading

        emit(reading.checked(checked))
    elif not quiet:
        fine = [found for found in checked.values() if not isinstance(found, tuple)]
        lines = [f"{file_text(loaded.path)}: fine ({loaded.scenario.title})" for loaded in fine]
        say(Lines(lines, hanging=2))
    if problems:
        raise ScenarioError(problems)


@click.command("schema")
@click.option(
    "--output", "command", type=DOCUMENT, metavar="COMMAND", help="Of the JSON that this command prints."
)
@AS_JSON
def schema_command(command: str | None, as_json: bool) -> None:
    """Print the JSON Schema of scenario files, for editors."""
    if command is None:
        from sim.scenario.reference import json_schema

        click.echo(json_schema(), nl=False)
        return
    from sim.cli.output_schema import DOCUMENTS, output_schema
    from sim.scenario.words import guess, listed, shown

    if command not in DOCUMENTS:
        near = guess(command, DOCUMENTS) or f"; documents come from {listed(list(DOCUMENTS), 'and')}"
        raise click.BadParameter(f"there is no document of {shown(command)}{near}", param_hint="--output")
    click.echo(output_schema(command), nl=False)


@click.command("diff")
@click.argument("first", type=SCENARIO)
@click.argument("second", type=SCENARIO)
@AS_JSON
def diff_command(first: str, second: str, as_json: bool) -> None:
    """Show the inputs in which two scenarios differ."""
    from sim.cli.answers import reading
    from sim.scenario.explain import difference
    from sim.scenario.load import load

    one, other = load(first), load(second)
    found = [reading.Different(*each) for each in difference(one, other)]
    if as_json:
        emit(reading.Difference(one.name, other.name, tuple(found)))
    elif found:
        say(Lines([line for each in found for line in _difference(each, one.name, other.name)], hanging=4))
    else:
        say(f"{one.name} and {other.name} say the same.")


@click.command("evidence")
@click.argument("name", type=SCENARIO)
@OVERRIDES
@AS_JSON
def evidence_command(name: str, overrides: Sequence[str], as_json: bool) -> None:
    """List what each number of a scenario rests on, the weakest first."""
    from sim.cli.answers import reading
    from sim.scenario.account import account
    from sim.scenario.load import load

    found = account(load(name, overrides))
    if as_json:
        emit(reading.evidence(name, found))
        return
    assumed = f"{found.assumed} ({100 * found.assumed / max(len(found.inputs), 1):.0f} %)"
    grades = ", ".join(f"{count} {grade}" for grade, count in found.grades.most_common())
    say(
        Lines([line for each in found.inputs for line in _explanation(each)], hanging=4),
        f"{len(found.inputs)} inputs by grade: {grades}; {assumed} rest on an assumption alone.",
    )


def _indent(files: Sequence[ScenarioFile]) -> int:
    return min(max((len(file.name) for file in files), default=0) + 4, WIDTH // 2)


def _listing(files: Sequence[ScenarioFile]) -> Iterator[str]:
    width = _indent(files) - 4
    for family, members in groupby(files, key=lambda file: file.family):
        yield f"{family.removeprefix('.') or 'scenarios'}/"
        for file in members:
            note = " (a base for others)" if file.abstract else ""
            yield f"  {file.name:{width}}  {file.title}{note}"


def _explanation(found: Explanation) -> list[str]:
    return found.text().split("\n")


def _difference(found: reading.Different, first: str, second: str) -> Iterator[str]:
    width = max(len(first), len(second))
    yield found.path
    yield f"  {first:{width}}  {found.first}"
    yield f"  {second:{width}}  {found.second}"


def _loaded(name: str, overrides: Sequence[str]) -> Loaded | tuple[Problem, ...]:
    """Return a scenario of which a plan can be made, or everything that is wrong with it."""
    from sim.scenario.load import load
    from sim.study.named import subject_of

    try:
        loaded = load(name, overrides)
        subject_of(loaded)
    except ScenarioError as error:
        return tuple(error.problems)
    return loaded


COMMANDS = (
    list_command,
    show_command,
    check_command,
    evidence_command,
    diff_command,
    schema_command,
)
