"""Completion of the command line by bash, zsh and fish: the command that prints what a shell needs.

The shells ask click through an environment variable; what can follow is known to ``names`` and ``complete``.
Called by ``main``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

PROGRAM = "chiproute"
VARIABLE = "_CHIPROUTE_COMPLETE"


class Bash(BashComplete):
    """Completion of bash: after a path that goes on with its value, no blank.

    Bash takes ``=`` for the end of a word: what is before it must be left out of the answer.
    """

    source_template = """\
_chiproute_completion() {
    local IFS=$'\\n' line type value
    local before=${COMP_LINE:0:COMP_POINT}
    before=${before##* }; before=${before%%"${before##*=}"}
    [[ $COMP_WORDBREAKS == *=* ]] || before=
    COMPREPLY=()
    for line in $(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete $1); do
        type=${line%%,*}; value=${line#*,}
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            *) COMPREPLY+=("${value#"$before"}") ;;
        esac
    done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=] ]] && compopt -o nospace
    return 0
}
complete -o nosort -F _chiproute_completion %(prog_name)s
"""

    @staticmethod
    def _check_version() -> None:
        """Start no other bash to learn its version: the script needs 4.4, as its documentation says."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the finished words, and the beginning of the one at the cursor."""
        import os

        from click.shell_completion import split_arg_string

        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)[1:]
        begun = "" if line[-1:].isspace() or not words else words.pop()
        return words, begun


SHELLS: Mapping[str, type[ShellComplete]] = MappingProxyType(
    {"bash": Bash, "zsh": ZshComplete, "fish": FishComplete}
)

PLACES = MappingProxyType(
    {
        "bash": "~/.local/share/bash-completion/completions/chiproute",
        "zsh": '"${fpath[1]}/_chiproute"',
        "fish": "~/.config/fish/completions/chiproute.fish",
    }
)
"""Where each shell looks for completions, as its users type it."""


@click.command("completion")
@click.argument("shell", type=click.Choice(tuple(SHELLS)))
def completion_command(shell: str) -> None:
    """Print the script that completes commands in a shell.

    For this session:

    \b
      eval "$(chiproute completion bash)"     bash 4.4 or later; zsh likewise
      chiproute completion fish | source      fish

    On a terminal it also says where the script is kept for good.
    """  # noqa: D301 (click takes this \b for a mark)
    click.echo(SHELLS[shell](click.Group(), {}, PROGRAM, VARIABLE).source())
    if sys.stdout.isatty():
        place = PLACES[shell]
        click.echo(f"To keep it: chiproute completion {shell} > {place}", err=True)


def answer(group: click.Group, instruction: str) -> int:
    """Answer a shell: ``zsh_complete`` prints what can follow, ``zsh_source`` the script."""
    shell, _, what = instruction.partition("_")
    if shell not in SHELLS or what not in ("complete", "source"):
        return 1
    asked = SHELLS[shell](group, {}, PROGRAM, VARIABLE)
    click.echo(asked.complete() if what == "complete" else asked.source())
    return 0


COMMANDS = (completion_command,)
