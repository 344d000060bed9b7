"""Plans of the known cases: activity networks, queues, switches, in the words of ``sim.model.plan``.

Time units are those of each case (weeks, months, minutes); an engine sees days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log, sqrt

from sim.chance.amount import Amount, Constant, Input, amount
from sim.chance.distributions import Distribution, Exponential, Lognormal
from sim.model.plan import Any, At, Node, Within, Without, Work

FOREVER = 10_000.0
"""A horizon that none of the cases reaches (a chance below 1e-9)."""

Z90 = 1.2815515655446004
"""The standard normal quantile of 0.9."""


def lognormal(p10: float, p90: float) -> Lognormal:
    """Return the lognormal law with these two percentiles."""
    return Lognormal(median=sqrt(p10 * p90), sigma=log(p90 / p10) / (2 * Z90))


def duration(name: str, family: Callable[..., Distribution], *points: float) -> Amount:
    """Return an input of some family of laws, or the number if its points are all one."""
    return Input(name, family(*points)) if len(set(points)) > 1 else Constant(points[0])


def network(
    durations: Mapping[str, Amount | float],
    after: Mapping[str, str] | None = None,
    *,
    pool: str | None = None,
) -> dict[str, Node]:
    """Return activities on nodes; ``after`` gives predecessors by name, with blanks between them."""
    links = after or {}
    return {
        name: Work(tuple(links.get(name, "").split()), amount(days), pool=pool)
        for name, days in durations.items()
    }


def chain(durations: Mapping[str, Amount | float]) -> dict[str, Node]:
    """Return activities one after another."""
    names = list(durations)
    return network(durations, dict(zip(names[1:], names, strict=False)))


def jobs(durations: Sequence[Amount | float], *, pool: str) -> dict[str, Node]:
    """Return works that all ask for a pool on day 0."""
    return {f"job {k}": Work((), amount(days), pool=pool) for k, days in enumerate(durations, start=1)}


def queue(
    count: int, *, between: float, service: float | Distribution, dated: bool = False
) -> dict[str, Node]:
    """Return the first customers of a queue in the pool ``servers``; gaps between them are exponential.

    Services have the law given, or are exponential with the mean given. A customer comes at ``arrival k`` and
    leaves at ``service k``. An arrival is a work after the one before or, if ``dated``, a day that sums the
    gaps up to it: two ways to say the same.
    """
    need = service if isinstance(service, Distribution) else Exponential(service)
    gaps: list[Amount] = [Input(f"gap {k}", Exponential(between)) for k in range(1, count + 1)]
    nodes: dict[str, Node] = {}
    for k, gap in enumerate(gaps, start=1):
        before = (f"arrival {k - 1}",) if k > 1 else ()
        nodes[f"arrival {k}"] = At(sum(gaps[1:k], gaps[0])) if dated else Work(before, gap)
        nodes[f"service {k}"] = Work((f"arrival {k}",), Input(f"service {k}", need), pool="servers")
    return nodes


def customers(count: int) -> list[tuple[str, str]]:
    """Return where the customers of a queue come and leave."""
    return [(f"arrival {k}", f"service {k}") for k in range(1, count + 1)]


def switch(
    license_node: Node, *, patience: float, first: Amount | float, second: Amount | float
) -> dict[str, Node]:
    """Return: wait for the license, then ``first``; or from ``patience`` on give it up, then ``second``."""
    return {
        "license": license_node,
        "patience": At(amount(patience)),
        "granted": Within("license", "patience"),
        "switched": Without("license", "patience"),
        "first": Work(("granted",), amount(first)),
        "second": Work(("switched",), amount(second)),
        "done": Any(("first", "second")),
    }
