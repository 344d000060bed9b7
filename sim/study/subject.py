"""A subject: a plan to run, and the facts its results will need.

Scenario files become subjects at the edge; a plan built by hand becomes one here. Nothing to the right of
this point knows how a plan was written.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.plan import Plan
from sim.results.facts import Facts
from sim.results.outcomes import COMPLETION


@dataclass(frozen=True, kw_only=True)
class Subject(Facts):
    """A named plan.

    Raises
    ------
    ValueError
        The plan does not report when the build is complete.
    """

    plan: Plan

    def __post_init__(self) -> None:
        if COMPLETION not in self.plan.milestones:
            raise ValueError(f"the plan of {self.name!r} has no milestone {COMPLETION!r}")

    @property
    def facts(self) -> Facts:
        """Return the facts without the plan."""
        return Facts(
            name=self.name,
            title=self.title,
            start=self.start,
            horizon=self.horizon,
            target=self.target,
            digest=self.digest,
            merged=self.merged,
        )
