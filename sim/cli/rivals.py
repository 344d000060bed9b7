"""Commands that set strategies against each other over assumptions: ``map``, ``flip``, ``regret``.

They run on the same futures, print who wins where, and draw it. Called by ``main`` through ``decide``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import click

from sim.cli.deciding import column, deciding, options_of, print_json, save_figure


@click.command("map")
@click.argument("first")
@click.argument("second")
@click.option(
    "--vary",
    "varies",
    multiple=True,
    required=True,
    metavar="PATH=A..B",
    help="Two assumptions and their ranges.",
)
@click.option(
    "--points", type=click.IntRange(2, 40), default=7, show_default=True, help="Values along each range."
)
@deciding  # fmt: skip
def map_command(first: str, second: str, varies: Sequence[str], points: int, **options: Any) -> None:
    """Show which of two strategies is complete first, over two assumptions."""
    from sim.cli.console import print_rows
    from sim.cli.decisions import plain
    from sim.report.decisions import Field, win_map
    from sim.study.flip import win_map as study
    from sim.study.vary import axis_of

    if len(varies) != 2:
        raise click.BadParameter(f"a map needs two, got {len(varies)}", param_hint="--vary")
    axes = (axis_of(varies[0], points=points), axis_of(varies[1], points=points))
    found = study(first, second, axes, overrides=options["overrides"], options=options_of(options, "map"))
    if options["as_json"]:
        print_json(plain(found))
    else:
        click.echo(f"P({first} earlier) - P({first} later), in percent; ? where the noise hides the sign\n")
        rows = [
            (text, [f"{100 * m:+.0f}{'?' if u else ''}" for m, u in zip(margins, unclear, strict=True)])
            for text, margins, unclear in zip(axes[0].texts, found.margins, found.unclear, strict=True)
        ]
        click.echo(f"down: {axes[0].label}; across: {axes[1].label}")
        print_rows(list(axes[1].texts), rows)
    across, up = axes
    today = None if None in found.today else (found.today[0], found.today[1])
    field = Field(column(across), column(up), found.margins.T, (across.label, up.label), today)  # type: ignore[arg-type]  # None is excluded above
    save_figure(options, f"map-{first}-{second}", win_map(field, first=first, second=second))


@click.command("flip")
@click.argument("first")
@click.argument("second")
@click.option("--vary", required=True, metavar="PATH=A..B", help="The assumption and its range.")
@deciding
def flip_command(first: str, second: str, vary: str, **options: Any) -> None:
    """Find the value of an assumption at which the better of two strategies changes."""
    from sim.cli.console import print_rows
    from sim.cli.decisions import flip_sentence, plain
    from sim.study.flip import flip
    from sim.study.vary import axis_of, value_text

    found = flip(
        first, second, axis_of(vary), overrides=options["overrides"], options=options_of(options, "flip")
    )
    if options["as_json"]:
        print_json(plain(found))
        return
    click.echo(textwrap.fill(flip_sentence(found), 80) + "\n")
    rows = [
        (
            value_text(value, found.axis.unit),
            [f"{100 * m.value:+.1f} %\n{100 * m.low:+.1f} … {100 * m.high:+.1f}"],
        )
        for value, m in found.tried
    ]
    print_rows([f"P({first} earlier) - P(later)"], rows)


@click.command("regret")
@click.argument("names", nargs=-1, required=True)
@deciding
def regret_command(names: Sequence[str], **options: Any) -> None:
    """Say how much later than the best in hindsight each strategy is, over the same futures."""
    from sim.cli.console import print_rows
    from sim.cli.decisions import plain
    from sim.cli.words import days_cell, share_cell
    from sim.results.regret import regrets
    from sim.study.named import named
    from sim.study.shared import Variant
    from sim.study.variants import completions, runs_of

    subjects = [named(name, options["overrides"]) for name in names]
    settings = options_of(options, "regret")
    columns = completions([Variant(subject.plan) for subject in subjects], settings)
    found = regrets(runs_of([subject.facts for subject in subjects], columns, settings))
    if options["as_json"]:
        print_json(plain(found))
        return
    rows = [
        (each.name, [share_cell(each.best), days_cell(each.mean_days), days_cell(each.p90_days)])
        for each in found
    ]
    click.echo("Days later than the best of them in the same future; never counts as the horizon.\n")
    print_rows(["P(best)", "mean regret", "P90 of regret"], rows)


COMMANDS = (map_command, flip_command, regret_command)
