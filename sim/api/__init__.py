"""The Python API: what the commands do, for notebooks and programs.

``import sim; sim.run("kz-switch", set={"strategy.patience": "6 months"}).outcomes`` gives a DataFrame. Names
are imported when first used, so that ``import sim`` costs nothing.

Every function takes scenarios by name, by path, or as :func:`load` returned them, and has the same keywords:

replications
    How many possible futures to simulate.
seed
    The same seed gives the same futures, in every scenario and every function.
set
    Changes to the scenario: ``{"strategy.patience": "6 months"}``, or texts ``path=value`` as on the command
    line, applied from left to right.
workers
    Processes to use: 1 for none, None for as many as pay off. The numbers do not depend on it.
progress
    Called as ``progress(done, total)`` while replications finish.

Every result says itself as text and as HTML, holds its numbers in DataFrames whose columns are documented,
and draws itself with ``plot()``. Errors are those of the commands: :class:`ScenarioError` (all problems of
the input at once, each at its place) and :class:`StudyError` (one sentence); an option out of range is a
:class:`ValueError`.
"""

from __future__ import annotations

from sim.api.dates import capacity, compare, forecast, outside, read, run, trace
from sim.api.reasons import discover, drivers, flip, ledger, regret, sweep, win_map
from sim.api.scenarios import load
from sim.model.plan import Plan
from sim.report.notebook.runs import Run
from sim.report.notebook.scenario import Scenario
from sim.results.errors import StudyError
from sim.scenario.problems import ScenarioError
from sim.study.subject import Subject

__all__ = [
    "Plan",
    "Run",
    "Scenario",
    "ScenarioError",
    "StudyError",
    "Subject",
    "capacity",
    "compare",
    "discover",
    "drivers",
    "flip",
    "forecast",
    "ledger",
    "load",
    "outside",
    "read",
    "regret",
    "run",
    "sweep",
    "trace",
    "win_map",
]
