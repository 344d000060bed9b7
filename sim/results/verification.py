"""Verification: what was found out about a folder whose numbers were computed again.

Filled by ``study.verify``, worded by the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from sim.results.conditions import Change
from sim.results.differences import OutcomeDifferences, RowDifference

Verdict: TypeAlias = Literal["reproduced", "tampered", "differs", "other conditions", "incomplete"]

Finding: TypeAlias = Literal["identical", "equal", "differs", "unchanged", "unchecked"]


@dataclass(frozen=True, slots=True)
class OutputCheck:
    """One file of the folder.

    Attributes
    ----------
    name
        Its path below the folder.
    finding
        ``identical``: the same bytes again. ``equal``: the same numbers in other bytes. ``differs``: other
        numbers. ``unchanged``: it is what was recorded, and was not made again (figures, pages).
        ``unchecked``: see ``note``.
    note
        What was compared with what, or why nothing was.
    """

    name: str
    finding: Finding
    note: str = ""


@dataclass(frozen=True, slots=True)
class SessionCheck:
    """One session in which replications were computed.

    Attributes
    ----------
    started
        By the clock of that machine; nothing depends on it.
    replications
        Ranges that were left to it, from the first to before the second number.
    changes
        Conditions that are others now.
    differing
        Replications computed in it that come out differently now.
    """

    started: str
    replications: tuple[tuple[int, int], ...]
    changes: tuple[Change, ...]
    differing: int = 0


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was found out about a folder.

    Attributes
    ----------
    verdict
        ``reproduced``: every number came out again. ``tampered``: something was changed after it was
        written. ``differs``: a number is another one under the same conditions. ``other conditions``: a
        number is another one, and so are the program, its libraries or the machine. ``incomplete``: nothing
        wrong was found, and something could not be checked.
    kind
        ``run`` or ``comparison``; empty if the manifest cannot be trusted.
    name, seed
        Of what the folder holds.
    engine
        The engine that computed the numbers again.
    replications, verified
        How many the folder holds, and how many of them were computed again.
    outputs, sessions
        The files of the folder, and the sessions in which its replications were computed.
    outcomes
        The comparison replication by replication; None if the bytes are identical or nothing was compared.
    rows, row_differences
        Rows of the summary that were compared, and those that differ.
    problems
        What was changed.
    unchecked
        What could not be checked, and why.
    notes
        What a reader should know.
    """

    folder: Path
    verdict: Verdict
    kind: str = ""
    name: str = ""
    seed: int | None = None
    engine: str = ""
    replications: int = 0
    verified: int = 0
    outputs: tuple[OutputCheck, ...] = ()
    outcomes: OutcomeDifferences | None = None
    rows: int = 0
    row_differences: tuple[RowDifference, ...] = ()
    sessions: tuple[SessionCheck, ...] = ()
    problems: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return the conditions that are others now than in any of the sessions."""
        return tuple(dict.fromkeys(change for session in self.sessions for change in session.changes))

    @property
    def differs(self) -> bool:
        """Return whether a number came out as another one."""
        return any(output.finding == "differs" for output in self.outputs)
