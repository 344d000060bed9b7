"""The answer of ``verify``: the verdict on each folder, what was compared, and what moved.

Called by ``verify``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.cli.console import Block, Lines, Table
from sim.results.differences import ColumnDifference, RowDifference
from sim.results.verification import OutputCheck, SessionCheck, Verification

SHOWN = 12
"""Columns, rows and notes that are printed; a JSON document has all of them."""

VERDICTS = {
    "reproduced": "every number came out again",
    "tampered": "changed after it was written; nothing was computed",
    "differs": "numbers differ under the conditions they were computed under: an error of the program or "
    "of the machine",
    "other conditions": "numbers differ, and so do the conditions they were computed under: not "
    "necessarily an error",
    "incomplete": "nothing wrong was found, but not everything could be checked",
}

FINDINGS = {
    "identical": "the same bytes again",
    "equal": "the same numbers again",
    "differs": "other numbers",
    "unchanged": "what was recorded",
    "unchecked": "not checked",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """Folders whose numbers were computed again.

    Attributes
    ----------
    folders
        What was found out about each, as given.
    """

    folders: tuple[Verification, ...]


def blocks(found: Verification) -> Iterator[Block]:
    """Yield what was found out about a folder: the verdict first, then what it rests on."""
    yield f"{found.folder}: {VERDICTS[found.verdict]}.{_how(found)}"
    yield Lines([f"  {line}" for line in _lines(found)], hanging=4)
    if found.outcomes is not None and found.outcomes.found:
        yield from _columns(found.outcomes.columns)
    if found.row_differences:
        yield from _rows(found.row_differences)


def _how(found: Verification) -> str:
    if not found.verified:
        return ""
    part = "" if found.verified == found.replications else f" of {found.replications:,}"
    return (
        f" {found.verified:,}{part} replications of {found.name}, seed {found.seed}, were computed again by "
        f"the {found.engine} engine from the manifest alone."
    )


def _lines(found: Verification) -> Iterator[str]:
    yield from found.problems
    made = [output for output in found.outputs if output.finding != "unchanged"]
    yield from (_output(output, found) for output in made)
    others = [output.name for output in found.outputs if output.finding == "unchanged"]
    if others:
        yield f"{_few(others)}: {FINDINGS['unchanged']}, not made again"
    yield from map(_session, (session for session in found.sessions if session.changes))
    yield from (f"not checked: {reason}" for reason in found.unchecked)
    yield from (f"note: {note}" for note in found.notes[:SHOWN])
    if len(found.notes) > SHOWN:
        yield f"note: {len(found.notes) - SHOWN} more notes (--json)"


def _output(output: OutputCheck, found: Verification) -> str:
    note = f" ({output.note})" if output.note else ""
    rows = f"; {len(found.row_differences)} of {found.rows} rows" if output.name.endswith(".csv") else ""
    return f"{output.name}: {FINDINGS[output.finding]}{rows if output.finding == 'differs' else ''}{note}"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more files"


def _session(session: SessionCheck) -> str:
    changes = ", ".join(f"{each.condition} {each.then} then, {each.now} now" for each in session.changes)
    differing = f" ({session.differing:,} differ)" if session.differing else ""
    return f"replications {_ranges(session)}{differing} were computed with {changes}"


def _ranges(session: SessionCheck) -> str:
    texts = [f"{first:,} to {stop - 1:,}" for first, stop in session.replications]
    return " and ".join(texts) if len(texts) <= 2 else f"{texts[0]} and {len(texts) - 1} more ranges"


def _columns(columns: Sequence[ColumnDifference]) -> Iterator[Block]:
    different = [column for column in columns if column.differing]
    rows = [
        (
            each.column,
            [
                f"{each.differing:,}",
                f"{each.first_differing:,}",
                f"{each.largest_difference:.3g}",
                f"{each.never_on_one_side:,}",
            ],
        )
        for each in different[:SHOWN]
    ]
    yield Table(
        ["replications", "the first", "by at most", "never on one side"],
        rows,
        title=f"Columns that differ: {len(different)} of {len(columns)} (days; costs in USD)",
        numbers=True,
    )
    yield from _more(len(different))


def _rows(rows: Sequence[RowDifference]) -> Iterator[Block]:
    several = len({row.scenario for row in rows}) > 1
    cells = [
        (f"{row.scenario} {row.quantity}" if several else row.quantity, [_side(row, 0), _side(row, 1)])
        for row in rows[:SHOWN]
    ]
    yield Table(["recorded", "now"], cells, title="Rows of the table that differ")
    yield from _more(len(rows))


def _side(row: RowDifference, index: int) -> str:
    text, estimate = ((row.recorded, row.recorded_estimate), (row.again, row.estimate))[index]
    return f"{text}\n{estimate}" if text else "-"


def _more(count: int) -> Iterator[Block]:
    if count > SHOWN:
        yield f"and {count - SHOWN} more (--json shows all)"
