"""Dossier: everything a report page says about some finished runs, gathered as one value.

Dates come from the runs; what needs the plan (ledger, capacity, drivers, a sweep) is simulated again from the
scenario that the manifest keeps, never from today's file, and only if the dates come out as they were. Words
and figures are left to ``report``. Called by the commands that leave a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from sim.chance.amount import Column
from sim.chance.draws import draw
from sim.results.answer import Answer, answer
from sim.results.builds import views
from sim.results.capacity import Installed, installed
from sim.results.errors import StudyError
from sim.results.files import sha256
from sim.results.forecast import Forecast, forecast_of, observations
from sim.results.manifest import Manifest, read_manifest
from sim.results.neighbors import Neighbors
from sim.results.outside import FILE, Beside, Outside, beside, outside_view, read_machines
from sim.results.run import Run
from sim.scenario.account import Account as EvidenceAccount
from sim.scenario.account import account
from sim.scenario.evidence import FILE_NAME
from sim.scenario.folders import scenario_folders
from sim.scenario.load import Loaded, restored
from sim.scenario.problems import ScenarioError
from sim.study.accounts import Account, account_of
from sim.study.drivers import Drivers, drivers_of
from sim.study.explore import Explored, explore
from sim.study.named import subject_of
from sim.study.neighbors import neighbors
from sim.study.shared import Variant
from sim.study.subject import Subject
from sim.study.sweep import Sweep, sweep_of
from sim.study.variants import Options, completions
from sim.study.vary import Axis, varied

QUICK = 500
"""Replications that are simulated again where a page must not take time."""

Doubt: TypeAlias = Literal["", "by hand", "unreadable", "other dates"]


@dataclass(frozen=True, kw_only=True)
class Analyses:
    """What to simulate again.

    Attributes
    ----------
    options
        How many replications, over which workers; the seed is each run's own, and so are its replications.
    every
        Whether to do so for every run; else only for the best.
    drivers
        Whether to look for what moves the date, which takes longest.
    axis
        A lever to sweep.
    """

    options: Options = field(default_factory=lambda: Options(QUICK))
    every: bool = True
    drivers: bool = False
    axis: Axis | None = None


@dataclass(frozen=True)
class Case:
    """One run and what was found out about it.

    Attributes
    ----------
    manifest
        Of the run's folder; None for a run in memory.
    doubt
        Why nothing was simulated again: the plan was built by hand, this version cannot read the scenario, or
        it finds other dates.
    replications
        How many were simulated again, for ledger, capacity, drivers and neighbors; 0 for none.
    forecast
        The dates given the facts that the scenario says are known; None if it says none.
    refused
        Why facts that the scenario knows give no forecast.
    """

    run: Run
    manifest: Manifest | None
    machines: tuple[Run, ...]
    forecast: Forecast | None
    refused: str
    doubt: Doubt = ""
    loaded: Loaded | None = None
    subject: Subject | None = None
    evidence: EvidenceAccount | None = None
    replications: int = 0
    ledger: Account | None = None
    capacity: tuple[Installed, ...] = ()
    drivers: Drivers | None = None
    neighbors: Neighbors | None = None


@dataclass(frozen=True)
class Dossier:
    """Some runs, what they answer, and what was found out about them.

    Attributes
    ----------
    answers
        One that compares the runs; or one for each machine of a single run.
    history, beside
        The slip of real machines, and by name the simulated one beside it, for machines with a target.
    swept
        Name of the run that was swept.
    tables
        SHA-256 of the tables that a manifest only refers to, by file name.
    """

    cases: tuple[Case, ...]
    answers: tuple[Answer, ...]
    history: Outside | None
    beside: dict[str, Beside]
    sweep: Sweep | None
    swept: str
    tables: dict[str, str]

    @property
    def runs(self) -> tuple[Run, ...]:
        """Return the runs."""
        return tuple(case.run for case in self.cases)

    @property
    def machines(self) -> tuple[Run, ...]:
        """Return what has dates of its own: the runs, or the builds of a single one."""
        return self.cases[0].machines if len(self.cases) == 1 else self.runs


def dossier(runs: Sequence[Run], analyses: Analyses | None = None) -> Dossier:
    """Return everything there is to say about one run, or about some runs of the same luck.

    Raises
    ------
    ValueError
        There is no run.
    StudyError
        The runs do not share their luck, no scenario knows the lever, or a table cannot be read.
    """
    analyses = analyses or Analyses()
    _check_paired(runs)
    cases = tuple(_case(run) for run in runs)
    machines = cases[0].machines if len(cases) == 1 else tuple(runs)
    answers = tuple(answer([each]) for each in machines) if len(cases) == 1 else (answer(runs),)
    best = runs[0].facts.name if len(cases) == 1 else answers[0].best.facts.name
    wanted = [each.run.facts.name for each in cases if analyses.every or each.run.facts.name == best]
    cases = tuple(_explored(case, analyses) if case.run.facts.name in wanted else case for case in cases)
    history = _history()
    promised = [each for each in machines if each.facts.target is not None]
    slips = {each.facts.name: beside(history, _slips(each)) for each in promised} if history else {}
    swept, found = _swept(cases, analyses)
    return Dossier(cases, answers, history, slips, found, swept, _tables())


def _check_paired(runs: Sequence[Run]) -> None:
    if not runs:
        raise ValueError("a dossier needs at least one run, got none")
    lucks = {(run.seed, run.replications) for run in runs}
    if len(lucks) > 1:
        told = ", ".join(f"seed {seed} with {count:,} replications" for seed, count in sorted(lucks))
        raise StudyError(f"only runs of the same seed and size can be compared, got {told}")
    names = [run.facts.name for run in runs]
    if len(set(names)) < len(names):
        raise StudyError(f"two of these runs have the same name: {', '.join(sorted(names))}")


def _case(run: Run) -> Case:
    """Return a run with its manifest, the facts it knows, and its plan, or the doubt that there is none."""
    manifest = read_manifest(run.folder) if run.folder is not None else None
    found, refused = _forecast(run)
    case = Case(run, manifest, views(run), found, refused)
    if not run.facts.merged:
        return replace(case, doubt="by hand")
    try:
        loaded = restored(run.facts.merged, run.facts.name)
        return replace(case, loaded=loaded, subject=subject_of(loaded), evidence=account(loaded))
    except ScenarioError:
        return replace(case, doubt="unreadable")


def _forecast(run: Run) -> tuple[Forecast | None, str]:
    observed = observations(run.facts)
    if not observed:
        return None, ""
    try:
        return forecast_of(run, observed), ""
    except StudyError as error:
        return None, str(error)


def _explored(case: Case, analyses: Analyses) -> Case:
    """Return the case with everything that must be simulated again, if the recorded dates come out again."""
    if case.doubt or case.loaded is None or case.subject is None:
        return case
    loaded, options = case.loaded, _options(case.run, analyses)
    again = explore(case.subject, options)
    if not np.array_equal(again.completion, case.run.completion[: options.replications]):
        return replace(case, doubt="other dates")
    return replace(
        case,
        replications=options.replications,
        ledger=account_of(again),
        capacity=_capacity(again),
        drivers=drivers_of(again, loaded) if analyses.drivers else None,
        neighbors=_neighbors(loaded, options),
    )


def _options(run: Run, analyses: Analyses) -> Options:
    size = min(analyses.options.replications, run.replications)
    return replace(analyses.options, replications=size, seed=run.seed)


def _capacity(again: Explored) -> tuple[Installed, ...]:
    plan, options = again.subject.plan, again.options
    luck = draw(
        plan.inputs, seed=options.seed, first=0, count=options.replications, correlations=plan.correlations
    )
    return installed(plan, luck, again.times)


def _neighbors(loaded: Loaded, options: Options) -> Neighbors | None:
    if len(loaded.scenario.builds) < 2:
        return None
    return neighbors(loaded.scenario, replications=options.replications, seed=options.seed)


def _swept(cases: Sequence[Case], analyses: Analyses) -> tuple[str, Sweep | None]:
    """Return the sweep of the first scenario that the lever moves, and its name."""
    axis = analyses.axis
    if axis is None:
        return "", None
    for case in cases:
        if case.loaded is not None and not case.doubt and _moves(axis, case):
            return case.run.facts.name, sweep_of(case.loaded, [axis], options=_options(case.run, analyses))
    names = ", ".join(case.run.facts.name for case in cases)
    raise StudyError(f"{axis.path} from {axis.texts[0]} to {axis.texts[-1]} changes no date of {names}")


def _moves(axis: Axis, case: Case) -> bool:
    """Return whether the ends of an axis give a scenario different dates in some of a few replications."""
    assert case.loaded is not None  # asked by the caller
    try:
        ends = [varied(case.loaded, [f"{axis.path}={text}"]) for text in (axis.texts[0], axis.texts[-1])]
    except ScenarioError:
        return False
    few = Options(min(QUICK, case.run.replications), case.run.seed, workers=1)
    first, last = completions([Variant(subject.plan) for subject in ends], few)
    return not np.array_equal(first, last)


def _slips(run: Run) -> Column:
    target = run.facts.target
    assert target is not None  # only machines that are promised can slip
    return run.completion - run.facts.day(target)


def _history() -> Outside | None:
    found = _table(FILE)
    return outside_view(read_machines([found.parent])) if found else None


def _tables() -> dict[str, str]:
    return {name: sha256(path) for name in (FILE_NAME, FILE) if (path := _table(name))}


def _table(name: str) -> Path | None:
    return next((folder / name for folder in scenario_folders() if (folder / name).is_file()), None)
