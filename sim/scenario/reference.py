"""The reference: the schema as JSON Schema for editors and as a page for people, both read off the models.

The models are the only definition; ``scenarios/schema.json`` and ``scenarios/README.md`` are generated here,
and a test fails when they are stale. The words around the tables live in ``guide.md``. Called by ``chiproute
schema`` and by the tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from sim.scenario.laws import LAWS, Law
from sim.scenario.quantity import GRADES, PERCENTILES, Quantity
from sim.scenario.section import Section
from sim.scenario.shape import Shape, arms, dimension, of_field, sections
from sim.scenario.units import DIMENSIONS, SCALES, Dimension
from sim.scenario.words import listed

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Writes a default quantity as a scenario file would."""

    def encode_default(self, dft: Any) -> Any:
        return dft.plain() if isinstance(dft, Quantity) else super().encode_default(dft)


def json_schema(model: type[Section] | None = None) -> str:
    """Return the JSON Schema (draft 2020-12) of scenario files.

    Nothing is required and names may be null, because a file that extends another holds only what differs;
    ``chiproute check`` sees the merged whole.
    """
    generated = _edited((model or _scenario()).model_json_schema(schema_generator=_Generator))
    definitions = {dimension.name: _quantity(dimension) for dimension in DIMENSIONS.values()}
    definitions = {f"quantity_{name}": schema for name, schema in definitions.items()}
    generated["$defs"] = {**generated.get("$defs", {}), "law": _law(), **definitions}
    return json.dumps({"$schema": DIALECT, **generated}, indent=2, ensure_ascii=False) + "\n"


def _scenario() -> type[Section]:
    from sim.scenario.schema import Scenario

    return Scenario


def _edited(schema: Any) -> Any:
    """Return the schema with references to quantities, without titles and requirements."""
    if isinstance(schema, list):
        return [_edited(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    edited = {key: _edited(value) for key, value in schema.items() if not _is_noise(key, value)}
    if "$quantity" in edited:
        edited = {"$ref": f"#/$defs/quantity_{edited.pop('$quantity')}", **edited}
    if isinstance(edited.get("additionalProperties"), dict):
        edited["additionalProperties"] = {"anyOf": [edited["additionalProperties"], {"type": "null"}]}
    return edited


def _is_noise(key: str, value: object) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "required" and isinstance(value, list))


def _quantity(dimension: Dimension) -> Schema:
    units = [unit for unit in dimension.units if unit]
    unit: Schema = {"anyOf": [{"enum": units}, {"pattern": rf"^({'|'.join(SCALES)})\b"}]}
    plain: list[Schema] = [{"type": "string", "pattern": r"^\s*[+]?[0-9.]"}]
    if dimension.is_plain:
        plain.append({"type": "number", "minimum": 0, **_at_most(dimension)})
    if dimension.name == "duration":
        plain.append({"const": "never", "description": "Infinitely long."})
    needed = [] if dimension.is_plain else ["unit"]
    law = {"$ref": "#/$defs/law", "properties": {"unit": unit}, "required": needed}
    in_units = f" in {listed(dimension.examples)}" if dimension.examples else ""
    return {"description": f"{dimension.phrase}{in_units}".capitalize(), "anyOf": [*plain, law]}


def _at_most(dimension: Dimension) -> Schema:
    return {"maximum": dimension.highest} if dimension.highest == 1 else {}


def _law() -> Schema:
    sentence = {"type": "string", "description": "One sentence that says what is assumed, and why."}
    ids = {"type": ["string", "array"], "items": {"type": "string"}, "description": "Rows of evidence.csv."}
    shared: Schema = {
        "unit": {"type": "string"},
        "min": {"type": "number", "description": "Cut off below, in the same unit."},
        "max": {"type": "number", "description": "Cut off above, in the same unit."},
        "source": ids,
        "assumption": sentence,
        "grade": {"enum": list(GRADES), "description": "How good the evidence is."},
        "law": {"enum": ["metalog", "lognormal"], "description": "The law through p10, p50 and p90."},
    }
    percentiles = {name: {"type": "number"} for name in PERCENTILES}
    forms: list[Schema] = [{"required": [name]} for name in LAWS]
    return {
        "description": "A law of chance (exactly one), its unit, and what it rests on.",
        "type": "object",
        "properties": {**{name: _body(name, law) for name, law in LAWS.items()}, **percentiles, **shared},
        "additionalProperties": False,
        "oneOf": [*forms, {"required": ["law", "p10", "p90"]}],
        "anyOf": [{"required": [key]} for key in ("fixed", "source", "assumption")],
    }


def _body(name: str, law: Law) -> Schema:
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 1}
    if name == "fixed":
        return {"type": "number", "description": "One number."}
    if name == "empirical":
        column = {"type": "object", "properties": {key: {"type": "string"} for key in ("file", "column")}}
        return {"anyOf": [numbers, column], "description": "Numbers, or a column of a CSV file."}
    kind = numbers if name == "discrete" else {"type": "number"}
    keys = dict.fromkeys((key for form in law.forms for key in form), kind)
    mapping = {"type": "object", "properties": keys, "additionalProperties": False}
    size = len(law.forms[0])
    listing = [{**numbers, "minItems": size, "maxItems": size}] if law.is_list else []
    return {"anyOf": [*listing, mapping], "description": _forms(law)}


