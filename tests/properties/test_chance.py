from collections.abc import Callable
from dataclasses import fields
from itertools import pairwise
from math import exp, expm1, gamma, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.chance.amount import Input
from sim.chance.distributions import (
    Beta,
    Discrete,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Metalog,
    Normal,
    Pert,
    Triangular,
    Truncated,
    Uniform,
    Weibull,
)
from sim.chance.draws import BLOCK, draw
from sim.chance.steps import Steps, minimum, product, spells, total

P = np.concatenate([[1e-12, 1e-6], np.linspace(0.001, 0.999, 97), [1 - 1e-6, 1 - 1e-12]])


relaxed = settings(deadline=None)  # the first example pays for the import of scipy


def reals(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


anywhere, above = reals(-1e4, 1e4), reals(0.01, 1e3)
numbers = st.lists(anywhere, min_size=1, max_size=8).map(tuple)


@st.composite
def ranged(drawer: st.DrawFn) -> Distribution:
    low, high = drawer(anywhere), drawer(above)
    mode = low + drawer(reals(0.0, 1.0)) * high
    law = drawer(st.sampled_from([Triangular, Pert]))
    return law(low, min(mode, low + high), low + high)


@st.composite
def metalogs(drawer: st.DrawFn) -> Distribution:
    low, width = drawer(anywhere), drawer(above)
    return Metalog(low, low + drawer(reals(0.17, 0.83)) * width, low + width)


smooth = st.one_of(
    st.tuples(anywhere, above).map(lambda t: Uniform(t[0], t[0] + t[1])),
    ranged(),
    st.builds(Normal, anywhere, above),
    st.builds(Lognormal, above, reals(0.05, 3.0)),
    st.builds(Gamma, reals(0.05, 1e3), above),
    st.builds(Weibull, reals(0.3, 20.0), above),
    st.builds(Exponential, above),
    st.builds(Beta, reals(0.1, 100.0), reals(0.1, 100.0)),
    metalogs(),
)
stepped = st.one_of(
    st.builds(Empirical, numbers),
    st.dictionaries(anywhere, reals(0.01, 10.0), min_size=1, max_size=8).map(
        lambda d: Discrete(tuple(d), tuple(d.values()))
    ),
)


@st.composite
def cut(drawer: st.DrawFn) -> Distribution:
    base = drawer(smooth)
    low, high = base.quantile(sorted([drawer(reals(0.0001, 0.49)), drawer(reals(0.51, 0.9999))]))
    return Truncated(base, float(low), float(high))


@relaxed
@given(st.one_of(smooth, cut()))
def test_the_cdf_inverts_the_quantile_function(law):
    x = law.quantile(P)
    # Off by no more than the cdf rises within rounding of x, and within the error promised for tables.
    whole = law.base if isinstance(law, Truncated) else law
    slack = 1e-6 * float(np.ptp(whole.quantile([0.1, 0.9]))) + 4 * np.spacing(np.abs(x))
    low, high = law.cdf(x - slack), law.cdf(x + slack)
    assert np.all(low <= P + 1e-9)
    assert np.all(high >= P - 1e-9)


@relaxed
@given(st.one_of(smooth, stepped, cut()))
def test_quantiles_never_fall(law):
    assert np.all(np.diff(law.quantile(P)) >= 0)


@relaxed
@given(stepped, reals(0.0, 1.0))
def test_a_quantile_is_the_smallest_value_that_reaches_the_probability(law, probability):
    x = law.quantile(probability)
    assert law.cdf(x) >= probability - 1e-12
    assert law.cdf(np.nextafter(x, -np.inf)) < max(probability, 1e-300)


@relaxed
@given(st.one_of(smooth, stepped), reals(0.0, 0.4), reals(0.6, 1.0))
def test_a_truncated_law_stays_between_its_bounds(law, lower, upper):
    low, high = map(float, law.quantile([max(lower, 1e-6), min(upper, 1 - 1e-6)]))
    law = Truncated(law, low, high)
    found = law.quantile(np.concatenate([[0.0], P, [1.0]]))
    assert found.min() >= low
    assert found.max() <= high


@relaxed
@given(st.integers(0, 2**70), st.text(max_size=20), st.integers(0, 10**9), st.integers(1, 600))
def test_any_range_is_the_same_sequence_in_any_pieces(seed, name, first, count):
    inputs = {name: Input(name, Uniform(0.0, 1.0))}
    whole = draw(inputs, seed=seed, first=first, count=count).uniform(name)
    cuts = [first, first + count // 3, first + count // 2, first + count]
    pieces = [
        draw(inputs, seed=seed, first=begin, count=end - begin).uniform(name)
        for begin, end in pairwise(cuts)
        if end > begin
    ]
    assert np.concatenate(pieces).tolist() == whole.tolist()
    assert whole.min() > 0
    assert whole.max() < 1


MOMENTS: dict[type[Distribution], Callable[..., tuple[float, float]]] = {
    Uniform: lambda low, high: ((low + high) / 2, (high - low) ** 2 / 12),
    Triangular: lambda low, mode, high: (
        (low + mode + high) / 3,
        ((high - low) ** 2 + (mode - low) ** 2 - (high - low) * (mode - low)) / 18,
    ),
    Pert: lambda low, mode, high: (
        (low + 4 * mode + high) / 6,
        (5 * high - low - 4 * mode) * (high + 4 * mode - 5 * low) / 252,
    ),
    Normal: lambda mean, sd: (mean, sd**2),
    Lognormal: lambda median, sigma: (
        median * exp(sigma**2 / 2),
        median**2 * exp(sigma**2) * expm1(sigma**2),
    ),
    Gamma: lambda shape, scale: (shape * scale, shape * scale**2),
    Weibull: lambda shape, scale: (
        scale * gamma(1 + 1 / shape),
        scale**2 * (gamma(1 + 2 / shape) - gamma(1 + 1 / shape) ** 2),
    ),
    Exponential: lambda mean: (mean, mean**2),
    Beta: lambda a, b: (a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))),
}
"""Mean and variance by law, as textbooks have them."""

