"""The example notebook runs, and its committed texts are what it prints; ``--fix`` executes and stores it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.docs.conftest import ROOT

NOTEBOOK = ROOT / "reports" / "example.ipynb"
MOST_BYTES = 400_000


@pytest.fixture
def committed() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


def executed(notebook: Any) -> Any:
    """Return a notebook with the outputs it has today, and nothing that differs from one day to the next."""
    fresh = json.loads(json.dumps(notebook))
    client = NotebookClient(nbformat.from_dict(fresh), timeout=300, record_timing=False)
    found = client.execute(cwd=str(ROOT))
    found["metadata"] = notebook["metadata"]
    for cell in found.cells:
        cell["metadata"].pop("execution", None)
    return found


def texts(notebook: Any) -> list[tuple[str, str]]:
    """Return each code cell with what it says in words; pictures are left out."""
    return [
        (cell["source"], "".join(_words(cell["outputs"]))) for cell in notebook.cells if "outputs" in cell
    ]


def _words(outputs: list[Any]) -> list[str]:
    said = [each.get("text") or each.get("data", {}).get("text/plain", "") for each in outputs]
    return ["".join(each) for each in said]


def test_the_notebook_says_today_what_it_says_in_the_project(
    committed: Any, request: pytest.FixtureRequest
) -> None:
    fresh = executed(committed)
    if request.config.getoption("--fix"):
        NOTEBOOK.write_text(nbformat.writes(fresh) + "\n", encoding="utf-8")
        committed = fresh
    assert texts(fresh) == texts(committed), "reports/example.ipynb is stale; run pytest --fix tests/docs"


def test_the_notebook_is_small_and_has_pictures_with_words(committed: Any) -> None:
    assert NOTEBOOK.stat().st_size < MOST_BYTES
    outputs = [output for cell in committed.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    pictures = [output["data"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 4
    assert all(len(data["text/plain"]) > 40 for data in pictures)


def test_the_notebook_holds_no_place_and_no_time(committed: Any) -> None:
    said = " ".join(text for _, text in texts(committed))
    assert str(ROOT) not in said
    assert str(Path.home()) not in said
    assert not re.search(r"\d\d:\d\d:\d\d", said)
    assert all(set(cell["metadata"]) <= {"tags"} for cell in committed.cells)
