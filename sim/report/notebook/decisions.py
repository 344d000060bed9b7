"""Studies that help to choose, as a notebook wants them: sweeps, flip points, maps and regret.

Called by :mod:`sim.api`; the numbers are those of ``study`` and ``results``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.report import wording
from sim.report.notebook.runs import Drawn, Run
from sim.report.notebook.shown import ENDS, Grid, Picture, Shown, estimates_of, iso, values_of
from sim.results import run as results
from sim.results.regret import Regret
from sim.results.rounding import date_text, days_text, share_text
from sim.study import flip as flips
from sim.study import sweep as study
from sim.study.vary import value_text

if TYPE_CHECKING:
    import pandas as pd


class Sweep(Shown, study.Sweep):
    """The answer over a grid of one or two levers or assumptions, on the same luck at every point."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per point of the grid.

        Columns
        -------
        PATH
            The value of each varied path, in the unit that ``axes`` names; one column per axis.
        p50_days, p50_days_low, p50_days_high
            Median of completion in days since the start, and its 95 % interval; infinite for never.
        p80_days, p80_days_low, p80_days_high
            P80 of completion, in the same way.
        p80_date
            P80 as an ISO date; empty for never.
        by_share, by_share_low, by_share_high
            Probability to be complete by the date ``by``; NaN without one.
        never_share, never_share_low, never_share_high
            Probability not to be complete by the horizon.
        best, as_good
            Whether the P80 is the earliest, and whether it differs from that by no more than the noise.
        """
        import pandas as pd

        points = self.points
        paths = {axis.path: [p.values[k] for p in points] for k, axis in enumerate(self.axes)}
        return pd.DataFrame(
            {
                **paths,
                **estimates_of(points, p50_days="p50", p80_days="p80"),
                "p80_date": [iso(run.facts, point.p80.value) for run, point in self._pairs],
                **estimates_of(points, by_share="by", never_share="never"),
                "best": [k == self.best for k in range(len(points))],
                "as_good": [k in self.as_good for k in range(len(points))],
            }
        )

    @property
    def _pairs(self) -> zip[tuple[results.Run, study.Point]]:
        return zip(self.runs, self.points, strict=True)

    def sentences(self) -> Iterator[str]:
        """Return the best value, and those that are as good within the noise."""
        best, facts = self.points[self.best], self.runs[self.best].facts
        paths, values = " and ".join(axis.path for axis in self.axes), ", ".join(best.texts)
        if math.isinf(best.p80.value):
            yield f"No value of {paths} brings P80 before the horizon; {values} leaves least undone."
        else:
            yield f"Best {paths}: {values} (P80 {date_text(best.p80, facts)})."
        others = [", ".join(self.points[k].texts) for k in self.as_good if k != self.best]
        if others:
            yield f"As good within the noise: {'; '.join(others)}."

    def grids(self) -> Iterator[Grid]:
        """Return a row per point."""
        by = "P(by date)" if self.by is None else f"P(by {self.by})"
        rows = [
            (
                ", ".join(point.texts),
                [
                    wording.date_cell(point.p50, run.facts),
                    wording.date_cell(point.p80, run.facts),
                    wording.share_cell(point.by),
                    wording.share_cell(point.never),
                ],
            )
            for run, point in self._pairs
        ]
        yield Grid(["P50", "P80", by, "P(never)"], rows)

    def picture(self) -> Picture:
        """Return P80 against the values of the only axis.

        Raises
        ------
        ValueError
            There are two axes.
        """
        from sim.report.sweep import describe_sweep, sweep_curve
        from sim.report.tell import swept_of

        if len(self.axes) > 1:
            raise ValueError("a sweep of two axes has a table and no figure: see win_map")
        return Picture(sweep_curve, describe_sweep, (swept_of(self),))


class Flip(Shown, flips.Flip):
    """Where the better of two scenarios changes, along one assumption."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per value that was tried, in rising order.

        Columns
        -------
        value
            Of the assumption, in the unit of ``axis``.
        margin, margin_low, margin_high
            Probability that the first is complete earlier minus that it is later, -1 to 1, and its interval.
        """
        import pandas as pd

        values, margins = zip(*self.tried, strict=True)
        ends = {f"margin{end}": [getattr(each, name) for each in margins] for name, end in ENDS.items()}
        return pd.DataFrame({"value": values} | ends)

    def sentences(self) -> Iterator[str]:
        """Return the flip point."""
        path, unit = self.axis.path, self.axis.unit
        if self.value is None:
            winner = self.first if self.first_wins_above else self.second
            ends = f"{self.axis.texts[0]} to {self.axis.texts[-1]}"
            yield f"{winner} is complete first more often for every {path} from {ends}."
            return
        digits = max(0, 1 - math.floor(math.log10(self.plus_minus))) if self.plus_minus > 0 else 3
        side = "above" if self.first_wins_above else "below"
        spot = f"{self.value:.{digits}f} ± {self.plus_minus:.{digits}f} {unit}".strip()
        yield f"{self.first} is complete first more often than {self.second} if {path} is {side} {spot}."

    def grids(self) -> Iterator[Grid]:
        """Return the margins that were tried."""
        rows = [
            (
                value_text(value, self.axis.unit),
                [f"{100 * m.value:+.1f} %\n{100 * m.low:+.1f} … {100 * m.high:+.1f} %"],
            )
            for value, m in self.tried
        ]
        yield Grid([f"P({self.first} earlier) - P(later)"], rows)


class WinMap(Shown, flips.Map):
    """Who of two scenarios is complete first, over two assumptions."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per point of the grid.

        Columns
        -------
        PATH
            The value of each of the two varied paths, in the units that ``axes`` names.
        margin
            Probability that the first is complete earlier minus that it is later, -1 to 1.
        unclear
            Whether the 95 % interval of the margin holds 0.
        """
        import pandas as pd

        down, across = np.meshgrid(*(axis.values for axis in self.axes), indexing="ij")
        paths = {axis.path: grid.ravel() for axis, grid in zip(self.axes, (down, across), strict=True)}
        return pd.DataFrame({**paths, "margin": self.margins.ravel(), "unclear": self.unclear.ravel()})

    def sentences(self) -> Iterator[str]:
        """Return who wins at how many points."""
        clear = self.margins[~self.unclear]
        ahead, behind = int((clear > 0).sum()), int((clear < 0).sum())
        total = self.margins.size
        yield (
            f"{self.first} is ahead at {ahead} of {total} points, {self.second} at {behind}; "
            f"{total - ahead - behind} are too close to call."
        )

    def grids(self) -> Iterator[Grid]:
        """Return the margins in percent."""
        down, across = self.axes
        rows = [
            (text, [f"{100 * m:+.0f}{' ?' if u else ''}" for m, u in zip(margins, unclear, strict=True)])
            for text, margins, unclear in zip(down.texts, self.margins, self.unclear, strict=True)
        ]
        yield Grid(across.texts, rows, caption=f"down: {down.label}; across: {across.label}")

    def picture(self) -> Picture:
        """Return the map."""
        from sim.report.winners import Field, describe_map, win_map

        up, across = (np.array(axis.values) for axis in self.axes)
        down, right = self.axes
        today = None if None in self.today else (self.today[1], self.today[0])
        field = Field(across, up, self.margins, (right.label, down.label), today)  # type: ignore[arg-type]  # None is excluded above
        return Picture(win_map, describe_map, (field,), {"first": self.first, "second": self.second})


@dataclass(frozen=True, repr=False)
class Regrets(Drawn):
    """What each scenario loses against the best of them in hindsight, the least first."""

    main_figure: ClassVar[str] = "regret"

    runs: tuple[Run, ...]
    regrets: tuple[Regret, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per scenario.

        Columns
        -------
        name
            Of the scenario.
        best, best_low, best_high
            Probability that no other is complete earlier, and its 95 % interval.
        mean_days, mean_days_low, mean_days_high
            Mean of the days later than the best one in the same future; never counts as the horizon.
        p90_days, p90_days_low, p90_days_high
            P90 of these days.
        """
        import pandas as pd

        names = ("best", "mean_days", "p90_days")
        estimates = estimates_of(self.regrets, **{name: name for name in names})
        return pd.DataFrame(values_of(self.regrets, "name") | estimates)

    def sentences(self) -> Iterator[str]:
        """Return which scenario is regretted least."""
        least = self.regrets[0]
        yield (
            f"{least.name} is regretted least: {days_text(least.mean_days)} days later than the best in "
            f"hindsight on average, and itself the best in {share_text(least.best)} of the futures."
        )

    def grids(self) -> Iterator[Grid]:
        """Return the regret of each scenario."""
        rows = [
            (
                each.name,
                [
                    wording.share_cell(each.best),
                    wording.days_cell(each.mean_days),
                    wording.days_cell(each.p90_days),
                ],
            )
            for each in self.regrets
        ]
        yield Grid(["P(best)", "mean regret", "P90 of regret"], rows)

    def machines(self) -> Sequence[results.Run]:
        """Return the runs in the order asked for."""
        return self.runs
