"""Forecasts, tornados and flip points against closed forms.

Statistical checks use 20,000 replications and a band of 4 standard errors, which fails a right program with
probability 6e-5 per number.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from sim.chance.amount import Input
from sim.chance.distributions import Distribution, Exponential, Lognormal, Normal
from sim.model.plan import All, Plan, Work
from sim.results.drivers import merge_bias, stages
from sim.results.forecast import Forecast, Observation, without_news
from sim.study.explore import explore
from sim.study.forecast import forecast
from sim.study.subject import Subject
from sim.study.variants import Options
from tests.unit.study_plans import subject

REPLICATIONS = 20_000
ERRORS = 4.0


def one_wait(law: Distribution) -> Subject:
    plan = Plan({"license": Work((), Input("license", law))}, 36_500.0, milestones={"completion": "license"})
    base = subject(plan=plan)
    return replace(base, horizon=base.start + timedelta(36_500))


def known(law: Distribution, silent_days: int) -> Forecast:
    of = one_wait(law)
    fact = Observation("completion", "not by", of.start + timedelta(silent_days))
    return forecast(of, observed=[fact], replications=REPLICATIONS, workers=1)


def assert_share_by(found: Forecast, day: float, share: float) -> None:
    """Check the share of the futures that agree which are complete by a day."""
    kept = found.run.completion[found.kept]
    error = math.sqrt(share * (1.0 - share) / len(kept))
    assert abs(np.mean(kept <= day) - share) <= ERRORS * error


@pytest.mark.parametrize("silent_days", [30, 200, 600])
def test_an_exponential_wait_forgets(silent_days: int) -> None:
    found = known(Exponential(200.0), silent_days)
    for share in (0.1, 0.5, 0.8, 0.9):
        assert_share_by(found, silent_days - 200.0 * math.log1p(-share), share)
    expected = math.exp(-silent_days / 200.0)
    error = math.sqrt(expected * (1.0 - expected) / found.run.replications)
    assert abs(found.prior.value - expected) <= ERRORS * error


def test_the_longer_an_exponential_wait_the_same_is_left() -> None:
    found = known(Exponential(200.0), 100)
    months = without_news(found, (0, 6, 12, 18))
    left = 200.0 * math.log(2.0)
    # The error of a median is that of the share, divided by the density there, 0.5 / 200.
    for month in months:
        count = found.effective * month.silent.value
        assert abs(month.remaining_days.value - left) <= ERRORS * 200.0 / math.sqrt(count)


@pytest.mark.parametrize("silent_days", [60, 150, 400])
def test_a_lognormal_wait_has_its_conditional_quantiles(silent_days: int) -> None:
    law = stats.lognorm(s=0.8, scale=150.0)
    found = known(Lognormal(150.0, 0.8), silent_days)
    gone = law.cdf(silent_days)
    for share in (0.1, 0.5, 0.8, 0.9):
        assert_share_by(found, float(law.ppf(gone + share * (1.0 - gone))), share)


def test_the_longer_a_lognormal_wait_the_longer_is_left() -> None:
    months = without_news(known(Lognormal(150.0, 0.8), 60), (0, 6, 12))
    law = stats.lognorm(s=0.8, scale=150.0)
    for month in months:
        day = 60.0 + month.months * 30.4375
        gone = law.cdf(day)
        left = float(law.ppf(gone + 0.5 * (1.0 - gone))) - day
        assert month.remaining_days.low - 5.0 <= left <= month.remaining_days.high + 5.0
    assert months[0].remaining_days.high < months[1].remaining_days.low < months[2].remaining_days.low


def test_merge_bias_of_two_normal_paths() -> None:
    # Clark, Operations Research 9 (1961), page 145: the later of N(130, 4) and N(128, 5) has mean 131.6781.
    nodes = {
        "one": Work((), Input("one", Normal(130.0, 4.0))),
        "two": Work((), Input("two", Normal(128.0, 5.0))),
        "both": All(("one", "two")),
    }
    plan = Plan(nodes, 1000.0, milestones={"completion": "both"})
    explored = explore(subject(plan=plan), Options(replications=REPLICATIONS))
    ((join, bias),) = merge_bias(plan, explored.times, explored.ledger.binding)
    assert join == "both"
    assert abs(bias - 1.6781) <= ERRORS * 4.0 / math.sqrt(REPLICATIONS)
    share = {
        stage.name: stage.criticality
        for stage in stages(plan, explored.times, explored.ledger.binding, "both")
    }
    error = math.sqrt(0.622612 * 0.377388 / REPLICATIONS)
    assert abs(share["one"] - 0.622612) <= ERRORS * error
    assert share["one"] + share["two"] == 1.0


def test_the_bridge_has_its_criticality_index() -> None:
    # Five exponential arcs of equal mean in a Wheatstone bridge: the path ace is the longest with 7/12.
    arcs = {name: Input(name, Exponential(100.0)) for name in "abcde"}
    nodes = {
        "a": Work((), arcs["a"]),
        "b": Work((), arcs["b"]),
        "c": Work(("a",), arcs["c"]),
        "d": Work(("a",), arcs["d"]),
        "e": Work(("b", "c"), arcs["e"]),
        "end": All(("d", "e")),
    }
    plan = Plan(nodes, 1e6, milestones={"completion": "end"})
    explored = explore(subject(plan=plan), Options(replications=REPLICATIONS))
    found = {
        stage.name: stage.criticality
        for stage in stages(plan, explored.times, explored.ledger.binding, "end")
    }
    for name, share in {"a": 0.791667, "b": 0.208333, "c": 0.583333, "d": 0.208333, "e": 0.791667}.items():
        assert abs(found[name] - share) <= ERRORS * math.sqrt(share * (1.0 - share) / REPLICATIONS), name


def test_facts_are_counted_from_the_start() -> None:
    found = known(Exponential(200.0), 30)
    assert found.as_of == date(2024, 5, 30)
    assert found.run.completion[found.kept].min() > 30.0
