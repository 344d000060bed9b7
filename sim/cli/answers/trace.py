"""The answer of ``trace``: one future as a dated story, its ledger, and a chart of its stages.

Called by ``decide``.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sim.cli.answer import Answer, Document
from sim.cli.answers.ledger import charges, ledger_table
from sim.cli.answers.parts import Charge
from sim.cli.console import Block, Lines
from sim.report.gantt import gantt_chart
from sim.report.tell import rows_of
from sim.results.rounding import days_text
from sim.results.statistics import Estimate
from sim.study.trace import Task as StudyTask
from sim.study.trace import Trace

STORY_INDENT = len("2024-04-30 > ")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of time.

    Attributes
    ----------
    begin_days, end_days
        Days since the start.
    """

    begin_days: float
    end_days: float | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for a server of a pool.

    Attributes
    ----------
    pool
        The pool.
    begin_days, end_days
        Days since the start.
    held_by
        The stages that held its servers meanwhile.
    """

    pool: str
    begin_days: float
    end_days: float | None
    held_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One stage of the future.

    Attributes
    ----------
    node, cause
        The stage, and what its days are charged to.
    binding
        Whether it lies on the path that decided the date.
    ready_days, end_days
        Days since the start; null for what has not happened by the horizon.
    outcome
        What became of it.
    worked, stopped
        When it was worked at, trial by trial, and when it stood still meanwhile.
    waits
        When it waited for a server.
    returned_days
        Days at which a trial came back without a decision.
    """

    node: str
    cause: str
    binding: bool
    ready_days: float | None
    end_days: float | None
    outcome: Literal["approved", "denied", "cancelled", "done", "unfinished"]
    worked: tuple[Span, ...]
    stopped: tuple[Span, ...]
    waits: tuple[Wait, ...]
    returned_days: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Traced(Document):
    """One future.

    Attributes
    ----------
    name
        The scenario.
    seed, replication
        Which future it is.
    completion_days, completion_date
        When the build is complete; null for never.
    milestones
        Milestone to days since the start; null for never.
    ledger
        Days by cause; they sum to ``completion_days``.
    tasks
        In order of time.
    """

    name: str
    seed: int
    replication: int
    completion_days: float | None
    completion_date: datetime.date | None
    milestones: Mapping[str, float | None]
    ledger: tuple[Charge, ...]
    tasks: tuple[Task, ...]


def answer(found: Trace) -> Answer:
    """Return the answer of the story of one future."""
    facts = found.subject.facts
    title = f"{facts.title} (future {found.replication:,})"
    rows = rows_of(found)
    blocks: list[Block] = [f"{title}; > marks the path that decided the date."]
    blocks.append(Lines(list(story(found)), hanging=STORY_INDENT))
    if found.ledger:
        blocks.append(ledger_table({"days": found.ledger}))
    name = f"trace-{facts.name}-{found.replication}"
    figures = {
        name: lambda language: gantt_chart(
            rows, start=facts.start, completion=found.completion, title=title, language=language
        )
    }
    return Answer(_document(found), blocks, figures if rows else {})


def story(found: Trace) -> Iterator[str]:
    """Yield the dated story of one future up to completion; ``>`` marks the path that decided the date."""
    facts = found.subject.facts
    events: list[tuple[float, bool, str]] = []
    for task in found.tasks:
        events += [(day, task.binding, f"{task.node}: {text}") for day, text in _events(task)]
    events += [(day, True, f"{name}.") for name, day in _reached(found)]
    events = [event for event in events if event[0] <= found.completion]
    for day, binding, text in sorted(events, key=lambda event: event[0]):
        yield f"{facts.date(day)} {'>' if binding else ' '} {text}"
    if math.isinf(found.completion):
        yield f"never complete ({facts.never})"


def _reached(found: Trace) -> Iterator[tuple[str, float]]:
    for name in ("switched", "completion"):
        day = found.milestones.get(name, math.inf)
        if math.isfinite(day):
            yield name.upper(), day


def _events(task: StudyTask) -> Iterator[tuple[float, str]]:
    for wait in task.waits:
        yield wait.begin, f"waits {_days(wait.end - wait.begin)} for {wait.pool}{_held(wait.held_by)}"
    for begin, end in task.stopped:
        yield begin, f"stands still for {_days(end - begin)}"
    for day in task.returned:
        yield day, "comes back; to be tried again"
    if task.outcome == "unfinished":
        last = task.spans[-1][0] if task.spans else task.ready
        if math.isfinite(last):
            yield last, "begins, and is not finished by the horizon"
    elif task.outcome != "cancelled" and task.end > task.ready:
        yield task.end, f"{task.outcome} after {_days(task.end - task.ready)}"


def _held(by: tuple[str, ...]) -> str:
    if not by:
        return ""
    more = f" and {len(by) - 1} more" if len(by) > 1 else ""
    return f", held by {by[0]}{more}"


def _days(days: float) -> str:
    text = days_text(Estimate(days, 0.0, 1.0))
    return f"{text} day" if text == "1" else f"{text} days"


def _document(found: Trace) -> Traced:
    facts = found.subject.facts
    return Traced(
        name=facts.name,
        seed=found.seed,
        replication=found.replication,
        completion_days=found.completion,
        completion_date=facts.date(found.completion),
        milestones=found.milestones,
        ledger=charges(found.ledger),
        tasks=tuple(map(_task, found.tasks)),
    )


def _task(task: StudyTask) -> Task:
    return Task(
        task.node,
        task.cause,
        task.binding,
        task.ready,
        task.end,
        task.outcome,  # type: ignore[arg-type]  # one of these words, as its docstring says
        tuple(Span(*span) for span in task.spans),
        tuple(Span(*span) for span in task.stopped),
        tuple(Wait(wait.pool, wait.begin, wait.end, wait.held_by) for wait in task.waits),
        task.returned,
    )
