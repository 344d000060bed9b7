"""Delays: how many months late the machine is, one row of bars per scenario, never beside it.

The rows are histograms with common bins, so no mass is smeared to where there is none; all rows have the
same scale, so areas compare. The share that never completes has a bar of its own in a column on the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.axes import Axes

from sim.chance.amount import Column
from sim.report import page
from sim.report.page import BETWEEN, EDGE, WIDTH
from sim.report.story import Story, checked
from sim.report.style import DARK, GRAY, PALE, SMALL, Look, looks, styled
from sim.report.timeline import NEGLIGIBLE
from sim.report.words import DAYS_PER_MONTH, day_text, futures_text, months_text, number_text
from sim.results.rounding import share_text
from sim.results.statistics import Estimate, percentiles

NEVER_WIDTH, ROW_HEIGHT = 0.9, 0.8
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


@styled
def delay_rows(stories: Sequence[Story]) -> Axes:
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
    stories = checked(stories)
    late = all(story.facts.target for story in stories)
    paired = zip(stories, looks(stories), strict=True)
    rows = [Row(story, days_late(story, late=late), look, late) for story, look in paired]
    edges = common_bins([row.months for row in rows])
    axes, beside = _frame(rows, edges)
    shares = [bin_shares(row.months, edges) for row in rows]
    for index, (row, share) in enumerate(zip(rows, shares, strict=True)):
        _draw_bars(axes, row.look, base=-index, heights=share / _highest(shares), edges=edges, shares=share)
        _draw_ticks(axes, row, base=-index)
        _draw_never(beside, row, base=-index)
    return axes


def days_late(story: Story, *, late: bool) -> Column:
    """Return days after the target, or after the start if not ``late``; shape ``(n,)``."""
    target = story.facts.target if late else story.facts.start
    return story.completion - story.facts.day(target or story.facts.start)


def common_bins(rows: Sequence[Column]) -> Column:
    """Return edges of bins, whole multiples of a round width, each bin open on the left.

    So a machine exactly on time is in the bin that ends at 0, and no bin mixes early and late. They hold all
    months but the latest of each row, if these are at most the negligible share.
    """
    finite = [np.sort(months[np.isfinite(months)]) for months in rows if np.isfinite(months).any()]
    if not finite:
        return np.array([0.0, 12.0])
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


def _frame(rows: Sequence[Row], edges: Column) -> tuple[Axes, Axes]:
    """Return empty axes for the bars, and for never beside them, on a page with each row's title."""
    figure = page.new_page()
    blocks = [page.block(figure, row.story.facts.title, body=_summary(row), look=row.look) for row in rows]
    left = EDGE + max(block.width for block in blocks) + 0.15
    row_height = max(ROW_HEIGHT, *(block.height + BETWEEN for block in blocks))
    height = row_height * (len(rows) - 1 + ABOVE + BELOW)
    bottom = page.note(figure, _notes(rows, edges)) + 0.35
    page.set_height(figure, bottom + height + page.HEADING + 0.12)
    page.heading(figure, *_heading(rows))
    width = WIDTH - left - NEVER_WIDTH - EDGE - 0.2
    axes = page.add_axes(figure, left, bottom, width=width, height=height)
    beside = page.add_axes(figure, left + width + 0.2, bottom, width=NEVER_WIDTH, height=height)
    _set_scales(axes, beside, rows, edges=edges)
    for index, block in enumerate(blocks):
        block.move(EDGE, page.inches(axes, 0, FULL / 2 - 0.03 - index)[1])
    return axes, beside


def _summary(row: Row) -> str:
    return "\n".join(f"{name} {months_text(days, signed=row.late)}" for name, days in row.ticks.items())


def _heading(rows: Sequence[Row]) -> tuple[str, str]:
    targets = {row.story.facts.target for row in rows}
    if not rows[0].late:
        return "How long does it take?", "Months from the start to completion"
    promised = day_text(max(t for t in targets if t)) if len(targets) == 1 else "each scenario's own"
    return "How late is the machine?", f"Months after the target, {promised}; left of 0 is early"


def _notes(rows: Sequence[Row], edges: Column) -> list[str]:
    width = edges[1] - edges[0]
    bars = "a month" if width == 1 else f"{width:g} months"
    futures = futures_text([row.story for row in rows])
    cut = max(float(np.mean(np.isfinite(row.months) & (row.months > edges[-1]))) for row in rows)
    later = f"Not shown: up to {100 * cut:.1f} % of a row, still later." if cut else ""
    return [f"Each bar is {bars} wide; all rows have the same scale ({futures}).", later]


def _set_scales(axes: Axes, beside: Axes, rows: Sequence[Row], *, edges: Column) -> None:
    air = 0.02 * (edges[-1] - edges[0])
    axes.set_xlim(min(edges[0], 0) - air, max(edges[-1], 0) + air)
    low, high = axes.get_xlim()
    step = next((s for s in LABEL_MONTHS if (high - low) / s <= MOST_LABELS), LABEL_MONTHS[-1])
    ticks = step * np.arange(int(np.ceil(low / step)), high / step)
    axes.set_xticks(ticks, [number_text(float(tick)) for tick in ticks])
    axes.axvline(0, color=DARK, lw=0.9, zorder=1.5)
    beside.set_xlim(0, 1)
    beside.set_title("never", size=SMALL, color=GRAY, loc="left", pad=3)
    beside.spines["bottom"].set_visible(False)
    beside.set_xticks([])
    for each in (axes, beside):
        each.set_ylim(1 - len(rows) - BELOW, ABOVE)
        each.set_yticks([])


def _draw_bars(
    axes: Axes, look: Look, *, base: float, heights: Column, edges: Column, shares: Column
) -> None:
    tops = base + FULL * np.minimum(heights, 1)
    axes.stairs(tops, edges, baseline=base, fill=True, color=look.color, alpha=0.45, lw=0)
    axes.stairs(tops, edges, baseline=base, color=look.color, lw=1.0)
    axes.axhline(base, color=GRAY, lw=0.6)
    for index in np.flatnonzero(heights > 1):
        middle = (edges[index] + edges[index + 1]) / 2
        words = f" {shares[index]:.0%} in this bar ".replace("%", " %")
        axes.text(middle, base + FULL * 0.9, words, size=SMALL - 1, color=look.ink, ha="left", va="top")


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


def _draw_never(beside: Axes, row: Row, *, base: float) -> None:
    share = row.story.never
    beside.barh(base + 0.12, 1, height=0.24, color=PALE)
    beside.barh(base + 0.12, share.value, height=0.24, color=row.look.color)
    beside.text(0, base + 0.3, share_text(share), size=SMALL, color=row.look.ink, weight="bold", va="bottom")
    if share.value > 0:
        beside.text(0, base - 0.04, row.story.facts.never, size=SMALL - 1.5, color=GRAY, va="top")
