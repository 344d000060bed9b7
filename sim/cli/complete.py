"""What a shell may complete: scenarios, paths of values, figures and run folders.

Reads file heads and the JSON Schema, not the schema's models, so that an answer comes at once. Called by
``names`` when a shell asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.scenario.document import Node, read_file
from sim.scenario.folders import file_text, find_scenario, scenario_files, shipped_folder
from sim.scenario.problems import ScenarioError

FIGURE_NAMES = ("completion", "delay", "milestones", "cost", "regret")
"""Names of :data:`sim.report.figures.FIGURES`, which takes time to import."""

MOST_PARENTS = 20

Schema = Mapping[str, Any]


def scenarios(begun: str) -> Iterator[tuple[str, str]]:
    """Yield the scenarios that begin so, with their titles."""
    return ((file.name, file.title) for file in scenario_files() if file.name.startswith(begun))


def run_folders(begun: str) -> Iterator[tuple[str, str]]:
    """Yield the run folders below ``reports/`` that begin so."""
    for manifest in sorted(Path("reports").glob("*/manifest.json")):
        if str(manifest.parent).startswith(begun):
            yield str(manifest.parent), ""


def paths(names: Sequence[str], begun: str) -> Iterator[tuple[str, str]]:
    """Yield the paths of values that begin so, with what they mean, in some scenarios.

    Names that a scenario gives itself (suppliers, pools …) are those of its files.
    """
    schema: Schema = json.loads((shipped_folder() / "schema.json").read_text(encoding="utf-8"))
    files = [node for name in names for node in _with_parents(name)]
    for path, about in _below(schema, schema, "", files):
        if path.startswith(begun):
            yield path, about


def _with_parents(name: str) -> Iterator[Node]:
    """Yield the file of a scenario, that of its parent, and so on, as far as they can be read."""
    for _ in range(MOST_PARENTS):
        try:
            path = find_scenario(name)
            node, _problems = read_file(path, file_text(path))
        except ScenarioError:
            return
        yield node
        parent = node.child("extends")
        if parent is None or not isinstance(parent.value, str):
            return
        name = parent.value


def _below(schema: Schema, root: Schema, path: str, nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    """Yield every value that can stand below a path, as the schema and the files know it."""
    section = _resolved(schema, root)
    about = str(schema.get("description") or section.get("description") or "")
    if "properties" in section:
        below = {key: (each, _children(nodes, key)) for key, each in section["properties"].items()}
    elif isinstance(section.get("additionalProperties"), Mapping):
        names = dict.fromkeys(str(key) for node in nodes for key, _ in node.children())
        below = {key: (section["additionalProperties"], _children(nodes, key)) for key in names}
    else:
        yield path, about
        return
    for key, (each, children) in below.items():
        if path or key not in ("title", "description", "extends", "abstract"):
            yield from _below(each, root, f"{path}.{key}" if path else key, children)


def _children(nodes: Sequence[Node], key: str) -> list[Node]:
    found = (node.child(key) for node in nodes)
    return [node for node in found if node is not None]


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Return what a schema stands for, past references and the null of optional values."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {} if name.startswith("quantity_") else _resolved(root["$defs"][name], root)
    arms = [arm for arm in schema.get("anyOf", ()) if arm.get("type") != "null"]
    return _resolved(arms[0], root) if len(arms) == 1 else schema
