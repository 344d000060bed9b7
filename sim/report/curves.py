"""Completion curves: the probability that the machine is complete, by date, one line per scenario.

A curve that stops below 100 % is drawn as it is, and the share that never completes is written at its end.
The band says how much a run of this size can know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.chance.amount import Column
from sim.report import marks, page, timeline
from sim.report.page import EDGE, LEADER, WIDTH, Block
from sim.report.story import Story, checked, percentile
from sim.report.style import SMALL, Look, looks, styled
from sim.report.words import day_text, futures_text, never_text
from sim.results.rounding import share_text
from sim.results.statistics import Estimate, probability

LEFT, AXES_HEIGHT, TOP_SHARE = 0.47, 2.45, 1.07
MARKED_SHARES = (0.0, 0.2, 0.5, 0.8, 1.0)
LEVELS, BAND_POINTS = 500, 120
TARGET_ROOM = 0.25
"""The share of the axis kept free on the left of a target, for the shares written there."""


@styled
def completion_curves(stories: Sequence[Story], *, events: Mapping[str, date] | None = None) -> Axes:
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
    named, limits = _named_days(stories, events or {})
    drawn = list(zip(stories, looks(stories), strict=True))
    blocks = [page.block(figure, s.facts.title, body=never_text(s), look=look) for s, look in drawn]
    axes = _frame(figure, stories, blocks=blocks, named=named, limits=limits)
    for story, look in drawn:
        _draw_curve(axes, story, look)
    _name_crossings(axes, [(story, look) for story, look in drawn if _crosses(axes, story)])
    _place_end_labels(axes, stories, blocks)
    return axes


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


def _named_days(
    stories: Sequence[Story], events: Mapping[str, date]
) -> tuple[dict[str, float], tuple[float, float]]:
    """Return targets and events by their lines' names, and the axis' ends, with room left of targets."""
    targets = timeline.targets(stories)
    dated = {f"{name} {day_text(day)}": timeline.number(day) for name, day in events.items()}
    ends = [day for day in map(timeline.flat_from, stories) if np.isfinite(day)]
    first, last = timeline.limits(stories, ends, [*targets.values(), *dated.values()])
    room = [(day - TARGET_ROOM * last) / (1 - TARGET_ROOM) for day in targets.values()]
    first = min([first, *room])
    named = {name: day for name, day in (targets | dated).items() if first <= day <= last}
    return named, (first, last)


def _frame(
    figure: Figure,
    stories: Sequence[Story],
    *,
    blocks: Sequence[Block],
    named: Mapping[str, float],
    limits: tuple[float, float],
) -> Axes:
    """Return empty axes on a page that is high enough for the labels and leaves them room on the right."""
    width = WIDTH - LEFT - LEADER - EDGE - max(block.width for block in blocks)
    bottom = page.note(figure, _notes(stories, limits[1])) + 0.42
    height = max(AXES_HEIGHT, sum(block.height + page.BETWEEN for block in blocks))
    lines = marks.marks_of(figure, named, left=LEFT, width=width, limits=limits)
    page.set_height(figure, bottom + height + marks.height_of(lines) + page.HEADING)
    page.heading(figure, "When is the machine complete?", "Probability of completion by date")
    axes = page.add_axes(figure, LEFT, bottom, width=width, height=height)
    timeline.date_axis(axes, *limits, width=width)
    axes.set_ylim(0, TOP_SHARE)
    axes.set_yticks(MARKED_SHARES, [f"{share:.0%}".replace("%", " %") for share in MARKED_SHARES])
    marks.draw_marks(axes, lines)
    return axes


def _notes(stories: Sequence[Story], last: float) -> list[str]:
    band = f"Band: 95 % interval of the probability at each date ({futures_text(stories)})."
    facts = [story.facts for story in stories]
    late = [each.target for each in facts if each.target and each.target > each.horizon]
    beyond = f"The target, {day_text(max(late))}, is after the horizon." if late else ""
    return [band, timeline.crop_note(stories, last), beyond]


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


def _crosses(axes: Axes, story: Story) -> bool:
    first, last = axes.get_xlim()
    target = story.facts.target
    return target is not None and target <= story.facts.horizon and first <= timeline.number(target) <= last


def _name_crossings(axes: Axes, crossing: Sequence[tuple[Story, Look]]) -> None:
    """Mark where each curve meets its target and name the share there."""
    for target in dict.fromkeys(story.facts.target for story, _ in crossing):
        assert target is not None
        group = [(story.by(target), look) for story, look in crossing if story.facts.target == target]
        _name_shares(axes, timeline.number(target), sorted(group, key=lambda pair: pair[0].value))


def _name_shares(axes: Axes, x: float, group: Sequence[tuple[Estimate, Look]]) -> None:
    """Write shares, lowest first, on the left of the target's line and above the curves, if there is room."""
    style = {"size": SMALL, "weight": "bold", "ha": "right", "va": "center", "path_effects": page.HALO}
    texts = [page.write(axes.figure, share_text(share), color=look.ink, **style) for share, look in group]
    across, floor = page.inches(axes, x, 0)
    ceiling = page.inches(axes, x, TOP_SHARE)[1]
    levels = [page.inches(axes, x, share.value)[1] for share, _ in group]
    heights = [page.size(text)[1] + 0.03 for text in texts]
    wanted = [level + height / 2 for level, height in zip(levels, heights, strict=True)]
    centers = page.spread(wanted, heights, low=floor + 0.02, high=np.inf)
    if centers[-1] + heights[-1] / 2 > ceiling:
        centers = page.spread(wanted, heights, low=floor + 0.02, high=levels[0] - 0.04)
    for (share, look), text, center in zip(group, texts, centers, strict=True):
        page.place(text, across - 0.06, center)
        axes.plot([x], [share.value], "o", color=look.color, ms=4.5, mec="white", clip_on=False, zorder=4)


def _place_end_labels(axes: Axes, stories: Sequence[Story], blocks: Sequence[Block]) -> None:
    """Write each scenario's title and its never beside its line's end, of equals the earlier higher."""
    last = axes.get_xlim()[1]
    ends = [(float(curve_points(s, last)[1][-1]), -percentile(s.completion, 0.5)) for s in stories]
    order = sorted(range(len(stories)), key=lambda index: ends[index])
    page.label_ends(axes, [blocks[index] for index in order], [ends[index][0] for index in order])
