"""Loading: from the name of a scenario to a checked scenario that knows where each of its values came from.

Reads the file and its parents, merges them, applies the changes of the command line and has the result
checked; the parts of that work live in ``folders``, ``document``, ``merge``, ``empirical`` and ``validate``.
Called by the command line and the Python API, and with the merged scenario of a manifest by ``verify``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.scenario.document import MOST_VALUES, Node, node_of, read_file
from sim.scenario.empirical import gather, read_column
from sim.scenario.evidence import read_evidence
from sim.scenario.folders import (
    SUFFIXES,
    file_text,
    find_scenario,
    is_file,
    is_inside,
    scenario_files,
    scenario_folders,
)
from sim.scenario.merge import Change, changes, merge, override_all, walk
from sim.scenario.problems import Place, Problem, ScenarioError, fatal
from sim.scenario.section import Section
from sim.scenario.validate import Checks, unknown_evidence, validate
from sim.scenario.words import shown

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["Loaded", "digest", "find_scenario", "load", "load_as", "rebuild", "restored", "scenario_files"]

MOST_PARENTS = 20
MOST_NUMBERS = 200_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checked scenario and where it came from.

    Attributes
    ----------
    scenario
        The scenario, in canonical units.
    name, path
        The stem of its file, and the file.
    merged
        What was checked, as plain JSON values: parents, own keys and changes merged, empirical columns filled
        in. It stands alone: :func:`rebuild` makes the same scenario of it.
    digest
        SHA-256 of ``merged``, in hexadecimal.
    root
        ``merged`` with the place and the history of every value.
    folders
        The scenario folders in force, local first.
    """

    scenario: Scenario
    name: str
    path: Path
    merged: Mapping[str, Any]
    digest: str
    root: Node
    folders: tuple[Path, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return every change that parents, own keys and the command line made to a value, in file order."""
        return changes(self.root)


def load(name: str | Path, overrides: Sequence[str] = ()) -> Loaded:
    """Return a scenario, found by name or path, with ``path=value`` changes applied from left to right.

    Raises
    ------
    ScenarioError
        With every problem found, each at its file, line and column.
    """
    from sim.scenario.checks import checks  # the schema takes time to build, and listings do without it
    from sim.scenario.schema import Scenario

    return load_as(name, Scenario, checks, overrides)


def rebuild(merged: Mapping[str, Any]) -> Scenario:
    """Return the scenario of ``Loaded.merged``, as a manifest keeps it.

    Raises
    ------
    ScenarioError
        The mapping is no scenario of this version.
    """
    return restored(merged, "").scenario


def restored(merged: Mapping[str, Any], name: str) -> Loaded:
    """Return what :func:`load` returned when a manifest was written; the files are not read again.

    Raises
    ------
    ScenarioError
        The mapping is no scenario of this version.
    """
    from sim.scenario.checks import checks
    from sim.scenario.schema import Scenario

    root = node_of(merged, Place("merged scenario"))
    scenario, problems = validate(root, Scenario, checks)
    if scenario is None or problems:
        raise ScenarioError(problems)
    return Loaded(scenario, name, Path(f"{name}.yaml"), merged, digest(merged), root, scenario_folders())


def load_as(name: str | Path, model: type[Any], checks: Checks[Any], overrides: Sequence[str] = ()) -> Loaded:
    """Return a file checked against any model: :func:`load` for a schema of one's own."""
    path = find_scenario(name)
    folders = scenario_folders(path)
    chain = _Chain(folders)
    root = chain.merged(path, model)
    root, errors = override_all(root, tuple(overrides), model)
    root, unread = gather(root, model, chain.column)
    scenario, problems = validate(root, model, checks)
    problems += unknown_evidence(root, read_evidence(folders))
    problems += chain.problems + [problem for error in (*errors, *unread) for problem in error.problems]
    if scenario is None or problems:
        raise ScenarioError(problems)
    merged = root.plain()
    return Loaded(scenario, path.stem, path, merged, digest(merged), root, folders)


def digest(merged: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a merged scenario; the order of keys counts: it decides ties in queues."""
    text = json.dumps(merged, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class _Chain:
    """A file and its parents: reads each once and remembers which folder each file name stands for."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self.problems: list[Problem] = []
        self.files: dict[str, Path] = {}
        self._values = self._numbers = 0

    def merged(self, path: Path, shape: type[Section]) -> Node:
        """Return the file merged over all its parents."""
        nodes = list(self._nodes(path))
        root = nodes.pop()
        while nodes:
            root = merge(_without(root, "abstract"), nodes.pop(), shape)
        return _without(root, "extends")

    def column(self, law: Node, path: str) -> Node:
        """Return the numbers of a CSV column, looked up from the file that names it."""
        file = self.files.get(law.at.file) or next(iter(self.files.values()))
        if self._numbers > MOST_NUMBERS:
            raise fatal(f"columns hold more than {MOST_NUMBERS} numbers; name shorter ones", law.at, path)
        found = read_column(law, path, file.resolve().parent, self.folders)
        self._numbers += len(found.children())
        return found

    def _nodes(self, path: Path) -> Iterator[Node]:
        """Yield the file, its parent, and so on."""
        parent: Path | None = path
        while parent is not None:
            name = file_text(parent)
            self.files[name] = parent
            node, problems = read_file(parent, name)
            self.problems += problems
            self._values += sum(1 for _ in walk(node))
            if self._values > MOST_VALUES:
                raise fatal(f"with what it extends, it holds more than {MOST_VALUES} values", Place(name))
            yield node
            parent = self._parent(node, parent)

    def _parent(self, node: Node, path: Path) -> Path | None:
        assert isinstance(node.value, dict)
        link = node.value.get("extends")
        if link is None or link.value is None:
            return None
        if not isinstance(link.value, str):
            raise fatal(f"{shown(link.plain())} is not the name of a scenario", link.at, "extends")
        parent = self._find(link.value, path, link.at)
        family = [file.resolve() for file in self.files.values()]
        if parent.resolve() in family:
            circle = [file.stem for file in family[family.index(parent.resolve()) :]] + [parent.stem]
            raise fatal(f"goes in a circle: {' -> '.join(circle)}", link.at, "extends")
        if len(family) > MOST_PARENTS:
            raise fatal(f"has more than {MOST_PARENTS} parents above it", link.at, "extends")
        return parent

    def _find(self, name: str, child: Path, place: Place) -> Path:
        beside = child.resolve().parent / name
        if Path(name).suffix in SUFFIXES:
            if not is_inside(beside, self.folders):
                raise fatal(f"{shown(name)} is outside the scenario folders", place, "extends")
            if not is_file(beside):
                raise fatal(f"there is no file {shown(name)}", place, "extends")
            return beside
        try:
            return find_scenario(name, self.folders)
        except ScenarioError as error:
            raise fatal(error.problems[0].message, place, "extends") from None


def _without(root: Node, key: str) -> Node:
    assert isinstance(root.value, dict)
    return replace(root, value={name: node for name, node in root.value.items() if name != key})
