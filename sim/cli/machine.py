"""Results for machines: the document that ``--json`` prints.

One object: ``runs`` (facts, seed, replications, folder, and the summary's rows by quantity) and
``comparisons`` of the best scenario with each other one. Numbers that do not exist (never) are null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sim.results.answer import Answer
from sim.results.run import Run
from sim.results.summary import summary


def document(runs: Sequence[Run], answer: Answer) -> str:
    """Return runs and their answer as a JSON text."""
    content = {
        "best": answer.best.facts.name,
        "runs": [_run(run) for run in runs],
        "comparisons": [asdict(comparison) for comparison in answer.against],
    }
    return json.dumps(_finite(content), indent=1, ensure_ascii=False, allow_nan=False, default=str)


def _run(run: Run) -> dict[str, Any]:
    facts = run.facts
    return {
        "name": facts.name,
        "title": facts.title,
        "start": facts.start,
        "target": facts.target,
        "horizon": facts.horizon,
        "digest": facts.digest,
        "seed": run.seed,
        "replications": run.replications,
        "engine": run.engine,
        "folder": run.folder,
        "summary": summary(run).drop(columns="scenario").to_dict(orient="records"),
    }


def _finite(value: Any) -> Any:
    """Return JSON-like data with null in place of numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