calm = st.one_of(
    st.builds(lambda low, width: Uniform(low, low + width), anywhere, above),
    ranged(),
    st.builds(Normal, anywhere, above),
    st.builds(Lognormal, above, reals(0.05, 1.5)),
    st.builds(Gamma, reals(0.3, 1e3), above),
    st.builds(Weibull, reals(0.6, 20.0), above),
    st.builds(Exponential, above),
    st.builds(Beta, reals(0.3, 100.0), reals(0.3, 100.0)),
)
"""Laws whose variance does not hide in a tail that no logit up to 36 reaches."""

LOGITS = np.linspace(-36.0, 36.0, 7201)


@relaxed
@given(calm)
def test_a_law_has_its_mean_and_its_variance(law):
    # Trapezes over the logit of the probability, whose density p (1 - p) falls to 0 exponentially.
    tail = 1.0 / (1.0 + np.exp(np.abs(LOGITS)))
    found = law.quantile(np.where(LOGITS < 0, tail, 1.0 - tail))
    weight = tail * (1.0 - tail) * (LOGITS[1] - LOGITS[0])
    mean, variance = MOMENTS[type(law)](*(getattr(law, each.name) for each in fields(law)))
    assert np.sum(weight * found) == pytest.approx(mean, abs=1e-5 * sqrt(variance) + 1e-12 * abs(mean))
    assert np.sum(weight * (found - mean) ** 2) == pytest.approx(variance, rel=1e-4)


@relaxed
@given(metalogs())
def test_a_metalog_has_the_moments_of_keelin(law):
    tail = 1.0 / (1.0 + np.exp(np.abs(LOGITS)))
    found = law.quantile(np.where(LOGITS < 0, tail, 1.0 - tail))
    weight = tail * (1.0 - tail) * (LOGITS[1] - LOGITS[0])
    slope, skew = (law.p90 - law.p10) / (2 * log(9)), (law.p90 + law.p10 - 2 * law.p50) / (0.8 * log(9))
    mean = law.p50 + skew / 2
    variance = pi**2 * slope**2 / 3 + skew**2 * (1 / 12 + pi**2 / 36)
    assert np.sum(weight * found) == pytest.approx(mean, abs=1e-5 * sqrt(variance) + 1e-12 * abs(mean))
    assert np.sum(weight * (found - mean) ** 2) == pytest.approx(variance, rel=1e-4)


