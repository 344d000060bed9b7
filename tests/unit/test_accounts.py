"""The account of where the days go, in a world whose causes can be added up by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from sim.chance.amount import Constant, Input
from sim.chance.distributions import Uniform
from sim.model.plan import Plan, Work
from sim.results.ledger import Ledger
from sim.study.accounts import EARLY_START, LATE_START, Account, account_of, difference
from sim.study.explore import Explored, explore
from sim.study.subject import Subject
from sim.study.variants import Options

START = date(2024, 1, 1)
PLANNED = 40


@pytest.fixture(scope="module")
def explored() -> Explored:
    """A wait of 0 to 100 days, then 20 days of work and half a day of papers; late after 40 days."""
    plan = Plan(
        {
            "wait": Work((), Input("wait", Uniform(0.0, 100.0)), cause="license"),
            "work": Work(("wait",), Constant(20.0), cause="installation"),
            "papers": Work(("work",), Constant(0.5), cause="acceptance"),
        },
        1_000.0,
        milestones={"completion": "papers"},
    )
    subject = Subject(
        name="world",
        title="World",
        start=START,
        horizon=START + timedelta(1_000),
        target=START + timedelta(PLANNED),
        plan=plan,
    )
    return explore(subject, Options(replications=1_000, workers=1))


def due(explored: Explored, days: int | None) -> Account:
    """Return the account with another promise."""
    target = None if days is None else START + timedelta(days)
    return account_of(replace(explored, subject=replace(explored.subject, target=target)))


def test_days_by_cause_are_those_of_all_that_complete_and_of_those_around_the_percentile(
    explored: Explored,
) -> None:
    found = account_of(explored)
    fixed = {"installation": 20.0, "acceptance": 0.5}
    assert (found.name, found.share, found.planned) == ("world", 0.8, PLANNED)
    assert found.mean == {"license": pytest.approx(50.0, abs=0.1), **fixed}
    assert found.near == {"license": pytest.approx(80.0, abs=0.5), **fixed}
    assert found.total == sum(found.near.values())
    assert found.sentence.startswith("World: mean days by cause over the futures that complete (over 99")
    assert found.sentence.endswith(" of them all), and over those around P80.")


def test_the_waterfall_leads_from_the_promise_to_the_percentile(explored: Explored) -> None:
    found = account_of(explored)
    # The promise is kept with a wait of 19.5 days, about 60 days before the percentile.
    (cause, days), (rest, small) = found.steps
    assert (cause, rest) == ("license", "other")
    assert days == pytest.approx(60.5, abs=0.5)
    assert abs(small) < 1.0
    assert found.planned + days + small == pytest.approx(found.total, abs=1e-9)


@pytest.mark.parametrize(("promised", "name"), [(5, LATE_START), (300, EARLY_START)])
def test_what_even_the_nearest_futures_miss_the_promise_by_is_the_first_step(
    explored: Explored, promised: int, name: str
) -> None:
    found = due(explored, promised)
    assert found.planned == promised
    assert found.steps[0][0] == name
    assert (found.steps[0][1] > 0.0) == (name == LATE_START)
    assert promised + sum(days for _, days in found.steps) == pytest.approx(found.total, abs=1e-9)
    assert "other" not in dict(found.steps)


def test_without_a_promise_the_causes_add_up_from_nothing_and_the_small_ones_are_one(
    explored: Explored,
) -> None:
    found = due(explored, None)
    assert found.planned == 0.0
    assert [cause for cause, _ in found.steps] == ["license", "installation", "other"]
    assert dict(found.steps)["other"] == 0.5
    assert sum(days for _, days in found.steps) == pytest.approx(found.total, abs=1e-9)


def test_a_cause_of_one_day_stands_alone(explored: Explored) -> None:
    days = dict(explored.ledger.days)
    days["acceptance"] = np.full(1_000, 1.0)
    whole = replace(explored, ledger=Ledger(days, explored.ledger.binding))
    found = due(whole, None)
    assert [cause for cause, _ in found.steps] == ["license", "installation", "acceptance"]
    assert found.steps[-1][1] == 1.0


def test_a_difference_is_the_second_less_the_first_cause_by_cause(explored: Explored) -> None:
    first = account_of(explored)
    second = replace(first, mean={"license": 70.0, "winter": 3.0}, near={"installation": 25.0})
    mean = difference(first, second, where="mean")
    assert list(mean) == [*first.mean, "winter"]
    assert mean["license"] == 70.0 - first.mean["license"]
    assert (mean["installation"], mean["acceptance"], mean["winter"]) == (-20.0, -0.5, 3.0)
    near = difference(first, second, where="near")
    assert (near["installation"], near["license"]) == (5.0, -first.near["license"])
