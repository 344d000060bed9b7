"""The group of all commands: listed by section, and with a guess for a word that is none of them.

Called by ``main``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from sim.scenario.words import guess, shown


class Commands(click.Group):
    """Commands by section, in the order in which they are added."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sections: dict[str, Sequence[click.Command]] = {}

    def add_section(self, title: str, commands: Sequence[click.Command]) -> None:
        """Add commands that belong together."""
        self.sections[title] = commands
        for command in commands:
            self.add_command(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names; the nearest is the guess for one that is none."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = guess(args[0], self.list_commands(ctx))
            raise click.UsageError(f"there is no command {shown(args[0])}{near}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of each section with their short help, all in line."""
        width = max(map(len, self.commands), default=0)
        for title, commands in self.sections.items():
            with formatter.section(title):
                rows = [(f"{each.name:{width}}", each.get_short_help_str(limit=80)) for each in commands]
                formatter.write_dl(rows)
