"""Laws of durations and their dependence, drawn through plans of one or two activities.

Their quantile functions are compared with formulas in ``formula_cases``; here is what a run makes of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from math import asin, exp, log, pi, sqrt

from sim import Plan
from sim.chance.amount import Input
from sim.chance.distributions import Distribution, Gamma, Lognormal, Pert, Triangular, Uniform, Weibull
from sim.model.plan import Work

from .judge import Case, Expectation, Sample, law, mean, probability, up_to
from .networks import FOREVER, chain, lognormal, network
from .published import known_law, number
from .samples import both, fires, over

SIGMA = sqrt(log(1 + 0.6**2))
"""Of the lognormal law with mean 10 and standard deviation 6."""

LAWS: dict[str, Distribution] = {
    "A51": Pert(2.0, 5.0, 14.0),
    "A52": Triangular(2.0, 5.0, 14.0),
    "A53": lognormal(4.0, 14.0),
    "A54 lognormal": Lognormal(10 / sqrt(1.36), SIGMA),
    "A54 gamma": Gamma((10 / 6) ** 2, 3.6),
    "A54 Weibull": Weibull(1.7170834303221447, 11.215128132435742),
    "A55 low": Pert(3.0, 3.0, 9.0),
    "A55 high": Pert(3.0, 9.0, 9.0),
}

LISTED = {"A54 lognormal": "lognormal ", "A54 gamma": "gamma(2.7778, 3.6) ", "A54 Weibull": "Weibull "}
"""Where the percentiles of a law are listed."""

EXTREMES = {"A55 low": "(3,3,9)", "A55 high": "(3,9,9)"}


def law_cases() -> Iterator[Case]:
    """Yield every case."""
    yield from (*map(_single, LAWS), *map(_ranks, (0.25, 0.5, 0.9)), _values_and_tails(), _dependent_sum())


def _single(name: str) -> Case:
    plan = Plan({"done": Work((), Input("days", LAWS[name]))}, FOREVER)
    known = tuple(_known(name, fires("done")))
    return Case(name, said(LAWS[name]), "Closed form.", plan, known)


def said(law: Distribution) -> str:
    """Return a law as a reader would write it."""
    numbers = ", ".join(f"{getattr(law, each.name):.6g}" for each in fields(law))  # type: ignore[arg-type]
    return f"{type(law).__name__}({numbers})"


def _known(name: str, sample: Sample) -> Iterator[Expectation]:
    case = name[:3]
    if case == "A54":
        yield from law(sample, moments=(10.0, 6.0))
        yield from known_law(case, sample, LISTED[name], what="")
    elif case == "A55":
        center, sd, p80 = (
            number(case, f"{EXTREMES[name]}: alpha, beta, mean, sd, P80", k) for k in (2, 3, 4)
        )
        yield from law(sample, moments=(center, sd), quantiles={0.8: p80})
    else:
        yield from known_law(case, sample)


def spearman(normal: float) -> float:
    """Return the rank correlation of two normal scores with a correlation."""
    return 6 / pi * asin(normal / 2)


def _ranks(normal: float) -> Case:
    """Two uniforms: 12 E[(u - 1/2)(v - 1/2)] is Spearman's coefficient, P(both above 1/2) gives Kendall's."""
    days = {name: Input(name, Uniform(0.0, 1.0)) for name in ("u", "v")}
    ranks, tau = (number("A56", f"rho={normal}: spearman, kendall", k) for k in (0, 1))
    plan = Plan(network(days), FOREVER, correlations={("u", "v"): ranks})
    product: Sample = lambda times: 12 * (times.of("u") - 0.5) * (times.of("v") - 0.5)  # noqa: E731
    low = both(up_to(fires("u"), 0.5), up_to(fires("v"), 0.5))
    known = (
        mean("Spearman", ranks, product),
        # Below both medians with probability (1 + tau) / 4, where tau = 2 / pi asin(rho) is Kendall's.
        probability("P(both below their medians)", (1 + tau) / 4, low),
        *law(fires("v"), "second: ", moments=(0.5, sqrt(1 / 12)), quantiles={0.1: 0.1, 0.9: 0.9}),
    )
    return Case(f"A56 rho={normal}", "Gaussian copula", "Closed forms.", plan, known)


def _values_and_tails() -> Case:
    days = {"x": Input("x", Lognormal(1.0, 0.4)), "y": Input("y", Lognormal(1.0, 1.0))}
    plan = Plan(network(days), FOREVER, correlations={("x", "y"): spearman(0.5)})
    pearson = number("A56", "rho=.5, lognormal sigmas .4 and 1.0: Pearson of the values")
    (mx, sx), (my, sy) = (_moments(each) for each in (0.4, 1.0))
    product: Sample = lambda times: (times.of("x") - mx) * (times.of("y") - my) / (sx * sy)  # noqa: E731
    late = [over(fires(name), float(each.distribution.quantile(0.8))) for name, each in days.items()]
    known = (
        mean("Pearson of the values", pearson, product),
        probability("P(both above P80)", number("A56", "P(both above their P80), rho=.5"), both(*late)),
    )
    return Case("A56 values", "dependence of values and of tails", "Closed forms.", plan, known)


def _moments(sigma: float) -> tuple[float, float]:
    """Return mean and standard deviation of a lognormal law with median 1."""
    center = exp(sigma**2 / 2)
    return center, center * sqrt(exp(sigma**2) - 1)


def _dependent_sum() -> Case:
    days = {"x": Input("x", lognormal(4.0, 14.0)), "y": Input("y", lognormal(6.0, 20.0))}
    plan = Plan(chain(days), FOREVER, correlations={("x", "y"): spearman(0.6)})
    known = tuple(law(fires("y"), moments=(number("A57", "mean of sum"), number("A57", "sd of sum"))))
    return Case("A57", "sum of two dependent lognormals", "Closed form.", plan, known)
