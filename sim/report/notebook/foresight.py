"""Studies that look ahead, or at one future, as a notebook wants them.

Called by :mod:`sim.api`; the numbers are those of ``study`` and ``results``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sim.chance.amount import Column
from sim.report import wording
from sim.report.notebook.shown import Grid, Picture, Shown, estimates_of, iso, values_of
from sim.results import forecast as results
from sim.results.capacity import Installed, quantiles
from sim.results.facts import Facts
from sim.results.outside import Beside, Outside
from sim.results.rounding import date_text, share_text
from sim.results.statistics import SHARES
from sim.study import trace as study

if TYPE_CHECKING:
    import pandas as pd

MONTHS_AHEAD = range(0, 25, 3)
WATCHED_MONTHS = range(1, 13)


class Forecast(Shown, results.Forecast):
    """Completion, given what has been observed."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per percentile and probability, given the facts.

        Columns
        -------
        quantity
            ``completion.p10`` to ``completion.p90``, ``probability.by_target``, ``probability.by_date`` (the
            date ``by_date``, which tells futures apart), ``probability.never``, ``probability.facts`` (of
            what was observed, before it was).
        unit
            ``days`` since the start, or ``share`` from 0 to 1.
        estimate, low, high
            The number and the ends of its 95 % interval; infinite for never.
        date
            Times as ISO dates; empty for never and for what is no time.
        text
            The estimate, rounded to what its interval supports.
        """
        import pandas as pd

        facts = self.run.facts
        times = [
            (f"completion.p{100 * share:.0f}", "days", each, iso(facts, each.value), date_text(each, facts))
            for share, each in zip(SHARES, self.percentiles, strict=True)
        ]
        shares = {"by_target": self.on_time, "by_date": self.by, "never": self.never, "facts": self.prior}
        known = [
            (f"probability.{name}", "share", each, "", share_text(each))
            for name, each in shares.items()
            if each
        ]
        rows = [(name, unit, e.value, e.low, e.high, *texts) for name, unit, e, *texts in (*times, *known)]
        return pd.DataFrame(rows, columns=["quantity", "unit", "estimate", "low", "high", "date", "text"])

    @cached_property
    def without_news(self) -> pd.DataFrame:
        """Return a row per quarter for two years: the forecast if still nothing has happened by then.

        Columns
        -------
        months, date
            Months after the last fact, and the ISO date.
        silent, silent_low, silent_high
            Probability, given the facts, that nothing has happened by then, and its 95 % interval.
        remaining_days, remaining_days_low, remaining_days_high
            Median time from then to completion; infinite if most futures never complete.
        by, by_low, by_high
            Probability to be complete by ``by_date``.
        """
        import pandas as pd

        found = results.without_news(self, MONTHS_AHEAD)
        dates = {"date": [month.when.isoformat() for month in found]}
        estimates = estimates_of(found, silent="silent", remaining_days="remaining_days", by="by")
        return pd.DataFrame(values_of(found, "months") | dates | estimates)

    @cached_property
    def signposts(self) -> pd.DataFrame:
        """Return a row per milestone to watch, the most telling first.

        Columns
        -------
        milestone
            What to look at.
        months, date
            When looking tells most: months after the last fact, and the ISO date.
        happens, happens_low, happens_high
            Probability, given the facts, that it happens by then, and its 95 % interval.
        by_if, by_if_low, by_if_high
            Probability to be complete by ``by_date`` if it does.
        by_if_not, by_if_not_low, by_if_not_high
            The same if it does not.
        moves
            Expected absolute change of that probability by looking, 0 to 1.
        """
        import pandas as pd

        found = results.signposts(self, WATCHED_MONTHS)
        dates = {"date": [post.when.isoformat() for post in found]}
        estimates = estimates_of(found, happens="happens", by_if="by_if", by_if_not="by_if_not")
        return pd.DataFrame(
            values_of(found, "milestone", "months") | dates | estimates | values_of(found, "moves")
        )

    def sentences(self) -> Iterator[str]:
        """Return the answer given the facts, and how probable these were."""
        return wording.forecast_sentences(self)

    def grids(self) -> Iterator[Grid]:
        """Return the percentiles and probabilities given the facts."""
        facts = self.run.facts
        names = [f"P{100 * share:.0f}" for share in SHARES]
        rows = [
            (n, [wording.date_cell(each, facts)]) for n, each in zip(names, self.percentiles, strict=True)
        ]
        by = [(facts.target, self.on_time), (self.by_date, self.by)]
        rows += [(f"P(by {day})", [wording.share_cell(each)]) for day, each in dict(by).items() if each]
        yield Grid([facts.name], [*rows, ("P(never)", [wording.share_cell(self.never)])])

    def picture(self) -> Picture:
        """Return completion before and after the facts."""
        from sim.report.curves import completion_curves, describe_completion
        from sim.report.tell import stories_of

        return Picture(completion_curves, describe_completion, (stories_of(self),))


class Trace(Shown, study.Trace):
    """One future, stage by stage."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per stage, in order of time.

        Columns
        -------
        node, cause
            The stage, and what its days are charged to.
        binding
            Whether it lies on the path that decided the date.
        ready_days, end_days
            Days from the start until it could begin and until it ended; infinite if not by the horizon.
        ready_date, end_date
            The same as ISO dates; empty for never.
        worked_days, waited_days, stopped_days
            How long it was worked at, how long it waited for a server of a pool, and how long of its work
            nothing moved.
        comebacks
            How often it came back without a decision.
        outcome
            ``approved``, ``denied``, ``cancelled``, ``done``, or ``unfinished``.
        """
        import pandas as pd

        facts = self.subject.facts
        return pd.DataFrame(
            [
                {
                    "node": task.node,
                    "cause": task.cause,
                    "binding": task.binding,
                    "ready_days": task.ready,
                    "end_days": task.end,
                    "ready_date": iso(facts, task.ready),
                    "end_date": iso(facts, task.end),
                    "worked_days": _length(task.spans),
                    "waited_days": _length([(wait.begin, wait.end) for wait in task.waits]),
                    "stopped_days": _length(task.stopped),
                    "comebacks": len(task.returned),
                    "outcome": task.outcome,
                }
                for task in self.tasks
            ]
        )

    def sentences(self) -> Iterator[str]:
        """Return when this future is complete, and which causes took most days."""
        facts = self.subject.facts
        when = iso(facts, self.completion) or facts.never
        yield f"{facts.title}, future {self.replication:,}: complete {when}."
        most = sorted(self.ledger.items(), key=lambda each: -each[1])[:3]
        if most:
            yield f"Most days went to {', '.join(f'{cause} ({days:,.0f})' for cause, days in most)}."

    def grids(self) -> Iterator[Grid]:
        """Return the stages that decided the date."""
        facts = self.subject.facts
        rows = [
            (iso(facts, task.end), [task.node, f"{task.end - task.ready:,.0f} d", task.outcome])
            for task in self.tasks
            if task.binding and math.isfinite(task.end) and task.end - task.ready >= 1.0
        ]
        yield Grid(["stage", "took", "outcome"], rows, caption="the path that decided the date")

    def picture(self) -> Picture:
        """Return the future as a Gantt chart of the stages that decided its date, or that took a week.

        Raises
        ------
        ValueError
            Nothing happens in it.
        """
        from sim.report.gantt import describe_gantt, gantt_chart
        from sim.report.tell import rows_of

        title = f"{self.subject.title} ({self.replication:,})"
        options = {"start": self.subject.start, "completion": self.completion, "title": title}
        return Picture(gantt_chart, describe_gantt, (rows_of(self),), options)


def _length(spans: Iterable[tuple[float, float]]) -> float:
    return sum(end - begin for begin, end in spans)


@dataclass(frozen=True, repr=False, eq=False)
class OutsideView(Shown):
    """The simulated slip beside that of comparable real machines.

    Attributes
    ----------
    slips
        Shape ``(replications,)``: completion minus target in days; infinity for never.
    """

    facts: Facts
    history: Outside
    compared: Beside
    slips: Column

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per real machine.

        Columns
        -------
        name, country, supplier
            Which machine, where, and whose accelerators.
        controlled
            Whether it needed an export license.
        slip_days
            Days from the promised to the actual operation.
        open
            Whether it is not in operation yet; then ``slip_days`` is what it has slipped so far.
        """
        import pandas as pd

        names = ("name", "country", "supplier", "controlled", "slip_days", "open")
        return pd.DataFrame(values_of(self.history.machines, *names))

    def sentences(self) -> Iterator[str]:
        """Return how history looks at the simulated P80, and a warning where the scenario is too sure."""
        yield f"{self.facts.title}, beside {len(self.history.machines)} comparable real machines."
        yield f"{self.compared.earlier_than_history:.0%} of them slipped more than the simulated P80."
        if self.compared.warning:
            yield f"Warning: {self.compared.warning}."

    def grids(self) -> Iterator[Grid]:
        """Return the percentiles of both slips."""
        rows = [
            (name, ["never" if math.isinf(ours) else f"{ours:,.0f} d", wording.days_cell(real)])
            for name, ours, real in zip(
                ("P20", "P50", "P80"), self.compared.simulated, self.compared.real, strict=True
            )
        ]
        yield Grid(["simulated", "real machines"], rows, caption="Slip against the promise")

    def picture(self) -> Picture:
        """Return both slips as curves."""
        from sim.report.slips import describe_slips, slip_curves
        from sim.report.tell import slips_of

        slips = slips_of(self.history, self.slips, self.facts.title)
        return Picture(slip_curves, describe_slips, (slips,))


