"""The table of promised speeds, measured on ``kz-switch`` as whole processes and as ratios within one run.

Run with ``pytest tests/bench/test_promises.py --benchmark-only -s`` on a machine that does nothing else.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sim.chance.amount import Column, T
from sim.chance.draws import Draws, draw
from sim.chance.kernels import compiled
from sim.engine import array_engine, simpy_engine
from sim.engine.bind import Rows
from sim.study.named import named
from sim.study.simulate import simulate

MAIN = ("kz-nvidia-wait", "kz-ascend", "kz-switch")
CHUNK = 15_000


def seconds_of(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def command(*arguments: str, cwd: Path) -> None:
    line = [sys.executable, "-c", "from sim.cli import main; main()", *arguments]
    subprocess.run(line, cwd=cwd, check=True, capture_output=True)


def timed(benchmark: BenchmarkFixture, cwd: Path, *arguments: str, rounds: int = 3) -> float:
    benchmark.pedantic(command, args=arguments, kwargs={"cwd": cwd}, rounds=rounds)  # type: ignore[no-untyped-call]
    assert benchmark.stats is not None
    return float(benchmark.stats.stats.median)


def report(benchmark: BenchmarkFixture, **numbers: float) -> None:
    benchmark.extra_info.update(numbers)
    print(f"\n{benchmark.name}: " + ", ".join(f"{name} {number:.4g}" for name, number in numbers.items()))


@pytest.mark.parametrize("is_compiled", [False, True])
def test_array_engine_against_simpy(benchmark: BenchmarkFixture, is_compiled: bool) -> None:
    """Promise: 150 times faster, same plan, same draws."""
    plan = named("kz-switch").plan
    draws = draw(plan.inputs, seed=1, first=0, count=CHUNK, correlations=plan.correlations)
    few = draws.take(range(0, CHUNK, 50))
    with compiled(is_compiled):
        array_engine.run(plan, draws)
        slow = min(seconds_of(lambda: simpy_engine.run(plan, few)) for _ in range(3)) / few.count
        benchmark.pedantic(array_engine.run, args=(plan, draws), rounds=7)  # type: ignore[no-untyped-call]
    assert benchmark.stats is not None
    fast = benchmark.stats.stats.min / CHUNK
    report(benchmark, array_per_second=1 / fast, simpy_per_second=1 / slow, ratio=slow / fast)


@pytest.mark.parametrize("is_compiled", [False, True])
def test_drawing_against_the_array_engine(benchmark: BenchmarkFixture, is_compiled: bool) -> None:
    """Promise: drawing the inputs takes no more than all the rest: amounts, profiles, nodes, outcomes."""
    plan = named("kz-switch").plan
    asked: list[str] = []

    def fresh() -> Draws:
        return draw(plan.inputs, seed=1, first=0, count=CHUNK, correlations=plan.correlations)

    def drawing() -> None:
        draws = fresh()
        for name in asked:
            draws.value(name)

    with compiled(is_compiled):
        listening = Listening(fresh(), asked)
        array_engine.run(plan, listening)
        asked[:] = dict.fromkeys(asked)
        drawn = min(seconds_of(drawing) for _ in range(7))
        work = lambda: simulate(plan, seed=1, first=0, count=CHUNK)  # noqa: E731
        benchmark.pedantic(work, rounds=7)  # type: ignore[no-untyped-call]
    assert benchmark.stats is not None
    rest = benchmark.stats.stats.min - drawn
    report(benchmark, draws_us=drawn / CHUNK * 1e6, rest_us=rest / CHUNK * 1e6)


class Listening:
    """Draws that write down which inputs are asked for in all replications."""

    def __init__(self, draws: Draws, asked: list[str]) -> None:
        self.draws, self.asked, self.count = draws, asked, draws.count

    def value(self, name: str) -> Column:
        self.asked.append(name)
        return self.draws.value(name)

    def take(self, rows: Rows) -> Draws:
        return self.draws.take(rows)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        return self.draws.once(key, make)


def test_compiled_kernels_against_numpy(benchmark: BenchmarkFixture) -> None:
    """No promise: what the extra ``fast`` is good for, in time per replication from draws to outcomes."""
    plan = named("kz-switch").plan

    def chunk(number: int, *, is_compiled: bool) -> float:
        with compiled(is_compiled):
            return seconds_of(lambda: simulate(plan, seed=1, first=number * CHUNK, count=CHUNK))

    for is_compiled in (False, True):
        chunk(0, is_compiled=is_compiled)
    plain = min(chunk(number, is_compiled=False) for number in range(7)) / CHUNK
    fast = (
        benchmark.pedantic(  # type: ignore[no-untyped-call]
            lambda: min(chunk(number, is_compiled=True) for number in range(7)), rounds=1
        )
        / CHUNK
    )
    report(benchmark, numpy_us=plain * 1e6, numba_us=fast * 1e6, ratio=plain / fast)


@pytest.mark.parametrize("is_compiled", [False, True])
def test_a_million_replications(benchmark: BenchmarkFixture, tmp_path: Path, is_compiled: bool) -> None:
    """Promise: 20 s with numba, outcomes written, no process over 1 GB."""
    first = MILLION if is_compiled else f"import sim.study.run as r; r.WORTH_COMPILING = 10**9\n{MILLION}"
    line = [sys.executable, "-c", first]
    benchmark.pedantic(  # type: ignore[no-untyped-call]
        subprocess.run, args=(line,), kwargs={"cwd": tmp_path, "check": True}, rounds=1
    )
    assert benchmark.stats is not None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    report(benchmark, seconds=benchmark.stats.stats.min, largest_process_mb=peak)


MILLION = """
import sim
if __name__ == "__main__":
    sim.run("kz-switch", replications=1_000_000, out="million")
"""


def test_the_main_command(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Promise: three scenarios x 10,000 replications, figures included, in 8 s."""
    took: list[Path] = []

    def fresh() -> tuple[Sequence[str], dict[str, Path]]:
        folder = tmp_path / str(len(took))
        folder.mkdir()
        took.append(folder)
        return ("compare", *MAIN, "--quiet"), {"cwd": folder}

    benchmark.pedantic(command, setup=fresh, rounds=3)  # type: ignore[no-untyped-call]
    assert benchmark.stats is not None
    report(benchmark, seconds=benchmark.stats.stats.median)


def test_listing_scenarios(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Promise: 0.4 s."""
    report(benchmark, seconds=timed(benchmark, tmp_path, "list", rounds=7))


def test_two_workers_against_one(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Promise: 1.7 times faster; as whole processes of 200,000, and for each replication more than that."""

    def seconds(replications: int, workers: int) -> float:
        words = ALONE.format(replications=replications, workers=workers)
        line = [sys.executable, "-c", words]
        return seconds_of(lambda: subprocess.run(line, cwd=tmp_path, check=True))

    one, two = (seconds(200_000, workers) for workers in (1, 2))
    more_one = seconds(1_000_000, 1) - one
    more_two = (
        benchmark.pedantic(lambda: seconds(1_000_000, 2), rounds=1) - two  # type: ignore[no-untyped-call]
    )
    report(benchmark, one=one, two=two, ratio=one / two, ratio_of_each_more=more_one / more_two)


ALONE = """
import sim, tempfile
if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as folder:
        sim.run("kz-switch", replications={replications}, workers={workers}, out=folder + "/run")
"""
