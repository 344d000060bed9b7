"""Queues, crews and lines with known waiting times and lengths: what a pool of servers has to get right.

Queues in the steady state begin in it: the customers (or the work) present at the start follow the stationary
law, and stay so only if the engine moves the queue as the theory does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, factorial

import numpy as np

from sim import Plan
from sim.chance.amount import Amount, Constant, Input, choose, less
from sim.chance.distributions import Distribution, Exponential, Fixed, Gamma, Lognormal, Uniform
from sim.chance.ramps import MONTH, Ramp
from sim.model.plan import All, At, Node, Work

from .judge import Case, Expectation, Sample, exactly, mean, probability, up_to
from .networks import FOREVER, customers, jobs, network, queue
from .published import cases, known_law, number
from .samples import Window, at, fires, present, starts, waited, waits

done = fires("done")


def queue_cases() -> Iterator[Case]:
    """Yield every case."""
    yield from (*map(_stationary, STATIONS), _system_content(), *map(_general_service, SERVICES))
    yield from (_first_customers(), _filling(), *map(_repair, (1, 2)), _racks(), _ramp())
    yield from (*map(_lots, LOTS), *map(_graham, (3, 4)))


# Queues in the steady state


@dataclass(frozen=True)
class Station:
    """Poisson arrivals at some servers; all is looked at about two services after the start."""

    case: str
    servers: int
    between: float
    service: float
    moment: float
    arrivals: int
    at_start: int

    def states(self) -> list[float]:
        """Return the stationary probabilities of 0, 1, 2 … customers."""
        load = self.service / self.between
        weights = [
            load**n / (factorial(min(n, self.servers)) * self.servers ** max(n - self.servers, 0))
            for n in range(self.at_start + 200)
        ]
        return [weight / sum(weights) for weight in weights[: self.at_start + 1]]


STATIONS = (
    Station("A21", 1, 1 / 0.8, 1.0, moment=3.0, arrivals=20, at_start=85),
    Station("A22", 5, 4.0, 10.0, moment=20.0, arrivals=25, at_start=30),
    Station("A23", 10, 0.5, 3.0, moment=4.0, arrivals=30, at_start=40),
)
"""More arrivals until the moment, or more customers at the start, have a chance below 1e-8."""


def _stationary(station: Station) -> Case:
    """Return a case whose queue begins with as many customers as the stationary law gives it."""
    states, crowd = station.states(), Input("crowd", Uniform(0.0, 1.0))
    nodes: dict[str, Node] = {}
    for k in range(1, station.at_start + 1):
        is_there = less(crowd, 1.0 - sum(states[:k]))
        nodes[f"first {k}"] = At(choose(is_there, 0.0, np.inf))
        need = Input(f"first service {k}", Exponential(station.service))
        nodes[f"first service {k}"] = Work((f"first {k}",), need, pool="servers")
    nodes |= queue(station.arrivals, between=station.between, service=station.service)
    everyone = [(f"first {k}", f"first service {k}") for k in range(1, station.at_start + 1)]
    there = present([*everyone, *customers(station.arrivals)], station.moment)
    plan = Plan(nodes, FOREVER, {"servers": station.servers})
    source = "Erlang C; begins in the stationary state."
    known = tuple(_station_numbers(station, there))
    return Case(station.case, f"M/M/{station.servers}", source, plan, known, size=400)


def _station_numbers(station: Station, there: Sample) -> Iterator[Expectation]:
    case, servers = station.case, float(station.servers)
    come = Window(customers(station.arrivals), station.moment, station.moment / station.between)
    yield mean("share of servers at work", number(case, "rho"), _of(there, 0.0, servers, servers))
    yield mean("P(wait)", number(case, "Pwait"), come.waits)
    yield mean("mean wait", number(case, "Wq"), come.waited)
    yield mean("mean stay", number(case, "W"), come.stayed)
    yield mean("mean number present", number(case, "L"), there)
    yield mean("mean number waiting", number(case, "Lq"), _of(there, servers, np.inf))
    if (key := "P(wait in system > 5)") in cases()[case]:
        yield mean("P(stay > 5)", number(case, key), come.stayed_longer(5.0))


def _of(there: Sample, low: float, high: float, unit: float = 1.0) -> Sample:
    """Sample how many of those present come after the first ``low`` and not after ``high``."""
    return lambda times: (np.clip(there(times), low, high) - low) / unit


def _system_content() -> Case:
    """M/M/3 with arrivals 10 and services 12 per hour, two hours from empty: 16 relaxation times."""
    plan = Plan(queue(50, between=1 / 10, service=1 / 12), 2.0, {"servers": 3})
    there = present(customers(50), 2.0)
    stationary: list[float] = cases()["A24"]["p0..p6"]
    known = tuple(probability(f"P({n} present)", p, at(there, n)) for n, p in enumerate(stationary))
    return Case("A24", "M/M/3", "Erlang; two hours from empty.", plan, known, size=400)


SQUARED_SIGMA = float(np.log(1.0 + 1.5**2))
"""Of the lognormal law with mean 1 and coefficient of variation 1.5."""

SERVICES: dict[str, tuple[Distribution, Distribution]] = {
    "exponential": (Exponential(1.0), Gamma(2.0, 1.0)),
    "deterministic": (Fixed(1.0), Fixed(1.0)),
    "Erlang-4": (Gamma(4.0, 0.25), Gamma(5.0, 0.25)),
    "lognormal cv=1.5": (
        Lognormal(float(np.exp(-SQUARED_SIGMA / 2)), float(np.sqrt(SQUARED_SIGMA))),
        Lognormal(float(np.exp(SQUARED_SIGMA / 2)), float(np.sqrt(SQUARED_SIGMA))),
    ),
}
"""Laws of the service to that of the service under way when somebody looks in (weighted by its length)."""

LOAD, DEPTH = 0.7, 30


def _general_service(name: str) -> Case:
    """M/G/1 that begins with the stationary work: a geometric number of services cut at a random place."""
    service, under_way = SERVICES[name]
    crowd = Input("crowd", Uniform(0.0, 1.0))
    parts: list[Amount] = [
        choose(
            less(crowd, LOAD**k),
            Input(f"cut {k}", Uniform(0.0, 1.0)) * Input(f"service -{k}", under_way),
            0.0,
        )
        for k in range(1, DEPTH + 1)
    ]
    nodes: dict[str, Node] = {"work at the start": Work((), sum(parts[1:], parts[0]), pool="servers")}
    nodes |= queue(24, between=1 / LOAD, service=service)
    come = Window(customers(24), until=10.0, expected=10.0 * LOAD)
    # Beyond the depth there are 2e-5 of the services, each of which adds at most three days.
    known = (Expectation("mean wait", number("A25", f"Wq {name}"), come.waited, None, 1e-4),)
    plan = Plan(nodes, FOREVER, {"servers": 1})
    source = "Pollaczek and Khinchine; begins in the stationary state."
    return Case(f"A25 {name}", f"M/G/1, {name} service", source, plan, known, size=800)


# Queues from the start


def _first_customers() -> Case:
    plan = Plan(queue(25, between=1.0, service=0.9, dated=True), FOREVER, {"servers": 1})
    services = [service for _, service in customers(25)]
    first = number("A26", "lambda=1, mean service 0.9: avg delay of first 25")
    known = (
        mean("mean delay of the first 25", first, waited(services)),
        mean("mean delay of customer 25", number("A26", "same, delay of customer 25"), waited(services[24:])),
        probability("P(customer 2 waits)", 0.9 / 1.9, waits(services[1])),
    )
    source = "Exact recursion over the number in the system."
    return Case("A26 delays", "M/M/1 from empty, rho = 0.9", source, plan, known)


def _filling() -> Case:
    plan = Plan(queue(95, between=1.0, service=0.9), 50.0, {"servers": 1})
    known = tuple(
        mean(
            f"mean number present at {moment}",
            number("A26", f"E[number in system at t={moment}]"),
            present(customers(95), moment),
        )
        for moment in (10, 50)
    )
    source = "Exponential of the generator."
    return Case("A26 content", "M/M/1 from empty, rho = 0.9", source, plan, known, size=400)


RUNS = 26
"""Runs of a machine that are enough for six days, but for a chance of 1e-9."""


def _repair(repairers: int) -> Case:
    """Two machines that run a day and are repaired in half a day on average, six days from new."""
    nodes: dict[str, Node] = {}
    for machine in ("a", "b"):
        for k in range(RUNS):
            before = (f"{machine} repaired {k - 1}",) if k else ()
            runs, repair = (
                Input(f"{machine} run {k}", Exponential(1.0)),
                Input(f"{machine} {k}", Exponential(0.5)),
            )
            nodes[f"{machine} fails {k}"] = Work(before, runs)
            nodes[f"{machine} repaired {k}"] = Work((f"{machine} fails {k}",), repair, pool="repairers")
    down = present([(f"{m} fails {k}", f"{m} repaired {k}") for m in ("a", "b") for k in range(RUNS)], 6.0)
    key = f"{repairers} repairer(s): long-run proportion of up time"
    known = [mean("share of machines that run", number("A28", key), lambda times: 1.0 - down(times) / 2)]
    if repairers == 1:
        found = (key for key in cases()["A28"] if "gets the repairer at once" in key)
        waiting = 1.0 - number("A28", next(found))
        known.append(probability("P(failure 9 waits)", waiting, waits("a repaired 8")))
    plan = Plan(nodes, FOREVER, {"repairers": repairers})
    source = "Machine repair as in Matloff's MachRep; stationary states of a birth-death chain."
    return Case(
        f"A28 c={repairers}",
        "two machines under repair",
        source,
        plan,
        tuple(known),
        size=400,
        fast_size=1_000,
    )


# Crews, lines, machines


def _racks() -> Case:
    racks = jobs([Input(f"rack {k}", Exponential(2.0)) for k in range(24)], pool="crews")
    plan = Plan({**racks, "done": All(tuple(racks))}, FOREVER, {"crews": 4})
    source = "Closed form: a sum of exponentials."
    return Case("A29", "24 racks, 4 crews", source, plan, tuple(known_law("A29", done)))


YEAR = 12 * MONTH
"""A month of case A30 lasts a year here: a ramp is exact at the end of every month, of which it has 12."""


def _ramp() -> Case:
    """A line that makes 20 units a month, 100 from month 10 on: 300 units for others, then 200 of ours."""
    rate = Ramp("line", ((0.0, 20 / YEAR), (10 * YEAR, 100 / YEAR)))
    nodes: dict[str, Node] = {}
    for name, units in {"others": 300.0, "ours": 200.0}.items():
        nodes[name] = Work((), Input(name, Gamma(units, 1.0)), rate=rate, pool="line")
        nodes[f"fluid {name}"] = Work((), Constant(units), rate=rate, pool="fluid line")
    months: Sample = lambda times: times.of("ours") / YEAR  # noqa: E731
    fluid: Sample = lambda times: times.of("fluid ours") / YEAR  # noqa: E731
    known = (
        mean("mean", number("A30", "mean"), months),
        *known_law("A30", months, what=""),
        probability("P(T <= 8)", number("A30", "P(complete by month 8)"), up_to(months, 8.0)),
        exactly("fluid", number("A30", "fluid (deterministic rate) time"), fluid, reference_error=1e-4),
    )
    plan = Plan(nodes, 30 * YEAR, {"line": 1, "fluid line": 1})
    source = "The 500th event of a Poisson process whose rate rises: a gamma law in cumulated output."
    return Case("A30", "production ramp with orders ahead", source, plan, known, size=600)


LOTS = ((24, 4, 2.5), (25, 4, 2.5), (7, 7, 3.0), (10, 1, 1 / 3))
"""Lots, crews, days for each."""


def _lots(case: tuple[int, int, float]) -> Case:
    lots, crews, days = case
    nodes = jobs([days] * lots, pool="crews")
    plan = Plan({**nodes, "done": All(tuple(nodes))}, FOREVER, {"crews": crews})
    known = (exactly("ceil(lots / crews) * days", ceil(lots / crews) * days, done),)
    return Case(
        f"{lots} lots, {crews} crews", "lots of constant time", "Counted.", plan, known, size=1, fast_size=1
    )


def _graham(machines: int) -> Case:
    days = dict(zip("123456789", (3, 2, 2, 2, 4, 4, 4, 4, 9), strict=True))
    tasks = network(days, {"9": "1", **dict.fromkeys("5678", "4")}, pool="machines")
    plan = Plan({**tasks, "done": All(tuple(tasks))}, FOREVER, {"machines": machines})
    listed = {key: found for key, found in cases()["A32"].items() if key.startswith(f"{machines} machines")}
    length = next(found for key, found in listed.items() if "published" in key)
    published: dict[str, float] = listed.get(f"{machines} machines: start times", {})
    known = (
        exactly("length", length, done),
        *(exactly(f"start of {task}", day, starts(task)) for task, day in published.items()),
    )
    title = "Graham's anomaly: a fourth machine makes it longer"
    source = "Graham, SIAM Journal on Applied Mathematics 17 (1969)."
    return Case(f"A32 m={machines}", title, source, plan, known, size=1, fast_size=1)
