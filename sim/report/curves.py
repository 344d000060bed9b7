"""Completion curves: the probability that the machine is complete, by date, one line per scenario.

A curve that stops below 100 % is drawn as it is, and the share that never completes is written at its end.
The band says how much a run of this size can know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.chance.amount import Column
from sim.report import marks, page, timeline
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, LEADER, WIDTH, Block
from sim.report.story import Story, checked, percentile
from sim.report.style import SMALL, Look, looks, styled
from sim.report.words import futures_text, never_text, titles
from sim.results.statistics import Estimate, percentiles, probability

LEFT, AXES_HEIGHT, TOP_SHARE = 0.47, 2.45, 1.07
MARKED_SHARES = (0.0, 0.2, 0.5, 0.8, 1.0)
LEVELS, BAND_POINTS, TABLE_ROWS = 500, 120, 24
TARGET_ROOM = 0.14
"""Inches kept free around the shares that are written on the left of a target."""


@styled
def completion_curves(
    stories: Sequence[Story], *, events: Mapping[str, date] | None = None, language: Language = ENGLISH
) -> Axes:
    """Draw the completion curves of some scenarios over each other.

    Parameters
    ----------
    stories
        One or more scenarios; colors follow their suppliers and strategies.
    events
        What really happened, by name: ``{"opened": date(2025, 7, 9)}``.

    Returns
    -------
    Axes
        x in matplotlib's day numbers, y the probability 0..1. One line per scenario, labeled by its name.

    Raises
    ------
    ValueError
        There is no scenario.
    """
    stories = checked(stories)
    figure = page.new_page()
    drawn = list(zip(stories, looks(stories), strict=True))
    blocks = [page.block(figure, s.facts.title, body=never_text(s, language), look=look) for s, look in drawn]
    room = _room(figure, stories, language)
    scale = _scale(stories, events or {}, language, room=room / _width(blocks))
    axes = _frame(figure, stories, blocks=blocks, scale=scale, language=language)
    for story, look in drawn:
        _draw_curve(axes, story, look)
    _name_crossings(axes, _crossings(axes, drawn), room=room, language=language)
    _place_end_labels(axes, stories, blocks)
    return axes


def describe_completion(
    stories: Sequence[Story], *, events: Mapping[str, date] | None = None, language: Language = ENGLISH
) -> Description:
    """Say what :func:`completion_curves` draws; the table has a row per date, a column per scenario."""
    stories = checked(stories)
    first = min(timeline.number(story.facts.start) for story in stories)
    last = _scale(stories, events or {}, language).limits[1]
    step = timeline.step_of(first, last, most=TABLE_ROWS)
    rows = [
        {language.text("column.date"): language.short_date(day)}
        | {
            title: language.share(story.by(day)) if story.facts.start <= day <= story.facts.horizon else ""
            for title, story in zip(titles(stories), stories, strict=True)
        }
        for day in timeline.month_starts(first, last, step=step)
    ]
    head = language.text("completion.described", futures=futures_text(stories, language))
    return described(" ".join([head, *(_said(story, language) for story in stories)]), rows)


def _said(story: Story, language: Language) -> str:
    p50, p80 = (language.when(day, story.facts) for day in percentiles(story.completion, (0.5, 0.8)))
    target, by_target = story.facts.target, ""
    if target is not None and target <= story.facts.horizon:
        share = language.share(story.by(target))
        by_target = language.text("completion.by_target", share=share, date=language.short_date(target))
    return language.text(
        "completion.one",
        title=story.facts.title,
        p50=p50,
        p80=p80,
        by_target=by_target,
        never=language.share(story.never),
    )


def curve_points(story: Story, last: float) -> tuple[Column, Column]:
    """Return days since the start and the share complete by each, as the vertices of a step curve.

    Whole days from 0 to ``last`` (a day number) or the horizon; days that add less than one part in
    ``LEVELS``, which nobody can see, are left out.
    """
    end = min(last - timeline.number(story.facts.start), story.facts.day(story.facts.horizon))
    days = np.append(np.arange(0.0, end), end)
    share = np.searchsorted(np.sort(story.completion), days, side="right") / story.replications
    seen = np.diff(np.floor(LEVELS * share), prepend=-1.0) > 0
    seen[-1] = True
    return days[seen], share[seen]


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis of dates: its ends, and the days of the lines across it (targets, events) by their names."""

    named: Mapping[str, float]
    limits: tuple[float, float]


def _room(figure: Figure, stories: Sequence[Story], language: Language) -> float:
    """Return how many inches the shares take that are written on the left of a target."""
    shares = [language.share(story.by(story.facts.target)) for story in stories if story.facts.target]
    widths = (page.width_of(figure, share, size=SMALL, weight="bold") for share in shares)
    return TARGET_ROOM + max(widths, default=0.0)


def _width(blocks: Sequence[Block]) -> float:
    """Return the width of the axes in inches beside the labels on their right."""
    return WIDTH - LEFT - LEADER - EDGE - max(block.width for block in blocks)


def _scale(
    stories: Sequence[Story], events: Mapping[str, date], language: Language, *, room: float = 0.0
) -> Scale:
    """Return the axis of dates, with a share ``room`` of it left of each target."""
    targets = timeline.targets(stories, language)
    dated = {
        language.text("time.event", name=name, date=language.day(day)): timeline.number(day)
        for name, day in events.items()
    }
    ends = [day for day in map(timeline.flat_from, stories) if np.isfinite(day)]
    first, last = timeline.limits(stories, ends, [*targets.values(), *dated.values()])
    first = min([first, *((day - room * last) / (1 - room) for day in targets.values())])
    return Scale(
        {name: day for name, day in (targets | dated).items() if first <= day <= last}, (first, last)
    )


