"""Activity networks with known completion laws: textbook examples, then sums, maxima and minima of durations.

Times are in each case's own unit (weeks, days, months).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import asin, pi, sqrt

from sim import Plan
from sim.chance.amount import Amount, Input
from sim.chance.distributions import Discrete, Distribution, Exponential, Normal, Pert, Triangular
from sim.model.plan import All, Any, Work

from .judge import Case, Sample, exactly, law, mean, probability
from .networks import FOREVER, chain, duration, lognormal, network
from .published import cases, known_law, number
from .samples import after, at, both, fires

LATTICE = 1e-4
"""Error of the references found by convolution on a lattice or by numerical integration."""

RELIABLE = "Hillier and Lieberman, Introduction to Operations Research: Reliable Construction Co."

done = fires("done")


def activity_cases() -> Iterator[Case]:
    """Yield every case."""
    yield from (_critical_path(), _textbook(), _pert(), _triangular(), _house(), _two_discrete())
    yield from (_bridge(), _thirteen(), _elementary(), *map(_correlated, (0.0, 0.5, 0.9)))
    yield from (*map(_deliveries, (1, 3, 8)), _shares(), _rivals())


# Activity networks

RELIABLE_AFTER = {
    "B": "A", "C": "B", "D": "C", "E": "C", "F": "E", "G": "D", "H": "E G", "I": "C", "J": "F I", "K": "J",
    "L": "J", "M": "H", "N": "K L",
}  # fmt: skip
"""Predecessors in the network of the Reliable Construction Co."""

RELIABLE_WEEKS = dict(zip("ABCDEFGHIJKLMN", (2, 4, 10, 6, 4, 5, 7, 9, 7, 8, 4, 5, 2, 6), strict=True))

RELIABLE_ESTIMATES = {
    "A": (1, 2, 3), "B": (2, 3.5, 8), "C": (6, 9, 18), "D": (4, 5.5, 10), "E": (1, 4.5, 5), "F": (4, 4, 10),
    "G": (5, 6.5, 11), "H": (5, 8, 17), "I": (3, 7.5, 9), "J": (3, 9, 9), "K": (4, 4, 4), "L": (1, 5.5, 7),
    "M": (1, 2, 3), "N": (5, 5.5, 9),
}  # fmt: skip
"""Lowest, likeliest and highest weeks."""

HOUSE_ESTIMATES = ((3, 4, 6), (1, 1, 2), (3, 5, 6), (1, 1, 2), (2, 3, 4), (2, 3, 4), (2, 3, 5))
"""Lowest, likeliest and highest days of seven activities."""


def reliable(weeks: Mapping[str, Amount | float]) -> Plan:
    """Return the plan of the Reliable Construction Co. for some durations."""
    return Plan({**network(weeks, RELIABLE_AFTER), "done": All(("M", "N"))}, FOREVER)


def _critical_path() -> Case:
    known = (exactly("weeks", number("A01", "project duration"), done),)
    return Case("A01", "critical path", RELIABLE, reliable(RELIABLE_WEEKS), known, size=1, fast_size=1)


def _textbook() -> Case:
    """The textbook's own approximation: a sum of normals along the critical path of the mean durations."""
    moments = {
        name: ((low + 4 * mode + high) / 6, (high - low) / 6)
        for name, (low, mode, high) in RELIABLE_ESTIMATES.items()
    }
    path = str(cases()["A02"]["critical path"])
    weeks = {name: Input(name, Normal(*moments[name])) for name in path}
    nodes = {**chain(weeks), "done": All((path[-1],))}
    key = "PERT {} of critical path"
    known = law(
        done,
        moments=(number("A02", key.format("mean")), sqrt(number("A02", key.format("variance")))),
        cumulated={47: number("A02", "PERT P(T<=47) = Phi(1)")},
    )
    return Case("A02", "PERT formula as a sum of normals", RELIABLE, Plan(nodes, FOREVER), tuple(known))


def _pert() -> Case:
    weeks = {name: duration(name, Pert, *points) for name, points in RELIABLE_ESTIMATES.items()}
    known = tuple(known_law("A03", done, reference_error=LATTICE))
    source = f"{RELIABLE}; convolution on a lattice, error {LATTICE:g}."
    return Case("A03", "true completion of the PERT network", source, reliable(weeks), known)


