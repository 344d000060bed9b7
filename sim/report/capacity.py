"""Capacity: how much compute is accepted by when, by vendor, as a median with a band from P10 to P90."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.chance.amount import Column
from sim.report import page, timeline
from sim.report.description import Description, described
from sim.report.language import ENGLISH, Language
from sim.report.page import EDGE, LEADER, WIDTH, Block
from sim.report.style import Look, looks_of, styled

LEFT, AXES_HEIGHT, AIR, MOST_ROWS = 0.55, 2.3, 1.06, 24


@dataclass(frozen=True, eq=False)
class Growth:
    """One vendor's accepted capacity over time.

    Attributes
    ----------
    days
        Shape ``(k,)``: days since the start, rising.
    p10, p50, p90
        Shape ``(k,)``: percentiles of the capacity over the replications at each day.
    build
        Whose capacity it is; empty where there is a single build.
    """

    vendor: str
    days: Column
    p10: Column
    p50: Column
    p90: Column
    build: str = ""

    @property
    def name(self) -> str:
        """Return what the line is called: the vendor, after the build where there are several."""
        return f"{self.build} {self.vendor}".strip()


def growth(vendor: str, days: Column, accepted: Column) -> Growth:
    """Return the percentiles of capacities of shape ``(k, n)`` at days of shape ``(k,)``."""
    p10, p50, p90 = np.quantile(accepted, [0.1, 0.5, 0.9], axis=1, method="inverted_cdf")
    return Growth(vendor, days, p10, p50, p90)


@styled
def capacity_over_time(
    vendors: Sequence[Growth], *, start: date, unit: str = "accelerators", language: Language = ENGLISH
) -> Axes:
    """Draw the capacity accepted over time.

    Parameters
    ----------
    vendors
        One or more vendors, colored by their names.
    start
        Day 0.
    unit
        What is counted: "accelerators", "usable PFLOP/s".

    Returns
    -------
    Axes
        x in matplotlib's day numbers, y in the unit. One line per vendor, labeled with its name.

    Raises
    ------
    ValueError
        There is no vendor.
    """
    _check(vendors)
    figure = page.new_page()
    looks = looks_of([each.vendor for each in vendors])
    blocks = [_label(figure, each, look, language) for each, look in zip(vendors, looks, strict=True)]
    axes = _frame(figure, blocks, unit=language.name("unit", unit), language=language)
    _scale(axes, vendors, timeline.number(start), language)
    for each, look in zip(vendors, looks, strict=True):
        x = each.days + timeline.number(start)
        axes.fill_between(x, each.p10, each.p90, color=look.color, alpha=0.18, lw=0, step="post")
        style = {"color": look.color, "linestyle": look.line, "drawstyle": "steps-post"}
        axes.plot(x, each.p50, clip_on=False, label=each.name, **style)
    order = sorted(range(len(vendors)), key=lambda index: float(vendors[index].p50[-1]))
    page.label_ends(axes, [blocks[k] for k in order], [float(vendors[k].p50[-1]) for k in order])
    return axes


def describe_capacity(
    vendors: Sequence[Growth], *, start: date, unit: str = "accelerators", language: Language = ENGLISH
) -> Description:
    """Say what :func:`capacity_over_time` draws; the table has a row per date, a column per vendor."""
    _check(vendors)
    days = _yearly(vendors, MOST_ROWS)
    rows = [
        {language.text("column.date"): language.short_date(start + timedelta(float(day)))}
        | {each.name: language.text("capacity.cell", **_at(each, day, language)) for each in vendors}
        for day in days
    ]
    head = language.text("capacity.described", unit=language.name("unit", unit))
    last = [
        language.text("capacity.one", vendor=each.name, **_at(each, np.inf, language)) for each in vendors
    ]
    return described(" ".join([head, *last]), rows)


def _check(vendors: Sequence[Growth]) -> None:
    if not vendors:
        raise ValueError("a figure of capacity needs at least one vendor, got none")


def _yearly(vendors: Sequence[Growth], most: int) -> Column:
    """Return at most so many of the days, the last among them."""
    days = max((each.days for each in vendors), key=len)
    return days[:: -max(1, -(-len(days) // most))][::-1]


def _at(each: Growth, day: float, language: Language) -> dict[str, str]:
    """Return median, low and high at the last known day that is not later than ``day``."""
    index = max(int(np.searchsorted(each.days, day, side="right")) - 1, 0)
    ends = {"low": each.p10, "middle": each.p50, "high": each.p90}
    return {name: language.number(float(values[index]), digits=0) for name, values in ends.items()}


def _label(figure: Figure, each: Growth, look: Look, language: Language) -> Block:
    body = language.text("capacity.body", **_at(each, np.inf, language))
    return page.block(figure, each.name, body=body, look=look)


def _frame(figure: Figure, blocks: Sequence[Block], *, unit: str, language: Language) -> Axes:
    width = WIDTH - LEFT - LEADER - EDGE - max(block.width for block in blocks)
    bottom = page.note(figure, [language.text("capacity.note")]) + 0.42
    height = max(AXES_HEIGHT, sum(block.height + page.BETWEEN for block in blocks))
    page.set_height(figure, bottom + height + page.HEADING)
    explanation = language.text("capacity.explanation", unit=unit)
    page.heading(figure, language.text("capacity.question"), explanation)
    return page.add_axes(figure, LEFT, bottom, width=width, height=height)


def _scale(axes: Axes, vendors: Sequence[Growth], start: float, language: Language) -> None:
    last = start + max(float(each.days[-1]) for each in vendors)
    timeline.date_axis(axes, start, last, width=page.width_of_axes(axes), language=language)
    axes.set_ylim(0, AIR * max(5.0, *(float(each.p90.max()) for each in vendors)))
    page.number_ticks(axes.yaxis, language)
