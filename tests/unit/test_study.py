from __future__ import annotations

import math
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from study_plans import deadly_plan, plan_of, subject

from sim.chance.draws import draw
from sim.engine import array_engine
from sim.engine.agreement import EngineDisagreement
from sim.engine.times import Times
from sim.model.plan import Plan
from sim.results.errors import Interrupted, StudyError
from sim.results.manifest import changed_outputs, read_manifest
from sim.results.outcomes import Columns
from sim.results.run import load_run
from sim.results.statistics import percentiles
from sim.study import run as run_module
from sim.study.cluster import cluster
from sim.study.compare import compare
from sim.study.run import Settings, run, run_all
from sim.study.simulate import replications_to_check, simulate
from sim.study.spread import Chunk, Foreign, Job, Processes


def outcomes(folder: Path) -> bytes:
    return (folder / "outcomes.parquet").read_bytes()


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "CHUNK_BLOCKS", {"array": 1, "simpy": 1})


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The outcomes of 4,100 replications, computed at once, here."""
    folder = tmp_path_factory.mktemp("straight")
    run(subject(), replications=4_100, workers=1, out=folder)
    return outcomes(folder)


def test_outcomes_are_those_of_the_engine() -> None:
    plan = plan_of()
    columns = simulate(plan, seed=3, first=500, count=300)
    times = array_engine.run(plan, draw(plan.inputs, seed=3, first=500, count=300))
    assert list(columns) == ["replication", "completion", "license", "early"]
    assert np.array_equal(columns["replication"], np.arange(500, 800))
    assert np.array_equal(columns["completion"], times.of("done"))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("small_chunks")
def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path, straight: bytes, workers: int) -> None:
    run(subject(), replications=4_100, workers=workers, out=tmp_path)
    assert outcomes(tmp_path) == straight


def test_any_chunk_gives_the_same_bytes(
    tmp_path: Path, straight: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "CHUNK_BLOCKS", {"array": 3})
    run(subject(), replications=4_100, workers=1, out=tmp_path)
    assert outcomes(tmp_path) == straight


@pytest.mark.usefixtures("small_chunks")
def test_any_executor_gives_the_same_bytes(tmp_path: Path, straight: bytes) -> None:
    with ThreadPoolExecutor(3) as executor:
        run(subject(), replications=4_100, executor=executor, out=tmp_path)
    assert outcomes(tmp_path) == straight


def test_both_engines_give_the_same_outcomes() -> None:
    fast, exact = run(subject(), replications=500), run(subject(), replications=500, engine="simpy")
    for name in fast.columns:
        assert np.allclose(fast.column(name), exact.column(name), rtol=0.0, atol=1e-9)


def test_memory_and_folder_hold_the_same(tmp_path: Path) -> None:
    kept, passing = run(subject(), replications=700, out=tmp_path), run(subject(), replications=700)
    assert kept.outcomes.equals(passing.outcomes)
    assert load_run(tmp_path).outcomes.equals(passing.outcomes)


def test_the_first_replications_do_not_depend_on_how_many_follow() -> None:
    few, many = run(subject(), replications=130).outcomes, run(subject(), replications=1_000).outcomes
    assert few.equals(many.head(130))


@pytest.mark.usefixtures("small_chunks")
def test_an_interrupted_run_resumes_to_the_same_bytes(tmp_path: Path, straight: bytes) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= 2_000:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=f"kept in {tmp_path}: run the same command again"):
        run(subject(), replications=4_100, workers=1, out=tmp_path, progress=interrupt)
    assert not (tmp_path / "outcomes.parquet").exists()
    told: list[tuple[int, int]] = []
    run(subject(), replications=4_100, workers=1, out=tmp_path, progress=lambda *done: told.append(done))
    assert told[0] == (2_000, 4_100)
    assert told[-1] == (4_100, 4_100)
    assert outcomes(tmp_path) == straight


def test_an_extended_run_has_the_same_bytes_and_keeps_its_replications(
    tmp_path: Path, straight: bytes
) -> None:
    run(subject(), replications=1_100, out=tmp_path)
    told: list[tuple[int, int]] = []
    run(subject(), replications=4_100, out=tmp_path, progress=lambda *done: told.append(done))
    assert told[0] == (1_100, 4_100)
    assert outcomes(tmp_path) == straight


def test_a_finished_run_is_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(subject(), replications=500, out=tmp_path)
    before = (tmp_path / "manifest.json").read_bytes()
    monkeypatch.delattr(array_engine, "run")
    assert run(subject(), replications=500, out=tmp_path) == first
    assert (tmp_path / "manifest.json").read_bytes() == before


def test_a_program_that_computes_something_else_does_not_extend(tmp_path: Path) -> None:
    run(subject(), replications=500, out=tmp_path)
    with pytest.raises(StudyError, match="replications 0-24 come out differently"):
        run(subject(plan=plan_of(mean=201.0)), replications=1_000, out=tmp_path)
    assert load_run(tmp_path).replications == 500


def test_a_fast_run_is_checked_against_simpy(monkeypatch: pytest.MonkeyPatch) -> None:
    right = array_engine.run

    def wrong_once(plan: Plan, draws: object) -> Times:
        times = right(plan, draws)  # type: ignore[arg-type]
        times.fire[times.row["done"], draws.replications == 999] += 1e-6  # type: ignore[attr-defined]
        return times

    monkeypatch.setattr(array_engine, "run", wrong_once)
    with pytest.raises(EngineDisagreement, match="replication 999"):
        run(subject(), replications=1_000)


def test_25_replications_are_checked_spread_over_what_is_missing() -> None:
    rows = replications_to_check([(0, 10_000), (20_000, 30_000)], engine="array")
    assert len(rows) == 25
    assert (rows[0], rows[-1]) == (0, 29_999)
    assert max(np.diff([row if row < 10_000 else row - 10_000 for row in rows])) <= 834
    assert replications_to_check([(5, 8)], engine="array") == (5, 6, 7)
    assert replications_to_check([(0, 10_000)], engine="simpy") == ()


def test_a_killed_worker_costs_a_retry_and_nothing_else(tmp_path: Path) -> None:
    found = run(subject(plan=deadly_plan(tmp_path / "killed")), replications=500, workers=2)
    assert (tmp_path / "killed0").exists()
    assert found.outcomes.equals(run(subject(), replications=500).outcomes)


def test_workers_that_always_die_end_the_run_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.study.spread.TRIES", 2)
    deadly = deadly_plan(tmp_path / "killed", times=99)
    with pytest.raises(StudyError, match="worker processes died 2 times over replications 0-500"):
        run(subject(plan=deadly), replications=500, workers=2)


def test_an_executor_that_is_shut_down_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(StudyError, match="executor or scheduler has ended"):
        run(subject(), replications=500, executor=executor, out=tmp_path)


SCRIPT = """
import sys

