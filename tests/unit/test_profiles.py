from datetime import date

import numpy as np
import pytest

from sim.chance.amount import Amount, Constant, Formula, Input, inputs_of
from sim.chance.arrivals import ceiling, enough
from sim.chance.calendar import Calendar, Season
from sim.chance.distributions import Exponential, Fixed, Lognormal, Uniform
from sim.chance.draws import Draws, draw
from sim.chance.holds import Holds
from sim.chance.profiles import Level, Minimum, Product, Profile, Sum, Window
from sim.chance.ramps import MONTH, Ramp
from sim.chance.regimes import ByRegime, RegimeChain, Transient

HORIZON = 3000.0


def drawn(*profiles: Profile, count: int = 300) -> Draws:
    inputs = {part.name: part for profile in profiles for part in inputs_of(profile.amounts())}
    return draw(inputs, seed=11, first=0, count=count)


def values_at(profile: Profile, *days: float, draws: Draws | None = None, row: int = 0) -> list[float]:
    draws = drawn(profile) if draws is None else draws
    steps = profile.steps(draws, HORIZON)
    return [float(np.broadcast_to(steps.at(np.full(draws.count, day)), draws.count)[row]) for day in days]


class TestCalendar:
    def winter(self, start: date, **season: object) -> Calendar:
        return Calendar(
            "winter", start, (Season(**({"begin": "11-01", "end": "03-31", "value": 0.5} | season)),)
        )

    def test_a_season_over_the_new_year_holds_from_its_first_to_its_last_day(self):
        start = date(2024, 4, 30)
        first, last = ((day - start).days for day in (date(2024, 11, 1), date(2025, 3, 31)))
        winter = self.winter(start)
        assert values_at(winter, 0, first - 0.01, first, last, last + 0.99, last + 1) == [
            1,
            1,
            0.5,
            0.5,
            0.5,
            1,
        ]

    @pytest.mark.parametrize("start", [date(2023, 12, 15), date(2024, 2, 29), date(2024, 4, 30)])
    def test_every_day_of_eight_years_is_on_the_right_side(self, start):
        winter = self.winter(start)
        days = range(int(HORIZON))
        months = [date.fromordinal(start.toordinal() + day).month for day in days]
        assert values_at(winter, *days) == [0.5 if month in (11, 12, 1, 2, 3) else 1.0 for month in months]

    def test_a_season_within_a_year_and_two_that_overlap(self):
        start = date(2024, 1, 1)
        seasons = (Season("02-01", "02-29", 0.5), Season("02-20", "03-10", 0.1))
        calendar = Calendar("c", start, seasons)
        dates = [date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 11)]
        assert values_at(calendar, *((day - start).days for day in dates)) == [1, 0.5, 0.05, 0.1, 1]

    @pytest.mark.parametrize(
        ("begin", "end", "inside", "outside"),
        [
            ("02-29", "03-05", date(2025, 3, 1), date(2025, 2, 28)),
            ("02-29", "03-05", date(2028, 2, 29), date(2028, 2, 28)),
            ("02-01", "02-29", date(2025, 2, 28), date(2025, 3, 1)),
            ("02-01", "02-29", date(2028, 2, 29), date(2028, 3, 1)),
            ("02-01", "02-28", date(2028, 2, 28), date(2028, 2, 29)),
            ("07-01", "12-31", date(2025, 12, 31), date(2026, 1, 1)),
        ],
    )
    def test_the_ends_of_months_are_right_in_leap_years_and_others(self, begin, end, inside, outside):
        start = date(2024, 4, 1)
        calendar = self.winter(start, begin=begin, end=end, value=0.2)
        assert values_at(calendar, (inside - start).days, (outside - start).days) == [0.2, 1]

    def test_the_factor_may_be_uncertain_but_the_dates_are_shared(self):
        calendar = self.winter(date(2024, 12, 1), value=Input("factor", Uniform(0.3, 0.9)))
        draws = drawn(calendar)
        assert calendar.steps(draws, HORIZON).at(np.zeros(300)).tolist() == draws.value("factor").tolist()
        assert self.winter(date(2024, 12, 1)).steps(draws, HORIZON).count == 1

    def test_a_calendar_without_seasons_is_one(self):
        assert values_at(Calendar("c", date(2024, 1, 1), ()), 0, 500) == [1, 1]

    @pytest.mark.parametrize("day", ["13-01", "02-30", "1 May"])
    def test_a_day_that_no_year_has_is_named(self, day):
        with pytest.raises(ValueError, match=f"season: '{day}' is no month and day"):
            Season("01-01", day, 0.5)


