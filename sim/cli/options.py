"""Options that several commands share, said once.

Called by every module of commands, which put their own options beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from sim.cli.names import ASSIGNMENT

F = TypeVar("F", bound=Callable[..., Any])
Option = Callable[[F], F]

LANGUAGE_CODES = ("en", "ru")
"""Codes of :data:`sim.report.language.LANGUAGES`, which takes time to import."""

AS_JSON: Option[Any] = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
QUIET: Option[Any] = click.option("--quiet", is_flag=True, help="No progress and no notes, only the answer.")
OVERRIDES: Option[Any] = click.option(
    "--set",
    "overrides",
    multiple=True,
    type=ASSIGNMENT,
    metavar="PATH=VALUE",
    help='Change an assumption: --set "strategy.patience=6 months".',
)
LANGUAGE: Option[Any] = click.option(
    "--language",
    type=click.Choice(LANGUAGE_CODES),
    default="en",
    show_default=True,
    help="Language of figures and pages.",
)


def shared(*, most: int, what: str, usual: int = 10_000) -> tuple[Option[Any], ...]:
    """Return the options of commands that simulate: ``what`` lands in the output folder."""
    return (
        click.option(
            "-n",
            "--replications",
            type=click.IntRange(1, most),
            default=usual,
            show_default=True,
            metavar="NUMBER",
            help="Possible futures to simulate.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0),
            default=1,
            show_default=True,
            metavar="NUMBER",
            help="Same seed, same futures, for every strategy.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1),
            metavar="NUMBER",
            help="Processes; by default as many as pay off.",
        ),
        OVERRIDES,
        click.option(
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path("reports"),
            show_default=True,
            metavar="FOLDER",
            help=f"Where {what} land.",
        ),
        LANGUAGE,
        AS_JSON,
        QUIET,
    )


def with_options(command: F, options: Sequence[Option[Any]]) -> F:
    """Return a command with options, listed by ``--help`` in their order."""
    for option in reversed(options):
        command = option(command)
    return command
