"""What holds in any plan: nothing early, nothing after the horizon, fair pools, ledgers that add up.

Pools are judged by the event log of SimPy, which knows each trial of an attempt; that the array engine finds
the same times is the business of ``test_engines_agree``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, given, settings
from plans import GivenDraws, plans_and_draws

from sim.engine import array_engine
from sim.engine.bind import bind
from sim.engine.event_log import Record
from sim.engine.simpy_engine import event_log
from sim.model.plan import All, Any, Attempts, Outcome, Plan, Reach, Within, Without, Work
from sim.results.ledger import ledger

some = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

PlanAndDraws = tuple[Plan, GivenDraws]


@some
@given(plans_and_draws())
def test_no_stage_is_ready_before_what_it_waits_for_nor_fires_before_it_starts(case: PlanAndDraws) -> None:
    plan, draws = case
    times = array_engine.run(plan, draws)
    for name, node in plan.nodes.items():
        row = times.row[name]
        ready, start, fire = times.ready[row], times.start[row], times.fire[row]
        assert ((ready >= 0.0) & (ready <= start) & (start <= fire)).all()
        assert (np.isinf(fire) | (fire <= plan.horizon)).all()
        if isinstance(node, Work | Attempts | All) and node.after:
            assert (ready == np.max([times.of(other) for other in node.after], axis=0)).all()
        if isinstance(node, Any | Reach) and node.after:
            first = np.min([times.of(other) for other in node.after], axis=0)
            assert (fire == first if isinstance(node, Any) else (fire >= first) | (fire == 0.0)).all()
        if isinstance(node, Outcome | Within):
            event = times.of(node.attempts if isinstance(node, Outcome) else node.event)
            assert ((fire == event) | np.isinf(fire)).all()
        if isinstance(node, Without):
            assert ((fire == times.of(node.deadline)) | np.isinf(fire)).all()


@some
@given(plans_and_draws())
def test_work_without_a_rate_takes_its_days_and_waits_for_nothing_but_its_pool(case: PlanAndDraws) -> None:
    plan, draws = case
    times, bound = array_engine.run(plan, draws), bind(plan, draws)
    for name, node in plan.nodes.items():
        if isinstance(node, Work):
            row = times.row[name]
            begun, fired = np.isfinite(times.start[row]), np.isfinite(times.of(name))
            waited = times.start[row] - np.where(begun, times.ready[row], 0.0)
            assert (waited[begun] == times.waited[row][begun]).all()
            assert node.pool is not None or (waited[begun] == 0.0).all()
            if node.rate is None:
                (days,) = bound.columns(name)
                assert (times.of(name)[fired] - times.start[row][fired] == days[fired]).all()


@dataclass(frozen=True)
class Request:
    """One request of a pool: when it came, when it was served, when the server was free again (or never)."""

    come: float
    order: int
    start: float
    end: float
    cancelled: bool


@some
@given(plans_and_draws(crowded=True))
def test_pools_never_exceed_their_servers_and_serve_in_order(case: PlanAndDraws) -> None:
    check_pools(*case)


@some
@given(plans_and_draws())
def test_pools_with_cancelled_requests_are_fair_too(case: PlanAndDraws) -> None:
    check_pools(*case)


def check_pools(plan: Plan, draws: GivenDraws) -> None:
    log = event_log(plan, draws, replication=draws.count - 1)
    for pool, servers in plan.pools.items():
        requests = list(requests_of(plan, log, pool))
        moments = sorted({moment for request in requests for moment in (request.come, request.start)})
        busy = {
            day: sum(each.start <= day < each.end for each in requests) for day in moments if day < np.inf
        }
        assert max(busy.values(), default=0) <= servers
        for request in requests:
            if not request.cancelled:  # nobody waits while a server is free
                assert all(busy[day] == servers for day in busy if request.come <= day < request.start)
        served = sorted(
            (each for each in requests if not each.cancelled), key=lambda each: (each.come, each.order)
        )
        starts = [request.start for request in served]
        assert starts == sorted(starts)


def requests_of(plan: Plan, log: list[Record], pool: str) -> Iterator[Request]:
    """Yield the requests of a pool that a log tells of."""
    order = {name: place for place, name in enumerate(plan.nodes)}
    for record in log:
        if record.what != "queue" or record.pool != pool:
            continue
        mine = [each for each in log if each.node == record.node]
        ends = [each for each in mine if each.what == "trial-returned" and each.trial == record.trial]
        ends = ends or [each for each in mine if each.what == "fire" and each.time >= record.time]
        starts = [each for each in mine if each.what == "start" and each.trial == record.trial]
        cancelled = any(each.what == "cancelled" and each.trial == record.trial for each in mine)
        yield Request(
            record.time,
            order[record.node],
            starts[0].time if starts else np.inf,
            ends[0].time if starts and ends else np.inf,
            cancelled,
        )


@some
@given(plans_and_draws())
def test_the_ledger_of_every_node_adds_up_to_its_time_without_a_remainder(case: PlanAndDraws) -> None:
    plan, draws = case
    times, bound = array_engine.run(plan, draws), bind(plan, draws)
    for name in list(plan.nodes)[-3:]:
        found = ledger(bound, times, name)
        fired = np.where(np.isfinite(times.of(name)), times.of(name), 0.0)
        total = sum(found.days.values(), np.zeros(draws.count))
        assert total.tolist() == fired.tolist()
        for binding in found.binding.values():
            assert not binding[np.isinf(times.of(name))].any()


@some
@given(plans_and_draws())
def test_a_node_more_at_the_end_changes_no_other(case: PlanAndDraws) -> None:
    plan, draws = case
    last = list(plan.nodes)[-1]
    longer = Plan({**plan.nodes, "one more": All((last,))}, plan.horizon, plan.pools)
    before, after = array_engine.run(plan, draws), array_engine.run(longer, draws)
    np.testing.assert_array_equal(after.fire[:-1], before.fire)
    np.testing.assert_array_equal(after.of("one more"), before.of(last))