class TestRegimeChain:
    def test_known_changes_happen_on_their_days_in_all_replications(self):
        chain = RegimeChain("r", ("open", "shut"), ((-90.0, "shut"), (-10.0, "open"), (40.0, "shut")))
        speed = ByRegime("speed", chain, {"open": 1.0, "shut": 0.25})
        assert values_at(speed, 0, 39.9, 40, 2999) == [1, 1, 0.25, 0.25]
        assert speed.steps(drawn(speed), HORIZON).count == 1

    def test_there_is_no_chance_before_the_end_of_the_history(self):
        rates = {("open", "shut"): 0.5, ("shut", "open"): 0.5}
        dated = RegimeChain("r", ("open", "shut"), ((0.0, "open"), (40.0, "shut")), rates)
        quiet = RegimeChain("r", ("open", "shut"), ((0.0, "open"),), rates, until=40.0)
        for chain, state in ((dated, 1.0), (quiet, 0.0)):
            steps = chain.steps(drawn(chain), HORIZON)
            assert np.all(steps.at(np.full(300, 20.0)) == 0.0)
            first = steps.times[steps.times > 40.0].reshape(-1, 300)[0]
            assert first.min() < 40.1
            assert np.all(steps.at(np.full(300, 40.0)) == state)

    def test_waiting_times_are_the_drawn_ones_over_the_rate_of_leaving(self):
        rates: dict[tuple[str, str], Amount | float]
        rates = {("a", "b"): 0.01, ("a", "c"): 0.03, ("b", "a"): Input("back", Lognormal(0.02, 0.3))}
        chain = RegimeChain("r", ("a", "b", "c"), ((0.0, "a"),), rates)
        draws = drawn(chain)
        steps = chain.steps(draws, HORIZON)
        first = draws.value("r.sojourn[0]") / 0.04
        np.testing.assert_allclose(steps.times[1], np.where(first <= HORIZON, first, np.inf), rtol=1e-12)
        to_c = draws.value("r.next[0]") > 0.25
        assert np.all(steps.values[1][first <= HORIZON] == np.where(to_c, 2.0, 1.0)[first <= HORIZON])
        second = first + draws.value("r.sojourn[1]") / draws.value("back")
        returned = ~to_c & (second <= HORIZON)
        np.testing.assert_allclose(steps.times[2][returned], second[returned], rtol=1e-12)
        assert np.all(np.isinf(steps.times[2][to_c]))  # c is never left

    def test_two_states_need_no_choices(self):
        chain = RegimeChain("r", ("a", "b"), ((0.0, "a"),), {("a", "b"): 0.01, ("b", "a"): 0.01})
        assert {part.name.split("[")[0] for part in inputs_of(chain.amounts())} == {"r.sojourn"}

    def test_profiles_of_one_chain_see_one_path_drawn_once(self, monkeypatch):
        chain = RegimeChain("r", ("a", "b"), ((0.0, "a"),), {("a", "b"): 0.01, ("b", "a"): 0.01})
        speed, chance = ByRegime("s", chain, {"a": 1.0, "b": 2.0}), ByRegime("c", chain, {"a": 0.1, "b": 0.2})
        draws, drawings = drawn(speed), []
        jumps = RegimeChain._jumps
        monkeypatch.setattr(RegimeChain, "_jumps", lambda *a: drawings.append(1) or jumps(*a))
        np.testing.assert_allclose(
            chance.steps(draws, HORIZON).values * 10, speed.steps(draws, HORIZON).values
        )
        assert len(drawings) == 1

    def test_inputs_that_run_out_are_no_silent_freeze(self):
        chain = RegimeChain("r", ("a", "b"), ((0.0, "a"),), {("a", "b"): 1.0, ("b", "a"): 1.0}, horizon=30.0)
        with pytest.raises(ValueError, match="r has inputs for 30 days, not for 3000"):
            chain.steps(drawn(chain), HORIZON)

    @pytest.mark.parametrize(
        ("history", "rates", "problem"),
        [
            (((0.0, "x"),), {}, "r: there is no state 'x', only a, b"),
            (((0.0, "a"),), {("a", "y"): 1.0}, "r: there is no state 'y', only a, b"),
            (((5.0, "a"),), {}, "r: the history does not say which state day 0 finds"),
            ((), {}, "r: the history does not say which state day 0 finds"),
            (((0.0, "a"), (9.0, "b"), (5.0, "a")), {}, "r: the history is not in the order of time"),
            (((0.0, "a"),), {("b", "b"): 1.0}, "r: a rate leads from 'b' to itself"),
        ],
    )
    def test_a_chain_that_makes_no_sense_is_refused(self, history, rates, problem):
        with pytest.raises(ValueError, match=problem):
            RegimeChain("r", ("a", "b"), history, rates)

    def test_each_state_needs_a_value_and_each_value_a_state(self):
        chain = RegimeChain("r", ("a", "b"), ((0.0, "a"),))
        with pytest.raises(ValueError, match="s has no value for state 'b' of r"):
            ByRegime("s", chain, {"a": 1.0})
        with pytest.raises(ValueError, match="s has a value for the unknown state 'c' of r"):
            ByRegime("s", chain, {"a": 1.0, "b": 1.0, "c": 1.0})


