"""Draws: the luck of every replication, as a function of seed, input name and replication and nothing else.

An input's uniforms come from a counter-based generator keyed by seed and name, so that two plans that share
an input share its luck, in any block, worker or engine. Replications come in blocks in which each input is a
Latin hypercube of its own. Called by ``study``; amounts and profiles ask for the values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import TypeVar, cast

import numpy as np
from numpy.random import Philox
from numpy.typing import ArrayLike, NDArray

from sim.chance.amount import Input
from sim.chance.copula import Group, Pairs, check_correlations
from sim.chance.law import Column, normal_cdf, normal_score

T = TypeVar("T")

BLOCK = 250
"""Replications in a block: each input falls once into each of 250 equal strata of probability."""

_COUNTERS = 63
"""Counts of the generator per block, of four 64-bit numbers each: one per replication and two to spare."""

_JITTER_BITS = 40
"""Bits of a number that place a draw in its stratum; the other 24 put the strata in order."""


@dataclass(frozen=True, eq=False)
class Draws:
    """Values of uncertain inputs in some replications. Make them with :func:`draw` or :func:`medians`.

    Columns are found when first asked for, then kept, and read-only.

    Attributes
    ----------
    inputs
        The inputs by name.
    seed
        The seed.
    replications
        Shape ``(count,)``: the number of each replication, from 0.
    """

    inputs: Mapping[str, Input]
    seed: int
    replications: NDArray[np.int64]
    _kept: dict[Hashable, object] = field(default_factory=dict, init=False, repr=False)

    @property
    def count(self) -> int:
        """Return how many replications there are."""
        return len(self.replications)

    @property
    def first(self) -> int:
        """Return the number of the first replication."""
        return int(self.replications[0])

    def uniform(self, name: str) -> Column:
        """Return an input's uniforms, above 0 and below 1, shape ``(count,)``."""
        self._input(name)
        return self.once(("uniform", name), lambda: _read_only(self._find_uniform(name)))

    def value(self, name: str) -> Column:
        """Return an input's values, shape ``(count,)``. A law without chance asks for no uniforms."""
        self._input(name)
        return self.once(("value", name), lambda: _read_only(self._find_value(name)))

    def take(self, rows: ArrayLike) -> Draws:
        """Return the replications at some positions (or where a mask is true), with identical values."""
        return _Taken(self.inputs, self.seed, self.replications[np.asarray(rows)], self, np.asarray(rows))

    def replaced(self, uniforms: Mapping[str, float | Column]) -> Draws:
        """Return the same luck but for some inputs, whose uniforms (one for all, or a column) are given.

        ``draws.replaced({name: 0.5})`` fixes an input at its median.
        """
        for name in uniforms:
            self._input(name)
        return _Replaced(self.inputs, self.seed, self.replications, self, uniforms)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` makes, made when a key is first asked for and kept as long as the draws."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    def _input(self, name: str) -> Input:
        if name not in self.inputs:
            raise KeyError(f"input {name!r} is not among the {len(self.inputs)} drawn")
        return self.inputs[name]

    def _find_uniform(self, name: str) -> Column:
        raise NotImplementedError

    def _find_value(self, name: str) -> Column:
        law = self._input(name).distribution
        return law.quantile(self.replications if law.constant is not None else self.uniform(name))


@dataclass(frozen=True, eq=False)
class _Sampled(Draws):
    groups: Mapping[str, Group]

    def _find_uniform(self, name: str) -> Column:
        group = self.groups.get(name)
        place = 0 if group is None else group.names.index(name)
        if group is None or place == 0:
            return self._independent(name)
        mixed = np.zeros(self.count)
        for other, weight in zip(group.names[: place + 1], group.mixture[place], strict=False):
            mixed += weight * self.once(("score", other), partial(self._score, other))
        return np.clip(normal_cdf(mixed), 2.0**-53, 1.0 - 2.0**-53)

    def _score(self, name: str) -> Column:
        return normal_score(self._independent(name))

    def _independent(self, name: str) -> Column:
        return _sample(f"{self.seed}:{name}", first=self.first, count=self.count)


@dataclass(frozen=True, eq=False)
class _Taken(Draws):
    source: Draws
    rows: NDArray[np.int64]

    def _find_uniform(self, name: str) -> Column:
        return self.source.uniform(name)[self.rows]

    def _find_value(self, name: str) -> Column:
        return self.source.value(name)[self.rows]


@dataclass(frozen=True, eq=False)
class _Replaced(Draws):
    source: Draws
    uniforms: Mapping[str, float | Column]

    def _find_uniform(self, name: str) -> Column:
        if name not in self.uniforms:
            return self.source.uniform(name)
        return np.full(self.count, self.uniforms[name], dtype=np.float64)

    def _find_value(self, name: str) -> Column:
        return super()._find_value(name) if name in self.uniforms else self.source.value(name)


class _Medians(Draws):
    def _find_uniform(self, name: str) -> Column:
        return np.full(self.count, 0.5)


def draw(
    inputs: Mapping[str, Input],
    *,
    seed: int,
    first: int,
    count: int,
    correlations: Pairs | None = None,
) -> Draws:
    """Return the draws of replications ``first`` to ``first + count - 1``.

    Parameters
    ----------
    correlations
        Spearman rank correlations by pair of names. The first name of a correlated group, in sorted order,
        and every input outside the groups keep the luck they have without correlations.

    Raises
    ------
    ValueError
        The range is empty or begins below 0, a correlation names no input, or correlations contradict each
        other (:func:`sim.chance.copula.check_correlations`).
    """
    if first < 0 or count < 1:
        raise ValueError(f"cannot draw {count} replications from number {first} on")
    pairs = correlations or {}
    for name in (name for pair in pairs for name in pair):
        if name not in inputs:
            raise ValueError(f"a correlation names {name!r}, which is no input")
    groups = {name: group for group in check_correlations(pairs) for name in group.names}
    return _Sampled(inputs, seed, np.arange(first, first + count, dtype=np.int64), groups)


def medians(inputs: Mapping[str, Input]) -> Draws:
    """Return one replication with every input at its median: the first case to check by hand."""
    return _Medians(inputs, 0, np.zeros(1, dtype=np.int64))


def _sample(key: str, *, first: int, count: int) -> Column:
    """Return the uniforms of a key in consecutive replications: whole blocks, cut to size."""
    begin, end = first // BLOCK, -(-(first + count) // BLOCK)
    words = np.frombuffer(blake2b(key.encode(), digest_size=16).digest(), dtype="<u8")
    generator = Philox(key=words.astype(np.uint64), counter=begin * _COUNTERS)
    bits = generator.random_raw((end - begin) * 4 * _COUNTERS).reshape(end - begin, -1)[:, :BLOCK]
    jitter = ((bits & np.uint64(2**_JITTER_BITS - 1)) + 0.5) * 2.0**-_JITTER_BITS
    uniforms = ((_orders(bits >> np.uint64(_JITTER_BITS)) + jitter) / BLOCK).ravel()
    return uniforms[first - begin * BLOCK :][:count].copy()


def _orders(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return a random order of ``0..BLOCK - 1`` per row: keys sorted with their positions in the low bits."""
    packed = (keys << np.uint64(8)).astype(np.uint32) | np.arange(BLOCK, dtype=np.uint32)
    packed.sort(axis=1)
    return packed & np.uint32(255)


def _read_only(column: Column) -> Column:
    column.flags.writeable = False
    return column
