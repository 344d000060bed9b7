"""Functions that say when: runs, comparisons, forecasts, single futures, capacity.

Called by users as ``sim.run`` and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from sim.api.scenarios import Changes, Named, Progress, given
from sim.report.notebook.foresight import Capacity, Forecast, OutsideView, Trace
from sim.report.notebook.runs import Compared, Run
from sim.results.errors import StudyError
from sim.results.run import load_run
from sim.study.run import Settings
from sim.study.simulate import Engine
from sim.study.subject import Subject
from sim.study.variants import Options


def run(
    name: Named | Subject,
    *,
    replications: int = 10_000,
    seed: int = 1,
    engine: Engine = "array",
    workers: int | None = None,
    out: Path | str | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Run:
    """Simulate a scenario.

    Parameters
    ----------
    name
        A scenario; or a :class:`Subject`, for a :class:`Plan` built by hand.
    engine
        ``array``, which is fast and checked against the other, or ``simpy``, the reference.
    out
        Run folder: what it holds of the same run is kept and added to. Without it the run stays in memory.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    StudyError
        The study failed; finished parts are kept.
    """
    from sim.study.run import run as study

    return Run.of(
        study(
            given(name, set),
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            out=out,
            progress=progress,
        )
    )


def read(folder: Path | str) -> Run:
    """Return the run that a run folder holds, whoever made it.

    Raises
    ------
    StudyError
        There is no finished run in the folder, or its manifest was changed by hand.
    """
    return Run.of(load_run(Path(folder)))


def compare(
    names: Sequence[Named | Subject],
    *,
    replications: int = 10_000,
    seed: int = 1,
    engine: Engine = "array",
    workers: int | None = None,
    out: Path | str | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Compared:
    """Simulate scenarios on the same luck and pair them, all with all.

    Parameters
    ----------
    out
        A folder; each run goes into a folder of its own there, named after the scenario.

    Raises
    ------
    ScenarioError
        A scenario is wrong.
    StudyError
        The study failed; finished parts are kept.
    ValueError
        There are fewer than two scenarios, or two have the same name.
    """
    from sim.study.compare import compare as study

    settings = Settings(
        replications=replications, seed=seed, engine=engine, workers=workers, progress=progress
    )
    found = study([given(name, set) for name in names], settings, out=out, all_pairs=True)
    return Compared(tuple(map(Run.of, found.runs)), found.comparisons)


def forecast(
    name: Named | Subject,
    *,
    by: date | None = None,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Forecast:
    """Forecast from what the scenario says has been observed; more futures are added until enough agree.

    Parameters
    ----------
    by
        Date of the probability that signposts move; by default the target, if it tells futures apart.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    StudyError
        The scenario calls the facts near impossible.
    """
    from sim.study.forecast import forecast as study

    found = study(
        given(name, set),
        replications=replications,
        seed=seed,
        workers=workers,
        by=by,
        progress=progress,
    )
    return Forecast.of(replace(found, run=Run.of(found.run)))


def trace(
    name: Named | Subject,
    *,
    at: float | None = None,
    replication: int | None = None,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    set: Changes = (),  # noqa: A002
) -> Trace:
    """Tell one future, stage by stage.

    Parameters
    ----------
    at
        The future at this percentile of completion, such as 0.8.
    replication
        This future, counted from 0. Give one of the two.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    StudyError
        The percentile is never.
    ValueError
        Both or neither of ``at`` and ``replication`` are given.
    """
    from sim.study.trace import nearest
    from sim.study.trace import trace as study

    if (at is None) == (replication is None):
        raise ValueError("say which future: at=0.8 or replication=17")
    subject = given(name, set)
    if at is not None:
        replication = nearest(subject, at, Options(replications, seed, workers))
    assert replication is not None  # one of the two is given
    return Trace.of(study(subject, replication, seed=seed))


def outside(
    name: Named | Subject,
    *,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> OutsideView:
    """Lay the simulated slip beside that of comparable real machines.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    StudyError
        It promises no date, or there is no reference class.
    """
    from sim.results.outside import beside, outside_view, read_machines
    from sim.scenario.folders import scenario_folders

    subject = given(name, set)
    if subject.target is None:
        raise StudyError(f"{subject.name} promises no date, so it cannot slip")
    history = outside_view(read_machines(scenario_folders()))
    found = run(subject, replications=replications, seed=seed, workers=workers, progress=progress)
    slips = found.completion - subject.facts.day(subject.target)
    return OutsideView(subject.facts, history, beside(history, slips), slips)


def capacity(
    name: Named | Subject,
    *,
    replications: int = 2_000,
    seed: int = 1,
    set: Changes = (),  # noqa: A002
) -> Capacity:
    """Say how much compute runs by when, supplier by supplier.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    """
    from sim.study.capacity import capacity as study

    subject = given(name, set)
    return Capacity(subject.facts, study(subject.plan, replications=replications, seed=seed))