class TestTransient:
    def test_it_holds_for_a_time_after_each_change_known_or_not(self):
        history = ((-500.0, "a"), (-10.0, "b"), (100.0, "a"))
        chain = RegimeChain("r", ("a", "b", "c"), history, {("a", "c"): 0.01})
        slow = Transient("t", chain, 0.5, Fixed(30.0))
        draws = drawn(slow)
        change = chain.steps(draws, HORIZON).times[-1]
        row = int(np.argmax((change > 200.0) & (change < 2000.0)))
        days = (
            0,
            19.9,
            20,
            99,
            100,
            129,
            130,
            change[row] - 1,
            change[row],
            change[row] + 29,
            change[row] + 31,
        )
        assert values_at(slow, *days, draws=draws, row=row) == [0.5, 0.5, 1, 1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1]

    def test_the_first_entry_of_a_history_is_no_change(self):
        slow = Transient("t", RegimeChain("r", ("a",), ((0.0, "a"),)), 0.5, Fixed(30.0))
        assert values_at(slow, 0, 10) == [1, 1]


class TestHolds:
    def test_known_holds_last_from_their_first_day_to_the_last(self):
        holds = Holds("h", 0.0, Fixed(0.0), history=((-5.0, 3.0), (10.0, 15.0)))
        assert values_at(holds, 0, 2.9, 3, 9.9, 10, 14.9, 15) == [0, 0, 1, 1, 0, 0, 1]
        assert holds.steps(drawn(holds), HORIZON).count == 1

    def test_random_holds_begin_after_the_drawn_gaps_and_last_the_drawn_lengths(self):
        holds = Holds("h", Input("rate", Lognormal(0.002, 0.4)), Exponential(40.0), inside=0.2, until=50.0)
        draws = drawn(holds)
        begin = 50.0 + draws.value("h.gap[0]") / draws.value("rate")
        row = int(np.argmax((begin < 2000.0) & (draws.value("h.length[0]") > 1.0)))
        first, length = begin[row], draws.value("h.length[0]")[row]
        days = (0, first - 1e-6, first, first + length - 1e-6)
        assert values_at(holds, *days, draws=draws, row=row) == [1, 1, 0.2, 0.2]

    def test_no_rate_and_no_history_is_no_hold(self):
        assert values_at(Holds("h", 0.0, Fixed(1.0)), 0, 1000) == [1, 1]

    def test_a_known_hold_may_end_on_an_uncertain_day(self):
        end = Input("end", Uniform(20.0, 30.0))
        holds = Holds("h", 0.0, Fixed(0.0), history=((10.0, end),))
        draws = drawn(holds)
        assert holds.steps(draws, HORIZON).at(draws.value("end") - 1e-9).tolist() == [0.0] * 300
        assert holds.steps(draws, HORIZON).at(draws.value("end")).tolist() == [1.0] * 300


