"""Rendering: a dossier as one HTML file that asks nothing of any network.

The template escapes every text; the only markup from outside it are figures that were drawn here. The same
runs give the same bytes. Called by the commands that leave a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sim.report.document.contents import page_of
from sim.report.document.parts import Page
from sim.report.document.pictures import Studio, colors
from sim.report.language import ENGLISH, Language
from sim.report.tell import story_of
from sim.results.files import replaced
from sim.study.dossier import Dossier

REPORT = "report.html"


def render(found: Dossier, *, language: Language = ENGLISH, drawn: Mapping[str, str] | None = None) -> str:
    """Return the page of a dossier.

    Parameters
    ----------
    drawn
        SVG texts of figures that were drawn already in this language, by name.
    """
    stories = tuple(map(story_of, found.machines))
    names = tuple(run.facts.name for run in found.runs)
    page = page_of(found, Studio(language, stories, names, drawn or {}))
    environment = Environment(
        loader=PackageLoader("sim.report", "document"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"whole": whole, "steps": steps}
    template = environment.get_template("page.html.jinja")
    return template.render(page=page, language=language, text=language.text, style=_style(page))


def whole(text: str) -> Markup:
    """Return a text in which dates and percentages do not break at the end of a line."""
    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))


_WHOLE = re.compile(r"(?<![\w-])(?:\d{4}-\d\d(?:-\d\d)?|\d[\d.,]*\s%)(?![\w-])")


def steps(path: str) -> Markup:
    """Return a path of a scenario that may break after its dots and slashes."""
    return Markup(_STEP.sub(r"\g<0><wbr>", str(escape(path))))


_STEP = re.compile(r"[./_]")


def write(
    path: Path, found: Dossier, *, language: Language = ENGLISH, drawn: Mapping[str, str] | None = None
) -> None:
    """Write the page of a dossier to a file that appears whole or not at all."""
    text = render(found, language=language, drawn=drawn)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as file:
        file.write(text.encode())


def _style(page: Page) -> Markup:
    """Return the style sheet, with the colors of the figures for light and for dark screens."""
    used = colors(figure for section in page.sections for figure in section.figures)
    light = "".join(f"--c{color}:#{color};" for color, _ in used)
    dark = "".join(f"--c{color}:#{tint};" for color, tint in used)
    sheet = files("sim.report.document").joinpath("page.css").read_text(encoding="utf-8")
    tints = f":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}\n"
    return Markup(sheet + tints)
