"""Commands that set strategies against each other over assumptions: ``map``, ``flip``, ``regret``.

They run on the same futures; what they found is worded and drawn by ``answers.rivals``. Called by ``main``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from sim.cli.answer import tell
from sim.cli.deciding import axes_of, deciding, studying, vary_option
from sim.cli.names import SCENARIO


@click.command("map")
@click.argument("first", type=SCENARIO)
@click.argument("second", type=SCENARIO)
@vary_option("Two assumptions and their ranges: give it twice.", multiple=True)
@click.option(
    "--points",
    type=click.IntRange(2, 40),
    default=7,
    show_default=True,
    metavar="NUMBER",
    help="Values along each range.",
)
@deciding
def map_command(first: str, second: str, vary: Sequence[str], points: int, **options: Any) -> None:
    """Show which of two strategies is first, over two assumptions."""
    from sim.cli.answers.rivals import map_answer
    from sim.study.flip import win_map

    if len(vary) != 2:
        raise click.UsageError(f"a map needs --vary twice, got it {len(vary)} times")
    down, across = axes_of(vary, points=points)
    with studying("map", options) as how:
        found = win_map(first, second, (down, across), overrides=options["overrides"], options=how)
    tell(map_answer(found), options)


@click.command("flip")
@click.argument("first", type=SCENARIO)
@click.argument("second", type=SCENARIO)
@vary_option("The assumption and its range.", multiple=False)
@deciding
def flip_command(first: str, second: str, vary: str, **options: Any) -> None:
    """Find the value at which the better of two strategies changes."""
    from sim.cli.answers.rivals import flip_answer
    from sim.study.flip import flip

    (axis,) = axes_of([vary])
    with studying("flip", options) as how:
        found = flip(first, second, axis, overrides=options["overrides"], options=how)
    tell(flip_answer(found), options)


@click.command("regret")
@click.argument("names", nargs=-1, required=True, type=SCENARIO)
@deciding
def regret_command(names: Sequence[str], **options: Any) -> None:
    """Say how much later each strategy is than the best in hindsight."""
    from sim.cli.answers.rivals import regret_answer
    from sim.study.named import named
    from sim.study.shared import Variant
    from sim.study.variants import completions, runs_of

    subjects = [named(name, options["overrides"]) for name in names]
    with studying("regret", options) as how:
        columns = completions([Variant(subject.plan) for subject in subjects], how)
    tell(regret_answer(runs_of([subject.facts for subject in subjects], columns, how)), options)


COMMANDS = (map_command, flip_command, regret_command)
