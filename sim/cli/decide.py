"""Commands that help to decide: where the days go, what moves the date, when to switch, what comes next.

Each runs a study, prints its answer (``--json``: all of it) and draws it. Called by ``main``.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from sim.cli import rivals
from sim.cli.deciding import deciding, draw_sweep, options_of, percentile, print_json, save_figure

MONTHS = range(0, 25, 3)
WATCHED = range(1, 13)


@click.command("ledger")
@click.argument("names", nargs=-1, required=True)
@deciding
def ledger_command(names: Sequence[str], **options: Any) -> None:
    """Say where the days go; with two scenarios, where they differ."""
    from sim.cli.console import print_rows
    from sim.cli.decisions import ledger_rows, plain
    from sim.report.causes import ledger_waterfall
    from sim.study.accounts import account_of, difference
    from sim.study.explore import explore
    from sim.study.named import named

    if len(names) > 2:
        raise click.BadParameter("give one scenario, or two to compare", param_hint="NAMES")
    subjects = [named(name, options["overrides"]) for name in names]
    accounts = [account_of(explore(subject, options_of(options, subject.name))) for subject in subjects]
    if options["as_json"]:
        print_json([{"name": each.name, **plain(each)} for each in accounts])
    else:
        for each in accounts:
            click.echo(textwrap.fill(each.sentence, 80) + "\n")
            print_rows(["mean", f"near P{100 * each.share:.0f}"], ledger_rows([each.mean, each.near]))
        if len(accounts) == 2:
            parts = [difference(*accounts, where=where) for where in ("mean", "near")]
            print_rows(
                ["mean", "near the percentile"], ledger_rows(parts), title=f"{names[1]} minus {names[0]}"
            )
    first = accounts[0]
    save_figure(
        options,
        "-".join(["ledger", *names]),
        ledger_waterfall(first.steps, planned=first.planned, total=first.total),
    )


@click.command("drivers")
@click.argument("name")
@deciding
def drivers_command(name: str, **options: Any) -> None:
    """Say what moves the date: stages, joins, assumptions and risks."""
    from sim.cli.console import print_rows
    from sim.cli.decisions import driver_rows, end_of, influence_rows, plain, stage_rows
    from sim.report.causes import tornado
    from sim.results.rounding import date_text
    from sim.study.drivers import drivers

    found = drivers(name, overrides=options["overrides"], options=options_of(options, name))
    percentile = f"P{100 * found.share:.0f}"
    if options["as_json"]:
        parts = (
            "stages",
            "paths",
            "merge_bias",
            "influences",
            "share",
            "percentile",
            "tornado",
            "low_grade_share",
        )
        print_json({part: plain(getattr(found, part)) for part in parts})
    else:
        when = date_text(found.percentile, found.explored.subject.facts)
        click.echo(f"{percentile} is {when}. Held at its median, or switched off, in the same futures:\n")
        print_rows([f"{percentile} moves", "on time", "grade"], driver_rows(found))
        click.echo(f"{found.low_grade_share:.0%} of these days rest on low-grade evidence.\n")
        print_rows(
            ["rank correlation", "of the ranks", "of on time"], influence_rows(found), title="Assumptions"
        )
        print_rows(
            ["critical", "sensitivity", "cause"], stage_rows(found), title="Stages on the binding path"
        )
        for path, share in found.paths:
            click.echo(textwrap.fill(f"{share:.0%} {' > '.join(path)}", 80, subsequent_indent="    "))
        joins = "; ".join(f"{join} {days:.1f} days" for join, days in found.merge_bias[:5] if days >= 0.05)
        click.echo(textwrap.fill(f"\nMerge bias: {joins or 'none'}.", 80))
    bars = [(end_of(bar.path), bar.days.value, 0.0) for bar in found.tornado if math.isfinite(bar.days.value)]
    if bars:
        save_figure(options, f"drivers-{name}", tornado(bars))


@click.command("sweep")
@click.argument("name")
@click.option(
    "--vary",
    "varies",
    multiple=True,
    required=True,
    metavar="PATH=A..B",
    help="Values: strategy.patience=0..24mo, PATH=3..12mo step 3mo, PATH=3,6,9mo; twice for a grid.",
)
@click.option(
    "--by", type=click.DateTime(["%Y-%m-%d"]), help="Date of the probability; by default the target."
)
@click.option(
    "--safe",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Probability that counts as safe.",
)
@deciding  # fmt: skip
def sweep_command(name: str, varies: Sequence[str], by: datetime | None, safe: float, **options: Any) -> None:
    """Vary a lever or an assumption: the best value and the last safe one."""
    from sim.cli.console import print_rows
    from sim.cli.decisions import plain, sweep_rows, sweep_sentences
    from sim.study.sweep import sweep
    from sim.study.vary import axis_of

    axes = [axis_of(text) if len(varies) == 1 else axis_of(text, points=7) for text in varies]
    found = sweep(
        name,
        axes,
        overrides=options["overrides"],
        options=options_of(options, name),
        by=by.date() if by else None,
        safe_share=safe,
    )
    if options["as_json"]:
        parts = ("axes", "points", "by", "best", "as_good", "safe_share", "last_safe")
        print_json({part: plain(getattr(found, part)) for part in parts})
    else:
        for sentence in sweep_sentences(found):
            click.echo(textwrap.fill(sentence, 80))
        click.echo()
        print_rows(
            ["P80", f"P(by {found.by})", "P(never)"],
            sweep_rows(found),
            title=", ".join(a.label for a in axes),
        )
        click.echo("* best  ~ as good within the noise\n")
    if len(axes) == 1:
        draw_sweep(options, name, found)


@click.command("forecast")
@click.argument("name")
@click.option("--by", type=click.DateTime(["%Y-%m-%d"]), help="Date of the probability that signposts move.")
@deciding
def forecast_command(name: str, by: datetime | None, **options: Any) -> None:
    """Forecast from what has been observed; the scenario's file says what (see kz-asof-2024-12)."""
    from sim.cli.console import print_rows, progress
    from sim.cli.decisions import forecast_rows, forecast_sentences, month_rows, plain, signpost_rows
    from sim.report.curves import completion_curves
    from sim.report.tell import stories_of
    from sim.results.forecast import signposts, without_news
    from sim.study.forecast import forecast
    from sim.study.named import named

    with progress(name, options["quiet"]) as report:
        found = forecast(
            named(name, options["overrides"]),
            replications=options["replications"],
            seed=options["seed"],
            workers=options["workers"],
            by=by.date() if by else None,
            progress=report,
        )
    months, posts = without_news(found, MONTHS), signposts(found, WATCHED)
    if options["as_json"]:
        parts = (
            "observed",
            "as_of",
            "effective",
            "prior",
            "percentiles",
            "on_time",
            "by_date",
            "by",
            "never",
        )
        content = {part: plain(getattr(found, part)) for part in parts}
        print_json(content | {"without_news": plain(months), "signposts": plain(posts)})
        return
    for sentence in forecast_sentences(found):
        click.echo(textwrap.fill(sentence, 80))
    click.echo()
    print_rows([found.run.facts.name], forecast_rows(found))
    by_text = f"P(by {found.by_date})"
    print_rows(
        ["still nothing", "median from then", by_text], month_rows(months), title="If nothing happens until"
    )
    print_rows(["happens", f"{by_text} if so", "if not"], signpost_rows(posts[:6]), title="What to watch")
    save_figure(options, f"forecast-{name}", completion_curves(stories_of(found)))


