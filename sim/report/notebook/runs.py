"""Runs and comparisons as a notebook wants them.

Called by :mod:`sim.api`; the numbers are those of ``results``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from sim.report import wording
from sim.report.language import language as language_of
from sim.report.notebook.shown import Grid, Picture, Shown, estimates_of, values_of
from sim.results import run as results
from sim.results.answer import answer
from sim.results.builds import views
from sim.study import compare as study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

PAIRED = ("earlier", "later", "tied", "both_never", "only_first", "only_second")
GAINED = ("median_gain_days", "mean_gain_days", "restricted_gain_days")


class Drawn(Shown):
    """What one run and several have in common: a table of dates, and the figures of runs."""

    main_figure: ClassVar[str] = "completion"

    def machines(self) -> Sequence[results.Run]:
        """Return the runs that are shown side by side."""
        raise NotImplementedError

    def grids(self) -> Iterator[Grid]:
        """Return the table of dates and probabilities."""
        options = answer(self.machines()).options
        yield Grid([option.facts.name for option in options], wording.option_rows(options))

    def picture(self, figure: str = "") -> Picture:
        """Return a figure, by its name; without one, the main figure.

        Raises
        ------
        ValueError
            There is no such figure.
        """
        figure = figure or self.main_figure
        from sim.report.figures import DESCRIPTIONS, FIGURES
        from sim.report.tell import story_of

        if figure not in FIGURES:
            raise ValueError(f"there is no figure {figure!r}, only {', '.join(FIGURES)}")
        stories = [story_of(run) for run in self.machines()]
        return Picture(FIGURES[figure], DESCRIPTIONS[figure], (stories,))

    def plot(self, figure: str = "", *, language: str = "en") -> Axes:
        """Draw a figure.

        Parameters
        ----------
        figure
            ``completion``, ``delay``, ``milestones``, ``cost`` or ``regret``; without one, the main figure.
        language
            Of its words: ``en`` or ``ru``.

        Raises
        ------
        ValueError
            There is no such figure or language.
        """
        return self.picture(figure).axes(language_of(language))


class Run(Drawn, results.Run):
    """One scenario's possible futures; what it holds besides is said at :class:`sim.results.run.Run`."""

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Return a row per replication.

        Columns
        -------
        replication
            Its number, from 0. The same number has the same luck in every scenario of the same seed.
        completion
            Days from the start to the day the build is complete; infinity for never (not by the horizon).
        contracted, cleared, first_lot, delivered, site_ready, installed, ported, accepted
            Days to these milestones, infinity for never; those that the scenario has.
        installed_25, installed_50, installed_80, installed_100
            Days until this percentage of the accelerators is installed.
        switched
            Days to the change of supplier, infinity where there is none; strategies that can change only.
        model
            Days until the language model is trained; scenarios with a workload only.
        cost
            USD spent; scenarios with costs only.

        With two suppliers, or several builds, the same again for each of them (``ascend.cleared``).
        """
        return super().outcomes

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Return a row per percentile, probability and cost, as in ``summary.csv`` of a run folder.

        Columns
        -------
        scenario
            Its name.
        quantity
            ``completion.p80``, ``cleared.p50``, ``probability.by_target``, ``cost.p50`` …
        unit
            Of the next three: ``days`` since the start, ``share`` from 0 to 1, or ``USD``.
        estimate, low, high
            The number and the ends of its 95 % interval; infinite for never.
        date, date_low, date_high
            Times as ISO dates; empty for never and for what is no time.
        text
            The estimate, rounded to what its interval supports.
        """
        from sim.results.summary import summary

        return summary(self)

    def machines(self) -> Sequence[results.Run]:
        """Return a run per build."""
        return views(self)

    def sentences(self) -> Iterator[str]:
        """Return the answer, one sentence per build."""
        for machine in views(self):
            yield wording.sentence(answer([machine]))


class Compared(Drawn, study.Compared):
    """Scenarios on the same luck, all against all; ``runs`` are in the order asked for."""

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Return the summaries of all runs, one below the other; columns as in :attr:`Run.summary`."""
        import pandas as pd

        from sim.results.summary import summary

        return pd.concat(map(summary, self.runs), ignore_index=True)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per pair of scenarios.

        Columns
        -------
        first, second
            Names; days are gained by the first if positive.
        earlier, earlier_low, earlier_high
            Probability that the first is complete before the second, and its 95 % interval; a scenario that
            completes is before one that never does.
        later, later_low, later_high
            Probability that it is complete after the second.
        tied, tied_low, tied_high
            Probability that both are complete on the same instant.
        both_never, both_never_low, both_never_high
            Probability that neither is complete by the horizon. These four sum to 1.
        only_first, only_first_low, only_first_high
            Probability that the first is complete and the second never is (part of ``earlier``).
        only_second, only_second_low, only_second_high
            The reverse (part of ``later``).
        median_gain_days, median_gain_days_low, median_gain_days_high
            Median of the days gained where both are complete; NaN where they never are.
        mean_gain_days, mean_gain_days_low, mean_gain_days_high
            Their mean.
        restricted_gain_days, restricted_gain_days_low, restricted_gain_days_high
            Mean over all futures, in which never counts as the horizon.
        dominates
            ``first`` or ``second`` if its curve is nowhere below the other's, else ``neither`` or ``equal``.
        """
        import pandas as pd

        pairs = self.comparisons
        ahead = {"dominates": [pair.dominance.first_order for pair in pairs]}
        estimates = estimates_of(pairs, **{name: name for name in (*PAIRED, *GAINED)})
        return pd.DataFrame(values_of(pairs, "first", "second") | estimates | ahead)

    def machines(self) -> Sequence[results.Run]:
        """Return the runs in the order asked for."""
        return self.runs

    def sentences(self) -> Iterator[str]:
        """Return the answer: the best scenario, and what it gains on each other one."""
        yield wording.sentence(answer(self.runs))

    def grids(self) -> Iterator[Grid]:
        """Return the table of dates, then one of the best scenario against the others."""
        yield from super().grids()
        pairs = answer(self.runs).against
        columns = [wording.comparison_rows(pair) for pair in pairs]
        labels = ["P(earlier)", *(label for label, _ in columns[0][1:])]
        rows = [
            (label, [cell for _, cell in cells])
            for label, cells in zip(labels, zip(*columns, strict=True), strict=True)
        ]
        yield Grid([pair.second for pair in pairs], rows, caption=f"{pairs[0].first} against")
