"""Licenses under changing regimes, switches of supplier, dual sourcing, repeated applications.

Times are in months.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.linalg import expm, solve

from sim import Plan
from sim.chance.amount import Constant, Input
from sim.chance.distributions import Exponential, Pert, Uniform
from sim.chance.profiles import Level, Profile
from sim.chance.regimes import ByRegime, RegimeChain
from sim.model.plan import All, Any, Attempts, Node, Outcome, Work

from .judge import Case, law, mean, probability, up_to
from .networks import lognormal, switch
from .published import known_law, number
from .samples import after, fires, if_ever, trials

done = fires("done")

HORIZON = 1_000.0
"""Months; the laws here pass it with a chance below 1e-9."""

THREE_REGIMES = {("P", "K"): 0.05, ("K", "P"): 0.04, ("K", "D"): 0.06, ("D", "K"): 0.08}


PHASES = "Exact phase-type law of regime and review."


def license_cases() -> Iterator[Case]:
    """Yield every case."""
    yield from (_two_regimes(), _from_open(), _three_regimes(), _first_passage())
    yield from (
        *map(_switch_after, (0, 6, 12, 24)),
        _never_switch(),
        _switch_at(12, ""),
        _switch_at(6, "N=6: "),
    )
    yield from (_dual_source(), _applications())


def regime(rates: Mapping[tuple[str, str], float], start: str, speeds: Mapping[str, float]) -> Profile:
    """Return the speed of work under a regime chain that starts in a state on day 0."""
    path = RegimeChain("regime", tuple(speeds), ((0.0, start),), rates, horizon=HORIZON)
    return ByRegime("speed", path, speeds)


TWO_REGIMES = {("closed", "open"): 1 / 9, ("open", "closed"): 1 / 18}


def license_under_two_regimes(start: str = "closed") -> Work:
    """Return a license granted at 1/3 per month while open and never while closed."""
    rate = regime(TWO_REGIMES, start, {"closed": 0.0, "open": 1 / 3})
    return Work((), Input("luck", Exponential(1.0)), rate=rate)


def leaves(rates: Mapping[tuple[str, str], float], state: str) -> Work:
    """Return what fires the first time a chain leaves the state in which it starts."""
    states = dict.fromkeys((name for pair in rates for name in pair), 1e9)
    return Work((), Constant(1.0), rate=regime(rates, state, {**states, state: 0.0}))


def _two_regimes() -> Case:
    plan = Plan({"license": license_under_two_regimes()}, HORIZON)
    known = tuple(known_law("A41", fires("license")))
    return Case("A41", "license under two regimes, closed at first", PHASES, plan, known)


def _from_open() -> Case:
    nodes: dict[str, Node] = {
        "license": license_under_two_regimes("open"),
        "closure": leaves(TWO_REGIMES, "open"),
    }
    before = number("A41", "P(grant before the next closure | open)")
    known = (
        mean("mean", number("A41", "closed form: mean from open, mean from closed", 0), fires("license")),
        probability("P(granted before a closure)", before, after("closure", "license")),
    )
    return Case("A41 open", "license under two regimes, open at first", PHASES, Plan(nodes, HORIZON), known)


def _three_regimes() -> Case:
    speed = regime(THREE_REGIMES, "K", {"P": 0.9, "K": 0.35, "D": 0.0})
    nodes: dict[str, Node] = {}
    for k in (1, 2, 3):
        before = (f"stage {k - 1}",) if k > 1 else ()
        nodes[f"stage {k}"] = Work(before, Input(f"stage {k}", Exponential(1.0)), rate=speed)
    nodes["change"] = leaves(THREE_REGIMES, "K")
    unchanged = number("A42", "P(granted with no regime change)")
    known = (
        *known_law("A42", fires("stage 3")),
        probability("P(granted before a change)", unchanged, after("change", "stage 3")),
    )
    title = "three regimes, review in three stages that keep their progress"
    return Case("A42", title, PHASES, Plan(nodes, HORIZON), known)


def _first_passage() -> Case:
    """The first day in regime D, from K: phase-type, P(T <= t) = 1 - (1, 0) exp(S t) (1, 1)."""
    arrives = regime(THREE_REGIMES, "K", {"P": 0.0, "K": 0.0, "D": 1e9})
    stay = np.array([[-0.10, 0.04], [0.05, -0.05]])  # K, P; what is missing leads to D
    average = float(solve(-stay, np.ones(2))[0])
    cumulated = {t: 1.0 - float(expm(stay * t)[0].sum()) for t in (3, 12, 48)}
    known = (mean("mean", average, fires("in D")), *law(fires("in D"), cumulated=cumulated))
    plan = Plan({"in D": Work((), Constant(1.0), rate=arrives)}, HORIZON)
    source = "Phase-type law, by the exponential of its generator."
    return Case("first passage", "first time a chain of three regimes is in D", source, plan, known)


def _switch_after(months: int) -> Case:
    nodes = switch(Work((), Input("license", Exponential(14.0))), patience=months, first=6.0, second=9.0)
    listed = "N=12: P(T<=15), P(T<=18), P(T<=20.999), P(T<=21)"
    atoms = {day: number("A43", listed, k) for k, day in enumerate((15.0, 18.0, 20.999, 21.0))}
    known = (
        mean("mean", number("A43", f"N={months}: mean"), done),
        probability("P(switch)", number("A43", f"N={months}: P(switch)"), up_to(fires("switched"), HORIZON)),
        *law(done, cumulated=atoms if months == 12 else {}),
    )
    plan = Plan(nodes, HORIZON)
    return Case(f"A43 N={months}", f"switch after {months} months", "Closed forms.", plan, known)


def _never_switch() -> Case:
    nodes = switch(Work((), Input("license", Exponential(14.0))), patience=np.inf, first=6.0, second=9.0)
    center, p50, p80 = (number("A43", "never switch: mean, P50, P80", k) for k in range(3))
    known = tuple(law(done, moments=(center, 14.0), quantiles={0.5: p50, 0.8: p80}))
    return Case("A43 never", "never switch", "Closed forms.", Plan(nodes, HORIZON), known)


def switch_under_regime(months: float) -> Plan:
    """Return the plan of case A44 for a patience."""
    first, second = Input("first", lognormal(4.0, 9.0)), Input("second", lognormal(6.0, 12.0))
    return Plan(switch(license_under_two_regimes(), patience=months, first=first, second=second), HORIZON)


def _switch_at(months: int, prefix: str) -> Case:
    stays = number("A44", f"{prefix}P(no switch)=P(L<=N)")
    known = (
        probability("P(no switch)", stays, up_to(fires("granted"), months)),
        *known_law("A44", done, prefix, what=""),
    )
    title = f"switch after {months} months under two regimes"
    source = "Mixture of a phase-type law and lognormal laws, by numerical integration."
    return Case(f"A44 N={months}", title, source, switch_under_regime(months), known)


def _dual_source() -> Case:
    nodes: dict[str, Node] = {
        "N": Work((), Input("N", lognormal(8.0, 30.0))),
        "H": Work((), Input("H", lognormal(9.0, 18.0))),
        "site": Work((), Input("site", Pert(6.0, 9.0, 20.0))),
        "first": Any(("N", "H")),
        "ready": All(("first", "site")),
        "done": Work(("ready",), Constant(1.0)),
        "N ready": All(("N", "site")),
        "N only": Work(("N ready",), Constant(1.0)),
    }
    center, p80 = (number("A45", "single source N: mean, P80", k) for k in range(2))
    known = (
        *known_law("A45", done),
        mean("N only: mean", center, fires("N only")),
        *law(fires("N only"), "N only: ", quantiles={0.8: p80}),
        probability("P(N is faster)", number("A45", "P(N is the faster supplier)"), after("H", "N")),
    )
    source = "Product of distribution functions, by numerical integration."
    return Case("A45", "two suppliers, the first to finish wins", source, Plan(nodes, HORIZON), known)


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
    source = "Truncated geometric law."
    return Case("applications", "up to four trials of an application", source, Plan(nodes, HORIZON), known)
