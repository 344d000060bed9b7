"""Figures: what is drawn is what was computed, nothing overlaps, and files are the same bytes each time."""

import itertools
from datetime import date

import matplotlib
import numpy as np
import pytest
from figure_stories import CASES, HORIZON, MONTH, START, TARGET, story, three
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from scipy.optimize import minimize

from sim.report import style
from sim.report.capacity import capacity_over_time, growth
from sim.report.causes import ledger_waterfall, tornado
from sim.report.curves import LEVELS, completion_curves
from sim.report.delays import bin_shares, common_bins, delay_rows
from sim.report.figures import FIGURES, figures_for, save
from sim.report.language import Language
from sim.report.marks import mark_rows, turned
from sim.report.milestones import merged, milestone_bars
from sim.report.page import spread
from sim.report.story import Story
from sim.report.sweep import Swept, sweep_curve
from sim.report.timeline import number
from sim.results.rounding import share_text
from sim.results.statistics import probability


def words(axes):
    return [text.get_text() for text in axes.figure.findobj(Text) if text.get_text()]


def line_of(axes, name):
    return next(line for line in axes.lines if line.get_label() == name)


def assert_tidy(page):
    page.draw_without_rendering()
    texts = [text for text in page.findobj(Text) if text.get_text().strip() and text.get_visible()]
    boxes = [text.get_window_extent() for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        assert Bbox.union([box, page.bbox]).bounds == page.bbox.bounds, f"{text.get_text()!r} leaves the page"
    for (text, box), (other, beside) in itertools.combinations(zip(texts, boxes, strict=True), 2):
        assert not box.padded(-1).overlaps(beside), f"{text.get_text()!r} overlaps {other.get_text()!r}"


RUSSIAN = Language("ru")
TIGHT = ("three scenarios", "ten replications", "all never", "four builds", "long titles")
"""Cases that have the longest words beside each other; they are drawn in Russian too."""

MORE = (*TIGHT, "no target", "zero spread", "targets near each other")
"""Cases that the figures of cost and regret, which take longer, are drawn in."""

DRAWN = [
    (case, figure)
    for case, stories in CASES.items()
    for figure in figures_for(stories())
    if case in MORE or figure not in ("cost", "regret")
]


@pytest.mark.parametrize(("case", "figure"), DRAWN)
def test_no_text_overlaps_another_or_leaves_the_page(figure, case):
    assert_tidy(FIGURES[figure](CASES[case]()).figure)


@pytest.mark.parametrize(("case", "figure"), [pair for pair in DRAWN if pair[0] in TIGHT])
def test_longer_russian_words_do_not_overlap_either(figure, case):
    assert_tidy(FIGURES[figure](CASES[case](), language=RUSSIAN).figure)


@pytest.mark.parametrize("n", [10, 1000])
def test_a_curve_is_the_empirical_distribution(n):
    stories = three(n=n)
    axes = completion_curves(stories)
    for one in stories:
        x, share = line_of(axes, one.facts.name).get_data()
        exact = [(one.completion <= day - number(START)).mean() for day in x]
        np.testing.assert_array_equal(share, exact)
        days = np.arange(x[0], x[-1] + 1)
        drawn = share[np.searchsorted(x, days, side="right") - 1]
        everywhere = np.array([(one.completion <= day - number(START)).mean() for day in days])
        assert np.abs(drawn - everywhere).max() <= 1 / LEVELS


def test_a_curve_stops_where_never_begins_and_says_so():
    one = story(np.where(np.arange(1000) < 40, np.inf, 400.0))
    axes = completion_curves([one])
    assert line_of(axes, "Wait").get_ydata()[-1] == 0.96
    assert any(f"{share_text(one.never)} never\n(not by 2032-12-31)" == text for text in words(axes))


def test_a_curve_without_never_does_not_speak_of_it():
    assert not any("never" in text for text in words(completion_curves([story(np.linspace(200, 900, 1000))])))


def test_the_share_at_the_target_is_marked_and_named():
    stories = three()
    axes = completion_curves(stories)
    assert "target 31 Dec 2024" in words(axes)
    dots = {(*line.get_xdata(), *line.get_ydata()) for line in axes.lines if line.get_marker() == "o"}
    for one in stories:
        by = probability(one.completion <= (TARGET - START).days)
        assert (number(TARGET), by.value) in dots
        assert share_text(by) in words(axes)


def test_a_target_after_the_horizon_has_no_share():
    axes = completion_curves(three(target=date(2035, 1, 1)))
    assert not [line for line in axes.lines if line.get_marker() == "o"]
    assert any("The target, 1 Jan 2035, is after the horizon." in text for text in words(axes))


def test_a_target_after_ones_own_horizon_has_no_share_even_if_another_reaches_it():
    soon = story(np.full(9, 300.0), "Soon", target=date(2026, 6, 30), horizon=date(2025, 6, 30))
    far = story(np.linspace(300, 1500, 9), "Far", target=date(2026, 6, 30))
    axes = completion_curves([soon, far])
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [line.get_color() for line in dots] == [line_of(axes, "Far").get_color()]
    assert dots[0].get_ydata()[0] == far.by(date(2026, 6, 30)).value


def test_the_band_is_the_interval_of_the_probability():
    one = three(n=40)[0]
    axes = completion_curves([one])
    band = axes.collections[0].get_paths()[0].vertices
    day = 400.0
    interval = probability(one.completion <= day)
    here = np.unique(band[np.isclose(band[:, 0], band[:, 0][band[:, 0] <= day + number(START)].max()), 1])
    assert interval.high - interval.low > 0.2
    assert np.isclose(here, interval.low).any()
    assert np.isclose(here, interval.high).any()


def test_what_really_happened_is_marked():
    assert "opened 9 Jul 2025" in words(completion_curves(three(), events={"opened": date(2025, 7, 9)}))


def test_an_axis_that_ends_early_says_so():
    early = completion_curves([story(np.full(500, 400.0))])
    assert early.get_xlim()[1] < number(date(2026, 1, 1))
    assert any("The axis ends early" in text and "no curve changes" in text for text in words(early))
    whole = completion_curves([story(np.linspace(300, (HORIZON - START).days, 500))])
    assert whole.get_xlim()[1] == number(HORIZON)
    assert not any("ends early" in text for text in words(whole))


def test_delays_lose_no_replication():
    stories = three()
    rows = [(one.completion - (TARGET - START).days) / MONTH for one in stories]
    edges = common_bins(rows)
    for months_late in rows:
        later = np.mean(np.isfinite(months_late) & (months_late > edges[-1]))
        assert later <= 0.005
        assert bin_shares(months_late, edges).sum() + later + np.isinf(months_late).mean() == pytest.approx(1)


def test_on_time_is_not_late():
    edges = common_bins([np.array([-0.9, 0.0, 5.0])])
    shares = bin_shares(np.array([-0.9, 0.0, 5.0]), edges)
    assert 0.0 in edges
    assert shares[edges[1:] <= 0].sum() == pytest.approx(2 / 3)


def test_bars_of_delays_have_the_heights_of_their_shares():
    stories = three()
    axes = delay_rows(stories)
    filled = [patch for patch in axes.patches if patch.get_fill()]
    areas, starts = [], []
    for index, patch in enumerate(filled):
        tops, edges, _ = patch.get_data()
        areas.append((tops + index).sum())
        starts.append(edges[np.flatnonzero(tops + index > 0)[0]])
    finite = [np.isfinite(one.completion).mean() for one in stories]
    np.testing.assert_allclose(np.array(areas) / areas[0], np.array(finite) / finite[0], atol=0.006)
    for one, start in zip(stories, starts, strict=True):
        earliest = (one.completion.min() - (TARGET - START).days) / MONTH
        assert start <= earliest <= start + (edges[1] - edges[0])


def test_never_has_a_bar_of_its_own_beside_the_delays():
    one = story(np.where(np.arange(1000) < 300, np.inf, 400.0))
    axes = delay_rows([one])
    beside = next(other for other in axes.figure.axes if other is not axes)
    assert sorted(bar.get_width() for bar in beside.patches) == [0.3, 1]
    assert {share_text(one.never), "not by 2032-12-31"} <= set(words(axes))


def test_milestone_bars_reach_from_p10_to_p90():
    stories = three()
    axes = milestone_bars(stories)
    bars = {container.get_label(): container.patches[0] for container in axes.containers}
    days = stories[0].milestones["licensed"]
    p10, p90 = np.quantile(days, [0.1, 0.9], method="inverted_cdf")
    bar = bars["kz-nvidia-wait licensed"]
    assert bar.get_x() - number(START) == pytest.approx(p10)
    assert bar.get_width() == pytest.approx(p90 - p10)


def test_a_bar_whose_p90_is_never_is_open_and_names_the_share():
    axes = milestone_bars(three())
    bar = next(each for each in axes.containers if each.get_label() == "kz-switch switched").patches[0]
    assert bar.get_x() + bar.get_width() == pytest.approx(axes.get_xlim()[1])
    assert any(line.get_marker() == ">" for line in axes.lines)
    never = probability(np.isinf(three()[2].milestones["switched"]))
    assert f"{share_text(never)} never" in words(axes)


def test_milestones_keep_the_order_of_each_scenario():
    assert merged([["a", "c", "d"], ["a", "b", "c"], ["x", "a"]]) == ["x", "a", "b", "c", "d"]


@pytest.mark.parametrize("figure", FIGURES)
def test_saved_files_are_the_same_bytes_whatever_the_readers_settings(figure, tmp_path):
    first = save(FIGURES[figure](three(n=60)).figure, tmp_path / "new" / "one", figure)
    with matplotlib.rc_context({"font.size": 20, "svg.hashsalt": "other", "xtick.direction": "in"}):
        second = save(FIGURES[figure](three(n=60)).figure, tmp_path / "two", figure)
    assert [path.name for path in first] == [f"{figure}.png", f"{figure}.svg"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert len(list((tmp_path / "two").iterdir())) == 2
    assert b"Matplotlib" not in first[0].read_bytes() + first[1].read_bytes()


def test_a_save_that_fails_leaves_nothing_behind(tmp_path):
    (tmp_path / "completion.png").mkdir()
    with pytest.raises(OSError, match=r"completion\.png"):
        save(completion_curves(three(n=10)[:1]).figure, tmp_path, "completion")
    assert [path.name for path in tmp_path.iterdir()] == ["completion.png"]


def test_spread_is_the_nearest_arrangement_that_keeps_things_apart():
    chance = np.random.default_rng(11)
    for _ in range(20):
        wanted, sizes = np.sort(chance.random(5) * 4), 0.2 + chance.random(5) * 0.6
        found = np.array(spread(wanted, sizes, low=0, high=4.5))
        apart = (sizes[1:] + sizes[:-1]) / 2
        best = minimize(
            lambda y, wanted=wanted: ((y - wanted) ** 2).sum(),
            np.linspace(0.5, 4, 5),
            constraints=[{"type": "ineq", "fun": lambda y, apart=apart: np.diff(y) - apart}],
            bounds=[(size / 2, 4.5 - size / 2) for size in sizes],
            method="SLSQP",
            tol=1e-12,
        )
        np.testing.assert_allclose(found, best.x, atol=1e-4)


def test_spread_leaves_alone_what_does_not_collide_and_keeps_the_order_of_the_caller():
    assert spread([3.0, 1.0, 2.0], [0.5, 0.5, 0.5], low=0, high=4) == [3.0, 1.0, 2.0]
    assert spread([], [], low=0, high=1) == []


def test_names_of_dated_lines_rise_where_they_would_meet():
    assert mark_rows([0.0, 5.0], [1.0, 1.0]) == [0, 0]
    assert mark_rows([0.0, 0.5, 0.7], [1.0, 1.0, 1.0]) == [2, 1, 0]


def test_names_without_room_on_the_right_turn_to_the_left_and_stand_above_what_they_would_meet():
    lefts, widths = [0.0, 4.5, 5.5], [1.0, 1.2, 1.0]
    turn = turned(lefts, widths, edge=6.0)
    assert turn == [False, True, True]  # the last has no room, and the one before would meet its line
    assert mark_rows(lefts, widths, turn=turn) == [0, 0, 1]


def test_a_supplier_has_one_color_in_every_figure_and_a_repeat_has_other_dashes():
    wait, ascend, switch = style.looks(three(n=10))
    assert len({wait.color, ascend.color, switch.color}) == 3
    assert style.looks([three(n=10)[1]])[0] == ascend
    again = style.looks([three(n=10)[0], three(n=10)[0]])
    assert again[0].color == again[1].color
    assert again[0].line != again[1].line


def luminance(color):
    """Return the relative luminance of WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one, other):
    """Return the contrast ratio of WCAG 2.2."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_text_is_dark_enough_to_read():
    names = ["nvidia", "ascend", "switch", "split", "race", "staged", *(f"supplier {k}" for k in range(50))]
    inks = {style.palette(name)[1] for name in names} | {style.GRAY, style.DARK}
    assert min(contrast(ink, "white") for ink in inks) >= 4.5


def test_a_title_with_dollars_stays_text():
    assert "costs $\\frac or $5" in words(completion_curves([story([400.0], "costs $\\frac or $5")]))


@pytest.mark.parametrize("figure", FIGURES)
def test_no_scenario_is_an_error(figure):
    with pytest.raises(ValueError, match=r"(one|two) or more scenarios|at least one scenario"):
        FIGURES[figure]([])


def test_a_story_refuses_what_cannot_be_drawn():
    with pytest.raises(ValueError, match="'Wait' has no replications"):
        story([])
    with pytest.raises(ValueError, match="completion holds a value that is not a number"):
        story([1.0, np.nan])
    with pytest.raises(ValueError, match="licensed has 3 replications, not 1"):
        Story(story([1.0]).facts, np.ones(1), {"licensed": np.ones(3)})
    with pytest.raises(ValueError, match="no milestones to draw in Wait"):
        milestone_bars([Story(story([1.0]).facts, np.ones(1))])


def test_capacity_is_the_median_of_what_is_accepted():
    days = np.arange(0.0, 900, 10)
    accepted = np.where(days[:, None] >= np.linspace(300, 600, 101), 512.0, 0.0)
    vendors = [growth("nvidia", days, accepted), growth("ascend", days, 4 * accepted)]
    axes = capacity_over_time(vendors, start=START)
    x, units = line_of(axes, "nvidia").get_data()
    np.testing.assert_array_equal(units, np.where(x - number(START) >= 450, 512, 0))
    assert any("finally 2,048" in text for text in words(axes))
    assert_tidy(axes.figure)


def test_a_waterfall_adds_up_or_is_refused():
    rows = [("license", 152.0), ("freight", -12.0), ("winter", 0.0)]
    axes = ledger_waterfall(rows, planned=245, total=385)
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert bars == [(0, 245), (245, 397), (397, 385), (385, 385), (0, 385)]
    assert {"+152", "\N{MINUS SIGN}12", "0", "385"} <= set(words(axes))
    assert_tidy(axes.figure)
    with pytest.raises(ValueError, match="plan and causes are 385 days, total 386"):
        ledger_waterfall(rows, planned=245, total=386)


def test_a_tornado_has_the_widest_driver_on_top():
    axes = tornado(
        [("winter", 0, 21), ("license", -120, 310), ("port", 15, 44), ("a long name of a risk", -30, -5)]
    )
    reach = {row: [bar.get_x() for bar in axes.patches if round(bar.get_y()) == row] for row in (0, -1)}
    assert reach[0] == [-120, 0]
    assert reach[-1] == [15]
    assert_tidy(axes.figure)


def test_a_sweep_draws_never_as_arrows_at_the_top():
    months_waited = np.arange(0.0, 7)
    answer = np.array([24.0, 23, 22, 23, 25, np.inf, np.inf])
    axes = sweep_curve(Swept(months_waited, answer, (answer - 1, answer + 1), best=2, last_safe=3))
    never = line_of(axes, "never")
    assert list(never.get_xdata()) == [5, 6]
    assert set(never.get_ydata()) == {axes.get_ylim()[1]}
    np.testing.assert_array_equal(line_of(axes, "answer").get_ydata()[:5], answer[:5])
    assert {"best: 2", "last safe: 3"} <= set(words(axes))
    assert_tidy(axes.figure)


def test_a_sweep_of_nothing_but_never_can_be_drawn():
    never = np.full(3, np.inf)
    assert_tidy(sweep_curve(Swept(np.arange(3.0), never, (never, never))).figure)


@pytest.mark.parametrize(
    ("draw", "missing"),
    [
        (lambda: tornado([]), "one driver"),
        (lambda: capacity_over_time([], start=START), "one vendor"),
        (lambda: Swept(np.array([]), np.array([]), (np.array([]), np.array([]))), "one value"),
    ],
)
def test_nothing_to_draw_is_an_error(draw, missing):
    with pytest.raises(ValueError, match=missing):
        draw()
