from __future__ import annotations

import math
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.scenario.laws import LAWS, QuantityError
from sim.scenario.quantity import Duration, Quantity, Share, parse
from sim.scenario.section import Section
from sim.scenario.units import DIMENSIONS


def read(value: object, dimension: str = "duration") -> Quantity:
    return parse(value, DIMENSIONS[dimension])


def problems(value: object, dimension: str = "duration") -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(QuantityError) as error:
        read(value, dimension)
    return list(error.value.problems)


def law(body: dict[str, Any], dimension: str = "duration", **keys: Any) -> Quantity:
    unit = {} if DIMENSIONS[dimension].is_plain else {"unit": DIMENSIONS[dimension].canonical}
    return read({**body, **unit, "assumption": "for the test", **keys}, dimension)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("9 months", "duration", 273.9375),
        ("never", "duration", math.inf),
        ("85 %", "share", 0.85),
        (0.85, "share", 0.85),
        ("0.45 per year", "frequency", 0.45 / 365.25),
        (1000, "accelerators", 1000),
        ("1.4e12 tokens", "count", 1.4e12),
        ("70 billion parameters", "count", 70e9),
        (2, "factor", 2),
        ("2 EFLOP/s", "compute", 2e6),
        ({"fixed": 41, "unit": "MW"}, "power", 41000),
        ({"fixed": 95, "unit": "%"}, "share", 0.95),
        (0, "count", 0),
    ],
)
def test_plain_numbers_in_canonical_units(text: object, dimension: str, value: float) -> None:
    quantity = read(text, dimension)
    assert quantity.is_fixed
    assert quantity.central == pytest.approx(value, rel=1e-14)
    assert quantity.dimension == dimension


def test_rounding_leaves_no_trail_of_the_unit() -> None:
    assert read("95 %", "share").central == 0.95


def test_units_scale_what_has_a_unit_and_nothing_else() -> None:
    weeks = read({"lognormal": {"median": 2, "sigma": 0.5}, "unit": "weeks", "source": "A1", "max": 10})
    assert weeks.parameters == {"median": 14, "sigma": 0.5}
    assert weeks.maximum == 70
    months = read({"gamma": {"shape": 2, "scale": 1}, "unit": "months", "source": ["A1", "A2"]})
    assert months.parameters == {"shape": 2, "scale": 30.4375}
    assert months.source == ("A1", "A2")


def test_every_law_parses() -> None:
    bodies: dict[str, Any] = {
        "fixed": 3,
        "uniform": [1, 2],
        "triangular": [1, 2, 3],
        "pert": {"low": 1, "mode": 2, "high": 3},
        "normal": {"mean": 5, "sd": 1},
        "lognormal": {"median": 2, "sigma": 1},
        "gamma": {"shape": 2, "scale": 1},
        "weibull": {"shape": 2, "scale": 1},
        "exponential": {"mean": 14},
        "beta": [2, 5],
        "discrete": {"values": [1, 2], "weights": [3, 1]},
        "empirical": [3, 1, 2],
        "metalog": {"p10": 3, "p50": 6, "p90": 14},
    }
    assert bodies.keys() == LAWS.keys()
    for name, body in bodies.items():
        dimension = "share" if name == "beta" else "factor"
        quantity = law({name: body}, dimension)
        assert quantity.law == name
        assert tuple(quantity.parameters) == LAWS[name].forms[0]
        assert read(quantity.plain(), dimension) == quantity


POSITIVE = st.floats(0.05, 50)


@given(mean=POSITIVE, variation=st.floats(0.05, 3))
def test_mean_and_sd_make_the_law_with_this_mean_and_sd(mean: float, variation: float) -> None:
    moments = {"mean": mean, "sd": mean * variation}
    lognormal = law({"lognormal": moments}).parameters
    gamma = law({"gamma": moments}).parameters
    weibull = law({"weibull": moments}).parameters
    for frozen in (
        stats.lognorm(s=lognormal["sigma"], scale=lognormal["median"]),
        stats.gamma(gamma["shape"], scale=gamma["scale"]),
        stats.weibull_min(weibull["shape"], scale=weibull["scale"]),
    ):
        assert frozen.mean() == pytest.approx(mean, rel=1e-9)
        assert frozen.std() == pytest.approx(mean * variation, rel=1e-9)


