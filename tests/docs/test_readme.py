"""The README says what the commands say, and every command and file in it works as written."""

from __future__ import annotations

import re
from pathlib import Path

import click
import numpy as np
import pytest

import sim
from sim.cli.main import chiproute
from tests.conftest import Generated
from tests.docs.conftest import README, ROOT, Output
from tests.docs.markdown import blocks, commands, with_outputs

MOST_LINES, WIDTH = 360, 120


def test_every_pasted_output_is_what_the_command_prints(
    page: str, output: Output, generated: Generated
) -> None:
    generated(README, with_outputs(page, output))


def test_every_command_to_type_exists_and_takes_these_arguments(page: str) -> None:
    found = list(commands(page))
    assert len(found) > 10
    for name, *arguments in found:
        assert name in chiproute.commands, f"there is no command {name!r}"
        if not arguments or any(each.endswith("…") for each in arguments):
            continue  # named rather than typed
        try:
            chiproute.commands[name].make_context(name, list(arguments))
        except click.UsageError as error:
            pytest.fail(f"chiproute {name} {' '.join(arguments)}: {error.format_message()}")


def test_the_table_of_commands_lists_every_command(page: str) -> None:
    section = page.split("## Commands\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE)
    named = {command.split()[0] for cell in cells for command in re.findall(r"`([^`]+)`", cell)}
    assert named == set(chiproute.commands)


def test_every_scenario_to_write_checks_and_runs(page: str, output: Output) -> None:
    names = [Path(block.what).stem for block in blocks(page) if block.kind == "file"]
    assert len(names) >= 3
    assert output(f"chiproute check {' '.join(names)}").count("fine") == len(names)
    for name in names:
        done = np.isfinite(sim.run(name, replications=500, workers=1).completion)
        assert 0.1 < done.mean() <= 1.0  # a plan with a slip in it never completes


def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", page)
    missing = [link for link in links if not link.startswith("https://") and not (ROOT / link).exists()]
    assert not missing
    assert len(links) > 3


def test_the_page_fits_a_screen_and_an_afternoon(page: str) -> None:
    lines = page.splitlines()
    assert len(lines) <= MOST_LINES
    assert [line for line in lines if len(line) > WIDTH and not line.startswith("|")] == []
