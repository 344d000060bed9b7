"""The command ``verify``: whether the numbers in a folder come out again.

Exit codes beside the common ones: 1 if a folder was changed or a number differs under the same conditions, 3
if nothing is known to be wrong but not every number came out again. Called by ``main``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.console import say
from sim.cli.errors import FAILED
from sim.cli.machine import emit
from sim.cli.names import RUN_FOLDER
from sim.cli.options import AS_JSON, QUIET

if TYPE_CHECKING:
    from sim.results.verification import Verification
    from sim.study.verify import Again

NOT_REPRODUCED = 3
"""Nothing is known to be wrong, but not every number came out again."""


@click.command("verify")
@click.argument("folders", nargs=-1, required=True, type=RUN_FOLDER)
@click.option(
    "--engine",
    type=click.Choice(["array", "simpy"]),
    help="Compute with this engine; by default as recorded. The numbers are the same.",
)
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Only the first so many; by default all.",
)
@click.option(
    "--workers", type=click.IntRange(1), metavar="NUMBER", help="Processes; by default as many as pay off."
)
@AS_JSON
@QUIET
def verify_command(folders: Sequence[Path], **options: Any) -> None:
    """Compute the numbers of run and comparison folders again, and say whether they come out.

    The scenario is the one in the manifest, never today's files. Figures and pages are only held against
    the SHA-256 in the manifest; who changes both is found out by drawing them again (chiproute plot). The
    folder of temporary files (TMPDIR) needs as much room as the run. Exit code 0: every number came out
    again; 1: something was changed, or a number differs under the same conditions; 3: a number differs
    under other versions, or could not be checked.
    """
    found = [_verified(folder, options) for folder in folders]
    if options["as_json"]:
        from sim.cli.answers.verified import Verified

        emit(Verified(tuple(found)))
    click.get_current_context().exit(max(map(_code, found), key=(0, NOT_REPRODUCED, FAILED).index))


COMMANDS = (verify_command,)


def _verified(folder: Path, options: dict[str, Any]) -> Verification:
    from sim.cli.answers.verified import blocks
    from sim.cli.progress import progress
    from sim.study.verify import verify

    with progress(folder.name, options["quiet"]) as report:
        found = verify(folder, _again(options, report))
    if not options["as_json"]:
        say(*blocks(found))
    return found


def _again(options: dict[str, Any], report: Any) -> Again:
    from sim.study.run import Settings
    from sim.study.verify import Again

    settings = Settings(workers=options["workers"], progress=report)
    return Again(engine=options["engine"], replications=options["replications"], settings=settings)


def _code(found: Verification) -> int:
    if found.verdict == "reproduced":
        return 0
    return FAILED if found.verdict in ("tampered", "differs") else NOT_REPRODUCED
