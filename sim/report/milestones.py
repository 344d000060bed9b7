"""Milestones: when each step is passed, as bars from P10 to P90 with a tick at P50, one bar per scenario.

A bar whose P90 is never runs into an arrow at the edge, and the share that never passes the milestone is
written beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.chance.amount import Column
from sim.report import marks, page, timeline
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, WIDTH
from sim.report.story import Story, checked, percentile
from sim.report.style import DARK, RULE, SMALL, Look, looks, styled
from sim.report.words import futures_text
from sim.results.outcomes import COMPLETION
from sim.results.statistics import percentiles, probability

BAR, PITCH, GROUP_GAP, KEY_ROW, SWATCH = 0.105, 0.15, 0.13, 0.18, 0.28
SHARES: Mapping[str, float] = MappingProxyType({"p10": 0.1, "p50": 0.5, "p90": 0.9})


@dataclass(frozen=True, slots=True)
class Bar:
    """One milestone of one scenario: percentiles as day numbers (infinity for never), never in words."""

    name: str
    milestone: str
    look: Look
    p10: float
    p50: float
    p90: float
    never: str
    height: float

    @property
    def title(self) -> str:
        """Return what the bar is called in the figure's data: "scenario milestone"."""
        return f"{self.name} {self.milestone}"


@styled
def milestone_bars(stories: Sequence[Story], *, language: Language = ENGLISH) -> Axes:
    """Draw the milestones of some scenarios, a group of bars for each milestone.

    Returns
    -------
    Axes
        x in matplotlib's day numbers, y in inches from the top. Each bar is labeled "scenario milestone".

    Raises
    ------
    ValueError
        There is no scenario, or none of them has a milestone.
    """
    stories = checked(stories)
    bars = list(_bars(stories, language))
    if not bars:
        raise ValueError(f"no milestones to draw in {', '.join(story.facts.name for story in stories)}")
    axes, right = _frame(stories, bars, language)
    for bar in bars:
        _draw(axes, bar)
    _name_groups(axes, bars, language)
    _name_never(axes, bars, x=right)
    return axes


def describe_milestones(stories: Sequence[Story], *, language: Language = ENGLISH) -> Description:
    """Say what :func:`milestone_bars` draws; the table has a row per bar."""
    stories = checked(stories)
    rows = [
        {
            language.text("column.milestone"): language.name("milestone", milestone),
            language.text("column.scenario"): story.facts.title,
        }
        | _cells(story, story.milestones[milestone], language)
        for milestone in merged([list(story.milestones) for story in stories])
        for story in stories
        if milestone in story.milestones
    ]
    head = language.text("milestones.described", futures=futures_text(stories, language))
    return described(" ".join([head, *(_said(story, language) for story in stories)]), rows)


def _cells(story: Story, days: Column, language: Language) -> dict[str, str]:
    found = zip(SHARES, percentiles(days, tuple(SHARES.values())), strict=True)
    dates = {language.text(f"column.{name}"): language.when(day, story.facts) for name, day in found}
    return dates | {language.text("column.never"): language.share(probability(np.isinf(days)))}


def _said(story: Story, language: Language) -> str:
    """Return a sentence on the last milestone that is drawn, usually completion."""
    last = [*story.milestones, COMPLETION][max(len(story.milestones) - 1, 0)]
    days = story.milestones.get(last, story.completion)
    p10, p50, p90 = (language.when(day, story.facts) for day in percentiles(days, tuple(SHARES.values())))
    name = language.name("milestone", last)
    return language.text("milestones.one", title=story.facts.title, milestone=name, p10=p10, p50=p50, p90=p90)


def merged(orders: Sequence[Sequence[str]]) -> list[str]:
    """Return all names once, each after the name it follows in the first sequence that has it."""
    names: list[str] = []
    for order in orders:
        for index, name in enumerate(order):
            if name not in names:
                names.insert(names.index(order[index - 1]) + 1 if index else 0, name)
    return names


def _bars(stories: Sequence[Story], language: Language) -> Iterator[Bar]:
    height = GROUP_GAP / 2
    for milestone in merged([list(story.milestones) for story in stories]):
        for story, look in zip(stories, looks(stories), strict=True):
            if milestone in story.milestones:
                height += PITCH
                middle = height - PITCH / 2
                yield _bar(story, milestone, look=look, height=middle, language=language)
        height += GROUP_GAP


def _bar(story: Story, milestone: str, *, look: Look, height: float, language: Language) -> Bar:
    days = story.milestones[milestone]
    start = timeline.number(story.facts.start)
    p10, p50, p90 = (start + percentile(days, share) for share in SHARES.values())
    never = probability(np.isinf(days))
    words = language.text("milestones.never", share=language.share(never)) if never.value else ""
    return Bar(story.facts.name, milestone, look, p10, p50, p90, words, height)


