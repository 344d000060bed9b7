import numpy as np
import pytest
from scipy.stats import chisquare

from sim.chance import draws as draws_module
from sim.chance.amount import Input
from sim.chance.copula import check_correlations
from sim.chance.distributions import Distribution, Fixed, Lognormal, Pert, Uniform
from sim.chance.draws import BLOCK, draw, medians


def inputs(**laws: Distribution) -> dict[str, Input]:
    return {name: Input(name, law) for name, law in laws.items()}


FEW = inputs(a=Uniform(0.0, 1.0), b=Lognormal(7.5, 0.55), c=Pert(1.0, 3.0, 8.0))

RARE = {
    name: Input(name, law, stratified=False)
    for name, law in [("a", Uniform(0.0, 1.0)), ("d", Uniform(2.0, 3.0))]
}


@pytest.mark.parametrize(("first", "count"), [(0, 1), (0, 500), (249, 2), (250, 250), (613, 387), (999, 1)])
def test_any_range_of_replications_is_cut_from_the_same_sequence(first, count):
    whole, part = draw(FEW, seed=7, first=0, count=1000), draw(FEW, seed=7, first=first, count=count)
    for name in FEW:
        assert part.value(name).tolist() == whole.value(name)[first : first + count].tolist()
    assert part.replications.tolist() == list(range(first, first + count))


def test_a_draw_depends_on_the_name_and_not_on_the_company():
    alone = draw(inputs(b=Lognormal(7.5, 0.55)), seed=7, first=0, count=500)
    assert alone.uniform("b").tolist() == draw(FEW, seed=7, first=0, count=500).uniform("b").tolist()


def test_seeds_and_names_lead_to_different_luck():
    one, other = draw(FEW, seed=1, first=0, count=250), draw(FEW, seed=2, first=0, count=250)
    assert not np.any(one.uniform("a") == other.uniform("a"))
    assert not np.any(one.uniform("a") == one.uniform("b"))


def test_the_luck_of_a_seed_is_written_in_stone():
    # A change here changes every published result: generator, key and the use of the bits are a contract.
    drawn = draw(FEW, seed=20240430, first=12_345, count=3)
    assert drawn.uniform("a").tolist() == [0.4250652206009381, 0.947359797232837, 0.00572105890889543]
    rare = draw(RARE, seed=20240430, first=12_345, count=3)
    assert rare.uniform("a").tolist() == [0.6336065689507216, 0.3169762992828672, 0.0413539666095214]


def test_each_block_holds_one_draw_per_stratum():
    uniforms = draw(FEW, seed=3, first=0, count=8 * BLOCK).uniform("a").reshape(8, BLOCK)
    strata = np.sort((uniforms * BLOCK).astype(int), axis=1)
    assert (strata == np.arange(BLOCK)).all()
    orders = np.argsort(uniforms, axis=1)
    assert len({tuple(order) for order in orders.tolist()}) == 8


def test_taken_replications_keep_their_values():
    drawn = draw(FEW, seed=3, first=100, count=400, correlations={("a", "c"): 0.6})
    rows = [399, 0, 17]
    taken = drawn.take(rows)
    for name in FEW:
        assert taken.value(name).tolist() == drawn.value(name)[rows].tolist()
        assert taken.uniform(name).tolist() == drawn.uniform(name)[rows].tolist()
    assert (taken.count, taken.replications.tolist()) == (3, [499, 100, 117])
    mask = drawn.uniform("a") < 0.1
    assert drawn.take(mask).value("b").tolist() == drawn.value("b")[mask].tolist()


def test_rare_inputs_are_drawn_only_where_they_are_asked_for(monkeypatch):
    whole, asked = draw(RARE, seed=3, first=100, count=400), []
    bits = draws_module._bits
    monkeypatch.setattr(
        draws_module, "_bits", lambda key, rows: asked.append(rows.tolist()) or bits(key, rows)
    )
    few = draw(RARE, seed=3, first=100, count=400).take([399, 0, 17]).take([0, 2])
    assert few.value("d").tolist() == whole.value("d")[[399, 17]].tolist()
    assert asked == [[499, 117], list(range(100, 500))]
    drawn = whole.replaced({"d": 0.5}).take([5, 6])
    assert drawn.value("d").tolist() == [2.5, 2.5]
    assert drawn.uniform("a").tolist() == whole.uniform("a")[5:7].tolist()


def test_a_rare_input_may_be_correlated():
    many = {"a": Input("a", Uniform(0.0, 1.0)), "b": Input("b", Uniform(0.0, 1.0), stratified=False)}
    drawn = draw(many, seed=3, first=0, count=4000, correlations={("a", "b"): 0.8})
    # Spearman's coefficient of 4,000 pairs has a standard error of about 0.007: 0.05 is seven of them.
    assert np.corrcoef(drawn.uniform("a"), drawn.uniform("b"))[0, 1] == pytest.approx(0.8, abs=0.05)
    assert drawn.take([7, 3]).uniform("b").tolist() == drawn.uniform("b")[[7, 3]].tolist()


