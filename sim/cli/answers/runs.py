"""The answers of ``run``, ``compare`` and ``plot``: dates, probabilities, who is first, and what was written.

Called by ``simulate``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sim.cli.answers.parts import Days, Probability, finite
from sim.cli.console import Block, Table
from sim.cli.words import comparison_rows, neighbor_rows, option_rows, sentence
from sim.results.answer import Answer
from sim.results.answer import answer as answer_of
from sim.results.builds import views
from sim.results.comparison import Comparison
from sim.results.neighbors import Neighbors
from sim.results.run import Run
from sim.results.summary import summary


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity of a summary, as in ``summary.csv``.

    Attributes
    ----------
    quantity
        Its name, such as ``completion.p80``.
    unit
        Of the numbers: ``days`` since the start, ``share`` (a probability, 0 to 1) or ``USD``.
    estimate, low, high
        The estimate and its 95 % interval; null for never.
    date, date_low, date_high
        Days since the start as dates; null for never, and for what is no date.
    text
        The estimate, rounded to what its interval supports.
    """

    quantity: str
    unit: Literal["days", "share", "USD"]
    estimate: float | None
    low: float | None
    high: float | None
    date: datetime.date | None
    date_low: datetime.date | None
    date_high: datetime.date | None
    text: str


@dataclass(frozen=True, slots=True)
class Machine:
    """One build of a run.

    Attributes
    ----------
    name, title
        Of the build; of the scenario, where it has a single one.
    target
        The promised date; null if nothing was promised.
    sentence
        The answer in one sentence.
    summary
        Every quantity.
    """

    name: str
    title: str
    target: datetime.date | None
    sentence: str
    summary: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Neighbor:
    """What the other builds do to one build.

    Attributes
    ----------
    build
        Its name.
    delayed, earlier, prevented
        Probability that the others delay it, make it earlier, or keep it from completion.
    lost
        Mean of the days lost to them.
    wait_days
        Pool to the mean days the build waits for it; null where it never gets it.
    """

    build: str
    delayed: Probability
    earlier: Probability
    prevented: Probability
    lost: Days
    wait_days: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Result:
    """One finished run.

    Attributes
    ----------
    name, title
        Of the scenario.
    start, horizon
        Day 0, and the day after which nothing is followed.
    scenario_sha256
        Of the merged scenario.
    seed, replications, engine
        What the numbers come from.
    folder
        The run folder.
    notes
        Sentences for the user, such as a precision that was not reached.
    machines
        One per build.
    neighbors
        Who delays whom; null where there is a single build.
    """

    name: str
    title: str
    start: datetime.date
    horizon: datetime.date
    scenario_sha256: str
    seed: int
    replications: int
    engine: Literal["array", "simpy"]
    folder: Path | None
    notes: tuple[str, ...]
    machines: tuple[Machine, ...]
    neighbors: tuple[Neighbor, ...] | None


@dataclass(frozen=True, slots=True)
class Ran:
    """Finished runs.

    Attributes
    ----------
    runs
        One per scenario, as given.
    """

    runs: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The best scenario against another one, in the same futures.

    Attributes
    ----------
    first, second
        The best, and the other one.
    earlier, later, tied, both_never
        Probabilities that sum to 1: the first is complete before, after, or on the same instant as the
        second, or neither is ever.
    only_first, only_second
        Probability that this one is complete and the other never.
    median_gain, mean_gain
        Days gained by the first where both are complete; null if they never are.
    restricted_gain
        Mean days gained over all futures, where never counts as the horizon.
    first_order, second_order
        Whose completion curve is nowhere below the other's; whose expected lateness is nowhere above.
    crossing_share
        The largest share by which a curve that is above elsewhere falls below.
    """

    first: str
    second: str
    earlier: Probability
    later: Probability
    tied: Probability
    both_never: Probability
    only_first: Probability
    only_second: Probability
    median_gain: Days
    mean_gain: Days
    restricted_gain: Days
    first_order: Literal["first", "second", "equal", "neither"]
    second_order: Literal["first", "second", "equal", "neither"]
    crossing_share: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Finished runs on the same luck, and who is first.

    Attributes
    ----------
    best
        The scenario with the earliest P80.
    sentence
        The answer in words.
    folder
        Where the comparison and its figures are.
    runs
        One per scenario, as given.
    comparisons
        The best against each other one.
    """

    best: str
    sentence: str
    folder: Path
    runs: tuple[Result, ...]
    comparisons: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Plotted:
    """Figures drawn again.

    Attributes
    ----------
    figures
        Their files.
    """

    figures: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """A page that was written.

    Attributes
    ----------
    page
        Its file.
    """

    page: Path


