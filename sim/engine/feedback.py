"""Feedback: pools whose members depend on other members of the same pool, solved by repetition.

A pass goes through the part level by level, with members not known yet at infinity, and notes where a pool's
turn changes times that other nodes have looked at; the pass is repeated there. What a request gets depends
only on what happens earlier, so each time is right for good once those before it are, and the end is the only
solution. Called by the array engine for each part.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.engine.board import Board, Mask
from sim.engine.kinds import fire
from sim.engine.parts import Part
from sim.engine.pools import Pool, counted

WORTH_TAKING_OUT = 0.75
"""Replications that are not settled get a board of their own if they are fewer than this share."""


def settle(board: Board, part: Part, servers: Mapping[str, int]) -> int:
    """Find the times of all members of a part; return the number of passes over its pools."""
    if part.repeats:
        board.forget(part.members)
    return _repeat(board, part, servers)


def _repeat(board: Board, part: Part, servers: Mapping[str, int], passes: int = 0) -> int:
    pools = {name: Pool.of(board, members, servers[name]) for name, members in part.pools.items()}
    while True:
        changed, served = _pass(board, part, pools)
        passes = counted(passes + served, part.members)
        unsettled = np.flatnonzero(changed)
        if not unsettled.size:
            return passes
        if unsettled.size < WORTH_TAKING_OUT * board.count:
            few = board.take(part.members, unsettled)
            passes = _repeat(few, part, servers, passes)
            board.put(part.members, unsettled, few)
            return passes


def _pass(board: Board, part: Part, pools: Mapping[str, Pool]) -> tuple[Mask, int]:
    """Find the members of a part once.

    Returns
    -------
    tuple
        Where members had been looked at before they were right, and the most passes over one of the pools.
    """
    changed, passes = np.zeros(board.count, dtype=bool), dict.fromkeys(pools, 0)
    for level in part.levels:
        for name in level.nodes:
            fire(board, name)
        for turn in level.turns:
            before = [(board.fired(name).copy(), board.approved.get(name)) for name in turn.earlier]
            passes[turn.pool] += pools[turn.pool].serve(board)
            for name, (day, approved) in zip(turn.earlier, before, strict=True):
                changed |= board.fired(name) != day
                if approved is not None:
                    changed |= board.approved[name] != approved
    return changed, max(passes.values(), default=1)