def _frame(stories: Sequence[Story], bars: Sequence[Bar], language: Language) -> tuple[Axes, float]:
    """Return empty axes with key, scale and target, and where on the page the column of never begins."""
    figure = page.new_page()
    targets = timeline.targets(stories, language)
    limits = timeline.limits(stories, _ends(bars), targets.values())
    names = {language.name("milestone", bar.milestone) for bar in bars}
    left = EDGE + max(page.width_of(figure, name, weight="bold") for name in names) + 0.12
    beside = max(page.width_of(figure, bar.never, size=SMALL) for bar in bars)
    width = WIDTH - left - beside - EDGE - 0.15
    height, bottom = bars[-1].height + PITCH, page.note(figure, _notes(stories, bars, language)) + 0.42
    lines = marks.marks_of(figure, targets, left=left, width=width, limits=limits)
    key = _key_rows(figure, stories)
    above = bottom + height + marks.height_of(lines)
    page.set_height(figure, above + 0.1 + KEY_ROW * len(key) + page.HEADING)
    page.heading(figure, language.text("milestones.question"), language.text("milestones.explanation"))
    _place_key(figure, key, bottom=above + 0.1)
    axes = page.add_axes(figure, left, bottom, width=width, height=height)
    timeline.date_axis(axes, *limits, width=width, language=language)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    axes.grid(True, axis="x")
    marks.draw_marks(axes, lines)
    return axes, left + width + 0.15


def _ends(bars: Sequence[Bar]) -> list[float]:
    return [day for bar in bars for day in (bar.p10, bar.p50, bar.p90) if np.isfinite(day)]


def _notes(stories: Sequence[Story], bars: Sequence[Bar], language: Language) -> list[str]:
    last = max(stories, key=lambda story: story.facts.horizon)
    never = language.text("milestones.arrow", not_by=language.never(last.facts))
    futures = language.text("milestones.futures", futures=futures_text(stories, language))
    return [futures, never if any(np.isinf(bar.p90) for bar in bars) else ""]


def _key_rows(figure: Figure, stories: Sequence[Story]) -> list[list[tuple[Text, Look]]]:
    """Return the scenarios' titles in as many rows as they need."""
    rows: list[list[tuple[Text, Look]]] = [[]]
    used = EDGE
    for story, look in zip(stories, looks(stories), strict=True):
        style = {"size": SMALL, "weight": "bold", "color": look.ink, "va": "center"}
        text = page.fitted(figure, story.facts.title, width=WIDTH - 2 * EDGE - SWATCH, **style)
        wide = SWATCH + page.size(text)[0] + 0.18
        if rows[-1] and used + wide > WIDTH:
            rows.append([])
            used = EDGE
        rows[-1].append((text, look))
        used += wide
    return rows


def _place_key(figure: Figure, rows: Sequence[Sequence[tuple[Text, Look]]], *, bottom: float) -> None:
    for index, row in enumerate(reversed(rows)):
        x, y = EDGE, bottom + KEY_ROW * (index + 0.5)
        for text, look in row:
            page.box(figure, (x, y - BAR / 2), width=SWATCH - 0.06, height=BAR, look=look)
            page.place(text, x + SWATCH, y)
            x += SWATCH + page.size(text)[0] + 0.18


def _draw(axes: Axes, bar: Bar) -> None:
    edge = axes.get_xlim()[1]
    if np.isfinite(bar.p10):
        length = min(bar.p90, edge) - bar.p10
        axes.barh(bar.height, length, left=bar.p10, height=BAR, label=bar.title, **bar.look.fill)
    if np.isfinite(bar.p50):
        axes.plot([bar.p50] * 2, [bar.height - BAR * 0.62, bar.height + BAR * 0.62], color=bar.look.ink, lw=2)
    if np.isinf(bar.p90):
        axes.plot([edge], [bar.height], ">", color=bar.look.color, ms=6, mew=0, clip_on=False)


def _name_groups(axes: Axes, bars: Sequence[Bar], language: Language) -> None:
    for milestone in dict.fromkeys(bar.milestone for bar in bars):
        heights = [bar.height for bar in bars if bar.milestone == milestone]
        y = page.inches(axes, 0, (heights[0] + heights[-1]) / 2)[1]
        name = language.name("milestone", milestone)
        text = page.write(axes.figure, name, weight="bold", color=DARK, va="center")
        page.place(text, EDGE, y)
        if milestone != bars[0].milestone:
            axes.axhline(heights[0] - (PITCH + GROUP_GAP) / 2, color=RULE, lw=0.7)


def _name_never(axes: Axes, bars: Sequence[Bar], *, x: float) -> None:
    for bar in bars:
        text = page.write(axes.figure, bar.never, size=SMALL - 1, color=bar.look.ink, va="center")
        page.place(text, x, page.inches(axes, 0, bar.height)[1])
