"""Tables: the rows of a CSV file that lies beside scenarios, by the names of their columns.

Refuses what :func:`sim.scenario.document.text_of` refuses, and tables without the columns asked for; what a
row means is left to the callers: ``evidence``, ``empirical`` and the reference class of ``results``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.scenario.document import text_of
from sim.scenario.folders import file_text
from sim.scenario.problems import Place, fatal
from sim.scenario.words import guess, listed, shown


def read_table(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line of each row of a CSV file, and its cells in some columns; a cell left out is empty.

    Raises
    ------
    ScenarioError
        The file cannot be read, is no CSV, or does not have each of the columns once.
    """
    name = file_text(file)
    reader = csv.DictReader(io.StringIO(text_of(file, name), newline=""), strict=True)
    try:
        _check_header(list(reader.fieldnames or ()), columns, name)
        for row in reader:
            yield reader.line_num, {column: row[column] or "" for column in columns}
    except csv.Error as error:
        raise fatal(f"is not CSV: {error}", Place(name, reader.line_num)) from None


def _check_header(header: Sequence[str], columns: Sequence[str], name: str) -> None:
    missing = [column for column in columns if column not in header]
    if len(missing) > 1:
        raise fatal(f"has no column {listed(missing, 'and')}", Place(name, 1))
    if missing:
        near = guess(missing[0], header) or f"; it has {listed(header[:20], 'and')}"
        raise fatal(f"has no column {shown(missing[0])}{near}", Place(name, 1))
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise fatal(f"has more than one column {shown(twice[0])}", Place(name, 1))
