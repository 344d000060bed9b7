"""Feedback: pools whose requests depend on other requests for the same pool, solved by repetition.

A pass serves the pools with the times found so far, requests not known yet at infinity, and finds the nodes
between them; passes repeat until no request changes. A request depends only on what happens earlier, so each
value is right once those before it are, the passes end, and they end at the only solution. Called by the
array engine for strongly connected parts; only replications that still change are repeated.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.engine.board import Board, Mask
from sim.engine.kinds import fire
from sim.engine.parts import Part
from sim.engine.pools import Pool

WORTH_TAKING_OUT = 0.5
"""Replications that still change are taken to a board of their own once they are fewer than this share."""


def settle(board: Board, part: Part, pools: Mapping[str, Pool]) -> int:
    """Find the times of all members of a part; return the number of passes, the last without a change.

    ``pools`` are those of the part, by name.
    """
    board.forget(part.members)
    return _repeat(board, part, pools)


def _repeat(board: Board, part: Part, pools: Mapping[str, Pool]) -> int:
    passes = 0
    while True:
        moved = one_pass(board, part, pools)
        passes += 1
        unsettled = np.flatnonzero(moved)
        if not unsettled.size:
            return passes
        if unsettled.size < WORTH_TAKING_OUT * board.count:
            few = board.take(part.members, unsettled)
            passes += _repeat(few, part, {name: pool.take(few, unsettled) for name, pool in pools.items()})
            board.put(part.members, unsettled, few)
            return passes


def one_pass(board: Board, part: Part, pools: Mapping[str, Pool]) -> Mask:
    """Find the members of a part once; return in which replications requests differ from the pass before."""
    moved = np.zeros(board.count, dtype=bool)
    for level in part.levels:
        for name in level.nodes:
            fire(board, name)
        for name in level.pools:
            moved |= pools[name].serve(board)
    return moved
