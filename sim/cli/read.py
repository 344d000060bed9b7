"""Commands that read scenario files and run nothing, such as ``list``, ``show`` and ``check``.

They start at once: no pandas, no scipy, no figures. Called by ``main``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.scenario.folders import file_text, scenario_files
from sim.scenario.problems import Problem, ScenarioError

if TYPE_CHECKING:
    from sim.scenario.explain import Explanation
    from sim.scenario.load import Loaded


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_command(as_json: bool) -> None:
    """List scenarios by family."""
    files = scenario_files()
    if as_json:
        rows = [{"name": f.name, "family": f.family, "title": f.title, "abstract": f.abstract} for f in files]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    width = max((len(file.name) for file in files), default=0)
    for family, members in groupby(files, key=lambda file: file.family):
        click.echo(f"{family or 'scenarios'}/")
        for file in members:
            note = "  (a base for others)" if file.abstract else ""
            click.echo(f"  {file.name:{width}}  {file.title}{note}")


@click.command("show")
@click.argument("name")
@click.option(
    "--explain", "path", metavar="PATH", help="Say where a value comes from: files, changes, evidence."
)
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change an assumption first.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show_command(name: str, path: str | None, overrides: Sequence[str], as_json: bool) -> None:
    """Show a scenario with everything it inherits, or explain one value of it."""
    from sim.scenario.explain import explain
    from sim.scenario.load import load

    loaded = load(name, overrides)
    if path is not None:
        click.echo("\n".join(found.text() for found in explain(loaded, path)))
    elif as_json:
        click.echo(json.dumps(loaded.merged, indent=1, ensure_ascii=False, default=str))
    else:
        from sim.scenario.document import as_yaml

        click.echo(as_yaml(loaded.merged), nl=False)


@click.command("check")
@click.argument("files", nargs=-1, required=True)
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change an assumption first.")
def check_command(files: Sequence[str], overrides: Sequence[str]) -> None:
    """Check scenario files; report every problem of all of them at its line."""
    from sim.scenario.load import load

    problems: list[Problem] = []
    for name in files:
        try:
            loaded = load(name, overrides)
            _check_plan(loaded)
        except ScenarioError as error:
            problems += error.problems
        else:
            click.echo(f"{file_text(loaded.path)}: fine ({loaded.scenario.title})")
    if problems:
        raise ScenarioError(problems)


def _check_plan(loaded: Loaded) -> None:
    """Check what only the plan can tell: correlations that contradict each other."""
    if loaded.scenario.correlations:
        from sim.study.named import subject_of

        subject_of(loaded)


@click.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from sim.scenario.reference import json_schema

    click.echo(json_schema(), nl=False)


@click.command("new")
@click.argument("name")
@click.option("--from", "base", required=True, help="Scenario to start from.")
def new_command(name: str, base: str) -> None:
    """Start a scenario of your own in scenarios/, with comments that say what to change."""
    from sim.scenario.load import load

    loaded = load(base)
    path = Path("scenarios") / f"{name}.yaml"
    if path.exists():
        raise click.ClickException(f"{path} is there already; choose another name or edit it")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_starter(base, loaded.scenario.title), encoding="utf-8")
    click.echo(f"{path}: edit it, then: chiproute check {name} && chiproute compare {name} {base}")


def _starter(base: str, title: str) -> str:
    return f"""\
# A scenario is its parent plus the keys below. See what there is to change:  chiproute show {base}
# and where a number comes from:  chiproute show {base} --explain licensing.bis.preparation
title: {json.dumps(f"{title}, changed", ensure_ascii=False)}
extends: {base}

# Every uncertain number has a unit, and a source (an id of evidence.csv) or an assumption in one sentence:
# licensing:
#   bis:
#     preparation:
#       lognormal: {{median: 5, sigma: 0.6}}
#       unit: months
#       assumption: The ministry expects slower assurances than in comparable cases.
#       grade: low
"""


@click.command("diff")
@click.argument("first")
@click.argument("second")
def diff_command(first: str, second: str) -> None:
    """Show the inputs in which two scenarios differ."""
    from sim.scenario.explain import difference
    from sim.scenario.load import load

    for path, one, other in difference(load(first), load(second)):
        click.echo(f"{path}\n  {first}: {one}\n  {second}: {other}")


@click.command("evidence")
@click.argument("name")
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE", help="Change an assumption first.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def evidence_command(name: str, overrides: Sequence[str], as_json: bool) -> None:
    """List every number of a scenario with its source or assumption, weakest first."""
    from sim.scenario.account import account
    from sim.scenario.load import load

    found = account(load(name, overrides))
    if as_json:
        click.echo(json.dumps([_input(each) for each in found.inputs], indent=1, ensure_ascii=False))
        return
    for each in found.inputs:
        click.echo(each.text())
    grades = ", ".join(f"{count} {grade}" for grade, count in found.grades.most_common())
    click.echo(
        f"\n{len(found.inputs)} inputs by grade: {grades}; "
        f"{found.assumed} ({found.assumed / max(len(found.inputs), 1):.0%}) rest on an assumption alone"
    )


def _input(found: Explanation) -> dict[str, object]:
    return {
        "path": found.path,
        "value": found.value,
        "grade": found.grade,
        "assumption": found.assumption,
        "source": [
            {"id": row.id, "title": row.source_title, "url": row.source_url} for row in found.evidence
        ],
    }


COMMANDS = (
    list_command,
    show_command,
    check_command,
    evidence_command,
    diff_command,
    new_command,
    schema_command,
)
