"""The answers of ``flip``, ``map`` and ``regret``: when another strategy wins, and what choosing wrong costs.

Called by :mod:`sim.cli.rivals`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.cli.answer import Answer, Document
from sim.cli.answers.parts import Days, Probability, finite
from sim.cli.answers.sweep import Axis
from sim.cli.console import Table
from sim.cli.words import days_cell, share_cell
from sim.report.regret import regret_curves
from sim.report.tell import field_of, story_of
from sim.report.winners import win_map
from sim.results.regret import regrets
from sim.results.run import Run
from sim.results.statistics import Estimate
from sim.study.flip import Flip, Map
from sim.study.vary import value_text

if TYPE_CHECKING:
    from sim.report.language import Language


@dataclass(frozen=True, slots=True)
class Tried:
    """A value that was tried.

    Attributes
    ----------
    value
        In the unit of the document.
    margin, low_margin, high_margin
        Probability that the first is complete earlier minus that it is later, -1 to 1, with its 95 %
        interval.
    """

    value: float
    margin: float
    low_margin: float
    high_margin: float


@dataclass(frozen=True, slots=True)
class Flipped(Document):
    """Where the better of two strategies changes.

    Attributes
    ----------
    first, second
        The scenarios.
    path, unit
        What varies, and the unit of its values.
    value, plus_minus
        Where the margin is 0, and half the width of the values that the noise leaves open (95 %); null if
        the same strategy wins at both ends.
    first_wins_above
        Whether the first wins above the value; without a value, whether it wins at all.
    tried
        By rising value.
    """

    first: str
    second: str
    path: str
    unit: str
    value: float | None
    plus_minus: float | None
    first_wins_above: bool
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Mapped(Document):
    """Who wins where.

    Attributes
    ----------
    first, second
        The scenarios.
    down, across
        The axes of the rows and columns.
    margins
        Row by row: probability that the first is complete earlier minus that it is later, -1 to 1.
    unclear
        Row by row: whether the noise hides the sign of the margin.
    today_down, today_across
        The values the scenario itself has; null where it has no plain number.
    """

    first: str
    second: str
    down: Axis
    across: Axis
    margins: tuple[tuple[float, ...], ...]
    unclear: tuple[tuple[bool, ...], ...]
    today_down: float | None
    today_across: float | None


@dataclass(frozen=True, slots=True)
class Regret:
    """What one strategy loses against the best in hindsight; never counts as the horizon.

    Attributes
    ----------
    name
        The scenario.
    best
        Probability that no other strategy is earlier.
    mean, p90
        Mean and P90 of the days lost.
    """

    name: str
    best: Probability
    mean: Days
    p90: Days


@dataclass(frozen=True, slots=True)
class Regrets(Document):
    """The regret of several strategies.

    Attributes
    ----------
    strategies
        The least mean regret first.
    """

    strategies: tuple[Regret, ...]


def flip_answer(found: Flip) -> Answer:
    """Return the answer of a flip point."""
    tried = tuple(Tried(value, each.value, each.low, each.high) for value, each in found.tried)
    document = Flipped(
        found.first,
        found.second,
        found.axis.path,
        found.axis.unit,
        found.value,
        finite(found.plus_minus),
        found.first_wins_above,
        tried,
    )
    rows = [(value_text(value, found.axis.unit), [_margin_cell(each)]) for value, each in found.tried]
    heading = f"P({found.first} earlier) minus P(later)"
    return Answer(document, [flip_sentence(found), Table([heading], rows)])


def flip_sentence(found: Flip) -> str:
    """Return the flip point in one sentence."""
    path, unit = found.axis.path, found.axis.unit
    if found.value is None:
        winner = found.first if found.first_wins_above else found.second
        ends = f"{value_text(found.axis.values[0], '')} to {value_text(found.axis.values[-1], unit)}"
        return f"{winner} is complete first more often for every {path} from {ends}."
    digits = max(0, 1 - math.floor(math.log10(found.plus_minus))) if found.plus_minus > 0 else 3
    side = "above" if found.first_wins_above else "below"
    value = f"{found.value:.{digits}f} ± {found.plus_minus:.{digits}f} {unit}".strip()
    return f"{found.first} beats {found.second} only if {path} is {side} {value}."


def _margin_cell(margin: Estimate) -> str:
    return (f"{100 * margin.value:+.1f} %\n{100 * margin.low:+.1f} … {100 * margin.high:+.1f}").replace(
        "-", "\N{MINUS SIGN}"
    )


def map_answer(found: Map) -> Answer:
    """Return the answer of a map of two assumptions."""
    down, across = found.axes
    about = (
        f"P({found.first} earlier) minus P({found.second} earlier), in percent; ? where the noise hides the "
        "sign."
    )
    table = Table(
        [f"{value:.3g}" for value in across.values],
        [(f"{value:.3g}", _map_cells(found, row)) for row, value in enumerate(down.values)],
        numbers=True,
    )
    document = Mapped(
        found.first,
        found.second,
        Axis.of(down),
        Axis.of(across),
        tuple(map(tuple, found.margins.tolist())),
        tuple(map(tuple, found.unclear.tolist())),
        *found.today,
    )
    axes = f"Down: {down.label}. Across: {across.label}."
    name = f"map-{found.first}-{found.second}"
    return Answer(document, [about, axes, table], {name: lambda language: _map(found, language)})


def _map_cells(found: Map, row: int) -> list[str]:
    pairs = zip(found.margins[row], found.unclear[row], strict=True)
    cells = [f"{100 * margin:+.0f}{'?' if unclear else ' '}" for margin, unclear in pairs]
    return [cell.replace("-", "\N{MINUS SIGN}") for cell in cells]


def _map(found: Map, language: Language) -> Any:
    return win_map(field_of(found), first=found.first, second=found.second, language=language)


def regret_answer(runs: Sequence[Run]) -> Answer:
    """Return the answer of the regret of several strategies."""
    found, stories = regrets(runs), list(map(story_of, runs))
    strategies = (
        Regret(each.name, Probability.of(each.best), Days.of(each.mean_days), Days.of(each.p90_days))
        for each in found
    )
    about = "Days later than the best of them in the same future; never counts as the horizon."
    rows = [
        (each.name, [share_cell(each.best), days_cell(each.mean_days), days_cell(each.p90_days)])
        for each in found
    ]
    table = Table(["P(best)", "mean regret", "P90 of regret"], rows)
    name = "-".join(["regret", *(run.facts.name for run in runs)])
    figures = {name: lambda language: regret_curves(stories, language=language)}
    return Answer(Regrets(tuple(strategies)), [about, table], figures)
