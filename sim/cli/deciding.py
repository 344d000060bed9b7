"""What the commands that help to decide share: their options, and how these become those of a study.

Called by ``decide`` and ``rivals``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from sim.cli.names import AXIS
from sim.cli.options import F, Option, shared, with_options

if TYPE_CHECKING:
    from sim.study.variants import Options
    from sim.study.vary import Axis

MOST_REPLICATIONS = 1_000_000

MOST_KEPT = 20_000
"""Replications of which everything is kept at once."""


def deciding(command: F) -> F:
    """Add the options that all these commands share."""
    return with_options(command, shared(most=MOST_REPLICATIONS, what="figures"))


def deciding_on_few(command: F) -> F:
    """Add the same options, for a study that keeps everything of fewer replications."""
    return with_options(command, shared(most=MOST_KEPT, what="figures", usual=2_000))


def by_option(about: str) -> Option[Any]:
    """Return the option that names a date."""
    date = click.DateTime(["%Y-%m-%d"])
    return click.option("--by", type=date, callback=_date, metavar="DATE", help=about)


def vary_option(about: str, *, multiple: bool) -> Option[Any]:
    """Return the option that names a path and its values."""
    return click.option(
        "--vary", multiple=multiple, required=True, type=AXIS, metavar="PATH=A..B", help=about
    )


@contextmanager
def studying(name: str, options: Mapping[str, Any]) -> Iterator[Options]:
    """Give the options of a study, which tells its progress while it lasts."""
    from sim.cli.progress import progress
    from sim.study.variants import Options

    with progress(name, options["quiet"]) as report:
        yield Options(options["replications"], options["seed"], options["workers"], report)


def percentile(text: str) -> float:
    """Return the share that ``p80`` stands for."""
    number = text.lower().removeprefix("p")
    if not number.replace(".", "", 1).isdigit() or not 0.0 < float(number) < 100.0:
        raise click.BadParameter(f"{text!r} is no percentile such as p80", param_hint="--at")
    return float(number) / 100.0


def axes_of(texts: Sequence[str], *, points: int | None = None) -> list[Axis]:
    """Return the axes that ``--vary`` asks for; ``points`` values on each whose range has no natural step."""
    from sim.results.errors import StudyError
    from sim.study.vary import POINTS, axis_of

    try:
        return [axis_of(text, points=points or POINTS) for text in texts]
    except StudyError as error:
        raise click.UsageError(str(error)) from None


def _date(ctx: click.Context, param: click.Parameter, value: datetime | None) -> Any:
    return value.date() if value else None
