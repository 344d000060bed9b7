"""Run subjects: compute the replications that are missing, keep them as they come, put them together.

A run is cut into chunks of whole blocks; what a folder already holds is not computed again. Quick work is
done here, long work is spread over processes or a given executor. Called by the command line, the API and
``compare``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np

from sim.chance.draws import BLOCK
from sim.results.errors import Interrupted, StudyError
from sim.results.folder import RunFolder, open_folder
from sim.results.memory import Memory
from sim.results.outcomes import REPLICATION, Columns, column_names
from sim.results.run import Run
from sim.study.precision import next_size, unmet
from sim.study.simulate import CHECKED, ENGINES, Engine, replications_to_check
from sim.study.spread import Chunk, Crew, Foreign, Job, Processes, available_processors, spread
from sim.study.subject import Subject

CHUNK_BLOCKS = {"array": 60, "simpy": 1}
"""Blocks per chunk: large enough to hide the cost of a chunk, small enough to stay in cache."""

MOST_TIMES = 5_000_000
"""Nodes times replications of a chunk: each takes about 80 bytes of a worker's memory."""

WORTH_PROCESSES_SECONDS = 1.5
"""Processes are started if they save more than this: about what they cost to start."""

WORTH_COMPILING = 200_000
"""From so many replications on, compiled kernels save more time than it takes to load them."""

Progress = Callable[[int, int], None]
"""Called with the replications done and the total, over all subjects."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to run; the outcomes depend on ``seed`` alone.

    Attributes
    ----------
    workers
        Processes to use: 1 for none, None for as many as there are processors if the work is long enough.
    executor
        Where to run instead, such as ``dask.distributed.Client.get_executor()``; it is not shut down.
    progress
        Called as replications finish.
    precision_days
        Add replications until the 95 % intervals of P50 and P80 of completion are at most this wide.
    """

    replications: int = 10_000
    seed: int = 1
    engine: Engine = "array"
    workers: int | None = None
    executor: Executor | None = None
    progress: Progress | None = None
    precision_days: float | None = None

    def __post_init__(self) -> None:
        if self.replications < 1:
            raise ValueError(f"a run needs at least 1 replication, got {self.replications}")
        if self.seed < 0:
            raise ValueError(f"a seed is 0 or more, got {self.seed}")
        if self.engine not in ENGINES:
            raise ValueError(f"there is no engine {self.engine!r}, only {' and '.join(ENGINES)}")
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"a run needs at least 1 worker, got {self.workers}")
        if self.precision_days is not None and not self.precision_days > 0.0:
            raise ValueError(f"a precision is more than 0 days, got {self.precision_days}")


def run(
    subject: Subject,
    *,
    replications: int = 10_000,
    seed: int = 1,
    engine: Engine = "array",
    workers: int | None = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
    precision_days: float | None = None,
    executor: Executor | None = None,
) -> Run:
    """Run a subject and return its outcomes; see :class:`Settings` for the options.

    Parameters
    ----------
    out
        The run folder. What it holds of the same run is kept and added to; without it the run stays in
        memory.

    Raises
    ------
    ValueError
        An option is out of range.
    StudyError
        The folder cannot be used, or the workers were lost; finished parts are kept.
    Interrupted
        Ctrl-C; finished parts are kept.
    """
    settings = Settings(
        replications=replications,
        seed=seed,
        engine=engine,
        workers=workers,
        executor=executor,
        progress=progress,
        precision_days=precision_days,
    )
    return run_all([subject], settings, folders=[Path(out) if out is not None else None])[0]


def run_all(subjects: Sequence[Subject], settings: Settings, *, folders: Sequence[Path | None]) -> list[Run]:
    """Run several subjects over the same workers, each into its folder; errors as in :func:`run`."""
    with ExitStack() as stack:
        sinks = [_sink(stack, *pair, settings=settings) for pair in zip(subjects, folders, strict=True)]
        plans = tuple(subject.plan for subject in subjects)
        compiling = len(plans) * settings.replications >= WORTH_COMPILING
        job = Job(plans, settings.seed, settings.engine, compiling)
        study = _Study(job, sinks, settings, _crew(job, settings))
        stack.callback(study.crew.close)
        try:
            return study.runs()
        except KeyboardInterrupt:
            raise Interrupted(study.kept()) from None


Sink = RunFolder | Memory


def _sink(stack: ExitStack, subject: Subject, folder: Path | None, *, settings: Settings) -> Sink:
    if folder is None:
        return Memory(subject.facts, column_names(subject.plan), seed=settings.seed, engine=settings.engine)
    return stack.enter_context(open_folder(folder, subject.facts, seed=settings.seed, engine=settings.engine))