@dataclass(frozen=True, repr=False, eq=False)
class Capacity(Shown):
    """What runs by when, supplier by supplier."""

    facts: Facts
    installed: tuple[Installed, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return a row per build, supplier and month.

        Columns
        -------
        build, supplier
            Whose capacity; the build is empty where there is a single one.
        days, date
            Days since the start, and the ISO date.
        accelerators_p10, accelerators_p50, accelerators_p90
            Percentiles of the accelerators that run by then.
        petaflops_p10, petaflops_p50, petaflops_p90
            Percentiles of their usable compute in PFLOP/s.
        """
        import pandas as pd

        return pd.concat([self._months(each) for each in self.installed], ignore_index=True)

    def _months(self, each: Installed) -> pd.DataFrame:
        import pandas as pd

        columns: dict[str, object] = {"build": each.build, "supplier": each.supplier, "days": each.days}
        columns["date"] = [iso(self.facts, day) for day in each.days]
        for unit in ("accelerators", "petaflops"):
            found = quantiles(getattr(each, unit))
            columns |= {f"{unit}_p{p}": row for p, row in zip((10, 50, 90), found, strict=True)}
        return pd.DataFrame(columns)

    def sentences(self) -> Iterator[str]:
        """Return what runs in the end."""
        yield f"{self.facts.title}: what runs by the horizon, {self.facts.horizon}."

    def grids(self) -> Iterator[Grid]:
        """Return the final capacity of each supplier."""
        last = self.table.groupby(["build", "supplier"], sort=False).last().reset_index()
        rows = [
            (
                f"{row['build']} {row['supplier']}".strip(),
                [
                    f"{row[f'{unit}_p50']:,.0f}\n{row[f'{unit}_p10']:,.0f} … {row[f'{unit}_p90']:,.0f}"
                    for unit in ("accelerators", "petaflops")
                ],
            )
            for _, row in last.iterrows()
        ]
        yield Grid(["accelerators", "usable PFLOP/s"], rows, caption="median, and P10 … P90 of the futures")

    def picture(self) -> Picture:
        """Return the accelerators that run over time."""
        from sim.report.capacity import capacity_over_time, describe_capacity, growth

        vendors = [
            growth(f"{each.build} {each.supplier}".strip(), each.days, each.accelerators)
            for each in self.installed
        ]
        return Picture(capacity_over_time, describe_capacity, (vendors,), {"start": self.facts.start})
