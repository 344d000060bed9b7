"""The documents of the commands that read scenarios and run nothing.

They start at once: nothing heavy is imported here. Called by ``read``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from sim.scenario.account import Account
    from sim.scenario.explain import Explanation
    from sim.scenario.folders import ScenarioFile
    from sim.scenario.load import Loaded
    from sim.scenario.problems import Problem


@dataclass(frozen=True, slots=True)
class Listed:
    """A scenario.

    Attributes
    ----------
    name, title
        What it is called, and what it says.
    family
        The folder it lies in.
    abstract
        Whether it is a base for others and not run.
    file
        Where it is written.
    """

    name: str
    title: str
    family: str
    abstract: bool
    file: Path


@dataclass(frozen=True, slots=True)
class Listing:
    """The scenarios there are.

    Attributes
    ----------
    scenarios
        By family and name.
    """

    scenarios: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A row of evidence.csv.

    Attributes
    ----------
    id, title, url
        Which row, and where it was published.
    as_of
        When it was true, as the source says it.
    confidence
        How far the source can be trusted.
    """

    id: str
    title: str
    url: str
    as_of: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A place that wrote a value.

    Attributes
    ----------
    place
        ``file:line:column``, or the ``--set`` that did; null for a default of the schema.
    value
        The value written there, in the words of a scenario file.
    """

    place: str | None
    value: Any


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a scenario, with where it came from and what it rests on.

    Attributes
    ----------
    path, value
        The value as a scenario file writes it.
    origins
        Who wrote it, oldest first; the last one counts.
    sources
        The evidence it names.
    assumption
        The sentence that stands in for evidence; null where there is none.
    grade
        How good the evidence is said to be; null where nothing is said.
    """

    path: str
    value: Any
    origins: tuple[Origin, ...]
    sources: tuple[Source, ...]
    assumption: str | None
    grade: Literal["high", "medium", "low"] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A scenario with everything it inherits.

    Attributes
    ----------
    name, file
        The scenario, and where it is written.
    sha256
        Of the merged scenario: equal hashes mean equal inputs.
    scenario
        The merged scenario, as ``chiproute schema`` describes it; null with ``--explain``.
    values
        With ``--explain``: every value at or below the path; else null.
    """

    name: str
    file: Path
    sha256: str
    scenario: Mapping[str, Any] | None
    values: tuple[Value, ...] | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a scenario.

    Attributes
    ----------
    file, line, column
        Where, counted from 1; line 0 is the file as a whole.
    path
        The value; empty if it concerns the file and not a value.
    message
        What is wrong, and the way out where there is one.
    """

    file: str
    line: int
    column: int
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class File:
    """A scenario that was checked.

    Attributes
    ----------
    name
        As it was asked for.
    file, title
        Where it is written, and what it says; null where it cannot be read.
    problems
        Everything that is wrong; none if it is fine.
    """

    name: str
    file: Path | None
    title: str | None
    problems: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What ``check`` found; with problems the exit code is 2.

    Attributes
    ----------
    files
        In the order asked for.
    """

    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the numbers of a scenario rest on.

    Attributes
    ----------
    name
        The scenario.
    inputs
        Every number with evidence, the weakest first.
    grades
        Grade ("ungraded" for none) to number of inputs.
    assumed
        Number of inputs that rest on an assumption alone.
    """

    name: str
    inputs: tuple[Value, ...]
    grades: Mapping[str, int]
    assumed: int


@dataclass(frozen=True, slots=True)
class Different:
    """A value in which two scenarios differ.

    Attributes
    ----------
    path
        The value.
    first, second
        What either says, in the words of a scenario file; "nothing" where it says nothing.
    """

    path: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The values in which two scenarios differ.

    Attributes
    ----------
    first, second
        The scenarios.
    values
        In file order.
    """

    first: str
    second: str
    values: tuple[Different, ...]


@dataclass(frozen=True, slots=True)
class Started:
    """A scenario that was started.

    Attributes
    ----------
    name, base
        The new scenario, and the one it extends.
    file
        Where it was written.
    next
        Commands to go on with.
    """

    name: str
    base: str
    file: Path
    next: tuple[str, ...]


def listing(files: Sequence[ScenarioFile]) -> Listing:
    """Return scenarios as a document has them."""
    return Listing(
        tuple(Listed(each.name, each.title, each.family, each.abstract, each.path) for each in files)
    )


def checked(found: Mapping[str, Loaded | tuple[Problem, ...]]) -> Checked:
    """Return what became of each scenario that was asked for: read, or everything that is wrong with it."""
    return Checked(tuple(_file(name, each) for name, each in found.items()))


def _file(name: str, found: Loaded | tuple[Problem, ...]) -> File:
    if isinstance(found, tuple):
        return File(name, None, None, tuple(map(_fault, found)))
    return File(name, found.path, found.scenario.title, ())


def value(found: Explanation) -> Value:
    """Return an explanation as a document has it."""
    from sim.scenario.quantity import Quantity

    plain = found.value.plain() if isinstance(found.value, Quantity) else found.value
    first = found.changes[0].old if found.changes else plain
    origins = [Origin(str(found.first) if found.first else None, first)]
    origins += [Origin(str(change.place), change.new) for change in found.changes]
    sources = (
        Source(row.id, row.source_title, row.source_url, row.as_of, row.confidence) for row in found.evidence
    )
    return Value(found.path, plain, tuple(origins), tuple(sources), found.assumption, found.grade)


def evidence(name: str, found: Account) -> Evidence:
    """Return the account of a scenario as a document has it."""
    return Evidence(name, tuple(map(value, found.inputs)), dict(found.grades), found.assumed)


def _fault(problem: Problem) -> Fault:
    """Return a problem as a document has it."""
    return Fault(problem.file, problem.line, problem.column, problem.path, problem.message)
