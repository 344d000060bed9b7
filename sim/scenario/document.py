"""Documents: one YAML 1.2 text as plain values that remember the line and column they were written at.

Reads the events of the parser one by one and gives up at the first sign of an attack, before anything is
built: size, depth, number of values, aliases, tags. Merging documents is left to ``merge``, meaning to
``validate``. Called by ``load`` for files and by ``merge`` for values of the command line.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.scenario.problems import Place, Problem, ScenarioError, fatal
from sim.scenario.words import UNPRINTABLE, path_text, shown

MOST_BYTES = 1_000_000
MOST_LINES = 20_000
MOST_LEVELS = 40
MOST_VALUES = 20_000
LONGEST_LINE = 20_000
LONGEST_KEY = 80
LONGEST_NUMBER = 400

Scalar = str | int | float | bool | None

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_KEY = re.compile(r"\w[\w-]*")
_NO_KEY = f"is no key: keys are letters, digits, - and _, at most {LONGEST_KEY} of them"
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a scenario file, with its history.

    Attributes
    ----------
    value
        A scalar, a mapping of nodes or a list of nodes.
    at, key
        Where the value is written, and where its key is (None in a list and at the root).
    replaces
        The value it took the place of, in a parent scenario or under ``--set``.
    """

    value: Scalar | dict[str, Node] | list[Node]
    at: Place
    key: Place | None = None
    replaces: Node | None = None

    def child(self, key: str | int) -> Node | None:
        """Return the value one step below, None if there is none."""
        if isinstance(self.value, dict):
            return self.value.get(key) if isinstance(key, str) else None
        if isinstance(self.value, list) and isinstance(key, int):
            return self.value[key] if 0 <= key < len(self.value) else None
        return None

    def children(self) -> list[tuple[str | int, Node]]:
        """Return the values one step below with their keys, of a list with their index."""
        if isinstance(self.value, dict):
            return [*self.value.items()]
        return [*enumerate(self.value)] if isinstance(self.value, list) else []

    def plain(self) -> Any:
        """Return the value without positions; in mappings, what was removed by ``null`` is left out."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items() if node.value is not None}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value


def read_file(path: Path, name: str) -> tuple[Node, list[Problem]]:
    """Return the root mapping of a scenario file, and the duplicate keys in it.

    ``name`` is the file as messages call it.

    Raises
    ------
    ScenarioError
        The file is missing, a folder, too large, no text, no YAML, more than YAML should hold, or no mapping.
    """
    root, problems = _parsed(text_of(path, name), name)
    if not isinstance(root.value, dict):
        what = "the file is empty" if root.value is None else f"the file holds {shown(root.plain())}"
        raise fatal(f"{what}; a scenario is a mapping of keys", Place(name))
    return root, [*problems]


@lru_cache(maxsize=32)
def _parsed(text: str, name: str) -> tuple[Node, tuple[Problem, ...]]:
    """Parse a file; the parent of several scenarios is parsed once, for it takes a fifth of a second."""
    reader = _Reader(text, name)
    return reader.document(), tuple(reader.problems)


def read_value(text: str, name: str) -> Node:
    """Return a value written on the command line, parsed as YAML; every place in it is ``name``.

    Raises
    ------
    ScenarioError
        The text is no YAML, holds duplicate keys, or more than YAML should hold.
    """
    reader = _Reader(text, name, with_lines=False)
    root = reader.document()
    if reader.problems:
        raise ScenarioError(reader.problems)
    return root


def read_head(path: Path, keys: Sequence[str]) -> dict[str, Any]:
    """Return some top-level values of a file without parsing the rest of it: what a listing needs.

    Raises
    ------
    ScenarioError
        The file cannot be read, or these lines are no YAML that a scenario may hold.
    """
    wanted = re.compile(rf"^(?:{'|'.join(keys)}):.*(?:\n[ \t]+.*)*", re.MULTILINE)
    lines = "\n".join(wanted.findall(text_of(path, path.name)))
    value = read_value(lines, path.name).plain()
    return value if isinstance(value, dict) else {}


def node_of(value: Any, place: Place, path: tuple[str | int, ...] = ()) -> Node:
    """Return plain values, such as a manifest keeps, as a document that is all written at one place.

    Raises
    ------
    ScenarioError
        They are nested too deep, or hold a key or a text that no file may hold.
    """
    if len(path) > MOST_LEVELS:
        raise fatal(f"is nested deeper than {MOST_LEVELS} levels", place)
    if isinstance(value, Mapping):
        wrong = next((key for key in value if not _is_key(key)), None)
        if wrong is not None:
            raise fatal(_NO_KEY, place, path_text((*path, str(wrong))))
        return Node({key: node_of(each, place, (*path, key)) for key, each in value.items()}, place)
    if isinstance(value, list | tuple):
        return Node([node_of(each, place, (*path, index)) for index, each in enumerate(value)], place)
    if isinstance(value, str) and UNPRINTABLE.search(value):
        raise fatal("is not printable text", place, path_text(path))
    return Node(value, place)


def as_yaml(merged: Mapping[str, Any], *, width: int = 110) -> str:
    """Return plain values as YAML that reads back as the same values; innermost mappings take one line."""
    writer = YAML()
    writer.width = width
    stream = io.StringIO()
    writer.dump(_laid_out(merged), stream)
    return stream.getvalue()


def _laid_out(value: Any) -> Any:
    if isinstance(value, Mapping):
        mapping = CommentedMap({key: _laid_out(each) for key, each in value.items()})
        if not any(isinstance(each, Mapping) for each in value.values()):
            mapping.fa.set_flow_style()
        return mapping
    if not isinstance(value, list | tuple):
        return value
    listing = CommentedSeq(map(_laid_out, value))
    if not any(isinstance(each, Mapping) for each in value):
        listing.fa.set_flow_style()
    return listing


def text_of(path: Path, name: str) -> str:
    """Return the text of a regular file of at most 1 MB in UTF-8, without characters nobody can see.

    Raises
    ------
    ScenarioError
        It is something else, or cannot be read.
    """
    data = _bytes(path, Place(name))
    if len(data) > MOST_BYTES:
        raise fatal(f"is larger than {MOST_BYTES // 1_000_000} MB", Place(name))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise fatal(f"is not UTF-8 text: byte 0x{data[error.start]:02x}", Place(name, line)) from None
    found = UNPRINTABLE.search(text.replace("\r\n", "\n\n"))  # as long as before
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise fatal(f"holds {shown(found[0])}, which is not printable text", Place(name, line))
    return text


def _bytes(path: Path, place: Place) -> bytes:
    try:
        if path.is_dir():
            raise fatal("is a folder, not a file", place)
        if not path.is_file():
            raise fatal("is not a regular file" if path.exists() else "there is no such file", place)
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        raise fatal(f"cannot be read: {getattr(error, 'strerror', None) or error}", place) from None


class _Reader:
    """Builds one document from the parser's events and refuses what no scenario needs."""

    def __init__(self, text: str, name: str, *, with_lines: bool = True) -> None:
        self.name = name
        self.with_lines = with_lines
        self.problems: list[Problem] = []
        self._left = MOST_VALUES
        self._events = self._parse(text)

    def document(self) -> Node:
        """Return the only document of the text (a null node, if there is none)."""
        roots: list[Node] = []
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if roots:
                    raise fatal("a second document begins; only one is read", self._place(event))
                roots.append(self._node(next(self._events), ()))
        return roots[0] if roots else Node(None, Place(self.name))

    def _parse(self, text: str) -> Iterator[Event]:
        for number, line in enumerate(text.splitlines(), 1):
            if number > MOST_LINES:
                raise fatal(f"has more than {MOST_LINES} lines", Place(self.name, number))
            if len(line) > LONGEST_LINE:
                raise fatal(f"the line is longer than {LONGEST_LINE} characters", Place(self.name, number))
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                self._refuse(event)
                yield event
        except YAMLError as error:
            raise self._not_yaml(error) from None

    def _refuse(self, event: Event) -> None:
        """Stop at aliases, anchors, tags, directives, and at the value that is one too many."""
        if getattr(event, "anchor", None):  # of a value that is named, or of the alias that repeats it
            raise fatal("anchors and aliases (& and *) are not read: repeat the value", self._place(event))
        if getattr(event, "tag", None):
            raise fatal("tags (!) are not read", self._place(event))
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            raise fatal("directives (%) are not read", self._place(event))
        self._left -= isinstance(event, NodeEvent)
        if self._left < 0:
            raise fatal(f"holds more than {MOST_VALUES} values", self._place(event))

    def _node(self, event: Event, path: tuple[str | int, ...], key: Place | None = None) -> Node:
        if len(path) > MOST_LEVELS:
            raise fatal(f"is nested deeper than {MOST_LEVELS} levels", self._place(event))
        place = self._place(event)
        if isinstance(event, MappingStartEvent):
            return Node(self._mapping(path), place, key)
        if isinstance(event, SequenceStartEvent):
            return Node(self._list(path), place, key)
        assert isinstance(event, ScalarEvent)
        return Node(self._scalar(event, place, path), place, key)

    def _scalar(self, event: ScalarEvent, place: Place, path: tuple[str | int, ...]) -> Scalar:
        """Return a scalar; a text that would command a terminal or reverse what is read is a problem."""
        is_plain = event.implicit[0]
        found = UNPRINTABLE.search(event.value)
        if found is not None:
            what = f"holds {shown(found[0])}, which is not printable text"
            self.problems.append(Problem.at(place, path_text(path), what))
            return UNPRINTABLE.sub("?", event.value)
        return _scalar(event.value) if is_plain else str(event.value)

    def _mapping(self, path: tuple[str | int, ...]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            place, key = self._place(event), self._key(event)
            node = self._node(next(self._events), (*path, key), place)
            if not _is_key(key):
                self.problems.append(Problem.at(place, path_text((*path, key)), _NO_KEY))
                continue
            if key in found:
                first = f" (the first is in line {found[key].at.line})" if self.with_lines else ""
                self.problems.append(Problem.at(place, path_text((*path, key)), f"is here twice{first}"))
            found.setdefault(key, node)
        return found

    def _list(self, path: tuple[str | int, ...]) -> list[Node]:
        found: list[Node] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            found.append(self._node(event, (*path, len(found))))
        return found

    def _key(self, event: Event) -> str:
        if not isinstance(event, ScalarEvent) or not event.value:
            raise fatal("a key must be a word", self._place(event))
        return str(event.value)

    def _place(self, event: Event) -> Place:
        mark = event.start_mark
        return Place(self.name, mark.line + 1, mark.column + 1) if self.with_lines else Place(self.name)

    def _not_yaml(self, error: YAMLError) -> ScenarioError:
        mark = getattr(error, "problem_mark", None) if self.with_lines else None
        place = Place(self.name) if mark is None else Place(self.name, mark.line + 1, mark.column + 1)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        return fatal(f"is not YAML: {what}", place)


def _is_key(key: object) -> bool:
    return isinstance(key, str) and len(key) <= LONGEST_KEY and _KEY.fullmatch(key) is not None


def _scalar(text: str) -> Scalar:
    """Return a plain scalar by the core schema of YAML 1.2; numbers no computer holds stay text."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text) and len(text) <= LONGEST_NUMBER:
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text
