"""Merging: a scenario over its parent, and the command line's changes over both.

Mappings merge; lists and quantities replace as a whole; null removes. Every value keeps what it replaced, so
that ``explain`` can tell its history. Reading files and finding parents is left to ``load``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sim.scenario.document import Node, read_value
from sim.scenario.problems import Place, ScenarioError, fatal
from sim.scenario.shape import Shape, dimension, keys, step
from sim.scenario.words import UNPRINTABLE, guess, listed, path_text, shown, split_path

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that took the place of another; None where there was or is nothing."""

    path: str
    old: Any
    new: Any
    place: Place


def merge(parent: Node, child: Node, shape: Shape) -> Node:
    """Return the child's values over the parent's; ``shape`` says which mappings are quantities."""
    both_mappings = isinstance(parent.value, dict) and isinstance(child.value, dict)
    if not both_mappings or dimension(shape) is not None:
        return replace(child, replaces=parent)
    assert isinstance(parent.value, dict)
    assert isinstance(child.value, dict)
    merged = dict(parent.value)
    for key, node in child.value.items():
        merged[key] = merge(merged[key], node, step(shape, key)) if key in merged else node
    return replace(child, value=merged)


def override(root: Node, text: str, shape: Shape) -> Node:
    """Return the root with one change of the command line, ``strategy.patience=9 months``, applied.

    Raises
    ------
    ScenarioError
        The text is no ``path=value``, the value no YAML, or the path leads nowhere.
    """
    path, equals, value = text.partition("=")
    label = UNPRINTABLE.sub("?", " ".join(text.split()))
    place = Place(f"--set {label if len(label) <= 80 else label[:77] + '...'}")
    try:
        steps = split_path(path)
    except ValueError as error:
        raise fatal(str(error), place) from None
    if not equals:
        raise fatal("has no value: write path=value", place)
    if steps == ("extends",):
        raise fatal("belongs in a file, not on the command line", place, "extends")
    return _assign(root, steps, read_value(value, place.file), shape, ())


def _assign(node: Node, steps: Path, new: Node, shape: Shape, done: Path) -> Node:
    if not steps:
        return merge(node, replace(new, key=new.at), shape)
    first, rest, here = steps[0], steps[1:], (*done, steps[0])
    if isinstance(first, int):
        return _assign_in_list(node, first, rest, new, shape, done)
    if not isinstance(node.value, dict):
        raise fatal(f"{path_text(done)} is {shown(node.plain())}, which has no keys", new.at, path_text(here))
    inner = step(shape, first)
    if first in node.value:
        child = _assign(node.value[first], rest, new, inner, here)
    else:
        _refuse_unknown(node, first, rest, new.at, shape, here)
        child = _nested(rest, new, inner, here)
    return replace(node, value={**node.value, first: child})


def _assign_in_list(node: Node, index: int, rest: Path, new: Node, shape: Shape, done: Path) -> Node:
    here = (*done, index)
    if not isinstance(node.value, list):
        raise fatal(f"{path_text(done)} is {shown(node.plain())}, not a list", new.at, path_text(here))
    if index >= len(node.value):
        raise fatal(
            f"{path_text(done)} has {len(node.value)} entries, counted from 0", new.at, path_text(here)
        )
    child = _assign(node.value[index], rest, new, step(shape, index), here)
    return replace(node, value=[*node.value[:index], child, *node.value[index + 1 :]])


def _refuse_unknown(node: Node, key: str, rest: Path, place: Place, shape: Shape, here: Path) -> None:
    """Refuse a key that the schema does not know, and a path through a name the scenario does not have."""
    known = keys(shape)
    present = node.value if isinstance(node.value, dict) else {}
    allowed = known if known is not None else present
    if key not in allowed and (known is not None or rest):
        names = sorted(allowed)
        raise fatal(
            f"unknown key{guess(key, names) or f'; known are {listed(names[:20])}'}", place, path_text(here)
        )


def _nested(steps: Path, new: Node, shape: Shape, done: Path) -> Node:
    if not steps:
        return replace(new, key=new.at)
    empty = Node({}, new.at, new.at)
    return _assign(empty, steps, new, shape, done)


def override_all(root: Node, texts: tuple[str, ...], shape: Shape) -> tuple[Node, list[ScenarioError]]:
    """Return the root with every change that could be applied, in order, and the errors of the others."""
    errors: list[ScenarioError] = []
    for text in texts:
        try:
            root = override(root, text, shape)
        except ScenarioError as error:
            errors.append(error)
    return root, errors


def changes(root: Node) -> tuple[Change, ...]:
    """Return every change that made the merged scenario, value by value in file order, oldest first."""
    return tuple(change for path, node in walk(root) for change in history(path_text(path), node))


def history(path: str, node: Node) -> Iterator[Change]:
    """Yield the changes of one value, oldest first, without the writing of the first."""
    past = [node]
    while past[-1].replaces is not None:
        past.append(past[-1].replaces)
    for new, old in reversed([*pairwise(past)]):
        yield Change(path, old.plain(), new.plain(), new.at)


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every value with its path, a section before what is in it."""
    yield path, node
    for key, child in node.children():
        yield from walk(child, (*path, key))
