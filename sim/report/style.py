"""Style: the one look of all figures, readable at 8 cm and on a projector, safe for color-blind readers.

A supplier or a strategy has the same color in every figure (Okabe and Ito's set); scenarios that share a
color differ by their dashes. Text is written in a darker ink of the same hue, at least 4.5:1 against white.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar
from zlib import crc32

import matplotlib.style

from sim.report.story import Story

P = ParamSpec("P")
R = TypeVar("R")

DARK, GRAY, RULE, PALE = "#222222", "#5F5F5F", "#DDDDDD", "#F1F1F1"
ADDED, GAINED = ("#B5485D", "#9C3A4E"), ("#4C86A8", "#356A8A")
"""Color and ink of days lost and days won; no supplier has these."""

SPARE, WHITE = "#A9A9A9", "#FFFFFF"
"""What did not decide the date, and the ground."""

TITLE, TEXT, SMALL = 11.5, 9.0, 8.0
"""Sizes in points, on a page of 5.8 inches."""

STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "font.family": ["DejaVu Sans"],
        "font.size": TEXT,
        "text.color": DARK,
        "figure.facecolor": WHITE,
        "figure.dpi": 200,
        "savefig.dpi": 200,
        "axes.facecolor": "none",
        "axes.edgecolor": GRAY,
        "axes.linewidth": 0.8,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": RULE,
        "grid.linewidth": 0.7,
        "lines.linewidth": 2.0,
        "lines.dash_capstyle": "butt",
        "lines.solid_capstyle": "butt",
        "xtick.color": GRAY,
        "ytick.color": GRAY,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "xtick.major.size": 3.0,
        "ytick.major.size": 0.0,
        "hatch.linewidth": 0.6,
        "svg.fonttype": "path",
        "svg.hashsalt": "chiproute",
    }
)

_FIXED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "nvidia": ("#009E73", "#00704F"),
        "ascend": ("#D55E00", "#AE4D00"),
        "switch": ("#0072B2", "#00659E"),
        "split": ("#CC79A7", "#A34A7C"),
        "race": ("#E69F00", "#8A5F00"),
        "staged": ("#56B4E9", "#1F6F9E"),
    }
)
_OTHERS = (
    ("#882255", "#882255"),
    ("#332288", "#332288"),
    ("#8C7A00", "#756600"),
    ("#555555", "#444444"),
    ("#117777", "#0E6A6A"),
    ("#7A4B2A", "#6E4326"),
)
DARK_OF: Mapping[str, str] = MappingProxyType(
    {
        WHITE: "#15181D",
        DARK: "#E8E8E8",
        GRAY: "#A6A9AE",
        RULE: "#3A3E45",
        PALE: "#23272E",
        SPARE: "#7A7E85",
        "#B5485D": "#D0667B", "#9C3A4E": "#EE8FA2",
        "#4C86A8": "#4C86A8", "#356A8A": "#7FB8DA",
        "#009E73": "#009E73", "#00704F": "#3CC49C",
        "#D55E00": "#D55E00", "#AE4D00": "#F08A3C",
        "#0072B2": "#0C7CC4", "#00659E": "#5AB0E8",
        "#CC79A7": "#CC79A7", "#A34A7C": "#E09AC2",
        "#E69F00": "#E69F00", "#8A5F00": "#F0B840",
        "#56B4E9": "#56B4E9", "#1F6F9E": "#7CC7F2",
        "#882255": "#D9739F",
        "#332288": "#A598EE",
        "#8C7A00": "#A89416", "#756600": "#D6C04A",
        "#555555": "#8E8E8E", "#444444": "#B8B8B8",
        "#117777": "#2A9A9A", "#0E6A6A": "#55C4C4",
        "#7A4B2A": "#A8724C", "#6E4326": "#CC9670",
    }
)  # fmt: skip
"""Each color of figures on white, and what it is on a dark ground: lines at least 3:1, text 4.5:1."""

_HATCHES = ("", "////", "....", "xxxx", "----", "\\\\\\\\")
_DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (4, 1.4),
    (1.2, 1),
    (6, 1.2, 1.2, 1.2),
    (9, 2),
    (3, 1, 1, 1, 1, 1),
)


@dataclass(frozen=True, slots=True)
class Look:
    """How one scenario is drawn: color of lines, ink of text, how often the color came before."""

    color: str
    ink: str
    repeat: int = 0

    @property
    def line(self) -> Any:
        """Return the line style: solid, then dashes."""
        dashes = _DASHES[self.repeat % len(_DASHES)]
        return (0, dashes) if dashes else "solid"

    @property
    def fill(self) -> dict[str, Any]:
        """Return how an area is filled: plain, then hatched."""
        hatch = _HATCHES[self.repeat % len(_HATCHES)]
        return {"facecolor": self.color, "alpha": 0.6, "hatch": hatch, "edgecolor": "white", "lw": 0}


def looks(stories: Sequence[Story]) -> list[Look]:
    """Return a look for each scenario: its fixed color, and new dashes each time a color comes again."""
    return looks_of([_hue(story) for story in stories])


def looks_of(names: Sequence[str]) -> list[Look]:
    """Return a look for each supplier or strategy, new dashes each time a color comes again."""
    used: Counter[tuple[str, str]] = Counter()
    found = []
    for name in names:
        pair = palette(name)
        found.append(Look(*pair, used[pair]))
        used[pair] += 1
    return found


def palette(name: str) -> tuple[str, str]:
    """Return color and ink of a supplier or strategy; an unknown one has a stable color by its name."""
    return _FIXED.get(name) or _OTHERS[crc32(name.encode()) % len(_OTHERS)]


def _hue(story: Story) -> str:
    alone = story.strategy == "single" or not story.strategy
    return "+".join(story.suppliers) or story.facts.name if alone else story.strategy


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Return the function made to draw in the style, whatever the reader's own matplotlib settings are."""

    @wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> R:
        if _is_set.get():  # setting hundreds of parameters anew takes longer than many a drawing
            return draw(*args, **kwargs)
        token = _is_set.set(True)
        try:
            with matplotlib.style.context(["default", dict(STYLE)]):
                return draw(*args, **kwargs)
        finally:
            _is_set.reset(token)

    return in_style


_is_set: ContextVar[bool] = ContextVar("styled", default=False)
