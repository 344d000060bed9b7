"""Quantities: the one shape of a number in a scenario file, with its law, unit, evidence and grade.

Reads ``9 months`` or ``{pert: [8, 26, 78], unit: weeks, source: [AS054], grade: low}`` into a frozen
:class:`Quantity` in canonical units, and offers one annotated type per dimension for the fields of the
schema. Knows nothing of files and positions (``load``) and draws nothing (``chance``).

Use in the schema: ``patience: Duration = Field(description=…)``, ``delay: Duration | None``; defaults are
written in canonical units, ``Quantity.fixed(30, "duration")``. ``never`` is an infinite duration, so test
``math.isinf(quantity.central)``. Checks of several fields go into ``checks(scenario)``: see ``section``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from sim.scenario.laws import LAWS, Parameters, Place, QuantityError, every, number, read_law, wrong
from sim.scenario.units import DIMENSIONS, Dimension, UnitError, size, split
from sim.scenario.words import guess, shown

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

T = TypeVar("T")
Grade = Literal["high", "medium", "low"]

GRADES: tuple[Grade, ...] = ("high", "medium", "low")
EVIDENCE_KEYS = ("source", "assumption", "grade")
NEVER = "never"
PERCENTILES = ("p10", "p50", "p90")


@dataclass(frozen=True)
class Quantity:
    """A number that may be uncertain, in the canonical unit of its dimension.

    Attributes
    ----------
    law, parameters
        ``fixed(value) uniform(low, high) triangular(low, mode, high) pert(low, mode, high) normal(mean, sd)
        lognormal(median, sigma) gamma(shape, scale) weibull(shape, scale) exponential(mean) beta(a, b)
        discrete(values, weights) empirical(values) metalog(p10, p50, p90)``. ``sigma``, ``shape``, ``a``,
        ``b`` and ``weights`` have no unit. Only the value of a fixed duration may be infinite (``never``).
    minimum, maximum
        Truncation. A law that reaches beyond what its dimension allows (a normal duration below 0, a
        lognormal share above 1) is truncated there without being asked.
    dimension
        A key of :data:`sim.scenario.units.DIMENSIONS`.
    source, assumption, grade
        Ids of evidence rows, or a sentence that admits there is none; how good the evidence is.
    """

    law: str
    parameters: Parameters
    dimension: str
    minimum: float | None = None
    maximum: float | None = None
    source: tuple[str, ...] = ()
    assumption: str | None = None
    grade: Grade | None = None

    @classmethod
    def fixed(cls, value: float, dimension: str) -> Quantity:
        """Return a number without chance, in the canonical unit of the dimension."""
        return cls("fixed", {"value": float(value)}, DIMENSIONS[dimension].name)

    @property
    def is_fixed(self) -> bool:
        """Whether there is no chance in it."""
        return self.law == "fixed"

    @property
    def central(self) -> float:
        """Return the planning value: the mode or median as people state it (the mean for gamma and beta)."""
        value = LAWS[self.law].central(self.parameters)
        if self.minimum is not None:
            value = max(value, self.minimum)
        return value if self.maximum is None else min(value, self.maximum)

    def plain(self) -> str | float | dict[str, Any]:
        """Return the quantity as a file would write it in canonical units; :func:`parse` reads it."""
        unit = DIMENSIONS[self.dimension].canonical
        if self == Quantity(self.law, self.parameters, self.dimension) and self.is_fixed:
            return _text(self.central, unit)
        body: Any = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.parameters.items()
        }
        written = {
            self.law: next(iter(body.values())) if self.law in ("fixed", "empirical") else body,
            "unit": unit,
            "min": self.minimum,
            "max": self.maximum,
            "source": list(self.source),
            "assumption": self.assumption,
            "grade": self.grade,
        }
        return {key: value for key, value in written.items() if value not in (None, [], "")}

    def __hash__(self) -> int:
        return hash(
            (
                self.law,
                tuple(self.parameters.items()),
                self.dimension,
                self.minimum,
                self.maximum,
                self.source,
            )
        )


def _text(value: float, unit: str) -> str | float:
    if math.isinf(value):
        return NEVER
    return f"{value:.15g} {unit}" if unit else value


def parse(value: object, dimension: Dimension) -> Quantity:
    """Return the quantity that a value of a scenario file stands for.

    Raises
    ------
    QuantityError
        With every problem found, each with its place inside the value.
    """
    if isinstance(value, Mapping):
        return _parse_mapping(value, dimension)
    return _within(Quantity.fixed(_plain(value, dimension), dimension.name), dimension)


def _plain(value: object, dimension: Dimension) -> float:
    """Return ``9 months``, ``85 %``, ``1000`` or ``never`` in canonical units."""
    if value == NEVER and dimension.name == "duration":
        return math.inf
    figure, unit = _split(value) if isinstance(value, str) else (value, "")
    figure = number(figure)
    return _scaled(figure, _size(unit, dimension, shown(value)))


def _split(text: str) -> tuple[float, str]:
    try:
        return split(text)
    except UnitError as error:
        raise wrong(str(error)) from None


def _size(unit: object, dimension: Dimension, owner: str, *place: str) -> float:
    if not isinstance(unit, str):
        raise wrong(f"{shown(unit)} is not a unit", *place)
    try:
        return size(unit, dimension)
    except UnitError as error:
        raise wrong(str(error) if unit else f"{owner} {error}", *place) from None


def _parse_mapping(mapping: Mapping[str, Any], dimension: Dimension) -> Quantity:
    law, body, place = _law_of(mapping)
    factor, parameters, (minimum, maximum), evidence, _ = every(
        lambda: _size(mapping.get("unit", ""), dimension, law, *(key for key in ("unit",) if key in mapping)),
        lambda: _placed(place, lambda: read_law(law, body)),
        lambda: _limits(mapping, law),
        lambda: _evidence(mapping, law),
        lambda: _refuse_unknown_keys(mapping, law),
    )
    scaled = {
        name: _all_scaled(value, factor) if name in LAWS[law].with_unit else value
        for name, value in parameters.items()
    }
    low, high = (None if limit is None else _scaled(limit, factor) for limit in (minimum, maximum))
    quantity = Quantity(law, scaled, dimension.name, low, high, **evidence)
    return _placed(place, lambda: _within(quantity, dimension))


def _law_of(mapping: Mapping[str, Any]) -> tuple[str, object, Place]:
    """Return the law's name, its numbers, and where they stand in the mapping."""
    keys = [key for key in mapping if key in LAWS]
    if not keys and any(key in mapping for key in PERCENTILES):
        law = mapping.get("law")
        if law not in ("metalog", "lognormal"):
            raise wrong("p10/p50/p90 need law: metalog or law: lognormal beside them")
        return law, {key: mapping[key] for key in PERCENTILES if key in mapping}, ()
    if len(keys) > 1:
        raise wrong(f"has {' and '.join(keys)}; a quantity follows one law", keys[1])
    if not keys:
        raise wrong(_no_law(mapping))
    return keys[0], mapping[keys[0]], (keys[0],)


