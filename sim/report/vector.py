"""Vector: a figure as the text of an SVG, small, safe to put into a page, and its version for dark screens.

Called by ``figures`` when a figure is saved, and by pages that hold figures in themselves.
"""

from __future__ import annotations

import re
from io import StringIO

from matplotlib.figure import Figure

from sim.report.style import DARK_OF, styled

_NEEDLESS = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", re.DOTALL)
_BETWEEN_TAGS = re.compile(r">\s+<")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_COMMAND = re.compile(r"\s*([A-Za-z])\s*")
_PLACED = re.compile(r'(?<= )(x|y|width|height)="[^"]*"|translate\([^)]*\)')
_PATH = re.compile(r'(?<= d=")[^"]*')
_NAMED = re.compile(r'(?<= )(id="|xlink:href="#|clip-path="url\(#)')
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\b")

_LINES = '<svg stroke-linejoin="round" stroke-linecap="butt"'
"""What matplotlib says in a style sheet, which would reach beyond the figure in a page."""


@styled
def svg_of(figure: Figure, name: str = "") -> str:
    """Return a figure as SVG that can stand in a page: no prolog, no dates, coordinates to 1/100 point.

    Parameters
    ----------
    name
        Put before all ids, so that several figures can stand in one page; nothing for a file of its own.
    """
    file = StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = _NEEDLESS.sub("", file.getvalue()).replace("<svg", _LINES, 1)
    text = _PATH.sub(lambda path: _COMMAND.sub(r"\1", _rounded(path)), text)
    text = _BETWEEN_TAGS.sub("><", _PLACED.sub(_rounded, text)).strip()
    return named(text, name) if name else text


def named(svg: str, name: str) -> str:
    """Return an SVG with a name before all its ids, so that several can stand in one page."""
    return _NAMED.sub(lambda head: f"{head[0]}{name}-", svg)


def dark_svg(svg: str) -> str:
    """Return a figure's SVG with each color of the light style replaced by its dark counterpart.

    Raises
    ------
    ValueError
        The SVG has a color that the style does not know.
    """
    return _COLOR.sub(lambda found: _dark(found[0].upper()), svg)


def _dark(color: str) -> str:
    try:
        return DARK_OF[color]
    except KeyError:
        raise ValueError(f"the color {color} has no dark counterpart in the style of figures") from None


def _rounded(found: re.Match[str]) -> str:
    return _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}", found[0])
