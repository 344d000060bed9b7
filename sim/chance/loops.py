"""The loops of chance that numba compiles: uniforms, quantiles, and steps merged in time.

Each does what the plain form of its kernel says, number by number in the same order of operations, hence to
the same bytes: no fused multiply-adds, nothing reordered, and exponentials and logarithms stay with numpy.
Machine code is kept beside this file, or in the user's cache, until the file changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit, types

from sim.chance.draws import BLOCK
from sim.chance.law import Column
from sim.chance.steps import Steps, trimmed
from sim.chance.tables import LEAST_BITS, MANTISSA

F = TypeVar("F", bound=Callable[..., Any])

VECTOR = types.Array(types.float64, 1, "C", readonly=True)
TABLE = types.Array(types.float64, 2, "C", readonly=True)
ROWS = types.Array(types.int64, 1, "C", readonly=True)
NEW_VECTOR, NEW_TABLE = types.float64[::1], types.float64[:, ::1]


def loop(returns: Any, *takes: Any) -> Callable[[F], F]:
    """Compile a function for one signature, so that no call ever compiles it again."""
    return cast(Callable[[F], F], njit(returns(*takes), cache=True, error_model="numpy"))


def several(*kinds: Any) -> Any:
    """Return the type of a tuple."""
    return types.Tuple(kinds)  # type: ignore[no-untyped-call]  # numba says nothing of its own types


@loop(types.uint64, types.uint64, types.uint64)
def _bits(seed: Any, replication: Any) -> Any:
    bits = replication * np.uint64(0x9E3779B97F4A7C15) + seed
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@loop(NEW_VECTOR, types.uint64, ROWS)
def scattered(seed: Any, replications: Any) -> Column:
    """Return a uniform for each replication; see ``draws``."""
    bits, uniforms = np.empty(replications.size, np.uint64), np.empty(replications.size)
    for place in range(bits.size):  # two loops: processors do each for several replications at once
        bits[place] = _bits(seed, np.uint64(replications[place]))
    for place in range(bits.size):
        uniforms[place] = (np.float64(np.int64(bits[place] >> np.uint64(12))) + 0.5) * 2.0**-52
    return uniforms


@loop(several(types.uint32[:, ::1], NEW_TABLE), types.uint64, types.int64, types.int64)
def hashed(seed: Any, begin: int, end: int) -> Any:
    """Return keys and places; see ``draws``."""
    shape = (end - begin) // BLOCK, BLOCK
    keys, places = np.empty(shape, np.uint32), np.empty(shape)
    for block in range(shape[0]):
        first = np.uint64(begin + block * BLOCK)
        for place in range(BLOCK):
            bits = _bits(seed, first + np.uint64(place))
            places[block, place] = (np.float64(np.int64(bits & np.uint64(2**40 - 1))) + 0.5) * 2.0**-40
            key = (bits >> np.uint64(32)) & np.uint64(0xFFFFFF00)
            keys[block, place] = np.uint32(key) | np.uint32(place)
    return keys, places


@loop(NEW_TABLE, NEW_TABLE, types.uint32[:, ::1])
def in_strata(places: Column, keys: Any) -> Column:
    """Turn places in strata into uniforms; see ``draws``."""
    for block in range(places.shape[0]):
        for place in range(BLOCK):
            order = np.float64(np.int64(keys[block, place] & np.uint32(255)))
            places[block, place] = (places[block, place] + order) / BLOCK
    return places


@loop(NEW_VECTOR, VECTOR, types.float64, types.float64, types.float64)
def triangular(probability: Column, low: float, mode: float, high: float) -> Column:
    """Return quantiles of a triangular law; see ``distributions``."""
    width, rise, fall = high - low, mode - low, high - mode
    found, rising, falling = np.empty(probability.size), width * rise, width * fall
    for place in range(probability.size):
        p = probability[place]
        if p * width < rise:
            found[place] = low + np.sqrt(p * rising)
        else:
            found[place] = high - np.sqrt((1.0 - p) * falling)
    return found


@loop(NEW_VECTOR, VECTOR, TABLE, types.int64)
def interpolated(probability: Column, cubics: Column, bits: int) -> Column:
    """Return quantiles from a table, whatever beyond its ends; see ``tables``."""
    tails = np.minimum(probability, 1.0 - probability)
    raw, rest = tails.view(np.int64), MANTISSA - bits
    base, mask, scale, half = LEAST_BITS >> rest, 2**rest - 1, 2.0**-rest, cubics.shape[0] // 2
    for place in range(probability.size):
        interval = (raw[place] >> rest) - base
        if probability[place] > 0.5:
            interval += half
        interval = max(interval, 0)
        within = np.float64(raw[place] & mask) * scale
        found = cubics[interval, 3] * within
        found = (found + cubics[interval, 2]) * within
        found = (found + cubics[interval, 1]) * within
        tails[place] = found + cubics[interval, 0]
    return tails


@loop(
    several(NEW_VECTOR, types.int64[::1]),
    types.Array(types.float64, 3, "C", readonly=True),
    ROWS,
    ROWS,
    VECTOR,
    VECTOR,
)
def _jumped(rates: Column, state: Any, columns: Any, sojourn: Column, choice: Column) -> Any:
    stay, following = np.empty(state.size), np.zeros(state.size, np.int64)
    last, step, luck = rates.shape[1] - 1, min(rates.shape[2] - 1, 1), min(choice.size - 1, 1)
    for place in range(state.size):
        column = columns[place] * step
        total = rates[state[place], last, column]
        stay[place] = sojourn[place] / total
        chosen = total * choice[place * luck]
        for other in range(last + 1):
            if rates[state[place], other, column] > chosen:
                following[place] = other
                break
    return stay, following


def jumped(rates: Column, state: Any, columns: Any, *, sojourn: Column, choice: Column) -> tuple[Column, Any]:
    """Return how long chains stay and where they go; see ``regimes``."""
    found: tuple[Column, Any] = _jumped(rates, state, columns, sojourn, choice)
    return found


@loop(NEW_TABLE, TABLE, TABLE)
def of_states(table: Column, states: Column) -> Column:
    """Return a number for each state of a path; see ``regimes``."""
    found, step = np.empty((len(states), max(states.shape[1], table.shape[1]))), min(table.shape[1] - 1, 1)
    for row in range(len(states)):
        for column in range(found.shape[1]):
            found[row, column] = table[int(states[row, min(column, states.shape[1] - 1)]), column * step]
    return found


@loop(types.void, NEW_VECTOR, types.int64, types.float64)
def _insert(ordered: Column, count: int, day: float) -> None:
    while count > 0 and ordered[count - 1] > day:
        ordered[count] = ordered[count - 1]
        count -= 1
    ordered[count] = day


@loop(several(NEW_TABLE, NEW_TABLE), TABLE, TABLE, VECTOR, VECTOR)
def _spells(begin: Column, end: Column, inside: Column, outside: Column) -> Any:
    width = max(begin.shape[1], end.shape[1], inside.size, outside.size)
    used = len(begin)
    while used > 0 and not np.any(begin[used - 1] < np.inf):
        used -= 1
    shape = 2 * used + 1, width
    times, values = np.full(shape, np.inf), np.zeros(shape)
    begins, ends = np.empty(used), np.empty(used)
    for column in range(width):
        within, without = inside[min(column, inside.size - 1)], outside[min(column, outside.size - 1)]
        count = 0
        for row in range(used):
            first = max(begin[row, min(column, begin.shape[1] - 1)], 0.0)
            if first < np.inf:
                _insert(begins, count, first)
                _insert(ends, count, max(end[row, min(column, end.shape[1] - 1)], first))
                count += 1
        times[0, column], values[0, column] = 0.0, without
        for row in range(count):
            times[2 * row + 1, column], values[2 * row + 1, column] = begins[row], within
            following = begins[row + 1] if row + 1 < count else np.inf
            times[2 * row + 2, column], values[2 * row + 2, column] = min(ends[row], following), without
    return times, values


def spells(begin: Column, end: Column, *, inside: Column, outside: Column) -> Steps:
    """Return steps with one value in spells of time and another outside; see ``steps``."""
    found = _spells(np.ascontiguousarray(begin), np.ascontiguousarray(end), inside, outside)
    return trimmed(Steps(*found))


@loop(types.int64, TABLE, types.int64)
def _used(times: Column, column: int) -> int:
    used = len(times)
    while used > 0 and times[used - 1, column] == np.inf:
        used -= 1
    return used


@loop(several(NEW_TABLE, NEW_TABLE), types.int64, TABLE, TABLE, TABLE, TABLE)
def _merged(kind: int, times: Column, values: Column, more_times: Column, more_values: Column) -> Any:
    """Return the product (0), minimum (1) or sum (2) of step functions; see ``steps``."""
    one_step, other_step = min(times.shape[1] - 1, 1), min(more_times.shape[1] - 1, 1)
    count = max(times.shape[1], more_times.shape[1])
    used, more_used = np.empty(count, np.int64), np.empty(count, np.int64)
    rows = 0
    for column in range(count):
        used[column] = _used(times, column * one_step)
        more_used[column] = _used(more_times, column * other_step)
        rows = max(rows, used[column] + more_used[column] - 1)
    merged_times, merged_values = np.full((rows, count), np.inf), np.zeros((rows, count))
    for column in range(count):
        here, there, one, other = column * one_step, column * other_step, 0, -1
        for row in range(used[column] + more_used[column] - 1):
            one_is_next = one + 1 < used[column] and (
                other + 1 == more_used[column] or times[one + 1, here] <= more_times[other + 1, there]
            )
            if one_is_next:
                one += 1
                merged_times[row, column] = times[one, here]
            else:
                other += 1
                merged_times[row, column] = more_times[other, there]
            value, more = values[one, here], more_values[max(other, 0), there]
            if kind == 0:
                merged_values[row, column] = value * more
            elif kind == 1:
                merged_values[row, column] = min(value, more)
            else:
                merged_values[row, column] = value + more
    return merged_times, merged_values


def merged(function: np.ufunc, one: Steps, other: Steps) -> Steps:
    """Return the product, minimum or sum of two step functions; see ``steps``."""
    kind = (np.multiply, np.minimum, np.add).index(function)
    tables = (np.ascontiguousarray(table) for part in (one, other) for table in (part.times, part.values))
    return Steps(*_merged(kind, *tables))
