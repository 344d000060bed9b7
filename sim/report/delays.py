"""Delays: how many months late the machine is, one row of bars per scenario, never beside it.

The rows are histograms with common bins, so no mass is smeared to where there is none; all rows have the
same scale, so areas compare. The share that never completes has a bar of its own in a column on the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from sim.chance.amount import Column
from sim.report import page
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import BETWEEN, EDGE, WIDTH
from sim.report.story import Story, checked
from sim.report.style import DARK, GRAY, PALE, SMALL, Look, looks, styled
from sim.report.timeline import NEGLIGIBLE
from sim.report.words import DAYS_PER_MONTH, futures_text, months_text, titles
from sim.results.statistics import Estimate, percentiles

NEVER_WIDTH, ROW_HEIGHT, TINY = 0.9, 0.8, SMALL - 1.5
FULL, ABOVE, BELOW = 0.78, 0.86, 0.27
"""Parts of a row's height: the highest bar, the air above the first row, the room below the last."""

TICKS = {"P50": 0.5, "P80": 0.8}
MOST_BINS, MOST_LABELS = 48, 8
BIN_MONTHS = (0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0)
LABEL_MONTHS = (0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 60.0, 120.0)
CUT = 3.0
"""A bar is cut, and its share written on it, from this many times the middle row's highest bar."""


@dataclass(frozen=True)
class Row:
    """One scenario's delays: ``days`` of shape ``(n,)``, infinity for never, and how it looks.

    ``late`` says that days are counted from the target; else they are from the start.
    """

    story: Story
    days: Column
    look: Look
    late: bool

    @property
    def months(self) -> Column:
        """Return the delays in months, shape ``(n,)``."""
        return self.days / DAYS_PER_MONTH

    @cached_property
    def ticks(self) -> dict[str, Estimate]:
        """Return the marked percentiles of the delay in days."""
        return dict(zip(TICKS, percentiles(self.days, tuple(TICKS.values())), strict=True))


@dataclass(frozen=True, eq=False)
class Bins:
    """The bars all rows have in common: their edges in months, and the share of a bar of full height."""

    edges: Column
    full: float


@styled
def delay_rows(stories: Sequence[Story], *, language: Language = ENGLISH) -> Axes:
    """Draw the distribution of months late, one row per scenario, the first on top.

    Months are counted from each scenario's target, or from its start if any scenario has no target.

    Returns
    -------
    Axes
        x in months (negative is early); row *k* stands at y = -k and is less than 1 high.

    Raises
    ------
    ValueError
        There is no scenario.
    """
    rows = _rows(stories)
    edges = _edges(rows)
    bins = Bins(edges, _highest([bin_shares(row.months, edges) for row in rows]))
    axes, beside = _frame(rows, edges, language)
    for index, row in enumerate(rows):
        _draw_bars(axes, row, bins, base=-index, language=language)
        _draw_ticks(axes, row, base=-index)
        _draw_never(beside, row, base=-index, language=language)
    return axes


def describe_delay(stories: Sequence[Story], *, language: Language = ENGLISH) -> Description:
    """Say what :func:`delay_rows` draws; the table has a row per bar, a column per scenario."""
    rows = _rows(stories)
    edges = _edges(rows)
    name = language.text("column.months_late" if rows[0].late else "column.months_long")
    bins = [f"{language.number(low)} … {language.number(high)}" for low, high in pairwise(edges)]
    columns = {
        title: [
            *(_percent(share, language) for share in bin_shares(row.months, edges)),
            _percent(float(np.mean(np.isfinite(row.months) & (row.months > edges[-1]))), language),
            language.share(row.story.never),
        ]
        for title, row in zip(titles([row.story for row in rows]), rows, strict=True)
    }
    names = [*bins, language.text("column.later"), language.text("column.never")]
    table = [{name: each} | {t: c[k] for t, c in columns.items()} for k, each in enumerate(names)]
    key = "delay.described" if rows[0].late else "delay.described_long"
    head = language.text(key, futures=futures_text([row.story for row in rows], language))
    return described(" ".join([head, *(_said(row, language) for row in rows)]), table)


def _percent(share: float, language: Language) -> str:
    return language.percent(share, digits=1) if share else ""


def _said(row: Row, language: Language) -> str:
    p50, p80 = (months_text(days, language, signed=row.late) for days in row.ticks.values())
    title, never = row.story.facts.title, language.share(row.story.never)
    return language.text("delay.one", title=title, p50=p50, p80=p80, never=never)


