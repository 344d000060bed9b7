"""Commands that simulate: ``run``, ``compare``, ``plot``.

They load scenarios, hand them to ``study``, print the answer and write figures. Called by ``main``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.answer import LONGEST_STEM, note
from sim.cli.console import say
from sim.cli.machine import emit
from sim.cli.names import FIGURE, RUN_FOLDER, SCENARIO
from sim.cli.options import AS_JSON, LANGUAGE, QUIET, F, shared, with_options
from sim.cli.report import leave_page

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sim.results.neighbors import Neighbors
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

MOST_NEIGHBORS = 2_000
"""Futures in which builds are compared with themselves alone."""


_NEEDS = {
    "cost": " (it needs a scenario with prices)",
    "regret": " (it needs two runs or more of equal start and replications)",
}
"""What the figures need that are not drawn of all runs."""


def running(command: F) -> F:
    """Add the options that all simulating commands share."""
    return with_options(command, OPTIONS)


@click.command("run")
@click.argument("names", nargs=-1, required=True, type=SCENARIO)
@running
def run_command(names: Sequence[str], **options: Any) -> None:
    """Simulate scenarios, each into a folder of its own."""
    from sim.results.builds import views

    results = []
    for run in _simulate(names, options):
        machines = views(run)
        results.append(_tell_run(run, machines, options))
        figures = _draw(machines, _folder_of(run), language=options["language"])
        page = leave_page([run], _folder_of(run), language=options["language"], figures=figures)
        note(f"\npage: {page} (figures and tables beside it)", options)
    if options["as_json"]:
        from sim.cli.answers.runs import Ran

        emit(Ran(tuple(results)))


@click.command("compare")
@click.argument("names", nargs=-1, required=True, type=SCENARIO)
@running
def compare_command(names: Sequence[str], **options: Any) -> None:
    """Simulate scenarios on the same luck: which is complete first."""
    from sim.cli.answers import runs as answers
    from sim.results.answer import answer

    runs = _simulate(names, options)
    found = answer(runs)
    folder = options["out"] / _stem(runs, options["seed"])
    if not options["as_json"]:
        say(*answers.answer_blocks(runs, [found]))
    _write_comparison(runs, folder)
    figures = _draw(runs, folder, language=options["language"])
    page = leave_page(runs, folder, language=options["language"], figures=figures)
    if options["as_json"]:
        emit(answers.compared(runs, found, folder))
    note(f"\npage: {page} (figures and tables beside it)", options)


@click.command("plot")
@click.argument("folders", nargs=-1, required=True, type=RUN_FOLDER)
@click.option(
    "--figure",
    "figures",
    multiple=True,
    type=FIGURE,
    metavar="NAME",
    help="Only this figure; again for more. By default all.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where figures land; by default in the first run.",
)
@LANGUAGE
@AS_JSON
@QUIET
def plot_command(folders: Sequence[Path], figures: Sequence[str], out: Path | None, **options: Any) -> None:
    """Draw the figures of finished runs again, together."""
    from sim.results.run import load_run

    _check_figures(figures)
    runs = [load_run(folder) for folder in folders]
    paths = _draw(runs, out or folders[0], language=options["language"], only=figures)
    if options["as_json"]:
        from sim.cli.answers.runs import Plotted

        emit(Plotted(tuple(paths)))
    else:
        click.echo("\n".join(map(str, paths)))


COMMANDS = (run_command, compare_command, plot_command)


def _simulate(names: Sequence[str], options: Mapping[str, Any]) -> list[Run]:
    from sim.cli.progress import progress
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


def _folder(subject: Subject, options: Mapping[str, Any]) -> str:
    """Name a run folder by what decides its numbers, so that an edited scenario never overwrites a run."""
    engine = "" if options["engine"] == "array" else f"-{options['engine']}"
    return f"{subject.name}-{subject.digest[:8]}-seed{options['seed']}{engine}"


def _stem(runs: Sequence[Run], seed: int) -> str:
    return f"{'-vs-'.join(run.facts.name for run in runs)[:LONGEST_STEM]}-seed{seed}"


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


def _tell_run(run: Run, machines: Sequence[Run], options: Mapping[str, Any]) -> Any:
    """Print the answer of one run unless JSON is wanted, and return it as a document."""
    from sim.cli.answers.runs import answer_blocks, neighbor_blocks, result
    from sim.cli.words import sentence
    from sim.results.answer import answer

    answers = [answer([machine]) for machine in machines]
    found = _neighbors(run) if len(machines) > 1 else None
    if not options["as_json"]:
        say(*answer_blocks(machines, answers), *(neighbor_blocks(found) if found else ()))
    return result(run, [sentence(each) for each in answers], found)


def _neighbors(run: Run) -> Neighbors:
    """Return who delays whom, and keep the futures in which a build got earlier, with the reasons."""
    from sim.results.manifest import adding_outputs
    from sim.results.summary import write_csv
    from sim.scenario.load import rebuild
    from sim.study.neighbors import neighbors

    count = min(run.replications, MOST_NEIGHBORS)
    found = neighbors(rebuild(run.facts.merged), replications=count, seed=run.seed)
    folder = _folder_of(run)
    with adding_outputs(folder, "earlier.csv") as added:
        write_csv(folder / "earlier.csv", found.earlier())
        added.append(folder / "earlier.csv")
    return found


def _folder_of(run: Run) -> Path:
    assert run.folder is not None  # the command line always runs into folders
    return run.folder


def _write_comparison(runs: Sequence[Run], folder: Path) -> None:
    from sim.results.folder import write_comparison

    if len(runs) > 1:
        write_comparison(folder, runs)


def _check_figures(names: Sequence[str]) -> None:
    from sim.report.figures import FIGURES
    from sim.scenario.words import guess, listed, shown

    for name in names:
        if name not in FIGURES:
            near = guess(name, FIGURES) or f"; there are {listed(list(FIGURES), 'and')}"
            raise click.BadParameter(f"there is no figure {shown(name)}{near}", param_hint="--figure")


def _draw(runs: Sequence[Run], folder: Path, *, language: str, only: Sequence[str] = ()) -> list[Path]:
    """Write figures below a folder, where its manifest vouches for them, and return their files."""
    from sim.report.figures import draw, figures_for
    from sim.report.language import language as language_of
    from sim.report.tell import story_of
    from sim.results.manifest import adding_outputs

    stories = [story_of(run) for run in runs]
    possible = figures_for(stories)
    for name in only:
        if name not in possible:
            raise click.UsageError(f"these runs have no data for the figure {name}{_NEEDS.get(name, '')}")
    names = only or possible
    with adding_outputs(folder, *(f"figures/{name}" for name in names)) as paths:
        paths += draw(stories, folder / "figures", names=names, language=language_of(language))
    return paths