@given(low=POSITIVE, ratio=st.floats(1.01, 100))
def test_lognormal_passes_through_the_percentiles_given(low: float, ratio: float) -> None:
    high = low * ratio
    for form in ({"p10": low, "p90": high}, {"median": low, "p90": high}, {"median": high, "p10": low}):
        parameters = law({"lognormal": form}).parameters
        frozen = stats.lognorm(s=parameters["sigma"], scale=parameters["median"])
        points = {"p10": 0.1, "median": 0.5, "p90": 0.9}
        for name, value in form.items():
            assert frozen.ppf(points[name]) == pytest.approx(value, rel=1e-9)


def test_three_percentiles_name_their_law() -> None:
    given = {"p10": 3, "p50": 6, "p90": 12}
    assert law({**given, "law": "metalog"}).parameters == {"p10": 3, "p50": 6, "p90": 12}
    assert law({**given, "law": "lognormal"}).law == "lognormal"
    assert problems({**given, "unit": "days", "source": "A"}) == [
        ((), "p10/p50/p90 need law: metalog or law: lognormal beside them")
    ]
    skewed = problems({"p10": 3, "p50": 9, "p90": 12, "law": "lognormal", "unit": "days", "source": "A"})
    assert skewed == [((), "a lognormal with this p10 and p90 has p50 6, not 9; try law: metalog")]


def test_metalog_is_refused_where_its_density_would_be_negative() -> None:
    """The condition of Keelin 2016 against the quantile function itself."""
    probability = np.linspace(1e-6, 1 - 1e-6, 200_001)
    log_odds = np.log(probability / (1 - probability))
    for middle in np.linspace(1.05, 9.95, 90):
        spread, skew = 9 / (2 * math.log(9)), (11 - 2 * middle) / (0.8 * math.log(9))
        quantile = middle + spread * log_odds + skew * (probability - 0.5) * log_odds
        is_law = bool(np.all(np.diff(quantile) > 0))
        try:
            law({"metalog": {"p10": 1, "p50": float(middle), "p90": 10}})
            accepted = True
        except QuantityError:
            accepted = False
        assert accepted == is_law, middle


@pytest.mark.parametrize(
    ("body", "dimension", "central"),
    [
        ({"uniform": [2, 4]}, "duration", 3),
        ({"pert": [8, 26, 78]}, "duration", 26),
        ({"lognormal": {"median": 7, "sigma": 1}}, "duration", 7),
        ({"weibull": {"shape": 1, "scale": 10}}, "duration", 10 * math.log(2)),
        ({"exponential": {"mean": 10}}, "duration", 10 * math.log(2)),
        ({"gamma": {"mean": 6, "sd": 2}}, "duration", 6),
        ({"beta": [2, 6]}, "share", 0.25),
        ({"discrete": {"values": [5, 1, 3], "weights": [1, 1, 3]}}, "duration", 3),
        ({"empirical": [9, 1, 4]}, "duration", 4),
        ({"pert": [8, 26, 78], "max": 20}, "duration", 20),
        ({"pert": [8, 26, 78], "min": 30}, "duration", 30),
    ],
)
def test_planning_value(body: dict[str, Any], dimension: str, central: float) -> None:
    assert law(body, dimension).central == pytest.approx(central)


def test_laws_that_reach_too_far_are_cut_off_at_what_the_dimension_allows() -> None:
    assert law({"normal": {"mean": 3, "sd": 2}}).minimum == 0
    share = law({"normal": {"mean": 0.9, "sd": 0.2}}, "share")
    assert (share.minimum, share.maximum) == (0, 1)
    assert law({"lognormal": {"median": 0.4, "sigma": 1}}, "share").maximum == 1
    assert law({"lognormal": {"median": 0.4, "sigma": 1}, "max": 0.7}, "share").maximum == 0.7
    pert = law({"pert": [1, 2, 3]})
    assert (pert.minimum, pert.maximum) == (None, None)


