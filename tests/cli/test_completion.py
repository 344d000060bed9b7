"""Completion as the three shells ask for it, and how little it needs to import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command

HEAVY = {"pandas", "scipy", "matplotlib", "pyarrow", "simpy", "rich"}


def asked(tmp_path: Path, shell: str, *words: str) -> list[str]:
    """Return what a shell gets for the last word, as it asks: through the environment."""
    line = [sys.executable, "-c", "from sim.cli import main; main()"]
    texts = {
        "bash": {"COMP_WORDS": " ".join(["chiproute", *words])},
        "zsh": {"COMP_WORDS": "\n".join(["chiproute", *words]), "COMP_CWORD": str(len(words))},
        "fish": {"COMP_WORDS": " ".join(["chiproute", *words[:-1]]), "COMP_CWORD": words[-1]},
    }
    environment = os.environ | texts[shell] | {"_CHIPROUTE_COMPLETE": f"{shell}_complete"}
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["comp"], ["compare", "completion"]),
        (["run", "--se"], ["--seed", "--set"]),
        (["run", "kz-s"], ["kz-second-wave", "kz-split", "kz-staged", "kz-switch"]),
        (["run", "kz-switch", "--set", "strategy.pat"], ["strategy.patience="]),
        (
            ["sweep", "kz-switch", "--vary", "suppliers.ascend.production.q"],
            ["suppliers.ascend.production.queue="],
        ),
        (["show", "kz-switch", "--explain", "licensing.bis.prep"], ["licensing.bis.preparation"]),
        (["plot", "reports", "--figure", "de"], ["delay"]),
        (["schema", "--output", "led"], ["ledger"]),
        (["run", "--language", ""], ["en", "ru"]),
        (["completion", "f"], ["fish"]),
    ],
)
def test_words_that_can_follow(tmp_path: Path, words: list[str], expected: list[str]) -> None:
    assert asked(tmp_path, "bash", *words) == [f"plain,{word}" for word in expected]


def test_zsh_and_fish_get_titles_as_help(tmp_path: Path) -> None:
    title = "Kazakhstan buys Ascend from the start"
    assert asked(tmp_path, "zsh", "run", "kz-asc") == ["plain", "kz-ascend", title]
    assert title in "\n".join(asked(tmp_path, "fish", "run", "kz-asc"))


def test_run_folders_are_completed_from_reports(tmp_path: Path) -> None:
    for name in ("kz-a-1-seed1", "kz-b-2-seed1"):
        (tmp_path / "reports" / name).mkdir(parents=True)
        (tmp_path / "reports" / name / "manifest.json").write_text("{}")
    assert asked(tmp_path, "bash", "plot", "reports/kz-a") == ["plain,reports/kz-a-1-seed1"]


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("run(['--help'])", {*HEAVY, "numpy", "pydantic"}),
        ("run(['list'])", {*HEAVY, "numpy", "pydantic"}),
        ("run(['completion', 'bash'])", {*HEAVY, "numpy", "pydantic"}),
        ("list(paths(['kz-switch'], ''))", {*HEAVY, "numpy", "pydantic"}),
        ("list(scenarios(''))", {*HEAVY, "numpy", "pydantic"}),
        ("run(['show', 'kz-switch', '--explain', 'strategy.patience'])", {*HEAVY, "numpy"}),
        ("run(['check', 'central-asia-queue'])", HEAVY - {"scipy"}),
    ],
)
def test_what_must_start_at_once_imports_nothing_heavy(tmp_path: Path, code: str, heavy: set[str]) -> None:
    script = (
        "import sys; from sim.cli.main import run; from sim.cli.complete import paths, scenarios; "
        f"{code}; print('imported', *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert heavy.isdisjoint(done.stderr.split("imported")[-1].split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_takes(chiproute: Command, shell: str) -> None:
    said = chiproute("completion", shell)
    assert said.code == 0
    assert f"_CHIPROUTE_COMPLETE={shell}_complete" in said.out
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n"], input=said.out, text=True, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("chiproute run kz-asc", "kz-ascend"),
        ("chiproute run kz-switch --set strategy.pat", "strategy.patience="),
        ("chiproute run kz-switch --language=r", "ru"),
    ],
)
def test_bash_completes_a_line(tmp_path: Path, line: str, expected: str) -> None:
    program = tmp_path / "chiproute"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from sim.cli import main; main()" "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(chiproute completion bash)"; '
        f"COMP_LINE='{line}' COMP_POINT={len(line)}; compopt() {{ :; }}; "
        "_chiproute_completion chiproute; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [expected]
    assert done.stderr == ""
