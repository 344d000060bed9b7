from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.chance.amount import Amount, Column, Constant, Input, T, Values, amount
from sim.chance.distributions import Exponential
from sim.chance.steps import Steps
from sim.engine.bind import to_ticks
from sim.engine.simpy_engine import event_log, run
from sim.engine.times import Times
from sim.model.plan import All, Any, At, Attempts, Node, Outcome, Plan, Reach, Within, Without, Work

HORIZON = 1000.0


@dataclass
class Given:
    """Values by name, as a draw would give them."""

    count: int = 1
    columns: Mapping[str, list[float]] = field(default_factory=dict)

    def value(self, name: str) -> Column:
        return np.array(self.columns[name])

    def take(self, rows: NDArray[np.intp]) -> Given:
        return Given(len(rows), {name: self.value(name)[rows].tolist() for name in self.columns})

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        return make()


@dataclass(frozen=True)
class Table:
    """A profile given as the rows of its steps: one number for all replications, or one for each."""

    days: tuple[float | tuple[float, ...], ...]
    values: tuple[float | tuple[float, ...], ...]
    name: str = "table"

    def amounts(self) -> Iterable[Amount]:
        return ()

    def steps(self, values: Values, horizon: float) -> Steps:
        return Steps(_rows(self.days), _rows(self.values))


def _rows(rows: tuple[float | tuple[float, ...], ...]) -> Column:
    return np.array(np.broadcast_arrays(*map(np.atleast_1d, rows)), dtype=float)


def at(day: float) -> At:
    return At(Constant(day))


def work(*after: str, days: float, **options: object) -> Work:
    return Work(after, Constant(days), **options)  # type: ignore[arg-type]


def steady(value: float) -> Table:
    return Table((0.0,), (value,))


def attempts(
    *after: str, lucks: tuple[float, ...], days: float = 10.0, rework: float = 5.0, **options: object
) -> Attempts:
    options = {"approve": steady(0.5), "deny": steady(0.2), **options}
    count = len(lucks)
    return Attempts(
        after,
        (Constant(days),) * count,
        (Constant(rework),) * (count - 1),
        tuple(map(Constant, lucks)),
        **options,  # type: ignore[arg-type]
    )


def times(
    nodes: Mapping[str, Node], *, horizon: float = HORIZON, values: Given | None = None, **pools: int
) -> Times:
    return run(Plan(nodes, horizon, pools), values or Given())


def fired(nodes: Mapping[str, Node], *, horizon: float = HORIZON, **pools: int) -> dict[str, float]:
    found = times(nodes, horizon=horizon, **pools)
    return {name: float(found.of(name)[0]) for name in nodes}


class TestAt:
    @pytest.mark.parametrize(
        ("day", "expected"), [(3.0, 3.0), (-2.0, 0.0), (HORIZON, HORIZON), (HORIZON + 1e-6, inf), (inf, inf)]
    )
    def test_fires_at_its_day_up_to_the_horizon(self, day: float, expected: float) -> None:
        assert fired({"a": at(day)}) == {"a": expected}

    def test_an_infinite_horizon_lets_everything_finite_fire(self) -> None:
        assert fired({"a": at(1e6), "b": at(inf)}, horizon=inf) == {"a": 1e6, "b": inf}


