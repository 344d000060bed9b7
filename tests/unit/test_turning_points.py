"""Sweeps, flip points and maps of a minimal world, whose dates are counted by hand.

The uncontrolled supplier completes 36 days after its contract, the controlled one on day 81.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from minimal import minimal

from sim.results.errors import StudyError
from sim.results.run import Run
from sim.scenario.load import Loaded, restored
from sim.study.flip import flip_of, margin, win_map_of
from sim.study.named import subject_of
from sim.study.run import run
from sim.study.sweep import sweep_of
from sim.study.variants import Options
from sim.study.vary import MOST_STEPS, POINTS, Axis, axis_of

FEW = Options(replications=10, workers=1)
CONTRACT = "suppliers.free.contract.duration"
PLAIN = "strategy: {supplier: plain}"


def world(name: str, changes: str = "") -> Loaded:
    return restored(minimal(changes), name)


def completed(name: str, changes: str = "") -> Run:
    return run(subject_of(world(name, changes)), replications=10, workers=1)


# Margins, flip points, maps


def test_the_flip_point_is_found_to_a_share_of_the_range() -> None:
    pair = world("free"), world("plain", PLAIN)
    found = flip_of(pair, axis_of(f"{CONTRACT}=30.3125..62.3125 days"), FEW)
    assert (found.first, found.second) == ("free", "plain")
    assert found.value == pytest.approx(45.0, abs=32.0 / 256.0 / 2.0)
    assert found.plus_minus == pytest.approx(32.0 / 256.0 / 2.0)
    assert not found.first_wins_above
    values = [value for value, _ in found.tried]
    assert values == sorted(values)
    assert (values[0], values[-1], len(values)) == (30.3125, 62.3125, 2 + 8)  # halved 8 times: 1/256
    assert all(each.value == np.sign(45.0 - value) for value, each in found.tried)


def test_the_other_way_round_the_first_wins_above() -> None:
    pair = world("plain", PLAIN), world("free")
    found = flip_of(pair, axis_of(f"{CONTRACT}=0..100 days"), FEW)
    assert found.first_wins_above
    assert found.value == pytest.approx(45.0, abs=0.2)


@pytest.mark.parametrize(("values", "wins"), [("0..40", True), ("50..90", False), ("45..90", False)])
def test_without_a_change_of_sign_there_is_no_flip_point(values: str, wins: bool) -> None:
    found = flip_of((world("free"), world("plain", PLAIN)), axis_of(f"{CONTRACT}={values} days"), FEW)
    assert (found.value, found.first_wins_above, len(found.tried)) == (None, wins, 2)
    assert np.isnan(found.plus_minus)


def test_a_flip_point_is_known_as_far_as_the_noise_of_the_margins_allows() -> None:
    days = "{uniform: [0, 40], unit: days, assumption: A test., grade: low}"
    noisy = world("plain", f"{PLAIN}\nsuppliers: {{plain: {{contract: {{duration: {days}}}}}}}")
    found = flip_of((world("free"), noisy), axis_of(f"{CONTRACT}=0..100 days"), replace(FEW, replications=60))
    assert found.value is not None
    unclear = [abs(value - found.value) for value, each in found.tried if each.low <= 0.0 <= each.high]
    clear = [abs(value - found.value) for value, each in found.tried if not each.low <= 0.0 <= each.high]
    assert found.plus_minus > 1.0
    assert max(unclear) < found.plus_minus
    assert found.plus_minus in clear


def test_a_margin_counts_from_one_day_and_both_never_is_neither() -> None:
    first, second = completed("free"), completed("plain", PLAIN)
    assert margin(first, second).value == 1.0
    assert margin(second, first).value == -1.0
    assert margin(first, first).value == 0.0
    later = completed("late", "start: 2024-02-05")  # 35 days: the lead of the uncontrolled supplier
    assert margin(second, later).value == 0.0
    assert margin(later, second).value == 0.0
    assert margin(completed("short", "horizon: 2024-02-10"), later).value == -1.0


def test_a_map_tells_who_wins_where_and_where_today_is() -> None:
    pair = world("free"), world("plain", PLAIN)
    axes = axis_of(f"{CONTRACT}=0, 45, 100 days"), axis_of("suppliers.plain.production.queue=20, 60 days")
    found = win_map_of(pair, axes, FEW)
    assert (found.first, found.second, found.axes) == ("free", "plain", axes)
    assert found.margins.tolist() == [[1.0, 1.0], [0.0, 1.0], [-1.0, -1.0]]
    assert found.unclear.tolist() == [[False, False], [True, False], [False, False]]
    assert found.today == (10.0, 20.0)


def test_today_is_in_the_unit_of_the_axis_and_nowhere_where_there_is_no_number() -> None:
    pair = world("free"), world("plain", PLAIN)
    axes = axis_of(f"{CONTRACT}=1, 2 weeks"), axis_of("strategy.supplier=free, plain")
    found = win_map_of(pair, axes, FEW)
    assert found.today == (pytest.approx(10.0 / 7.0), None)
    bare = axis_of("suppliers.free.accelerator.utilization=0.4, 0.6")
    assert win_map_of(pair, (bare, axes[0]), FEW).today[0] == 0.5


# Sweeps


def test_a_sweep_of_a_certain_world_by_hand() -> None:
    axis = axis_of(f"{CONTRACT}=0, 10, 40 days")
    found = sweep_of(world("free", "target: 2024-02-20"), [axis], options=FEW)  # day 50
    assert [(point.values, point.texts) for point in found.points] == [
        ((0.0,), ("0 days",)),
        ((10.0,), ("10 days",)),
        ((40.0,), ("40 days",)),
    ]
    assert [(point.p50.value, point.p80.value) for point in found.points] == [(36, 36), (46, 46), (76, 76)]
    assert [point.by.value for point in found.points if point.by] == [1.0, 1.0, 0.0]
    assert [point.never.value for point in found.points] == [0.0, 0.0, 0.0]
    assert (found.by, found.best, found.as_good) == (date(2024, 2, 20), 0, (0,))
    assert (found.safe_share, found.last_safe) == (0.5, 1)
    later = sweep_of(world("free", "target: 2024-02-20"), [axis], options=FEW, by=date(2024, 3, 17))
    assert (later.by, later.last_safe) == (date(2024, 3, 17), 2)  # day 76 itself is by then


def test_without_a_date_no_point_is_safe() -> None:
    found = sweep_of(world("free"), [axis_of(f"{CONTRACT}=0, 10 days")], options=FEW)
    assert (found.by, found.last_safe, [point.by for point in found.points]) == (None, None, [None, None])


def test_the_least_never_is_best_where_no_p80_is_reached_then_the_earliest_median() -> None:
    cut = "horizon: 2024-03-31\n"  # day 90
    slow = "{uniform: [0, 100], unit: days, assumption: A test., grade: low}"
    loaded = world("free", f"{cut}freight: {{road: {{legs: {{truck: {{duration: {slow}}}}}}}}}")
    axis = axis_of(f"{CONTRACT}=40, 20, 0 days")
    found = sweep_of(loaded, [axis], options=replace(FEW, replications=250))
    nevers = [point.never.value for point in found.points]
    assert nevers == sorted(nevers, reverse=True)
    assert found.best == 2
    sure = axis_of(f"{CONTRACT}=900, 500 days")
    assert sweep_of(world("free", cut), [sure], options=FEW).best == 0  # all alike: the first


@pytest.mark.parametrize("lists", [["1, 2"] * 3, [f"0..{MOST_STEPS}", "0..50"]])
def test_a_sweep_has_two_axes_at_most_and_no_more_points_than_it_says(lists: list[str]) -> None:
    axes = [axis_of(f"{CONTRACT}={each} days") for each in lists]
    size = int(np.prod([len(axis.values) for axis in axes]))
    with pytest.raises(StudyError, match=f"at most 2000 points, got {len(axes)} and {size}"):
        sweep_of(world("free"), axes, options=FEW)


# Axes


@pytest.mark.parametrize(
    ("values", "count"),
    [("0..60 mo", 61), ("0..61 mo", POINTS), ("0..4", 5), ("0..3", POINTS), ("0.5..9.5", POINTS)],
)
def test_whole_units_are_steps_where_they_are_neither_too_few_nor_too_many(values: str, count: int) -> None:
    axis = axis_of(f"p={values}")
    assert len(axis.values) == count
    assert axis.values[0] == float(values.split("..")[0])
    assert axis.values[-1] == float(values.split("..")[1].removesuffix(" mo"))


def test_an_axis_names_its_unit_and_knows_whether_it_is_a_duration() -> None:
    assert axis_of("p=0..6 mo").label == "p in months"
    assert axis_of("p=1, 2 kW").label == "p in kW"
    assert axis_of("p=1, 2").label == "p"
    assert axis_of("p=1, 2 weeks").days(3.0) == 21.0
    assert axis_of("p=1, 2 kW").days(3.0) is None


def test_a_list_of_words_or_of_several_units_is_counted() -> None:
    words = axis_of("p=nvidia, ascend, both")
    assert words == Axis("p", (0.0, 1.0, 2.0), ("nvidia", "ascend", "both"))
    assert axis_of("p=3 weeks, 1 mo") == Axis("p", (0.0, 1.0), ("3 weeks", "1 mo"))
    assert axis_of("p=3, 1 mo") == Axis("p", (3.0, 1.0), ("3 mo", "1 mo"), "mo")
