"""The command that finds scenarios: the box of inputs in which a build is late, and files for PRIM.

The box is printed in words (``--json``: all of it); inputs and outcomes land in the folder of figures.
Called by ``main``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sim.cli.deciding import deciding, options_of, print_json

if TYPE_CHECKING:
    from sim.results.statistics import Estimate
    from sim.study.discovery import Discovery

_LOPSIDED = 0.05


@click.command("discover")
@click.argument("name")
@click.option("--by", type=click.DateTime(["%Y-%m-%d"]), help="Late is after this; by default the target.")
@deciding
def discover_command(name: str, by: datetime | None, **options: Any) -> None:
    """Say in which futures the build is late, and export inputs and outcomes for PRIM."""
    from sim.scenario.load import load
    from sim.study.discovery import discover, export, units_of
    from sim.study.explore import explore
    from sim.study.named import subject_of

    loaded = load(name, options["overrides"])
    subject = subject_of(loaded)
    explored = explore(subject, options_of(options, subject.name))
    found = discover(explored, by=by.date() if by else None, units=units_of(loaded))
    if options["as_json"]:
        print_json({"name": subject.name, "by": found.by, "base": found.base, "box": found.box})
    else:
        for sentence in sentences(found):
            click.echo(textwrap.fill(sentence, 80, break_long_words=False, break_on_hyphens=False))
    folder = options["out"] / "discovery" / f"{subject.name}-seed{options['seed']}"
    for path in export(found, folder):
        click.echo(f"data: {path}", err=True)


def sentences(found: Discovery) -> Iterator[str]:
    """Yield what was found; the shares are those of futures that the box was not fitted to."""
    yield f"Not complete by {found.by}: {_share(found.base)} of all futures."
    if found.box is None:
        yield "No box of inputs holds surely more late futures than that."
    else:
        conditions = " and ".join(each.text for each in found.box.conditions)
        yield f"Late in {_share(found.box.density)} of the futures with {conditions}."
        yield (
            f"They hold {_share(found.box.coverage)} of all late futures and are {_share(found.box.size)} "
            "of all futures. Measured on the half of the futures that the box was not fitted to."
        )
    if not _LOPSIDED <= found.base.value <= 1.0 - _LOPSIDED:
        yield "Nearly all futures are alike by this date; a date near the median (--by) tells more."


def _share(share: Estimate) -> str:
    return f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"


COMMANDS = (discover_command,)
