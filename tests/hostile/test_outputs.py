"""What leaves the program cannot act: no formula in a table, no command to a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sim.results.summary import harmless, write_csv

Write = Callable[..., Path]

FORMULAS = (
    "=1+1",
    "+1",
    "-2+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    '"=1',
    ' "" =1',
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "x;=1",
    "x; =1",
    'x;"=1',
    "x\n=1",
    "x\r\n@y",
    "x\t+1",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_a_formula_however_a_spreadsheet_cuts_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.csv"
    write_csv(file, pd.DataFrame({"name": [text], text: ["x"]}))
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode(), newline="")))
    assert len(rows) == 2
    for cell in (rows[0][1], rows[1][0]):
        for separator in ";\t\n\r":
            parts = [part.lstrip(' \t\r\n"') for part in cell.split(separator)]
            assert not [part for part in parts if part.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))]


@pytest.mark.parametrize(
    "text", ["kz-ascend", "not by 2032-12-31", "a - b", "x; 5", "1 = 1", "", "'=1", "e-mail"]
)
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("value", [-1.5, 0, True, None])
def test_numbers_stay_numbers(value: object) -> None:
    assert harmless(value) is value


def test_a_cell_that_was_made_harmless_stays_so() -> None:
    for text in FORMULAS:
        assert harmless(harmless(text)) == harmless(text)