@click.command("trace")
@click.argument("name")
@click.option("--at", "share", metavar="P80", help="The future at this percentile of completion, p1 to p99.")
@click.option("--replication", type=click.IntRange(0), help="This future, counted from 0.")
@deciding
def trace_command(name: str, share: str | None, replication: int | None, **options: Any) -> None:
    """Tell the story of one future from the SimPy event log, with a Gantt chart."""
    from sim.cli.decisions import ledger_rows, plain, story, title_of
    from sim.report.decisions import Row, gantt_chart, until
    from sim.study.named import named
    from sim.study.trace import nearest, trace

    if (share is None) == (replication is None):
        raise click.UsageError("say which future: --at p80 or --replication K")
    subject = named(name, options["overrides"])
    number = replication
    if number is None:
        number = nearest(subject, percentile(share or ""), options_of(options, name))
    found = trace(subject, number, seed=options["seed"])
    if options["as_json"]:
        parts = ("seed", "replication", "completion", "tasks", "milestones", "ledger")
        print_json({"name": name, **{part: plain(getattr(found, part)) for part in parts}})
    else:
        from sim.cli.console import print_rows

        click.echo(f"{title_of(subject.facts, number)}; > marks the path that decided the date\n")
        for line in story(found):
            click.echo(line)
        click.echo()
        print_rows(["days"], ledger_rows([found.ledger]))
    last = min(found.completion, subject.plan.horizon)
    rows = [
        Row(
            task.node,
            until(task.spans, last),
            until([(wait.begin, wait.end) for wait in task.waits], last),
            task.binding,
        )
        for task in found.tasks
        if task.binding or (task.ready < last and min(task.end, last) - task.ready >= 7.0)
    ]
    if rows:
        title = title_of(subject.facts, number)
        save_figure(
            options,
            f"trace-{name}-{number}",
            gantt_chart(rows, start=subject.start, completion=found.completion, title=title),
        )


@click.command("outside")
@click.argument("name")
@deciding
def outside_command(name: str, **options: Any) -> None:
    """Lay the simulated slip beside that of comparable real machines."""
    from sim.cli.console import print_rows
    from sim.cli.decisions import outside_rows, plain
    from sim.report.decisions import slip_curves
    from sim.results.errors import StudyError
    from sim.results.outside import beside, outside_view, read_machines
    from sim.scenario.folders import scenario_folders
    from sim.study.named import named
    from sim.study.run import run

    subject = named(name, options["overrides"])
    if subject.target is None:
        raise StudyError(f"{name} promises no date, so it cannot slip")
    history = outside_view(read_machines(scenario_folders()))
    found = run(
        subject, replications=options["replications"], seed=options["seed"], workers=options["workers"]
    )
    slips = found.completion - subject.facts.day(subject.target)
    compared = beside(history, slips)
    if options["as_json"]:
        print_json(
            {
                "name": name,
                "machines": plain(history.machines),
                **plain(compared),
                "warning": compared.warning,
            }
        )
    else:
        print_rows(
            ["simulated", f"{len(history.machines)} real machines"],
            outside_rows(compared),
            title="Slip against the promise",
        )
        click.echo(
            f"{compared.earlier_than_history:.0%} of the real machines slipped more than the simulated P80."
        )
        if compared.warning:
            click.echo(textwrap.fill(f"Warning: {compared.warning}.", 80))
    band = (history.low, history.high)
    axes = slip_curves(
        history.days,
        history.share,
        band=band,
        simulated=slips,
        name=subject.title,
        machines=len(history.machines),
    )
    save_figure(options, f"outside-{name}", axes)


COMMANDS = (
    ledger_command,
    drivers_command,
    sweep_command,
    forecast_command,
    trace_command,
    outside_command,
    *rivals.COMMANDS,
)