class TestWork:
    def test_is_ready_when_all_predecessors_have_fired(self) -> None:
        found = times({"a": at(3), "b": at(5), "c": work("a", "b", days=2.5)})
        assert (found.ready[2, 0], found.start[2, 0], found.of("c")[0]) == (5.0, 5.0, 7.5)

    def test_without_predecessors_is_ready_at_day_0(self) -> None:
        assert fired({"a": work(days=4)}) == {"a": 4.0}

    def test_never_comes_of_a_predecessor_that_never_fires(self) -> None:
        found = times({"a": at(inf), "b": work("a", days=1)})
        assert (found.ready[1, 0], found.start[1, 0], found.of("b")[0], found.waited[1, 0]) == (
            inf,
            inf,
            inf,
            0,
        )

    def test_may_start_before_the_horizon_and_not_end(self) -> None:
        found = times({"a": at(HORIZON - 1), "b": work("a", days=2), "c": work("a", days=1)})
        assert (found.start[1, 0], found.of("b")[0], found.of("c")[0]) == (HORIZON - 1, inf, HORIZON)

    @pytest.mark.parametrize(("days", "expected"), [(0.0, 2.0), (-4.0, 2.0), (inf, inf)])
    def test_takes_no_negative_time_and_may_take_for_ever(self, days: float, expected: float) -> None:
        assert fired({"a": at(2), "b": work("a", days=days)})["b"] == expected


class TestRate:
    def test_work_waits_out_a_stop_and_goes_on_at_the_new_rate(self) -> None:
        thaw = Table((0.0, 5.0, 8.0), (1.0, 0.0, 2.0))
        assert fired({"a": work(days=10, rate=thaw)}) == {"a": 10.5}

    def test_work_that_starts_within_a_step_counts_from_there(self) -> None:
        half = Table((0.0, 10.0), (0.5, 1.0))
        assert fired({"a": at(6), "b": work("a", days=5, rate=half)})["b"] == 13.0

    def test_rounding_does_not_carry_a_finished_work_over_a_stop(self) -> None:
        summer = Table((0.0, 3.0, 100.0), (0.7, 0.0, 0.7))
        assert 3 * 0.7 < 2.1
        assert fired({"a": work(days=2.1, rate=summer)}) == {"a": 3.0}

    def test_a_millionth_of_the_work_left_does_wait_for_the_next_season(self) -> None:
        summer = Table((0.0, 3.0, 100.0), (0.1, 0.0, 0.1))
        assert fired({"a": work(days=0.3000003, rate=summer)})["a"] == pytest.approx(100.000003, abs=1e-9)

    def test_of_steps_that_begin_together_the_last_is_in_force(self) -> None:
        twice = Table((0.0, 0.0, 4.0, 4.0, inf), (0.0, 1.0, 0.0, 2.0, 7.0))
        assert fired({"a": work(days=6, rate=twice)}) == {"a": 5.0}

    def test_no_work_needs_no_rate(self) -> None:
        assert fired({"a": at(1), "b": work("a", days=0, rate=steady(0))})["b"] == 1.0

    @pytest.mark.parametrize("days", [1.0, inf])
    @pytest.mark.parametrize("rate", [steady(0.0), Table((0.0, 2.0), (0.1, 0.0))])
    def test_work_without_a_rate_never_ends_and_keeps_its_server(self, days: float, rate: Table) -> None:
        found = times({"a": work(days=days, rate=rate, pool="p"), "b": work(days=1, pool="p")}, p=1)
        assert found.start[:, 0].tolist() == [0.0, inf]
        assert found.fire[:, 0].tolist() == [inf, inf]
        assert found.waited[:, 0].tolist() == [0.0, inf]

    def test_infinite_work_never_ends_at_any_rate(self) -> None:
        assert fired({"a": work(days=inf, rate=Table((0.0, 5.0), (1.0, 2.0)))}) == {"a": inf}

    def test_finishes_on_whole_ticks(self) -> None:
        end = fired({"a": work(days=1, rate=steady(3))})["a"]
        assert end == to_ticks(np.array([1 / 3]))[0] != 1 / 3