def _rows(stories: Sequence[Story]) -> list[Row]:
    stories = checked(stories)
    late = all(story.facts.target for story in stories)
    paired = zip(stories, looks(stories), strict=True)
    return [Row(story, days_late(story, late=late), look, late) for story, look in paired]


def days_late(story: Story, *, late: bool) -> Column:
    """Return days after the target, or after the start if not ``late``; shape ``(n,)``."""
    target = story.facts.target if late else story.facts.start
    return story.completion - story.facts.day(target or story.facts.start)


def _edges(rows: Sequence[Row]) -> Column:
    """Return the edges of the bars; the way to the horizon if nothing is ever complete."""
    if any(np.isfinite(row.days).any() for row in rows):
        return common_bins([row.months for row in rows])
    facts = [(row.story.facts, row.story.facts.target if row.late else row.story.facts.start) for row in rows]
    ends = [(each.horizon - (begin or each.start)).days / DAYS_PER_MONTH for each, begin in facts]
    return np.array([0.0, max(1.0, *ends)])


def common_bins(rows: Sequence[Column]) -> Column:
    """Return edges of bins, whole multiples of a round width, each bin open on the left.

    So a machine exactly on time is in the bin that ends at 0, and no bin mixes early and late. They hold all
    months but the latest of each row, if these are at most the negligible share.
    """
    finite = [np.sort(months[np.isfinite(months)]) for months in rows if np.isfinite(months).any()]
    low = min(float(months[0]) for months in finite)
    high = max(float(months[-1 - int(NEGLIGIBLE * (months.size - 1))]) for months in finite)
    width = next((w for w in BIN_MONTHS if (high - low) / w <= MOST_BINS), BIN_MONTHS[-1])
    return width * np.arange(np.ceil(low / width) - 1, np.ceil(high / width) + 1)


def bin_shares(months: Column, edges: Column) -> Column:
    """Return the share of all replications in each bin ``(edge, next edge]``."""
    return np.diff(np.searchsorted(np.sort(months), edges, side="right")) / months.size


