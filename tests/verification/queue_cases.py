"""Queues and crews with known waiting times and lengths: what a pool of servers has to get right.

The numbers of A-cases come from a list compiled before the engines were written; where a number is computed
here, its formula is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from sim.chance.amount import Input
from sim.chance.distributions import Exponential
from sim.model.plan import All, Plan

from .judge import (
    Case,
    at,
    exactly,
    fires,
    law,
    mean,
    percentiles,
    present,
    probability,
    starts,
    waited,
    waits,
)
from .networks import FOREVER, jobs, network, queue

done = fires("done")


def queue_cases() -> Iterator[Case]:
    """Yield every case."""
    yield from (_first_customers(), _system_content(), _erlang_c(), _racks())
    yield from (*map(_lots, LOTS), *map(_graham, GRAHAM))


LOTS = ((24, 4, 2.5), (25, 4, 2.5), (7, 7, 3.0), (10, 1, 1 / 3))
"""Lots, crews, days for each."""

GRAHAM = {3: 12.0, 4: 15.0}
"""Machines to the published length of Graham's nine tasks: a fourth machine makes it longer."""


def _first_customers() -> Case:
    plan = Plan(queue(25, between=1.0, service=0.9, dated=True), FOREVER, {"servers": 1})
    known = (
        mean("mean delay of the first 25", 2.1244893465319628, waited(range(1, 26))),
        mean("mean delay of customer 25", 3.300508621025749, waited([25])),
        probability("P(customer 2 waits)", 0.9 / 1.9, waits([2])),
    )
    return Case("A26", "M/M/1 from empty, rho = 0.9", plan, known, size=2_000)


def _system_content() -> Case:
    """M/M/3 with arrivals 10 and services 12 per hour, two hours from empty: 16 relaxation times."""
    plan = Plan(queue(50, between=1 / 10, service=1 / 12), 2.0, {"servers": 3})
    stationary = (0.43213296399, 0.36011080332, 0.15004616805, 0.04167949113, 0.01157763642, 0.00321601012)
    known = tuple(
        probability(f"P({n} present)", p, at(present(50, 2.0), n)) for n, p in enumerate(stationary)
    )
    return Case("A24", "M/M/3, number in system", plan, known, size=800)


def _erlang_c() -> Case:
    """M/M/5 with an arrival every 4 minutes and 10 minutes of service, customers 61 to 70.

    The first 60 bring it within exp(-10) of the stationary state, of which Erlang C says how many wait.
    """
    plan = Plan(queue(70, between=4.0, service=10.0), FOREVER, {"servers": 5})
    known = (
        mean("P(wait)", 0.1303712974551523, waits(range(61, 71))),
        mean("mean wait", 0.5214851898206092, waited(range(61, 71))),
    )
    return Case("A22", "M/M/5, Erlang C", plan, known, size=800)


def _racks() -> Case:
    racks = jobs([Input(f"rack {k}", Exponential(2.0)) for k in range(24)], pool="crews")
    known = law(
        done,
        moments=(14.166666666666666, 3.270236145058095),
        quantiles=percentiles(10.292784040341447, 13.833999117048291, 16.710931648127783, 18.44473119073843),
        cumulated={12: 0.2662960636987761, 15: 0.6403875328421229, 18: 0.8796067688433036},
    )
    plan = Plan({**racks, "done": All(tuple(racks))}, FOREVER, {"crews": 4})
    return Case("A29", "24 racks, 4 crews", plan, tuple(known), size=2_000)


def _lots(case: tuple[int, int, float]) -> Case:
    lots, crews, days = case
    nodes = jobs([days] * lots, pool="crews")
    plan = Plan({**nodes, "done": All(tuple(nodes))}, FOREVER, {"crews": crews})
    known = (exactly("ceil(lots / crews) * days", ceil(lots / crews) * days, done),)
    return Case(f"{lots} lots, {crews} crews", "lots of constant time", plan, known, size=1)


def _graham(machines: int) -> Case:
    days = dict(zip("123456789", (3, 2, 2, 2, 4, 4, 4, 4, 9), strict=True))
    tasks = network(days, {"9": "1", **dict.fromkeys("5678", "4")}, pool="machines")
    plan = Plan({**tasks, "done": All(tuple(tasks))}, FOREVER, {"machines": machines})
    published = (
        {"1": 0, "2": 0, "3": 0, "4": 2, "5": 4, "6": 4, "7": 8, "8": 8, "9": 3} if machines == 3 else {}
    )
    known = (
        exactly("length", GRAHAM[machines], done),
        *(exactly(f"start of {task}", day, starts(task)) for task, day in published.items()),
    )
    return Case(f"A32 m={machines}", "Graham's anomaly", plan, known, size=1)
