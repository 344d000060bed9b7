"""Costs: what each future spends against when it is complete, with budget and target drawn across.

A panel per scenario with common scales. Futures that are never complete stand in a strip of their own on the
right, at what they have cost by the horizon. Shares are of all futures, whatever is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.chance.amount import Column
from sim.report import page, timeline
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import BETWEEN, EDGE, WIDTH, Block
from sim.report.story import Story, checked
from sim.report.style import DARK, GRAY, PALE, SMALL, Look, looks, styled
from sim.report.words import folded, futures_text, millions
from sim.results.cost import within
from sim.results.statistics import Estimate, percentiles, probability

MILLION = 1e6
MOST_DOTS, FEW_DOTS = 1_200, 60
STRIP, SCALE, APART = 0.36, 0.36, 0.2
"""Widths in inches: the strip of never, the labels of the cost scale, the space between panels."""

ALONE, PANEL = 2.2, 1.0
"""Height of a single panel, and of each of several."""

GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Chances:
    """Shares of all futures: in time, within the budget, and both; None where nothing is promised."""

    in_time: Estimate | None
    in_budget: Estimate | None
    both: Estimate | None


@styled
def cost_scatter(stories: Sequence[Story], *, language: Language = ENGLISH) -> Axes:
    """Draw the cost of each future against its date of completion, a panel per scenario.

    Returns
    -------
    Axes
        Of the first panel: x in matplotlib's day numbers, y in million USD.

    Raises
    ------
    ValueError
        There is no scenario, or one has no costs.
    """
    stories = _with_costs(stories)
    figure = page.new_page()
    drawn = list(zip(stories, looks(stories), strict=True))
    blocks = [_label(figure, story, look, language) for story, look in drawn]
    panels = _frame(figure, stories, blocks, language)
    shown = shown_of(stories)
    for (axes, strip), (story, look) in zip(panels, drawn, strict=True):
        _draw_promise(axes, strip, story)
        _draw_dots(axes, strip, story, look=look, shown=shown)
    _name_promises([axes for axes, _ in panels], stories, language)
    return panels[0][0]


def describe_cost(stories: Sequence[Story], *, language: Language = ENGLISH) -> Description:
    """Say what :func:`cost_scatter` draws; the table has a row per scenario."""
    stories = _with_costs(stories)
    head = language.text("cost.described", futures=futures_text(stories, language))
    rows = [_row(story, language) for story in stories]
    return described(" ".join([head, *(_said(story, language) for story in stories)]), rows)


def shown_of(stories: Sequence[Story]) -> int:
    """Return how many futures of each scenario are drawn: all, or the first so many."""
    return min(max(story.replications for story in stories), MOST_DOTS // len(stories))


def chances(story: Story) -> Chances:
    """Return how likely a scenario is in time, within its budget, and both."""
    target, budget, cost = story.facts.target, story.budget_usd, _cost(story)
    in_time = None if target is None else story.by(target)
    in_budget = None if budget is None else probability(cost <= budget)
    if target is None or budget is None:
        return Chances(in_time, in_budget, None)
    day = story.facts.day(target)
    both = within(cost, story.completion, budget_usd=budget, target_days=day)
    return Chances(in_time, in_budget, both)


def _with_costs(stories: Sequence[Story]) -> tuple[Story, ...]:
    without = [story.facts.name for story in checked(stories) if story.cost is None]
    if without:
        raise ValueError(f"no costs to draw: {', '.join(without)} has no prices")
    return tuple(stories)


def _cost(story: Story) -> Column:
    assert story.cost is not None  # checked before
    return story.cost


def _row(story: Story, language: Language) -> dict[str, str]:
    p50, p90 = (millions(cost.value, language) for cost in percentiles(_cost(story), (0.5, 0.9)))
    found = chances(story)
    shares = {"in_budget": found.in_budget, "on_time": found.in_time, "both": found.both}
    cells = {"scenario": story.facts.title, "cost_p50": p50, "cost_p90": p90}
    cells |= {name: "" if share is None else language.share(share) for name, share in shares.items()}
    cells["never"] = language.share(story.never)
    return {language.text(f"column.{name}"): cell for name, cell in cells.items()}


def _said(story: Story, language: Language) -> str:
    found, verdict = chances(story).both, language.text("cost.verdict_none")
    if found is not None and story.budget_usd is not None:
        share, interval = language.share(found), language.interval(found)
        budget = millions(story.budget_usd, language)
        verdict = language.text("cost.verdict_both", share=share, interval=interval, budget=budget)
    p50 = millions(percentiles(_cost(story), (0.5,))[0].value, language)
    never = language.share(story.never)
    return language.text("cost.one", title=story.facts.title, p50=p50, verdict=verdict, never=never)


def _label(figure: Figure, story: Story, look: Look, language: Language) -> Block:
    return page.block(figure, story.facts.title, body=_verdict(story, language), look=look)


def _verdict(story: Story, language: Language) -> str:
    """Return the share that keeps what is promised, with its interval, or else the median cost."""
    found = chances(story)
    for key in ("both", "in_time", "in_budget"):
        share: Estimate | None = getattr(found, key)
        if share is not None:
            words = language.text(f"cost.{key}", share=language.share(share))
            return folded(words, width=22, lines=3) + f"\n({language.interval(share)})"
    p50 = millions(percentiles(_cost(story), (0.5,))[0].value, language)
    return folded(language.text("cost.median", number=p50), width=22, lines=3)


def _frame(
    figure: Figure, stories: Sequence[Story], blocks: Sequence[Block], language: Language
) -> list[tuple[Axes, Axes]]:
    """Return panels from top to bottom, each with its strip of never, their labels placed beside them."""
    tall = max(block.height for block in blocks) + BETWEEN
    high = max(ALONE if len(stories) == 1 else PANEL, tall)
    bottom = page.note(figure, _notes(stories, language)) + 0.42
    page.set_height(figure, bottom + len(stories) * (high + APART) + 0.1 + page.HEADING)
    page.heading(figure, language.text("cost.question"), language.text("cost.explanation"))
    left = EDGE + max(block.width for block in blocks) + SCALE + 0.1
    width = WIDTH - left - STRIP - 2 * EDGE - 0.06
    scales = _limits(stories), _most(stories)
    panels = []
    for index, block in enumerate(reversed(blocks)):
        floor = bottom + index * (high + APART)
        axes = page.add_axes(figure, left, floor, width=width, height=high)
        strip = page.add_axes(figure, left + width + 0.06, floor, width=STRIP, height=high)
        _set_scales(axes, strip, scales, last=index == 0, language=language)
        block.move(EDGE, floor + high / 2)
        panels.append((axes, strip))
    panels[-1][1].set_title(language.text("word.never"), size=SMALL, color=GRAY, pad=3)
    return panels[::-1]


def _notes(stories: Sequence[Story], language: Language) -> list[str]:
    shown, futures = shown_of(stories), futures_text(stories, language)
    some = any(story.replications > shown for story in stories)
    dots = language.text("cost.shown", shown=language.number(shown), futures=futures)
    return [
        dots if some else language.text("cost.shown_all", futures=futures),
        language.text("cost.strip") if any(story.never.value for story in stories) else "",
    ]


def _limits(stories: Sequence[Story]) -> tuple[float, float]:
    shown = shown_of(stories)
    ends = []
    for story in stories:
        days = story.completion[:shown]
        if np.isfinite(days).any():
            ends.append(timeline.number(story.facts.start) + float(days[np.isfinite(days)].max()))
    targets = [timeline.number(story.facts.target) for story in stories if story.facts.target]
    return timeline.limits(stories, ends, targets)


def _most(stories: Sequence[Story]) -> float:
    """Return the top of the cost scale, in million USD."""
    shown = shown_of(stories)
    tops = [float(_cost(story)[:shown].max()) for story in stories]
    budgets = [story.budget_usd for story in stories if story.budget_usd is not None]
    return 1.12 * max([*tops, *budgets, 1.0]) / MILLION


def _set_scales(
    axes: Axes, strip: Axes, scales: tuple[tuple[float, float], float], *, last: bool, language: Language
) -> None:
    (begin, end), top = scales
    timeline.date_axis(axes, begin, end, width=page.width_of_axes(axes), language=language)
    axes.tick_params(labelbottom=last)
    for each in (axes, strip):
        each.set_ylim(0.0, top)
    page.number_ticks(axes.yaxis, language)
    strip.set_xlim(0.0, 1.0)
    strip.set_xticks([])
    strip.set_yticks(axes.get_yticks(), [])
    strip.set_facecolor(PALE)
    strip.grid(visible=False)


def _draw_promise(axes: Axes, strip: Axes, story: Story) -> None:
    """Draw target and budget as lines, and what keeps both as a shaded corner."""
    left, right = axes.get_xlim()
    target = story.facts.target
    at = None if target is None else timeline.number(target)
    budget = None if story.budget_usd is None else story.budget_usd / MILLION
    style: dict[str, Any] = {"color": DARK, "lw": 0.9, "zorder": 1.5}
    if at is not None and left <= at <= right:
        axes.axvline(at, **style)
        if budget is not None:
            axes.fill_between([left, at], 0.0, budget, color=PALE, lw=0, zorder=0.5)
    if budget is not None:
        for each in (axes, strip):
            each.axhline(budget, **style)


def _draw_dots(axes: Axes, strip: Axes, story: Story, *, look: Look, shown: int) -> None:
    days, cost = story.completion[:shown], _cost(story)[:shown] / MILLION
    few = days.size <= FEW_DOTS
    style: dict[str, Any] = {
        "s": 16.0 if few else 5.0,
        "color": look.color,
        "alpha": 0.8 if few else 0.4,
        "lw": 0,
    }
    done = np.isfinite(days)
    x = days[done] + timeline.number(story.facts.start)
    axes.scatter(x, cost[done], label=story.facts.name, clip_on=False, **style)
    beside = 0.1 + 0.8 * ((np.arange(days.size)[~done] * GOLDEN) % 1.0)
    strip.scatter(beside, cost[~done], label=story.facts.name, **style)


def _name_promises(panels: Sequence[Axes], stories: Sequence[Story], language: Language) -> None:
    """Write target and budget at their lines, except where they are those of the panel above."""
    above: tuple[object, object] = (None, None)
    for axes, story in zip(panels, stories, strict=True):
        target, budget = story.facts.target, story.budget_usd
        if target is not None and target != above[0]:
            _name_target(
                axes, timeline.number(target), language.text("time.target", date=language.day(target))
            )
        if budget is not None and budget != above[1]:
            words = language.text("cost.budget", number=millions(budget, language))
            _name_budget(axes, budget / MILLION, words)
        above = (target, budget)


def _name_target(axes: Axes, at: float, words: str) -> None:
    left, right = axes.get_xlim()
    if not left <= at <= right:
        return
    x, y = page.inches(axes, at, axes.get_ylim()[1])
    text = page.write(axes.figure, words, size=SMALL, color=DARK, va="bottom")
    fits = x + page.size(text)[0] <= page.inches(axes, right, 0)[0]
    page.place(text, x if fits else x - page.size(text)[0], y + 0.02)


def _name_budget(axes: Axes, at: float, words: str) -> None:
    x, y = page.inches(axes, axes.get_xlim()[1], at)
    style = {"size": SMALL, "color": DARK, "ha": "right", "va": "bottom", "path_effects": page.HALO}
    page.place(page.write(axes.figure, words, **style), x, y + 0.01)