if __name__ == "__main__":
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    from study_plans import subject
    from sim.results.errors import Interrupted
    from sim.study import run as run_module

    run_module.CHUNK_BLOCKS = {{"array": 1}}
    try:
        run_module.run(subject(), replications=100_000, workers=2, out=Path({out!r}))
    except Interrupted as stopped:
        sys.exit(f"said: {{stopped}}")
"""


@contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a run with two workers in a process group of its own; yield when parts begin to appear."""
    script = SCRIPT.format(tests=str(Path(__file__).parent), out=str(folder))
    path = folder.with_suffix(".py")
    path.write_text(script)
    process = subprocess.Popen(
        [sys.executable, str(path)], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        try:
            while process.poll() is None and len(list(folder.glob("parts/*.parquet"))) < 3:
                time.sleep(0.01)
            yield process
        finally:
            process.kill()


def group_ends(process: subprocess.Popen[str]) -> bool:
    """Return whether every process of a group is gone within ten seconds."""
    for _ in range(1_000):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_a_run_keeps_others_out_and_if_killed_leaves_no_process_and_resumes_to_the_same_bytes(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "run") as process:
        with pytest.raises(StudyError, match=f"another run \\(process {process.pid}\\) is writing here"):
            run(subject(), replications=500, out=tmp_path / "run")
        process.kill()
        process.wait()
        assert group_ends(process)
    there = len(list((tmp_path / "run" / "parts").glob("*.parquet")))
    assert 3 <= there < 400
    told: list[int] = []
    run(subject(), replications=20_000, out=tmp_path / "run", progress=lambda done, _: told.append(done))
    assert told[0] >= 250
    run(subject(), replications=20_000, out=tmp_path / "straight")
    assert outcomes(tmp_path / "run") == outcomes(tmp_path / "straight")


def test_ctrl_c_ends_all_processes_and_says_how_to_go_on(tmp_path: Path) -> None:
    with running(tmp_path / "run") as process:
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate()
        assert group_ends(process)
    kept = f"finished parts are kept in {tmp_path / 'run'}"
    assert errors == f"said: stopped; {kept}: run the same command again to go on\n"
    assert not list((tmp_path / "run").rglob("*.partial"))
    assert read_manifest(tmp_path / "run")["outputs"] == {}


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A dask scheduler and two workers, each a process of its own on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard", "--host", address]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-dashboard", "--no-nanny"]
    commands = [dask, [*worker, "--nthreads", "1"], [*worker, "--nthreads", "1"]]
    processes = [subprocess.Popen(command, env=environment, **quiet) for command in commands]  # type: ignore[call-overload]
    try:
        yield address
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


@pytest.mark.usefixtures("small_chunks")
def test_a_cluster_gives_the_same_bytes(tmp_path: Path, straight: bytes, scheduler: str) -> None:
    with cluster(scheduler) as executor:
        run(subject(), replications=4_100, executor=executor, out=tmp_path)
    assert outcomes(tmp_path) == straight


