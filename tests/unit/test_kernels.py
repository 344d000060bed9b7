from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.chance import kernels
from sim.chance.distributions import Beta, Gamma, triangular
from sim.chance.draws import BLOCK, hashed, in_strata, scattered
from sim.chance.kernels import Kernel, compiled
from sim.chance.regimes import jumped, of_states
from sim.chance.steps import Steps, merged, spells
from sim.chance.tables import HALVINGS, interpolated, tabulate
from sim.engine.bind import ticks
from sim.engine.kinds import reached
from sim.engine.progress import Course, closed, courses_of, finish, in_force
from sim.engine.queueing import Requests, served
from sim.study.named import named
from sim.study.simulate import simulate

pytest.importorskip("numba")

WIDTH = 400
HORIZON = 300.0

Generator = np.random.Generator


def days(random: Generator, rows: int, *, width: int = WIDTH) -> np.ndarray:
    """Times with ties, at 0, at and past the horizon, and never."""
    found = ticks.plain(random.integers(0, 40, (rows, width)) * 8.1 - 4.0)
    found[random.random((rows, width)) < 0.2] = np.inf
    return found


def fired(random: Generator, rows: int) -> np.ndarray:
    found = days(random, rows)
    return np.where(found <= HORIZON, found, np.inf)


def steps(random: Generator, rows: int, *, width: int = WIDTH) -> Steps:
    times = np.sort(days(random, rows, width=width), axis=0)
    times[0] = 0.0
    values = random.choice([0.0, 0.0, 0.1, 1 / 3, 1.0, 2.5], (rows, width))
    return Steps(times, values)


def course(random: Generator, *, width: int = WIDTH) -> Course:
    return courses_of({0: steps(random, 9, width=width)}, horizon=HORIZON, block=slice(0, width))[0]


def amounts(random: Generator, *shape: int) -> np.ndarray:
    return random.choice([0.0, 0.3, 1.0, 7.7, 60.0, np.inf], shape) * random.choice([1.0, 1.1], shape)


def requests(random: Generator, *, rated: bool, limited: bool) -> Requests:
    limit = np.where(random.random((12, WIDTH)) < 0.5, days(random, 12), np.inf) if limited else None
    rate = course(random) if rated else None
    ready = np.minimum(days(random, 12), np.where(random.random((12, WIDTH)) < 0.5, np.inf, HORIZON))
    return Requests(
        ready, ticks.plain(amounts(random, 12 * WIDTH)).reshape(12, -1), limit, (rate,), COURSE_OF
    )


COURSE_OF = np.zeros((12, 1), dtype=np.intp)
SEED = np.uint64(2**63 + 12345)
EVERYONE = np.arange(WIDTH)
EXTREMES = [2.0**-53, 1e-9, 0.25, 0.5, np.nextafter(0.5, 1.0), 0.75, 1.0 - 2.0**-53]
READ_ONLY = np.concatenate([np.linspace(0.001, 0.999, 777), EXTREMES])
READ_ONLY.flags.writeable = False


CASES: dict[str, tuple[Kernel[Any, Any], Callable[[Generator], tuple[Any, ...]]]] = {
    "scattered": (scattered, lambda random: (SEED, random.integers(0, 10**12, 700))),
    "hashed": (hashed, lambda random: (SEED, 7 * BLOCK, 11 * BLOCK)),
    "in strata": (in_strata, lambda random: hashed.plain(SEED, 0, BLOCK)[::-1]),
    "triangular": (triangular, lambda random: (READ_ONLY, 2.0, 5.3, 11.1)),
    "triangular without rise": (triangular, lambda random: (READ_ONLY, 2.0, 2.0, 11.1)),
    "table": (interpolated, lambda random: (READ_ONLY, TABLE.cubics, TABLE.bits)),
    "ticks": (ticks, lambda random: (random.normal(0.0, 1000.0, 700),)),
    "product": (merged, lambda random: (np.multiply, steps(random, 5), steps(random, 8))),
    "minimum": (merged, lambda random: (np.minimum, steps(random, 5), steps(random, 8, width=1))),
    "sum": (merged, lambda random: (np.add, steps(random, 5, width=1), steps(random, 3))),
    "of states": (of_states, lambda r: (r.random((3, WIDTH)), r.integers(0, 3, (7, WIDTH)).astype(float))),
    "of states, shared": (
        of_states,
        lambda r: (r.random((3, 1)), r.integers(0, 3, (7, WIDTH)).astype(float)),
    ),
    "of states, one path": (
        of_states,
        lambda r: (r.random((3, WIDTH)), r.integers(0, 3, (7, 1)).astype(float)),
    ),
    "closed": (closed, lambda random: (steps(random, 12).times, HORIZON)),
    "finish": (finish, lambda r: (course(r), days(r, 1)[0], amounts(r, WIDTH), EVERYONE)),
    "finish, few": (
        finish,
        lambda r: (course(r), days(r, 1)[0, :99], amounts(r, 99), EVERYONE[::4][:99].copy()),
    ),
    "finish, shared": (finish, lambda r: (course(r, width=1), days(r, 1)[0], amounts(r, WIDTH), EVERYONE)),
    "in force": (in_force, lambda r: (course(r), r.choice([0.0, 8.1, 299.9], WIDTH), EVERYONE)),
    "reached": (reached, lambda r: (fired(r, 9), r.random((9, WIDTH)), 6 * r.random(WIDTH) - 1, HORIZON)),
    "reached by none": (reached, lambda r: (fired(r, 0), r.random((0, WIDTH)), r.random(WIDTH), HORIZON)),
    "served": (served, lambda random: (requests(random, rated=True, limited=True), 3, HORIZON)),
    "served at rate 1": (served, lambda random: (requests(random, rated=False, limited=False), 1, HORIZON)),
}