def _forms(law: Law) -> str:
    lists = [f"[{', '.join(law.forms[0])}]"] if law.is_list else []
    return " or ".join(lists or [f"{{{', '.join(form)}}}" for form in law.forms])


def parameter_reference(model: type[Section] | None = None) -> str:
    """Return the parameter reference, Markdown: how files work, units, laws, and a table per section."""
    root = model or _scenario()
    tables = "\n".join(_section(section, section is root) for section in _all_sections(root))
    guide = files("sim.scenario").joinpath("guide.md").read_text(encoding="utf-8")
    parts = {"units": _units_table(), "laws": _laws_table(), "sections": tables}
    for name, text in parts.items():
        guide = guide.replace(f"<!-- {name} -->\n", text)
    return guide


def _units_table() -> str:
    rows = [
        (
            each.name,
            each.canonical or "plain number",
            ", ".join(f"`{unit}`" for unit in each.examples) or "none",
        )
        for each in DIMENSIONS.values()
    ]
    return _table(("dimension", "read as", "usual units"), rows)


def _laws_table() -> str:
    return _table(("law", "parameters"), [(f"`{name}`", f"`{_law_text(name)}`") for name in LAWS])


def _law_text(name: str) -> str:
    texts = {"fixed": "number", "empirical": "[numbers] or {file, column}"}
    return texts.get(name) or _forms(LAWS[name])


def _all_sections(root: type[Section]) -> list[type[Section]]:
    """Return the sections in the order in which a reader meets them."""
    found: dict[type[Section], None] = {}

    def visit(section: type[Section]) -> None:
        if section not in found:
            found[section] = None
            for field in section.model_fields.values():
                for inner in _sections_below(of_field(field)):
                    visit(inner)

    visit(root)
    return list(found)


def _sections_below(shape: Shape) -> Iterator[type[Section]]:
    yield from sections(shape)
    for arm in arms(shape):
        if dimension(arm) is None:
            for inner in get_args(arm):
                yield from _sections_below(inner)


def _section(section: type[Section], is_root: bool) -> str:
    rows = [
        (f"`{name}`", _type(of_field(field)), _default(field), field.description or "")
        for name, field in section.model_fields.items()
    ]
    title = "The file" if is_root else section.__name__
    about = " ".join((section.__doc__ or "").split())
    return f"### {title}\n\n{about}\n\n{_table(('key', 'value', 'default', 'meaning'), rows)}"


def _type(shape: Shape) -> str:
    return " or ".join(dict.fromkeys(_arm(arm) for arm in arms(shape)))


def _arm(arm: Shape) -> str:
    kind = dimension(arm)
    if kind is not None:
        return kind.name if not kind.examples else f"{kind.name} ({kind.examples[0]} …)"
    origin: Any = get_origin(arm)
    inner = [each for each in get_args(arm) if each is not Ellipsis]
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in inner)
    if origin is not None:
        return f"name: {_type(inner[-1])}" if issubclass(origin, Mapping) else f"list of {_type(inner[0])}"
    if issubclass(arm, Section):
        return f"[{arm.__name__}](#{arm.__name__.lower()})"
    words: dict[object, str] = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return words.get(arm) or str(arm.__name__)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = field.get_default(call_default_factory=True)
    if value is None or value == () or value == {} or value == "" or isinstance(value, Section):
        return ""
    text = value.plain() if isinstance(value, Quantity) else value
    return f"`{str(text).lower() if isinstance(text, bool) else text}`"


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)
