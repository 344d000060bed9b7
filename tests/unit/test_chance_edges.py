"""Where chance begins and ends: what was before day 0, how many inputs a process needs, bounds of laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammainccinv, gammaincinv

from sim.chance.amount import Amount, Column, Constant, Input, choose, inputs_of, maximum, minimum
from sim.chance.arrivals import CHANCE_OF_MORE, COMMON, TWENTY_YEARS, enough
from sim.chance.copula import check_correlations
from sim.chance.distributions import Beta, Exponential, Fixed, Gamma, Pert, Truncated, Uniform, distribution
from sim.chance.draws import Draws, draw
from sim.chance.holds import Holds
from sim.chance.profiles import Profile
from sim.chance.ramps import Ramp
from sim.chance.regimes import ByRegime, RegimeChain, Transient
from sim.chance.steps import Steps, spells
from sim.chance.tables import QuantileTable, Tails, tabulate

HORIZON = 1000.0


def drawn(profile: Profile, *, count: int = 8) -> Draws:
    inputs = {part.name: part for part in inputs_of(profile.amounts())}
    return draw(inputs, seed=3, first=0, count=count)


def steps_of(profile: Profile, *, count: int = 8) -> Steps:
    return profile.steps(drawn(profile, count=count), HORIZON)


def own_inputs(profile: Profile, kind: str) -> list[Input]:
    return [part for part in inputs_of(profile.amounts()) if f".{kind}[" in part.name]


# Before day 0


def test_a_regime_that_began_before_the_start_does_no_work_before_day_0() -> None:
    chain = RegimeChain("policy", ("open", "shut"), ((-400.0, "shut"), (-90.0, "open"), (30.0, "shut")))
    speed = steps_of(ByRegime("speed", chain, {"open": 2.0, "shut": 0.0}))
    assert speed.times[:, 0].tolist() == [0.0, 30.0]
    assert speed.cumulated[:, 0].tolist() == [0.0, 60.0]


def test_what_a_change_before_the_start_left_behind_is_felt_until_it_wears_off() -> None:
    chain = RegimeChain("policy", ("open", "shut"), ((-400.0, "shut"), (-90.0, "open"), (200.0, "shut")))
    slow = steps_of(Transient("new rules", chain, 0.5, Fixed(100.0)))
    days = [0.0, 9.99, 10.0, 199.0, 200.0, 299.0, 300.0]
    assert [slow.at(np.full(8, day))[0] for day in days] == [0.5, 0.5, 1.0, 1.0, 0.5, 0.5, 1.0]


def test_of_the_changes_before_the_start_the_one_felt_longest_counts() -> None:
    history = ((-400.0, "shut"), (-90.0, "open"), (-80.0, "shut"))
    slow = Transient("new rules", RegimeChain("policy", ("open", "shut"), history), 0.5, Uniform(80.0, 120.0))
    first, second = (drawn(slow).value(f"new rules.length[{k}]") for k in (0, 1))
    found = steps_of(slow)
    ends = np.maximum(np.maximum(first - 90.0, second - 80.0), 0.0)
    np.testing.assert_array_equal(found.at(ends), np.ones(8))
    np.testing.assert_array_equal(found.at(np.nextafter(ends, -1.0))[ends > 0], 0.5)
    assert (first - 90.0 > second - 80.0).any()
    assert (first - 90.0 < second - 80.0).any()


def test_a_spell_that_ended_before_the_start_counts_for_nothing() -> None:
    begin, end = np.array([[-50.0], [20.0]]), np.array([[-10.0], [30.0]])
    found = spells(begin, end, inside=np.zeros(1), outside=np.ones(1))
    assert (np.diff(found.times, axis=0) >= 0.0).all()
    assert [found.at(np.array([day]))[0] for day in (0.0, 19.0, 20.0, 29.0, 30.0)] == [1, 1, 0, 0, 1]


def test_a_ramp_that_was_over_before_the_start_is_level() -> None:
    found = steps_of(Ramp("line", ((-90.0, 10.0), (-40.0, 25.0))))
    assert found.times.tolist() == [[0.0]]
    assert found.values.tolist() == [[25.0]]


# How many inputs a process needs


@pytest.mark.parametrize("mean", [0.001, 0.7, 3.0, 250.0])
def test_enough_inputs_are_no_more_than_the_bound_asks_for(mean: float) -> None:
    def bound(events: int) -> float:
        return events - mean - events * math.log(events / mean)

    count = enough(mean / 100.0, days=100.0, name="rate")
    assert bound(count) <= math.log(CHANCE_OF_MORE)
    # The least number above the mean, at which the bound begins to hold.
    assert count - 1 <= mean or bound(count - 1) > math.log(CHANCE_OF_MORE)


def test_a_rate_is_refused_before_it_needs_ten_thousand_inputs() -> None:
    assert enough(1.0, days=4_999.0, name="rate") < 10_000
    with pytest.raises(ValueError, match="is its unit right"):
        enough(1.0, days=5_001.0, name="rate")


def test_a_chain_has_inputs_for_its_fastest_state_and_its_time_of_chance() -> None:
    rates = {("a", "b"): 0.01, ("b", "a"): 0.002, ("a", "c"): 0.02, ("c", "a"): 0.001}
    for until in (0.0, 5_000.0):
        chain = RegimeChain("policy", ("a", "b", "c"), ((0.0, "a"),), rates, until=until)
        expected = enough(0.03, days=TWENTY_YEARS - until, name="policy")
        assert chain.most_changes == expected
        for kind in ("sojourn", "next"):
            flags = [part.stratified for part in own_inputs(chain, kind)]
            assert flags == [k < COMMON for k in range(expected)]


def test_a_chain_that_nobody_leaves_needs_no_inputs() -> None:
    chain = RegimeChain("policy", ("a", "b"), ((0.0, "a"),))
    assert chain.most_changes == 0
    assert list(inputs_of(chain.amounts())) == []


def test_holds_have_inputs_for_their_time_of_chance_and_the_first_are_stratified() -> None:
    for until in (0.0, 5_000.0):
        holds = Holds("stop", 0.01, Exponential(10.0), until=until)
        expected = enough(0.01, days=TWENTY_YEARS - until, name="stop")
        for kind in ("gap", "length"):
            flags = [part.stratified for part in own_inputs(holds, kind)]
            assert flags == [k < COMMON for k in range(expected)]


def test_known_and_first_random_transients_are_stratified() -> None:
    chain = RegimeChain("policy", ("a", "b"), ((0.0, "a"), (10.0, "b")), {("a", "b"): 0.01, ("b", "a"): 0.01})
    flags = [
        part.stratified for part in own_inputs(Transient("slow", chain, 0.5, Uniform(1.0, 9.0)), "length")
    ]
    assert flags == [k < 1 + COMMON for k in range(1 + chain.most_changes)]


# Bounds


@pytest.mark.parametrize("spearman", [-1.5, -1.0, 1.0, 1.5])
def test_no_correlation_reaches_one(spearman: float) -> None:
    with pytest.raises(ValueError, match="between -1 and 1"):
        check_correlations({("a", "b"): spearman})


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"minimum": 2.0}, Truncated(Uniform(0.0, 10.0), 2.0, math.inf)),
        ({"maximum": 8.0}, Truncated(Uniform(0.0, 10.0), -math.inf, 8.0)),
        ({}, Uniform(0.0, 10.0)),
    ],
)
def test_a_law_may_be_cut_at_either_end(bounds: dict[str, float], expected: object) -> None:
    assert distribution("uniform", {"low": 0, "high": 10}, **bounds) == expected


@pytest.mark.parametrize("law", [Gamma(4.0, 30.0), Beta(2.0, 4.0), Pert(2.0, 5.0, 14.0), Gamma(1.0, 7.0)])
def test_ordinary_quantiles_are_read_from_a_table(
    law: Gamma | Beta | Pert, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    probability = np.linspace(1e-6, 1.0 - 1e-6, 1001)
    expected = law.quantile(probability)  # makes the table

    def slow(tail: Column, *_: object) -> Column:
        asked.append(len(tail))
        return tail

    monkeypatch.setattr("sim.chance.tables.Tails.__call__", lambda self, p: slow(p))
    np.testing.assert_array_equal(law.quantile(probability), expected)
    assert asked == []


@pytest.mark.parametrize("end", [1e-12, 1.0 - 1e-12])
def test_a_table_asks_the_slow_function_near_the_ends_alone(end: float) -> None:
    def upper(tail: Column) -> Column:
        return -np.log(tail)

    table = tabulate(np.log, upper)
    assert isinstance(table, QuantileTable)
    found = table(np.array([0.25, end, 0.75]))
    assert found[1] == (math.log(end) if end < 0.5 else -math.log(1.0 - end))
    np.testing.assert_allclose(found[[0, 2]], [math.log(0.25), -math.log(0.25)], rtol=1e-6)


@pytest.mark.parametrize("shape", [0.05, 0.2, 0.6])
def test_a_table_of_a_scaled_law_is_the_scaled_table(shape: float) -> None:
    def table(scale: float) -> Tails | QuantileTable:
        def lower(tail: Column) -> Column:
            return np.asarray(scale * gammaincinv(shape, tail))

        def upper(tail: Column) -> Column:
            return np.asarray(scale * gammainccinv(shape, tail))

        return tabulate(lower, upper)

    probability = np.linspace(1e-7, 1.0 - 1e-7, 100_001)
    found, tiny = table(1.0)(probability), table(2.0**-40)(probability)
    np.testing.assert_array_equal(tiny, found * 2.0**-40)
    assert (np.diff(found) >= 0.0).all()


# Amounts


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (3.0 - Constant(1.0), 2.0),
        (8.0 / Constant(4.0), 2.0),
        (3.0 * Constant(2.0) + 1.0, 7.0),
        (maximum(2.0, 5.0), 5.0),
        (minimum(2.0, Constant(5.0)), 2.0),
        (choose(Constant(1.0), 4.0, 9.0), 4.0),
        (choose(Constant(0.0), 4.0, 9.0), 9.0),
    ],
)
def test_a_formula_of_numbers_is_a_number_in_every_replication(formula: Amount, expected: float) -> None:
    draws = draw({"x": Input("x", Uniform(0.0, 1.0))}, seed=1, first=0, count=3)
    assert formula.column(draws).tolist() == [expected] * 3
