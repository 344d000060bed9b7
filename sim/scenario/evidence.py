"""Evidence: the sources behind the numbers, one row of ``evidence.csv`` each.

Every row says what was found, where and when, and how far it can be trusted; quantities name rows by id.
Unknown ids are found by ``validate``; ``explain`` and the reports show the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from sim.scenario.folders import file_text, is_inside, scenario_folders
from sim.scenario.problems import Place, fatal
from sim.scenario.table import read_table
from sim.scenario.words import shown

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

    A link that leads out of its folder is not followed.

    Raises
    ------
    ScenarioError
        A table cannot be read, a column is missing, or an id is used twice for different rows.
    """
    rows: dict[str, Evidence] = {}
    for folder in reversed(scenario_folders() if folders is None else folders):
        file = folder / FILE_NAME
        for line, row in _rows(file) if file.is_file() and is_inside(file, [folder]) else ():
            if rows.setdefault(row.id, row) != row:
                raise fatal(
                    f"the id {shown(row.id)} is used for two different rows", Place(file_text(file), line)
                )
    return rows


def _rows(file: Path) -> Iterator[tuple[int, Evidence]]:
    for line, cells in read_table(file, [field.name for field in fields(Evidence)]):
        yield line, Evidence(**cells)
