"""Golden summaries: what every shipped scenario answers, rounded; a change of any of them is reviewed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.chance.amount import Column
from sim.results.cost import cost_columns
from tests.shipped import NAMES, Solved, solved

Generated = Callable[[Path, str], None]

FOLDER = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_are_those_that_were_reviewed(name: str, generated: Generated) -> None:
    FOLDER.mkdir(exist_ok=True)
    generated(FOLDER / f"{name}.json", json.dumps(summary(solved(name)), indent=1) + "\n")


def test_every_golden_summary_belongs_to_a_scenario() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(NAMES)


def summary(case: Solved) -> dict[str, dict[str, float | str]]:
    """Return percentiles in days (whole, or never) of each milestone, and the cost in thousands of USD."""
    days = {name: row(case.column(name)) for name in case.plan.milestones}
    usd = cost_columns(case.plan, case.draws, case.times)
    return days | {name: {"p50_kusd": rounded(np.median(values) / 1_000)} for name, values in usd.items()}


def row(days: Column) -> dict[str, float | str]:
    shares = {"p10": 0.1, "p50": 0.5, "p80": 0.8}
    found = {
        name: rounded(float(np.quantile(days, share, method="inverted_cdf")))
        for name, share in shares.items()
    }
    return found | {"never": round(float(np.isinf(days).mean()), 3)}


def rounded(number: float) -> float | str:
    return round(number) if np.isfinite(number) else "never"
