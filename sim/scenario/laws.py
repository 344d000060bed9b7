"""Laws of chance as people write them: which parameters each has, in which forms, and what makes sense.

Each law turns one of its forms (``lognormal: {p10: 3, p90: 14}``) into its own parameters, in the unit of the
file, and names every number that cannot be. Units, truncation and evidence are left to ``quantity``, which is
the only caller; drawing is left to ``chance``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from statistics import median
from typing import Any

from sim.scenario.words import shown

Parameters = Mapping[str, float | tuple[float, ...]]
Place = tuple[str | int, ...]

Z90 = 1.2815515655446004  # the 90 % quantile of the standard normal law
METALOG_SKEW = 0.16658  # Keelin 2016, "The Metalog Distributions", Decision Analysis 13(4): p50 this far in
MOST_VALUES = 100_000
LARGEST = 1e30  # beyond it, and below its inverse, nothing in the world of this model is counted

_SHAPES = {"sigma": (1e-6, 20.0), "shape": (0.01, 1e6), "a": (0.001, 1e6), "b": (0.001, 1e6)}


class QuantityError(ValueError):
    """What is wrong with a quantity: ``problems`` are (place inside the value, message)."""

    def __init__(self, problems: Sequence[tuple[Place, str]]) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = tuple(problems)


def every(*reads: Callable[[], Any]) -> list[Any]:
    """Return what each of the steps returns, or raise the problems of all of them together."""
    results: list[Any] = []
    problems: list[tuple[Place, str]] = []
    for read in reads:
        try:
            results.append(read())
        except QuantityError as error:
            problems += error.problems
    if problems:
        raise QuantityError(problems)
    return results


def wrong(message: str, *place: str | int) -> QuantityError:
    """Return an error with one problem."""
    return QuantityError([(place, message)])


def number(value: object, *place: str | int) -> float:
    """Return a finite number, or raise a :class:`QuantityError` that says what stands there instead."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = " (the unit goes once under unit:)" if isinstance(value, str) and value[:1].isdigit() else ""
        raise wrong(f"{shown(value)} is not a number{hint}", *place)
    if value != value or abs(value) > LARGEST or 0 < abs(value) < 1 / LARGEST:
        raise wrong(f"{'NaN' if value != value else shown(value)} is not a number to compute with", *place)
    return float(value)


@dataclass(frozen=True, slots=True)
class Law:
    """One law of chance.

    Attributes
    ----------
    forms
        The sets of parameters it may be given by, the law's own first.
    is_list
        Whether its own parameters may be written as a list, in their order.
    with_unit
        Its parameters that carry the quantity's unit.
    convert
        From the parameters written (any form) to the law's own; raises :class:`QuantityError`.
    central
        The planning value: mode or median as people state it.
    support
        The range of its values.
    """

    forms: tuple[tuple[str, ...], ...]
    with_unit: tuple[str, ...]
    convert: Callable[[dict[str, float]], Parameters]
    central: Callable[[Parameters], float]
    support: Callable[[Parameters], tuple[float, float]]
    is_list: bool = False


def read_law(name: str, body: object) -> Parameters:
    """Return the law's own parameters, in the unit of the file.

    Raises
    ------
    QuantityError
        With each number that is none, is missing, unknown or makes no sense, placed inside ``body``.
    """
    parameters = _READERS[name](body) if name in _READERS else _read_named(LAWS[name], body)
    for key, (low, high) in _SHAPES.items():
        value = parameters.get(key)
        if isinstance(value, float) and not low <= value <= high:
            raise wrong(f"{key} is {value:.4g}; a usable {name} law has {low:g} to {high:g}")
    return parameters


def _read_named(law: Law, body: object) -> Parameters:
    named = _named(law, body)
    values = every(*(partial(number, value, place) for place, (_, value) in named.items()))
    return law.convert(dict(zip((name for name, _ in named.values()), values, strict=True)))


def _named(law: Law, body: object) -> dict[str | int, tuple[str, object]]:
    """Return place -> (parameter, value) for a list or a mapping of parameters."""
    if isinstance(body, Mapping):
        if not any(set(body) == set(form) for form in law.forms):
            raise wrong(f"has {_and(body)}; it needs {_choices(law)}")
        return {name: (name, body[name]) for name in body}
    own = law.forms[0]
    if law.is_list and isinstance(body, list | tuple):
        if len(body) != len(own):
            raise wrong(f"has {len(body)} numbers; it needs {len(own)}: {', '.join(own)}")
        return {index: (name, value) for index, (name, value) in enumerate(zip(own, body, strict=True))}
    raise wrong(f"is {shown(body)}; it needs {_choices(law)}")


def _choices(law: Law) -> str:
    lists = [f"[{', '.join(law.forms[0])}]"] if law.is_list else []
    return " or ".join(lists + [f"{{{', '.join(form)}}}" for form in law.forms])


