"""The table of promised speeds, measured on ``kz-switch`` as whole processes and as ratios within one run.

Run with ``pytest tests/bench/test_promises.py --benchmark-only -s`` on a machine that does nothing else.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sim.chance.draws import draw
from sim.chance.kernels import compiled
from sim.engine import array_engine, simpy_engine
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
    """Promise: drawing the inputs takes no more than the engine's own time."""
    plan = named("kz-switch").plan

    def whole() -> None:
        array_engine.run(plan, draw(plan.inputs, seed=1, first=0, count=CHUNK))

    with compiled(is_compiled):
        draws = draw(plan.inputs, seed=1, first=0, count=CHUNK)
        array_engine.run(plan, draws)
        engine = min(seconds_of(lambda: array_engine.run(plan, draws)) for _ in range(5))
        benchmark.pedantic(whole, rounds=5)  # type: ignore[no-untyped-call]
    assert benchmark.stats is not None
    total = benchmark.stats.stats.min
    report(benchmark, engine_us=engine / CHUNK * 1e6, draws_us=(total - engine) / CHUNK * 1e6)


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
    took = []

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


@pytest.mark.parametrize("replications", [200_000])
def test_two_workers_against_one(benchmark: BenchmarkFixture, tmp_path: Path, replications: int) -> None:
    """Promise: 1.7 times faster."""
    run = ("run", "kz-switch", "-n", str(replications), "--quiet", "--out")
    one = seconds_of(lambda: command(*run, "one", "--workers", "1", cwd=tmp_path))
    two = timed(benchmark, tmp_path, *run, "two", "--workers", "2", rounds=1)
    report(benchmark, one_seconds=one, two_seconds=two, ratio=one / two)
