"""Words: the answer as the terminal shows it, in English; the wording itself is ``report.wording``'s.

Called by the commands that simulate.
"""

from __future__ import annotations

from sim.report import wording
from sim.report.wording import (
    comparison_rows,
    date_cell,
    days_cell,
    option_rows,
    sentence,
    share_cell,
)
from sim.results.neighbors import Neighbors

__all__ = [
    "comparison_rows",
    "date_cell",
    "days_cell",
    "neighbor_rows",
    "option_rows",
    "sentence",
    "share_cell",
]

LABEL = 18
"""Characters of a row's name that leave room for three builds."""


def neighbor_rows(found: Neighbors) -> list[wording.Row]:
    """Return who is delayed by the others, with names that fit beside three columns."""
    return [(name[:LABEL], cells) for name, cells in wording.neighbor_rows(found)]
