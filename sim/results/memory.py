"""A run in memory: the same as a run folder, for runs that nobody wants to keep.

Columns are filled as chunks come in, in any order. Called by ``study``.
"""

from __future__ import annotations

import numpy as np

from sim.results.facts import Facts
from sim.results.outcomes import REPLICATION, Columns
from sim.results.run import Run


class Memory:
    """Outcome columns that grow."""

    path = None

    def __init__(self, facts: Facts, names: tuple[str, ...], *, seed: int, engine: str) -> None:
        self._run = Run(facts, seed, 0, engine, names)
        self._columns: Columns = {name: np.empty(0, _dtype(name)) for name in names}

    @property
    def replications(self) -> int:
        """Return how many replications are there."""
        return self._run.replications

    def missing(self, stop: int) -> list[tuple[int, int]]:
        """Return which replications before ``stop`` are not there."""
        return [(self.replications, stop)] if stop > self.replications else []

    def begin(self, stop: int) -> None:
        """Make room for replications up to ``stop``."""
        for name, column in self._columns.items():
            self._columns[name] = np.concatenate([column, np.empty(stop - len(column), column.dtype)])

    def add(self, columns: Columns) -> None:
        """Keep some consecutive replications."""
        first = int(columns[REPLICATION][0])
        for name, column in columns.items():
            self._columns[name][first : first + len(column)] = column

    def known(self) -> None:
        """Return None: nothing here was computed by another process."""

    def finish(self, stop: int) -> Run:
        """Return the run of all replications before ``stop``."""
        run = self._run
        self._run = Run(run.facts, run.seed, stop, run.engine, run.columns, memory=dict(self._columns))
        return self._run


def _dtype(name: str) -> type[np.generic]:
    return np.int64 if name == REPLICATION else np.float64
