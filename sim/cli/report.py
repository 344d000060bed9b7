"""The command ``report``, and the page that ``run`` and ``compare`` leave by themselves.

The page is made by ``report.document`` from a dossier; here it is decided what goes into it and where it
lies. Called by ``main`` and ``simulate``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.machine import emit
from sim.cli.names import RUN_FOLDER
from sim.cli.options import AS_JSON, LANGUAGE, QUIET

if TYPE_CHECKING:
    from sim.results.run import Run
    from sim.study.dossier import Dossier


@click.command("report")
@click.argument("folders", nargs=-1, required=True, type=RUN_FOLDER)
@click.option(
    "--vary", metavar="PATH=A..B", help="Add the sweep of a lever, such as strategy.patience=0..24mo."
)
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    metavar="NUMBER",
    help="Futures for ledger, drivers and sweep; at most those of the runs.",
)
@click.option(
    "--workers", type=click.IntRange(1), metavar="NUMBER", help="Processes; by default as many as pay off."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the page lies; by default report.html in the first folder.",
)
@LANGUAGE
@AS_JSON
@QUIET
def report_command(folders: Sequence[Path], out: Path | None, **options: Any) -> None:
    """Write the whole page of finished runs: dates, ledger, drivers, evidence, method.

    Several runs are compared. The page is one file that needs no network; numbers that the runs do not hold
    are simulated again from the scenario in the manifest, never from today's files.
    """
    from sim.report.document.rendering import REPORT
    from sim.results.run import load_run
    from sim.study.dossier import dossier

    runs = [load_run(folder) for folder in folders]
    found = dossier(runs, _analyses(options))
    path = out or folders[0] / REPORT
    _write(path, found, language=options["language"])
    if options["as_json"]:
        from sim.cli.answers.runs import Reported

        emit(Reported(path))
    else:
        click.echo(path)


COMMANDS = (report_command,)


def leave_page(runs: Sequence[Run], folder: Path, *, language: str, figures: Iterable[Path]) -> Path:
    """Write the page of runs that have just ended, with what takes no time, and return its file.

    Parameters
    ----------
    figures
        Files of the figures of these runs in this language; those that are SVG are not drawn again.
    """
    from sim.report.document.rendering import REPORT
    from sim.study.dossier import Analyses, dossier

    drawn = {path.stem: path.read_text(encoding="utf-8") for path in figures if path.suffix == ".svg"}
    _write(folder / REPORT, dossier(runs, Analyses(every=False)), language=language, drawn=drawn)
    return folder / REPORT


def _analyses(options: dict[str, Any]) -> Any:
    from sim.cli.progress import progress
    from sim.study.dossier import Analyses
    from sim.study.variants import Options
    from sim.study.vary import axis_of

    told = click.get_current_context().with_resource(progress("report", options["quiet"]))
    axis = axis_of(options["vary"]) if options["vary"] else None
    how = Options(options["replications"], workers=options["workers"], progress=told)
    return Analyses(options=how, drivers=True, axis=axis)


def _write(path: Path, found: Dossier, *, language: str, drawn: dict[str, str] | None = None) -> None:
    """Write a page; the manifest of the folder it lies in, if there is one, vouches for it."""
    from sim.report.document.rendering import write
    from sim.report.language import language as language_of
    from sim.results.manifest import adding_outputs

    path.parent.mkdir(parents=True, exist_ok=True)
    with adding_outputs(path.parent, path.name) as added:
        write(path, found, language=language_of(language), drawn=drawn)
        added.append(path)
