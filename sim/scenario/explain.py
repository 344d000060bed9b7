"""Explanations: where a value of a scenario came from, through which files, and what it rests on.

Answers "who says so?" for one value or a whole section: its history file by file, its sources or the
assumption that stands in for them, and its grade. Lists all quantities of a scenario. Called by the command
line and by reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.scenario.document import Node
from sim.scenario.evidence import Evidence, read_evidence
from sim.scenario.load import Loaded
from sim.scenario.merge import Change, history
from sim.scenario.problems import Place, ScenarioError, fatal
from sim.scenario.quantity import EVIDENCE_KEYS, Grade, Quantity
from sim.scenario.section import Section
from sim.scenario.shape import Shape, dimension, step
from sim.scenario.words import guess, listed, path_text, split_path

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where one value came from.

    Attributes
    ----------
    path, value
        The value as the file writes it.
    first
        Where it was first written; the default of the schema has no place.
    changes
        What replaced it since, oldest first.
    quantity
        The value in canonical units, if it is a quantity.
    evidence
        The rows its ``source`` names.
    """

    path: str
    value: Any
    first: Place | None
    changes: tuple[Change, ...]
    quantity: Quantity | None
    evidence: tuple[Evidence, ...]

    @property
    def assumption(self) -> str | None:
        """Return the sentence that stands in for a source."""
        return self.quantity.assumption if self.quantity else None

    @property
    def grade(self) -> Grade | None:
        """Return how good the evidence is said to be."""
        return self.quantity.grade if self.quantity else None

    def text(self) -> str:
        """Return the explanation as lines for a terminal."""
        return "\n".join([f"{self.path} = {_bare(self.value)}", *(f"  {line}" for line in self._lines())])

    def _lines(self) -> Iterator[str]:
        original = self.changes[0].old if self.changes else self.value
        yield f"{self.first}: {_bare(original)}" if self.first else "default of the schema"
        for change in self.changes:
            yield f"{change.place}: {_bare(change.old)} -> {_bare(change.new)}"
        for row in self.evidence:
            yield f"source {row.id} ({row.confidence} confidence, as of {row.as_of}): {row.source_title}"
            yield f"  {row.source_url or row.note}"
        if self.assumption:
            yield f"assumption: {self.assumption}"
        if self.grade:
            yield f"grade: {self.grade}"


def explain(loaded: Loaded, path: str) -> tuple[Explanation, ...]:
    """Return where a value came from; of a section (or all, for ""), of each value in it, in file order.

    Raises
    ------
    ScenarioError
        The scenario has nothing at this path (the nearest key is suggested).
    """
    steps = _steps(loaded, path)
    leaves = list(_leaves(loaded, steps))
    if not leaves:
        return (_default(loaded, steps),)
    rows = read_evidence(loaded.folders)
    return tuple(_explanation(loaded, at, leaf, rows) for at, leaf in leaves)


def quantities(loaded: Loaded) -> Iterator[tuple[str, Quantity]]:
    """Yield every quantity that the scenario's files write, with its path, in file order."""
    for path, _ in _leaves(loaded, ()):
        quantity = _quantity(loaded, path)
        if quantity is not None:
            yield path_text(path), quantity


def difference(first: Loaded, second: Loaded) -> Iterator[tuple[str, str, str]]:
    """Yield each value in which two scenarios differ: its path, the first's and the second's."""
    one, other = ({path: node.plain() for path, node in _leaves(each, ())} for each in (first, second))
    for path in dict.fromkeys([*one, *other]):
        if one.get(path) != other.get(path):
            yield path_text(path), compact(one.get(path)), compact(other.get(path))


def compact(value: object) -> str:
    """Return a value on one line, as YAML takes it."""
    if value is None:
        return "nothing"
    if isinstance(value, Quantity):
        return compact(value.plain())
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {compact(each)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(compact, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool) else str(value)


def _bare(value: object) -> str:
    """Return a value without its evidence, which has lines of its own."""
    if isinstance(value, Mapping):
        value = {key: each for key, each in value.items() if key not in EVIDENCE_KEYS}
    return compact(value)


def _steps(loaded: Loaded, path: str) -> Path:
    """Return the steps of a path, cut off where they lead into a quantity."""
    try:
        steps = split_path(path) if path else ()
    except ValueError as error:
        raise fatal(str(error), Place(loaded.name)) from None
    shape = type(loaded.scenario)
    for number, each in enumerate(steps):
        shape = step(shape, each)
        if dimension(shape) is not None:
            return steps[: number + 1]
    return steps


def _leaves(loaded: Loaded, steps: Path) -> Iterator[tuple[Path, Node]]:
    """Yield the values written at or below a path; a quantity is one value, an empty section none."""
    node, shape = loaded.root, type(loaded.scenario)
    for each in steps:
        child = node.child(each)
        if child is None:
            return
        node, shape = child, step(shape, each)
    yield from _below(node, shape, steps)


def _below(node: Node, shape: Shape, path: Path) -> Iterator[tuple[Path, Node]]:
    inner = () if dimension(shape) is not None else node.children()
    if not inner:
        yield path, node
    for key, child in inner:
        yield from _below(child, step(shape, key), (*path, key))


def _explanation(loaded: Loaded, path: Path, node: Node, rows: Mapping[str, Evidence]) -> Explanation:
    first = node
    while first.replaces is not None:
        first = first.replaces
    quantity = _quantity(loaded, path)
    evidence = tuple(rows[each] for each in quantity.source if each in rows) if quantity else ()
    changes = tuple(history(path_text(path), node))
    return Explanation(path_text(path), node.plain(), first.at, changes, quantity, evidence)


def _default(loaded: Loaded, path: Path) -> Explanation:
    value = _value(loaded, path)
    return Explanation(path_text(path), value, None, (), value if isinstance(value, Quantity) else None, ())


def _quantity(loaded: Loaded, path: Path) -> Quantity | None:
    """Return the quantity at a path that the files write; None if another value, or nothing any more."""
    try:
        value = _value(loaded, path)
    except ScenarioError:
        return None
    return value if isinstance(value, Quantity) else None


def _value(loaded: Loaded, path: Path) -> Any:
    """Return what the checked scenario holds at a path."""
    value: Any = loaded.scenario
    for number, each in enumerate(path):
        inner = _inner(value)
        if each not in inner:
            names = [str(key) for key in inner]
            hint = guess(each, names) or (f"; known are {listed(names[:20], 'and')}" if names else "")
            raise fatal(f"there is no such value{hint}", Place(loaded.name), path_text(path[: number + 1]))
        value = inner[each]
    return value


def _inner(value: object) -> Mapping[str | int, Any]:
    if isinstance(value, Section):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(key): each for key, each in value.items()}
    return dict(enumerate(value)) if isinstance(value, tuple) else {}
