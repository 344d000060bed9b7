import math
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy import stats

from sim.chance.distributions import (
    LAWS,
    Beta,
    Discrete,
    Distribution,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Metalog,
    Normal,
    Pert,
    Triangular,
    Truncated,
    Uniform,
    Weibull,
    distribution,
)
from sim.chance.tables import tabulate

TAILS = np.concatenate([np.logspace(-14, -1, 200), np.linspace(0.1, 0.9, 801), 1 - np.logspace(-1, -14, 200)])

ORACLES = [
    (Uniform(2.0, 5.0), stats.uniform(2, 3)),
    (Triangular(2.0, 5.0, 14.0), stats.triang(0.25, 2, 12)),
    (Triangular(2.0, 2.0, 14.0), stats.triang(0.0, 2, 12)),
    (Triangular(2.0, 14.0, 14.0), stats.triang(1.0, 2, 12)),
    (Pert(2.0, 5.0, 14.0), stats.beta(2, 4, 2, 12)),
    (Pert(3.0, 3.0, 9.0), stats.beta(1, 5, 3, 6)),
    (Pert(3.0, 9.0, 9.0), stats.beta(5, 1, 3, 6)),
    (Normal(-3.0, 2.0), stats.norm(-3, 2)),
    (Lognormal(7.5, 0.55), stats.lognorm(0.55, scale=7.5)),
    (Gamma(2.7778, 3.6), stats.gamma(2.7778, scale=3.6)),
    (Gamma(0.05, 2.0), stats.gamma(0.05, scale=2)),
    (Gamma(900.0, 2.0), stats.gamma(900, scale=2)),
    (Weibull(1.7, 11.2), stats.weibull_min(1.7, scale=11.2)),
    (Exponential(3.0), stats.expon(scale=3)),
    (Beta(2.0, 18.0), stats.beta(2, 18)),
    (Beta(0.1, 0.1), stats.beta(0.1, 0.1)),
    (Beta(0.5, 3.0), stats.beta(0.5, 3)),
    (Beta(400.0, 700.0), stats.beta(400, 700)),
]


def named(case: object) -> str:
    return repr(case) if isinstance(case, Distribution) else ""


@pytest.mark.parametrize(("law", "oracle"), ORACLES, ids=named)
def test_quantiles_are_those_of_scipy_to_a_millionth_of_the_spread(law, oracle):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # scipy's own, in the tails of steep laws
        expected = oracle.ppf(TAILS)
    spread = oracle.ppf(0.9) - oracle.ppf(0.1)
    np.testing.assert_allclose(law.quantile(TAILS), expected, rtol=0, atol=1e-6 * spread)