def _crew(job: Job, settings: Settings) -> Crew:
    workers = settings.workers or available_processors()
    if settings.executor is not None:
        return Foreign(job, settings.executor, workers=workers)
    return Processes(job, workers=workers)


@dataclass(frozen=True)
class _Study:
    """The subjects' sinks, and the crew that fills them."""

    job: Job
    sinks: Sequence[Sink]
    settings: Settings
    crew: Crew

    def runs(self) -> list[Run]:
        """Return the finished runs, larger and larger until they are as precise as asked for."""
        count = self.settings.replications
        if self.settings.precision_days is None:
            return self._filled(count)
        # An interrupted search goes on from the size it had reached.
        runs = self._filled(max(count, *(sink.replications for sink in self.sinks)))
        while (size := next_size(runs, self.settings.precision_days)) is not None:
            runs = self._filled(size)
        return [replace(run, notes=unmet(run, self.settings.precision_days)) for run in runs]

    def kept(self) -> str:
        """Return what an interrupted user should know."""
        folders = sorted({str(sink.path) for sink in self.sinks if sink.path is not None})
        if not folders:
            return "stopped; nothing was written"
        return (
            f"stopped; finished parts are kept in {', '.join(folders)}: run the same command again to go on"
        )

    def _filled(self, count: int) -> list[Run]:
        missing = [sink.missing(count) for sink in self.sinks]
        for index, (sink, ranges) in enumerate(zip(self.sinks, missing, strict=True)):
            if ranges:
                self._check_known(index, sink)
                sink.begin(count)
        chunks = [
            chunk
            for index, ranges in enumerate(missing)
            for chunk in _chunks(index, ranges, engine=self.settings.engine, nodes=self._nodes(index))
        ]
        self._compute(chunks, total=count * len(self.sinks))
        return [sink.finish(count) for sink in self.sinks]

    def _compute(self, chunks: Sequence[Chunk], *, total: int) -> None:
        done = total - sum(chunk.stop - chunk.first for chunk in chunks)
        self._tell(done, total)
        with closing(self._outcomes(chunks)) as outcomes:
            for chunk, columns in outcomes:
                self.sinks[chunk.subject].add(columns)
                done += chunk.stop - chunk.first
                self._tell(done, total)

    def _outcomes(self, chunks: Iterable[Chunk]) -> Generator[tuple[Chunk, Columns]]:
        rest = deque(chunks)
        is_long = self.job.compiling and self.crew.workers > 1  # then the question below is answered
        if self.settings.executor is None and self.settings.workers in (None, 1) and not is_long:
            yield from self._here(rest)
        yield from spread(rest, self.crew)

    def _here(self, rest: deque[Chunk]) -> Iterator[tuple[Chunk, Columns]]:
        """Work in this process; leave the rest as soon as a second chunk shows that processes would pay."""
        saved = 0.0 if self.settings.workers == 1 else 1.0 - 1.0 / self.crew.workers
        warm = False
        while rest:
            began = perf_counter()
            chunk = rest.popleft()
            columns = self.job.work(chunk)
            took = perf_counter() - began
            yield chunk, columns
            if warm and took * len(rest) * saved > WORTH_PROCESSES_SECONDS:
                return
            warm = True

    def _check_known(self, index: int, sink: Sink) -> None:
        """Refuse to add to replications that would come out differently today."""
        known = sink.known()
        if known is None:
            return
        first = int(known[REPLICATION][0])
        stop = first + min(len(known[REPLICATION]), CHECKED)
        again = self.job.work(Chunk(index, first, stop))
        same = known.keys() == again.keys() and all(
            np.array_equal(known[name][: stop - first], again[name]) for name in again
        )
        if not same:
            raise StudyError(
                f"run folder {sink.path}: its replications {first}-{stop - 1} come out differently with this "
                "version of the program; choose another folder"
            )

    def _nodes(self, index: int) -> int:
        return len(self.job.plans[index].nodes)

    def _tell(self, done: int, total: int) -> None:
        if self.settings.progress is not None:
            self.settings.progress(done, total)


def _chunks(index: int, ranges: Sequence[tuple[int, int]], *, engine: Engine, nodes: int) -> Iterator[Chunk]:
    check = replications_to_check(ranges, engine=engine)
    size = min(CHUNK_BLOCKS[engine], max(1, MOST_TIMES // (nodes * BLOCK))) * BLOCK
    for first, stop in ranges:
        edges = [first, *range((first // size + 1) * size, stop, size), stop]
        for start, end in pairwise(edges):
            yield Chunk(index, start, end, tuple(row for row in check if start <= row < end))
