"""Errors in one voice: what went wrong, the way out, and the exit code.

``chiproute: what is wrong (way out)`` for all but the problems of a scenario file, which begin with their
place, ``file:line:column: path: …``, as editors expect. Called by ``main``.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from sim.scenario.problems import ScenarioError
from sim.scenario.words import guess

FAILED = 1
"""The study failed."""

WRONG_INPUT = 2
"""What was asked for is wrong."""

INTERRUPTED = 130
"""Ctrl-C: 128 + SIGINT, as shells have it."""

BROKEN_PIPE = 141
"""Nobody reads on: 128 + SIGPIPE, as shells have it."""


def explained(error: BaseException) -> tuple[str, int] | None:
    """Return what to tell the user and the exit code; None for an error of the program itself."""
    if isinstance(error, KeyboardInterrupt | click.exceptions.Abort):  # the study's own says what was kept
        return f"chiproute: {str(error) or 'interrupted'}", INTERRUPTED
    if isinstance(error, click.UsageError):
        return f"chiproute: {_usage(error)}", WRONG_INPUT
    if isinstance(error, click.ClickException):
        return f"chiproute: {_sentence(error.format_message())}", WRONG_INPUT
    if isinstance(error, ScenarioError):
        return "\n".join(_problems(error)), WRONG_INPUT
    if isinstance(error, BrokenPipeError):
        return "", BROKEN_PIPE
    return _failed(error)


def _failed(error: BaseException) -> tuple[str, int] | None:
    from sim.results.errors import StudyError

    if isinstance(error, MemoryError):
        return "chiproute: out of memory (ask for fewer replications, or give --workers 1)", FAILED
    if isinstance(error, OSError):
        return f"chiproute: {_system(error)}", FAILED
    if isinstance(error, StudyError) or type(error).__name__ == "EngineDisagreement":
        return f"chiproute: {error}", FAILED
    return None


def _problems(error: ScenarioError) -> Iterator[str]:
    """Yield a line per problem; one without a line in a file begins like every other error."""
    for problem in error.problems:
        yield str(problem) if problem.line else f"chiproute: {problem}"


def _system(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"


def _usage(error: click.UsageError) -> str:
    """Return what is wrong with a command line, with the nearest right word or where to look."""
    said, near = _what(error), ""
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        options = [name for each in error.ctx.command.get_params(error.ctx) for name in each.opts]
        near = guess(error.option_name, (name for name in options if name.startswith("--")))
    if near or "(" in said:
        return f"{said}{near}"
    path = error.ctx.command_path if error.ctx is not None else "chiproute"
    return f"{said} ({path} --help says how)"


def _what(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"there is no option {error.option_name}"
    if isinstance(error, click.MissingParameter):
        return f"{_hint(error)} is missing"
    if isinstance(error, click.BadParameter):
        return f"{_hint(error)}: {_sentence(error.message)}"
    return _sentence(error.format_message())


def _hint(error: click.BadParameter) -> str:
    """Return the option or argument as a user writes it."""
    if isinstance(error.param_hint, str):
        return error.param_hint
    if isinstance(error.param, click.Option):
        return "/".join(error.param.opts)
    if error.param is not None:
        return (error.param.metavar or error.param.human_readable_name).upper()
    return "an argument"


def _sentence(text: str) -> str:
    """Return a sentence of click as part of one of ours."""
    text = text.strip().removesuffix(".")
    return text[:1].lower() + text[1:] if text[:2].istitle() or text[1:2].islower() else text