class TestRamp:
    def output(self, ramp: Ramp, draws: Draws) -> np.ndarray:
        steps = ramp.steps(draws, HORIZON)
        grown = np.zeros((1, steps.count)), steps.values[:-1] * np.diff(steps.times, axis=0)
        return np.cumsum(np.vstack(grown), axis=0)

    def test_output_at_the_end_of_each_month_is_that_of_the_straight_lines(self):
        ramp = Ramp("r", ((100.0, 10.0), (400.0, 40.0), (400.0, 20.0), (700.0, 20.0), (1000.0, 0.0)))
        days = np.arange(34) * MONTH
        fine = np.linspace(0.0, days[-1], 2_000_001)
        line = np.interp(fine, [100.0, 399.9999999, 400.0, 700.0, 1000.0], [10.0, 40.0, 20.0, 20.0, 0.0])
        exact = np.concatenate([[0.0], np.cumsum((line[1:] + line[:-1]) / 2 * np.diff(fine))])
        output = self.output(ramp, drawn(ramp))[:, 0]
        assert len(output) == 34
        np.testing.assert_allclose(output, np.interp(days, fine, exact), rtol=1e-5)

    def test_a_ramp_that_began_before_the_start_is_under_way(self):
        ramp = Ramp("r", ((-100.0, 0.0), (100.0, 200.0)))
        assert values_at(ramp, 0)[0] == pytest.approx(100.0 + MONTH / 2)
        assert values_at(ramp, 1000) == [200.0]

    def test_points_may_be_uncertain_in_day_and_height(self):
        day, height = Input("day", Uniform(0.0, 400.0)), Input("height", Uniform(10.0, 20.0))
        ramp = Ramp("r", ((200.0, 0.0), (day, height)))
        draws = drawn(ramp)
        steps = ramp.steps(draws, HORIZON)
        assert steps.at(np.full(300, HORIZON)).tolist() == draws.value("height").tolist()
        done, days = self.output(ramp, draws)[-1], steps.times[-1]
        reached = np.maximum(draws.value("day"), 200.0)
        triangle = draws.value("height") * ((reached - 200.0) / 2 + (days - reached))
        np.testing.assert_allclose(done, triangle, rtol=1e-9)

    def test_one_point_is_a_level_and_none_is_refused(self):
        assert Ramp("r", ((50.0, 7.0),)).steps(drawn(), HORIZON).values[:, 0].tolist() == [7.0] * 3
        with pytest.raises(ValueError, match="ramp 'r' has no points"):
            Ramp("r", ())


