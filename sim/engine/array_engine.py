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
from sim.engine.feedback import settle
from sim.engine.parts import contended_pools, parts_of
from sim.engine.times import Times
from sim.model.plan import Plan

BLOCK = 15_000
"""Most replications solved together: a few rows stay in cache, and the cost per call is spread over many."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The times of a plan and what it took to find them.

    Attributes
    ----------
    passes
        The contended pools of each part to the passes over them, the most of any block: 1 for a pool that
        does not feed itself.
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
    bound, times = bind(plan, draws), _unknown(plan, draws.count)
    parts = parts_of(plan, contended_pools(plan))
    passes: dict[tuple[str, ...], int] = {}
    with np.errstate(invalid="ignore", divide="ignore"):  # where nothing is asked, or a rate is 0
        for block in _blocks(draws.count):
            board = Board.of(bound, times, block)
            for part in parts:
                pools, needed = tuple(part.pools), settle(board, part, plan.pools)
                if pools:
                    passes[pools] = max(needed, passes.get(pools, 0))
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
