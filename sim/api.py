"""The Python API: what the commands do, for notebooks and programs.

``import sim; sim.run("kz-switch", set=["strategy.patience=6 months"]).outcomes`` gives a DataFrame. Names are
imported when first used, so that ``import sim`` costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sim.model.plan import Plan
from sim.results.run import Run
from sim.results.summary import summary, summary_of_comparison
from sim.scenario.load import Loaded, load
from sim.study.accounts import account_of
from sim.study.compare import Compared
from sim.study.compare import compare as compare_subjects
from sim.study.drivers import drivers
from sim.study.explore import explore
from sim.study.flip import flip, win_map
from sim.study.forecast import forecast
from sim.study.named import named
from sim.study.run import Settings
from sim.study.run import run as run_subject
from sim.study.simulate import Engine
from sim.study.sweep import sweep
from sim.study.trace import trace
from sim.study.vary import axis_of

__all__ = [
    "Loaded",
    "Plan",
    "Run",
    "account_of",
    "axis_of",
    "compare",
    "drivers",
    "explore",
    "flip",
    "forecast",
    "load",
    "named",
    "run",
    "summary",
    "summary_of_comparison",
    "sweep",
    "trace",
    "win_map",
]


def run(
    name: str,
    *,
    replications: int = 10_000,
    seed: int = 1,
    engine: Engine = "array",
    workers: int | None = None,
    out: Path | str | None = None,
    set: Sequence[str] = (),  # noqa: A002 (the word of the command line)
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Simulate a scenario.

    Parameters
    ----------
    name
        Name or path of the scenario.
    out
        Run folder; without it the outcomes stay in memory.
    set
        Changes to the scenario, ``path=value``, from left to right.

    Raises
    ------
    ScenarioError
        The scenario is wrong; all problems at once.
    StudyError
        The study failed; finished parts are kept.
    """
    return run_subject(
        named(name, set),
        replications=replications,
        seed=seed,
        engine=engine,
        workers=workers,
        out=out,
        progress=progress,
    )


def compare(
    names: Sequence[str],
    *,
    replications: int = 10_000,
    seed: int = 1,
    engine: Engine = "array",
    workers: int | None = None,
    out: Path | str | None = None,
    set: Sequence[str] = (),  # noqa: A002 (the word of the command line)
) -> Compared:
    """Simulate scenarios on the same luck and pair them, all with all; errors as in :func:`run`."""
    settings = Settings(replications=replications, seed=seed, engine=engine, workers=workers)
    return compare_subjects([named(name, set) for name in names], settings, out=out, all_pairs=True)
