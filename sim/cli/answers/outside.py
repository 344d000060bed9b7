"""The answer of ``outside``: the slip of comparable real machines beside the simulated one.

Called by ``decide``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sim.chance.amount import Column
from sim.cli.answer import Answer, Document
from sim.cli.answers.parts import Days
from sim.cli.console import Block, Table
from sim.cli.words import days_cell
from sim.report.slips import slip_curves
from sim.report.tell import slips_of
from sim.results.outside import Beside as StudyBeside
from sim.results.outside import Outside
from sim.study.subject import Subject

NAMES = ("P20", "P50", "P80")


@dataclass(frozen=True, slots=True)
class Machine:
    """A real machine.

    Attributes
    ----------
    name, country, supplier
        Which machine it is, and the family of its supplier.
    controlled
        Whether its accelerators were under export control.
    slip_days
        From the promised to the actual operation; at least, if it is still open.
    open
        Whether it is not in operation yet.
    """

    name: str
    country: str
    supplier: str
    controlled: bool
    slip_days: float
    open: bool


@dataclass(frozen=True, slots=True)
class Slip:
    """A percentile of the slip against the promise.

    Attributes
    ----------
    share
        The percentile, 0 to 1.
    simulated_days
        Of the scenario; null for never.
    real
        Of the real machines.
    """

    share: float
    simulated_days: float | None
    real: Days


@dataclass(frozen=True, slots=True)
class Beside(Document):
    """The simulated slip beside history's.

    Attributes
    ----------
    name
        The scenario.
    slips
        P20, P50 and P80.
    later_share
        Share of the real machines that slipped more than the simulated P80.
    warning
        What a reader should not miss; null if the simulated spread is not narrow.
    machines
        The reference class.
    """

    name: str
    slips: tuple[Slip, ...]
    later_share: float
    warning: str | None
    machines: tuple[Machine, ...]


def answer(subject: Subject, history: Outside, compared: StudyBeside, slips: Column) -> Answer:
    """Return the answer of the outside view; ``slips`` are the simulated days, infinity for never."""
    drawn = slips_of(history, slips, subject.title)
    return Answer(
        _document(subject.name, history, compared),
        [*_blocks(history, compared)],
        {f"outside-{subject.name}": lambda language: slip_curves(drawn, language=language)},
    )


def _blocks(history: Outside, compared: StudyBeside) -> Iterator[Block]:
    rows = [
        (name, ["never" if math.isinf(ours) else f"{ours:,.0f} d", days_cell(theirs)])
        for name, ours, theirs in zip(NAMES, compared.simulated, compared.real, strict=True)
    ]
    machines = f"{len(history.machines)} real machines"
    yield Table(["simulated", machines], rows, title="Slip against the promise")
    share = f"{100 * compared.earlier_than_history:.0f} %"
    yield f"{share} of the real machines slipped more than the simulated P80."
    if compared.warning:
        yield f"Warning: {compared.warning}."


def _document(name: str, history: Outside, compared: StudyBeside) -> Beside:
    pairs = zip(NAMES, compared.simulated, compared.real, strict=True)
    return Beside(
        name,
        tuple(Slip(int(label[1:]) / 100, ours, Days.of(theirs)) for label, ours, theirs in pairs),
        compared.earlier_than_history,
        compared.warning or None,
        tuple(
            Machine(each.name, each.country, each.supplier, each.controlled, each.slip_days, each.open)
            for each in history.machines
        ),
    )