def test_a_missing_scheduler_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.study.cluster.PATIENCE", "0.2s")
    with (
        pytest.raises(StudyError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9"),
        cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_a_missing_extra_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(StudyError, match=r"pip install \"chiproute\[cluster\]\""),
        cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_compared_runs_share_their_luck(tmp_path: Path) -> None:
    later = subject("later", plan=plan_of(mean=220.0))
    found = compare([subject(), later], Settings(replications=1_000), out=tmp_path)
    assert np.all(found.runs[0].completion <= found.runs[1].completion)
    assert found.comparisons[0].later.value == 0.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kz-test", "later"]


def test_all_pairs_can_be_compared() -> None:
    three = [subject("a"), subject("b"), subject("c")]
    found = compare(three, Settings(replications=250), all_pairs=True)
    assert [(pair.first, pair.second) for pair in found.comparisons] == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_comparison_needs_two_names() -> None:
    with pytest.raises(ValueError, match=r"\['a', 'a'\]"):
        compare([subject("a"), subject("a")])


def test_precision_doubles_the_replications_until_it_is_reached(tmp_path: Path) -> None:
    found = run(subject(), replications=2_000, precision_days=12.0, out=tmp_path)
    assert found.replications in {4_000, 8_000, 16_000, 32_000}
    widths = [p.high - p.low for p in percentiles(found.completion, (0.5, 0.8))]
    assert max(widths) <= 12.0
    half = percentiles(found.completion[: found.replications // 2], (0.5, 0.8))
    assert max(p.high - p.low for p in half) > 12.0
    assert found.notes == ()
    assert run(subject(), replications=2_000, precision_days=12.0, out=tmp_path) == found


def test_precision_of_never_is_said_and_not_searched_for() -> None:
    found = run(subject(plan=plan_of(mean=2_000.0)), replications=2_000, precision_days=1_000.0)
    assert found.replications == 2_000
    assert found.notes == tuple(
        f"kz-test: {name} is not by 2025-12-21, so it has no precision in days" for name in ("P50", "P80")
    )


@pytest.mark.parametrize(
    "options",
    [
        {"replications": 0},
        {"seed": -1},
        {"engine": "abacus"},
        {"workers": 0},
        {"precision_days": 0.0},
        {"precision_days": math.nan},
    ],
)
def test_options_out_of_range_are_named(options: dict[str, object]) -> None:
    (value,) = options.values()
    with pytest.raises(ValueError, match=f"{value!r}"):
        run(subject(), **options)  # type: ignore[arg-type]


def test_a_plan_without_completion_is_refused() -> None:
    with pytest.raises(ValueError, match="'kz-test' has no milestone 'completion'"):
        subject(plan=replace(plan_of(), milestones={}))


def test_long_work_goes_to_processes_and_short_work_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    here = ThreadPoolExecutor(2)
    monkeypatch.setattr(run_module, "available_processors", lambda: 2)
    monkeypatch.setattr(
        Processes, "submit", lambda crew, chunk: started.append(1) or here.submit(JOB.work, chunk)
    )
    run(subject(), replications=60_000)
    assert started == []
    monkeypatch.setattr(run_module, "WORTH_PROCESSES_SECONDS", 0.0)
    long = run(subject(), replications=60_000)
    assert len(started) == 2
    assert long.outcomes.equals(run(subject(), replications=60_000, workers=1).outcomes)
    here.shutdown()


def test_very_long_work_goes_to_processes_at_once_and_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[Job] = []
    here = ThreadPoolExecutor(2)
    monkeypatch.setattr(run_module, "available_processors", lambda: 2)
    monkeypatch.setattr(run_module, "WORTH_COMPILING", 20_000)

    def submit(crew: Processes, chunk: Chunk) -> Future[Columns]:
        jobs.append(pickle.loads(crew._job))
        return here.submit(jobs[-1].work, chunk)

    monkeypatch.setattr(Processes, "submit", submit)
    long = run(subject(), replications=20_000)
    assert [job.compiling for job in jobs] == [True, True]
    monkeypatch.setattr(run_module, "WORTH_COMPILING", 20_001)
    assert long.outcomes.equals(run(subject(), replications=20_000).outcomes)
    assert len(jobs) == 2
    here.shutdown()


JOB = Job((plan_of(),), 1, "array")


def test_only_a_few_chunks_are_under_way_at_a_time() -> None:
    under_way, most, lock = [0], [0], threading.Lock()

    class Counting(ThreadPoolExecutor):
        def submit(self, *task: object) -> object:  # type: ignore[override]
            with lock:
                under_way[0] += 1
                most[0] = max(most)
                most.append(under_way[0])
            future = super().submit(*task)  # type: ignore[arg-type]
            future.add_done_callback(lambda _: under_way.__setitem__(0, under_way[0] - 1))
            return future

    with Counting(2) as executor:
        crew = Foreign(JOB, executor, workers=2)
        chunks = [run_module.Chunk(0, first, first + 250) for first in range(0, 10_000, 250)]
        for _ in run_module.spread(chunks, crew):
            pass
    assert max(most) <= 4


def test_a_finished_folder_can_be_trusted(tmp_path: Path) -> None:
    run_all([subject()], Settings(replications=500), folders=[tmp_path])
    assert changed_outputs(tmp_path, read_manifest(tmp_path)) == ()
    assert not list(tmp_path.glob(".lock"))