class TestLogic:
    def test_all_and_any(self) -> None:
        nodes = {"a": at(3), "b": at(5), "n": at(inf)}
        gates = {
            "all": All(("a", "b")),
            "any": Any(("a", "b", "n")),
            "not": All(("a", "n")),
            "any2": Any(("n",)),
        }
        assert list(fired(nodes | gates).values())[3:] == [5.0, 3.0, inf, inf]

    def test_all_of_nothing_is_at_once_and_any_of_nothing_is_never(self) -> None:
        assert fired({"all": All(()), "any": Any(())}) == {"all": 0.0, "any": inf}

    @pytest.mark.parametrize(
        ("required", "expected"), [(-1, 0), (0, 0), (1, 2), (1.5, 4), (4, 4), (4.1, 7), (7, 7), (7.1, inf)]
    )
    def test_reach_fires_when_the_shares_first_sum_to_what_is_required(
        self, required: float, expected: float
    ) -> None:
        days = {"late": at(7), "first": at(2), "x": at(4), "y": at(4)}
        share = Reach(tuple(days), tuple(map(amount, (3, 1, 1, 2))), amount(required))
        assert fired(days | {"reach": share})["reach"] == expected

    @pytest.mark.parametrize(("share", "expected"), [(0.1, 3.0), (0.1 - 1e-12, 3.0), (0.1 - 1e-9, inf)])
    def test_reach_forgives_rounding_and_no_more(self, share: float, expected: float) -> None:
        days = {"a": at(1), "b": at(2), "c": at(3)}
        assert fired(days | {"r": Reach(("a", "b", "c"), (amount(share),) * 3, amount(0.3))})["r"] == expected

    def test_reach_of_nothing_is_never(self) -> None:
        assert fired({"r": Reach((), (), amount(1))}) == {"r": inf}

    @pytest.mark.parametrize(
        ("event", "deadline", "within", "without"),
        [
            (3, 5, 3, inf),
            (5, 5, 5, inf),
            (6, 5, inf, 5),
            (inf, 5, inf, 5),
            (3, inf, 3, inf),
            (inf, inf, inf, inf),
        ],
    )
    def test_within_and_without_a_deadline(
        self, event: float, deadline: float, within: float, without: float
    ) -> None:
        nodes = {"e": at(event), "d": at(deadline), "in": Within("e", "d"), "out": Without("e", "d")}
        found = fired(nodes)
        assert (found["in"], found["out"]) == (within, without)


class TestPool:
    def test_serves_by_ready_time_and_not_by_the_order_of_nodes(self) -> None:
        nodes = {
            "x": at(2),
            "y": at(1),
            "late": work("x", days=5, pool="p"),
            "early": work("y", days=5, pool="p"),
        }
        found = times(nodes, p=1)
        assert found.start[2:, 0].tolist() == [6.0, 1.0]
        assert found.waited[2:, 0].tolist() == [4.0, 0.0]

    def test_serves_ties_by_the_order_of_nodes(self) -> None:
        nodes = {f"job {k}": work(days=k + 1, pool="p") for k in range(4)}
        assert times(nodes, p=2).start[:, 0].tolist() == [0.0, 0.0, 1.0, 2.0]

    def test_a_server_that_is_freed_goes_to_the_one_that_waits_longest(self) -> None:
        nodes = {
            "t": at(4),
            "now": work("t", days=1, pool="p"),
            "busy": work(days=4, pool="p"),
            "u": at(3),
            "waits": work("u", days=1, pool="p"),
        }
        found = fired(nodes, p=1)
        assert (found["waits"], found["now"]) == (5.0, 6.0)

    def test_work_of_no_time_passes_through_within_the_instant(self) -> None:
        nodes = {f"job {k}": work(days=0, pool="p") for k in range(5)} | {
            "last": work("job 4", days=0, pool="p")
        }
        assert set(fired(nodes, p=1).values()) == {0.0}

    @pytest.mark.parametrize("servers", [1, 2, 5])
    def test_every_request_starts_at_the_later_of_ready_and_the_earliest_free_server(
        self, servers: int
    ) -> None:
        random = np.random.default_rng(20261122)
        jobs, count = 12, 60
        ready, days = (random.integers(0, 9, (jobs, count)).astype(float) for _ in range(2))
        columns = {f"r{k}": ready[k] for k in range(jobs)} | {f"d{k}": days[k] for k in range(jobs)}
        law = Exponential(1.0)
        nodes: dict[str, Node] = {f"at{k}": At(Input(f"r{k}", law)) for k in range(jobs)}
        nodes |= {f"job{k}": Work((f"at{k}",), Input(f"d{k}", law), pool="p") for k in range(jobs)}
        found = times(nodes, values=Given(count, columns), p=servers)  # type: ignore[arg-type]
        for column in range(count):
            free = [0.0] * servers
            for job in sorted(range(jobs), key=lambda k: (ready[k, column], k)):
                start = max(ready[job, column], min(free))
                free[free.index(min(free))] = start + days[job, column]
                assert found.start[jobs + job, column] == start
                assert found.waited[jobs + job, column] == start - ready[job, column]