def _frame(
    figure: Figure, stories: Sequence[Story], *, blocks: Sequence[Block], scale: Scale, language: Language
) -> Axes:
    """Return empty axes on a page that is high enough for the labels and leaves them room on the right."""
    width = _width(blocks)
    bottom = page.note(figure, _notes(stories, scale.limits[1], language)) + 0.42
    height = max(AXES_HEIGHT, sum(block.height + page.BETWEEN for block in blocks))
    lines = marks.marks_of(figure, scale.named, left=LEFT, width=width, limits=scale.limits)
    page.set_height(figure, bottom + height + marks.height_of(lines) + page.HEADING)
    page.heading(figure, language.text("completion.question"), language.text("completion.explanation"))
    axes = page.add_axes(figure, LEFT, bottom, width=width, height=height)
    timeline.date_axis(axes, *scale.limits, width=width, language=language)
    axes.set_ylim(0, TOP_SHARE)
    axes.set_yticks(MARKED_SHARES, [language.percent(share) for share in MARKED_SHARES])
    marks.draw_marks(axes, lines)
    return axes


def _notes(stories: Sequence[Story], last: float, language: Language) -> list[str]:
    band = language.text("completion.band", futures=futures_text(stories, language))
    facts = [story.facts for story in stories]
    late = [each.target for each in facts if each.target and each.target > each.horizon]
    beyond = language.text("completion.beyond", date=language.day(max(late))) if late else ""
    return [band, timeline.crop_note(stories, last, language), beyond]


def _draw_curve(axes: Axes, story: Story, look: Look) -> None:
    days, share = curve_points(story, axes.get_xlim()[1])
    axes.fill_between(*_band(story, days), color=look.color, alpha=0.16, lw=0, step="post")
    axes.plot(
        days + timeline.number(story.facts.start),
        share,
        drawstyle="steps-post",
        color=look.color,
        linestyle=look.line,
        clip_on=False,
        zorder=3,
        label=story.facts.name,
    )


def _band(story: Story, days: Column) -> tuple[Column, Column, Column]:
    some = days[np.unique(np.linspace(0, days.size - 1, BAND_POINTS).astype(int))]
    shares = [probability(story.completion <= day) for day in some]
    low, high = np.array([(share.low, share.high) for share in shares]).T
    return some + timeline.number(story.facts.start), low, high


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a curve meets its target: day number, share, look."""

    x: float
    share: Estimate
    look: Look


def _crossings(axes: Axes, drawn: Sequence[tuple[Story, Look]]) -> list[Crossing]:
    """Return the crossings that lie on the axes, the earliest target first."""
    first, last = axes.get_xlim()
    promised = [(story, story.facts.target, look) for story, look in drawn]
    found = [
        Crossing(timeline.number(target), story.by(target), look)
        for story, target, look in promised
        if target is not None and target <= story.facts.horizon
    ]
    return sorted((each for each in found if first <= each.x <= last), key=lambda each: each.x)


def _name_crossings(axes: Axes, crossings: Sequence[Crossing], *, room: float, language: Language) -> None:
    """Mark and name each crossing; targets nearer than ``room`` inches have their names in one column."""
    groups: list[list[Crossing]] = []
    for each in crossings:
        at = page.inches(axes, each.x, 0)[0]
        if not groups or at - page.inches(axes, groups[-1][-1].x, 0)[0] >= room:
            groups.append([])
        groups[-1].append(each)
    for group in groups:
        _name_shares(axes, sorted(group, key=lambda each: each.share.value), language)


def _name_shares(axes: Axes, group: Sequence[Crossing], language: Language) -> None:
    """Write shares, lowest first, on the left of the first target, and a dot at each crossing."""
    style: dict[str, Any] = {"size": SMALL, "weight": "bold", "ha": "right", "path_effects": page.HALO}
    shares = [language.share(each.share) for each in group]
    inks = [each.look.ink for each in group]
    texts = [
        page.write(axes.figure, share, color=ink, va="center", **style)
        for share, ink in zip(shares, inks, strict=True)
    ]
    across = page.inches(axes, min(each.x for each in group), 0)[0] - 0.06
    for each, text, center in zip(group, texts, _centers(axes, group, texts), strict=True):
        page.place(text, across, center)
        dot: dict[str, Any] = {"color": each.look.color, "ms": 4.5, "mec": "white", "zorder": 4}
        axes.plot([each.x], [each.share.value], "o", clip_on=False, **dot)


def _centers(axes: Axes, group: Sequence[Crossing], texts: Sequence[Text]) -> list[float]:
    """Return the heights of texts: above the curves, or below them where there is no room."""
    floor, ceiling = (page.inches(axes, 0, share)[1] for share in (0.0, TOP_SHARE))
    levels = [page.inches(axes, each.x, each.share.value)[1] for each in group]
    heights = [page.size(text)[1] + 0.03 for text in texts]
    wanted = [level + height / 2 for level, height in zip(levels, heights, strict=True)]
    centers = page.spread(wanted, heights, low=floor + 0.02, high=np.inf)
    if centers[-1] + heights[-1] / 2 > ceiling:
        centers = page.spread(wanted, heights, low=floor + 0.02, high=levels[0] - 0.04)
    return centers


def _place_end_labels(axes: Axes, stories: Sequence[Story], blocks: Sequence[Block]) -> None:
    """Write each scenario's title and its never beside its line's end, of equals the earlier higher."""
    last = axes.get_xlim()[1]
    ends = [(float(curve_points(s, last)[1][-1]), -percentile(s.completion, 0.5)) for s in stories]
    order = sorted(range(len(stories)), key=lambda index: ends[index])
    page.label_ends(axes, [blocks[index] for index in order], [ends[index][0] for index in order])
