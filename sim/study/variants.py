"""Variants: run many plans that differ in little over the same futures, here or in processes.

What sweeps, maps, flip points and tornados have in common. A chunk is some replications of all variants
together, because that is how their draws are shared. Called by those studies.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from sim.chance.amount import Column
from sim.chance.draws import BLOCK
from sim.engine import array_engine
from sim.engine.agreement import check_agreement
from sim.results.errors import Interrupted
from sim.results.facts import Facts
from sim.results.outcomes import COMPLETION, REPLICATION, Columns
from sim.results.run import Run
from sim.study.run import WORTH_PROCESSES_SECONDS, Progress
from sim.study.shared import Variant, draws_of, with_common_parts
from sim.study.simulate import CHECKED
from sim.study.spread import Chunk, Job, Processes, available_processors, spread

CHUNK = 16 * BLOCK
"""Replications per chunk: what the array engine solves together."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run variants; as in :class:`sim.study.run.Settings`."""

    replications: int = 10_000
    seed: int = 1
    workers: int | None = None
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class _Together(Job):
    """All variants over some replications: the work of one chunk."""

    variants: tuple[Variant, ...] = ()
    check: tuple[int, ...] = ()

    def work(self, chunk: Chunk) -> Columns:
        """Return the completion of each variant, in the column of its number."""
        count = chunk.stop - chunk.first
        found: Columns = {REPLICATION: np.arange(chunk.first, chunk.stop)}
        draws = draws_of(self.variants, seed=self.seed, first=chunk.first, count=count)
        for number, (variant, luck) in enumerate(zip(self.variants, draws, strict=True)):
            times = array_engine.run(variant.plan, luck)
            rows = [row - chunk.first for row in self._turns(number) if chunk.first <= row < chunk.stop]
            if rows:
                check_agreement(variant.plan, luck, times, np.array(rows))
            found[str(number)] = times.of(variant.plan.milestones[COMPLETION])
        return found

    def _turns(self, number: int) -> tuple[int, ...]:
        """Return the replications in which a variant is replayed in SimPy."""
        return self.check[number % len(self.check) :: len(self.variants)]


def completions(variants: Sequence[Variant], options: Options) -> list[Column]:
    """Return the completion of each variant, shape ``(replications,)``: days since the start.

    25 replications are replayed in SimPy, by turns of different variants, each variant at least once.

    Raises
    ------
    EngineDisagreement
        The engines differ on one of them.
    StudyError, Interrupted
        Workers were lost, or the user pressed Ctrl-C.
    """
    if not variants:
        return []
    check = np.unique(np.linspace(0, options.replications - 1, CHECKED).round().astype(int)).tolist()
    job = _Together((), options.seed, "array", variants=with_common_parts(variants), check=tuple(check))
    table = np.empty((len(variants), options.replications))
    done = 0
    with closing(_worked(job, options)) as parts:
        try:
            for chunk, columns in parts:
                for number in range(len(variants)):
                    table[number, chunk.first : chunk.stop] = columns[str(number)]
                done += (chunk.stop - chunk.first) * len(variants)
                if options.progress is not None:
                    options.progress(done, table.size)
        except KeyboardInterrupt:
            raise Interrupted("stopped; nothing was written") from None
    return list(table)


def runs_of(facts: Sequence[Facts], columns: Iterable[Column], options: Options) -> list[Run]:
    """Return completions as runs in memory, so that every answer works on them."""
    numbers = np.arange(options.replications)
    names = (REPLICATION, COMPLETION)
    memories = [dict(zip(names, (numbers, column), strict=True)) for column in columns]
    return [
        Run(each, options.seed, options.replications, "array", names, memory=memory)
        for each, memory in zip(facts, memories, strict=True)
    ]


def _worked(job: _Together, options: Options) -> Generator[tuple[Chunk, Columns]]:
    """Work on the first chunk here; on the rest too, unless processes pay."""
    rest = deque(_chunks(options.replications))
    workers = options.workers or available_processors()
    crew = Processes(job, workers=workers)
    try:
        took = 0.0
        while rest and took * len(rest) * (1.0 - 1.0 / workers) <= WORTH_PROCESSES_SECONDS:
            began = perf_counter()
            chunk = rest.popleft()
            columns = job.work(chunk)
            took = perf_counter() - began
            yield chunk, columns
        yield from spread(rest, crew)
    finally:
        crew.close()


def _chunks(replications: int) -> Iterator[Chunk]:
    for first in range(0, replications, CHUNK):
        yield Chunk(0, first, min(first + CHUNK, replications))