class TestChoicesAtOneInstant:
    """A ``Without`` and the servers of pools: by ready time, then by the order of nodes."""

    def test_an_event_that_only_waits_for_its_turn_is_still_in_time(self) -> None:
        nodes = {"d": at(5), "e": work("d", days=0, pool="p"), "late": Without("e", "d")}
        assert fired(nodes, p=1) == {"d": 5.0, "e": 5.0, "late": inf}

    def test_an_event_that_waits_for_a_server_freed_at_the_deadline_is_still_in_time(self) -> None:
        nodes = {
            "first": work(days=5, pool="p"),
            "e": work(days=0, pool="p"),
            "d": at(5),
            "late": Without("e", "d"),
        }
        assert fired(nodes, p=1)["late"] == inf

    def test_a_deadline_that_passes_gives_its_followers_their_place_in_the_queue(self) -> None:
        nodes = {
            "d": at(5),
            "n": at(inf),
            "late": Without("n", "d"),
            "switch": work("late", days=2, pool="p"),
            "other": work("d", days=2, pool="p"),
        }
        found = fired(nodes, p=1)
        assert (found["switch"], found["other"]) == (7.0, 9.0)

    def test_what_is_ready_earlier_is_chosen_first_across_pools(self) -> None:
        nodes = {
            "busy": work(days=5, pool="q"),
            "d": at(5),
            "mine": work("d", days=2, pool="p"),
            "early": work(days=0, pool="q"),
            "more": work("early", days=3, pool="p"),
        }
        found = fired(nodes, p=1, q=1)
        assert found["early"] == 5.0
        assert (found["mine"], found["more"]) == (7.0, 10.0)


class TestUnless:
    @pytest.mark.parametrize(("cancel", "expected"), [(3.9, inf), (4.0, 6.0), (5.0, 6.0), (inf, 6.0)])
    def test_work_is_cancelled_strictly_before_it_starts(self, cancel: float, expected: float) -> None:
        nodes = {"c": at(cancel), "a": at(4), "b": work("a", days=2, unless="c")}
        found = times(nodes)
        assert found.of("b")[0] == expected
        assert found.ready[2, 0] == 4.0
        assert found.start[2, 0] == (inf if expected == inf else 4.0)

    @pytest.mark.parametrize(("cancel", "expected"), [(1.0, inf), (6.9, inf), (7.0, 9.0), (8.0, 9.0)])
    def test_a_request_leaves_the_queue(self, cancel: float, expected: float) -> None:
        nodes = {
            "c": at(cancel),
            "busy": work(days=7, pool="p"),
            "x": work(days=2, pool="p", unless="c"),
            "y": work(days=1, pool="p"),
        }
        found = times(nodes, p=1)
        assert found.of("x")[0] == expected
        assert found.waited[2, 0] == (0.0 if expected == inf else 7.0)
        assert found.of("y")[0] == (8.0 if expected == inf else 10.0)

    def test_a_cancelled_request_gives_back_one_server_and_no_more(self) -> None:
        nodes = {
            "c": at(1),
            "busy": work(days=7, pool="p"),
            "x": work(days=2, pool="p", unless="c"),
            "y": work(days=2, pool="p"),
            "z": work(days=2, pool="p"),
        }
        found = fired(nodes, p=1)
        assert (found["y"], found["z"]) == (9.0, 11.0)

    @pytest.mark.parametrize(("cancel", "waited"), [(9.0, 0.0), (HORIZON + 1, inf)])
    def test_behind_a_server_that_is_never_free_the_cancelled_do_not_wait(
        self, cancel: float, waited: float
    ) -> None:
        nodes = {"c": at(cancel), "busy": work(days=inf, pool="p"), "x": work(days=2, pool="p", unless="c")}
        assert times(nodes, p=1).waited[2, 0] == waited

    def test_attempts_stop_between_trials(self) -> None:
        nodes = {"c": at(12), "a": attempts(lucks=(0.9, 0.1), unless="c"), "ok": Outcome("a")}
        found = times(nodes)
        assert (found.start[1, 0], found.trials[1, 0], found.of("ok")[0]) == (0.0, 1, inf)


