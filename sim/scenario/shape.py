"""Shapes: what the schema expects at a path, read off the types of its models.

A shape is the type of a field as written in the schema; merging asks whether it is a quantity, messages ask
for the known keys, the reference walks all of it. Only reads types; values are the business of ``validate``.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from sim.scenario.quantity import QuantityField
from sim.scenario.section import Section
from sim.scenario.units import Dimension

Shape = Any  # a type expression: typing has no better name for it


def arms(shape: Shape) -> tuple[Shape, ...]:
    """Return the alternatives of a shape, without None and without annotations other than quantities."""
    origin: Any = get_origin(shape)
    if origin is Union or origin is types.UnionType:
        return tuple(arm for each in get_args(shape) for arm in arms(each))
    if origin is Annotated and _field(shape) is None:
        return arms(get_args(shape)[0])
    return () if shape is type(None) else (shape,)


def _field(shape: Shape) -> QuantityField | None:
    extras = get_args(shape)[1:] if get_origin(shape) is not None else ()
    return next((extra for extra in extras if isinstance(extra, QuantityField)), None)


def dimension(shape: Shape) -> Dimension | None:
    """Return the dimension of a quantity's shape (also of an optional one), None for any other."""
    fields = [field for field in map(_field, arms(shape)) if field is not None]
    return fields[0].dimension if fields else None


def sections(shape: Shape) -> tuple[type[Section], ...]:
    """Return the sections a shape may be."""
    return tuple(arm for arm in arms(shape) if isinstance(arm, type) and issubclass(arm, Section))


def of_field(field: FieldInfo) -> Shape:
    """Return the shape of a field."""
    return field.rebuild_annotation()


def keys(shape: Shape) -> dict[str, Shape] | None:
    """Return the keys of a section with their shapes; None if any key will do or the shape is unknown."""
    known = {
        name: of_field(field) for section in sections(shape) for name, field in section.model_fields.items()
    }
    return known or None


def step(shape: Shape, key: str | int) -> Shape:
    """Return the shape one step below, None if the schema knows nothing there."""
    known = keys(shape)
    if known is not None:
        return known.get(str(key))
    for arm in arms(shape):
        inner = [each for each in get_args(arm) if each is not Ellipsis]
        origin = get_origin(arm)
        if isinstance(origin, type) and inner and issubclass(origin, Mapping) == isinstance(key, str):
            return inner[-1] if isinstance(key, str) else inner[0]
    return None