@pytest.mark.parametrize(
    ("value", "dimension", "place", "message"),
    [
        (9, "duration", (), "9 has no unit; a duration needs days, weeks, months or years"),
        ("9 kW", "duration", (), "kW is for a power; a duration needs days, weeks, months or years"),
        ("never", "share", (), "'never' does not begin with a number"),
        ("soon", "duration", (), "'soon' does not begin with a number"),
        ("-3 days", "duration", (), "-3 is below 0, which a duration cannot be"),
        (85, "share", (), "85 is above 1, which a share cannot be (percent is written with its unit)"),
        ("1e308 years", "duration", (), "1e+308 is not a number to compute with"),
        ("1e-31 days", "duration", (), "1e-31 is not a number to compute with"),
        (10**400, "count", (), f"1{36 * '0'}... is not a number to compute with"),
        (float("nan"), "factor", (), "NaN is not a number to compute with"),
        (float("inf"), "factor", (), "inf is not a number to compute with"),
        (True, "factor", (), "true is not a number"),
        (None, "factor", (), "nothing is not a number"),
        ([1], "factor", (), "a list is not a number"),
        ({}, "factor", (), "has no number and no law; laws are " + ", ".join(LAWS)),
        ({"traingular": [1, 2, 3]}, "factor", (), "has no number and no law (did you mean triangular?)"),
        (
            {"fixed": 1, "uniform": [1, 2]},
            "factor",
            ("uniform",),
            "has fixed and uniform; a quantity follows one law",
        ),
        (
            {"fixed": "41 kW", "unit": "kW"},
            "power",
            ("fixed",),
            "'41 kW' is not a number (the unit goes once under unit:)",
        ),
        ({"fixed": 41}, "power", (), "fixed has no unit; a power needs kW or MW"),
        ({"fixed": 41, "unit": 3}, "power", ("unit",), "3 is not a unit"),
        ({"fixed": 1, "min": 0}, "factor", ("min",), "a fixed number has no tails to cut"),
        ({"fixed": 1, "sorce": "A"}, "factor", ("sorce",), "unknown key (did you mean source?)"),
    ],
)
def test_what_is_wrong_with_a_number(
    value: object, dimension: str, place: tuple[str | int, ...], message: str
) -> None:
    assert problems(value, dimension) == [(place, message)]


