"""Numbers at the edge: each is right, and the same in both engines, or refused with a reason."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.chance.distributions import distribution
from sim.chance.draws import draw
from sim.engine import array_engine, simpy_engine
from sim.engine.bind import TICKS_PER_DAY, to_ticks
from sim.results.facts import Facts
from sim.results.summary import summary
from sim.scenario.limits import LONGEST_YEARS
from sim.scenario.load import load
from sim.scenario.problems import ScenarioError
from sim.study.named import named
from sim.study.run import run
from tests.unit.minimal import FREE_COMPLETE, PLAIN_COMPLETE, world

Write = Callable[..., Path]

NEVER = math.inf


def completion(changes: str, *, count: int = 1, seed: int = 1) -> list[float]:
    """Return when the changed minimal world is complete, in days, once both engines agree on every node."""
    plan = world(changes)
    draws = draw(plan.inputs, seed=seed, first=0, count=count, correlations=plan.correlations)
    fast, reference = array_engine.run(plan, draws), simpy_engine.run(plan, draws)
    for one, other in (
        (fast.ready, reference.ready),
        (fast.start, reference.start),
        (fast.fire, reference.fire),
    ):
        np.testing.assert_array_equal(one, other)
    found = fast.of(plan.milestones["completion"])
    return [round(float(day), 6) for day in found]


def refusal(changes: str) -> str:
    with pytest.raises((ScenarioError, ValueError)) as error:
        world(changes)
    return str(error.value)


NOTHING = """
suppliers:
  free:
    contract: {duration: 0 days}
    production: {queue: 0 days, capacities: {line: {points: {2024-01-01: 1e12 accelerators/month}}}}
    installation: {per_lot: 0 days}
