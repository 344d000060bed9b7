"""A run: one scenario, one seed, its replications, in memory or in a folder.

What the study hands back and what is read from a run folder later; columns in a folder are read when asked
for. Read by ``summary``, ``comparison`` and ``report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.results import store
from sim.results.errors import StudyError
from sim.results.facts import Facts
from sim.results.manifest import OUTCOMES, Manifest, facts_of, read_manifest
from sim.results.outcomes import COMPLETION

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """The outcomes of a scenario.

    Attributes
    ----------
    engine
        ``array`` or ``simpy``.
    columns
        Names of the outcome columns, ``replication`` first, ``completion`` among them.
    folder
        The run folder, or None for a run that is only in memory.
    notes
        Sentences for the user, such as a precision that cannot be reached.
    """

    facts: Facts
    seed: int
    replications: int
    engine: str
    columns: tuple[str, ...]
    folder: Path | None = None
    notes: tuple[str, ...] = ()
    memory: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    def column(self, name: str) -> Column:
        """Return an outcome column, shape ``(replications,)``: days since the start, infinity for never.

        Raises
        ------
        KeyError
            The run has no such column.
        """
        if name not in self.columns:
            raise KeyError(f"{self.facts.name} has no column {name!r}, only {', '.join(self.columns)}")
        if self.folder is None:
            return self.memory[name]
        return store.read(self.folder / OUTCOMES, [name])[name][: self.replications]

    @property
    def completion(self) -> Column:
        """Return when the build is complete, in days since the start; infinity for never."""
        return self.column(COMPLETION)

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Return all columns, one row per replication."""
        import pandas as pd

        if self.folder is None:
            return pd.DataFrame(dict(self.memory))
        return pd.DataFrame(store.read(self.folder / OUTCOMES, self.columns)).head(self.replications)


def load_run(folder: Path) -> Run:
    """Return the run that a folder holds.

    Raises
    ------
    StudyError
        There is no finished run in the folder, or its manifest was changed by hand.
    """
    manifest = read_manifest(folder)
    if OUTCOMES not in manifest["outputs"]:
        raise StudyError(f"run folder {folder}: the run is not finished; run the same command again to go on")
    return run_of(folder, manifest)


def run_of(folder: Path, manifest: Manifest) -> Run:
    """Return the run whose outcomes are in a folder, whatever its manifest says of them."""
    path = folder / OUTCOMES
    return Run(
        facts=facts_of(manifest),
        seed=manifest["seed"],
        replications=store.rows(path),
        engine=manifest["engine"],
        columns=store.names(path),
        folder=folder,
    )