def _no_law(mapping: Mapping[str, Any]) -> str:
    near = "".join(guess(key, LAWS) for key in mapping)
    return f"has no number and no law{near or '; laws are ' + ', '.join(LAWS)}"


def _placed(place: Place, read: Callable[[], T]) -> T:
    """Return what the step returns; its problems get their place in front."""
    try:
        return read()
    except QuantityError as error:
        raise QuantityError([((*place, *inner), message) for inner, message in error.problems]) from None


def _refuse_unknown_keys(mapping: Mapping[str, Any], law: str) -> None:
    own = {"law", *PERCENTILES} if law not in mapping else {law}
    allowed = [*own, "unit", "min", "max", *EVIDENCE_KEYS]
    problems: list[tuple[Place, str]] = [
        ((key,), f"unknown key{guess(key, allowed)}") for key in mapping if key not in allowed
    ]
    if problems:
        raise QuantityError(problems)


def _limits(mapping: Mapping[str, Any], law: str) -> tuple[float | None, float | None]:
    keys = [key for key in ("min", "max") if key in mapping]
    if keys and law == "fixed":
        raise wrong("a fixed number has no tails to cut", keys[0])
    limits = dict(zip(keys, every(*(partial(number, mapping[key], key) for key in keys)), strict=True))
    if len(keys) == 2 and limits["min"] >= limits["max"]:
        raise wrong(f"min {limits['min']:g} is not below max {limits['max']:g}", "min")
    return limits.get("min"), limits.get("max")


def _evidence(mapping: Mapping[str, Any], law: str) -> dict[str, Any]:
    found = every(
        lambda: _source(mapping.get("source", ())),
        lambda: _assumption(mapping.get("assumption")),
        lambda: _grade(mapping.get("grade")),
    )
    if law != "fixed" and "source" not in mapping and "assumption" not in mapping:
        raise wrong(f"a {law} law needs its source (ids of evidence.csv) or an assumption (one sentence)")
    return dict(zip(EVIDENCE_KEYS, found, strict=True))


