"""Functions that say why, and what to choose: ledger, drivers, sweeps, flip points, maps, regret, discovery.

Called by users as ``sim.ledger`` and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sim.api.scenarios import Changes, Named, Progress, given, load
from sim.report.notebook.decisions import Flip, Regrets, Sweep, WinMap
from sim.report.notebook.reasons import Discovery, Drivers, Ledger
from sim.report.notebook.runs import Run
from sim.study.named import subject_of
from sim.study.subject import Subject
from sim.study.variants import Options

GRID_POINTS = 7
"""Values along each of two axes whose ranges have no step."""


def ledger(
    name: Named | Subject,
    *,
    replications: int = 10_000,
    seed: int = 1,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Ledger:
    """Say where the days go, cause by cause, adding up exactly in every future.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    """
    from sim.study.accounts import account_of
    from sim.study.explore import explore

    explored = explore(given(name, set), Options(replications, seed, progress=progress))
    return Ledger.of(account_of(explored), explored=explored)


def drivers(
    name: Named,
    *,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Drivers:
    """Say what moves the date, by holding one thing at a time still in the same futures.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    """
    from sim.study.drivers import drivers_of
    from sim.study.explore import explore

    loaded = load(name, set=set)
    explored = explore(subject_of(loaded), Options(replications, seed, workers, progress))
    return Drivers.of(drivers_of(explored, loaded))


def discover(
    name: Named,
    *,
    by: date | None = None,
    replications: int = 10_000,
    seed: int = 1,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Discovery:
    """Say in which futures the build is late, as a box of inputs; needs scikit-learn.

    Parameters
    ----------
    by
        Late is after this date; by default the target.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    StudyError
        There is no date, there are too few replications, or scikit-learn is missing.
    """
    from sim.study.discovery import discover as study
    from sim.study.discovery import units_of
    from sim.study.explore import explore

    loaded = load(name, set=set)
    explored = explore(subject_of(loaded), Options(replications, seed, progress=progress))
    return Discovery.of(study(explored, by=by, units=units_of(loaded)))


def sweep(
    name: Named,
    vary: str | Sequence[str],
    *,
    by: date | None = None,
    safe_share: float = 0.5,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Sweep:
    """Vary a lever or an assumption: the best value and the last safe one.

    Parameters
    ----------
    vary
        ``strategy.patience=0..24mo``, ``PATH=3..12mo step 3mo`` or ``PATH=3,6,9mo``; two of them for a grid.
    by
        Date of the probability at each point; by default the target.
    safe_share
        Probability that counts as safe.

    Raises
    ------
    ScenarioError
        The scenario is wrong, or a value makes it wrong.
    StudyError
        ``vary`` cannot be read, or there are too many points.
    """
    from sim.study.sweep import sweep_of
    from sim.study.vary import axis_of

    texts = [vary] if isinstance(vary, str) else list(vary)
    axes = [axis_of(text) if len(texts) == 1 else axis_of(text, points=GRID_POINTS) for text in texts]
    options = Options(replications, seed, workers, progress)
    found = sweep_of(load(name, set=set), axes, options=options, by=by, safe_share=safe_share)
    return Sweep.of(replace(found, runs=tuple(map(Run.of, found.runs))))


def flip(
    first: Named,
    second: Named,
    vary: str,
    *,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Flip:
    """Find the value of an assumption at which the better of two scenarios changes.

    Parameters
    ----------
    vary
        The assumption and its range, ``PATH=A..B``.

    Raises
    ------
    ScenarioError
        A scenario is wrong, or a value makes it wrong.
    StudyError
        ``vary`` cannot be read.
    """
    from sim.study.flip import flip_of
    from sim.study.vary import axis_of

    pair = load(first, set=set), load(second, set=set)
    return Flip.of(flip_of(pair, axis_of(vary), Options(replications, seed, workers, progress)))


def win_map(
    first: Named,
    second: Named,
    vary: tuple[str, str],
    *,
    points: int = GRID_POINTS,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> WinMap:
    """Say who of two scenarios is complete first, over a grid of two assumptions.

    Parameters
    ----------
    vary
        The two assumptions and their ranges, ``PATH=A..B`` each.
    points
        Values along a range that has no step.

    Raises
    ------
    ScenarioError
        A scenario is wrong, or a value makes it wrong.
    StudyError
        ``vary`` cannot be read.
    """
    from sim.study.flip import win_map_of
    from sim.study.vary import axis_of

    down, across = (axis_of(text, points=points) for text in vary)
    pair = load(first, set=set), load(second, set=set)
    return WinMap.of(win_map_of(pair, (down, across), Options(replications, seed, workers, progress)))


def regret(
    names: Sequence[Named | Subject],
    *,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    set: Changes = (),  # noqa: A002
    progress: Progress | None = None,
) -> Regrets:
    """Say how much later than the best in hindsight each scenario is, over the same futures.

    Raises
    ------
    ScenarioError
        A scenario is wrong.
    StudyError
        There are fewer than two, or they do not start on the same day.
    """
    from sim.results.regret import regrets
    from sim.study.shared import Variant
    from sim.study.variants import completions, runs_of

    subjects = [given(name, set) for name in names]
    options = Options(replications, seed, workers, progress)
    columns = completions([Variant(subject.plan) for subject in subjects], options)
    runs = runs_of([subject.facts for subject in subjects], columns, options)
    return Regrets(tuple(map(Run.of, runs)), tuple(regrets(runs)))