freight: {road: {legs: {truck: {duration: 0 days}}}}
site: {kinds: {hall: {fit-out: {duration: 0 days}}}}
acceptance: {performance: 0 days, stability: 0 days, mending: 0 days}
"""


def test_what_takes_no_time_is_complete_at_the_start() -> None:
    assert completion(NOTHING) == [0.0]


REGIME = "strategy: {supplier: plain}, licensing: {office: {regimes: {states: {normal:"


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ("suppliers: {free: {acceptance: {passes: 0}}}", NEVER),
        ("suppliers: {free: {acceptance: {passes: 1}}}", FREE_COMPLETE),
        ("suppliers: {free: {contract: {chance: 0}}}", NEVER),
        ("suppliers: {free: {installation: {dead_on_arrival: 1, replacement: 5 days}}}", FREE_COMPLETE + 5),
        ("suppliers: {free: {installation: {dead_on_arrival: 1, replacement: never}}}", NEVER),
        ("suppliers: {free: {production: {export_share: 0}}}", NEVER),
        ("suppliers: {free: {contract: {duration: never}}}", NEVER),
        ("suppliers: {free: {production: {backlog: 1e12 accelerators}}}", NEVER),
        ("strategy: {supplier: plain}", PLAIN_COMPLETE),
        (f"{{{REGIME} {{denied: 1}}}}}}}}}}}}", NEVER),
        (f"{{{REGIME} {{returned: 1}}}}}}}}}}}}", NEVER),
        (f"{{{REGIME} {{speed: 0}}}}}}}}}}}}", NEVER),
        (
            "{strategy: {supplier: plain}, licensing: {office: {stages: {review: {chance: 0}}}}}",
            PLAIN_COMPLETE - 30,
        ),
    ],
)
def test_chances_of_0_and_1_are_certainties(changes: str, days: float) -> None:
    assert completion(changes, count=3) == [days] * 3


@pytest.mark.parametrize(("patience", "days"), [("0 days", FREE_COMPLETE), ("never", PLAIN_COMPLETE)])
def test_no_patience_is_the_second_supplier_and_endless_patience_the_first(
    patience: str, days: float
) -> None:
    switch = f"strategy: {{kind: switch, first: plain, then: free, supplier: null, patience: {patience}}}"
    assert completion(switch) == [days]


def test_a_hold_of_no_length_holds_nothing_and_one_to_the_horizon_holds_for_ever() -> None:
    def hold(begin: str, end: str) -> str:
        holds = f"{{history: [{{begin: {begin}, end: {end}}}]}}"
        return f"{{strategy: {{supplier: plain}}, licensing: {{office: {{holds: {holds}}}}}}}"

    assert completion(hold("2024-01-20", "2024-01-20")) == [PLAIN_COMPLETE]
    assert completion(hold("2024-01-20", "2024-01-21")) == [PLAIN_COMPLETE + 1]
    assert completion(hold("2024-01-20", "2034-01-01")) == [NEVER]
    assert "before it begins" in refusal(hold("2024-01-20", "2024-01-19"))


def test_a_horizon_of_a_day_and_of_two_centuries() -> None:
    assert completion("horizon: 2024-01-02") == [NEVER]
    assert completion("horizon: 2224-01-01") == [FREE_COMPLETE]
    assert completion("{horizon: 2224-01-01, suppliers: {free: {contract: {duration: 199 years}}}}") == [
        pytest.approx(199 * 365.25 - 10 + FREE_COMPLETE, abs=1e-6)
    ]
    assert "at most 200 years" in refusal("horizon: 2224-01-02")


def test_times_are_exact_as_far_as_any_horizon_may_reach() -> None:
    """Sums of whole ticks are exact below 2^53 of them: 2^20 days, 2,870 years."""
    last = 366.0 * LONGEST_YEARS
    assert last < 2.0**53 / TICKS_PER_DAY / 2
    days = to_ticks(np.linspace(0.0, last, 1_001))
    assert np.all((days + last) - last == days)
    assert np.all((days + 1.0 / TICKS_PER_DAY) - days == 1.0 / TICKS_PER_DAY)


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ("suppliers: {free: {contract: {duration: 1e-9 days}}}", FREE_COMPLETE - 10),
        ("suppliers: {free: {contract: {duration: 1e-30 days}}}", FREE_COMPLETE - 10),
        ("{demand: {accelerators: 1e12}, suppliers: {free: {lot: 1e12}}}", NEVER),
        (
            "{demand: {accelerators: 1e12}, suppliers: {free: {lot: 1e12, production: "
            "{capacities: {line: {points: {2024-01-01: 1e14 units/month}}}}}}}",
            round(FREE_COMPLETE - 1 + 0.304375, 6),
        ),
        ("demand: {required_share: 0}", 10),
        ("demand: {accelerators: 1e-9}", FREE_COMPLETE),
    ],
)
def test_tiny_and_huge_amounts(changes: str, days: float) -> None:
    assert completion(changes) == [days]


def test_ten_thousand_lots_are_refused_before_they_take_the_machine() -> None:
    message = refusal("demand: {accelerators: 100000}")
    assert message.startswith("demand: the plan has over 4000 stages")
    assert "order in larger lots" in message
    assert "over 4000 stages" in refusal("demand: {accelerators: 1e30}")


def test_a_leap_day_is_a_day() -> None:
    base = world("{start: 2024-02-29, horizon: 2034-02-28}")
    assert base.horizon == (datetime.date(2034, 2, 28) - datetime.date(2024, 2, 29)).days
    facts = Facts(name="x", title="x", start=datetime.date(2024, 2, 29), horizon=datetime.date(2034, 2, 28))
    assert facts.date(1) == datetime.date(2024, 3, 1)
    assert facts.date(366) == datetime.date(2025, 3, 1)
    assert completion("{start: 2024-02-29, horizon: 2034-02-28}") == [FREE_COMPLETE]
    assert completion("{start: 2024-02-29, horizon: 2224-03-01}") == [FREE_COMPLETE]
    assert "later than 2224-03-01" in refusal("{start: 2024-02-29, horizon: 2224-03-02}")


def test_a_winter_that_ends_on_a_leap_day_lasts_a_day_longer_in_a_leap_year() -> None:
    """Installation waits for the hall: 60 days of work, of which winter takes away January and February."""

    def hall(start: str) -> str:
        winter = "winter: {begin: 01-01, end: 02-29, speed: 0}"
        site = f"{{{winter}, kinds: {{hall: {{fit-out: {{duration: 60 days, outdoor: true}}}}}}}}"
        return f"{{start: {start}, horizon: 2030-01-01, site: {site}}}"

    after = 3 + 10  # installation and acceptance
    assert completion(hall("2024-01-01")) == [60 + 60 + after]
    assert completion(hall("2025-01-01")) == [59 + 60 + after]


def test_dates_before_1970_and_far_ahead_work_and_others_are_refused() -> None:
    early = "licensing: null, start: 1912-01-01, horizon: 1932-01-01, suppliers: {plain: null}"
    assert completion(f"{{{early}}}") == [FREE_COMPLETE]
    for start, horizon in (
        ("0001-01-01", "0100-01-01"),
        ("1899-12-31", "1910-01-01"),
        ("9990-01-01", "9999-12-31"),
    ):
        assert "is outside the calendar" in refusal(f"{{start: {start}, horizon: {horizon}}}")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ("{start: 2024-01-01, horizon: 2024-01-01}", "horizon"),
        ("target: 2023-12-31", "target"),
        ("target: 2024-01-01", "target"),
        ("target: 2034-01-02", "target"),
        ("start: '2024-01-01T00:00:00'", "start"),
        ("start: '2024-01-01T00:00:00Z'", "start"),
        ("start: '2024-01-01 00:00'", "start"),
        ("start: 1704067200", "start"),
        ("horizon: '2023-02-29'", "horizon"),
        ("pools: {desk: 0}", "pools.desk"),
        ("pools: {desk: 10001}", "pools.desk"),
        ("suppliers: {free: {accelerator: {utilization: 0}}}", "suppliers.free.accelerator.utilization"),
        ("licensing: {office: {holds: {length: never}}}", "licensing.office.holds.length"),
        ("licensing: {office: {regimes: {transient: never}}}", "licensing.office.regimes.transient"),
    ],
)
def test_what_no_calendar_or_division_knows_is_refused(changes: str, path: str) -> None:
    assert f"merged scenario: {path}: " in refusal(changes)


def test_nothing_times_never_is_refused() -> None:
    risk = "risks: {x: {title: x, chance: 1, affects: [suppliers.free.contract], factor: 0}}"
    assert completion(f"{{{risk}}}") == [FREE_COMPLETE - 10]
    endless = "suppliers: {free: {contract: {duration: never}}}"
    assert "0 times never is no time" in refusal(f"{{{risk}, {endless}}}")


@pytest.mark.parametrize("coefficient", ["1", "-1", "1.0000001"])
def test_a_correlation_of_1_is_refused(coefficient: str) -> None:
    table = f"correlations: [{{between: [a.b, c.d], coefficient: {coefficient}}}]"
    assert "coefficient" in refusal(table)


NARROW = (
    "suppliers: {{free: {{contract: {{duration: {{exponential: {{mean: 1}}, unit: days, min: {}, max: {}, "
    "assumption: x}}}}}}}}"
)


def test_a_law_cut_down_to_almost_nothing_is_refused_and_to_a_little_is_drawn() -> None:
    assert "is almost never between" in refusal(NARROW.format(27.6, 28))  # probability 3e-13
    days = completion(NARROW.format(16, 16.5), count=250)  # probability 4e-8
    assert all(16 <= day - FREE_COMPLETE + 10 <= 16.5 for day in days)


def test_a_rate_in_the_wrong_unit_is_named_with_its_place(write: Write) -> None:
    closures = "{china-rail: {legs: {rail: {closures: {rate: 9 per day}}}}}"
    write("fast.yaml", f"title: t\nextends: kz-ascend\nfreight: {closures}\n")
    with pytest.raises(ScenarioError) as error:
        named("fast")
    assert str(error.value).startswith(
        "scenarios/fast.yaml:3:48: freight.china-rail.legs.rail.closures: a rate of "
    )


@pytest.mark.parametrize("seed", [0, 2**63, 2**64, 2**200])
def test_any_seed_is_a_seed(seed: int) -> None:
    random = "acceptance: {performance: {uniform: [4, 8], unit: days, assumption: x}}"
    days = completion(random, count=3, seed=seed)
    assert len(set(days)) == 3
    assert days == completion(random, count=3, seed=seed)


@pytest.mark.parametrize("replications", [1, 2, 249, 251])
@pytest.mark.parametrize("engine", ["array", "simpy"])
def test_any_number_of_replications_has_a_summary(replications: int, engine: Any) -> None:
    found = run(named("kz-ascend"), replications=replications, engine=engine, workers=1)
    table = summary(found)
    assert len(found.completion) == replications
    assert not table[["estimate", "low", "high"]].isna().any().any()


def test_a_law_of_one_value_is_that_value() -> None:
    one = distribution("discrete", {"values": [3.0], "weights": [1e-30]})
    assert one.quantile([1e-300, 0.5, 1.0]).tolist() == [3.0, 3.0, 3.0]


def test_more_changes_on_the_command_line_than_calls_on_the_stack() -> None:
    """More than Python stacks calls; 5,000 take a few seconds more."""
    many = [f"strategy.patience={days} days" for days in range(1_200)]
    loaded = load("kz-switch", many)
    assert loaded.scenario.strategy.patience.central == 1_199
    assert len([each for each in loaded.changes if each.path == "strategy.patience"]) >= 1_200