def _and(names: Mapping[str, object]) -> str:
    return " and ".join(str(name) for name in names) or "nothing in it"


def _positive(values: Mapping[str, float], *names: str) -> None:
    problems: list[tuple[Place, str]] = [
        ((name,), f"{values[name]:g} is not above 0")
        for name in names
        if name in values and values[name] <= 0
    ]
    if problems:
        raise QuantityError(problems)


def _ascending(values: dict[str, float]) -> Parameters:
    """Check low <= mode <= high; a range of no width is a fixed number."""
    ordered = [name for name in ("low", "mode", "high") if name in values]
    for below, above in pairwise(ordered):
        if values[below] > values[above]:
            raise wrong(f"{below} {values[below]:g} is above {above} {values[above]:g}")
    if values["low"] == values["high"]:
        raise wrong(f"low and high are both {values['low']:g}: write a plain number")
    return {name: values[name] for name in ordered}


def _normal(values: dict[str, float]) -> Parameters:
    _positive(values, "sd")
    return values


def _lognormal(values: dict[str, float]) -> Parameters:
    _positive(values, *values)
    if "sigma" in values:
        return {"median": values["median"], "sigma": values["sigma"]}
    if "sd" in values:
        variance = math.log1p((values["sd"] / values["mean"]) ** 2)
        return {"median": values["mean"] * math.exp(-variance / 2), "sigma": math.sqrt(variance)}
    if "p50" in values:
        return _lognormal_of_three(values)
    low, high = values.get("p10", values.get("median", 0.0)), values.get("p90", values.get("median", 0.0))
    if low >= high:
        raise wrong(f"{low:g} is not below {high:g}")
    middle = values.get("median", math.sqrt(low) * math.sqrt(high))
    tails = len({"p10", "p90"} & set(values))
    return {"median": middle, "sigma": math.log(high / low) / (tails * Z90)}


def _lognormal_of_three(values: dict[str, float]) -> Parameters:
    """Check that a lognormal passes through all three percentiles, to within 5 % of its p50."""
    pair = _lognormal({name: values[name] for name in ("p10", "p90")})
    implied = _one(pair, "median")
    if abs(values["p50"] / implied - 1) > 0.05:
        told = f"a lognormal with this p10 and p90 has p50 {implied:.4g}, not {values['p50']:g}"
        raise wrong(f"{told}; try law: metalog")
    return {**pair, "median": values["p50"]}


def _gamma(values: dict[str, float]) -> Parameters:
    _positive(values, *values)
    if "shape" in values:
        return {"shape": values["shape"], "scale": values["scale"]}
    shape = (values["mean"] / values["sd"]) ** 2
    return {"shape": shape, "scale": values["mean"] / shape}


def _weibull(values: dict[str, float]) -> Parameters:
    _positive(values, *values)
    if "shape" in values:
        return {"shape": values["shape"], "scale": values["scale"]}
    shape = _weibull_shape(values["sd"] / values["mean"])
    return {"shape": shape, "scale": values["mean"] / math.gamma(1 + 1 / shape)}


def _weibull_shape(variation: float) -> float:
    """Return the shape whose coefficient of variation is given, by bisection on its logarithm."""

    def excess(shape: float) -> float:
        return math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape) - math.log1p(variation**2)

    low, high = math.log(0.02), math.log(1e4)
    if excess(math.exp(low)) < 0 or excess(math.exp(high)) > 0:
        raise wrong(f"sd is {variation:g} times the mean, which no usable weibull law has", "sd")
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(math.exp(middle)) > 0 else (low, middle)
    return math.exp(low)


def _exponential(values: dict[str, float]) -> Parameters:
    _positive(values, "mean")
    return values


def _beta(values: dict[str, float]) -> Parameters:
    _positive(values, "a", "b")
    return {"a": values["a"], "b": values["b"]}


def _metalog(values: dict[str, float]) -> Parameters:
    """Check that three percentiles make a law: the density is positive iff p50 is not too far out."""
    low, middle, high = (values[name] for name in ("p10", "p50", "p90"))
    if not low < middle < high:
        raise wrong(f"p10 {low:g}, p50 {middle:g}, p90 {high:g} must increase")
    if not METALOG_SKEW < (middle - low) / (high - low) < 1 - METALOG_SKEW:
        raise wrong(
            f"p50 {middle:g} is too near one end of {low:g} to {high:g} for a metalog; try law: lognormal"
        )
    return {"p10": low, "p50": middle, "p90": high}


def _numbers(values: object, *place: str | int) -> tuple[float, ...]:
    if not isinstance(values, list | tuple) or not values:
        raise wrong(f"is {shown(values)}; it needs a list of numbers", *place)
    if len(values) > MOST_VALUES:
        raise wrong(f"has {len(values)} numbers; at most {MOST_VALUES} are read", *place)
    return tuple(every(*(partial(number, value, *place, index) for index, value in enumerate(values))))