@pytest.mark.parametrize(("law", "oracle"), ORACLES, ids=named)
def test_cdfs_are_those_of_scipy(law, oracle):
    low, high = oracle.ppf([0.001, 0.999])
    x = np.linspace(low - 0.2 * (high - low), high + 0.2 * (high - low), 501)
    np.testing.assert_allclose(law.cdf(x), oracle.cdf(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("law", "oracle"), ORACLES, ids=named)
def test_quantiles_of_0_and_1_are_the_ends_of_the_law(law, oracle):
    np.testing.assert_allclose(law.quantile([0.0, 1.0]), oracle.support(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("law", [Gamma(0.002, 1.0), Beta(0.004, 0.004)])
def test_a_law_too_sharp_for_a_table_is_still_exact(law):
    oracle = stats.gamma(0.002) if isinstance(law, Gamma) else stats.beta(0.004, 0.004)
    probability = np.linspace(0.45, 0.999, 400)
    np.testing.assert_allclose(law.quantile(probability), oracle.ppf(probability), rtol=1e-9, atol=1e-12)


def test_a_table_is_monotone_where_it_is_steepest():
    found = Gamma(0.05, 1.0).quantile(np.linspace(1e-9, 1 - 1e-9, 200_001))
    assert np.all(np.diff(found) >= 0)
    assert found[0] >= 0


def test_a_table_is_monotone_where_a_law_begins_to_rise():
    for kink in np.linspace(0.26, 0.49, 12):
        found = tabulate(lambda p, at=kink: 10 * np.maximum(p - at, 0.0) ** 2, lambda q: 10.0 - q)
        near = np.linspace(kink - 0.01, kink + 0.01, 5_001)
        assert np.all(np.diff(found(near)) >= 0.0)


def test_metalog_passes_through_its_percentiles_and_has_the_logistic_as_its_symmetric_case():
    np.testing.assert_allclose(Metalog(2.0, 5.0, 11.0).quantile([0.1, 0.5, 0.9]), [2, 5, 11], rtol=1e-14)
    symmetric = Metalog(-math.log(9), 0.0, math.log(9))
    np.testing.assert_allclose(symmetric.quantile(TAILS), stats.logistic.ppf(TAILS), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(symmetric.cdf([-3.0, 0.5, 4.0]), stats.logistic.cdf([-3, 0.5, 4]), rtol=1e-12)


def test_metalog_is_refused_just_beyond_the_feasible_skew():
    # Keelin 2016: feasible iff k < (p50 - p10) / (p90 - p10) < 1 - k with k = (1 - 1.66711 * 0.4) / 2
    k = (1 - 1.66711 * 0.4) / 2
    inside, outside = Metalog(0.0, k + 1e-4, 1.0), (0.0, k - 1e-4, 1.0)
    assert np.all(np.diff(inside.quantile(np.linspace(1e-6, 1 - 1e-6, 100_001))) > 0)
    with pytest.raises(ValueError, match=r"metalog: p50 0\.16\d+ is too near one end of 0 to 1"):
        Metalog(*outside)
    p = np.linspace(1e-3, 1 - 1e-3, 100_001)  # what the refusal protects from
    falling = np.diff(0.09 + (0.2276 + 0.4661 * (p - 0.5)) * np.log(p / (1 - p)))
    assert falling.min() < 0


def test_discrete_returns_values_in_proportion_to_their_weights_in_any_order():
    law = Discrete((7.0, 1.0, 3.0, 9.0), (2.0, 1.0, 1.0, 0.0))
    assert law.quantile([0.0, 0.2, 0.25, 0.26, 0.5, 0.51, 1.0]).tolist() == [1, 1, 1, 3, 3, 7, 7]
    assert law.cdf([0.9, 1.0, 3.5, 7.0, 8.0]).tolist() == [0, 0.25, 0.5, 1, 1]


def test_empirical_returns_each_observation_equally_often():
    law = Empirical((5.0, 2.0, 2.0, 8.0))
    assert law.quantile((np.arange(8) + 0.5) / 8).tolist() == [2, 2, 2, 2, 5, 5, 8, 8]
    assert law.cdf([1.9, 2.0, 5.0, 8.0]).tolist() == [0, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("base", "oracle"),
    [
        (Normal(10.0, 4.0), stats.truncnorm(-2.5, 0.5, 10, 4)),
        (Exponential(5.0), stats.truncexpon(12 / 5, scale=5)),
    ],
)
def test_truncation_is_conditioning_on_the_interval(base, oracle):
    law = Truncated(base, 0.0, 12.0)
    p = np.linspace(0, 1, 101)
    np.testing.assert_allclose(law.quantile(p), oracle.ppf(p), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(law.cdf(oracle.ppf(p)), p, atol=1e-12)
    assert law.cdf([-1.0, 13.0]).tolist() == [0, 1]


def test_truncation_of_a_law_with_atoms_keeps_the_atoms_at_the_ends():
    law = Truncated(Discrete((1.0, 2.0, 3.0, 4.0), (1.0, 1.0, 1.0, 1.0)), 2.0, 3.0)
    assert law.quantile([0.0, 0.25, 0.5, 0.75, 1.0]).tolist() == [2, 2, 2, 3, 3]
    assert law.cdf([1.5, 2.0, 2.5, 3.0]).tolist() == [0, 0.5, 0.5, 1]


@pytest.mark.parametrize(
    "law",
    [Fixed(5.0), Uniform(5.0, 5.0), Triangular(5.0, 5.0, 5.0), Pert(5.0, 5.0, 5.0), Metalog(5.0, 5.0, 5.0)],
)
def test_a_range_of_no_width_is_a_constant(law):
    assert law.constant == law.median == 5.0
    assert law.quantile([0.0, 0.3, 1.0]).tolist() == [5, 5, 5]
    assert law.cdf([4.9, 5.0]).tolist() == [0, 1]


def test_a_truncation_to_one_value_or_of_a_constant_is_a_constant():
    assert Truncated(Discrete((1.0, 2.0, 3.0), (1.0, 1.0, 1.0)), 2.0, 2.0).constant == 2.0
    assert Truncated(Fixed(5.0), 2.0, 9.0).constant == 5.0
    assert Truncated(Uniform(0.0, 10.0), 2.0, 9.0).constant is None


@pytest.mark.parametrize("law", [law for law, _ in ORACLES], ids=named)
def test_shape_of_the_answer_is_the_shape_of_the_question(law):
    assert law.quantile(0.3).shape == law.cdf(0.3).shape == ()
    assert law.quantile(np.full((2, 3), 0.3)).shape == law.cdf(np.full((2, 3), 0.3)).shape == (2, 3)
    assert law.median == float(law.quantile(0.5))


@pytest.mark.parametrize("law", [law for law, _ in ORACLES], ids=named)
def test_laws_compare_hash_and_pickle_by_their_parameters(law):
    before = hash(law)
    law.quantile(0.3)  # a table, where there is one, is no part of the law
    copy = pickle.loads(pickle.dumps(law))
    assert copy == law
    assert hash(copy) == before
    assert copy != Fixed(1.0)


@pytest.mark.parametrize(
    ("law", "parameters", "problem"),
    [
        ("uniform", (5.0, 2.0), "uniform: low 5 is above high 2"),
        ("triangular", (1.0, 9.0, 5.0), "triangular: mode 9 is above high 5"),
        ("pert", (4.0, 3.0, 5.0), "pert: low 4 is above mode 3"),
        ("normal", (1.0, 0.0), "normal: sd must be above 0, got 0"),
        ("lognormal", (-2.0, 0.5), "lognormal: median must be above 0, got -2"),
        ("gamma", (1.0, -1.0), "gamma: scale must be above 0, got -1"),
        ("weibull", (0.0, 1.0), "weibull: shape must be above 0, got 0"),
        ("exponential", (0.0,), "exponential: mean must be above 0, got 0"),
        ("beta", (0.0, -1.0), "beta: a must be above 0, got 0, b must be above 0, got -1"),
        ("discrete", ((1.0, 2.0), (1.0,)), "discrete: has 2 values but 1 weights"),
        ("discrete", ((1.0, 2.0), (1.0, -1.0)), "discrete: weights must not be negative, got -1"),
        ("discrete", ((), ()), "discrete: weights must sum to more than 0"),
        ("empirical", ((),), "empirical: needs at least one value"),
        ("metalog", (3.0, 2.0, 5.0), "metalog: p10 3 is above p50 2"),
        ("fixed", (math.inf,), "fixed: value must be finite, got inf"),
        ("empirical", ((1.0, math.nan),), "empirical: values must be finite, got nan"),
    ],
)
def test_parameters_that_make_no_law_are_named(law, parameters, problem):
    with pytest.raises(ValueError, match="^" + problem.replace("-", r"\-") + "$"):
        LAWS[law](*parameters)


def test_a_truncation_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="minimum 5 is above maximum 2"):
        Truncated(Normal(0.0, 1.0), 5.0, 2.0)
    with pytest.raises(ValueError, match=r"Normal\(mean=0.0, sd=1.0\) is almost never between 9 and inf"):
        Truncated(Normal(0.0, 1.0), 9.0)


def test_laws_are_made_by_name():
    assert distribution("pert", {"low": 1, "mode": 2, "high": 6}) == Pert(1.0, 2.0, 6.0)
    assert distribution("discrete", {"values": [0, 1], "weights": [3, 1]}) == Discrete((0.0, 1.0), (3.0, 1.0))
    cut = distribution("normal", {"mean": 1, "sd": 2}, minimum=0)
    assert cut == Truncated(Normal(1.0, 2.0), 0.0, math.inf)
    with pytest.raises(ValueError, match="there is no law 'cauchy'; there are fixed, "):
        distribution("cauchy", {})
    with pytest.raises(ValueError, match="normal needs mean, sd; got mean, sigma"):
        distribution("normal", {"mean": 1, "sigma": 2})


def test_laws_are_read_without_importing_scipy():
    told = "import sys, sim.chance.distributions, sim.chance.draws; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
