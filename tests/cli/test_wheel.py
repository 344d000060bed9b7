"""The built wheel carries the shipped scenarios and runs from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, as an installer would, away from the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(site: Path, cwd: Path, code: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(site)}
    line = [sys.executable, "-c", code]
    return subprocess.run(line, cwd=cwd, env=environment, check=True, capture_output=True, text=True).stdout


def test_the_wheel_runs_a_shipped_scenario_anywhere(installed: Path, tmp_path: Path) -> None:
    assert str(installed) in run(installed, tmp_path, "import sim; print(sim.__file__)")
    command = "from sim.cli import main; main(['run', 'kz-switch', '-n', '50', '--quiet'])"
    assert "Kazakhstan waits nine months" in run(installed, tmp_path, command)
    assert list(tmp_path.glob("reports/kz-switch-*/outcomes.parquet"))
    (page,) = tmp_path.glob("reports/kz-switch-*/report.html")  # its template and texts are in the wheel
    assert "<h1>Kazakhstan waits nine months" in page.read_text(encoding="utf-8")


def test_a_local_scenario_of_the_same_name_comes_first(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "kz-switch.yaml").write_text("title: Ours\nextends: kz-ascend\n")
    said = run(installed, tmp_path, "from sim.cli import main; main(['check', 'kz-switch'])")
    assert "Ours" in said


def test_the_wheel_holds_every_scenario_and_nothing_of_this_machine(installed: Path) -> None:
    names = {path.stem for path in (installed / "sim" / "_shipped").rglob("*.yaml")}
    assert names == {path.stem for path in (ROOT / "scenarios").rglob("*.yaml")}
    assert (installed / "sim" / "_shipped" / "evidence.csv").exists()
    assert not list(installed.glob("tests"))