def _read_discrete(body: object) -> Parameters:
    if not isinstance(body, Mapping) or set(body) != {"values", "weights"}:
        raise wrong("needs {values: [...], weights: [...]}")
    values, weights = every(*(partial(_numbers, body[key], key) for key in ("values", "weights")))
    if len(values) != len(weights):
        raise wrong(f"has {len(values)} values but {len(weights)} weights")
    if min(weights) < 0:
        raise wrong(f"{min(weights):g} is below 0", "weights", weights.index(min(weights)))
    if not 0 < sum(weights) < math.inf:
        raise wrong(f"weights sum to {sum(weights):g}; they need a sum above 0", "weights")
    return {"values": values, "weights": weights}


def _read_empirical(body: object) -> Parameters:
    return {"values": _numbers(body)}


def _read_fixed(body: object) -> Parameters:
    return {"value": number(body)}


_READERS: Mapping[str, Callable[[object], Parameters]] = {
    "fixed": _read_fixed,
    "discrete": _read_discrete,
    "empirical": _read_empirical,
}


def _one(parameters: Parameters, name: str) -> float:
    value = parameters[name]
    assert isinstance(value, float)
    return value


def _many(parameters: Parameters, name: str) -> tuple[float, ...]:
    value = parameters[name]
    assert isinstance(value, tuple)
    return value


def _is(name: str, scale: float = 1.0) -> Callable[[Parameters], float]:
    return lambda parameters: scale * _one(parameters, name)


def _discrete_median(parameters: Parameters) -> float:
    pairs = sorted(zip(_many(parameters, "values"), _many(parameters, "weights"), strict=True))
    reached = list(accumulate(weight for _, weight in pairs))
    return next(value for (value, _), sofar in zip(pairs, reached, strict=True) if sofar >= reached[-1] / 2)


def _between(low: str, high: str) -> Callable[[Parameters], tuple[float, float]]:
    return lambda parameters: (_one(parameters, low), _one(parameters, high))


def _among(parameters: Parameters) -> tuple[float, float]:
    values = _many(parameters, "values")
    return min(values), max(values)


def _above_zero(parameters: Parameters) -> tuple[float, float]:
    return 0.0, math.inf


def _anywhere(parameters: Parameters) -> tuple[float, float]:
    return -math.inf, math.inf


def _mean_of_uniform(parameters: Parameters) -> float:
    return (_one(parameters, "low") + _one(parameters, "high")) / 2


def _mean_of_gamma(parameters: Parameters) -> float:
    return _one(parameters, "shape") * _one(parameters, "scale")


def _median_of_weibull(parameters: Parameters) -> float:
    return _one(parameters, "scale") * math.pow(math.log(2), 1 / _one(parameters, "shape"))


def _mean_of_beta(parameters: Parameters) -> float:
    return _one(parameters, "a") / (_one(parameters, "a") + _one(parameters, "b"))


def _median_of_values(parameters: Parameters) -> float:
    return median(_many(parameters, "values"))


_LOGNORMAL_FORMS = (
    ("median", "sigma"),
    ("p10", "p90"),
    ("median", "p90"),
    ("median", "p10"),
    ("mean", "sd"),
    ("p10", "p50", "p90"),
)
_SHAPE_FORMS = (("shape", "scale"), ("mean", "sd"))
_VALUES = (("values",),)
_RANGE = _between("low", "high")

LAWS: Mapping[str, Law] = {
    "fixed": Law((("value",),), ("value",), dict, _is("value"), _between("value", "value")),
    "uniform": Law((("low", "high"),), ("low", "high"), _ascending, _mean_of_uniform, _RANGE, True),
    "triangular": Law(
        (("low", "mode", "high"),), ("low", "mode", "high"), _ascending, _is("mode"), _RANGE, True
    ),
    "pert": Law((("low", "mode", "high"),), ("low", "mode", "high"), _ascending, _is("mode"), _RANGE, True),
    "normal": Law((("mean", "sd"),), ("mean", "sd"), _normal, _is("mean"), _anywhere),
    "lognormal": Law(_LOGNORMAL_FORMS, ("median",), _lognormal, _is("median"), _above_zero),
    "gamma": Law(_SHAPE_FORMS, ("scale",), _gamma, _mean_of_gamma, _above_zero),
    "weibull": Law(_SHAPE_FORMS, ("scale",), _weibull, _median_of_weibull, _above_zero),
    "exponential": Law((("mean",),), ("mean",), _exponential, _is("mean", math.log(2)), _above_zero),
    "beta": Law((("a", "b"),), (), _beta, _mean_of_beta, lambda _: (0.0, 1.0), True),
    "discrete": Law((("values", "weights"),), ("values",), dict, _discrete_median, _among),
    "empirical": Law(_VALUES, ("values",), dict, _median_of_values, _among),
    "metalog": Law((("p10", "p50", "p90"),), ("p10", "p50", "p90"), _metalog, _is("p50"), _anywhere),
}