def answer_blocks(machines: Sequence[Run], options: Sequence[Answer]) -> Iterator[Block]:
    """Yield the answers in words, and the table of dates; ``options`` are those of the machines."""
    yield from map(sentence, options)
    all_options = [option for each in options for option in each.options]
    yield Table([option.facts.name for option in all_options], option_rows(all_options))
    for each in options:
        for pair in each.against:
            yield Table([""], [(label, [cell]) for label, cell in comparison_rows(pair)])
    for run in machines:
        yield from (f"{run.facts.name}: {note}" for note in run.notes)


def neighbor_blocks(found: Neighbors) -> Iterator[Block]:
    """Yield who delays whom."""
    yield (
        f"Each build alone against all together, {found.replications:,} of the same futures; waits for a "
        "pool are summed over all lots and applications of a build. The run's earlier.csv says which builds "
        "got earlier, and why."
    )
    yield Table([each.build for each in found.builds], neighbor_rows(found))


def result(run: Run, sentences: Sequence[str], neighbors: Neighbors | None) -> Result:
    """Return a run as a document has it, with a sentence per machine."""
    facts = run.facts
    return Result(
        name=facts.name,
        title=facts.title,
        start=facts.start,
        horizon=facts.horizon,
        scenario_sha256=facts.digest,
        seed=run.seed,
        replications=run.replications,
        engine="simpy" if run.engine == "simpy" else "array",
        folder=run.folder,
        notes=run.notes,
        machines=tuple(_machine(*pair) for pair in zip(views(run), sentences, strict=True)),
        neighbors=None if neighbors is None else tuple(_neighbors(neighbors)),
    )


def pair(found: Comparison) -> Pair:
    """Return a comparison as a document has it."""
    return Pair(
        first=found.first,
        second=found.second,
        earlier=Probability.of(found.earlier),
        later=Probability.of(found.later),
        tied=Probability.of(found.tied),
        both_never=Probability.of(found.both_never),
        only_first=Probability.of(found.only_first),
        only_second=Probability.of(found.only_second),
        median_gain=Days.of(found.median_gain_days),
        mean_gain=Days.of(found.mean_gain_days),
        restricted_gain=Days.of(found.restricted_gain_days),
        first_order=found.dominance.first_order,
        second_order=found.dominance.second_order,
        crossing_share=found.dominance.crossing,
    )


def _machine(run: Run, text: str) -> Machine:
    facts = run.facts
    rows = summary(run).drop(columns="scenario").to_dict(orient="records")
    return Machine(facts.name, facts.title, facts.target, text, tuple(map(_row, rows)))


def _row(cells: Mapping[Any, Any]) -> Row:
    dates = {name: cells[name] or None for name in ("date", "date_low", "date_high")}
    return Row(**{**cells, **dates})


def _neighbors(found: Neighbors) -> Iterator[Neighbor]:
    table = found.table()
    for each in found.builds:
        waits = {pool: finite(float(table[f"wait_{pool}_days"][each.build])) for pool in each.waited}
        yield Neighbor(
            each.build,
            Probability.of(each.share_delayed),
            Probability.of(each.share_earlier),
            Probability.of(each.share_prevented),
            Days.of(each.mean_days),
            waits,
        )


def compared(runs: Sequence[Run], found: Answer, folder: Path) -> Compared:
    """Return a comparison of runs as a document."""
    sentences = [sentence(answer_of([run])) for run in runs]
    return Compared(
        best=found.best.facts.name,
        sentence=sentence(found),
        folder=folder,
        runs=tuple(result(run, [text], None) for run, text in zip(runs, sentences, strict=True)),
        comparisons=tuple(map(pair, found.against)),
    )
