"""Simulate some replications of a plan: draw, run an engine, check the fast one against SimPy, keep outcomes.

The whole of what a worker does, and all that a worker has to import. Results depend on the plan, the seed and
the replication numbers alone, so any cut into chunks gives the same outcomes. Called by ``spread``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.chance.draws import Draws, draw
from sim.engine.times import Times
from sim.model.plan import Plan
from sim.results.outcomes import REPLICATION, Columns, outcomes_of

Engine = Literal["array", "simpy"]

ENGINES: tuple[Engine, ...] = ("array", "simpy")

CHECKED = 25
"""Replications of a fast run that are replayed in SimPy."""


def simulate(
    plan: Plan,
    *,
    seed: int,
    first: int,
    count: int,
    engine: Engine = "array",
    check: Collection[int] = (),
) -> Columns:
    """Return the outcomes of consecutive replications, as columns of shape ``(count,)``.

    Parameters
    ----------
    first
        Number of the first replication.
    check
        Numbers of replications among them to replay in SimPy; see :func:`replications_to_check`.

    Raises
    ------
    EngineDisagreement
        The engines differ on one of them.
    """
    draws = draw(plan.inputs, seed=seed, first=first, count=count, correlations=plan.correlations)
    times = _engine(engine)(plan, draws)
    if check:
        _check(plan, draws, times, np.array(sorted(check)) - first)
    return {REPLICATION: draws.replications, **outcomes_of(plan, draws, times)}


def replications_to_check(ranges: Sequence[tuple[int, int]], *, engine: Engine) -> tuple[int, ...]:
    """Return which replications to replay: 25 spread over all ranges, none if SimPy itself runs them."""
    if engine == "simpy" or not ranges:
        return ()
    numbers = np.concatenate([np.arange(first, stop) for first, stop in ranges])
    chosen = np.linspace(0, len(numbers) - 1, CHECKED).round().astype(int)
    return tuple(np.unique(numbers[chosen]).tolist())


def _engine(name: Engine) -> Callable[[Plan, Draws], Times]:
    """Return an engine; the other one is not imported."""
    if name == "simpy":
        from sim.engine import simpy_engine

        return simpy_engine.run
    from sim.engine import array_engine

    return array_engine.run


def _check(plan: Plan, draws: Draws, times: Times, rows: NDArray[np.int64]) -> None:
    from sim.engine.agreement import check_agreement

    check_agreement(plan, draws, times, rows)
