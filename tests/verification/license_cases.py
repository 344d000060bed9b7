"""Licenses under changing regimes, switches of supplier, dual sourcing, repeated applications.

The numbers of A-cases come from a list compiled before the engines were written; where a number is computed
here, its formula is named. Times are in months.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.linalg import expm, solve

from sim.chance.amount import Constant, Input
from sim.chance.distributions import Exponential, Pert, Uniform
from sim.chance.profiles import Level, Profile
from sim.chance.regimes import ByRegime, RegimeChain
from sim.model.plan import All, Any, Attempts, Node, Outcome, Plan, Work

from .judge import Case, after, fires, if_ever, law, mean, percentiles, probability, trials, up_to
from .networks import lognormal, switch

done = fires("done")

HORIZON = 1_000.0
"""Months; the laws here pass it with a chance below 1e-9."""

SWITCH = {
    0: (9.0, 1.0),
    6: (12.83417036715839, 0.6514390575310556),
    12: (15.33189869755355, 0.42437284567695),
    24: (18.018984566372524, 0.1800923121479524),
}
"""Months of patience to mean completion and P(switch)."""

THREE_REGIMES = {("P", "K"): 0.05, ("K", "P"): 0.04, ("K", "D"): 0.06, ("D", "K"): 0.08}


def license_cases() -> Iterator[Case]:
    """Yield every case."""
    yield from (_two_regimes(), _three_regimes(), _first_passage())
    yield from (*map(_switch_after, SWITCH), _never_switch(), _switch_at_12(), _switch_at_6())
    yield from (_dual_source(), _applications())


def regime(rates: Mapping[tuple[str, str], float], start: str, speeds: Mapping[str, float]) -> Profile:
    """Return the speed of work under a regime chain that starts in a state on day 0."""
    path = RegimeChain("regime", tuple(speeds), ((0.0, start),), rates, horizon=HORIZON)
    return ByRegime("speed", path, speeds)


def license_under_two_regimes() -> Work:
    """Return a license granted at 1/3 per month while open and never while closed; it starts closed."""
    rates = {("closed", "open"): 1 / 9, ("open", "closed"): 1 / 18}
    return Work(
        (), Input("luck", Exponential(1.0)), rate=regime(rates, "closed", {"closed": 0.0, "open": 1 / 3})
    )


def _two_regimes() -> Case:
    known = law(
        fires("license"),
        moments=(13.5, 11.324751652906125),
        quantiles=percentiles(2.9169877397922765, 10.33327326143105, 20.55316628074757, 28.221440640792625),
        cumulated={6: 0.2783223757111306, 12: 0.5684960172608328, 24: 0.8535281875016972},
    )
    return Case(
        "A41",
        "license under two regimes",
        Plan({"license": license_under_two_regimes()}, HORIZON),
        tuple(known),
    )


def _three_regimes() -> Case:
    speed = regime(THREE_REGIMES, "K", {"P": 0.9, "K": 0.35, "D": 0.0})
    stages: dict[str, Node] = {}
    for k in (1, 2, 3):
        before = (f"stage {k - 1}",) if k > 1 else ()
        stages[f"stage {k}"] = Work(before, Input(f"stage {k}", Exponential(1.0)), rate=speed)
    known = law(
        fires("stage 3"),
        moments=(12.933111632062918, 13.855651076787263),
        quantiles=percentiles(2.985715332261075, 8.068234843651352, 18.269578121914947, 29.78391781845235),
        cumulated={6: 0.35223669246070766, 12: 0.6749286162244985, 24: 0.8595311207662036},
    )
    return Case("A42", "three regimes, review in three stages", Plan(stages, HORIZON), tuple(known))


def _first_passage() -> Case:
    """The first day in regime D, from K: phase-type, P(T <= t) = 1 - (1, 0) exp(S t) (1, 1)."""
    arrives = regime(THREE_REGIMES, "K", {"P": 0.0, "K": 0.0, "D": 1e9})
    stay = np.array([[-0.10, 0.04], [0.05, -0.05]])  # K, P; what is missing leads to D
    average = float(solve(-stay, np.ones(2))[0])
    cumulated = {t: 1.0 - float(expm(stay * t)[0].sum()) for t in (3, 12, 48)}
    known = (mean("mean", average, fires("in D")), *law(fires("in D"), cumulated=cumulated))
    plan = Plan({"in D": Work((), Constant(1.0), rate=arrives)}, HORIZON)
    return Case("first passage", "phase-type first passage of a chain of three regimes", plan, known)


def _switch_after(months: int) -> Case:
    average, switched = SWITCH[months]
    nodes = switch(Work((), Input("license", Exponential(14.0))), patience=months, first=6.0, second=9.0)
    atoms = (
        {15: 0.47421197557422, 18: 0.57562715432305, 20.999: 0.57562715432305, 21: 1.0}
        if months == 12
        else {}
    )
    known = (
        mean("mean", average, done),
        probability("P(switch)", switched, up_to(fires("switched"), HORIZON)),
        *law(done, cumulated=atoms),
    )
    return Case(f"A43 N={months}", "switch after N months", Plan(nodes, HORIZON), known)


def _never_switch() -> Case:
    nodes = switch(Work((), Input("license", Exponential(14.0))), patience=np.inf, first=6.0, second=9.0)
    known = law(done, moments=(20.0, 14.0), quantiles={0.5: 15.704060527839234, 0.8: 28.532130774077405})
    return Case("A43 never", "never switch", Plan(nodes, HORIZON), tuple(known))


def switch_under_regime(months: float) -> Plan:
    """Return the plan of case A44 for a patience."""
    first, second = Input("first", lognormal(4.0, 9.0)), Input("second", lognormal(6.0, 12.0))
    return Plan(switch(license_under_two_regimes(), patience=months, first=first, second=second), HORIZON)


def _switch_at_12() -> Case:
    known = (
        probability("P(no switch)", 0.5684960172608328, up_to(fires("granted"), 12.0)),
        *law(
            done,
            moments=(16.09417190035782, 5.213417079981111),
            quantiles=percentiles(
                8.812495121776418, 16.777848539090325, 20.803419057293073, 22.403106813837905
            ),
            cumulated={12: 0.26183452642924515, 18: 0.5706209039573809, 24: 0.9559344022956425},
        ),
    )
    return Case("A44 N=12", "switch under two regimes", switch_under_regime(12.0), known)


def _switch_at_6() -> Case:
    known = (
        probability("P(no switch)", 0.2783223757111306, up_to(fires("granted"), 6.0)),
        *law(
            done,
            moments=(13.417597270104789, 3.3181584779722857),
            quantiles=percentiles(
                8.81508263054111, 13.568695598663153, 16.006705994971767, 17.417996192613227
            ),
            cumulated={12: 0.29929885323684047, 18: 0.9266600902881934, 24: 0.998021772278164},
        ),
    )
    return Case("A44 N=6", "switch under two regimes", switch_under_regime(6.0), known)


def _dual_source() -> Case:
    nodes: dict[str, Node] = {
        "N": Work((), Input("N", lognormal(8.0, 30.0))),
        "H": Work((), Input("H", lognormal(9.0, 18.0))),
        "site": Work((), Input("site", Pert(6.0, 9.0, 20.0))),
        "first": Any(("N", "H")),
        "ready": All(("first", "site")),
        "done": Work(("ready",), Constant(1.0)),
        "N only": All(("N", "site")),
    }
    known = (
        *law(
            done,
            moments=(13.610767344615596, 2.8099351822217242),
            quantiles=percentiles(
                10.265134479933375, 13.340516478175008, 15.779285272533784, 17.215822454798687
            ),
            cumulated={12: 0.3014634115393429, 18: 0.933303215816146},
        ),
        mean("N only: mean", 18.37955056798471, fires("N only")),
        probability("N only: P(T <= P80)", 0.8, up_to(fires("N only"), 23.910831684509212)),
        probability("P(N is faster)", 0.3678717954354281, after("H", "N")),
    )
    return Case("A45", "dual source", Plan(nodes, HORIZON), known)


def _applications() -> Case:
    """Four trials of mean 2, three reworks of 1; a trial is approved, denied, returned by 0.35, 0.15, 0.5."""
    count, returned = 4, 0.5
    application = Attempts(
        (),
        tuple(Input(f"work {k}", Exponential(2.0)) for k in range(count)),
        (Constant(1.0),) * (count - 1),
        tuple(Input(f"luck {k}", Uniform(0.0, 1.0)) for k in range(count)),
        approve=Level("approve", 0.35),
        deny=Level("deny", 0.15),
    )
    nodes = {
        "application": application,
        "approved": Outcome("application"),
        "denied": Outcome("application", False),
    }
    some = 1.0 - returned**count
    days = sum(returned ** (k - 1) * (1.0 - returned) * (2.0 * k + (k - 1)) for k in range(1, count + 1))
    known = (
        probability("P(approved)", 0.7 * some, up_to(fires("approved"), HORIZON)),
        probability("P(denied)", 0.3 * some, up_to(fires("denied"), HORIZON)),
        mean("mean trials", some / (1.0 - returned), trials("application")),
        mean("mean of time, 0 if undecided", days, if_ever("application")),
    )
    return Case("applications", "truncated geometric number of trials", Plan(nodes, HORIZON), known)
