import numpy as np
import pytest

from sim.chance.steps import TOGETHER, Steps, level, minimum, product, spells, total, trimmed

INF = np.inf

# Two replications: 1, then 3 from day 10; and 2, then 0 from day 5, then 4 from day 8.
PAIR = Steps(np.array([[0.0, 0.0], [10.0, 5.0], [INF, 8.0]]), np.array([[1.0, 2.0], [3.0, 0.0], [3.0, 4.0]]))
SHARED = Steps(np.array([[0.0], [7.0]]), np.array([[10.0], [20.0]]))


@pytest.mark.parametrize(
    ("day", "expected"),
    [(0.0, [1, 2]), (5.0, [1, 0]), (7.99, [1, 0]), (8.0, [1, 4]), (10.0, [3, 4]), (INF, [3, 4])],
)
def test_the_value_in_force_is_that_of_the_last_step_begun(day, expected):
    assert PAIR.at(np.full(2, day)).tolist() == expected


def test_each_replication_may_be_asked_for_its_own_day():
    assert PAIR.at(np.array([10.0, 6.0])).tolist() == [3, 0]
    assert SHARED.at(np.array([6.9, 7.0, INF])).tolist() == [10, 20, 20]


def test_of_steps_at_the_same_time_the_last_is_in_force():
    steps = Steps(np.array([[0.0], [0.0], [4.0], [4.0]]), np.array([[1.0], [2.0], [3.0], [4.0]]))
    assert steps.at(np.array([0.0, 4.0])).tolist() == [2, 4]
    wide = Steps(steps.times.repeat(2, axis=1), steps.values.repeat(2, axis=1))
    assert wide.at(np.array([0.0, 4.0])).tolist() == [2, 4]


def test_cumulated_is_the_work_done_by_the_start_of_each_step():
    assert PAIR.cumulated.tolist() == [[0, 0], [10, 10], [INF, 10]]


def test_cumulated_work_of_an_unused_row_is_all_the_work_there_will_be():
    ends = Steps(np.array([[0.0], [4.0], [INF], [INF]]), np.array([[2.0], [0.0], [0.0], [0.0]]))
    assert ends.cumulated[:, 0].tolist() == [0, 8, 8, 8]


def test_taken_replications_keep_their_steps_in_contiguous_rows():
    taken = PAIR.take([1])
    assert (taken.times[:, 0].tolist(), taken.values[:, 0].tolist()) == ([0, 5, 8], [2, 0, 4])
    assert taken.times.flags.c_contiguous
    assert PAIR.take(np.array([False, True])).values.tolist() == taken.values.tolist()
    assert SHARED.take([0, 0, 0]) is SHARED


def at_all(steps: Steps, days: np.ndarray) -> np.ndarray:
    return np.array([np.broadcast_to(steps.at(np.full(2, day)), 2) for day in days])


@pytest.mark.parametrize(
    ("combine", "function"), [(product, np.multiply), (minimum, np.minimum), (total, np.add)]
)
def test_combining_steps_combines_their_values_at_each_time(combine, function):
    days = np.array([0.0, 1.0, 4.9, 5.0, 6.9, 7.0, 8.0, 9.9, 10.0, 99.0, INF])
    third = level(np.array([2.5, 0.5]))
    combined = combine([PAIR, third, SHARED])
    expected = function(function(at_all(PAIR, days), at_all(third, days)), at_all(SHARED, days))
    assert at_all(combined, days).tolist() == expected.tolist()
    assert np.all(combined.times[1:] >= combined.times[:-1])
    assert combined.times[0].tolist() == [0, 0]
    assert combined.times.flags.c_contiguous
    assert combined.values.flags.c_contiguous


def test_combining_respects_several_steps_at_the_same_time():
    one = Steps(
        np.array([[0.0, 0.0], [3.0, 3.0], [3.0, 6.0]]), np.array([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]])
    )
    other = Steps(np.array([[0.0, 0.0], [3.0, 6.0]]), np.array([[1.0, 1.0], [10.0, 10.0]]))
    combined = product([one, other])
    assert at_all(combined, np.array([0.0, 3.0, 6.0])).tolist() == [[1, 1], [50, 2], [50, 50]]


@pytest.mark.parametrize("rows", [(5, 9), (4, 8), (4, 7), (1, 3)])
@pytest.mark.parametrize("alike", [False, True], ids=["apart", "every other"])
def test_many_replications_with_more_and_fewer_steps_are_combined_one_by_one(rows, alike):
    random, count = np.random.default_rng(1), TOGETHER * 2 + 77
    parts = [random_steps(random, k, count) for k in rows]
    if alike:
        parts[0] = Steps(parts[1].times[::2].copy(), random.integers(1, 5, (-(-rows[1] // 2), count)) * 1.0)
    for pair in (parts, parts[::-1]):
        combined = product(pair)
        assert np.all(combined.times[1:] >= combined.times[:-1])
        for day in np.arange(0.0, 22.0, 0.5):
            days = np.full(count, day)
            assert np.array_equal(combined.at(days), pair[0].at(days) * pair[1].at(days))


def random_steps(random: np.random.Generator, rows: int, count: int) -> Steps:
    """Whole days with many ties, and unused rows."""
    times = np.sort(random.integers(0, 20, (rows, count)) * 1.0, axis=0)
    times[np.arange(rows)[:, np.newaxis] > random.integers(0, rows, count)] = INF
    times[0] = 0.0
    return Steps(times, random.integers(1, 5, (rows, count)) * 1.0)


def test_what_is_the_same_for_all_stays_so():
    assert product([SHARED, SHARED]).count == 1
    assert product([SHARED, level(np.array([3.0]))]).values[:, 0].tolist() == [30, 60]


def test_steps_with_the_same_times_are_not_merged_row_by_row():
    assert product([PAIR, PAIR]).times.tolist() == PAIR.times.tolist()


def test_spells_may_overlap_touch_vanish_and_come_in_any_order():
    begin = np.array([[20.0], [-5.0], [12.0], [10.0], [40.0], [30.0]])
    end = np.array([[25.0], [3.0], [13.0], [15.0], [40.0], [INF]])
    steps = spells(begin, end, inside=np.array([0.0]), outside=np.array([1.0]))
    days = np.array([0.0, 2.9, 3.0, 9.9, 10.0, 12.5, 13.5, 15.0, 20.0, 25.0, 29.9, 30.0, 41.0, 1e9])
    assert steps.at(days).tolist() == [0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0]


def test_a_spell_inside_an_earlier_one_does_not_end_it():
    begin, end = np.array([[1.0], [2.0], [3.0]]), np.array([[9.0], [4.0], [5.0]])
    steps = spells(begin, end, inside=np.array([0.0]), outside=np.array([1.0]))
    assert steps.at(np.array([0.0, 1.0, 4.5, 8.9, 9.0])).tolist() == [1, 0, 0, 0, 1]


def test_spells_differ_between_replications_and_unused_rows_go():
    begin, end = np.array([[1.0, INF], [INF, INF]]), np.array([[2.0, INF], [INF, INF]])
    steps = spells(begin, end, inside=np.array([5.0, 6.0]), outside=np.array([1.0]))
    assert steps.times.tolist() == [[0, 0], [1, INF], [2, INF]]
    assert trimmed(steps) is steps
