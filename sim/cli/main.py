"""The ``chiproute`` command: its subcommands, and how every error reaches the user.

Subcommands import what they need when they run, so that ``--help``, ``list`` and ``check`` start at once.
Exit codes: 0 done, 1 the study failed, 2 the input is wrong, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from sim.cli import decide, discover, read, simulate
from sim.scenario.problems import ScenarioError

EXIT_FAILED = 1
EXIT_WRONG_INPUT = 2
EXIT_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="chiproute", prog_name="chiproute")
def chiproute() -> None:
    """Say when an AI supercomputer will be complete, and with what probability.

    Start with: chiproute compare kz-nvidia-wait kz-ascend kz-switch
    """


for command in (*read.COMMANDS, *simulate.COMMANDS, *decide.COMMANDS, *discover.COMMANDS):
    chiproute.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. No error reaches the user as a traceback."""
    try:
        chiproute.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.exceptions.Abort as error:  # click's word for Ctrl-C; the study's own says what was kept
        return _say(str(error.__cause__ or "") or "interrupted", EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        return EXIT_WRONG_INPUT
    except ScenarioError as error:
        return _say(str(error), EXIT_WRONG_INPUT)
    except Exception as error:
        return _explain(error)
    return 0


def _explain(error: Exception) -> int:
    from sim.engine.agreement import EngineDisagreement
    from sim.results.errors import StudyError

    if isinstance(error, StudyError | EngineDisagreement | MemoryError):
        return _say(f"chiproute: {error or 'out of memory'}", EXIT_FAILED)
    raise error


def _say(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code
