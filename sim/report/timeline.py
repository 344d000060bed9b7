"""Timeline: the date axis of figures, from half a year to decades, and where it may end.

Positions are matplotlib's day numbers, so that a reader can add their own dates to the axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np
from matplotlib.axes import Axes

from sim.report.language import Language
from sim.report.story import Story
from sim.report.words import DAYS_PER_MONTH

NEGLIGIBLE = 0.005
"""A figure may end where every curve has at most this share left to gain, and says so."""

_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
AIR = 0.04


def number(day: date) -> float:
    """Return a date as matplotlib's day number: days since 1970."""
    return float((day - date(1970, 1, 1)).days)


def targets(stories: Sequence[Story], language: Language) -> dict[str, float]:
    """Return the promised days within the horizon, by the names of their lines: "target 31 Dec 2024"."""
    dates = [s.facts.target for s in stories if s.facts.target and s.facts.target <= s.facts.horizon]
    return {language.text("time.target", date=language.day(day)): number(day) for day in dates}


def limits(stories: Sequence[Story], ends: Sequence[float], marks: Iterable[float]) -> tuple[float, float]:
    """Return first and last day of an axis: from the earliest start to the last end or mark, with some air.

    Without any end, nothing ever happens: then the axis reaches the horizon, because that is the message.
    """
    first = min(number(story.facts.start) for story in stories)
    horizon = max(number(story.facts.horizon) for story in stories)
    if not ends:
        return first, horizon
    last = max([*ends, *(mark for mark in marks if mark <= horizon)])
    return first, min(horizon, max(first + 90.0, last + AIR * (last - first)))


def flat_from(story: Story) -> float:
    """Return the day from which the completion curve gains a negligible share; infinity if it never rises."""
    finite = np.sort(story.completion[np.isfinite(story.completion)])
    spare = int(NEGLIGIBLE * finite.size)
    return number(story.facts.start) + float(finite[-1 - spare]) if finite.size else np.inf


def crop_note(stories: Sequence[Story], last: float, language: Language) -> str:
    """Return what the axis leaves out, or nothing if it reaches every horizon."""
    horizon = max(story.facts.horizon for story in stories)
    if last >= number(horizon) - 31:
        return ""
    gain = max(
        float(np.mean(np.isfinite(s.completion) & (s.completion > last - number(s.facts.start))))
        for s in stories
    )
    left_out = (
        language.text("time.rises", share=language.percent(gain, digits=1))
        if gain
        else language.text("time.flat")
    )
    return language.text("time.cropped", horizon=language.short_date(horizon), left_out=left_out)


def date_axis(axes: Axes, first: float, last: float, *, width: float, language: Language) -> None:
    """Set limits and ticks in whole months or years, with room for each label (``width`` in inches)."""
    axes.set_xlim(first, last)
    step = step_of(first, last, most=width / 0.42)
    days = list(month_starts(first, last, step=step))
    axes.set_xticks([number(day) for day in days], [*_labels(days, step, language)])
    axes.tick_params(axis="x", length=3)


def step_of(first: float, last: float, *, most: float) -> int:
    """Return a round number of months that divides a span of days into at most so many parts."""
    months = (last - first) / DAYS_PER_MONTH
    return next((step for step in _STEPS if months / step <= most), _STEPS[-1])


def month_starts(first: float, last: float, *, step: int) -> Iterator[date]:
    """Yield the first days of every so many months between two days."""
    begin = np.datetime64(int(first), "D").astype("datetime64[M]").astype(int)
    end = np.datetime64(int(last), "D").astype("datetime64[M]").astype(int)
    for month in range(-(-begin // step) * step, end + 1, step):
        day = date(1970 + month // 12, month % 12 + 1, 1)
        if first <= number(day) <= last:
            yield day


def _labels(days: Sequence[date], step: int, language: Language) -> Iterator[str]:
    year = 0
    for day in days:
        text = str(day.year) if step >= 12 else language.month(day)
        yield f"{text}\n{day.year}" if step < 12 and day.year != year else text
        year = day.year