class TestAttempts:
    @pytest.mark.parametrize(
        ("lucks", "fire", "trials", "approved"),
        [
            ((0.1,), 10, 1, True),
            ((0.5,), 10, 1, False),
            ((0.7,), inf, 1, None),
            ((0.9, 0.4), 25, 2, True),
            ((0.9, 0.9, 0.6), 40, 3, False),
            ((0.9, 0.9, 0.9), inf, 3, None),
        ],
    )
    def test_repeat_until_decided(
        self, lucks: tuple[float, ...], fire: float, trials: int, approved: bool | None
    ) -> None:
        found = times({"a": attempts(lucks=lucks), "yes": Outcome("a"), "no": Outcome("a", approved=False)})
        expected = [fire, fire if approved is True else inf, fire if approved is False else inf]
        assert found.fire[:, 0].tolist() == expected
        assert found.trials[:, 0].tolist() == [trials, 0, 0]

    def test_without_denial_the_rest_is_returned(self) -> None:
        assert fired({"a": attempts(lucks=(0.6, 0.4), deny=None)}) == {"a": 25.0}

    @pytest.mark.parametrize(("opens", "expected"), [(10.0, 10.0), (10.5, 25.0)])
    def test_are_judged_by_the_chances_in_force_at_the_decision(self, opens: float, expected: float) -> None:
        chance = Table((0.0, opens), (0.0, 1.0))
        assert fired({"a": attempts(lucks=(0.3, 0.3), approve=chance, deny=None)}) == {"a": expected}

    def test_free_the_desk_while_the_applicant_reworks(self) -> None:
        nodes = {"a": attempts(lucks=(0.9, 0.1), pool="desk"), "b": attempts(lucks=(0.1,), pool="desk")}
        found = times(nodes, desk=1)
        assert found.of("b")[0] == 20.0
        assert found.of("a")[0] == 30.0
        assert found.start[:, 0].tolist() == [0.0, 10.0]
        assert found.waited[:, 0].tolist() == [5.0, 10.0]

    def test_a_trial_that_waits_at_the_horizon_waits_for_ever(self) -> None:
        nodes = {"t": at(12), "a": attempts(lucks=(0.9, 0.1), pool="p"), "b": work("t", days=inf, pool="p")}
        found = times(nodes, p=1)
        assert (found.trials[1, 0], found.waited[1, 0], found.of("a")[0]) == (1, inf, inf)

    def test_work_at_a_rate_and_rework_does_not(self) -> None:
        hold = Table((0.0, 4.0, 20.0), (1.0, 0.0, 1.0))
        assert fired({"a": attempts(lucks=(0.9, 0.1), rate=hold)}) == {"a": 26.0 + 5.0 + 10.0}

    def test_come_back_to_the_end_of_the_queue_at_the_same_instant(self) -> None:
        nodes = {
            "a": attempts(lucks=(0.9, 0.1), days=0, rework=0, pool="p"),
            "b": work(days=3, pool="p"),
        }
        found = times(nodes, p=1)
        assert found.of("a")[0] == 0.0  # ready at the same time as b, and before it in the plan
        assert found.start[1, 0] == 0.0


