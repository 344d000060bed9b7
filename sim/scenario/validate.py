"""Validation: a merged document against the schema, with every problem in our words and at its place.

Translates what the schema library reports, adds the checks across sections, and looks for unknown evidence.
Reading and merging are done before, by ``load``, the only caller.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from itertools import islice
from typing import Any, TypeVar

from pydantic import ValidationError

from sim.scenario.document import Node
from sim.scenario.laws import QuantityError
from sim.scenario.merge import walk
from sim.scenario.problems import MOST_SHOWN, Place, Problem, ScenarioError, fatal
from sim.scenario.section import Section
from sim.scenario.shape import Shape, dimension, keys, step
from sim.scenario.words import guess, listed, path_text, shown, split_path

S = TypeVar("S", bound=Section)
Path = tuple[str | int, ...]
Checks = Callable[[S], Iterable[tuple[str, str]]]

MOST_KEYS_LISTED = 12

_SENTENCES: Mapping[str, str] = {
    "missing": "is missing",
    "bool": "{value} is not true or false",
    "int": "{value} is not a whole number",
    "float": "{value} is not a number",
    "finite_number": "{value} is not a finite number",
    "string": "{value} is not text",
    "date": "{value} is not a date; dates are written 2024-12-31",
    "tuple": "{value} is not a list",
    "list": "{value} is not a list",
    "mapping": "{value} is not a mapping of keys",
    "dict": "{value} is not a mapping of keys",
    "model": "{value} is not a mapping of keys",
    "greater_than_equal": "{value} is below {ge}",
    "greater_than": "{value} is not above {gt}",
    "less_than_equal": "{value} is above {le}",
    "less_than": "{value} is not below {lt}",
    "too_short": "has {actual_length} entries; it needs at least {min_length}",
    "too_long": "has {actual_length} entries; at most {max_length} are allowed",
    "string_too_short": "{value} is too short",
    "string_too_long": "{value} is too long",
    "string_pattern_mismatch": "{value} does not have the form {pattern}",
}  # error types of pydantic, or the first word of them (``date_from_datetime_parsing`` is a ``date``)


def validate(root: Node, model: type[S], checks: Checks[S]) -> tuple[S | None, list[Problem]]:
    """Return the scenario of a merged document, or what is wrong with it.

    Problems across sections are found beside wrong fields too, as far as the wrong ones can be set aside.
    """
    data = root.plain()
    scenario, errors = _read(data, model)
    problems = [problem for error in errors[:MOST_SHOWN] for problem in _translate(error, root, model)]
    can_repair = len(errors) <= MOST_SHOWN
    candidate = scenario or (_read(_repaired(data, errors, model), model)[0] if can_repair else None)
    if candidate is not None:
        reported = {problem.path for problem in problems}
        found = (
            _problem(root, split_path(path), message)
            for path, message in islice(checks(candidate), MOST_SHOWN)
        )
        problems += [problem for problem in found if problem.path not in reported]
    return scenario, problems


def unknown_evidence(root: Node, known: Collection[str]) -> Iterable[Problem]:
    """Return a problem for each ``source`` that no row of evidence.csv has, up to what a reader is shown."""
    return islice(_unknown_evidence(root, known), MOST_SHOWN)


def _unknown_evidence(root: Node, known: Collection[str]) -> Iterator[Problem]:
    for path, node in walk(root):
        parts = node.value if isinstance(node.value, list) else [node]
        for part in parts if path[-1:] == ("source",) else ():
            if isinstance(part.value, str) and part.value not in known:
                message = f"unknown evidence {shown(part.value)}{guess(part.value, known)}"
                yield Problem.at(part.at, path_text(path), message)


def _read(data: Any, model: type[S]) -> tuple[S | None, list[Any]]:
    """Validate as JSON, where strict reading knows dates and tuples but takes no text for a number."""
    try:
        return model.model_validate_json(json.dumps(data), strict=True), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _translate(error: Mapping[str, Any], root: Node, model: Shape) -> Iterator[Problem]:
    path = _written(error["loc"], root, is_missing=error["type"] == "missing")
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, QuantityError):
        for inner, message in cause.problems:
            yield _problem(root, (*path, *inner), message)
    elif error["type"] == "extra_forbidden":
        yield _problem(root, path, _unknown_key(path, model), at_key=True)
    else:
        yield _problem(root, path, str(cause) if error["type"] == "value_error" else _sentence(error))


def _sentence(error: Mapping[str, Any]) -> str:
    kind, value, context = error["type"], shown(error["input"]), error.get("ctx", {})
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        return _not_one_of(error["input"], context)
    sentence = _SENTENCES.get(kind) or _SENTENCES.get(kind.split("_")[0])
    if sentence is None:
        return f"{value} does not fit here: {error['msg'].removeprefix('Input ')}"
    limits = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in context.items()}
    return sentence.format(value=value, **limits)


def _not_one_of(value: object, context: Mapping[str, Any]) -> str:
    allowed = re.findall(r"'([^']*)'", context.get("expected", "") or context.get("expected_tags", ""))
    return f"{shown(value)} is not {listed(allowed)}{guess(value, allowed)}"


def _unknown_key(path: Path, model: Shape) -> str:
    shape = model
    for each in path[:-1]:
        shape = step(shape, each)
    known = list(keys(shape) or ())
    listing = f"; known are {listed(known, 'and')}" if len(known) <= MOST_KEYS_LISTED else ""
    return f"unknown key{guess(path[-1], known) or listing}"


def _written(location: Path, root: Node, *, is_missing: bool) -> Path:
    """Return the path as the file writes it, without the names of union members that pydantic puts in."""
    path: list[str | int] = []
    node = root
    for number, each in enumerate(location):
        child = node.child(each)
        if child is not None or (is_missing and number == len(location) - 1):
            path.append(each)
        node = child or node
    return tuple(path)


def _problem(root: Node, path: Path, message: str, *, at_key: bool = False) -> Problem:
    return Problem.at(locate(root, path, at_key=at_key), path_text(path), message)


def locate(root: Node, path: Path, *, at_key: bool = False) -> Place:
    """Return where a value is written; of one that is not written, where the section around it begins."""
    node = root
    for each in path:
        child = node.child(each)
        if child is None:
            return node.key or node.at
        node = child
    return (node.key if at_key else None) or node.at


def placed(message: str, root: Node) -> ScenarioError:
    """Return the error of a message that begins with the path it is about, perhaps with a scope before it."""
    path, colon, rest = message.partition(": ")
    try:
        steps = split_path(path.rpartition("/")[2]) if colon else ()
    except ValueError:
        steps = ()
    if not steps or root.child(steps[0]) is None:
        return fatal(message, root.at)
    return fatal(rest, locate(root, steps), path_text(steps))


def _repaired(data: Any, errors: Iterable[Mapping[str, Any]], model: Shape) -> Any:
    """Return the data with wrong quantities replaced by 1 and other wrong keys of sections left out."""
    repaired = deepcopy(data)
    for error in errors:
        if error["type"] != "missing":
            _set_aside(repaired, error["loc"], model)
    return repaired


def _set_aside(data: Any, location: Path, shape: Shape) -> None:
    for each in location[:-1]:
        try:
            data, shape = data[each], step(shape, each)
        except (KeyError, IndexError, TypeError):
            continue  # the name of a union member
    kind = dimension(step(shape, location[-1])) if location else None
    if isinstance(data, dict) and kind is not None:
        data[location[-1]] = f"1 {kind.canonical}"
    elif isinstance(data, dict) and keys(shape) is not None:
        data.pop(location[-1], None)
