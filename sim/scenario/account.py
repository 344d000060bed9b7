"""The account of a scenario: what all its numbers rest on.

Where ``explain`` answers for one value, this answers for the file as a whole: which inputs have sources,
which are assumptions, and how weak they are. Called by the command line and by reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sim.scenario.explain import Explanation, explain
from sim.scenario.load import Loaded
from sim.scenario.quantity import Grade

WEAKEST_FIRST: tuple[Grade | None, ...] = ("low", None, "medium", "high")
"""Order in which a hostile reader wants to see inputs; ungraded ones come after the admittedly weak."""


@dataclass(frozen=True, slots=True)
class Account:
    """The uncertain inputs of a scenario, weakest first, and how many rest on what.

    Attributes
    ----------
    inputs
        One explanation per quantity that is uncertain or carries evidence.
    grades
        Grade ("ungraded" for none) to number of inputs.
    assumed
        Number of inputs that rest on an assumption alone.
    """

    inputs: tuple[Explanation, ...]
    grades: Counter[str]
    assumed: int

    @property
    def low_share(self) -> float:
        """Return the share of inputs graded low."""
        return self.grades["low"] / max(len(self.inputs), 1)


def account(loaded: Loaded) -> Account:
    """Return what the quantities of a scenario rest on."""
    inputs = sorted(_inputs(loaded), key=lambda found: WEAKEST_FIRST.index(found.grade))
    grades: Counter[str] = Counter(found.grade or "ungraded" for found in inputs)
    return Account(tuple(inputs), grades, sum(found.assumption is not None for found in inputs))


def _inputs(loaded: Loaded) -> Sequence[Explanation]:
    found = explain(loaded, "")
    return [each for each in found if each.quantity and (each.evidence or each.assumption)]