TABLE = tabulate(lambda p: p**0.5, lambda p: (1.0 - p) ** 0.5)


def columns(found: Any) -> list[np.ndarray]:
    """The columns of what a kernel returns; of steps, what is in force (unused rows may hold anything)."""
    if isinstance(found, Steps):
        used = np.isfinite(found.times)
        return [found.times, np.where(used, found.values, 0.0)]
    return [*found] if isinstance(found, tuple) else [found]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(5))
def test_both_forms_of_a_kernel_return_the_same_bytes(case: str, seed: int) -> None:
    kernel, arguments = CASES[case]
    with np.errstate(all="ignore"):
        plain = columns(kernel.plain(*arguments(np.random.default_rng(seed))))
    fast = columns(kernel.compiled(*arguments(np.random.default_rng(seed))))
    for one, other in zip(plain, fast, strict=True):
        np.testing.assert_array_equal(one, other)  # says where
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("width", "choices"), [(WIDTH, 300), (1, 300), (WIDTH, 1)])
def test_chains_jump_alike_compiled_or_not(seed: int, width: int, choices: int) -> None:
    """Some exits are closed, and some states have none."""
    random = np.random.default_rng(seed)
    rates = np.cumsum(random.choice([0.0, 0.0, 0.001, 0.3], (3, 3, width)), axis=1)
    state, columns = random.integers(0, 3, 300), np.sort(random.choice(WIDTH, 300, replace=False))
    luck = {"sojourn": random.exponential(1.0, 300), "choice": random.random(choices)}
    plain, fast = (form(rates, state, columns, **luck) for form in (jumped.plain, jumped.compiled))
    for one, other in zip(plain, fast, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("width", "insides"), [(WIDTH, 1), (1, WIDTH), (1, 1)])
def test_spells_are_the_same_steps_compiled_or_not(seed: int, width: int, insides: int) -> None:
    """Spells that overlap, in any order, some of no length, some over before day 0."""
    random = np.random.default_rng(seed)
    begin, end = days(random, 6, width=width) - 20.0, days(random, 6) - 20.0
    levels = {"inside": random.random(insides), "outside": np.ones(1)}
    for some in (slice(0, 6), slice(0, 1)):
        plain, fast = (form(begin[some], end[some], **levels) for form in (spells.plain, spells.compiled))
        for one, other in zip(columns(plain), columns(fast), strict=True):
            np.testing.assert_array_equal(one, other)


def test_every_kernel_is_among_the_cases() -> None:
    rooms = [
        f"sim.{room}"
        for room in (
            "chance.distributions",
            "chance.draws",
            "chance.regimes",
            "chance.steps",
            "chance.tables",
        )
    ]
    rooms += [f"sim.engine.{room}" for room in ("bind", "kinds", "pools", "progress", "queueing")]
    there = {
        id(each) for room in rooms for each in vars(import_module(room)).values() if isinstance(each, Kernel)
    }
    assert there == {id(spells), id(jumped), *(id(kernel) for kernel, _ in CASES.values())}


@pytest.mark.parametrize("name", ["kz-switch", "central-asia-queue"])
def test_a_scenario_has_the_same_outcomes_compiled_or_not(name: str) -> None:
    plan = named(name).plan
    plain = simulate(plan, seed=7, first=250, count=600)
    with compiled():
        fast = simulate(plan, seed=7, first=250, count=600, check=(300,))
    assert {key: column.tobytes() for key, column in plain.items()} == {
        key: column.tobytes() for key, column in fast.items()
    }


def test_kernels_are_plain_unless_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    loops = SimpleNamespace(max=min)
    monkeypatch.setattr(kernels, "import_module", lambda name: loops)
    kernel = Kernel(max, "loops")
    assert kernel(1, 2) == 2
    with compiled():
        assert kernel(1, 2) == 1
        with compiled(False):
            assert kernel(1, 2) == 2
        assert kernel(1, 2) == 1
    assert kernel(1, 2) == 2


def test_kernels_stay_plain_without_numba() -> None:
    with compiled():
        assert Kernel(max, "sim.chance.no_such_loops")(1, 2) == 2


@pytest.mark.parametrize("law", [Beta(1.5, 3.0), Gamma(0.3, 2.0)])
def test_draws_beyond_the_ends_of_a_table_are_exact(law: Beta | Gamma) -> None:
    tails = np.array([2.0**-53, 2.0 ** -(HALVINGS + 2)])
    with compiled():
        found = law.quantile([*tails, *(1.0 - tails)])
    assert law.cdf(found) == pytest.approx([*tails, *(1.0 - tails)], rel=1e-9, abs=0.0)
