"""Regret: how much later than the best of the strategies each is, in the same futures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.chance.amount import Column
from sim.report import page
from sim.report.curves import MARKED_SHARES, TOP_SHARE
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, LEADER, WIDTH, Block
from sim.report.story import Story
from sim.report.style import GRAY, SMALL, Look, looks, styled
from sim.report.words import DAYS_PER_MONTH, futures_text
from sim.results.regret import days_lost
from sim.results.statistics import Estimate, mean, percentiles, probability

LEFT, AXES_HEIGHT, POINTS, KEPT = 0.47, 2.45, 160, 0.995


@dataclass(frozen=True, eq=False)
class Lost:
    """One strategy's days lost against the best in hindsight, shape ``(n,)``; never counts as the horizon."""

    story: Story
    days: Column
    look: Look

    @property
    def best(self) -> Estimate:
        """Return the share of futures in which nothing else is earlier."""
        return probability(self.days == 0.0)


def comparable(stories: Sequence[Story]) -> bool:
    """Return whether there are several scenarios, not builds of one, with the same start and futures."""
    digests = [story.facts.digest for story in stories if story.facts.digest]
    same = len({(story.facts.start, story.replications) for story in stories}) == 1
    return len(stories) > 1 and same and len(set(digests)) == len(digests)


@styled
def regret_curves(stories: Sequence[Story], *, language: Language = ENGLISH) -> Axes:
    """Draw the share of futures in which each strategy is at most so much later than the best.

    Returns
    -------
    Axes
        x in months lost, y the share 0..1. One line per scenario, labeled by its name.

    Raises
    ------
    ValueError
        There are fewer than two scenarios, or they do not share start and number of futures.
    """
    found = _lost(stories)
    figure = page.new_page()
    blocks = [_label(figure, each, language) for each in found]
    last = max(percentiles(each.days, (KEPT,))[0].value for each in found) / DAYS_PER_MONTH
    axes = _frame(figure, found, blocks=blocks, last=max(last, 1.0), language=language)
    for each in found:
        _draw_curve(axes, each)
    ends = [float(np.mean(each.days <= axes.get_xlim()[1] * DAYS_PER_MONTH)) for each in found]
    ranks = [(end, -float(each.days.mean())) for end, each in zip(ends, found, strict=True)]
    order = sorted(range(len(found)), key=lambda index: ranks[index])
    page.label_ends(axes, [blocks[index] for index in order], [ends[index] for index in order])
    return axes


def describe_regret(stories: Sequence[Story], *, language: Language = ENGLISH) -> Description:
    """Say what :func:`regret_curves` draws; the table has a row per scenario."""
    found = _lost(stories)
    names = [language.text(f"column.{name}") for name in ("scenario", "best", "mean_lost", "p90_lost")]
    rows, said = [], []
    for each in found:
        title, best = each.story.facts.title, language.share(each.best)
        late, most = (language.days(days) for days in (mean(each.days), *percentiles(each.days, (0.9,))))
        rows.append(dict(zip(names, (title, best, late, most), strict=True)))
        said.append(language.text("regret.one", title=title, best=best, mean=late))
    head = language.text("regret.described", futures=futures_text(stories, language))
    return described(" ".join([head, *said]), rows)


def _lost(stories: Sequence[Story]) -> list[Lost]:
    if not comparable(stories):
        names = ", ".join(story.facts.name for story in stories) or "none"
        raise ValueError(f"regret needs two or more scenarios of equal start and replications, got {names}")
    horizon = float(min(story.facts.day(story.facts.horizon) for story in stories))
    lost = days_lost([story.completion for story in stories], horizon)
    return [Lost(*each) for each in zip(stories, lost, looks(stories), strict=True)]


def _label(figure: Figure, each: Lost, language: Language) -> Block:
    late = language.days(mean(each.days))
    body = language.text("regret.body", best=language.share(each.best), mean=late)
    return page.block(figure, each.story.facts.title, body=body, look=each.look)


def _frame(
    figure: Figure, found: Sequence[Lost], *, blocks: Sequence[Block], last: float, language: Language
) -> Axes:
    width = WIDTH - LEFT - LEADER - EDGE - max(block.width for block in blocks)
    bottom = page.note(figure, _notes(found, language)) + 0.52
    height = max(AXES_HEIGHT, sum(block.height + page.BETWEEN for block in blocks))
    page.set_height(figure, bottom + height + page.HEADING)
    page.heading(figure, language.text("regret.question"), language.text("regret.explanation"))
    axes = page.add_axes(figure, LEFT, bottom, width=width, height=height)
    axes.set_xlim(-0.02 * last, last)
    axes.set_ylim(0, TOP_SHARE)
    axes.set_yticks(MARKED_SHARES, [language.percent(share) for share in MARKED_SHARES])
    axes.set_xlabel(language.text("regret.axis"), size=SMALL, color=GRAY)
    page.number_ticks(axes.xaxis, language)
    return axes


def _notes(found: Sequence[Lost], language: Language) -> list[str]:
    first = min((each.story.facts for each in found), key=lambda facts: facts.horizon)
    futures = futures_text([each.story for each in found], language)
    horizon = language.short_date(first.horizon)
    return [
        language.text("regret.ties"),
        language.text("regret.note", horizon=horizon, futures=futures),
    ]


def _draw_curve(axes: Axes, each: Lost) -> None:
    months = np.linspace(0.0, axes.get_xlim()[1], POINTS)
    shares = [probability(each.days <= month * DAYS_PER_MONTH) for month in months]
    low, share, high = np.array([(one.low, one.value, one.high) for one in shares]).T
    style = {"color": each.look.color, "linestyle": each.look.line, "drawstyle": "steps-post"}
    axes.fill_between(months, low, high, color=each.look.color, alpha=0.16, lw=0, step="post")
    axes.plot(months, share, clip_on=False, label=each.story.facts.name, **style)
    axes.plot([0.0], [share[0]], "o", color=each.look.color, ms=4.5, mec="white", clip_on=False, zorder=4)