def _source(value: object) -> tuple[str, ...]:
    ids = [value] if isinstance(value, str) else value
    if not isinstance(ids, list | tuple) or not all(isinstance(row, str) and row.strip() for row in ids):
        raise wrong(f"{shown(value)} is not an id of evidence.csv, nor a list of them", "source")
    if isinstance(ids, list) and not ids:
        raise wrong("names no evidence", "source")
    return tuple(ids)


def _assumption(value: object) -> str | None:
    if value is not None and not (isinstance(value, str) and value.strip()):
        raise wrong(f"{shown(value)} is not a sentence", "assumption")
    return value


def _grade(value: object) -> Grade | None:
    if value is None or value in GRADES:
        return value
    raise wrong(f"{shown(value)} is not a grade: high, medium or low", "grade")


def _scaled(value: float, factor: float) -> float:
    """Return canonical units, rounded to 15 digits so that 95 % is 0.95 and not 0.9500000000000001."""
    return float(f"{factor * value:.15g}")


def _all_scaled(value: float | tuple[float, ...], factor: float) -> float | tuple[float, ...]:
    return (
        tuple(_scaled(each, factor) for each in value) if isinstance(value, tuple) else _scaled(value, factor)
    )


def _within(quantity: Quantity, dimension: Dimension) -> Quantity:
    """Refuse numbers that the dimension cannot have, and cut tails that reach beyond it."""
    low, high = LAWS[quantity.law].support(quantity.parameters)
    minimum, maximum = quantity.minimum, quantity.maximum
    stated = [
        end
        for end in (low, high, minimum, maximum, quantity.central)
        if end is not None and math.isfinite(end)
    ]
    if min(stated, default=0.0) < 0:
        raise wrong(f"{min(stated):g} is below 0, which {dimension.phrase} cannot be")
    if max(stated, default=0.0) > dimension.highest:
        told = f"{max(stated):g} is above 1, which {dimension.phrase} cannot be"
        raise wrong(f"{told} (percent is written with its unit)")
    if low < 0 and minimum is None:
        minimum = 0.0
    if high > dimension.highest and maximum is None:
        maximum = dimension.highest
    if not quantity.is_fixed and _is_empty(
        quantity.parameters.get("values"), max(low, minimum or low), min(high, maximum or high)
    ):
        raise wrong("min and max leave nothing of the law")
    return replace(quantity, minimum=minimum, maximum=maximum)


def _is_empty(values: object, floor: float, ceiling: float) -> bool:
    """Whether nothing of a law is left: of listed values none, of a range no width."""
    if isinstance(values, tuple):
        return not any(floor <= value <= ceiling for value in values)
    return floor >= ceiling


@dataclass(frozen=True, slots=True)
class QuantityField:
    """Makes pydantic read a field as a quantity of one dimension; use the names below."""

    dimension: Dimension

    def read(self, value: object) -> Quantity:
        """Return a quantity, from one of the right dimension or from a value of a scenario file."""
        if not isinstance(value, Quantity):
            return parse(value, self.dimension)
        if value.dimension != self.dimension.name:
            raise wrong(f"is {DIMENSIONS[value.dimension].phrase}, not {self.dimension.phrase}")
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        from pydantic_core import (
            core_schema,
        )  # pydantic calls this; other readers of quantities do without it

        written = core_schema.plain_serializer_function_ser_schema(Quantity.plain)
        return core_schema.no_info_plain_validator_function(self.read, serialization=written)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, str]:
        return {"$quantity": self.dimension.name}  # ``reference`` puts the dimension's schema in its place


Duration = Annotated[Quantity, QuantityField(DIMENSIONS["duration"])]
Accelerators = Annotated[Quantity, QuantityField(DIMENSIONS["accelerators"])]
Output = Annotated[Quantity, QuantityField(DIMENSIONS["output"])]
Share = Annotated[Quantity, QuantityField(DIMENSIONS["share"])]
Frequency = Annotated[Quantity, QuantityField(DIMENSIONS["frequency"])]
Power = Annotated[Quantity, QuantityField(DIMENSIONS["power"])]
Money = Annotated[Quantity, QuantityField(DIMENSIONS["money"])]
Compute = Annotated[Quantity, QuantityField(DIMENSIONS["compute"])]
Factor = Annotated[Quantity, QuantityField(DIMENSIONS["factor"])]
Count = Annotated[Quantity, QuantityField(DIMENSIONS["count"])]
Wafers = Annotated[Quantity, QuantityField(DIMENSIONS["wafers"])]
Stacks = Annotated[Quantity, QuantityField(DIMENSIONS["stacks"])]
