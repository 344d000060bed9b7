"""The kinds of nodes, each as array operations over a block of replications.

Each function reads the rows of earlier nodes from a board and writes the row of its own node; none of them
waits for a server of a pool, which is the business of queues. Called by the array engine in topological order
and, within a strongly connected part, again and again by the feedback.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any as Anything

import numpy as np

from sim.chance.amount import Column
from sim.chance.kernels import kernel
from sim.engine.bind import LOOPS, SLACK
from sim.engine.board import Board, Mask
from sim.engine.progress import Index, end_of_work, never_after
from sim.engine.sorting import places_in_order
from sim.model.plan import All, Any, At, Attempts, Outcome, Reach, Within, Without, Work


def fire(board: Board, name: str) -> None:
    """Find the times of a node that waits for no server, and write them on the board."""
    node = board.nodes[name]
    _KINDS[type(node)](board, name, node)


def verdict(board: Board, node: Attempts, luck: Column, day: Column, columns: Index) -> tuple[Mask, Mask]:
    """Return whether trials that end on ``day`` are approved, and whether they are denied.

    ``luck`` and ``day`` (finite) have the shape of ``columns``, the replications they belong to.
    """
    approve = board.courses[id(node.approve)].at(day, columns)
    approved: Mask = luck < approve
    if node.deny is None:
        return approved, np.zeros_like(approved)
    return approved, ~approved & (luck < approve + board.courses[id(node.deny)].at(day, columns))


def _at(board: Board, name: str, node: At) -> None:
    board.instant(name, never_after(board.horizon, board.amount(name).copy()))


def _all(board: Board, name: str, node: All) -> None:
    board.instant(name, board.latest(node.after))


def _any(board: Board, name: str, node: Any) -> None:
    earliest = np.full(board.count, np.inf)
    for other in node.after:
        np.minimum(earliest, board.fired(other), out=earliest)
    board.instant(name, earliest)


def _reach(board: Board, name: str, node: Reach) -> None:
    *shares, required = (board.amount(name, place) for place in range(len(node.shares) + 1))
    days = np.array([board.fired(other) for other in node.after]).reshape(-1, board.count)
    board.instant(name, reached(days, np.array(shares).reshape(days.shape), required, board.horizon))


@kernel(LOOPS)
def reached(days: Column, shares: Column, required: Column, horizon: float) -> Column:
    """Return when shares, each of which counts from its day on, first sum to what is required.

    ``days`` and ``shares`` have shape ``(r, m)``.
    """
    places = places_in_order(days, horizon)
    if places is not None:
        days, shares = days.take(places), shares.take(places)
    crossed = np.count_nonzero(np.cumsum(shares, axis=0) < required * (1.0 - SLACK), axis=0)
    never = np.full((1, required.size), np.inf)
    day = np.concatenate([days, never])[crossed, np.arange(required.size)]
    return np.where(required <= 0.0, 0.0, day)


def _within(board: Board, name: str, node: Within) -> None:
    event = board.fired(node.event)
    board.instant(name, np.where(event <= board.fired(node.deadline), event, np.inf))


def _without(board: Board, name: str, node: Without) -> None:
    deadline = board.fired(node.deadline)
    board.instant(name, np.where(board.fired(node.event) > deadline, deadline, np.inf))


def _outcome(board: Board, name: str, node: Outcome) -> None:
    wanted = board.approved[node.attempts] == node.approved
    board.instant(name, np.where(wanted, board.fired(node.attempts), np.inf))


def _work(board: Board, name: str, node: Work) -> None:
    ready = board.latest(node.after)
    start = ready
    if node.unless is not None:
        start = np.where(board.fired(node.unless) < ready, np.inf, ready)
    end = end_of_work(board.course(node.rate), start, board.amount(name), board.everyone, board.horizon)
    board.write(name, ready=ready, start=start, fire=end)


def _attempts(board: Board, name: str, node: Attempts) -> None:
    """Run the trials one after the other, each only where the one before was returned."""
    row, times, course = board.times.row[name], board.times, board.course(node.rate)
    start, decision, trials = (np.full(board.count, never) for never in (np.inf, np.inf, 0.0))
    approved = np.zeros(board.count, dtype=bool)
    ready, amounts = board.latest(node.after), board.amounts[name]
    work, rework, luck = (
        amounts[: len(node.work)],
        amounts[len(node.work) : -len(node.luck)],
        amounts[-len(node.luck) :],
    )
    here, day = board.everyone, ready
    for trial in range(len(work)):
        open_still = day <= board.horizon
        if node.unless is not None:
            open_still &= board.fired(node.unless)[here] >= day
        here, day = here[open_still], day[open_still]
        if not here.size:
            break
        if trial == 0:
            start[here] = day
        end = end_of_work(course, day, work[trial][here], here, board.horizon)
        ended = np.flatnonzero(end < np.inf)
        here, end = here[ended], end[ended]
        trials[here] += 1.0
        yes, no = verdict(board, node, luck[trial][here], end, here)
        approved[here] = yes
        decided = yes | no
        decision[here[decided]] = end[decided]
        here = here[~decided]
        if trial < len(rework):
            day = end[~decided] + rework[trial][here]
    times.trials[row] = trials
    board.approved[name] = approved
    board.write(name, ready=ready, start=start, fire=decision)


_KINDS: dict[type, Callable[[Board, str, Anything], None]] = {
    All: _all,
    Any: _any,
    At: _at,
    Attempts: _attempts,
    Outcome: _outcome,
    Reach: _reach,
    Within: _within,
    Without: _without,
    Work: _work,
}
