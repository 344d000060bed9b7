"""Copula: makes the luck of correlated inputs depend on each other, and leaves everybody else's alone.

A Gaussian copula, stated as Spearman rank correlations. Called by ``draws``, and with the scenario's
correlations before anything is drawn, so that a table that contradicts itself is refused in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sim.chance.law import Column

Pairs = Mapping[tuple[str, str], float]

LEAST_EIGENVALUE = 1e-9
"""Below this a matrix counts as not positive definite."""


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs that are correlated with each other, directly or through others.

    Attributes
    ----------
    names
        In sorted order.
    mixture
        Shape ``(k, k)``, lower triangular with rows of length 1: the weights of the independent normal scores
        in each correlated one. The first row leaves the first input as it was.
    """

    names: tuple[str, ...]
    mixture: Column


def to_normal(spearman: float) -> float:
    """Return the correlation of normal scores with a rank correlation (Pearson 1907: ``2 sin(pi r / 6)``)."""
    return 2.0 * math.sin(math.pi * spearman / 6.0)


def to_spearman(normal: float) -> float:
    """Return the rank correlation of normal scores with a correlation."""
    return 6.0 / math.pi * math.asin(normal / 2.0)


def check_correlations(pairs: Pairs) -> tuple[Group, ...]:
    """Return the groups that Spearman coefficients by pair of names make.

    Raises
    ------
    ValueError
        A coefficient is not between -1 and 1 (ends excluded), a pair is given twice or joins an input to
        itself, or the coefficients of a group contradict each other: says which to lower, and to what.
    """
    for (one, other), spearman in pairs.items():
        if one == other:
            raise ValueError(f"{one} is correlated with itself")
        if not -1.0 < spearman < 1.0:
            raise ValueError(
                f"the correlation of {one} and {other} must lie between -1 and 1, got {spearman:g}"
            )
        if (other, one) in pairs:
            raise ValueError(f"the correlation of {min(one, other)} and {max(one, other)} is given twice")
    return tuple(_group(names, pairs) for names in _connected(pairs))


def _connected(pairs: Pairs) -> Iterator[tuple[str, ...]]:
    groups: list[set[str]] = []
    for pair in pairs:
        joined = set(pair).union(*(group for group in groups if not group.isdisjoint(pair)))
        groups = [group for group in groups if group.isdisjoint(pair)] + [joined]
    yield from sorted(tuple(sorted(group)) for group in groups)


def _group(names: tuple[str, ...], pairs: Pairs) -> Group:
    matrix = np.eye(len(names))
    own = {pair: spearman for pair, spearman in pairs.items() if pair[0] in names}
    for (one, other), spearman in own.items():
        i, j = names.index(one), names.index(other)
        matrix[i, j] = matrix[j, i] = to_normal(spearman)
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least < LEAST_EIGENVALUE:
        raise ValueError(f"correlations contradict each other: {_advice(names, own, matrix, least)}")
    return Group(names, np.asarray(np.linalg.cholesky(matrix), dtype=np.float64))


def _advice(names: tuple[str, ...], own: Pairs, matrix: Column, least: float) -> str:
    """Return which coefficient to bring nearer to 0, or how much all of them, to make a matrix possible."""
    ways = []
    for (one, other), spearman in own.items():
        bound = _bound(matrix, names.index(one), names.index(other))
        if bound is not None:
            allowed = math.floor(abs(to_spearman(bound)) * 100 - 1e-6) / 100
            ways.append((abs(spearman) - allowed, one, other, math.copysign(allowed, spearman)))
    if ways:
        _, one, other, allowed = min(ways)
        return f"lower that of {one} and {other} from {own[one, other]:g} to about {allowed:g}"
    share = math.floor(100 / (1.0 - least)) / 100
    return f"lower all of them among {', '.join(names)} to about {share:g} of what they are"


def _bound(matrix: Column, i: int, j: int) -> float | None:
    """Return how near to 0 an entry must come to make a matrix possible; None if that does not help.

    All else given, the entry lies within ``sqrt(a b)`` of what the others explain of it, where ``a``, ``b``
    are what the others leave unexplained of either side: a partial correlation lies between -1 and 1.
    """
    others = [k for k in range(len(matrix)) if k not in (i, j)]
    common, sides = matrix[np.ix_(others, others)], matrix[np.ix_(others, [i, j])]
    if np.linalg.eigvalsh(common).min(initial=1.0) < LEAST_EIGENVALUE:
        return None
    explained = sides.T @ np.linalg.solve(common, sides)
    unexplained = 1.0 - np.diag(explained)
    if unexplained.min() <= 0.0:
        return None
    entry, reach = matrix[i, j], float(np.sqrt(unexplained.prod()))
    bound = float(explained[0, 1]) + math.copysign(reach, entry)
    return bound if bound * entry >= 0 and abs(bound) < abs(entry) else None
