"""Options that every command with a simulation behind it shares, said once.

Called by ``simulate`` and ``deciding``, which put their own options beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
Option = Callable[[F], F]


def shared(*, most: int, what: str) -> tuple[Option[Any], ...]:
    """Return the shared options: at most ``most`` replications; ``what`` lands in the output folder."""
    return (
        click.option(
            "-n",
            "--replications",
            type=click.IntRange(1, most),
            default=10_000,
            show_default=True,
            help="Possible futures to simulate.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0),
            default=1,
            show_default=True,
            help="Same seed, same futures, for every strategy.",
        ),
        click.option("--workers", type=click.IntRange(1), help="Processes; by default as many as pay off."),
        click.option(
            "--set",
            "overrides",
            multiple=True,
            metavar="PATH=VALUE",
            help='Change an assumption: --set "strategy.patience=6 months".',
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path("reports"),
            show_default=True,
            help=f"Folder that {what} land in.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print results as JSON."),
        click.option("--quiet", is_flag=True, help="No progress."),
    )


def with_options(command: F, options: Sequence[Option[Any]]) -> F:
    """Return a command with options, listed by ``--help`` in their order."""
    for option in reversed(options):
        command = option(command)
    return command
