"""Differences between numbers that were recorded and the same numbers computed again.

Outcomes are compared as streams, column by column; tables row by row, as they are in their files. What a
difference means is left to ``study.verify``, which calls this.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.results.outcomes import REPLICATION, Columns

Range = tuple[int, int]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """How far a column of outcomes is from the same column computed again.

    Attributes
    ----------
    column
        Its name.
    differing
        Replications whose value is another one.
    first_differing
        The first of them; None if there is none.
    never_on_one_side
        Those of them in which it happens on one side and never on the other.
    largest_difference
        Over the others of them: days for times, USD for costs.
    """

    column: str
    differing: int = 0
    first_differing: int | None = None
    never_on_one_side: int = 0
    largest_difference: float = 0.0

    def joined(self, later: ColumnDifference) -> ColumnDifference:
        """Return the differences in these and in later replications together."""
        first = later.first_differing if self.first_differing is None else self.first_differing
        return ColumnDifference(
            self.column,
            self.differing + later.differing,
            first,
            self.never_on_one_side + later.never_on_one_side,
            max(self.largest_difference, later.largest_difference),
        )


@dataclass(frozen=True, slots=True)
class OutcomeDifferences:
    """What a comparison of outcomes found.

    Attributes
    ----------
    replications
        How many were compared.
    columns
        Each column that both sides have.
    only_recorded, only_again
        Columns that one side has.
    differing_by_session
        Replications that differ in any column, by the session that computed them.
    """

    replications: int
    columns: tuple[ColumnDifference, ...]
    only_recorded: tuple[str, ...]
    only_again: tuple[str, ...]
    differing_by_session: tuple[int, ...]

    @property
    def found(self) -> bool:
        """Return whether a number differs."""
        return any(column.differing for column in self.columns)


def outcome_differences(
    recorded: Iterable[Columns], again: Iterable[Columns], *, sessions: Sequence[Sequence[Range]]
) -> OutcomeDifferences:
    """Compare outcomes, of which the recorded ones may have gaps.

    Parameters
    ----------
    recorded, again
        Pieces in the order of their replications; ``again`` covers all of ``recorded``.
    sessions
        Which replications each session was to compute; the last one that names a replication computed it.
    """
    tally: dict[str, ColumnDifference] = {}
    replications, by_session = 0, np.zeros(len(sessions), dtype=np.int64)
    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    for one, other in _aligned(recorded, again):
        ours, theirs = tuple(one), tuple(other)
        numbers = one[REPLICATION]
        masks = {name: _differs(one[name], other[name]) for name in ours if name in other}
        for name, mask in masks.items():
            found = _column(name, mask, one=one, other=other)
            tally[name] = tally[name].joined(found) if name in tally else found
        by_session += _counts(numbers[np.any(list(masks.values()), axis=0)], sessions)
        replications += len(numbers)
    return OutcomeDifferences(
        replications,
        tuple(tally.values()),
        tuple(name for name in ours if name not in theirs),
        tuple(name for name in theirs if name not in ours),
        tuple(by_session.tolist()),
    )


def _differs(one: NDArray[np.float64], other: NDArray[np.float64]) -> Mask:
    mask: Mask = (one != other) & ~(np.isnan(one) & np.isnan(other))
    return mask


def _column(name: str, mask: Mask, *, one: Columns, other: Columns) -> ColumnDifference:
    rows = np.flatnonzero(mask)
    if not rows.size:
        return ColumnDifference(name)
    ours, theirs = one[name][rows], other[name][rows]
    both = np.isfinite(ours) & np.isfinite(theirs)
    return ColumnDifference(
        name,
        differing=int(rows.size),
        first_differing=int(one[REPLICATION][rows[0]]),
        never_on_one_side=int(np.count_nonzero(~both)),
        largest_difference=float(np.abs(ours[both] - theirs[both]).max(initial=0.0)),
    )


def _counts(numbers: NDArray[np.int64], sessions: Sequence[Sequence[Range]]) -> NDArray[np.int64]:
    owner = np.full(len(numbers), len(sessions))
    for index, ranges in enumerate(sessions):
        for first, stop in ranges:
            owner[(numbers >= first) & (numbers < stop)] = index
    return np.bincount(owner, minlength=len(sessions) + 1)[: len(sessions)]


def _aligned(recorded: Iterable[Columns], again: Iterable[Columns]) -> Iterator[tuple[Columns, Columns]]:
    """Yield pieces of the same replications."""
    source = iter(again)
    rest = next(source, {REPLICATION: np.empty(0, dtype=np.int64)})
    for piece in recorded:
        while piece[REPLICATION].size:
            first = piece[REPLICATION][0]
            while not rest[REPLICATION].size or rest[REPLICATION][-1] < first:
                rest = next(source)
            rest = _rows(rest, int(first - rest[REPLICATION][0]), None)
            common = min(len(rest[REPLICATION]), len(piece[REPLICATION]))
            yield _rows(piece, 0, common), _rows(rest, 0, common)
            piece, rest = _rows(piece, common, None), _rows(rest, common, None)


def _rows(columns: Columns, first: int, stop: int | None) -> Columns:
    return {name: column[first:stop] for name, column in columns.items()}


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row of a table that is not the same when computed again.

    Attributes
    ----------
    scenario, quantity
        Which row.
    cells
        The columns of the table in which it differs.
    recorded, again
        Its text on both sides; empty where it is missing.
    recorded_estimate, estimate
        Its number on both sides, as in the table; empty where it is missing.
    """

    scenario: str
    quantity: str
    cells: tuple[str, ...]
    recorded: str
    again: str
    recorded_estimate: str
    estimate: str


def row_differences(recorded: Path, again: Path) -> tuple[int, tuple[RowDifference, ...]]:
    """Return how many rows of summaries in CSV were compared, and those that differ."""
    ours, theirs = _table(recorded), _table(again)
    keys = dict.fromkeys([*ours, *theirs])
    found = (_row(key, ours.get(key, {}), theirs.get(key, {})) for key in keys)
    return len(keys), tuple(row for row in found if row.cells)


def _table(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return {
            (row.get("scenario", ""), row.get("quantity", "")): row
            for row in csv.DictReader(file, restval="", restkey="more")
        }


def _row(key: tuple[str, str], ours: dict[str, str], theirs: dict[str, str]) -> RowDifference:
    cells = tuple(name for name in dict.fromkeys([*ours, *theirs]) if ours.get(name) != theirs.get(name))
    texts = [row.get(name, "") for name in ("text", "estimate") for row in (ours, theirs)]
    return RowDifference(*key, cells, *texts)
