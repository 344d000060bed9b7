"""The base of every section of a scenario file: a frozen model that refuses unknown keys.

What a section holds is said in ``schema``; how quantities are read, in ``quantity``; how problems are worded
and placed, in ``problems``. Only the modules of the schema derive from it.

Checks that look at more than one field do not belong into validators of a section, which see one section and
stop at the first error. Write them in ``schema`` as one generator, ``checks(scenario)``, that yields ``(path,
message)``, such as ``("strategy.then", "unknown supplier 'ascent'")``. ``load`` runs it on every scenario
whose fields are right, puts file, line and column in front of each, and shows them all together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of a scenario: immutable, and nothing in it that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def inside(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield a value and everything in it, each with its path, a section before its parts."""
    yield path, value
    if isinstance(value, Section):
        for name in type(value).model_fields:
            yield from inside(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from inside(each, f"{path}.{key}")
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from inside(each, f"{path}[{index}]")
