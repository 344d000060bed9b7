"""Laws, copula, Latin hypercube and regime chains against numbers found elsewhere.

Formulas agree to 1e-6 of the number. Statistics of n draws agree within 4.5 standard errors, which a correct
program misses with probability 6.8e-6 per number; the seed is fixed. The numbers of A41 and A51-A58 were
computed from closed forms by independent programs.
"""

from collections.abc import Mapping
from math import asin, log, pi, sqrt

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import expm

from sim.chance.amount import Input
from sim.chance.copula import check_correlations, to_normal
from sim.chance.distributions import (
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Pert,
    Triangular,
    Uniform,
    Weibull,
)
from sim.chance.draws import BLOCK, Draws, draw
from sim.chance.profiles import Profile
from sim.chance.regimes import ByRegime, RegimeChain

Z90 = 1.2815515655446004
SEED = 20241122
MANY = 100_000


def sample(correlations: Mapping[tuple[str, str], float] | None = None, **laws: Distribution) -> Draws:
    inputs = {name: Input(name, law) for name, law in laws.items()}
    return draw(inputs, seed=SEED, first=0, count=MANY, correlations=correlations)


def between(low: float, high: float) -> Lognormal:
    """Return the lognormal with these P10 and P90."""
    return Lognormal(sqrt(low * high), log(high / low) / (2 * Z90))


def spearman_of(normal: float) -> float:
    return 6 / pi * asin(normal / 2)


A51, A52, A53 = Pert(2.0, 5.0, 14.0), Triangular(2.0, 5.0, 14.0), between(4.0, 14.0)
SIGMA_54 = sqrt(log(1 + 0.6**2))
LOGNORMAL_54 = Lognormal(10 / sqrt(1.36), SIGMA_54)
GAMMA_54 = Gamma((10 / 6) ** 2, 3.6)
WEIBULL_54 = Weibull(1.7170834303221447, 11.215128132435742)


@pytest.mark.parametrize(
    ("law", "quantiles"),
    [
        (
            A51,
            {
                0.1: 3.3468195025503027,
                0.5: 5.765722045468369,
                0.8: 7.8823081156663335,
                0.9: 9.006684495434348,
            },
        ),
        (
            A52,
            {0.1: 3.8973665961010275, 0.5: 6.651530771650466, 0.8: 9.3524199845511, 0.9: 10.713664654969003},
        ),
        (A53, {0.1: 4.0, 0.5: 7.483314773547881, 0.8: 11.291310308999018, 0.9: 14.0}),
        (LOGNORMAL_54, {0.1: 4.213129422024854, 0.5: 8.574929257125442, 0.8: 13.67449861022792}),
        (GAMMA_54, {0.1: 3.4835159020058266, 0.5: 8.828995107979143, 0.8: 14.395442787724201}),
        (WEIBULL_54, {0.1: 3.0243257653428444, 0.5: 9.059489223212315, 0.9: 18.228563988627304}),
        (Pert(3.0, 3.0, 9.0), {0.8: 4.651322017933827}),
        (Pert(3.0, 9.0, 9.0), {0.8: 8.738114998740222}),
        (Pert(5.0, 5.0, 5.0), {0.1: 5.0, 0.8: 5.0}),
    ],
    ids=["A51", "A52", "A53", "A54-lognormal", "A54-gamma", "A54-weibull", "A55-low", "A55-high", "A55-none"],
)
def test_quantiles_of_the_cases(law, quantiles):
    np.testing.assert_allclose(law.quantile(list(quantiles)), list(quantiles.values()), rtol=1e-6)


