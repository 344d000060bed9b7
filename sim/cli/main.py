"""The ``chiproute`` command: its subcommands, and how every error reaches the user.

Subcommands import what they need when they run, so that ``--help``, ``list`` and ``check`` start at once.
Exit codes: 0 done, 1 the study failed, 2 the input is wrong, 3 not every number came out again (``verify``),
130 interrupted, 141 nobody reads the output.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from sim.cli import completion, decide, read, report, rivals, simulate, start, verify
from sim.cli.errors import explained
from sim.cli.group import Commands

NAME = "chiproute"

SECTIONS = {
    "Scenarios": (*read.COMMANDS, *start.COMMANDS),
    "Runs": (*simulate.COMMANDS, *report.COMMANDS, *verify.COMMANDS),
    "Decisions": (*decide.COMMANDS, *rivals.COMMANDS),
    "Shell": completion.COMMANDS,
}
"""The commands as ``--help`` lists them."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name=NAME, prog_name=NAME)
def chiproute() -> None:
    """Say when an AI supercomputer will be complete, and with what probability.

    Start with: chiproute compare kz-nvidia-wait kz-ascend kz-switch
    """


for section, commands in SECTIONS.items():
    chiproute.add_section(section, commands)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    _hasten()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # not every stream can
    instruction = os.environ.get(completion.VARIABLE)
    if instruction:
        sys.exit(completion.answer(chiproute, instruction))
    sys.exit(run(arguments))


def _hasten() -> None:
    """Spare a short process what only a long one needs: a fifth of the time of ``check``."""
    gc.set_threshold(100_000)  # what is imported and read lives until the end
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")  # else every installed package is asked for one


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. No error of a user reaches the user as a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with chiproute.make_context(NAME, given or ["--help"]) as context:
            chiproute.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except (Exception, KeyboardInterrupt) as error:
        return _tell(error)
    return 0


def _tell(error: BaseException) -> int:
    found = explained(error)
    if found is None:
        raise error
    message, code = found
    if isinstance(error, BrokenPipeError):
        _stop_writing()
    else:
        click.echo(message, err=True)
    return code


def _stop_writing() -> None:
    """Let the interpreter flush what nobody reads into nothing, instead of complaining at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
