"""Pools: the requests that nodes make for the servers of one pool, and what the nodes learn from them.

A work is one request, attempts are one per trial: a returned trial comes back as the next request, so a pool
is served again, where trials were returned, until no new ones come. Called by the feedback, which knows what
else lies between the members of a pool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from sim.chance.amount import Column
from sim.engine.board import Board, Mask
from sim.engine.kinds import verdict
from sim.engine.progress import Index, never_after
from sim.engine.queueing import Requests, serve
from sim.model.plan import Attempts, Work


@dataclass(frozen=True, slots=True)
class Trials:
    """The rows of some attempts among the requests, and what is known to have come of each trial.

    ``approved`` and ``denied`` have shape ``(trials, m)``.
    """

    node: Attempts
    rows: range
    approved: Mask
    denied: Mask


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
        amount = np.stack([board.amounts[name][k] for name in nodes for k in range(len(rows[name]))])
        limit = np.full_like(ready, np.inf) if any(node.unless for node in nodes.values()) else None
        trials = {
            name: Trials(node, rows[name], *np.zeros((2, len(node.work), board.count), dtype=bool))
            for name, node in nodes.items()
            if isinstance(node, Attempts)
        }
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
            passes += 1
        self._write(board, start, end)
        return passes

    def _ask(self, board: Board) -> None:
        for name, rows in self.rows.items():
            node = _asking(board, name)
            self.requests.ready[rows.start] = board.latest(node.after)
            if self.requests.limit is not None and node.unless is not None:
                self.requests.limit[rows.start : rows.stop] = board.fired(node.unless)

    def _returned(self, board: Board, end: Column, columns: Index) -> Index:
        """Decide the trials that have ended; return where that changes when later trials are asked for."""
        changed = np.zeros(columns.size, dtype=bool)
        for name, trials in self.trials.items():
            for trial, row in enumerate(trials.rows):
                again = self._decide(board, name, trial, end[row, columns], columns)
                if trial < len(trials.node.rework):
                    changed |= self.requests.ready[row + 1, columns] != again
                    self.requests.ready[row + 1, columns] = again
        return columns[changed]

    def _decide(self, board: Board, name: str, trial: int, end: Column, columns: Index) -> Column:
        """Write what came of a trial; return when the next one is ready."""
        trials, again = self.trials[name], np.full_like(end, np.inf)
        trials.approved[trial, columns], trials.denied[trial, columns] = False, False
        ended = np.flatnonzero(end < np.inf)
        here = columns[ended]
        yes, no = verdict(board, name, trial, end[ended], here)
        trials.approved[trial, here], trials.denied[trial, here] = yes, no
        if trial < len(trials.node.rework):
            back = ~(yes | no)
            rework = board.amounts[name][len(trials.node.work) + trial][here[back]]
            again[ended[back]] = never_after(board.horizon, end[ended[back]] + rework)
        return again

    def _write(self, board: Board, start: Column, end: Column) -> None:
        waited = _waited(self.requests, start)
        for name, rows in self.rows.items():
            first, row = rows.start, board.times.row[name]
            board.times.waited[row], day = waited[first], end[first]
            if name in self.trials:
                trials, ends = self.trials[name], end[first : rows.stop]
                day = np.where(trials.approved | trials.denied, ends, np.inf).min(axis=0)
                board.approved[name] = trials.approved.any(axis=0)
                board.times.trials[row] = np.count_nonzero(ends < np.inf, axis=0)
                board.times.waited[row] = waited[first : rows.stop].sum(axis=0)
            board.write(name, ready=self.requests.ready[first], start=start[first], fire=day)


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
