"""Draws: the luck of every replication, as a function of seed, input name and replication and nothing else.

An input's uniforms come from a counter-based generator keyed by seed and name, so that two plans that share
an input share its luck, in any block, worker or engine. Replications come in blocks in which each input is a
Latin hypercube of its own, except inputs that few replications need, which are drawn for those alone. Called
by ``study``; amounts and profiles ask for the values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.chance.amount import Input, T
from sim.chance.copula import Group, Pairs, check_correlations
from sim.chance.kernels import LOOPS, kernel
from sim.chance.law import Column, normal_cdf, normal_score

BLOCK = 250
"""Replications in a block: each input falls once into each of 250 equal strata of probability."""

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""Constants of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA, pages 453-472)."""

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
        rows = np.asarray(rows)
        return _Taken(self.inputs, self.seed, self.replications[rows], self, rows)

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

    def _is_scattered(self, name: str) -> bool:
        """Return whether an input's luck can be found in some replications without the others."""
        return False

    def _find_uniform(self, name: str) -> Column:
        raise NotImplementedError

    def _find_value(self, name: str) -> Column:
        law = self._input(name).distribution
        return law.at(self.uniform(name)) if law.constant is None else np.full(self.count, law.constant)


@dataclass(frozen=True, eq=False)
class _Sampled(Draws):
    groups: Mapping[str, Group]

    def _is_scattered(self, name: str) -> bool:
        return not (name in self.groups or self._input(name).stratified)

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
        key = f"{self.seed}:{name}"
        if self._input(name).stratified:
            return _stratified(key, first=self.first, count=self.count)
        return _scattered(key, self.replications)


@dataclass(frozen=True, eq=False)
class _Taken(Draws):
    source: Draws
    rows: NDArray[np.int64]

    def _is_scattered(self, name: str) -> bool:
        return self.source._is_scattered(name)

    def _find_uniform(self, name: str) -> Column:
        if self._is_scattered(name):
            return _scattered(f"{self.seed}:{name}", self.replications)
        return self.source.uniform(name)[self.rows]

    def _find_value(self, name: str) -> Column:
        return super()._find_value(name) if self._is_scattered(name) else self.source.value(name)[self.rows]


@dataclass(frozen=True, eq=False)
class _Replaced(Draws):
    source: Draws
    uniforms: Mapping[str, float | Column]

    def _is_scattered(self, name: str) -> bool:
        return name not in self.uniforms and self.source._is_scattered(name)

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


def _stratified(key: str, *, first: int, count: int) -> Column:
    """Return the uniforms of a key in consecutive replications: whole blocks, cut to size."""
    begin, end = first // BLOCK * BLOCK, -(-(first + count) // BLOCK) * BLOCK
    keys, places = hashed(_seed(key), begin, end)
    keys.sort(axis=1)
    cut = in_strata(places, keys).ravel()[first - begin :][:count]
    return cut if cut.size == end - begin else cut.copy()


def _scattered(key: str, replications: NDArray[np.int64]) -> Column:
    """Return the uniforms of a key in any replications, each on its own."""
    return scattered(_seed(key), replications)


def _seed(key: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little"))


@kernel(LOOPS)
def scattered(seed: np.uint64, replications: NDArray[np.int64]) -> Column:
    """Return a uniform for each replication, from the first 52 of its bits."""
    uniforms = (_bits(seed, replications) >> np.uint64(12)).astype(np.float64)
    uniforms += 0.5  # 52 bits and a half: exact, above 0 and below 1
    uniforms *= 2.0**-52
    return uniforms


@kernel(LOOPS)
def hashed(seed: np.uint64, begin: int, end: int) -> tuple[NDArray[np.uint32], Column]:
    """Return what makes Latin hypercubes of whole blocks, shape ``(blocks, BLOCK)``: keys and places.

    A key carries its position in the block in its low 8 bits, so that sorted keys are a random order; a place
    from 0 to 1 is where the draw lies in its stratum.
    """
    bits = _bits(seed, np.arange(begin, end)).reshape(-1, BLOCK)
    places = (bits & np.uint64(2**_JITTER_BITS - 1)).astype(np.float64)
    places += 0.5
    places *= 2.0**-_JITTER_BITS
    keys = (bits >> np.uint64(_JITTER_BITS)).astype(np.uint32)
    keys <<= np.uint32(8)
    keys |= np.arange(BLOCK, dtype=np.uint32)
    return keys, places


@kernel(LOOPS)
def in_strata(places: Column, keys: NDArray[np.uint32]) -> Column:
    """Turn places in strata into uniforms, by the order that sorted keys carry."""
    keys &= np.uint32(255)
    places += keys
    places /= BLOCK
    return places


def _bits(seed: np.uint64, replications: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return 64 random bits per replication: SplitMix64, from any place on."""
    bits = replications.astype(np.uint64)
    bits *= _GAMMA
    bits += seed
    bits ^= bits >> np.uint64(30)
    bits *= _FACTORS[0]
    bits ^= bits >> np.uint64(27)
    bits *= _FACTORS[1]
    bits ^= bits >> np.uint64(31)
    return bits


def _read_only(column: Column) -> Column:
    column.flags.writeable = False
    return column
