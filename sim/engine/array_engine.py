"""The array engine: a plan over all replications at once, with numpy instead of events.

Nodes are solved part by part in topological order, each as a few array operations over a block of
replications; there is no loop over replications. It finds exactly the times of the reference engine, which
:mod:`sim.engine.agreement` checks on a sample of every run. Called by ``study``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.chance.amount import Values
from sim.engine.bind import bind
from sim.engine.board import Board
from sim.engine.feedback import one_pass, settle
from sim.engine.parts import Part, Pools, contended_pools, parts_of
from sim.engine.pools import Pool
from sim.engine.times import Times
from sim.model.plan import Plan

BLOCK = 4_000
"""Most replications solved together: rows stay in cache, and numpy's cost per call is spread over many."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The times of a plan and what it took to find them.

    Attributes
    ----------
    passes
        The pools of each part that feeds itself to the passes it needed, the most of any block; the last pass
        of a part finds that nothing changes.
    """

    times: Times
    passes: Mapping[tuple[str, ...], int]


def run(plan: Plan, draws: Values) -> Times:
    """Run all replications of the draws through the plan.

    Returns
    -------
    Times
        Ready, start and fire time of each node in days, each of shape ``(nodes, draws.count)``.
    """
    return solve(plan, draws).times


def solve(plan: Plan, draws: Values) -> Solution:
    """Run all replications of the draws through the plan, and count the passes."""
    bound, pools = bind(plan, draws), contended_pools(plan)
    parts, times = parts_of(plan, pools), _unknown(plan, draws.count)
    passes: dict[tuple[str, ...], int] = {}
    with np.errstate(invalid="ignore", divide="ignore"):  # where nothing is asked, or a rate is 0
        for block in _blocks(draws.count):
            board = Board.of(bound, times, block)
            for part in parts:
                needed = _solve(board, part, pools, plan.pools)
                if part.repeats:
                    passes[part.pools] = max(needed, passes.get(part.pools, 0))
    return Solution(times, passes)


def _blocks(count: int) -> list[slice]:
    """Return blocks of about the same size, none larger than the largest."""
    ends = np.linspace(0, count, -(-count // BLOCK) + 1).astype(int).tolist()
    return [slice(first, last) for first, last in pairwise(ends)]


def _unknown(plan: Plan, count: int) -> Times:
    shape = (len(plan.nodes), count)
    ready, start, fired = (np.empty(shape) for _ in range(3))
    row = {name: place for place, name in enumerate(plan.nodes)}
    return Times(row, ready, start, fired, waited=np.zeros(shape), trials=np.zeros(shape))


def _solve(board: Board, part: Part, pools: Pools, servers: Mapping[str, int]) -> int:
    """Find the times of the members of a part; return the number of passes."""
    waiting = {pool: Pool.of(board, pools[pool], servers[pool]) for pool in part.pools}
    if part.repeats:
        return settle(board, part, waiting)
    one_pass(board, part, waiting)
    return 1
