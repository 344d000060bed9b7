from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field

from sim.scenario.folders import shipped_folder
from sim.scenario.laws import LAWS
from sim.scenario.quantity import Duration, Quantity, Share
from sim.scenario.reference import json_schema, parameter_reference
from sim.scenario.section import Section
from sim.scenario.units import DIMENSIONS

Generated = Callable[[Path, str], None]


class Inner(Section):
    """What is inside."""

    share: Share | None = Field(None, description="A share | or not.")


class Small(Section):
    """A small file."""

    title: str = Field(description="Its name.")
    kind: Literal["one", "two"] = Field("one", description="Which.")
    patience: Duration = Field(Quantity.fixed(30, "duration"), description="How long.")
    parts: Mapping[str, Inner] = Field(default_factory=dict, description="Parts by name.")
    lots: tuple[Inner, ...] = Field((), description="Lots.")


def test_the_schema_for_editors_is_current(generated: Generated) -> None:
    generated(shipped_folder() / "schema.json", json_schema())


def test_the_parameter_reference_is_current(generated: Generated) -> None:
    generated(shipped_folder() / "README.md", parameter_reference())


def test_a_stale_file_is_shown_and_repaired_only_when_asked(
    generated: Generated, tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.md"
    path.write_text("old\n")
    monkeypatch.setattr(pytestconfig.option, "fix", False)
    with pytest.raises(AssertionError, match=r"page\.md is stale.*\n.*\n.*\n.*\n.*-old\n.*\+new"):
        generated(path, "new\n")
    assert path.read_text() == "old\n"
    monkeypatch.setattr(pytestconfig.option, "fix", True)
    generated(path, "new\n")
    assert path.read_text() == "new\n"


def walk(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for each in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from walk(each)


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    schema = json.loads(json_schema())
    references = {each["$ref"] for each in walk(schema) if isinstance(each.get("$ref"), str)}
    assert "#/$defs/quantity_duration" in references
    assert {reference.removeprefix("#/$defs/") for reference in references} <= schema["$defs"].keys()
    assert not any("$quantity" in each for each in walk(schema))


def test_a_quantity_has_every_law_its_units_and_its_default_in_the_schema() -> None:
    schema = json.loads(json_schema(Small))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    patience = schema["properties"]["patience"]
    assert patience == {"$ref": "#/$defs/quantity_duration", "default": "30 days", "description": "How long."}
    law = schema["$defs"]["law"]
    assert LAWS.keys() <= law["properties"].keys()
    assert {"required": ["pert"]} in law["oneOf"]
    units = schema["$defs"]["quantity_duration"]["anyOf"][-1]["properties"]["unit"]["anyOf"][0]["enum"]
    assert units == list(DIMENSIONS["duration"].units)


def test_nothing_is_required_of_a_file_that_extends_another() -> None:
    schema = json.loads(json_schema(Small))
    assert "required" not in schema
    assert {"type": "null"} in schema["properties"]["parts"]["additionalProperties"]["anyOf"]


def test_the_reference_has_a_line_for_each_key() -> None:
    page = parameter_reference(Small)
    for line in (
        "| `title` | text | **needed** | Its name. |",
        "| `kind` | `one`, `two` | `one` | Which. |",
        "| `patience` | duration (days …) | `30 days` | How long. |",
        "| `parts` | name: [Inner](#inner) |  | Parts by name. |",
        "| `lots` | list of [Inner](#inner) |  | Lots. |",
        "| `share` | share (% …) |  | A share &#124; or not. |",
    ):
        assert line in page
    assert "<!--" not in page


def test_the_reference_explains_every_key_and_unit_of_the_real_schema() -> None:
    page = parameter_reference()
    rows = [
        line.split(" | ") for line in page.splitlines() if line.startswith("| `") and line.count(" | ") == 3
    ]
    assert len(rows) > 100
    assert [row[0] for row in rows if not row[3].removesuffix(" |").strip()] == []
    headings = {line.removeprefix("### ").lower() for line in page.splitlines() if line.startswith("### ")}
    assert set(re.findall(r"\(#(\w+)\)", page)) <= headings
    assert all(f"| {name} |" in page for name in DIMENSIONS)
