"""Named scenarios as subjects: file to plan, in one step.

Called by the command line and the Python API; everything else in ``study`` works on subjects, however made.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.model.build import plan_of
from sim.model.correlations import ContradictionError
from sim.scenario.load import Loaded, load
from sim.scenario.problems import fatal
from sim.scenario.validate import placed
from sim.study.subject import Subject


def subject_of(loaded: Loaded) -> Subject:
    """Return a loaded scenario with its plan.

    Raises
    ------
    ScenarioError
        Its correlations contradict each other, or it makes no plan: a law that nothing can be drawn from, a
        rate in the wrong unit, a name that is taken, more stages than a plan may have.
    """
    scenario = loaded.scenario
    try:
        plan = plan_of(scenario)
    except ContradictionError as error:
        table = loaded.root.child("correlations") or loaded.root
        raise fatal(str(error), table.at, "correlations") from None
    except ValueError as error:
        raise placed(str(error), loaded.root) from None
    return Subject(
        name=loaded.name,
        title=scenario.title,
        start=scenario.start,
        horizon=scenario.horizon,
        target=scenario.target,
        digest=loaded.digest,
        merged=loaded.merged,
        plan=plan,
    )


def named(name: str, overrides: Sequence[str] = ()) -> Subject:
    """Return the scenario of a name or path, with ``--set`` overrides, as a subject.

    Raises
    ------
    ScenarioError
        The scenario cannot be found, or something in it is wrong; all problems at once.
    """
    return subject_of(load(name, overrides))
