"""Sweep: how the answer depends on a lever, with the best value and the last safe one marked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from sim.chance.amount import Column
from sim.report import marks, page
from sim.report.page import EDGE, WIDTH
from sim.report.style import palette, styled

LEFT, AXES_HEIGHT = 0.55, 2.2
NOTHING = (0.0, 1.0)
"""The axis of a sweep in which everything is never."""


@styled
def sweep_curve(
    values: Column,
    estimates: Column,
    *,
    band: tuple[Column, Column],
    best: float | None = None,
    last_safe: float | None = None,
    lever: str = "patience in months",
    answer: str = "P80 in months after the start",
) -> Axes:
    """Draw an answer against the values of a lever.

    Parameters
    ----------
    values, estimates
        Shape ``(k,)``: values of the lever in rising order, and the answer at each; infinity for never.
    band
        Low and high ends of the answers' intervals, shape ``(k,)`` each.
    best, last_safe
        Values of the lever to be marked.
    lever, answer
        What the axes say.

    Returns
    -------
    Axes
        x in the lever's unit, y in the answer's. Never is drawn as open arrows along the top.

    Raises
    ------
    ValueError
        There is no value.
    """
    if len(values) == 0:
        raise ValueError("a sweep needs at least one value, got none")
    color, _ = palette("switch")
    chosen = {"best": best, "last safe": last_safe}
    named = {f"{name}: {value:g}": value for name, value in chosen.items() if value is not None}
    bottom, top = _range(np.concatenate([estimates, *band]))
    axes = _frame(values, named=named, lever=lever, answer=answer, scale=(bottom, top))
    low, high = (np.clip(end, bottom, top) for end in band)
    axes.fill_between(values, low, high, color=color, alpha=0.18, lw=0)
    known = np.isfinite(estimates)
    answers = np.where(known, estimates, np.nan)
    axes.plot(values, answers, "o-", color=color, ms=4, clip_on=False, label="answer")
    never = np.full(np.count_nonzero(~known), top)
    axes.plot(values[~known], never, "^", color=color, mfc="white", clip_on=False, label="never")
    return axes


def _range(numbers: Column) -> tuple[float, float]:
    """Return the ends of the axis: around all finite numbers, with air; 0 to 1 if there are none."""
    finite = numbers[np.isfinite(numbers)]
    if finite.size == 0:
        return NOTHING
    air = 0.08 * float(np.ptp(finite)) or 1.0
    return max(0.0, float(finite.min()) - air), float(finite.max()) + air


def _frame(
    values: Column, *, named: Mapping[str, float], lever: str, answer: str, scale: tuple[float, float]
) -> Axes:
    figure = page.new_page()
    width = WIDTH - LEFT - 3 * EDGE
    air = 0.03 * float(values[-1] - values[0]) or 1.0
    limits = (float(values[0]) - air, float(values[-1]) + air)
    lines = marks.marks_of(figure, named, left=LEFT, width=width, limits=limits)
    bottom = page.note(figure, [f"Across: {lever}. Band: 95 % interval. Open arrow: never."]) + 0.32
    page.set_height(figure, bottom + AXES_HEIGHT + marks.height_of(lines) + page.HEADING + 0.08)
    page.heading(figure, f"What is the best {lever.split(' in ')[0]}?", answer)
    axes = page.add_axes(figure, LEFT, bottom, width=width, height=AXES_HEIGHT)
    axes.set_xlim(limits)
    axes.set_ylim(scale)
    page.number_ticks(axes.xaxis)
    if scale == NOTHING:
        axes.set_yticks([])
    else:
        page.number_ticks(axes.yaxis)
    marks.draw_marks(axes, lines)
    return axes
