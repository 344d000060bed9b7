"""Schemas of the documents that ``--json`` prints, read off the dataclasses that hold them.

A class gives an object, its docstring the descriptions (first paragraph, and numpydoc's ``Attributes``), its
field types the rest; nothing that a class does not name is allowed. Called by ``chiproute schema --output``
and by the test that keeps ``reports/output.schema.json`` current.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

DIALECT = "https://json-schema.org/draft/2020-12/schema"

DOCUMENTS: Mapping[str, str] = types.MappingProxyType(
    {
        "list": "reading:Listing",
        "show": "reading:Shown",
        "check": "reading:Checked",
        "evidence": "reading:Evidence",
        "diff": "reading:Difference",
        "new": "reading:Started",
        "run": "runs:Ran",
        "compare": "runs:Compared",
        "plot": "runs:Plotted",
        "report": "runs:Reported",
        "capacity": "capacity:Capacity",
        "ledger": "ledger:Ledgers",
        "drivers": "drivers:Driven",
        "sweep": "sweep:Swept",
        "flip": "rivals:Flipped",
        "map": "rivals:Mapped",
        "regret": "rivals:Regrets",
        "forecast": "forecast:Forecasted",
        "trace": "trace:Traced",
        "outside": "outside:Beside",
        "discover": "discovery:Discovered",
        "verify": "verified:Verified",
    }
)
"""Command to the class of its document, in ``sim.cli.answers``."""

Schema = dict[str, Any]

_PLAIN: Mapping[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    Path: {"type": "string", "description": "Path of a file or folder."},
    type(None): {"type": "null"},
    Any: {},
}


def output_schema(command: str) -> str:
    """Return the JSON Schema (draft 2020-12) of what a command prints with ``--json``.

    Raises
    ------
    KeyError
        No command of this name prints a document.
    """
    return _text({"$schema": DIALECT, **_document(command)})


def output_schemas() -> str:
    """Return the schemas of all commands in one: a definition per command."""
    commands = {command: _document(command) for command in DOCUMENTS}
    about = "What the commands of chiproute print with --json, a definition per command."
    return _text({"$schema": DIALECT, "description": about, "$defs": commands})


def document_of(command: str) -> type[Any]:
    """Return the class of the document of a command."""
    module, _, name = DOCUMENTS[command].partition(":")
    found: type[Any] = getattr(import_module(f"sim.cli.answers.{module}"), name)
    return found


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _document(command: str) -> Schema:
    """Return the schema of a command's document, with the classes it is made of as its definitions."""
    classes: dict[type[Any], Schema] = {}

    def reference(part: type[Any]) -> Schema:
        if part not in classes:
            classes[part] = {}  # a class may hold itself
            classes[part] = _object(part, reference)
        return {"$ref": f"#/$defs/{part.__name__}"}

    own = {"$id": f"urn:chiproute:output:{command}", **_object(document_of(command), reference)}
    parts = {
        part.__name__: schema for part, schema in sorted(classes.items(), key=lambda pair: pair[0].__name__)
    }
    return {**own, "$defs": parts} if parts else own


def _object(part: type[Any], reference: Callable[[type[Any]], Schema]) -> Schema:
    hints, about = get_type_hints(part), dict(_attributes(part))
    names = [field.name for field in fields(part)]
    return {
        "description": _summary(part),
        "type": "object",
        "properties": {name: _described(_typed(hints[name], reference), about.get(name)) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def _described(schema: Schema, description: str | None) -> Schema:
    return {**schema, "description": description} if description else schema


def _typed(kind: Any, reference: Callable[[type[Any]], Schema]) -> Schema:
    """Return the schema of a field's type."""
    if is_dataclass(kind) and isinstance(kind, type):
        return reference(kind)
    origin, inner = get_origin(kind), [each for each in get_args(kind) if each is not Ellipsis]
    if origin is Literal:
        return {"enum": inner}
    if origin in (Union, types.UnionType):
        return _one_of([_typed(each, reference) for each in inner])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _typed(inner[1], reference)}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return {"type": "array", "items": _typed(inner[0], reference)}
    if kind not in _PLAIN:
        raise TypeError(f"{kind} has no place in a JSON document")
    return dict(_PLAIN[kind])


def _one_of(arms: Sequence[Schema]) -> Schema:
    """Return the schema of a union, in one line where its arms are plain types."""
    if any(not isinstance(arm.get("type"), str) or len(arm) > 1 + ("format" in arm) for arm in arms):
        return {"anyOf": [*arms]}
    together = {key: value for arm in arms for key, value in arm.items()}
    return {**together, "type": [arm["type"] for arm in arms]}


def _summary(part: type[Any]) -> str:
    return " ".join((part.__doc__ or "").split("\n\n")[0].split())


def _attributes(part: type[Any]) -> Iterator[tuple[str, str]]:
    """Yield the attributes that a class and its parents describe in numpydoc, with their texts."""
    for each in reversed(part.__mro__):
        section = re.search(r"Attributes\n +-{3,}\n(.*)", each.__doc__ or "", re.DOTALL)
        blocks = re.findall(r"^ {4}(\S.*)\n((?: {8}.*\n?|\n)+)", section[1] if section else "", re.MULTILINE)
        for names, text in blocks:
            yield from ((name.strip(), " ".join(text.split())) for name in names.split(","))
