"""Arrivals: how many inputs a process of random events needs, so that a horizon never runs out of them.

The number follows from the fastest rate the inputs allow, hence from the plan and not from the draws. Called
by the profiles that jump (``regimes``, ``holds``).
"""

from __future__ import annotations

import math

from sim.chance.amount import Amount, amount, inputs_of
from sim.chance.draws import medians

TWENTY_YEARS = 20 * 365.25
"""Days for which profiles that jump have inputs, unless told otherwise."""

COMMON = 2
"""The first events (or trials) are Latin hypercubes over each block; fewer replications see those after."""

CHANCE_OF_MORE = 1e-12
"""Probability that a replication has more events than there are inputs for."""

MOST_EVENTS = 10_000
"""More events than this mean that a rate is in the wrong unit."""

_EXTREME = 1e-9


def enough(rate: float, *, days: float, name: str) -> int:
    """Return how many Poisson events at a rate per day suffice for some days, but for a chance of 1e-12.

    Uses Chernoff's bound, ``P(N >= k) <= exp(k - m - k log(k / m))`` with mean ``m < k``.

    Raises
    ------
    ValueError
        It would take more than 10,000.
    """
    mean = rate * max(days, 0.0)
    if mean <= 0.0:
        return 0
    if mean > MOST_EVENTS / 2:
        raise ValueError(f"{name}: a rate of {rate:g} per day means {mean:.0f} changes; is its unit right?")
    events = math.floor(mean) + 1
    while events - mean - events * math.log(events / mean) > math.log(CHANCE_OF_MORE):
        events += 1
    return events


def ceiling(number: Amount | float) -> float:
    """Return about the largest value of an amount that rises or falls with each of its inputs."""
    number = amount(number)
    inputs = {part.name: part for part in inputs_of((number,))}
    middle = medians(inputs)

    def at(uniforms: dict[str, float]) -> float:
        return float(number.column(middle.replaced(uniforms))[0])

    corner = {name: max(_EXTREME, 1.0 - _EXTREME, key=lambda u: at({name: u})) for name in inputs}
    return max(at(corner), at({}))
