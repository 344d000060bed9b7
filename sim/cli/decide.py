"""Commands that help to decide: where the days go, what moves the date, when to switch, what comes next.

Each runs a study and hands what it found to a module of ``answers``; printing and drawing are in ``answer``.
Called by ``main``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from sim.cli.answer import note, tell
from sim.cli.deciding import (
    axes_of,
    by_option,
    deciding,
    deciding_on_few,
    percentile,
    studying,
    vary_option,
)
from sim.cli.names import SCENARIO

if TYPE_CHECKING:
    from sim.study.subject import Subject

MONTHS = range(0, 25, 3)
"""Months of silence that a forecast looks at."""

WATCHED = range(1, 13)
"""Months in which a milestone is looked for."""

POINTS_OF_A_GRID = 7


@click.command("ledger")
@click.argument("names", nargs=-1, required=True, type=SCENARIO)
@deciding
def ledger_command(names: Sequence[str], **options: Any) -> None:
    """Say where the days go; with two scenarios, where they differ."""
    from sim.cli.answers import ledger
    from sim.study.accounts import account_of
    from sim.study.explore import explore
    from sim.study.named import named

    if len(names) > 2:
        raise click.UsageError(f"a ledger takes one scenario, or two to compare, not {len(names)}")
    accounts = []
    for subject in [named(name, options["overrides"]) for name in names]:
        with studying(subject.name, options) as how:
            accounts.append(account_of(explore(subject, how)))
    tell(ledger.answer(accounts), options)


@click.command("drivers")
@click.argument("name", type=SCENARIO)
@deciding
def drivers_command(name: str, **options: Any) -> None:
    """Say what moves the date: stages, joins, assumptions and risks."""
    from sim.cli.answers import drivers as answers
    from sim.study.drivers import drivers

    with studying(name, options) as how:
        found = drivers(name, overrides=options["overrides"], options=how)
    tell(answers.answer(found), options)


@click.command("sweep")
@click.argument("name", type=SCENARIO)
@vary_option(
    "Values: strategy.patience=0..24mo, PATH=3..12mo step 3mo, PATH=3,6,9mo; twice for a grid.", multiple=True
)
@by_option("Date of the probability; by default the target.")
@click.option(
    "--safe",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    metavar="SHARE",
    help="Probability that counts as safe.",
)
@deciding
def sweep_command(name: str, vary: Sequence[str], by: date | None, safe: float, **options: Any) -> None:
    """Vary a lever: the best value, and the last safe one."""
    from sim.cli.answers import sweep as answers
    from sim.study.sweep import sweep

    axes = axes_of(vary, points=None if len(vary) == 1 else POINTS_OF_A_GRID)
    with studying(name, options) as how:
        found = sweep(name, axes, overrides=options["overrides"], options=how, by=by, safe_share=safe)
    tell(answers.answer(found.runs[0].facts.name, found), options)


@click.command("forecast")
@click.argument("name", type=SCENARIO)
@by_option("Date of the probability that signposts move.")
@deciding
def forecast_command(name: str, by: date | None, **options: Any) -> None:
    """Forecast from what has been observed, and say what to watch.

    The scenario's file holds the facts under `observed`; see kz-asof-2024-12.
    """
    from sim.cli.answers import forecast as answers
    from sim.results.forecast import signposts, without_news
    from sim.study.forecast import forecast

    subject = _subject(name, options)
    with studying(name, options) as how:
        found = forecast(
            subject,
            replications=how.replications,
            seed=how.seed,
            workers=how.workers,
            by=by,
            progress=how.progress,
        )
    tell(answers.answer(found, without_news(found, MONTHS), signposts(found, WATCHED)), options)


@click.command("trace")
@click.argument("name", type=SCENARIO)
@click.option("--at", "share", metavar="P80", help="The future at this percentile of completion, p1 to p99.")
@click.option("--replication", type=click.IntRange(0), metavar="NUMBER", help="This future, counted from 0.")
@deciding
def trace_command(name: str, share: str | None, replication: int | None, **options: Any) -> None:
    """Tell the story of one future, with a Gantt chart."""
    from sim.cli.answers import trace as answers
    from sim.study.trace import nearest, trace

    if (share is None) == (replication is None):
        raise click.UsageError("say which future: --at p80 or --replication 17")
    at = None if share is None else percentile(share)
    subject = _subject(name, options)
    if at is not None:
        with studying(name, options) as how:
            replication = nearest(subject, at, how)
    assert replication is not None  # one of the two was given
    tell(answers.answer(trace(subject, replication, seed=options["seed"])), options)


@click.command("outside")
@click.argument("name", type=SCENARIO)
@deciding
def outside_command(name: str, **options: Any) -> None:
    """Lay the simulated slip beside that of real machines."""
    from sim.cli.answers import outside
    from sim.results.errors import StudyError
    from sim.results.outside import beside, outside_view, read_machines
    from sim.scenario.folders import scenario_folders
    from sim.study.run import run

    subject = _subject(name, options)
    if subject.target is None:
        raise StudyError(f"{name} promises no date, so it cannot slip")
    history = outside_view(read_machines(scenario_folders()))
    with studying(name, options) as how:
        found = run(
            subject,
            replications=how.replications,
            seed=how.seed,
            workers=how.workers,
            progress=how.progress,
        )
    slips = found.completion - subject.facts.day(subject.target)
    tell(outside.answer(subject, history, beside(history, slips), slips), options)


@click.command("discover")
@click.argument("name", type=SCENARIO)
@by_option("Late is after this; by default the target.")
@deciding
def discover_command(name: str, by: date | None, **options: Any) -> None:
    """Say in which futures the build is late, as a box of inputs.

    Inputs and outcomes are written as CSV files that PRIM and other tools read.
    """
    from sim.cli.answers import discovery
    from sim.scenario.load import load
    from sim.study.discovery import discover, export, units_of
    from sim.study.explore import explore
    from sim.study.named import subject_of

    loaded = load(name, options["overrides"])
    subject = subject_of(loaded)
    with studying(subject.name, options) as how:
        found = discover(explore(subject, how), by=by, units=units_of(loaded))
    folder = options["out"] / "discovery" / f"{subject.name}-seed{options['seed']}"
    data = export(found, folder)
    tell(discovery.answer(subject.name, found, data), options)
    for path in data:
        note(f"data: {path}", options)


@click.command("capacity")
@click.argument("name", type=SCENARIO)
@deciding_on_few
def capacity_command(name: str, **options: Any) -> None:
    """Say how much compute runs by when, supplier by supplier."""
    from sim.cli.answers import capacity as answers
    from sim.study.capacity import capacity

    subject = _subject(name, options)
    found = capacity(subject.plan, replications=options["replications"], seed=options["seed"])
    tell(answers.answer(subject.facts, found), options)


def _subject(name: str, options: dict[str, Any]) -> Subject:
    from sim.study.named import named

    return named(name, options["overrides"])


COMMANDS = (
    ledger_command,
    drivers_command,
    sweep_command,
    forecast_command,
    trace_command,
    outside_command,
    discover_command,
    capacity_command,
)
