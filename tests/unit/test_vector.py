"""Figures as SVG: small, alone in a page, the same bytes each time, and readable on a dark ground."""

import itertools
import re

import pytest
from figure_stories import CASES, START, STEPS, SWINGS, field, rows, slips, swept, three, vendors
from matplotlib.colors import to_rgb
from test_figures import contrast

from sim.report import style
from sim.report.capacity import capacity_over_time
from sim.report.causes import ledger_waterfall, tornado
from sim.report.figures import FIGURES
from sim.report.gantt import gantt_chart
from sim.report.slips import slip_curves
from sim.report.sweep import sweep_curve
from sim.report.vector import dark_svg, svg_of
from sim.report.winners import win_map

OTHERS = {
    "capacity": lambda: capacity_over_time(vendors(), start=START),
    "ledger": lambda: ledger_waterfall(STEPS, planned=245.0, total=245.0 + sum(days for _, days in STEPS)),
    "tornado": lambda: tornado(SWINGS),
    "sweep": lambda: sweep_curve(swept()),
    "gantt": lambda: gantt_chart(rows(), start=START, completion=440.0, title="Future 17"),
    "map": lambda: win_map(field(), first="one", second="other"),
    "slips": lambda: slip_curves(slips()),
}
ALL = {name: (lambda draw=draw: draw(three(n=200))) for name, draw in FIGURES.items()} | OTHERS
GROUND = style.DARK_OF[style.WHITE]


@pytest.fixture(scope="module")
def drawings():
    return {name: svg_of(draw().figure, name) for name, draw in ALL.items()}


def test_every_color_of_every_figure_has_a_dark_counterpart(drawings):
    for svg in drawings.values():
        used = {color.upper() for color in re.findall("#[0-9a-fA-F]{6}", svg)}
        assert used <= style.DARK_OF.keys()
        assert set(re.findall("#[0-9a-fA-F]{6}", dark_svg(svg))) == {style.DARK_OF[color] for color in used}
        assert not re.search(r"(?:fill|stroke): (?!none|#|url)", svg)


def test_every_supplier_has_dark_counterparts():
    names = ["nvidia", "ascend", "switch", "split", "race", "staged", *(f"supplier {k}" for k in range(50))]
    colors = {color for name in names for color in style.palette(name)}
    assert colors | {*style.ADDED, *style.GAINED, style.SPARE} <= style.DARK_OF.keys()


def test_lines_and_text_stand_out_from_the_dark_ground():
    names = ["nvidia", "ascend", "switch", "split", "race", "staged", *(f"supplier {k}" for k in range(50))]
    pairs = {style.palette(name) for name in names} | {style.ADDED, style.GAINED, (style.SPARE, style.GRAY)}
    for color, ink in pairs | {(style.DARK, style.DARK)}:
        assert contrast(style.DARK_OF[color], GROUND) >= 3.0, color
        assert contrast(style.DARK_OF[ink], GROUND) >= 4.5, ink


def distance(one, other):
    return sum((a - b) ** 2 for a, b in zip(to_rgb(one), to_rgb(other), strict=True))


def test_suppliers_differ_on_the_dark_ground_nearly_as_they_do_on_white():
    names = ("nvidia", "ascend", "switch", "split", "race", "staged")
    for one, other in itertools.combinations([style.palette(name)[0] for name in names], 2):
        assert distance(style.DARK_OF[one], style.DARK_OF[other]) >= 0.6 * distance(one, other)


def test_a_color_that_the_style_does_not_know_is_refused():
    with pytest.raises(ValueError, match="#123ABC has no dark counterpart"):
        dark_svg('<svg><path style="fill: #123abc"/></svg>')


def test_a_drawing_reaches_nothing_outside_itself(drawings):
    for name, svg in drawings.items():
        assert svg.startswith("<svg ")
        assert set(re.findall(r"https?://[^\"]*", svg)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }
        assert not re.search("<style|<!--|<metadata|<script|<image", svg)
        ids = re.findall(r' id="([^"]*)"', svg)
        assert len(ids) == len(set(ids))
        assert all(each.startswith(f"{name}-") for each in ids)
        references = re.findall(r'(?:href="#|url\(#)([^")]*)', svg)
        assert set(references) <= set(ids)


def test_coordinates_have_two_decimals_and_the_drawing_is_small(drawings):
    for svg in drawings.values():
        assert not re.search(r"\d\.\d{3,}", "".join(re.findall(r' d="([^"]*)"', svg)))
        assert len(svg) < 250_000


def test_a_hundred_thousand_futures_draw_no_more_than_a_thousand():
    stories = three(n=100_000)
    for name in ("completion", "cost"):
        assert len(svg_of(FIGURES[name](stories).figure)) < 250_000


def test_a_title_with_markup_stays_text():
    hostile = three(titles=("<script>alert(1)</script>", "--><b>", "&amp; ]]>"))
    for name in ("completion", "milestones"):
        svg = svg_of(FIGURES[name](hostile).figure)
        assert not re.search(r"script|<b>|-->|\]\]>", svg)


def test_what_is_never_complete_has_a_dark_version_too():
    stories = CASES["one of two all never"]()
    for name in ("delay", "milestones"):
        dark_svg(svg_of(FIGURES[name](stories).figure))
