"""Latin hypercubes, copula and regime chains against what theory says of many draws.

Statistics of n draws agree within 4.5 standard errors, which a correct program misses with probability 6.8e-6
per number; the seed is fixed.
"""

from collections.abc import Mapping
from math import sqrt

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import expm

from sim.chance.amount import Input
from sim.chance.distributions import (
    Distribution,
    Exponential,
    Lognormal,
    Pert,
    Triangular,
    Uniform,
)
from sim.chance.draws import BLOCK, Draws, draw
from sim.chance.profiles import Profile
from sim.chance.regimes import RegimeChain

SEED = 20241122
MANY = 100_000


def sample(correlations: Mapping[tuple[str, str], float] | None = None, **laws: Distribution) -> Draws:
    inputs = {name: Input(name, law) for name, law in laws.items()}
    return draw(inputs, seed=SEED, first=0, count=MANY, correlations=correlations)


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


def test_correlated_inputs_keep_their_laws():
    # A test of uniformity for each, with an error rate of 1e-5.
    drawn = sample({("x", "y"): 0.9}, x=Uniform(0.0, 1.0), y=Uniform(0.0, 1.0))
    for name in ("x", "y"):
        assert stats.kstest(drawn.uniform(name), "uniform").pvalue > 1e-5


def test_a_group_of_three_has_all_three_correlations():
    asked = {("c", "a"): 0.7, ("a", "b"): -0.4, ("b", "c"): 0.1}
    drawn = sample(asked, a=Uniform(0.0, 1.0), b=Exponential(2.0), c=Pert(2.0, 5.0, 14.0))
    for (one, other), spearman in asked.items():
        found = stats.spearmanr(drawn.value(one), drawn.value(other)).statistic
        assert found == pytest.approx(spearman, abs=4.5 / sqrt(MANY))


def test_common_luck_survives_company_and_length():
    laws = {"x": Pert(2.0, 5.0, 14.0), "y": Lognormal(7.0, 0.5), "new": Triangular(2.0, 5.0, 14.0)}
    two = sample(x=laws["x"], y=laws["y"])
    three = draw(
        {name: Input(name, law) for name, law in reversed(laws.items())},
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
