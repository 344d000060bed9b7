"""Commands as a user runs them: what they print, what they leave behind, how they refuse."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.report.figures import FIGURES
from tests.cli.conftest import Command

THREE = ("kz-nvidia-wait", "kz-ascend", "kz-switch")
SMALL = ("-n", "250", "--workers", "1", "--quiet")


def test_the_main_command_answers_the_question(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("compare", *THREE, *SMALL)
    assert said.code == 0
    assert said.out.startswith("Kazakhstan waits for NVIDIA: complete by 202")
    for row in ("P10", "P50", "P80", "P90", "P(by 2024-12-31)", "P(switched)", "P(never)"):
        assert re.search(rf"^{re.escape(row)} ", said.out, re.MULTILINE), row
    assert "P(kz-nvidia-wait before kz-switch)" in said.out
    assert "not by 2032-12-31" in said.out
    assert said.err == ""
    (folder,) = tmp_path.glob("reports/*-vs-*")
    assert {file.name for file in (folder / "figures").iterdir()} == {
        f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg")
    }


@pytest.mark.usefixtures("unpictured")
def test_the_table_shows_what_the_summary_holds(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("run", "kz-switch", *SMALL, "--json")
    (file,) = tmp_path.glob("reports/kz-switch-*/summary.csv")
    rows = {row["quantity"]: row for row in csv.DictReader(file.read_text().splitlines())}
    (run,) = json.loads(said.out)["runs"]
    (machine,) = run["machines"]
    shown = {row["quantity"]: row["text"] for row in machine["summary"]}
    assert shown["completion.p50"] == rows["completion.p50"]["text"]
    assert float(rows["probability.switched"]["low"]) < float(rows["probability.switched"]["estimate"])
    assert float(rows["probability.never"]["estimate"]) > 0.0


@pytest.mark.usefixtures("unpictured")
def test_the_same_seed_gives_the_same_bytes(chiproute: Command, tmp_path: Path) -> None:
    for out, workers in (("one", "1"), ("two", "2")):
        chiproute("run", "kz-switch", "-n", "750", "--workers", workers, "--quiet", "--out", out)
    one, two = (next(tmp_path.glob(f"{out}/*/outcomes.parquet")).read_bytes() for out in ("one", "two"))
    assert one == two


@pytest.mark.usefixtures("unpictured")
def test_an_edited_scenario_never_overwrites_a_run(chiproute: Command, tmp_path: Path) -> None:
    chiproute("run", "kz-switch", *SMALL)
    chiproute("run", "kz-switch", *SMALL, "--set", "strategy.patience=6 months")
    assert len(list(tmp_path.glob("reports/kz-switch-*"))) == 2


def test_list_names_every_scenario_by_family(chiproute: Command) -> None:
    said = chiproute("list")
    assert said.code == 0
    assert re.search(r"^kazakhstan/\n", said.out, re.MULTILINE)
    assert re.search(r"^  kz-base +[^/]*\(a base for others\)", said.out, re.MULTILINE)
    listed = json.loads(chiproute("list", "--json").out)["scenarios"]
    assert {row["name"] for row in listed} >= set(THREE)


def test_show_explains_a_value(chiproute: Command) -> None:
    said = chiproute(
        "show", "kz-switch", "--explain", "strategy.patience", "--set", "strategy.patience=6 months"
    )
    assert said.code == 0
    assert re.search(r"kz-switch\.yaml:\d+:\d+", said.out)
    assert "9 months -> 6 months" in said.out
    said = chiproute("show", "kz-switch", "--explain", "licensing.bis.refiling")
    assert re.search(r"kz-base\.yaml:\d+:\d+", said.out)
    assert "source NV086" in said.out


def test_show_prints_a_scenario_that_loads_again(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("show", "kz-switch")
    (tmp_path / "again.yaml").write_text(said.out)
    assert chiproute("check", "again.yaml").code == 0


def test_check_reports_all_files(chiproute: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("title: Bad\nextends: kz-switch\nstrategy: {patience: 9 moons}\n")
    (tmp_path / "worse.yaml").write_text("title: Worse\nextends: kz-swich\n")
    said = chiproute("check", "bad.yaml", "worse.yaml", "kz-switch")
    assert said.code == 2
    assert "bad.yaml:3:" in said.err
    assert "worse.yaml:2:" in said.err
    assert "kz-switch" in said.err.partition("worse.yaml:2:")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "kz-switch", "-n", "0"), "-n"),
        (("run", "kz-swich"), "kz-switch"),
        (("run", "kz-switch", "--engine", "abacus"), "abacus"),
        (("run", "kz-switch", "--set", "strategy.pateince=3 months"), "patience"),
        (("run", "kz-switch", "--precision", "5 kW"), "--precision"),
        (("plot", "nowhere"), "nowhere"),
        (("compare",), "NAMES"),
    ],
)
def test_wrong_input_is_one_message(chiproute: Command, arguments: tuple[str, ...], message: str) -> None:
    said = chiproute(*arguments)
    assert said.code == 2
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_an_unusable_folder_is_a_failed_study(chiproute: Command, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    said = chiproute("run", "kz-switch", *SMALL, "--out", "taken/below")
    assert said.code == 1
    assert "taken" in said.err
    assert "Traceback" not in said.err


def test_ctrl_c_keeps_what_is_finished(process: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    running = process("run", "kz-switch", "-n", "400000", "--workers", "1")
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("reports/*/parts/*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    assert "run the same command again" in err
    assert not list(tmp_path.glob("reports/*/outcomes.parquet"))


def test_diff_names_the_inputs_that_differ(chiproute: Command) -> None:
    said = chiproute("diff", "kz-nvidia-wait", "kz-switch")
    assert said.code == 0
    assert "strategy.kind" in said.out
    assert "suppliers" not in said.out


def test_evidence_lists_sources_and_assumptions(chiproute: Command) -> None:
    said = chiproute("evidence", "kz-nvidia-wait")
    assert said.code == 0
    assert "NV086" in said.out
    assert "low" in said.out
