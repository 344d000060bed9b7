"""Empirical laws: the column of a CSV file that ``empirical: {file: lots.csv, column: days}`` names.

The numbers are put in the place of the name before the scenario is checked, so that a merged scenario stands
alone and its digest covers the data. Nothing outside the scenario folders is read. Called by ``load``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sim.scenario.document import Node
from sim.scenario.folders import file_text, is_inside
from sim.scenario.laws import MOST_VALUES
from sim.scenario.problems import Place, ScenarioError, fatal
from sim.scenario.shape import Shape, dimension, step
from sim.scenario.table import read_table
from sim.scenario.words import path_text, shown

Column = Callable[[Node, str], Node]  # (the node that names a column, its path) -> a list of numbers


def inline(node: Node, shape: Shape, column: Column, path: tuple[str | int, ...] = ()) -> Node:
    """Return the document with every named column replaced by its numbers."""
    if isinstance(node.value, list):
        below = enumerate(node.value)
        return replace(node, value=[inline(each, step(shape, i), column, (*path, i)) for i, each in below])
    if not isinstance(node.value, dict):
        return node
    if dimension(shape) is None:
        items = node.value.items()
        return replace(node, value={k: inline(v, step(shape, k), column, (*path, k)) for k, v in items})
    law = node.value.get("empirical")
    if law is None or not isinstance(law.value, dict):
        return node
    return replace(node, value={**node.value, "empirical": column(law, path_text((*path, "empirical")))})


def read_column(law: Node, path: str, home: Path, folders: Sequence[Path]) -> Node:
    """Return the numbers of the column that ``{file, column}`` names; ``home`` is the folder it starts from.

    Raises
    ------
    ScenarioError
        Keys are missing, the file is outside the scenario folders or unreadable, or a cell is no number.
    """
    named = law.plain()
    if set(named) != {"file", "column"} or not all(isinstance(each, str) for each in named.values()):
        raise fatal("needs a list of numbers or {file, column}", law.at, path)
    file = home / named["file"]
    if not is_inside(file, folders):
        raise fatal(f"{shown(named['file'])} is outside the scenario folders", law.at, path)
    return replace(law, value=[Node(number, law.at) for number in _numbers(file, named["column"])])


def _numbers(file: Path, column: str) -> list[float]:
    cells = [(line, row[column]) for line, row in read_table(file, [column]) if row[column]]
    name = file_text(file)
    if not 0 < len(cells) <= MOST_VALUES:
        raise fatal(
            f"column {shown(column)} has {len(cells)} numbers; 1 to {MOST_VALUES} are read", Place(name)
        )
    return [_number(cell, Place(name, line)) for line, cell in cells]


def _number(cell: str, place: Place) -> float:
    try:
        return float(cell)
    except ValueError:
        raise fatal(f"{shown(cell)} is not a number", place) from None


def gather(node: Node, shape: Shape, column: Column) -> tuple[Node, list[ScenarioError]]:
    """Return :func:`inline` with every error gathered; a column that cannot be read stays as it was named."""
    errors: list[ScenarioError] = []

    def attempt(law: Node, path: str) -> Node:
        try:
            return column(law, path)
        except ScenarioError as error:
            errors.append(error)
            return replace(law, value=[Node(1, law.at)])  # any number: it has its error already

    return inline(node, shape, attempt), errors