@pytest.mark.parametrize(
    ("law", "mean", "sd"),
    [
        (A51, 6.0, 2.138089935299395),
        (A52, 7.0, 2.5495097567963922),
        (A53, 8.432750197163697, 4.380521227692743),
        (LOGNORMAL_54, 10.0, 6.0),
        (GAMMA_54, 10.0, 6.0),
        (WEIBULL_54, 10.0, 6.0),
        (Pert(3.0, 3.0, 9.0), 4.0, 0.8451542547285166),
        (Pert(3.0, 9.0, 9.0), 8.0, 0.8451542547285166),
    ],
    ids=["A51", "A52", "A53", "A54-lognormal", "A54-gamma", "A54-weibull", "A55-low", "A55-high"],
)
def test_drawn_values_have_the_mean_and_the_spread_of_the_law(law, mean, sd):
    drawn = sample(x=law).value("x")
    deviations = (drawn - mean) ** 2
    assert abs(drawn.mean() - mean) <= 4.5 * sd / sqrt(MANY)
    assert abs(deviations.mean() - sd**2) <= 4.5 * deviations.std() / sqrt(MANY)


def test_a_latin_hypercube_makes_the_mean_of_a_block_nearly_exact():
    # Independent draws would leave the block means of a uniform a spread of 1 / sqrt(12 * 250) = 0.018.
    means = sample(x=Uniform(0.0, 1.0)).uniform("x").reshape(-1, BLOCK).mean(axis=1)
    expected = 1 / sqrt(12 * BLOCK) / BLOCK  # only the place within a stratum is left to chance
    assert means.std() == pytest.approx(expected, rel=4.5 / sqrt(2 * len(means)))


def test_places_within_strata_and_between_inputs_are_independent():
    # Chi-squared tests of uniformity, each with an error rate of 1e-5.
    drawn = sample(x=Uniform(0.0, 1.0), y=Uniform(0.0, 1.0))
    x, y = drawn.uniform("x"), drawn.uniform("y")
    position = np.arange(MANY) % BLOCK
    for one, other in (((x * BLOCK) % 1, x), (x, y), (x, np.roll(x, 1)), (x, position / BLOCK)):
        counts = np.histogram2d(one, other, bins=10, range=[[0, 1], [0, 1]])[0]
        assert stats.chisquare(counts.ravel()).pvalue > 1e-5


def test_a56_the_copula_has_the_rank_correlation_asked_for():
    assert to_normal(0.5) == pytest.approx(0.5176380902050415, rel=1e-12)
    for normal, spearman, kendall in [
        (0.25, 0.23935852604860938, 0.16086124651033248),
        (0.5, 0.4825837395309974, 0.33333333333333337),
        (0.9, 0.8914561316801003, 0.7128674137425876),
    ]:
        assert to_normal(spearman) == pytest.approx(normal, rel=1e-12)
        drawn = sample({("x", "y"): spearman}, x=Uniform(0.0, 1.0), y=Uniform(0.0, 1.0))
        x, y = drawn.uniform("x"), drawn.uniform("y")
        assert stats.spearmanr(x, y).statistic == pytest.approx(spearman, abs=4.5 / sqrt(MANY))
        assert stats.kendalltau(x, y).statistic == pytest.approx(kendall, abs=4.5 / sqrt(MANY))
        assert stats.kstest(y, "uniform").pvalue > 1e-5


def test_a56_dependence_of_values_and_of_tails():
    both = {("x", "y"): spearman_of(0.5)}
    drawn = sample(both, x=Lognormal(1.0, 0.4), y=Lognormal(1.0, 1.0))
    x, y = drawn.value("x"), drawn.value("y")
    by_part = [np.corrcoef(part)[0, 1] for part in np.split(np.array([x, y]), 40, axis=1)]
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.4054828434236078, abs=4.5 * np.std(by_part) / sqrt(40))
    share = np.mean((drawn.uniform("x") > 0.8) & (drawn.uniform("y") > 0.8))
    expected = 0.0871505666645701
    assert share == pytest.approx(expected, abs=4.5 * sqrt(expected * (1 - expected) / MANY))


def test_a57_sum_of_two_dependent_lognormals():
    drawn = sample({("x", "y"): spearman_of(0.6)}, x=between(4.0, 14.0), y=between(6.0, 20.0))
    x, y = drawn.value("x"), drawn.value("y")
    mean, sd = 20.664930091148427, 9.305851741477204
    deviations = (x + y - mean) ** 2
    assert (x + y).mean() == pytest.approx(mean, abs=4.5 * sd / sqrt(MANY))
    assert deviations.mean() == pytest.approx(sd**2, abs=4.5 * deviations.std() / sqrt(MANY))
    by_part = [np.corrcoef(part)[0, 1] for part in np.split(np.array([x, y]), 40, axis=1)]
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.5722118499073928, abs=4.5 * np.std(by_part) / sqrt(40))


