"""Evidence: the sources behind the numbers, one row of ``evidence.csv`` each.

Every row says what was found, where and when, and how far it can be trusted; quantities name rows by id.
Unknown ids are found by ``validate``; ``explain`` and the reports show the rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from sim.scenario.document import text_of
from sim.scenario.folders import file_text, scenario_folders
from sim.scenario.problems import Place, fatal
from sim.scenario.words import listed, shown

FILE_NAME = "evidence.csv"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of evidence, as written: numbers and dates stay text, because sources are not uniform."""

    id: str
    topic: str
    quantity: str
    low: str
    mode: str
    high: str
    unit: str
    as_of: str
    source_title: str
    source_url: str
    note: str
    confidence: str


def read_evidence(folders: Sequence[Path] | None = None) -> dict[str, Evidence]:
    """Return all rows by id: those shipped, and those of a local scenarios folder, which adds to them.

    Raises
    ------
    ScenarioError
        A table cannot be read, a column is missing, or an id is used twice for different rows.
    """
    rows: dict[str, Evidence] = {}
    for folder in reversed(scenario_folders() if folders is None else folders):
        file = folder / FILE_NAME
        for line, row in _rows(file) if file.is_file() else ():
            if rows.setdefault(row.id, row) != row:
                raise fatal(
                    f"the id {shown(row.id)} is used for two different rows", Place(file_text(file), line)
                )
    return rows


def _rows(file: Path) -> Iterator[tuple[int, Evidence]]:
    columns = [field.name for field in fields(Evidence)]
    name = file_text(file)
    reader = csv.DictReader(io.StringIO(text_of(file, name), newline=""), strict=True)
    try:
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise fatal(f"has no column {listed(missing, 'and')}", Place(name, 1))
        for record in reader:
            yield reader.line_num, Evidence(*(record[column] or "" for column in columns))
    except csv.Error as error:
        raise fatal(f"is not CSV: {error}", Place(name, reader.line_num)) from None