@pytest.mark.parametrize(
    ("body", "place", "message"),
    [
        ({"pert": [8, 260, 78]}, ("pert",), "mode 260 is above high 78"),
        ({"triangular": [8, 2, 78]}, ("triangular",), "low 8 is above mode 2"),
        ({"uniform": [3, 3]}, ("uniform",), "low and high are both 3: write a plain number"),
        ({"pert": [8, 26]}, ("pert",), "has 2 numbers; it needs 3: low, mode, high"),
        ({"pert": [8, "x", 78]}, ("pert", 1), "'x' is not a number"),
        (
            {"pert": {"low": 1, "high": 2}},
            ("pert",),
            "has low and high; it needs [low, mode, high] or {low, mode, high}",
        ),
        ({"normal": [1, 2]}, ("normal",), "is a list; it needs {mean, sd}"),
        ({"normal": {"mean": 1, "sd": 0}}, ("normal", "sd"), "0 is not above 0"),
        ({"normal": {"mean": -1, "sd": 1}}, ("normal",), "-1 is below 0, which a factor cannot be"),
        ({"lognormal": {"median": 2, "sigma": -1}}, ("lognormal", "sigma"), "-1 is not above 0"),
        ({"lognormal": {"p10": 5, "p90": 2}}, ("lognormal",), "5 is not below 2"),
        ({"gamma": {"shape": 0, "scale": 1}}, ("gamma", "shape"), "0 is not above 0"),
        (
            {"weibull": {"mean": 1, "sd": 1e30}},
            ("weibull", "sd"),
            "sd is 1e+30 times the mean, which no usable weibull law has",
        ),
        (
            {"lognormal": {"median": 1, "sigma": 50}},
            ("lognormal",),
            "sigma is 50; a usable lognormal law has 1e-06 to 20",
        ),
        (
            {"gamma": {"mean": 1, "sd": 1e9}},
            ("gamma",),
            "shape is 1e-18; a usable gamma law has 0.01 to 1e+06",
        ),
        ({"exponential": {"mean": 0}}, ("exponential", "mean"), "0 is not above 0"),
        ({"beta": [0, 1]}, ("beta", "a"), "0 is not above 0"),
        ({"discrete": {"values": [1, 2], "weights": [1]}}, ("discrete",), "has 2 values but 1 weights"),
        (
            {"discrete": {"values": [1], "weights": [0]}},
            ("discrete", "weights"),
            "weights sum to 0; they need a sum above 0",
        ),
        ({"discrete": {"values": [1, 2], "weights": [1, -1]}}, ("discrete", "weights", 1), "-1 is below 0"),
        ({"discrete": [1]}, ("discrete",), "needs {values: [...], weights: [...]}"),
        ({"empirical": []}, ("empirical",), "is a list; it needs a list of numbers"),
        ({"empirical": [1, float("nan")]}, ("empirical", 1), "NaN is not a number to compute with"),
        ({"metalog": {"p10": 5, "p50": 4, "p90": 9}}, ("metalog",), "p10 5, p50 4, p90 9 must increase"),
        ({"uniform": [1, 2], "min": 3}, ("uniform",), "min and max leave nothing of the law"),
        ({"uniform": [1, 2], "min": 3, "max": 2}, ("min",), "min 3 is not below max 2"),
        ({"uniform": [-1, 2]}, ("uniform",), "-1 is below 0, which a factor cannot be"),
        ({"uniform": [1, 2], "assumption": " "}, ("assumption",), "' ' is not a sentence"),
        ({"uniform": [1, 2], "grade": "good"}, ("grade",), "'good' is not a grade: high, medium or low"),
        ({"uniform": [1, 2], "source": []}, ("source",), "names no evidence"),
        (
            {"uniform": [1, 2], "source": [7]},
            ("source",),
            "a list is not an id of evidence.csv, nor a list of them",
        ),
    ],
)
def test_what_is_wrong_with_a_law(body: dict[str, Any], place: tuple[str | int, ...], message: str) -> None:
    assert problems({"assumption": "for the test", **body}, "factor") == [(place, message)]


@pytest.mark.parametrize("name", [name for name in LAWS if name != "fixed"])
def test_a_law_with_neither_source_nor_assumption_is_an_error(name: str) -> None:
    found = problems({name: [1, 2, 3], "grade": "low"}, "factor")
    assert (
        (),
        f"a {name} law needs its source (ids of evidence.csv) or an assumption (one sentence)",
    ) in found


def test_several_mistakes_in_one_quantity_are_all_found() -> None:
    found = problems({"pert": [8, 260, 78], "unit": "kW", "grade": "bad", "minn": 1})
    assert [place for place, _ in found] == [("unit",), ("pert",), ("grade",), ("minn",)]


def test_equal_quantities_hash_alike_and_survive_pickling() -> None:
    first = law({"pert": [1, 2, 3]})
    assert first == law({"pert": [1, 2, 3]})
    assert len({first, law({"pert": [1, 2, 3]}), law({"pert": [1, 2, 4]})}) == 2
    assert pickle.loads(pickle.dumps(first)) == first


def test_fields_of_a_section_read_quantities_and_take_only_their_own_dimension() -> None:
    class Small(Section):
        patience: Duration = Quantity.fixed(30, "duration")
        share: Share | None = None

    assert Small().patience.central == 30
    assert Small.model_validate({"patience": "2 weeks", "share": 0.5}).patience.central == 14
    assert Small.model_validate({"patience": Quantity.fixed(3, "duration")}).patience.central == 3
    with pytest.raises(ValueError, match="is a share, not a duration"):
        Small.model_validate({"patience": Quantity.fixed(0.5, "share")})


def test_reading_quantities_needs_no_numerical_library() -> None:
    heavy = "('numpy', 'scipy', 'pandas', 'pydantic')"
    code = f"import sys, sim.scenario.quantity; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
