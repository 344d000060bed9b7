"""Pools: the requests that nodes make for the servers of one pool, and what the nodes learn from them.

A work is one request, attempts are one per trial: a returned trial comes back as the next request, so a pool
is served again, where trials were returned, until no new ones come. Called by the feedback, which knows what
else lies between the members of a pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from sim.chance.amount import Column
from sim.engine.board import Board, Mask
from sim.engine.kinds import verdict
from sim.engine.progress import Index, never_after
from sim.engine.queueing import Requests, serve
from sim.model.plan import Attempts, Work

MOST_PASSES = 10_000
"""More than any plan needs: a plan needs less than it has requests times levels."""


@dataclass(frozen=True, slots=True)
class Trials:
    """Some attempts among the requests, and what is known to have come of each trial.

    ``luck``, ``rework`` (infinite after the last trial), ``end``, ``approved`` and ``denied`` have shape
    ``(trials, m)``.
    """

    node: Attempts
    rows: range
    luck: Column
    rework: Column
    end: Column
    approved: Mask
    denied: Mask

    @classmethod
    def of(cls, board: Board, name: str, node: Attempts, rows: range) -> Trials:
        """Return attempts of which no trial has ended."""
        count, never = len(rows), np.full((len(rows), board.count), np.inf)
        numbers = [board.amount(name, place) for place in range(count, 3 * count - 1)]
        rework, luck = np.stack([*numbers[: count - 1], never[0]]), np.stack(numbers[count - 1 :])
        undecided = np.zeros_like(never, dtype=bool)
        return cls(node, rows, luck, rework, never, undecided, undecided.copy())


@dataclass(frozen=True, slots=True)
class Pool:
    """The requests for the servers of one pool on one board.

    Attributes
    ----------
    rows
        Names of the nodes that ask, in the order of the plan, to the rows of their requests.
    requests
        Their requests; later trials of attempts are ready at infinity until they are known to come.
    trials
        Names of those that are attempts.
    """

    servers: int
    rows: Mapping[str, range]
    requests: Requests
    trials: Mapping[str, Trials]

    @classmethod
    def of(cls, board: Board, members: Sequence[str], servers: int) -> Pool:
        """Return a pool that has not been served yet."""
        nodes = {name: _asking(board, name) for name in members}
        ends = list(accumulate(map(_trials, nodes.values()), initial=0))
        rows = {name: range(*span) for name, span in zip(nodes, pairwise(ends), strict=True)}
        rates = [node.rate for node in nodes.values() for _ in range(_trials(node))]
        distinct = {id(rate): board.course(rate) for rate in rates}
        course_of = np.array([[list(distinct).index(id(rate))] for rate in rates])
        ready = np.full((ends[-1], board.count), np.inf)
        amount = np.stack([board.amount(name, k) for name in nodes for k in range(len(rows[name]))])
        limit = np.full_like(ready, np.inf) if any(node.unless for node in nodes.values()) else None
        tried = {name: node for name, node in nodes.items() if isinstance(node, Attempts)}
        trials = {name: Trials.of(board, name, node, rows[name]) for name, node in tried.items()}
        return cls(servers, rows, Requests(ready, amount, limit, tuple(distinct.values()), course_of), trials)

    def serve(self, board: Board) -> int:
        """Serve what is asked now, write what follows for the nodes that ask; return the number of passes."""
        self._ask(board)
        passes = 1
        start, end = serve(self.requests, self.servers, board.horizon)
        returned = self._returned(board, end, board.everyone)
        while returned.size:
            some = self.requests.some(np.arange(len(end)), returned)
            start[:, returned], end[:, returned] = serve(some, self.servers, board.horizon)
            returned = self._returned(board, end, returned)
            passes = counted(passes + 1, self.rows)
        self._write(board, start, end)
        return passes

    def _ask(self, board: Board) -> None:
        for name, rows in self.rows.items():
            node = _asking(board, name)
            self.requests.ready[rows.start] = board.latest(node.after)
            if self.requests.limit is not None and node.unless is not None:
                self.requests.limit[rows.start : rows.stop] = board.fired(node.unless)

    def _returned(self, board: Board, end: Column, columns: Index) -> Index:
        """Decide the trials that end otherwise than known; return where that changes who comes again."""
        changed = np.zeros(board.count, dtype=bool)
        for trials in self.trials.values():
            ends = end[trials.rows.start : trials.rows.stop].take(columns, axis=1)
            trial, place = np.nonzero(ends != trials.end.take(columns, axis=1))
            here, day = columns[place], ends[trial, place]
            again = never_after(board.horizon, _decide(board, trials, trial, here, day))
            follows = np.flatnonzero(trial + 1 < len(trials.rows))
            following, here = trials.rows.start + trial[follows] + 1, here[follows]
            changed[here[self.requests.ready[following, here] != again[follows]]] = True
            self.requests.ready[following, here] = again[follows]
        return np.flatnonzero(changed)

    def _write(self, board: Board, start: Column, end: Column) -> None:
        waited = _waited(self.requests, start)
        for name, rows in self.rows.items():
            first, row = rows.start, board.times.row[name]
            board.times.waited[row], day = waited[first], end[first]
            if name in self.trials:
                trials = self.trials[name]
                day = np.where(trials.approved | trials.denied, trials.end, np.inf).min(axis=0)
                board.approved[name] = np.logical_or.reduce(trials.approved)
                board.times.trials[row] = np.count_nonzero(trials.end < np.inf, axis=0)
                board.times.waited[row] = waited[first : rows.stop].sum(axis=0)
            board.write(name, ready=self.requests.ready[first], start=start[first], fire=day)


def counted(passes: int, names: Iterable[str]) -> int:
    """Return the number of passes; raise RuntimeError if there are so many that the engine must be wrong."""
    if passes > MOST_PASSES:
        raise RuntimeError(
            f"times of {', '.join(names)} do not settle in {MOST_PASSES} passes: please report it"
        )
    return passes


def _decide(board: Board, trials: Trials, trial: Index, columns: Index, day: Column) -> Column:
    """Write what comes of trials that end on ``day``; return when the applicant is ready for the next one."""
    ended = np.flatnonzero(day < np.inf)
    yes, no = np.zeros((2, day.size), dtype=bool)
    luck = trials.luck[trial[ended], columns[ended]]
    yes[ended], no[ended] = verdict(board, trials.node, luck, day[ended], columns[ended])
    at = trial, columns
    trials.end[at], trials.approved[at], trials.denied[at] = day, yes, no
    return np.where(yes | no, np.inf, day + trials.rework[at])


def _asking(board: Board, name: str) -> Work | Attempts:
    node = board.nodes[name]
    assert isinstance(node, Work | Attempts)
    return node


def _trials(node: Work | Attempts) -> int:
    return len(node.work) if isinstance(node, Attempts) else 1


def _waited(requests: Requests, start: Column) -> Column:
    """Return the days in the queue: 0 if withdrawn or never asked, infinite if waiting at the horizon."""
    waited = start - requests.ready
    np.putmask(waited, requests.ready == np.inf, 0.0)
    if requests.limit is not None:
        np.putmask(waited, (start == np.inf) & (requests.limit < np.inf), 0.0)
    return waited
