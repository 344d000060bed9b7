"""What leaves the program cannot act: no formula in a table, no markup in a figure or on a page."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sim.cli.main import run as command
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


HOSTILE = """=HYPERLINK("http://x.example", "<script>alert(1)</script>") <img src=x onerror=alert(2)>"""


def test_no_file_of_a_comparison_carries_what_a_title_or_a_file_name_says(
    write: Write, tmp_path: Path
) -> None:
    write("=1+1.yaml", f"title: '{HOSTILE}'\nextends: kz-nvidia-wait\n")
    few = ("-n", "250", "--workers", "1", "--quiet")
    assert command(["compare", "scenarios/=1+1.yaml", "kz-ascend", *few]) == 0
    made = [path for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    tables = [path for path in made if path.suffix == ".csv"]
    assert {path.name for path in tables} >= {"summary.csv", "comparison.csv"}
    lines = [line for path in tables for line in path.read_text(encoding="utf-8").splitlines()]
    cells = [cell for row in csv.reader(lines) for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@")) and not is_number(cell)]
    shown = [path.read_text(encoding="utf-8") for path in made if path.suffix in (".svg", ".html")]
    assert any("&lt;script&gt;alert(1)" in text for text in shown)
    assert not [text for text in shown if "<script" in text or "<img src=x" in text]


def is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