def _triangular() -> Case:
    weeks = {name: duration(name, Triangular, *points) for name, points in RELIABLE_ESTIMATES.items()}
    known = tuple(known_law("A04", done, reference_error=LATTICE))
    source = f"{RELIABLE}; convolution on a lattice, error {LATTICE:g}."
    return Case("A04", "the same network with triangular laws", source, reliable(weeks), known)


def _house() -> Case:
    days = {f"s{k}": duration(f"s{k}", Triangular, *points) for k, points in enumerate(HOUSE_ESTIMATES)}
    serial = {**chain(days), "serial": All(tuple(days))}
    parallel = {f"p{k}": Work((), duration(f"p{k}", Triangular, *p)) for k, p in enumerate(HOUSE_ESTIMATES)}
    plan = Plan({**serial, **parallel, "parallel": All(tuple(parallel))}, FOREVER)
    known = [
        expectation
        for way in ("serial", "parallel")
        for expectation in known_law("A05", fires(way), f"{way} ", reference_error=LATTICE)
    ]
    source = f"GAO, Schedule Assessment Guide, table 2; convolution on a lattice, error {LATTICE:g}."
    return Case("A05", "seven house activities", source, plan, tuple(known))


def _two_discrete() -> Case:
    days: dict[str, Amount | float] = {
        "A1": Input("A1", Discrete((7, 10), (1, 1))),
        "A2": Input("A2", Discrete((9, 13), (1, 1))),
        "tail": 4.0,
    }
    nodes = {**network(days, {"tail": "A1 A2"}), "done": All(("tail",))}
    known = (
        mean("mean", number("A06", "expected completion"), done),
        *(probability(f"P(T = {t})", p, at(done, t)) for t, p in {13: 0.25, 14: 0.25, 17: 0.5}.items()),
    )
    return Case("A06", "merge of two discrete durations", "Enumerated.", Plan(nodes, FOREVER), known)


def _bridge() -> Case:
    days = {name: Input(name, Exponential(1.0)) for name in "abcde"}
    nodes = {**network(days, {"c": "a", "d": "a", "e": "b c"}), "done": All(("d", "e"))}
    longest = (
        probability("P(ace is longest)", 7 / 12, both(after("e", "d"), after("c", "b"))),
        probability("P(ad is longest)", 5 / 24, after("d", "e")),
        probability("P(be is longest)", 5 / 24, both(after("e", "d"), after("b", "c"))),
    )
    known = (*known_law("A11", done), *longest)
    return Case("A11", "Wheatstone bridge", "Exact phase-type law.", Plan(nodes, FOREVER), known)


def _thirteen() -> Case:
    normal = {"V1": (13, 3.25), "V2": (5.5, 1.375), "V4": (5.2, 1.3), "V11": (3.2, 0.8), "V12": (3.2, 0.8)}
    exponential = {"V3": 7, "V5": 16.5, "V6": 14.7, "V7": 10.3, "V8": 6, "V9": 4, "V10": 20, "V13": 16.5}
    laws: dict[str, Distribution] = {name: Normal(*moments) for name, moments in normal.items()}
    laws |= {name: Exponential(average) for name, average in exponential.items()}
    links = {
        "V3": "V1", "V4": "V1", "V5": "V1", "V6": "V2 V3", "V7": "V4", "V8": "V4", "V9": "V8", "V10": "V8",
        "V11": "V5 V6 V10", "V12": "V7", "V13": "V9 V12",
    }  # fmt: skip
    days = {f"V{k}": Input(f"V{k}", laws[f"V{k}"]) for k in range(1, 14)}
    plan = Plan({**network(days, links), "done": All(("V11", "V13"))}, FOREVER)
    known = tuple(known_law("A12", done, reference_error=LATTICE))
    source = f"Network of Elmaghraby, laws of L'Ecuyer's SSJ; numerical integration, error {LATTICE:g}."
    return Case("A12", "thirteen activities", source, plan, known)


# Sums, maxima, minima


