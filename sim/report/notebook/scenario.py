"""A loaded scenario as a notebook wants it: its assumptions as a table, and one value explained.

Called by :mod:`sim.api`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sim.report.notebook.shown import Grid, Shown
from sim.scenario.account import account
from sim.scenario.explain import compact, explain
from sim.scenario.load import Loaded

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class Scenario(Shown, Loaded):
    """A checked scenario; what it holds besides is said at :class:`sim.scenario.load.Loaded`.

    Attributes
    ----------
    overrides
        The changes it was loaded with, ``path=value``.
    """

    overrides: tuple[str, ...] = ()

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """Return a row per uncertain number, the weakest first.

        Columns
        -------
        path
            Where the scenario writes it.
        value
            As written: distribution and unit.
        grade
            Of the evidence: ``low``, ``medium``, ``high``, or empty.
        source
            Ids of ``evidence.csv``, separated by spaces; empty for a mere assumption.
        assumption
            The sentence that stands in for a source; empty where there is one.
        """
        import pandas as pd

        rows = [
            (
                each.path,
                compact(each.quantity.plain() if each.quantity else each.value),
                each.grade or "",
                " ".join(row.id for row in each.evidence),
                each.assumption or "",
            )
            for each in account(self).inputs
        ]
        return pd.DataFrame(rows, columns=["path", "value", "grade", "source", "assumption"])

    def explain(self, path: str) -> str:
        """Return where a value, or all of a section, comes from: files, changes, sources, grade.

        Raises
        ------
        ScenarioError
            There is nothing at this path; the nearest key is suggested.
        """
        return "\n".join(found.text() for found in explain(self, path))

    def sentences(self) -> Iterator[str]:
        """Return what the scenario is, and what it rests on."""
        found, scenario = account(self), self.scenario
        promised = f", promised for {scenario.target}" if scenario.target else ""
        yield f"{self.name}: {scenario.title}."
        yield f"From {scenario.start} to {scenario.horizon}{promised}."
        grades = ", ".join(f"{count} {grade}" for grade, count in found.grades.most_common())
        yield f"{len(found.inputs)} uncertain numbers by grade: {grades}; {found.assumed} are assumptions."

    def grids(self) -> Iterator[Grid]:
        """Return what the buyer decides."""
        strategy = self.merged.get("strategy", {})
        yield Grid(["strategy"], [(str(key), [compact(value)]) for key, value in strategy.items() if value])
