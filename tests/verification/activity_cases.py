"""Activity networks with known completion laws: textbook examples, then sums, maxima and minima of durations.

The numbers of A-cases come from a list compiled before the engines were written. Times are in each case's own
unit (weeks, days, months).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import asin, pi, sqrt

from sim.chance.amount import Amount, Input
from sim.chance.distributions import Discrete, Distribution, Exponential, Normal, Pert, Triangular
from sim.model.plan import All, Any, Plan, Work

from .judge import Case, after, at, both, exactly, fires, law, mean, percentiles, probability
from .networks import FOREVER, chain, duration, lognormal, network

done = fires("done")


def activity_cases() -> Iterator[Case]:
    """Yield every case."""
    yield from (_critical_path(), _pert(), _triangular(), _house(), _two_discrete(), _bridge(), _thirteen())
    yield from (_elementary(), *map(_correlated, CLARK), *map(_deliveries, DELIVERIES))


# Activity networks

RELIABLE_AFTER = {
    "B": "A", "C": "B", "D": "C", "E": "C", "F": "E", "G": "D", "H": "E G", "I": "C", "J": "F I", "K": "J",
    "L": "J", "M": "H", "N": "K L",
}  # fmt: skip
"""Predecessors in the network of the Reliable Construction Co. (Hillier and Lieberman)."""

RELIABLE_WEEKS = dict(zip("ABCDEFGHIJKLMN", (2, 4, 10, 6, 4, 5, 7, 9, 7, 8, 4, 5, 2, 6), strict=True))

RELIABLE_ESTIMATES = {
    "A": (1, 2, 3), "B": (2, 3.5, 8), "C": (6, 9, 18), "D": (4, 5.5, 10), "E": (1, 4.5, 5), "F": (4, 4, 10),
    "G": (5, 6.5, 11), "H": (5, 8, 17), "I": (3, 7.5, 9), "J": (3, 9, 9), "K": (4, 4, 4), "L": (1, 5.5, 7),
    "M": (1, 2, 3), "N": (5, 5.5, 9),
}  # fmt: skip
"""Lowest, likeliest and highest weeks."""

HOUSE_ESTIMATES = ((3, 4, 6), (1, 1, 2), (3, 5, 6), (1, 1, 2), (2, 3, 4), (2, 3, 4), (2, 3, 5))
"""Lowest, likeliest and highest days of the house in the Schedule Assessment Guide of the GAO, table 2."""


def reliable(weeks: Mapping[str, Amount | float]) -> Plan:
    """Return the plan of the Reliable Construction Co. for some durations."""
    return Plan({**network(weeks, RELIABLE_AFTER), "done": All(("M", "N"))}, FOREVER)


def _critical_path() -> Case:
    return Case("A01", "critical path", reliable(RELIABLE_WEEKS), (exactly("weeks", 44.0, done),), size=1)


def _pert() -> Case:
    weeks = {name: duration(name, Pert, *points) for name, points in RELIABLE_ESTIMATES.items()}
    known = law(
        done,
        moments=(44.32650517522315, 2.933532420855596),
        quantiles=percentiles(40.63392716576394, 44.19628028711458, 46.80910600027082, 48.212818437320955),
        cumulated={40: 0.06258398580, 44: 0.47382226096, 47: 0.81636897314, 50: 0.96747454531},
        reference_error=1e-4,
    )
    return Case("A03", "PERT network", reliable(weeks), tuple(known))


def _triangular() -> Case:
    weeks = {name: duration(name, Triangular, *points) for name, points in RELIABLE_ESTIMATES.items()}
    known = law(
        done,
        moments=(46.23347335787857, 3.6925467615576744),
        quantiles=percentiles(41.55977770000396, 46.08949785231007, 49.38110322817854, 51.1266416988918),
        cumulated={40: 0.03801495211, 44: 0.28540614486, 47: 0.59375060610, 50: 0.84068325776},
        reference_error=1e-4,
    )
    return Case("A04", "triangular network", reliable(weeks), tuple(known))


def _house() -> Case:
    days = {f"s{k}": duration(f"s{k}", Triangular, *points) for k, points in enumerate(HOUSE_ESTIMATES)}
    serial = {**chain(days), "serial": All(tuple(days))}
    parallel = {f"p{k}": Work((), duration(f"p{k}", Triangular, *p)) for k, p in enumerate(HOUSE_ESTIMATES)}
    nodes = {**serial, **parallel, "parallel": All(tuple(parallel))}
    known = law(
        fires("serial"),
        "serial ",
        moments=(20.999999333333342, 1.269296611863728),
        quantiles=percentiles(19.368670535466972, 20.989923160236955, 22.078108492138565, 22.645057151168984),
        cumulated={20: 0.2189868437350097, 24: 0.9908996162778836},
        reference_error=1e-4,
    )
    side_by_side = law(
        fires("parallel"),
        "parallel ",
        moments=(4.896686775158997, 0.5029644742922571),
        quantiles=percentiles(4.204248648625237, 4.927416500916915, 5.352266945581647, 5.54761420134265),
        reference_error=1e-4,
    )
    return Case("A05", "seven house activities", Plan(nodes, FOREVER), (*known, *side_by_side))


def _two_discrete() -> Case:
    days = {
        "A1": Input("A1", Discrete((7, 10), (1, 1))),
        "A2": Input("A2", Discrete((9, 13), (1, 1))),
        "tail": 4.0,
    }
    nodes = {**network(days, {"tail": "A1 A2"}), "done": All(("tail",))}
    known = (
        mean("mean", 15.25, done),
        *(probability(f"P(T = {t})", p, at(done, t)) for t, p in {13: 0.25, 14: 0.25, 17: 0.5}.items()),
    )
    return Case("A06", "merge of two discrete durations", Plan(nodes, FOREVER), known)


def _bridge() -> Case:
    days = {name: Input(name, Exponential(1.0)) for name in "abcde"}
    nodes = {**network(days, {"c": "a", "d": "a", "e": "b c"}), "done": All(("d", "e"))}
    known = law(
        done,
        moments=(3.4583333333333237, 1.699162375341875),
        quantiles=percentiles(1.5781611842882068, 3.1611665472279595, 4.714519674851987, 5.721887465975188),
        cumulated={2: 0.19263535941913112, 3: 0.45852173100834487, 5: 0.8346702930063921},
    )
    longest = (
        probability("P(ace is longest)", 7 / 12, both(after("e", "d"), after("c", "b"))),
        probability("P(ad is longest)", 5 / 24, after("d", "e")),
        probability("P(be is longest)", 5 / 24, both(after("e", "d"), after("b", "c"))),
    )
    return Case("A11", "Wheatstone bridge", Plan(nodes, FOREVER), (*known, *longest))


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
    nodes = {**network(days, links), "done": All(("V11", "V13"))}
    known = law(
        done,
        moments=(64.00902093534997, 21.69358658707328),
        quantiles={
            **percentiles(40.76473116690195, 59.98250849623212, 79.22784994095974, 92.26033925705522),
            0.99: 133.98790970346306,
        },
        cumulated={
            40: 0.08878870464743621,
            77: 0.775744665893933,
            120: 0.9783110086827536,
            150: 0.9958615646243099,
        },
        reference_error=1e-4,
    )
    return Case("A12", "13-activity network of Elmaghraby", Plan(nodes, FOREVER), tuple(known))


# Sums, maxima, minima

CLARK = {
    0.0: (31.678082338313168, 3.636532539227055, 0.6226117867064478, 0.6506730138308405),
    0.5: (30.999583949551372, 3.9978752675173372, 0.6687397082299713, 0.6947231599430564),
    0.9: (30.22687371031371, 4.143030420090272, 0.8144533152386513, 0.7513838216889385),
}
"""Correlation to mean and sd of the later of two normal paths, P(path 1 is the later), P(later <= 33)."""

DELIVERIES = {
    1: (6.307942495450629, 6.0, 7.83058118886479, 0.9),
    3: (8.068759035731786, 7.775545838632031, 9.532922808575474, 0.729),
    8: (9.595564033085846, 9.300023138654787, 11.010260604788886, 0.43046721),
}
"""Number of lognormal deliveries to mean, P50 and P80 of the last, P(last <= 9)."""


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
    erlang = law(
        fires("s4"),
        "sum of 4: ",
        moments=(12.0, 6.0),
        quantiles=percentiles(5.234308688474734, 11.016182246552692, 16.545137145454664, 20.042349204767596),
    )
    known = (
        mean("mean of max of 2", 3.0, fires("max 2"), sd=sqrt(5.0)),
        *law(fires("max 5"), "max of 5: ", moments=(4.566666666666666, 2.419595925861268)),
        mean("mean of max of 10", 5.8579365079365076, fires("max 10")),
        *erlang,
        probability("P(mean 6 after mean 4)", 0.6, after("y1", "y2")),
        mean("mean of max(6, 4)", 7.6, fires("max")),
        *law(fires("min"), "min(6, 4): ", moments=(2.4, 2.4)),
    )
    return Case("A13", "elementary laws", Plan(nodes, FOREVER), known)


def _correlated(pearson: float) -> Case:
    center, sd, first_later, by_33 = CLARK[pearson]
    paths = {"one": Input("one", Normal(30.0, 4.0)), "two": Input("two", Normal(28.0, 5.0))}
    spearman = 6 / pi * asin(pearson / 2)
    pairs = {("one", "two"): spearman} if pearson else {}
    plan = Plan({**network(paths), "done": All(tuple(paths))}, FOREVER, correlations=pairs)
    known = (
        *law(done, moments=(center, sd), cumulated={33: by_33}),
        probability("P(path 1 is critical)", first_later, after("one", "two")),
    )
    return Case(f"A14 rho={pearson}", "correlated paths (Clark 1961)", plan, known)


def _deliveries(count: int) -> Case:
    center, p50, p80, by_9 = DELIVERIES[count]
    lots = {f"lot {k}": Input(f"lot {k}", lognormal(4.0, 9.0)) for k in range(count)}
    plan = Plan({**network(lots), "done": All(tuple(lots))}, FOREVER)
    known = (mean("mean", center, done), *law(done, quantiles={0.5: p50, 0.8: p80}, cumulated={9: by_9}))
    return Case(f"A15 n={count}", "last of n lognormal deliveries", plan, known)