def test_rare_inputs_are_uniform_and_independent_of_their_neighbors():
    uniforms = draw(RARE, seed=5, first=0, count=100_000)
    a, d = uniforms.uniform("a"), uniforms.uniform("d")
    pairs = (
        (a, d),
        (a, np.roll(a, 1)),
        (a, np.roll(d, 1)),
        (a, np.arange(a.size) / a.size),
        (a, a * 1024 % 1),
    )
    for one, other in pairs:  # chance of a false alarm: 1e-6 each
        cells = np.bincount((one * 20).astype(int) * 20 + (other * 20).astype(int), minlength=400)
        assert chisquare(cells).pvalue > 1e-6


def test_a_replaced_input_leaves_the_luck_of_the_others():
    drawn = draw(FEW, seed=3, first=0, count=300, correlations={("a", "c"): 0.6})
    fixed = drawn.replaced({"a": 0.5, "b": drawn.uniform("c")})
    assert fixed.value("a").tolist() == [0.5] * 300
    assert fixed.value("b").tolist() == FEW["b"].distribution.quantile(drawn.uniform("c")).tolist()
    assert fixed.value("c").tolist() == drawn.value("c").tolist()
    with pytest.raises(KeyError, match="'z' is not among the 3 drawn"):
        drawn.replaced({"z": 0.5})


def test_medians_are_one_replication_of_medians():
    drawn = medians(FEW)
    assert drawn.count == 1
    assert [drawn.value(name).tolist() for name in FEW] == [[law.distribution.median] for law in FEW.values()]


def test_a_law_without_chance_asks_for_no_luck(monkeypatch):
    drawn = draw(inputs(a=Fixed(4.0)), seed=1, first=0, count=10)
    monkeypatch.setattr("sim.chance.draws._bits", None)
    assert drawn.value("a").tolist() == [4.0] * 10


def test_columns_are_found_once_and_cannot_be_changed():
    drawn = draw(FEW, seed=1, first=0, count=10)
    assert drawn.value("a") is drawn.value("a")
    with pytest.raises(ValueError, match="read-only"):
        drawn.value("a")[0] = 1.0


def test_an_empty_range_or_an_unknown_input_is_named():
    with pytest.raises(ValueError, match="cannot draw 0 replications from number 5 on"):
        draw(FEW, seed=1, first=5, count=0)
    with pytest.raises(ValueError, match="cannot draw 5 replications from number -1 on"):
        draw(FEW, seed=1, first=-1, count=5)
    with pytest.raises(KeyError, match="input 'z' is not among the 3 drawn"):
        draw(FEW, seed=1, first=0, count=5).value("z")
    with pytest.raises(ValueError, match="a correlation names 'z', which is no input"):
        draw(FEW, seed=1, first=0, count=5, correlations={("a", "z"): 0.5})


def test_correlations_leave_the_first_of_a_group_and_everybody_else_alone():
    many = {name: Input(name, Uniform(0.0, 1.0)) for name in "abcdef"}
    plain = draw(many, seed=1, first=0, count=500)
    drawn = draw(
        many, seed=1, first=0, count=500, correlations={("e", "b"): 0.5, ("e", "f"): 0.2, ("c", "d"): -0.9}
    )
    same = [name for name in many if (plain.uniform(name) == drawn.uniform(name)).all()]
    assert same == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        ({("a", "a"): 0.5}, "a is correlated with itself"),
        ({("a", "b"): 1.0}, "the correlation of a and b must lie between -1 and 1, got 1"),
        ({("a", "b"): 0.1, ("b", "a"): 0.1}, "the correlation of a and b is given twice"),
        (
            {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): 0.2},
            "lower that of a and b from 0.9 to about 0.58$",
        ),
        (
            {("a", "b"): 0.9, ("b", "c"): -0.5, ("a", "c"): 0.5},
            "lower that of a and b from 0.9 to about 0.44$",
        ),
        (
            {("a", "b"): 0.9, ("b", "c"): 0.9, ("c", "d"): 0.9, ("d", "e"): 0.9},
            "lower all of them among a, b, c, d, e to about 0.6. of what they are$",
        ),
    ],
)
def test_correlations_that_contradict_each_other_are_named(pairs, problem):
    with pytest.raises(ValueError, match=problem):
        check_correlations(pairs)


def test_the_advice_is_good_and_just_good_enough():
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): 0.2}
    check_correlations({**pairs, ("a", "b"): 0.58})
    with pytest.raises(ValueError, match="contradict"):
        check_correlations({**pairs, ("a", "b"): 0.6})
