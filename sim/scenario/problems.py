"""Problems: what is wrong with a scenario, each at its place, all at once.

What is wrong is decided and worded elsewhere (``validate`` for fields, ``checks`` across sections,
``document`` for YAML). Raised by every module of the room that reads files; the command line prints
:class:`ScenarioError` as it is and ends with exit code 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_SHOWN = 100
"""Problems that a reader is shown at once, and that are looked for where each takes time."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file, counted from 1; line 0 is the file as a whole, or a ``--set``."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong; ``path`` is empty if it concerns the file and not a value."""

    file: str
    line: int
    column: int
    path: str
    message: str

    @classmethod
    def at(cls, place: Place, path: str, message: str) -> Problem:
        """Return a problem at a place."""
        return cls(place.file, place.line, place.column, path, message)

    def __str__(self) -> str:
        place = Place(self.file, self.line, self.column)
        return ": ".join(part for part in (str(place), self.path, self.message) if part)


class ScenarioError(ValueError):
    """Everything that is wrong with a scenario, sorted by place; its text has one line per problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(sorted(set(problems)))
        more = len(self.problems) - MOST_SHOWN
        lines = [*map(str, self.problems[:MOST_SHOWN]), *([f"... and {more} more"] if more > 0 else [])]
        super().__init__("\n".join(lines))


def fatal(message: str, place: Place, path: str = "") -> ScenarioError:
    """Return an error with the one problem that prevents further reading."""
    return ScenarioError([Problem.at(place, path, message)])
