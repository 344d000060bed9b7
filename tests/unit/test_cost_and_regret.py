"""Figures of cost and of regret: every dot and curve is a share of the futures, and never is not lost."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from figure_stories import START, TARGET, four_builds, story, three
from matplotlib.text import Text

from sim.report.costs import MOST_DOTS, chances, cost_scatter, describe_cost, shown_of
from sim.report.figures import FIGURES, figures_for
from sim.report.language import ENGLISH
from sim.report.regret import comparable, regret_curves
from sim.report.timeline import number
from sim.results.cost import within

MILLION = 1e6


def words(axes):
    return [text.get_text() for text in axes.figure.findobj(Text) if text.get_text()]


def strip_of(axes):
    place = axes.get_position()
    beside = (other for other in axes.figure.axes if other.get_position().x0 > place.x1)
    return next(other for other in beside if other.get_position().y0 == place.y0)


def dots(axes):
    return np.concatenate(
        [np.asarray(each.get_offsets()) for each in axes.collections if len(each.get_offsets()) > 1]
    )


def test_each_future_is_a_dot_at_its_date_and_cost():
    one = three()[0]
    axes = cost_scatter([one])
    done = np.isfinite(one.completion)
    x, y = dots(axes).T
    np.testing.assert_allclose(x - number(START), one.completion[done])
    np.testing.assert_allclose(y, one.cost[done] / MILLION)
    np.testing.assert_allclose(dots(strip_of(axes))[:, 1], one.cost[~done] / MILLION)


def test_no_dot_lies_outside_the_scales():
    for stories in (three(), four_builds()):
        axes = cost_scatter(stories)
        for panel in axes.figure.axes:
            for each in panel.collections:
                offsets = np.asarray(each.get_offsets())
                assert (offsets[:, 1] <= panel.get_ylim()[1]).all()
                assert (offsets[:, 0] <= panel.get_xlim()[1]).all()


def test_of_many_futures_the_first_are_shown_and_their_number_is_said():
    stories = three(n=3000)
    shown = shown_of(stories)
    axes = cost_scatter(stories)
    assert shown == MOST_DOTS // 3
    assert len(dots(axes)) + len(dots(strip_of(axes))) == shown
    assert any(f"the first {shown} of 3,000 simulated futures are shown" in text for text in words(axes))
    assert not any("are shown" in text for text in words(cost_scatter(three(n=300))))


def test_the_share_that_keeps_date_and_budget_is_of_all_futures():
    one = three(n=5000)[0]
    day = (TARGET - START).days
    exact = within(one.cost, one.completion, budget_usd=45e6, target_days=day)
    assert chances(one).both == exact
    assert exact.value == np.mean((one.cost <= 45e6) & (one.completion <= day))
    assert f"{ENGLISH.share(exact)} in time and within the budget" in describe_cost([one]).alternative


def test_without_a_budget_or_a_target_the_figure_says_what_is_promised():
    one = three()[0]
    assert any(
        "in time\n" in text and "budget" not in text
        for text in words(cost_scatter([replace(one, budget_usd=None)]))
    )
    free = replace(one, facts=replace(one.facts, target=None))
    assert any(
        "% within the\nbudget" in text or "% within the budget" in text
        for text in words(cost_scatter([free]))
    )
    assert any(text.startswith("P50 ") for text in words(cost_scatter([replace(free, budget_usd=None)])))


def test_target_and_budget_are_named_once_if_they_are_the_same():
    same, own = words(cost_scatter(three())), words(cost_scatter(four_builds()))
    assert same.count("target 31 Dec 2024") == same.count("budget 45") == 1
    assert [text for text in own if text.startswith("target")] == [
        f"target 31 Mar {2025 + k}" for k in range(4)
    ]


def test_a_scenario_without_prices_has_no_figure_of_costs():
    free = replace(three()[0], cost=None)
    assert "cost" not in figures_for([free])
    with pytest.raises(ValueError, match="no costs to draw: kz-nvidia-wait has no prices"):
        cost_scatter([free])


def test_a_curve_of_regret_begins_at_the_share_in_which_nothing_is_earlier():
    stories = three()
    axes = regret_curves(stories)
    days = np.minimum([one.completion for one in stories], (stories[0].facts.horizon - START).days)
    lost = days - days.min(axis=0)
    for one, row in zip(stories, lost, strict=True):
        months, share = next(line for line in axes.lines if line.get_label() == one.facts.name).get_data()
        assert share[0] == np.mean(row == 0)
        np.testing.assert_array_equal(share, [(row <= month * 30.4375).mean() for month in months])


def test_strategies_that_never_differ_have_no_regret():
    same = [story(np.full(100, 400.0), title) for title in ("One", "Other")]
    axes = regret_curves(same)
    assert {tuple(np.unique(line.get_ydata())) for line in axes.lines} == {(1.0,)}


def test_regret_is_of_rivals_not_of_one_scenario_nor_of_builds_of_one():
    one, other = three()[:2]
    builds = [replace(each, facts=replace(each.facts, digest="same")) for each in four_builds()]
    later = replace(other, facts=replace(other.facts, start=date(2024, 5, 1)))
    assert comparable([one, other])
    for stories in ([one], builds, [one, later], [one, three(n=10)[1]]):
        assert not comparable(stories)
        assert "regret" not in figures_for(stories)
        with pytest.raises(ValueError, match="regret needs two or more scenarios"):
            regret_curves(stories)


def test_the_figures_of_priced_rivals_are_all_there_are():
    assert figures_for(three()) == tuple(FIGURES)
