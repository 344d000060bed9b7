"""Sweep: how the answer depends on a lever, with the best value and the last safe one marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.chance.amount import Column
from sim.report import marks, page
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, WIDTH
from sim.report.style import palette, styled
from sim.report.words import lever_text, short_number

LEFT, AXES_HEIGHT = 0.55, 2.2
PATIENCE = "strategy.patience in months"
NOTHING = (0.0, 1.0)
"""The axis of a sweep in which everything is never."""


@dataclass(frozen=True, eq=False)
class Swept:
    """An answer at each value of a lever.

    Attributes
    ----------
    values, estimates
        Shape ``(k,)``: values of the lever in rising order, and the answer at each; infinity for never.
    band
        Low and high ends of the answers' intervals, shape ``(k,)`` each.
    best, last_safe
        Values of the lever to be marked.
    lever, answer
        Path of the lever with its unit, and what the answer is; empty for patience, and P80 in months.

    Raises
    ------
    ValueError
        There is no value.
    """

    values: Column
    estimates: Column
    band: tuple[Column, Column]
    best: float | None = None
    last_safe: float | None = None
    lever: str = ""
    answer: str = ""

    def __post_init__(self) -> None:
        if len(self.values) == 0:
            raise ValueError("a sweep needs at least one value, got none")

    def named(self, language: Language) -> dict[str, float]:
        """Return the marked values of the lever by what is written at them."""
        chosen = {"best": self.best, "last_safe": self.last_safe}
        return {
            language.text(f"sweep.{key}", value=short_number(value, language)): value
            for key, value in chosen.items()
            if value is not None
        }

    def axes(self, language: Language) -> tuple[str, str]:
        """Return what the axes say, across and up."""
        lever = lever_text(self.lever or PATIENCE, language)
        return lever, self.answer or language.text("sweep.answer")

    @property
    def scale(self) -> tuple[float, float]:
        """Return the ends of the axis: around all finite numbers, with air; 0 to 1 if there are none."""
        numbers = np.concatenate([self.estimates, *self.band])
        finite = numbers[np.isfinite(numbers)]
        if finite.size == 0:
            return NOTHING
        air = 0.08 * float(np.ptp(finite)) or 1.0
        return max(0.0, float(finite.min()) - air), float(finite.max()) + air


@styled
def sweep_curve(swept: Swept, *, language: Language = ENGLISH) -> Axes:
    """Draw an answer against the values of a lever.

    Returns
    -------
    Axes
        x in the lever's unit, y in the answer's. Never is drawn as open arrows along the top.
    """
    color, _ = palette("switch")
    axes = _frame(swept, language)
    bottom, top = swept.scale
    low, high = (np.clip(end, bottom, top) for end in swept.band)
    axes.fill_between(swept.values, low, high, color=color, alpha=0.18, lw=0)
    known = np.isfinite(swept.estimates)
    answers = np.where(known, swept.estimates, np.nan)
    axes.plot(swept.values, answers, "o-", color=color, ms=4, clip_on=False, label="answer")
    never = np.full(np.count_nonzero(~known), top)
    axes.plot(swept.values[~known], never, "^", color=color, mfc="white", clip_on=False, label="never")
    return axes


def describe_sweep(swept: Swept, *, language: Language = ENGLISH) -> Description:
    """Say what :func:`sweep_curve` draws; the table has a row per value of the lever."""
    lever, answer = swept.axes(language)
    ends = zip(swept.values, swept.estimates, *swept.band, strict=True)
    table = [
        {
            lever: short_number(value, language),
            answer: _number(estimate, language),
            language.text("column.interval"): f"{_number(low, language)} … {_number(high, language)}",
        }
        for value, estimate, low, high in ends
    ]
    said = {"lever": lever, "answer": answer, "low": table[0][lever], "high": table[-1][lever]}
    if not np.isfinite(swept.estimates).any():
        return described(language.text("sweep.described_never", **said), table)
    least = table[int(np.argmin(swept.estimates))]
    words = language.text("sweep.described", least=least[answer], place=least[lever], **said)
    return described(words, table)


def _number(number: float, language: Language) -> str:
    return language.number(number, digits=1) if np.isfinite(number) else language.text("word.never")


def _frame(swept: Swept, language: Language) -> Axes:
    figure: Figure = page.new_page()
    width = WIDTH - LEFT - 3 * EDGE
    low, high = float(swept.values[0]), float(swept.values[-1])
    air = 0.03 * (high - low) or 1.0
    limits = (low - air, high + air)
    lines = marks.marks_of(figure, swept.named(language), left=LEFT, width=width, limits=limits)
    lever, answer = swept.axes(language)
    bottom = page.note(figure, [language.text("sweep.across", lever=lever)]) + 0.32
    page.set_height(figure, bottom + AXES_HEIGHT + marks.height_of(lines) + page.HEADING + 0.08)
    path = (swept.lever or PATIENCE).split(" in ")[0]
    page.heading(figure, language.text("sweep.question", lever=path), answer)
    axes = page.add_axes(figure, LEFT, bottom, width=width, height=AXES_HEIGHT)
    axes.set_xlim(limits)
    axes.set_ylim(swept.scale)
    page.number_ticks(axes.xaxis, language)
    if swept.scale == NOTHING:
        axes.set_yticks([])
    else:
        page.number_ticks(axes.yaxis, language)
    marks.draw_marks(axes, lines)
    return axes