def _highest(shares: Sequence[Column]) -> float:
    peaks = np.array([share.max() for share in shares])
    seen = peaks[peaks > 0]
    return float(min(seen.max(), CUT * np.sort(seen)[(seen.size - 1) // 2])) if seen.size else 1.0


def _frame(rows: Sequence[Row], edges: Column, language: Language) -> tuple[Axes, Axes]:
    """Return empty axes for the bars, and for never beside them, on a page with each row's title."""
    figure = page.new_page()
    titles = [row.story.facts.title for row in rows]
    bodies = [_summary(row, language) for row in rows]
    blocks = [
        page.block(figure, title, body=body, look=row.look)
        for title, body, row in zip(titles, bodies, rows, strict=True)
    ]
    left = EDGE + max(block.width for block in blocks) + 0.15
    row_height = max(ROW_HEIGHT, *(block.height + BETWEEN for block in blocks))
    height = row_height * (len(rows) - 1 + ABOVE + BELOW)
    bottom = page.note(figure, _notes(rows, edges, language)) + 0.35
    page.set_height(figure, bottom + height + page.HEADING + 0.12)
    page.heading(figure, *_heading(rows, language))
    never = max(NEVER_WIDTH, *(page.width_of(figure, _not_by(row, language), size=TINY) for row in rows))
    width = WIDTH - left - never - EDGE - 0.2
    axes = page.add_axes(figure, left, bottom, width=width, height=height)
    beside = page.add_axes(figure, left + width + 0.2, bottom, width=never, height=height)
    _set_scales(axes, rows, edges=edges, language=language)
    _set_beside(beside, rows, language)
    for index, block in enumerate(blocks):
        block.move(EDGE, page.inches(axes, 0, FULL / 2 - 0.03 - index)[1])
    return axes, beside


def _summary(row: Row, language: Language) -> str:
    return "\n".join(
        language.text("delay.summary", name=name, months=months_text(days, language, signed=row.late))
        for name, days in row.ticks.items()
    )


def _heading(rows: Sequence[Row], language: Language) -> tuple[str, str]:
    targets = {row.story.facts.target for row in rows}
    if not rows[0].late:
        return language.text("delay.question_long"), language.text("delay.explanation_long")
    if len(targets) > 1:
        return language.text("delay.question"), language.text("delay.explanation_each")
    promised = language.day(max(target for target in targets if target))
    return language.text("delay.question"), language.text("delay.explanation", date=promised)


def _notes(rows: Sequence[Row], edges: Column, language: Language) -> list[str]:
    width = float(edges[1] - edges[0])
    bars = language.counted("month", width, digits=0 if width >= 1 else 2)
    futures = futures_text([row.story for row in rows], language)
    cut = max(float(np.mean(np.isfinite(row.months) & (row.months > edges[-1]))) for row in rows)
    later = language.text("delay.cut", share=language.percent(cut, digits=1)) if cut else ""
    nothing = np.isinf([row.days.min() for row in rows]).all()
    key = "delay.nothing" if nothing else "delay.bars"
    return [language.text(key, width=bars, futures=futures), later]


def _set_scales(axes: Axes, rows: Sequence[Row], *, edges: Column, language: Language) -> None:
    air = 0.02 * (edges[-1] - edges[0])
    axes.set_xlim(min(edges[0], 0) - air, max(edges[-1], 0) + air)
    low, high = axes.get_xlim()
    step = next((s for s in LABEL_MONTHS if (high - low) / s <= MOST_LABELS), LABEL_MONTHS[-1])
    ticks = step * np.arange(int(np.ceil(low / step)), high / step)
    axes.set_xticks(ticks, [language.number(float(tick)) for tick in ticks])
    axes.axvline(0, color=DARK, lw=0.9, zorder=1.5)
    axes.set_ylim(1 - len(rows) - BELOW, ABOVE)
    axes.set_yticks([])


def _set_beside(beside: Axes, rows: Sequence[Row], language: Language) -> None:
    beside.set_xlim(0, 1)
    beside.set_ylim(1 - len(rows) - BELOW, ABOVE)
    beside.set_title(language.text("word.never"), size=SMALL, color=GRAY, loc="left", pad=3)
    beside.spines["bottom"].set_visible(False)
    beside.set_xticks([])
    beside.set_yticks([])


def _draw_bars(axes: Axes, row: Row, bins: Bins, *, base: float, language: Language) -> None:
    """Draw a row's bars; one that is cut has its share written on it."""
    shares = bin_shares(row.months, bins.edges)
    tops = base + FULL * np.minimum(shares / bins.full, 1)
    axes.stairs(tops, bins.edges, baseline=base, fill=True, color=row.look.color, alpha=0.45, lw=0)
    axes.stairs(tops, bins.edges, baseline=base, color=row.look.color, lw=1.0)
    axes.axhline(base, color=GRAY, lw=0.6)
    for index in np.flatnonzero(shares > bins.full):
        middle = (bins.edges[index] + bins.edges[index + 1]) / 2
        words = language.text("delay.in_bar", share=language.percent(float(shares[index])))
        axes.text(middle, base + FULL * 0.9, words, size=SMALL - 1, color=row.look.ink, ha="left", va="top")


def _draw_ticks(axes: Axes, row: Row, *, base: float) -> None:
    """Mark the percentiles on the row, named below its base line and kept apart."""
    months = {
        name: days.value / DAYS_PER_MONTH for name, days in row.ticks.items() if np.isfinite(days.value)
    }
    texts = [
        page.write(axes.figure, name, size=SMALL - 1, color=row.look.ink, ha="center", va="top")
        for name in months
    ]
    wanted = [page.inches(axes, at, base) for at in months.values()]
    widths = [page.size(text)[0] + 0.04 for text in texts]
    left, right = (page.inches(axes, edge, base)[0] for edge in axes.get_xlim())
    centers = page.spread([x for x, _ in wanted], widths, low=left - 0.12, high=right + 0.12)
    for at, text, center, (_, y) in zip(months.values(), texts, centers, wanted, strict=True):
        axes.plot([at, at], [base - 0.03, base + FULL], color=row.look.ink, lw=1.2, zorder=3)
        page.place(text, center, y - 0.03)


def _draw_never(beside: Axes, row: Row, *, base: float, language: Language) -> None:
    share = row.story.never
    beside.barh(base + 0.12, 1, height=0.24, color=PALE)
    beside.barh(base + 0.12, share.value, height=0.24, color=row.look.color)
    words, ink = language.share(share), row.look.ink
    beside.text(0, base + 0.3, words, size=SMALL, color=ink, weight="bold", va="bottom")
    beside.text(0, base - 0.04, _not_by(row, language), size=TINY, color=GRAY, va="top")


def _not_by(row: Row, language: Language) -> str:
    return language.never(row.story.facts) if row.story.never.value else ""
