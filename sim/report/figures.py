"""Figures: the named figures of runs, and how any figure is saved or put into a page.

Every figure has two functions that take the same arguments (keyword ``language`` among them):

- one draws it: data in, ``Axes`` out (``completion_curves``, ``ledger_waterfall`` …);
- one whose name begins with ``describe_`` says it: a :class:`~sim.report.description.Description` with
  ``alternative``, one or two sentences for those who do not see the figure, and ``table``, the data
  behind it.

``tell`` turns what studies return into what these functions take.

``FIGURES`` and ``DESCRIPTIONS`` hold both for the figures that need only runs: functions of a sequence of
stories. :func:`figures_for` says which of them these stories have data for. Saved files are the same bytes
for the same data: no dates, no version stamps, fixed salts; they appear whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.costs import cost_scatter, describe_cost
from sim.report.curves import completion_curves, describe_completion
from sim.report.delays import delay_rows, describe_delay
from sim.report.description import Description
from sim.report.language import Language
from sim.report.milestones import describe_milestones, milestone_bars
from sim.report.regret import comparable, describe_regret, regret_curves
from sim.report.story import Story
from sim.report.style import styled
from sim.report.vector import svg_of

FIGURES: Mapping[str, Callable[..., Axes]] = MappingProxyType(
    {
        "completion": completion_curves,
        "delay": delay_rows,
        "milestones": milestone_bars,
        "cost": cost_scatter,
        "regret": regret_curves,
    }
)
"""Name to the function that draws the figure from a sequence of stories."""

DESCRIPTIONS: Mapping[str, Callable[..., Description]] = MappingProxyType(
    {
        "completion": describe_completion,
        "delay": describe_delay,
        "milestones": describe_milestones,
        "cost": describe_cost,
        "regret": describe_regret,
    }
)
"""Name to the function that says what the figure shows."""


def figures_for(stories: Sequence[Story]) -> tuple[str, ...]:
    """Return the names of the figures that these stories have data for: costs need prices, regret rivals."""
    possible = {
        "cost": all(story.cost is not None for story in stories),
        "regret": comparable(stories),
    }
    return tuple(name for name in FIGURES if possible.get(name, True))


@styled
def draw(stories: Sequence[Story], folder: Path, *, names: Sequence[str], language: Language) -> list[Path]:
    """Draw figures of these stories and :func:`save` them under their names; return the files."""
    paths: list[Path] = []
    for name in names:
        figure = FIGURES[name](stories, language=language).get_figure(root=True)
        assert figure is not None  # axes are drawn on a page
        paths += save(figure, folder, name)
    return paths


@styled
def save(figure: Figure, folder: Path, stem: str) -> list[Path]:
    """Write a figure as ``stem.png`` and ``stem.svg`` into a folder, which is made if need be.

    Returns
    -------
    list of Path
        The two files. Each is written beside its place and then moved there, so a reader never sees half.
    """
    folder.mkdir(parents=True, exist_ok=True)
    png, svg = folder / f"{stem}.png", folder / f"{stem}.svg"
    _write(png, _png(figure))
    _write(svg, svg_of(figure).encode())
    return [png, svg]


def _png(figure: Figure) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