def test_a58_a_matrix_that_cannot_be_is_refused():
    pairs = {("a", "b"): spearman_of(0.9), ("b", "c"): spearman_of(0.9), ("a", "c"): spearman_of(0.2)}
    with pytest.raises(ValueError, match="lower that of a and b"):
        check_correlations(pairs)
    check_correlations({**pairs, ("a", "c"): spearman_of(0.8)})


def test_a_group_of_three_has_all_three_correlations():
    asked = {("c", "a"): 0.7, ("a", "b"): -0.4, ("b", "c"): 0.1}
    drawn = sample(asked, a=Uniform(0.0, 1.0), b=Exponential(2.0), c=A51)
    for (one, other), spearman in asked.items():
        found = stats.spearmanr(drawn.value(one), drawn.value(other)).statistic
        assert found == pytest.approx(spearman, abs=4.5 / sqrt(MANY))


def test_common_luck_survives_company_and_length():
    two = sample(x=A51, y=A53)
    three = draw(
        {name: Input(name, law) for name, law in (("new", A52), ("y", A53), ("x", A51))},
        seed=SEED,
        first=0,
        count=500,
    )
    for name in ("x", "y"):
        assert three.value(name).tolist() == two.value(name)[:500].tolist()


REGIMES = 20_000


def drawn_for(*profiles: Profile, **laws: Distribution) -> Draws:
    inputs = {name: Input(name, law) for name, law in laws.items()}
    for profile in profiles:
        inputs |= {part.name: part for part in profile.amounts() if isinstance(part, Input)}
    return draw(inputs, seed=SEED, first=0, count=REGIMES)


def test_a_chain_of_three_states_is_in_each_as_often_as_its_generator_says():
    rates = {("P", "K"): 0.05, ("K", "P"): 0.04, ("K", "D"): 0.06, ("D", "K"): 0.08}
    chain = RegimeChain("r", ("P", "K", "D"), ((0.0, "K"),), rates, horizon=200.0)
    path = chain.steps(drawn_for(chain), 200.0)
    generator = np.array([[-0.05, 0.05, 0.0], [0.04, -0.10, 0.06], [0.0, 0.08, -0.08]])
    for day in (1.0, 5.0, 20.0, 60.0, 199.0):
        state = path.at(np.full(REGIMES, day))
        expected = expm(generator * day)[1]
        shares = np.array([np.mean(state == place) for place in range(3)])
        assert np.all(np.abs(shares - expected) <= 4.5 * np.sqrt(expected * (1 - expected) / REGIMES))


def test_a41_first_passage_through_a_regime_that_opens_and_closes():
    rates = {("closed", "open"): 1 / 9, ("open", "closed"): 1 / 18}
    chain = RegimeChain("r", ("open", "closed"), ((0.0, "closed"),), rates, horizon=600.0)
    review = ByRegime("review", chain, {"open": 1 / 3, "closed": 0.0})
    draws = drawn_for(review, work=Exponential(1.0))
    steps, work = review.steps(draws, 600.0), draws.value("work")
    row = np.count_nonzero(steps.cumulated < work, axis=0) - 1
    column = np.arange(REGIMES)
    granted = steps.times[row, column] + (work - steps.cumulated[row, column]) / steps.values[row, column]
    assert granted.mean() == pytest.approx(13.5, abs=4.5 * 11.324751652906125 / sqrt(REGIMES))
    for month, expected in [(6, 0.2783223757111306), (12, 0.5684960172608328), (24, 0.8535281875016972)]:
        band = 4.5 * sqrt(expected * (1 - expected) / REGIMES)
        assert np.mean(granted <= month) == pytest.approx(expected, abs=band)
    assert abs(granted.mean() - 12.0) > 1.0  # the mean if the regime never closed again
