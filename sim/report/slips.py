"""Slips: by how many months real machines slipped, beside the simulated slip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from sim.chance.amount import Column
from sim.report import page
from sim.report.curves import MARKED_SHARES
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, WIDTH
from sim.report.story import percentile
from sim.report.style import GRAY, RULE, palette, styled
from sim.report.words import DAYS_PER_MONTH

LEFT, AXES_HEIGHT, DRAWN = 0.55, 2.6, 0.995
MOST_ROWS = 24


@dataclass(frozen=True, eq=False)
class Slips:
    """History's slips and the simulated ones.

    Attributes
    ----------
    days, share, band
        History's steps: slips in days, share in operation by then, low and high ends; shape ``(k,)`` each.
    machines
        How many real machines history knows.
    simulated
        Shape ``(n,)``: simulated slips in days, infinity for never.
    name
        Title of the scenario.
    """

    days: Column
    share: Column
    band: tuple[Column, Column]
    machines: int
    simulated: Column
    name: str

    @property
    def finite(self) -> Column:
        """Return the simulated slips that end, in rising order."""
        return np.sort(self.simulated[np.isfinite(self.simulated)])

    @property
    def limits(self) -> tuple[float, float]:
        """Return the ends of the axis in months: all of history, nearly all of the simulation."""
        kept = self.finite[: max(int(DRAWN * self.finite.size), 1)] if self.finite.size else self.days
        low, high = min(self.days[0], kept[0]), max(self.days[-1], kept[-1])
        return float(low) / DAYS_PER_MONTH - 1.0, float(high) / DAYS_PER_MONTH + 1.0

    def real_by(self, days: float) -> float:
        """Return the share of real machines in operation by a slip."""
        return float(np.append(0.0, self.share)[np.searchsorted(self.days, days, side="right")])


@styled
def slip_curves(slips: Slips, *, language: Language = ENGLISH) -> Axes:
    """Draw by how many days real machines slipped, with its 95 % band, beside the simulated slip.

    Returns
    -------
    Axes
        x in months of slip, y the share of machines (or futures) in operation by then.
    """
    axes = _frame(slips, language)
    low, high = slips.limits
    x = np.array([low, *(slips.days / DAYS_PER_MONTH), high])
    rise, floor, ceiling = (np.array([0.0, *values, values[-1]]) for values in (slips.share, *slips.band))
    ceiling[0] = ceiling[1]
    axes.fill_between(x, floor, ceiling, step="post", color=GRAY, alpha=0.15, lw=0)
    axes.plot(x, rise, drawstyle="steps-post", color=GRAY, label="history")
    grown = np.arange(1, slips.finite.size + 1) / slips.simulated.size
    axes.plot(slips.finite / DAYS_PER_MONTH, grown, color=palette("switch")[0], label=slips.name)
    return axes


def describe_slips(slips: Slips, *, language: Language = ENGLISH) -> Description:
    """Say what :func:`slip_curves` draws; the table has a row per so many months of slip."""
    low, high = (int(np.floor(end)) for end in slips.limits)
    step = max(1, -(-(high - low) // MOST_ROWS))
    rows = [
        {
            language.text("column.slip"): language.number(month),
            language.text("column.real"): language.percent(slips.real_by(month * DAYS_PER_MONTH)),
            slips.name: language.percent(float(np.mean(slips.simulated <= month * DAYS_PER_MONTH))),
        }
        for month in range(low, high + 1, step)
    ]
    half = np.flatnonzero(slips.share >= 0.5)
    real = float(slips.days[half[0]]) if half.size else np.inf
    words = language.text(
        "slip.described",
        machines=language.counted("machine", slips.machines),
        real=_months(real, language),
        simulated=_months(percentile(slips.simulated, 0.5), language),
        never=language.percent(float(np.mean(np.isinf(slips.simulated)))),
    )
    return described(words, rows)


def _months(days: float, language: Language) -> str:
    if np.isinf(days):
        return language.text("word.never")
    return language.counted("month", days / DAYS_PER_MONTH, signed=True)


def _frame(slips: Slips, language: Language) -> Axes:
    figure = page.new_page()
    machines = language.counted("machine", slips.machines)
    bottom = (
        page.note(figure, [language.text("slip.band", machines=machines), *_left_out(slips, language)]) + 0.42
    )
    page.set_height(figure, bottom + AXES_HEIGHT + 0.24 + page.HEADING)
    page.heading(figure, language.text("slip.question"), language.text("slip.explanation"))
    axes = page.add_axes(figure, LEFT, bottom, width=WIDTH - LEFT - 3 * EDGE, height=AXES_HEIGHT)
    axes.axvline(0.0, color=RULE, lw=1.0)
    axes.set_xlim(slips.limits)
    axes.set_ylim(0.0, 1.02)
    axes.set_yticks(MARKED_SHARES, [language.percent(share) for share in MARKED_SHARES])
    page.number_ticks(axes.xaxis, language)
    _name_curves(axes, slips.name, language)
    return axes


def _left_out(slips: Slips, language: Language) -> list[str]:
    """Return sentences on the futures that the figure does not show."""
    never = float(np.mean(np.isinf(slips.simulated)))
    later = float(
        np.mean(np.isfinite(slips.simulated) & (slips.simulated > slips.limits[1] * DAYS_PER_MONTH))
    )
    return [
        language.text(f"slip.{key}", share=language.percent(share, digits=1))
        for key, share in (("never", never), ("cut", later))
        if share
    ]


def _name_curves(axes: Axes, name: str, language: Language) -> None:
    """Write what the gray and the colored curve are, left and right above the axes."""
    figure, top = axes.figure, page.inches(axes, 0, axes.get_ylim()[1])[1] + 0.08
    real = page.write(figure, language.text("slip.real"), color=GRAY, weight="bold")
    page.place(real, LEFT, top)
    room = WIDTH - LEFT - 3 * EDGE - page.size(real)[0] - 0.2
    style = {"color": palette("switch")[1], "weight": "bold", "ha": "right"}
    page.place(page.fitted(figure, name, width=room, **style), WIDTH - 3 * EDGE, top)
