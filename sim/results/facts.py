"""Facts: what a result must know about its scenario, without the plan that made it.

A run that was read back from its folder has no plan, yet needs dates and names to be shown. Filled by
``study`` from a scenario or a hand-built plan; read by everything that words or draws a result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The name, dates and text of a scenario.

    Attributes
    ----------
    target
        The promised date, or None if nothing was promised.
    horizon
        What has not happened by this date counts as never.
    merged
        The whole scenario after ``extends`` and overrides, as plain JSON-like data; empty for a plan built
        by hand.
    digest
        What tells two scenarios apart: equal digests mean equal inputs.
    """

    name: str
    title: str
    start: date
    horizon: date
    target: date | None = None
    digest: str = ""
    merged: Mapping[str, Any] = field(default_factory=dict)

    def day(self, when: date) -> int:
        """Return a date as days since the start."""
        return (when - self.start).days

    def date(self, days: float) -> date | None:
        """Return the first date by which ``days`` since the start have passed; None for never (or 9999).

        A time counts as *by* a date if it is at most :meth:`day` of it, so the two agree.
        """
        if not days <= (date.max - self.start).days:  # or is no number
            return None
        return self.start + timedelta(math.ceil(max(days, 0.0)))

    @property
    def never(self) -> str:
        """Return the text of a date that does not exist."""
        return f"not by {self.horizon.isoformat()}"
