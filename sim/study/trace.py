"""Trace: the story of one future, from the SimPy event log, with the path that decided its date marked.

One replication is simulated once more with every event written down; who held the server that somebody
waited for is read off the log. Called by the command line, which words and draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.chance.draws import draw
from sim.engine import simpy_engine
from sim.engine.bind import bind
from sim.engine.event_log import Record
from sim.model.plan import Attempts, Outcome, Work
from sim.results.errors import StudyError
from sim.results.ledger import ledger
from sim.results.outcomes import COMPLETION
from sim.results.statistics import percentiles
from sim.study.run import run
from sim.study.subject import Subject
from sim.study.variants import Options


@dataclass(frozen=True, slots=True)
class Wait:
    """Days in the queue of a pool, and who held its servers meanwhile."""

    pool: str
    begin: float
    end: float
    held_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One stage of the future.

    Attributes
    ----------
    ready, end
        Days since the start; infinite for what has not happened by the horizon.
    spans
        When it was worked at, trial by trial.
    waits
        When it waited for a server.
    stopped
        When its rate was 0 while it was worked at.
    returned
        Days at which a trial came back without a decision.
    outcome
        "approved", "denied", "cancelled", "done", or "unfinished".
    """

    node: str
    cause: str
    binding: bool
    ready: float
    end: float
    spans: tuple[tuple[float, float], ...]
    waits: tuple[Wait, ...]
    stopped: tuple[tuple[float, float], ...]
    returned: tuple[float, ...]
    outcome: str


@dataclass(frozen=True)
class Trace:
    """One future: its tasks in order of time, the milestones it reached, and its ledger in days by cause."""

    subject: Subject
    seed: int
    replication: int
    completion: float
    tasks: tuple[Task, ...]
    milestones: Mapping[str, float]
    ledger: Mapping[str, float]


def nearest(subject: Subject, share: float, options: Options) -> int:
    """Return the replication whose completion is a percentile.

    Raises
    ------
    StudyError
        The percentile is never.
    """
    found = run(subject, replications=options.replications, seed=options.seed, workers=options.workers)
    value = percentiles(found.completion, (share,))[0].value
    if not np.isfinite(value):
        done = float(np.isfinite(found.completion).mean())
        raise StudyError(
            f"{subject.name}: P{100 * share:g} is never ({subject.facts.never} in {1 - done:.0%} of the "
            f"futures); ask for a percentile below P{100 * done:.0f}, or for a replication"
        )
    return int(np.flatnonzero(found.completion == value)[0])


def trace(subject: Subject, replication: int, *, seed: int = 1) -> Trace:
    """Return the story of one replication, which need not complete."""
    plan = subject.plan
    draws = draw(plan.inputs, seed=seed, first=replication, count=1, correlations=plan.correlations)
    times, log = simpy_engine.run(plan, draws), simpy_engine.event_log(plan, draws)
    finish = plan.milestones[COMPLETION]
    charged = ledger(bind(plan, draws), times, finish)
    by_node: dict[str, list[Record]] = {}
    for record in log:
        by_node.setdefault(record.node, []).append(record)
    told = {name: _told(records, plan.horizon) for name, records in by_node.items()}
    decided = {
        node.attempts: "approved" if node.approved else "denied"
        for name, node in plan.nodes.items()
        if isinstance(node, Outcome) and np.isfinite(times.of(name)[0])
    }
    tasks = [
        _task(name, node, told, outcome=decided.get(name), binding=name in charged.binding)
        for name, node in plan.nodes.items()
        if isinstance(node, Work | Attempts) and name in told
    ]
    milestones = {key: float(times.of(node)[0]) for key, node in plan.milestones.items()}
    days = {cause: float(column[0]) for cause, column in charged.days.items() if column[0] != 0.0}
    tasks.sort(key=lambda task: (task.ready, task.end))
    return Trace(subject, seed, replication, float(times.of(finish)[0]), tuple(tasks), milestones, days)


Span = tuple[float, float]


@dataclass
class _Told:
    """What the records of one node say, gathered one by one."""

    pool: str = ""
    ready: float = np.inf
    end: float = np.inf
    asked: float | None = None
    begun: float | None = None
    still: float | None = None
    cancelled: bool = False
    spans: list[Span] = field(default_factory=list)
    waits: list[Span] = field(default_factory=list)
    stopped: list[Span] = field(default_factory=list)
    returned: list[float] = field(default_factory=list)

    def hear(self, record: Record) -> None:
        """Take in the next record."""
        now = record.time
        match record.what:
            case "ready":
                self.ready = now
            case "queue":
                self.pool, self.asked = record.pool, now
            case "start":
                self.stop_waiting(now)
                self.begun = now
            case "rate-change":
                self.stop_standing(now)
                self.still = now if record.rate == 0.0 else None
            case "trial-returned":
                self.stop_working(now)
                self.returned.append(now)
            case "fire":
                self.stop_working(now)
                self.end = now
            case "cancelled":
                self.stop_waiting(now)
                self.cancelled = True

    def stop_waiting(self, now: float) -> None:
        """Close the wait that is open, if any."""
        if self.asked is not None and now > self.asked:
            self.waits.append((self.asked, now))
        self.asked = None

    def stop_standing(self, now: float) -> None:
        """Close the standstill that is open, if any."""
        if self.still is not None and now > self.still:
            self.stopped.append((self.still, now))
        self.still = None

    def stop_working(self, now: float) -> None:
        """Close the work that is under way, if any."""
        self.stop_standing(now)
        if self.begun is not None:
            self.spans.append((self.begun, now))
        self.begun = None


def _told(records: Sequence[Record], horizon: float) -> _Told:
    told = _Told()
    for record in records:
        told.hear(record)
    told.stop_waiting(horizon)
    told.stop_working(horizon)
    return told


def _task(
    name: str, node: Work | Attempts, told: Mapping[str, _Told], *, outcome: str | None, binding: bool
) -> Task:
    mine = told[name]
    waits = tuple(Wait(mine.pool, *span, _holders(name, mine.pool, span, told)) for span in mine.waits)
    plain = "cancelled" if mine.cancelled else "done" if np.isfinite(mine.end) else "unfinished"
    return Task(
        name,
        node.cause or name,
        binding,
        mine.ready,
        mine.end,
        tuple(mine.spans),
        waits,
        tuple(mine.stopped),
        tuple(mine.returned),
        outcome or plain,
    )


def _holders(name: str, pool: str, wait: Span, told: Mapping[str, _Told]) -> tuple[str, ...]:
    """Return who held a server of the pool during a wait."""
    return tuple(
        other
        for other, theirs in told.items()
        if other != name and theirs.pool == pool and any(b < wait[1] and e > wait[0] for b, e in theirs.spans)
    )
