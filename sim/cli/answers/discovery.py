"""The answer of ``discover``: in which futures the build is late, as a box in words, and as data.

Called by ``decide``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.cli.answer import Answer, Document
from sim.cli.answers.parts import Probability, finite
from sim.cli.console import Lines
from sim.results.statistics import Estimate
from sim.study.discovery import Box as StudyBox
from sim.study.discovery import Discovery

_LOPSIDED = 0.05


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound of one input.

    Attributes
    ----------
    input, unit
        The input, and the unit of its bounds.
    above, at_most
        The bounds; null where there is none.
    text
        The condition in words.
    """

    input: str
    unit: str
    above: float | None
    at_most: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """Conditions that hold together, measured on futures they were not fitted to.

    Attributes
    ----------
    conditions
        All of them hold in the box.
    density
        Share of the futures inside that are late.
    coverage
        Share of the late futures that are inside.
    size
        Share of all futures that are inside.
    """

    conditions: tuple[Condition, ...]
    density: Probability
    coverage: Probability
    size: Probability


@dataclass(frozen=True, slots=True)
class Discovered(Document):
    """In which futures a build is late.

    Attributes
    ----------
    name
        The scenario.
    by
        Late is after this day.
    base
        Share of all futures that are late.
    box
        Null where no box holds surely more late futures than that.
    data
        Files with the inputs and the outcomes, a row per future.
    """

    name: str
    by: datetime.date
    base: Probability
    box: Box | None
    data: tuple[Path, ...]


def answer(name: str, found: Discovery, data: tuple[Path, ...]) -> Answer:
    """Return the answer of a discovery whose data was written to some files."""
    box = None if found.box is None else _box(found.box)
    document = Discovered(name, found.by, Probability.of(found.base), box, data)
    return Answer(document, [Lines(list(sentences(found)))])


def sentences(found: Discovery) -> Iterator[str]:
    """Yield what was found; the shares are those of futures that the box was not fitted to."""
    yield f"Not complete by {found.by}: {_share(found.base)} of all futures."
    if found.box is None:
        yield "No box of inputs holds surely more late futures than that."
    else:
        conditions = " and ".join(each.text for each in found.box.conditions)
        yield f"Late in {_share(found.box.density)} of the futures with {conditions}."
        yield (
            f"They hold {_share(found.box.coverage)} of all late futures and are {_share(found.box.size)} "
            "of all futures. Measured on the half of the futures that the box was not fitted to."
        )
    if not _LOPSIDED <= found.base.value <= 1.0 - _LOPSIDED:
        yield "Nearly all futures are alike by this date; a date near the median (--by) tells more."


def _share(share: Estimate) -> str:
    value, low, high = (f"{100 * each:.1f} %" for each in (share.value, share.low, share.high))
    return f"{value} ({low} to {high})"


def _box(box: StudyBox) -> Box:
    conditions = (
        Condition(each.input, each.unit, finite(each.low), finite(each.high), each.text)
        for each in box.conditions
    )
    return Box(
        tuple(conditions), Probability.of(box.density), Probability.of(box.coverage), Probability.of(box.size)
    )