def _elementary() -> Case:
    ten = {f"x{k}": Input(f"x{k}", Exponential(2.0)) for k in range(1, 11)}
    four = {f"s{k}": Input(f"s{k}", Exponential(3.0)) for k in range(1, 5)}
    pair = {"y1": Input("y1", Exponential(6.0)), "y2": Input("y2", Exponential(4.0))}
    maxima = {f"max {n}": All(tuple(ten)[:n]) for n in (2, 5, 10)}
    nodes = {
        **network(ten),
        **maxima,
        **chain(four),
        **network(pair),
        "max": All(tuple(pair)),
        "min": Any(tuple(pair)),
    }
    average = {n: number("A13", f"E[max of {n} exp(mean 2)] = 2 H_n") for n in (2, 5, 10)}
    known = (
        mean("mean of max of 2", average[2], fires("max 2"), sd=sqrt(5.0)),
        *law(fires("max 5"), "max of 5: ", moments=(average[5], number("A13", "sd[max of 5 exp(mean 2)]"))),
        mean("mean of max of 10", average[10], fires("max 10")),
        *known_law("A13", fires("s4"), "sum of 4 exp(mean 3): ", what="sum of 4: "),
        probability(
            "P(mean 6 after mean 4)",
            number("A13", "P(X1 exp mean 6 finishes after X2 exp mean 4)"),
            after("y1", "y2"),
        ),
        mean("mean of max(6, 4)", number("A13", "E max(exp 6, exp 4)"), fires("max")),
        *law(fires("min"), "min(6, 4): ", moments=(2.4, 2.4)),
    )
    return Case("A13", "elementary laws", "Closed forms.", Plan(nodes, FOREVER), known)


def _correlated(pearson: float) -> Case:
    paths = {"one": Input("one", Normal(30.0, 4.0)), "two": Input("two", Normal(28.0, 5.0))}
    spearman = 6 / pi * asin(pearson / 2)
    pairs = {("one", "two"): spearman} if pearson else {}
    plan = Plan({**network(paths), "done": All(tuple(paths))}, FOREVER, correlations=pairs)
    center, sd, first_later, by_33 = (
        number("A14", f"rho={pearson}: {key}")
        for key in ("E max", "sd max", "P(path 1 critical)", "P(max<=33)")
    )
    known = (
        *law(done, moments=(center, sd), cumulated={33: by_33}),
        probability("P(path 1 is critical)", first_later, after("one", "two")),
    )
    source = "Clark, Operations Research 9 (1961), page 145."
    return Case(f"A14 rho={pearson}", "later of two correlated normal paths", source, plan, known)


def _deliveries(count: int) -> Case:
    lots = {f"lot {k}": Input(f"lot {k}", lognormal(4.0, 9.0)) for k in range(count)}
    plan = Plan({**network(lots), "done": All(tuple(lots))}, FOREVER)
    prefix = f"n={count}: "
    known = (
        mean("mean", number("A15", f"{prefix}mean"), done),
        *known_law("A15", done, prefix, what=""),
    )
    source = "Closed form, mean by integration."
    return Case(f"A15 n={count}", "last of n lognormal deliveries", source, plan, known)


def _shares() -> Case:
    """Three stages one after another: each one's share of the variance is its squared correlation."""
    laws: dict[str, Distribution] = {
        "pert": Pert(2.0, 5.0, 14.0),
        "lognormal": lognormal(4.0, 9.0),
        "triangular": Triangular(1.0, 2.0, 6.0),
    }
    means = dict(zip(laws, (6.0, number("A15", "n=1: mean"), 3.0), strict=True))
    pearson = [number("A62", "Pearson of stage with total = sqrt(share)", place) for place in range(3)]
    total_sd = number("A51", "sd") / pearson[0]
    nodes = chain({name: Input(name, each) for name, each in laws.items()})
    plan = Plan({**nodes, "done": All(tuple(laws))}, FOREVER)
    known = tuple(
        mean(f"correlation of {name} with the total", found, _product(name, means, found * total_sd**2))
        for name, found in zip(laws, pearson, strict=True)
    )
    return Case("A62 chain", "shares of variance in a chain", "Closed form.", plan, known)


def _product(stage: str, means: Mapping[str, float], scale: float) -> Sample:
    """Sample the product of what a stage and the total are off their means, in units of ``scale``."""
    total = sum(means.values())
    return lambda times: (
        (times.of(stage) - times.start[times.row[stage]] - means[stage]) * (times.of("done") - total) / scale
    )


def _rivals() -> Case:
    rivals = {name: Input(name, Exponential(1.0)) for name in ("x", "y")}
    plan = Plan({**network(rivals), "done": All(tuple(rivals))}, FOREVER)
    key = "max(X,Y), X~exp(1),Y~exp(1): P(X critical), E gain from X:=0"
    known = (
        probability("P(X is critical)", number("A62", key, 0), after("x", "y")),
        mean("mean gain from X = 0", number("A62", key, 1), lambda times: times.of("done") - times.of("y")),
    )
    return Case("A62 rivals", "who drives the later of two", "Closed form.", plan, known)