class TestReplications:
    def test_each_has_its_own_amounts_and_steps(self) -> None:
        law = Exponential(1.0)
        rate = Table((0.0, (1.0, 2.0)), (1.0, (0.5, 4.0)))
        nodes = {
            "a": Work((), Input("x", law), rate=rate),
            "b": Work(("a",), Input("y", law), rate=steady(2)),
        }
        found = times(nodes, values=Given(2, {"x": [2.0, 6.0], "y": [2.0, 4.0]}))
        assert found.fire.tolist() == [[3.0, 3.0], [4.0, 5.0]]

    def test_rows_are_in_plan_order_and_instant_nodes_have_one_time(self) -> None:
        found = times({"z": at(1), "a": All(("z",)), "n": Any(())})
        assert list(found.row) == ["z", "a", "n"]
        assert found.ready.tolist() == found.start.tolist() == found.fire.tolist() == [[1.0], [1.0], [inf]]
        assert not np.isnan(found.waited).any()

    def test_an_empty_plan_has_no_rows(self) -> None:
        assert times({}).fire.shape == (0, 1)


TOLD = Plan(
    {
        "c": at(3),
        "first": work(days=4, pool="p", rate=Table((0.0, 2.0), (1.0, 2.0))),
        "second": attempts(lucks=(0.9, 0.1), pool="p"),
        "third": work(days=1, pool="p", unless="c"),
    },
    HORIZON,
    {"p": 1},
)


class TestEventLog:
    def told(self, node: str) -> list[tuple[float, str, str, int, float]]:
        log = event_log(TOLD, Given())
        return [(r.time, r.what, r.pool, r.trial, r.rate) for r in log if r.node == node]

    def test_tells_each_change_of_rate(self) -> None:
        assert self.told("first") == [
            (0.0, "ready", "", 0, 0.0),
            (0.0, "queue", "p", 0, 0.0),
            (0.0, "start", "p", 0, 0.0),
            (0.0, "rate-change", "", 0, 1.0),
            (2.0, "rate-change", "", 0, 2.0),
            (3.0, "fire", "", 0, 0.0),
        ]

    def test_tells_each_trial(self) -> None:
        assert [entry[:4] for entry in self.told("second")] == [
            (0.0, "ready", "", 0),
            (0.0, "queue", "p", 1),
            (3.0, "start", "p", 1),
            (13.0, "trial-returned", "p", 1),
            (18.0, "queue", "p", 2),
            (18.0, "start", "p", 2),
            (28.0, "fire", "", 0),
        ]

    def test_tells_a_cancelled_order_on_the_day_it_was_cancelled(self) -> None:
        assert [entry[:2] for entry in self.told("third")] == [
            (0.0, "ready"),
            (0.0, "queue"),
            (3.0, "cancelled"),
        ]

    def test_is_in_order_of_time_and_agrees_with_the_times(self) -> None:
        log, found = event_log(TOLD, Given()), run(TOLD, Given())
        assert [record.time for record in log] == sorted(record.time for record in log)
        ends = {record.node: record.time for record in log if record.what == "fire"}
        assert [ends.get(name, inf) for name in TOLD.nodes] == found.fire[:, 0].tolist()

    def test_is_of_the_replication_asked_for(self) -> None:
        plan = Plan({"a": Work((), Input("x", Exponential(1.0)))}, HORIZON)
        log = event_log(plan, Given(3, {"x": [1.0, 2.0, 3.0]}), replication=2)
        assert log[-1].time == 3.0
