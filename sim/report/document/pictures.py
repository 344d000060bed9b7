"""Pictures: a figure as inline SVG that follows a light or dark screen, with its words and numbers.

One drawing serves both: each of its colors is a custom property of the page, which gives it a second value on
a dark screen. Called by the sections; ``rendering`` writes the properties.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape
from matplotlib.axes import Axes

from sim.report.description import Description
from sim.report.document.parts import Picture, table_of
from sim.report.figures import DESCRIPTIONS, FIGURES, figures_for
from sim.report.language import Language
from sim.report.story import Story
from sim.report.style import DARK_OF
from sim.report.vector import named, svg_of
from sim.results.manifest import OUTCOMES
from sim.results.outside import FILE
from sim.study.dossier import Case, Dossier

SHORT = 12
"""Digits of a SHA-256 beside a figure; the stamp has all of them."""


@dataclass(frozen=True)
class Studio:
    """Makes pictures in one language.

    Attributes
    ----------
    stories
        Of the machines, for figures that show all of them.
    cases
        Names of the runs, for figures of one of them.
    drawn
        SVG texts of figures that were drawn already.
    """

    language: Language
    stories: tuple[Story, ...]
    cases: tuple[str, ...]
    drawn: Mapping[str, str] = field(default_factory=dict)

    def of_stories(self, name: str, found: Dossier) -> tuple[Picture, ...]:
        """Return the picture of a figure that needs only the runs; nothing if they lack its data."""
        if name not in figures_for(self.stories):
            return ()
        draw, describe, source = FIGURES[name], DESCRIPTIONS[name], self.of_outcomes(found)
        return (self.picture(name, draw, describe, self.stories, source=source),)

    def picture(
        self,
        name: str,
        draw: Callable[..., Axes],
        describe: Callable[..., Description],
        data: object,
        *,
        source: str,
        title: str = "",
        **options: Any,
    ) -> Picture:
        """Return the picture of a figure, drawn unless it was, with its text alternative and table."""
        said = describe(data, language=self.language, **options)
        text = self.drawn.get(name) or _svg(draw(data, language=self.language, **options))
        caption = self.language.text("page.numbers_of", figure=said.alternative.split(":")[0].split(".")[0])
        return Picture(
            name, inline(text, name, said.alternative), source, table_of(said.table, caption), title
        )

    def of_case(
        self,
        kind: str,
        case: Case,
        draw: Callable[..., Axes],
        describe: Callable[..., Description],
        data: object,
        *,
        extra: str = "",
        **options: Any,
    ) -> Picture:
        """Return the picture of a figure of one run, made of replications that were simulated again."""
        name = f"{kind}-{self.cases.index(case.run.facts.name)}"  # what a scenario is called is not markup
        title = case.run.facts.title if len(self.cases) > 1 else ""
        source = f"{self._again(case)} {extra}".rstrip()
        return self.picture(name, draw, describe, data, source=source, title=title, **options)

    def of_outcomes(self, found: Dossier) -> str:
        """Return what a figure of outcomes was made from."""
        count = self.language.number(found.runs[0].replications)
        files = ", ".join(_file(case, OUTCOMES, self.language) for case in found.cases)
        return self.language.text("page.source.outcomes", count=count, files=files)

    def _again(self, case: Case) -> str:
        return self.language.text(
            "page.source.again",
            name=case.run.facts.name,
            last=self.language.number(case.replications - 1),
            sha=case.run.facts.digest[:SHORT],
        )

    def of_history(self, found: Dossier) -> str:
        """Return what the outside view was made from."""
        table = self.language.text("page.source.table", file=FILE, sha=found.tables.get(FILE, "")[:SHORT])
        return f"{table} {self.of_outcomes(found)}"


def _svg(axes: Axes) -> str:
    figure = axes.get_figure(root=True)
    assert figure is not None  # axes are drawn on a page
    return svg_of(figure)


def _file(case: Case, name: str, language: Language) -> str:
    sha = ((case.manifest or {}).get("outputs", {}).get(name) or {}).get("sha256")
    if sha is None:
        return language.text("page.source.memory", name=case.run.facts.name)
    return language.text("page.source.file", file=name, name=case.run.facts.name, sha=sha[:SHORT])


def inline(svg: str, name: str, alternative: str) -> Markup:
    """Return the text of a figure's SVG as an element of a page, its colors as properties of that page."""
    size = _SIZE.search(svg)
    assert size is not None  # every figure has a size
    _, body = named(svg, name).split(">", 1)
    body = _COLOR.sub(lambda found: f"var(--c{found[1].lower()})", _GROUP.sub("<g", body))
    # The text is matplotlib's, which escapes what it draws.
    return Markup(f'<svg role="img" aria-label="{escape(alternative)}" viewBox="{size[1]}">{body}')


_SIZE = re.compile(r'viewBox="([\d. ]+)"')
_GROUP = re.compile(r'<g id="[^"]*"')
_COLOR = re.compile(r"(?<=: )#([0-9a-fA-F]{6})\b")


def colors(pictures: Iterable[Picture]) -> list[tuple[str, str]]:
    """Return every color of some pictures and its counterpart on a dark screen, in a fixed order."""
    used = {color for each in pictures for color in re.findall(r"var\(--c([0-9a-f]{6})\)", each.svg)}
    return [(color, DARK_OF[f"#{color.upper()}"].lower().removeprefix("#")) for color in sorted(used)]
