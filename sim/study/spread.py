"""Spread chunks of work over processes, or any other executor, and survive the loss of workers.

A chunk is some replications of one subject. Chunks come back in any order; only a few are under way at any
time, so memory stays flat. A worker that dies costs its chunks another try. Called by ``run``.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context, parent_process, resource_tracker
from typing import TypeAlias

from sim.chance.kernels import compiled
from sim.model.plan import Plan
from sim.results.errors import StudyError
from sim.results.outcomes import Columns
from sim.study.simulate import Engine, simulate

TRIES = 4
"""How often a chunk is tried before the run gives up."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Replications ``first`` to before ``stop`` of a subject, some of which are replayed in SimPy."""

    subject: int
    first: int
    stop: int
    check: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """What all chunks of a study share; it reaches each worker once.

    ``compiling``: whether there is so much to do that compiled kernels pay, where there are any.
    """

    plans: tuple[Plan, ...]
    seed: int
    engine: Engine
    compiling: bool = False

    def work(self, chunk: Chunk) -> Columns:
        """Return the outcomes of a chunk."""
        with compiled(self.compiling):
            return simulate(
                self.plans[chunk.subject],
                seed=self.seed,
                first=chunk.first,
                count=chunk.stop - chunk.first,
                engine=self.engine,
                check=chunk.check,
            )


class Processes:
    """Worker processes of this machine, started when first needed and replaced when one dies."""

    def __init__(self, job: Job, *, workers: int) -> None:
        self.workers = workers
        self._job = pickle.dumps(job)
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, chunk: Chunk) -> Future[Columns]:
        """Start a chunk."""
        with _interrupts_held():
            self._pool = self._pool or ProcessPoolExecutor(
                self.workers, get_context("spawn"), initializer=_start_worker, initargs=(self._job,)
            )
            return self._pool.submit(_work_here, chunk)

    def restart(self) -> None:
        """Replace the processes, of which one died."""
        self.close()

    def close(self) -> None:
        """End the processes; chunks that have begun are waited for, so that none is left behind."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None


class Foreign:
    """An executor that somebody else started and will close, on this machine or a cluster."""

    def __init__(self, job: Job, executor: Executor, *, workers: int) -> None:
        self.workers = workers
        self._job = pickle.dumps(job)
        self._executor = executor

    def submit(self, chunk: Chunk) -> Future[Columns]:
        """Start a chunk."""
        return self._executor.submit(_work_anywhere, self._job, chunk)

    def restart(self) -> None:
        """Do nothing: the executor looks after its own workers."""

    def close(self) -> None:
        """Do nothing: the executor belongs to somebody else."""


_LOST = "the workers were lost: their executor or scheduler has ended"

Crew: TypeAlias = Processes | Foreign


def spread(chunks: Iterable[Chunk], crew: Crew) -> Iterator[tuple[Chunk, Columns]]:
    """Yield each chunk with its outcomes, in the order in which they finish.

    Raises
    ------
    StudyError
        Workers died again and again on the same chunk, or the executor was shut down.
    """
    waiting = deque(chunks)
    running: dict[Future[Columns], Chunk] = {}
    tries: Counter[Chunk] = Counter()
    try:
        while waiting or running:
            lost = _fill(waiting, running, crew)
            done = [] if lost else wait(running, return_when=FIRST_COMPLETED).done
            for future in done:
                chunk = running.pop(future)
                try:
                    columns = future.result()
                except BrokenExecutor:
                    lost.append(chunk)
                except CancelledError as error:
                    raise StudyError(_LOST) from error
                else:
                    yield chunk, columns
            if lost:
                lost += running.values()
                running.clear()
                _count_tries(tries, lost)
                crew.restart()
                waiting.extendleft(sorted(lost, key=lambda chunk: chunk.first, reverse=True))
    finally:
        for future in running:
            future.cancel()


def _fill(waiting: deque[Chunk], running: dict[Future[Columns], Chunk], crew: Crew) -> list[Chunk]:
    """Keep two chunks per worker under way; return those that could not be started."""
    while waiting and len(running) < 2 * crew.workers:
        chunk = waiting.popleft()
        try:
            running[crew.submit(chunk)] = chunk
        except BrokenExecutor:
            return [chunk]
        except RuntimeError as error:
            raise StudyError(_LOST) from error
    return []


def _count_tries(tries: Counter[Chunk], lost: Iterable[Chunk]) -> None:
    tries.update(lost)
    chunk, most = tries.most_common(1)[0]
    if most >= TRIES:
        raise StudyError(
            f"worker processes died {most} times over replications {chunk.first}-{chunk.stop} (out of "
            'memory? a script of your own must call this under `if __name__ == "__main__":`)'
        )


def available_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let processes that are started in the block be deaf to Ctrl-C: the parent hears it and ends them."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # its own start would lift the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_job_here: list[Job] = []  # the one thing a worker process remembers: what it was started for


def _start_worker(job: bytes) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _keep_freed_memory()
    _job_here.append(pickle.loads(job))


def _keep_freed_memory() -> None:
    """Tell glibc to keep freed memory: the next chunk wants as much, and new pages cost time."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        for parameter in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
            mallopt(parameter, 2**30)


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def _end_with_parent() -> None:
    """End this worker when its parent is gone, however it went: a killed run leaves no processes behind."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work_here(chunk: Chunk) -> Columns:
    return _job_here[0].work(chunk)


def _work_anywhere(job: bytes, chunk: Chunk) -> Columns:
    return _unpacked(job).work(chunk)


@lru_cache(maxsize=2)
def _unpacked(job: bytes) -> Job:
    unpacked: Job = pickle.loads(job)
    return unpacked
