"""The outside view: how far comparable real machines slipped, beside how far the simulated one does.

Slips are counted from the promised to the actual operation; machines that are not in operation yet are
censored, not left out, and the curve is Kaplan and Meier's. After Kahneman and Tversky's reference class,
Flyvbjerg, Project Management Journal 37 (2006), page 5. Called by the command line and by reports.
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from sim.chance.amount import Column
from sim.results.errors import StudyError
from sim.results.rounding import share_text
from sim.results.sample_size import student
from sim.results.statistics import Estimate
from sim.scenario.folders import is_file, is_inside
from sim.scenario.table import read_table

FILE = "reference_class.csv"
COLUMNS = (
    "id",
    "name",
    "country",
    "supplier_family",
    "export_controlled",
    "planned_completion",
    "first_operation",
    "full_operation",
    "status",
    "status_as_of",
)

NARROW = 0.8
"""The simulated spread is called narrow below this share of history's."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A real machine: days from the promised to the actual operation, at least, if it is ``open``.

    Dates known to the month or year count as their last day for the promise (it is kept until then) and as
    their middle for what happened.
    """

    name: str
    country: str
    supplier: str
    controlled: bool
    slip_days: float
    open: bool


@dataclass(frozen=True)
class Outside:
    """History's slips as a curve.

    Attributes
    ----------
    days
        Slips at which the curve rises, in rising order.
    share
        Share of machines in operation by then (Kaplan and Meier, J. American Statistical Association 53
        (1958), page 457).
    low, high
        The 95 % interval of the share at each of the days: Greenwood's variance on the log(-log) scale.
    """

    machines: tuple[Machine, ...]
    days: Column
    share: Column
    low: Column
    high: Column

    def percentile(self, share: float) -> Estimate:
        """Return the slip that this share of machines does not exceed, with its interval; may be infinite."""
        return Estimate(*(self._first(curve, share) for curve in (self.share, self.high, self.low)))

    def _first(self, curve: Column, share: float) -> float:
        reached = np.flatnonzero(curve >= share - 1e-12)
        return float(self.days[reached[0]]) if reached.size else math.inf


def read_machines(folders: Sequence[Path]) -> tuple[Machine, ...]:
    """Return the machines of the first folder that has a reference class.

    Raises
    ------
    StudyError
        No folder has one, or a row cannot be read.
    ScenarioError
        It is no table with these columns, or larger than a table may be.
    """
    path = next((folder / FILE for folder in folders if _is_there(folder)), None)
    if path is None:
        raise StudyError(f"there is no {FILE} in {', '.join(map(str, folders))}")
    return tuple(_machine(row, f"{path}:{line}") for line, row in read_table(path, COLUMNS))


def _is_there(folder: Path) -> bool:
    return is_file(folder / FILE) and is_inside(folder / FILE, [folder.resolve()])


def _machine(row: dict[str, str], place: str) -> Machine:
    finished = row["full_operation"] or (row["first_operation"] if row["status"] == "operational" else "")
    try:
        promised = period(row["planned_completion"])[1]
        begin, end = period(finished or row["status_as_of"])
    except ValueError as error:
        raise StudyError(f"{place}: {row['id']}: {error}") from None
    slip = (begin - promised).days + (end - begin).days // 2
    controlled = row["export_controlled"] == "yes"
    return Machine(row["name"], row["country"], row["supplier_family"], controlled, float(slip), not finished)


def period(text: str) -> tuple[date, date]:
    """Return the first and the last day of ``2024``, ``2024-Q3``, ``2024-12`` or ``2024-12-24``.

    Raises
    ------
    ValueError
        The text is no date.
    """
    match = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|(\d{2})(?:-(\d{2}))?))?", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no year, quarter, month or day")
    year, quarter, month, day = match.groups()
    if day:
        only = date(int(year), int(month), int(day))
        return only, only
    first = int(month) if month else 3 * int(quarter) - 2 if quarter else 1
    last = int(month) if month else 3 * int(quarter) if quarter else 12
    return date(int(year), first, 1), date(int(year), last, calendar.monthrange(int(year), last)[1])


def outside_view(machines: Sequence[Machine]) -> Outside:
    """Return the curve of the slips of real machines.

    Raises
    ------
    StudyError
        None of them is in operation.
    """
    slips = np.array([machine.slip_days for machine in machines])
    still = np.array([machine.open for machine in machines], dtype=bool)
    days = np.unique(slips[~still])
    if not days.size:
        raise StudyError("none of the machines of the reference class is in operation")
    at_risk = np.array([np.count_nonzero(slips >= day) for day in days])
    events = np.array([np.count_nonzero((slips == day) & ~still) for day in days])
    left = np.cumprod(1.0 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        half = student(10**9) * np.sqrt(greenwood) / np.abs(np.log(left))
        low, high = (1.0 - left ** np.exp(sign * half) for sign in (-1.0, 1.0))
    certain = left <= 0.0  # all are in operation: the interval of the last step but one still stands
    for end, last in ((low, 0.0), (high, 1.0)):
        end[certain] = end[~certain][-1] if last == 0.0 and (~certain).any() else last
    return Outside(tuple(machines), days, 1.0 - left, low, high)


@dataclass(frozen=True, slots=True)
class Beside:
    """The simulated slip beside history's.

    Attributes
    ----------
    simulated, real
        P20, P50 and P80 of the slip in days; infinite for never.
    narrow
        Whether the simulated spread (P80 - P20) is below 80 % of history's.
    earlier_than_history
        Share of real machines that slipped more than the simulated P80.
    """

    simulated: tuple[float, ...]
    real: tuple[Estimate, ...]
    narrow: bool
    earlier_than_history: float

    @property
    def warning(self) -> str:
        """Return the sentence that a reader should not miss, or nothing."""
        if not self.narrow:
            return ""
        ours, theirs = (ends[2] - ends[0] for ends in (self.simulated, [each.value for each in self.real]))
        share = share_text(Estimate(ours / theirs, ours / theirs - 0.05, ours / theirs + 0.05))
        return (
            f"the simulated spread (P20 to P80: {ours:,.0f} days) is only {share} of history's "
            f"({theirs:,.0f} days): the scenario is surer of itself than comparable machines allow"
        )


def beside(outside: Outside, slips: Column) -> Beside:
    """Return the simulated slips (completion minus target, infinity for never) beside history's."""
    ordered = np.sort(slips)
    simulated = tuple(float(ordered[math.ceil(share * len(ordered)) - 1]) for share in (0.2, 0.5, 0.8))
    real = tuple(outside.percentile(share) for share in (0.2, 0.5, 0.8))
    wide = real[2].value - real[0].value
    narrow = math.isfinite(wide) and simulated[2] - simulated[0] < NARROW * wide
    later = (
        1.0 - float(np.interp(simulated[2], outside.days, outside.share, left=0.0))
        if math.isfinite(simulated[2])
        else 0.0
    )
    return Beside(simulated, real, bool(narrow), later)
