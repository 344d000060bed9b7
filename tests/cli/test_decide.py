"""The commands that help to decide, as a user runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Command

SMALL = ("-n", "250", "--workers", "1", "--quiet")


def figures(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("reports/decisions/*")}


def test_ledger_of_two(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("ledger", "kz-nvidia-wait", "kz-switch", *SMALL)
    assert said.code == 0
    assert said.out.startswith("Kazakhstan waits for NVIDIA: mean days by cause")
    assert "kz-switch minus kz-nvidia-wait" in said.out
    assert len(re.findall(r"^sum ", said.out, re.MULTILINE)) == 3
    stem = "ledger-kz-nvidia-wait-kz-switch-seed1"
    assert figures(tmp_path) == {f"{stem}.png", f"{stem}.svg"}


@pytest.mark.usefixtures("unpictured")
def test_the_ledger_in_json_adds_up(chiproute: Command) -> None:
    (ledger,) = json.loads(chiproute("ledger", "kz-nvidia-wait", *SMALL, "--json").out)["ledgers"]
    near, steps = (sum(each["days"] for each in ledger[part]) for part in ("near", "steps"))
    assert near == pytest.approx(ledger["total_days"], abs=1e-6)
    assert ledger["planned_days"] + steps == pytest.approx(ledger["total_days"], abs=1e-6)


def test_drivers(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("drivers", "kz-nvidia-wait", *SMALL)
    assert said.code == 0
    assert re.match(r"P\d0 is 20\d\d", said.out)
    for part in (
        "% of these days rest on low-grade evidence",
        "Assumptions",
        "Stages on the binding path",
        "Merge bias",
    ):
        assert part in said.out
    assert "drivers-kz-nvidia-wait-seed1.png" in figures(tmp_path)


def test_sweep_says_best_and_last_safe(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("sweep", "kz-switch", "--vary", "strategy.patience=0..24mo step 12mo", *SMALL)
    assert said.code == 0
    assert "strategy.patience" in said.out.splitlines()[0]
    assert re.search(r"^(No value reaches 50 % by|Last safe|Still safe)", said.out, re.MULTILINE)
    assert len(re.findall(r"^\d+ mo", said.out, re.MULTILINE)) == 3
    assert "sweep-kz-switch-seed1.svg" in figures(tmp_path)


@pytest.mark.usefixtures("unpictured")
def test_a_sweep_in_json_has_every_point(chiproute: Command) -> None:
    said = chiproute(
        "sweep", "kz-switch", "--vary", "strategy.patience=3, 6mo", "--by", "2026-12-31", *SMALL, "--json"
    )
    content = json.loads(said.out)
    assert [point["texts"] for point in content["points"]] == [["3 mo"], ["6 mo"]]
    assert content["by"] == "2026-12-31"
    assert content["points"][0]["by"]["low"] <= content["points"][0]["by"]["value"]


def test_a_wrong_vary_is_a_sentence(chiproute: Command) -> None:
    said = chiproute("sweep", "kz-switch", "--vary", "strategy.patience=9..3mo", *SMALL)
    assert (said.code, said.out) == (2, "")
    assert "9..3mo is no rising range" in said.err
    wrong = chiproute("sweep", "kz-switch", "--vary", "strategy.patiense=3, 6mo", *SMALL)
    assert wrong.code == 2
    assert "did you mean patience?" in wrong.err


def test_map_and_flip_and_regret(chiproute: Command, tmp_path: Path) -> None:
    vary = "licensing.bis.preparation=1..60mo"
    pair = ("kz-nvidia-wait", "kz-ascend")
    said = chiproute(
        "map",
        *pair,
        "--vary",
        vary,
        "--vary",
        "suppliers.ascend.contract.chance=0.2..0.9",
        "--points",
        "2",
        *SMALL,
    )
    assert said.code == 0
    assert "map-kz-nvidia-wait-kz-ascend-seed1.png" in figures(tmp_path)
    said = chiproute("flip", *pair, "--vary", vary, *SMALL)
    assert re.match(r"kz-(nvidia-wait|ascend) (beats|is complete first)", said.out)
    said = chiproute("regret", *pair, "kz-switch", *SMALL)
    assert len(re.findall(r"^kz-", said.out, re.MULTILINE)) == 3
    assert chiproute("map", *pair, "--vary", vary, *SMALL).code == 2


def test_forecast_says_how_expected_the_facts_were(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("forecast", "kz-asof-2024-12", *SMALL)
    assert said.code == 0
    text = " ".join(said.out.split())
    assert "given what was known (cleared not by 2024-12-24)" in text
    assert re.search(
        r"The scenario gave these facts a probability of \d+ %; [\d,]+ of [\d,]+ futures agree", text
    )
    assert "What to watch" in text
    assert figures(tmp_path) == {f"forecast-kz-asof-2024-12-seed1.{kind}" for kind in ("png", "svg")}
    content = json.loads(chiproute("forecast", "kz-asof-2024-12", *SMALL, "--json").out)
    assert content["observed"][0]["date"] == "2024-12-24"
    assert content["agreeing"] >= 50


def test_impossible_facts_are_refused(chiproute: Command, tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    fact = "observed:\n  - {milestone: completion, happened: by, date: 2024-05-05, source: [NV003]}\n"
    (folder / "miracle.yaml").write_text(
        f"title: A miracle\nextends: kz-nvidia-wait\n{fact}", encoding="utf-8"
    )
    said = chiproute("forecast", "miracle", *SMALL)
    assert said.code == 1
    assert "futures agree with what was observed (completion by 2024-05-05)" in said.err


def test_trace_tells_a_dated_story(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("trace", "kz-nvidia-wait", "--at", "p50", *SMALL)
    assert said.code == 0
    lines = re.findall(r"^(\d{4}-\d\d-\d\d) ([> ]) (.+)$", said.out, re.MULTILINE)
    assert [day for day, _, _ in lines] == sorted(day for day, _, _ in lines)
    assert lines[-1][1:] == (">", "COMPLETION.")
    assert any(file.startswith("trace-kz-nvidia-wait-") for file in figures(tmp_path))
    assert chiproute("trace", "kz-nvidia-wait", *SMALL).code == 2
    assert chiproute("trace", "kz-nvidia-wait", "--at", "p0", *SMALL).code == 2


def test_outside_view(chiproute: Command, tmp_path: Path) -> None:
    said = chiproute("outside", "kz-nvidia-wait", *SMALL)
    assert said.code == 0
    assert "real machines" in said.out
    assert "outside-kz-nvidia-wait-seed1.png" in figures(tmp_path)
    assert json.loads(chiproute("outside", "kz-nvidia-wait", *SMALL, "--json").out)["machines"]


def test_the_same_seed_draws_the_same_bytes(chiproute: Command, tmp_path: Path) -> None:
    for out in ("one", "two"):
        chiproute("trace", "kz-nvidia-wait", "--replication", "3", "--out", out, *SMALL)
    one, two = (next(tmp_path.glob(f"{out}/decisions/*.svg")).read_bytes() for out in ("one", "two"))
    assert one == two
