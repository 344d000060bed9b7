"""The numbers of ``cases.json``: cases with known answers, compiled before the engines were written.

Keys are those of the list (``mean``, ``sd``, ``P80``, ``P(T<=47)``, with or without a prefix). Called by the
modules that turn cases into plans, and by the table, which must name every one of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .judge import Expectation, Sample, law

_QUANTILE = re.compile(r"P(\d+)")
_CUMULATED = re.compile(r"P\((?:T|max)<=([\d.]+)\)")


@cache
def cases() -> Mapping[str, Mapping[str, Any]]:
    """Return each case as key to number."""
    found: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
    return found


def number(case: str, key: str, place: int | None = None) -> float:
    """Return a number of a case, or one of a list of them."""
    found = cases()[case][key]
    return float(found if place is None else found[place])


def known_law(
    case: str, sample: Sample, prefix: str = "", *, what: str | None = None, reference_error: float = 0.0
) -> Iterator[Expectation]:
    """Expect all moments, percentiles and probabilities that a case lists under a prefix.

    ``what`` begins the names of the numbers; it is the prefix unless given.
    """
    listed = {key[len(prefix) :]: found for key, found in cases()[case].items() if key.startswith(prefix)}
    yield from law(
        sample,
        prefix if what is None else what,
        moments=(listed["mean"], listed["sd"]) if {"mean", "sd"} <= set(listed) else None,
        quantiles={share / 100: quantile for share, quantile in _matching(_QUANTILE, listed)},
        cumulated=dict(_matching(_CUMULATED, listed)),
        reference_error=reference_error,
    )


def _matching(pattern: re.Pattern[str], listed: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    for key, found in listed.items():
        if (match := pattern.fullmatch(key)) is not None:
            yield float(match[1]), found
