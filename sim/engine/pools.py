"""Pools: the requests that nodes make for the servers of one pool, and what the nodes learn from them.

A work is one request, attempts are one per trial; a returned trial comes back as the next request. A pool
remembers what it was asked last time, so that repeated passes over a pool that feeds itself know when nothing
changes any more. Called by the array engine and, for pools that feed themselves, by the feedback.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.chance.amount import Column
from sim.engine.board import Board, Mask
from sim.engine.kinds import verdict
from sim.engine.progress import Index, never_after
from sim.engine.queueing import Requests, serve
from sim.model.plan import Attempts, Work


@dataclass(slots=True)
class Pool:
    """The requests for the servers of one pool on one board, as they were when it was last served.

    Attributes
    ----------
    members
        Names of the nodes that ask, in the order of the plan.
    requests
        Their requests, a node's trials next to each other; ready at NaN before the pool is first served.
    again
        Name of attempts to the days when later trials are ready, shape ``(trials - 1, m)``; infinite if they
        are not known to be.
    """

    members: Sequence[str]
    servers: int
    requests: Requests
    again: dict[str, Column]

    @classmethod
    def of(cls, board: Board, members: Sequence[str], servers: int) -> Pool:
        """Return a pool that has not been served yet."""
        nodes = {name: _asking(board, name) for name in members}
        works = [work for name, node in nodes.items() for work in board.amounts[name][: _trials(node)]]
        rates = [node.rate for node in nodes.values() for _ in range(_trials(node))]
        distinct = {id(rate): board.course(rate) for rate in rates}
        course_of = np.array([[list(distinct).index(id(rate))] for rate in rates])
        unknown = np.full((len(works), board.count), np.nan)
        limit = unknown if any(node.unless is not None for node in nodes.values()) else None
        requests = Requests(unknown, np.stack(works), limit, tuple(distinct.values()), course_of)
        again = {name: np.full((_trials(node) - 1, board.count), np.inf) for name, node in nodes.items()}
        return cls(members, servers, requests, again)

    def take(self, board: Board, columns: Index) -> Pool:
        """Return the pool in some of the replications, whose board is ``board``."""
        part = Pool.of(board, self.members, self.servers)
        limit = None if self.requests.limit is None else self.requests.limit.take(columns, axis=1)
        part.requests = replace(part.requests, ready=self.requests.ready.take(columns, axis=1), limit=limit)
        part.again = {name: days.take(columns, axis=1) for name, days in self.again.items()}
        return part

    def serve(self, board: Board) -> Mask:
        """Serve what is asked now, write what follows, and return where that is new since the last time."""
        asked = self._ask(board)
        moved: Mask = (asked.ready != self.requests.ready).any(axis=0)
        if asked.limit is not None:
            moved |= (asked.limit != self.requests.limit).any(axis=0)
        self.requests = asked
        if moved.any():
            self._write(board, *serve(asked, self.servers, board.horizon))
        return moved

    def _rows(self, board: Board) -> Iterator[tuple[str, Work | Attempts, slice]]:
        first = 0
        for name in self.members:
            node = _asking(board, name)
            yield name, node, slice(first, first + _trials(node))
            first += _trials(node)

    def _ask(self, board: Board) -> Requests:
        ready = np.empty_like(self.requests.ready)
        limit = None if self.requests.limit is None else np.full_like(ready, np.inf)
        for name, node, rows in self._rows(board):
            ready[rows.start] = board.latest(node.after)
            ready[rows.start + 1 : rows.stop] = self.again[name]
            if limit is not None and node.unless is not None:
                limit[rows] = board.fired(node.unless)
        return replace(self.requests, ready=ready, limit=limit)

    def _write(self, board: Board, start: Column, end: Column) -> None:
        waited = _waited(self.requests, start)
        for name, node, rows in self._rows(board):
            board.times.waited[board.times.row[name]] = waited[rows].sum(axis=0)
            fire = end[rows.start]
            if isinstance(node, Attempts):
                fire = self._decide(board, name, node, end[rows])
            board.write(name, ready=self.requests.ready[rows.start], start=start[rows.start], fire=fire)

    def _decide(self, board: Board, name: str, node: Attempts, ends: Column) -> Column:
        """Decide the trials that have ended; return the day of the decision. Returned ones come again."""
        decision, again = np.full(board.count, np.inf), np.full_like(self.again[name], np.inf)
        approved = np.zeros(board.count, dtype=bool)
        for trial, end in enumerate(ends):
            ended = np.flatnonzero(end < np.inf)
            yes, no = verdict(board, name, trial, end[ended], ended)
            approved[ended] |= yes
            decided, back = ended[yes | no], ended[~(yes | no)]
            decision[decided] = end[decided]
            if trial < len(again):
                rework = board.amounts[name][len(node.work) + trial]
                again[trial, back] = never_after(board.horizon, end[back] + rework[back])
        board.times.trials[board.times.row[name]] = np.count_nonzero(ends < np.inf, axis=0)
        board.approved[name], self.again[name] = approved, again
        return decision


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
