"""An answer as its three readers want it: a machine, a person, and somebody who looks at pictures.

Each deciding command studies something and hands what it found to a module of ``answers``, which makes one
of these; how it is printed and drawn is decided here, once. Called by ``decide`` and ``rivals``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import Block, say
from sim.cli.machine import emit

if TYPE_CHECKING:
    from sim.report.language import Language

Draw = Callable[["Language"], Any]
"""Draws a figure in a language, and returns its axes."""

LONGEST_STEM = 120


@dataclass(frozen=True, slots=True)
class Document:
    """What every command that draws prints with ``--json``.

    Attributes
    ----------
    figures
        Files of the figures that were drawn.
    """

    figures: tuple[Path, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found.

    Attributes
    ----------
    document
        For ``--json``.
    blocks
        For people, in the order of reading.
    figures
        Name of a file, without its ending, to the function that draws it in a language.
    """

    document: Document
    blocks: Sequence[Block]
    figures: Mapping[str, Draw] = field(default_factory=dict)


def tell(answer: Answer, options: Mapping[str, Any]) -> None:
    """Print an answer and draw its figures, as the options of the command line want it."""
    if not options["as_json"]:
        say(*answer.blocks)
    paths = [path for name in answer.figures for path in _drawn(answer, name, options)]
    if options["as_json"]:
        emit(replace(answer.document, figures=tuple(paths)))
    if paths:
        note(f"\nfigure: {paths[0]}", options)


def note(text: str, options: Mapping[str, Any]) -> None:
    """Say something beside the answer, on standard error; nothing with ``--quiet`` or ``--json``."""
    if not (options["quiet"] or options["as_json"]):
        click.echo(text, err=True)


def _drawn(answer: Answer, name: str, options: Mapping[str, Any]) -> list[Path]:
    from sim.report.figures import save
    from sim.report.language import language

    figure = answer.figures[name](language(options["language"])).get_figure(root=True)
    assert figure is not None  # axes are drawn on a page
    return save(figure, options["out"] / "decisions", f"{name[:LONGEST_STEM]}-seed{options['seed']}")