@relaxed
@given(stepped, st.integers(0, 10**6))
def test_a_stepped_law_draws_each_value_as_often_as_it_says(law, seed):
    # Of 5,000 stratified draws, each value gets its share to within one draw per block at either end.
    blocks = 20
    drawn = draw({"x": Input("x", law)}, seed=seed, first=0, count=blocks * BLOCK).value("x")
    for value in set(law.values):
        share = law.cdf(value) - law.cdf(np.nextafter(value, -np.inf))
        assert abs(np.mean(drawn == value) - share) <= 2 / BLOCK


@settings(deadline=None, derandomize=True)  # the same pairs in every run, as in every statistical test
@given(reals(-0.98, 0.98), st.integers(0, 10**6))
def test_a_copula_has_the_rank_correlation_asked_for(spearman, seed):
    # 4,000 pairs; 5 standard errors of independent ones (at most 1 / sqrt(n)): beyond once in two million.
    count = 4_000
    inputs = {name: Input(name, law) for name, law in (("x", Exponential(3.0)), ("y", Uniform(0.0, 1.0)))}
    drawn = draw(inputs, seed=seed, first=0, count=count, correlations={("x", "y"): spearman})
    ranks = [np.argsort(np.argsort(drawn.value(name))) for name in ("x", "y")]
    assert abs(np.corrcoef(*ranks)[0, 1] - spearman) <= 5.0 / sqrt(count)


names = st.text(max_size=12)


@relaxed
@given(st.sets(names, min_size=1, max_size=5), st.sets(names, max_size=5), st.integers(0, 2**40))
def test_more_inputs_change_the_luck_of_none(few, more, seed):
    def drawn(wanted):
        inputs = {name: Input(name, Exponential(2.0), stratified=len(name) % 2 == 0) for name in wanted}
        return draw(inputs, seed=seed, first=100, count=300)

    alone, together = drawn(few), drawn([*more, *few])
    for name in few:
        assert together.uniform(name).tolist() == alone.uniform(name).tolist()
    luck = {tuple(together.uniform(name).tolist()) for name in few | more}
    assert len(luck) == len(few | more)


@relaxed
@given(st.integers(0, 2**32), st.integers(0, 10**6))
def test_every_block_is_a_latin_hypercube(seed, block):
    inputs = {"x": Input("x", Uniform(0.0, 1.0))}
    uniforms = draw(inputs, seed=seed, first=block * BLOCK, count=BLOCK).uniform("x")
    assert np.sort((uniforms * BLOCK).astype(int)).tolist() == list(range(BLOCK))


days = st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, np.inf])  # few, so that they often coincide


@st.composite
def step_functions(drawer: st.DrawFn, replications: int = 3) -> Steps:
    rows, count = drawer(st.integers(1, 5)), drawer(st.sampled_from([1, replications]))
    times = [
        [0.0, *sorted(drawer(st.lists(days, min_size=rows - 1, max_size=rows - 1)))] for _ in range(count)
    ]
    values = [drawer(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)) for _ in range(count)]
    return Steps(np.array(times).T.copy(), np.array(values, dtype=np.float64).T.copy())


@relaxed
@given(st.lists(step_functions(), min_size=1, max_size=4), st.sampled_from([product, minimum, total]))
def test_combined_steps_have_the_combined_value_at_every_time(parts, combine):
    function = {product: np.prod, minimum: np.min, total: np.sum}[combine]
    combined = combine(parts)
    assert np.all(combined.times[1:] >= combined.times[:-1])
    assert np.all(combined.times[0] == 0)
    for day in [0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 8.0, 9.0]:
        expected = function([np.broadcast_to(part.at(np.full(3, day)), 3) for part in parts], axis=0)
        assert np.broadcast_to(combined.at(np.full(3, day)), 3).tolist() == expected.tolist()


@relaxed
@given(st.lists(st.tuples(days, days), min_size=1, max_size=6))
def test_spells_are_the_union_of_their_intervals(pairs):
    begin, end = np.array(pairs).T[..., np.newaxis]
    steps = spells(begin, end, inside=np.array([7.0]), outside=np.array([1.0]))
    for day in [0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 8.0, 9.0]:
        inside = any(first <= day < last for first, last in pairs)
        assert steps.at(np.array([day])).tolist() == [7.0 if inside else 1.0]
