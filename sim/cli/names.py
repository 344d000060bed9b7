"""Arguments that are names: scenarios, paths of values, figures, run folders, and how a shell completes them.

A name is taken as it is, and checked by whoever looks it up; what can follow is found by ``complete``, which
is imported only when a shell asks. Called by ``options`` and by the modules of commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

Suggestions = Iterable[tuple[str, str]]
"""Words that fit, each with a word of help."""


class Named(click.ParamType[Any]):
    """An argument that names something.

    Attributes
    ----------
    suggest
        Given the command's context and the beginning of a word: the words that fit, with their help.
    """

    def __init__(self, name: str, suggest: Callable[[click.Context, str], Suggestions]) -> None:
        self.name = name
        self.suggest = suggest

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return what a shell offers."""
        return [CompletionItem(word, help=about or None) for word, about in self.suggest(ctx, incomplete)]


class Folder(click.Path):
    """A run folder that is there."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, file_okay=False, exists=True)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the finished runs below ``reports/``, or any folder where there is none."""
        from sim.cli.complete import run_folders

        found = [CompletionItem(name, help=title or None) for name, title in run_folders(incomplete)]
        return found or super().shell_complete(ctx, param, incomplete)


def _scenarios(ctx: click.Context, begun: str) -> Suggestions:
    from sim.cli.complete import scenarios

    return scenarios(begun)


def _assignments(ctx: click.Context, begun: str) -> Suggestions:
    from sim.cli.complete import paths

    return [(f"{path}=", about) for path, about in paths(_named(ctx), begun)]


def _explained(ctx: click.Context, begun: str) -> Suggestions:
    from sim.cli.complete import paths

    return paths(_named(ctx), begun)


def _named(ctx: click.Context) -> list[str]:
    """Return the scenarios that a command line names so far.

    Where the last word is an option that waits for its value, click has not told arguments apart yet.
    """
    given = [ctx.params.get(key) for key in ("name", "first", "second", "names", "files")]
    words = [word for each in given if each for word in ([each] if isinstance(each, str) else each)]
    return [*words, *ctx.args]


def _documents(ctx: click.Context, begun: str) -> Suggestions:
    from sim.cli.output_schema import DOCUMENTS

    return [(command, "") for command in DOCUMENTS if command.startswith(begun)]


def _figures(ctx: click.Context, begun: str) -> Suggestions:
    from sim.cli.complete import FIGURE_NAMES

    return [(name, "") for name in FIGURE_NAMES if name.startswith(begun)]


SCENARIO = Named("scenario", _scenarios)
ASSIGNMENT = Named("path=value", _assignments)
PATH = Named("path", _explained)
AXIS = Named("path=values", _assignments)
FIGURE = Named("figure", _figures)
DOCUMENT = Named("command", _documents)
RUN_FOLDER = Folder()
