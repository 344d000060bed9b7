"""Commands that simulate: ``run``, ``compare``, ``plot``.

They load scenarios, hand them to ``study``, print the answer and write figures. Called by ``main``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import F, shared, with_options

if TYPE_CHECKING:
    from sim.results.run import Run
    from sim.study.subject import Subject

OPTIONS = (
    *shared(most=100_000_000, what="runs"),
    click.option(
        "--engine",
        type=click.Choice(["array", "simpy"]),
        default="array",
        show_default=True,
        help="array is fast and checked against simpy, the reference.",
    ),
    click.option("--cluster", metavar="ADDRESS", help="Scheduler of a dask cluster, tcp://host:port."),
    click.option(
        "--precision", metavar="DAYS", help="Add futures until P50 and P80 are known to within this: 5d."
    ),
)
"""What all simulating commands share."""


def running(command: F) -> F:
    """Add the options that all simulating commands share."""
    return with_options(command, OPTIONS)


@click.command("run")
@click.argument("names", nargs=-1, required=True)
@running
def run_command(names: Sequence[str], **options: Any) -> None:
    """Simulate scenarios, each into a folder of its own."""
    from sim.results.builds import views

    runs = _simulate(names, **options)
    for run in runs:
        machines = views(run)
        _print_answer(machines, as_json=options["as_json"], paired=False)
        _draw(machines, run.folder, quiet=options["as_json"])
        if len(machines) > 1 and not options["as_json"]:
            _print_neighbors(run)


@click.command("compare")
@click.argument("names", nargs=-1, required=True)
@running
def compare_command(names: Sequence[str], **options: Any) -> None:
    """Simulate scenarios on the same luck and say which is complete first."""
    runs = _simulate(names, **options)
    _print_answer(runs, as_json=options["as_json"], paired=True)
    together = options["out"] / (
        "-vs-".join(run.facts.name for run in runs)[:120] + f"-seed{options['seed']}"
    )
    _write_comparison(runs, together)
    _draw(runs, together, quiet=options["as_json"])


@click.command("plot")
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@click.option("--figure", "figures", multiple=True, help="Only this figure; again for more. By default all.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to; by default the first run's.",
)
def plot_command(folders: Sequence[Path], figures: Sequence[str], out: Path | None) -> None:
    """Draw the figures of finished runs again, together."""
    from sim.report.figures import FIGURES
    from sim.results.run import load_run

    unknown = [name for name in figures if name not in FIGURES]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(FIGURES)}", param_hint="--figure")
    runs = [load_run(folder) for folder in folders]
    _draw(runs, out or folders[0], quiet=False, only=tuple(figures))


COMMANDS = (run_command, compare_command, plot_command)


def _simulate(names: Sequence[str], **options: Any) -> list[Run]:
    from sim.cli.console import progress
    from sim.study.named import named
    from sim.study.run import Settings, run_all

    subjects = [named(name, options["overrides"]) for name in names]
    folders = [options["out"] / _folder(subject, options) for subject in subjects]
    with _executor(options["cluster"]) as executor, progress(", ".join(names), options["quiet"]) as report:
        settings = Settings(
            replications=options["replications"],
            seed=options["seed"],
            engine=options["engine"],
            workers=options["workers"],
            executor=executor,
            progress=report,
            precision_days=_days(options["precision"]),
        )
        return run_all(subjects, settings, folders=folders)


def _folder(subject: Subject, options: dict[str, Any]) -> str:
    """Name a run folder by what decides its numbers, so that an edited scenario never overwrites a run."""
    engine = "" if options["engine"] == "array" else f"-{options['engine']}"
    return f"{subject.name}-{subject.digest[:8]}-seed{options['seed']}{engine}"


@contextmanager
def _executor(address: str | None) -> Iterator[Executor | None]:
    if address is None:
        yield None
        return
    from sim.study.cluster import cluster

    with cluster(address) as executor:
        yield executor


def _days(precision: str | None) -> float | None:
    if precision is None:
        return None
    from sim.scenario.laws import QuantityError
    from sim.scenario.quantity import parse
    from sim.scenario.units import DIMENSIONS

    text = f"{precision} days" if precision.replace(".", "", 1).isdigit() else precision
    try:
        return parse(text, DIMENSIONS["duration"]).central
    except QuantityError as error:
        raise click.BadParameter(str(error), param_hint="--precision") from error


def _print_answer(runs: Sequence[Run], *, as_json: bool, paired: bool) -> None:
    from sim.results.answer import answer

    found = answer(runs)
    if as_json:
        from sim.cli.machine import document

        click.echo(document(runs, found))
        return
    from sim.cli.console import print_rows
    from sim.cli.words import comparison_rows, option_rows, sentence

    options = [found] if paired else [answer([run]) for run in runs]
    for each in options:
        click.echo(textwrap.fill(sentence(each), 80) + "\n")
    print_rows([option.facts.name for option in found.options], option_rows(found.options))
    for comparison in found.against if paired else ():
        print_rows([""], [(label, [cell]) for label, cell in comparison_rows(comparison)])
    for run in runs:
        for note in run.notes:
            click.echo(f"{run.facts.name}: {note}")


def _print_neighbors(run: Run) -> None:
    """Print who delays whom, and keep the replications in which a build got earlier, with the reasons."""
    from sim.cli.console import print_rows
    from sim.cli.words import neighbor_rows
    from sim.results.summary import write_csv
    from sim.scenario.load import rebuild
    from sim.study.neighbors import neighbors

    found = neighbors(rebuild(run.facts.merged), replications=min(run.replications, 2_000), seed=run.seed)
    print_rows([each.build for each in found.builds], neighbor_rows(found))
    assert run.folder is not None  # the command line always runs into folders
    write_csv(run.folder / "earlier.csv", found.earlier())
    click.echo(f"Each build alone against all together, {found.replications:,} of the same futures;")
    click.echo("waits for a pool are summed over all lots and applications of a build.")
    click.echo(
        f"Builds that got earlier, and why: {run.folder / 'earlier.csv'} ({len(found.earlier())} rows)"
    )


def _write_comparison(runs: Sequence[Run], folder: Path) -> None:
    from sim.results.summary import summary_of_comparison, write_csv

    if len(runs) > 1:
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(folder / "comparison.csv", summary_of_comparison(runs))


def _draw(runs: Sequence[Run], folder: Path | None, *, quiet: bool, only: tuple[str, ...] = ()) -> None:
    from sim.report.figures import FIGURES, save
    from sim.report.tell import story_of

    assert folder is not None  # the command line always runs into folders
    stories = [story_of(run) for run in runs]
    for name, draw in FIGURES.items():
        if not only or name in only:
            figure = draw(stories).get_figure(root=True)
            assert figure is not None  # axes are drawn on a page
            save(figure, folder / "figures", name)
    if not quiet:
        click.echo(f"figures and tables: {folder}")
