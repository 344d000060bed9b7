"""Forecasts from facts: which futures agree, when there are too few, and what would be news."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from sim.results.errors import StudyError
from sim.results.forecast import (
    Observation,
    agreeing,
    forecast_of,
    observations,
    signposts,
    without_news,
)
from sim.results.outcomes import REPLICATION
from sim.results.run import Run
from sim.scenario.load import load
from sim.study.forecast import forecast
from sim.study.named import named
from sim.study.run import run
from tests.unit.study_plans import subject

START = date(2024, 4, 30)


def day(days: int) -> date:
    return START + timedelta(days)


def futures(license_days: np.ndarray, completion: np.ndarray) -> Run:
    """A run whose columns are written down."""
    memory = {REPLICATION: np.arange(len(completion)), "completion": completion, "license": license_days}
    return Run(subject().facts, 1, len(completion), "array", tuple(memory), memory=memory)


def test_what_agrees() -> None:
    times = np.array([9.2, 10.0, 10.5, np.inf])
    found = futures(times, times)
    expected = {
        "by": [True, True, False, False],
        "not by": [False, False, True, True],
        "on": [True, True, False, False],
    }
    for happened, kept in expected.items():
        fact = Observation("license", happened, day(10))  # type: ignore[arg-type]
        assert agreeing(found, [fact]).tolist() == kept, happened
    both = [Observation("license", "not by", day(9)), Observation("completion", "by", day(10))]
    assert agreeing(found, both).tolist() == [True, True, False, False]


def test_an_unknown_milestone_is_named() -> None:
    found = futures(np.zeros(9), np.zeros(9))
    with pytest.raises(StudyError, match="'licence' is none of completion, license"):
        agreeing(found, [Observation("licence", "by", day(1))])


def test_the_answer_is_that_of_the_futures_that_agree() -> None:
    license_days = np.arange(1000.0)
    found = forecast_of(
        futures(license_days, license_days + 100.0), [Observation("license", "not by", day(399))]
    )
    assert found.effective == 600
    assert found.prior.value == 0.6
    assert found.prior.low < 0.6 < found.prior.high
    assert found.percentiles[1].value == 400 + 300 - 1 + 100  # the 300th of 400 … 999, and 100 more
    assert found.on_time is not None
    assert found.on_time.value == 0.0
    assert found.by_date == day(799)  # the target is missed for sure: the median tells futures apart
    assert found.never.value == 0.0


def test_too_few_futures_refuse() -> None:
    times = np.arange(1000.0)
    with pytest.raises(StudyError, match=r"only 49 of 1,000 futures agree .*license not by 2026-12-06"):
        forecast_of(futures(times, times), [Observation("license", "not by", day(950))])
    forecast_of(futures(times, times), [Observation("license", "not by", day(949))])


def test_rare_facts_get_more_futures_and_impossible_ones_a_refusal() -> None:
    rare = Observation("license", "by", day(2))  # probability 1 - exp(-2 / 200), about 0.01
    found = forecast(subject(), observed=[rare], replications=1_000, workers=1)
    assert found.run.replications > 50_000
    assert found.effective >= 990
    with pytest.raises(StudyError, match="only 0 of 200,000"):
        forecast(subject(), observed=[Observation("license", "by", START)], replications=200_000, workers=1)


def test_without_facts_a_forecast_is_the_run() -> None:
    found = forecast(subject(), observed=[], replications=2_000, workers=1)
    apart = run(subject(), replications=2_000, workers=1)
    assert found.effective == 2_000
    assert found.as_of == START
    assert np.array_equal(found.run.completion, apart.completion)


def test_months_without_news_keep_those_in_which_nothing_happened() -> None:
    times = np.arange(1000.0)
    found = forecast_of(futures(times, times + 50.0), [Observation("license", "not by", START)])
    months = without_news(found, (0, 12, 24, 36))
    assert [month.months for month in months] == [0, 12]  # 24 months are past the horizon
    left = times[times > 365.25]
    assert months[1].silent.value == pytest.approx(len(left) / 999)
    assert months[1].remaining_days.value == np.sort(left)[(len(left) - 1) // 2] + 50.0 - 365.25


def test_the_best_signpost_is_the_month_that_decides() -> None:
    random = np.random.default_rng(1)
    early = random.random(4_000) < 0.5
    license_days = np.where(early, 100.0, 400.0)
    completion = np.where(early, 200.0, 700.0)
    found = forecast_of(futures(license_days, completion), [], by=day(300))
    (post,) = signposts(found, range(1, 13))
    assert (post.milestone, post.months) == ("license", 4)  # 100 days are past 3 months, not yet 4
    assert (post.by_if.value, post.by_if_not.value) == (1.0, 0.0)
    assert post.moves == pytest.approx(2.0 * early.mean() * (1.0 - early.mean()))


def test_the_facts_of_a_scenario_are_read_from_its_file() -> None:
    (fact,) = observations(named("kz-asof-2024-12").facts)
    assert (fact.milestone, fact.happened, fact.when) == ("cleared", "not by", date(2024, 12, 24))
    assert observations(replace(subject().facts, merged={})) == ()


@pytest.mark.parametrize("name", ["kz-asof-2024-12", "kz-asof-2025-03"])
def test_what_was_known_is_all_that_was_added(name: str) -> None:
    told = ("title", "description", "observed")
    before, after = (
        {key: value for key, value in load(each).merged.items() if key not in told}
        for each in ("kz-nvidia-wait", name)
    )
    assert before == after
    first, second = (run(named(each), replications=250, workers=1) for each in ("kz-nvidia-wait", name))
    assert np.array_equal(first.completion, second.completion)
