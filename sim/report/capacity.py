"""Capacity: how much compute is accepted by when, by vendor, as a median with a band from P10 to P90."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.chance.amount import Column
from sim.report import page, timeline
from sim.report.page import EDGE, LEADER, WIDTH, Block
from sim.report.style import Look, palette, styled

LEFT, AXES_HEIGHT, AIR = 0.55, 2.3, 1.06


@dataclass(frozen=True, eq=False)
class Growth:
    """One vendor's accepted capacity over time.

    Attributes
    ----------
    days
        Shape ``(k,)``: days since the start, rising.
    p10, p50, p90
        Shape ``(k,)``: percentiles of the capacity over the replications at each day.
    """

    vendor: str
    days: Column
    p10: Column
    p50: Column
    p90: Column


def growth(vendor: str, days: Column, accepted: Column) -> Growth:
    """Return the percentiles of capacities of shape ``(k, n)`` at days of shape ``(k,)``."""
    p10, p50, p90 = np.quantile(accepted, [0.1, 0.5, 0.9], axis=1, method="inverted_cdf")
    return Growth(vendor, days, p10, p50, p90)


@styled
def capacity_over_time(vendors: Sequence[Growth], *, start: date, unit: str = "accelerators") -> Axes:
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
    if not vendors:
        raise ValueError("a figure of capacity needs at least one vendor, got none")
    figure = page.new_page()
    looks = [Look(*palette(each.vendor)) for each in vendors]
    blocks = [_label(figure, each, look) for each, look in zip(vendors, looks, strict=True)]
    axes = _frame(figure, vendors, blocks=blocks, start=timeline.number(start), unit=unit)
    for each, look in zip(vendors, looks, strict=True):
        x = each.days + timeline.number(start)
        axes.fill_between(x, each.p10, each.p90, color=look.color, alpha=0.18, lw=0, step="post")
        axes.plot(x, each.p50, color=look.color, drawstyle="steps-post", clip_on=False, label=each.vendor)
    order = sorted(range(len(vendors)), key=lambda index: float(vendors[index].p50[-1]))
    page.label_ends(axes, [blocks[k] for k in order], [float(vendors[k].p50[-1]) for k in order])
    return axes


def _label(figure: Figure, each: Growth, look: Look) -> Block:
    low, middle, high = (f"{values[-1]:,.0f}" for values in (each.p10, each.p50, each.p90))
    return page.block(figure, each.vendor, body=f"finally {middle}\n({low} to {high})", look=look)


def _frame(
    figure: Figure, vendors: Sequence[Growth], *, blocks: Sequence[Block], start: float, unit: str
) -> Axes:
    width = WIDTH - LEFT - LEADER - EDGE - max(block.width for block in blocks)
    bottom = page.note(figure, ["Line: median; band: from P10 to P90, at each date."]) + 0.42
    height = max(AXES_HEIGHT, sum(block.height + page.BETWEEN for block in blocks))
    page.set_height(figure, bottom + height + page.HEADING)
    page.heading(figure, "How much compute is there?", f"Accepted {unit} by date")
    axes = page.add_axes(figure, LEFT, bottom, width=width, height=height)
    last = start + max(float(each.days[-1]) for each in vendors)
    timeline.date_axis(axes, start, last, width=width)
    axes.set_ylim(0, AIR * max(1.0, *(float(each.p90.max()) for each in vendors)))
    page.number_ticks(axes.yaxis)
    return axes
