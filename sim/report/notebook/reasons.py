"""Studies that ask why, as a notebook wants them: the ledger, the drivers, and the box of late futures.

Called by :mod:`sim.api`; the numbers are those of ``study`` and ``results``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sim.report.notebook.shown import Grid, Picture, Shown, estimates_of, values_of
from sim.results.rounding import date_text, share_text
from sim.study import accounts, discovery
from sim.study import drivers as study
from sim.study.explore import Explored

if TYPE_CHECKING:
    import pandas as pd

MOST_BARS = 12
"""Rows of the tornado that are shown; the table has all."""


@dataclass(frozen=True, repr=False, eq=False)
class Ledger(Shown, accounts.Account):
    """Where the days go, cause by cause; ``explored`` holds every replication."""

    explored: Explored

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per cause, the most days near the percentile first.

        Columns
        -------
        cause
            Who or what the days are charged to.
        mean_days
            Mean over the futures that complete; the column sums to their mean completion.
        near_days
            Mean over the futures around the percentile ``share``; the column sums to ``total``.
        """
        import pandas as pd

        causes = dict.fromkeys((*self.near, *self.mean))
        rows = [(cause, self.mean.get(cause, 0.0), self.near.get(cause, 0.0)) for cause in causes]
        rows.sort(key=lambda row: -row[2])
        return pd.DataFrame(rows, columns=["cause", "mean_days", "near_days"])

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Return a row per replication.

        Columns
        -------
        completion
            Days from the start to the day the build is complete; infinity for never.
        CAUSE
            Days charged to each cause, one column per cause. Where the build completes they sum to
            ``completion`` exactly; elsewhere they are 0.
        """
        import pandas as pd

        return pd.DataFrame({"completion": self.explored.completion} | dict(self.explored.ledger.days))

    def sentences(self) -> Iterator[str]:
        """Return what the numbers are taken from."""
        yield self.sentence

    def grids(self) -> Iterator[Grid]:
        """Return the days by cause."""
        rows = [(cause, [f"{mean:,.1f} d", f"{near:,.1f} d"]) for cause, mean, near in self.table.to_numpy()]
        sums = [f"{sum(days.values()):,.1f} d" for days in (self.mean, self.near)]
        yield Grid(["mean", f"near P{100 * self.share:.0f}"], [*rows, ("sum", sums)])

    def picture(self) -> Picture:
        """Return the waterfall from the planned days to those near the percentile."""
        from sim.report.causes import describe_ledger, ledger_waterfall

        ends = {"planned": self.planned, "total": self.total}
        return Picture(ledger_waterfall, describe_ledger, (self.steps,), ends)


class Drivers(Shown, study.Drivers):
    """What moves the date: one thing at a time held at its median, or switched off, in the same futures."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return the tornado, a row per quantity or risk, the widest first.

        Columns
        -------
        path
            Where the scenario writes it.
        risk
            Whether it is a risk that was switched off, rather than a quantity held at its median.
        days, days_low, days_high
            Change of the percentile ``share`` in days, negative if earlier, and its 95 % interval; infinite
            if only one of the two dates exists, NaN if none does.
        on_time, on_time_low, on_time_high
            Change of the probability to be complete by the target; NaN without a target.
        grade
            Of the evidence: ``high``, ``medium``, ``low``, or empty.
        """
        import pandas as pd

        bars = self.tornado
        return pd.DataFrame(
            {
                **values_of(bars, "path", "risk"),
                **estimates_of(bars, days="days", on_time="on_time"),
                "grade": [bar.grade or "" for bar in bars],
            }
        )

    @cached_property
    def correlations(self) -> pd.DataFrame:
        """Return a row per uncertain quantity, those that explain most first.

        Columns
        -------
        path
            Where the scenario writes it; repetitions (lots, applications) are one quantity.
        correlation
            Spearman's rank correlation of its most correlated input with completion, -1 to 1.
        explained
            Share of the variance of the ranks of completion that goes with it.
        first_order
            Share of the variance of "complete by the target" that goes with it alone; NaN without a target.
        """
        import pandas as pd

        return pd.DataFrame(values_of(self.influences, "path", "correlation", "explained", "first_order"))

    @cached_property
    def critical(self) -> pd.DataFrame:
        """Return a row per stage that is ever on the binding path, the most critical first.

        Columns
        -------
        name
            Of the stage; repetitions are one stage.
        cause
            What its days are charged to.
        criticality
            Share of the completed futures in which it lies on the binding path.
        sensitivity
            Schedule sensitivity index: criticality times the spread of its duration over that of completion.
        """
        import pandas as pd

        return pd.DataFrame(values_of(self.stages, "name", "cause", "criticality", "sensitivity"))

    def sentences(self) -> Iterator[str]:
        """Return what the bars move, and how much of it rests on weak evidence."""
        when = date_text(self.percentile, self.explored.subject.facts)
        yield f"P{100 * self.share:.0f} is {when}; days by which it moves if only this is held still."
        if not math.isnan(self.low_grade_share):
            yield f"{self.low_grade_share:.0%} of these days rest on low-grade evidence."

    def grids(self) -> Iterator[Grid]:
        """Return the widest bars."""
        rows = [
            (f"{bar.path}{' (off)' if bar.risk else ''}", [_moved(bar), bar.grade or "-"])
            for bar in self.tornado[:MOST_BARS]
        ]
        yield Grid(["days", "grade"], rows)

    def picture(self) -> Picture:
        """Return the tornado.

        Raises
        ------
        ValueError
            Nothing moves the date.
        """
        from sim.report.causes import describe_tornado, tornado
        from sim.report.tell import swings_of

        swings = swings_of(self.tornado[:MOST_BARS])
        if not swings:
            raise ValueError("nothing moves the date, so there is no tornado to draw")
        return Picture(tornado, describe_tornado, (swings,))


def _moved(bar: study.Bar) -> str:
    if math.isnan(bar.days.value):
        return "never with or without"
    if math.isinf(bar.days.value):
        return "becomes never" if bar.days.value > 0 else "no longer never"
    return f"{bar.days.value:+,.0f}\n{bar.days.low:+,.0f} … {bar.days.high:+,.0f}"


class Discovery(Shown, discovery.Discovery):
    """The corner of the inputs in which the build is late."""

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Return a row per replication, as PRIM and other tools take it.

        Columns
        -------
        late
            Whether the build is not complete by the date ``by``.
        completion
            Days from the start to the day the build is complete; infinity for never.
        INPUT
            The value of each input that matters, in its own unit, the most correlated first.
        """
        import pandas as pd

        return pd.DataFrame({"late": self.late, "completion": self.completion} | dict(self.inputs))

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per condition of the box; none if no box is surely denser than all futures.

        Columns
        -------
        input
            Name of the input.
        low, high
            Its value is above the one and at most the other; infinite where that end is open.
        unit
            Of the values.
        """
        import pandas as pd

        conditions = self.box.conditions if self.box else ()
        return pd.DataFrame(values_of(conditions, "input", "low", "high", "unit"))

    def sentences(self) -> Iterator[str]:
        """Return how many futures are late, and what the box holds of them."""
        yield f"Not complete by {self.by}: {share_text(self.base)} of all futures."
        if self.box is None:
            yield "No box of inputs holds surely more late futures than that."
        else:
            conditions = " and ".join(each.text for each in self.box.conditions)
            yield f"Late in {share_text(self.box.density)} of the futures with {conditions}."
            yield f"They hold {share_text(self.box.coverage)} of all late futures."