def test_windows_levels_and_what_is_made_of_them():
    height = Input("height", Uniform(0.0, 1.0))
    window = Window("w", 10.0, 20.0, inside=3.0, outside=1.0)
    level = Level("l", 2.0)
    assert values_at(window, 0, 10, 19.9, 20) == [1, 3, 3, 1]
    assert values_at(Window("w", 20.0, 10.0), 0, 15, 25) == [0, 0, 0]
    assert values_at(Product("p", (window, level)), 0, 10, 20) == [2, 6, 2]
    assert values_at(Minimum("m", (window, level)), 0, 10, 20) == [1, 2, 1]
    assert values_at(Sum("s", (window, level)), 0, 10, 20) == [3, 5, 3]
    assert values_at(Level("l", height), 5) == [drawn(Level("l", height)).value("height")[0]]
    with pytest.raises(ValueError, match="product 'p' is made of no profiles"):
        Product("p", ())


def test_a_part_of_several_profiles_is_drawn_once():
    holds = Holds("h", 0.01, Exponential(5.0))
    one, other = Product("a", (holds, Level("l", 2.0))), Minimum("b", (holds, Level("l", 2.0)))
    draws = drawn(one)
    one.steps(draws, HORIZON)
    kept = holds.steps(draws, HORIZON)
    other.steps(draws, HORIZON)
    assert holds.steps(draws, HORIZON) is kept
    assert holds.steps(draws.take([0]), HORIZON) is not kept


@pytest.mark.parametrize("rows", [[0], [1], [2], [7, 250, 3], list(range(100, 120))])
def test_replications_taken_alone_see_the_same_profiles(rows):
    rates = {("a", "b"): Input("away", Lognormal(0.01, 0.5)), ("b", "a"): 0.02, ("a", "c"): 0.001}
    chain = RegimeChain("r", ("a", "b", "c"), ((-50.0, "a"),), rates)
    parts = (
        ByRegime("s", chain, {"a": 1.0, "b": Input("b", Uniform(0.2, 0.8)), "c": 2.0}),
        Transient("t", chain, 0.5, Exponential(40.0)),
        Holds("h", 0.004, Exponential(30.0)),
        Ramp("ramp", ((0.0, 1.0), (Input("full", Uniform(200.0, 900.0)), 3.0))),
        Calendar("w", date(2024, 4, 30), (Season("11-01", "03-31", Input("w", Uniform(0.3, 0.9))),)),
    )
    profile = Product("all", parts)
    draws = drawn(profile)
    whole, alone = profile.steps(draws, HORIZON).take(rows), profile.steps(draws.take(rows), HORIZON)
    days = np.unique(np.concatenate([whole.times.ravel(), alone.times.ravel()]))
    for day in days[np.isfinite(days)]:
        assert whole.at(np.full(len(rows), day)).tolist() == alone.at(np.full(len(rows), day)).tolist()


class TestArrivals:
    @pytest.mark.parametrize(("mean", "most"), [(0.1, 14), (4.0, 30), (60.0, 135)])
    def test_enough_events_leave_a_chance_of_more_below_one_in_a_million_million(self, mean, most):
        from scipy.stats import poisson

        events = enough(mean / 100.0, days=100.0, name="x")
        assert poisson.sf(events, mean) < 1e-12
        assert events <= most

    def test_no_time_or_no_rate_needs_no_inputs(self):
        assert enough(0.0, days=100.0, name="x") == enough(1.0, days=-5.0, name="x") == 0

    def test_a_rate_in_the_wrong_unit_is_named(self):
        with pytest.raises(
            ValueError, match="x: a rate of 200 per day means 600000 changes; is its unit right"
        ):
            enough(200.0, days=3000.0, name="x")

    def test_the_ceiling_is_found_up_and_down_each_input(self):
        up, down = Input("up", Uniform(1.0, 2.0)), Input("down", Uniform(4.0, 5.0))
        assert ceiling(up / down) == pytest.approx(0.5)
        assert ceiling(3.0) == ceiling(Constant(3.0)) == 3.0
        assert ceiling(Formula(np.negative, (up,))) == pytest.approx(-1.0)
