"""What all tests share: ``pytest --fix`` rewrites generated files, and scenario folders made on the spot."""

from __future__ import annotations

import difflib
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A shell lets what it starts in the background ignore Ctrl-C; the commands that tests start must hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is, and nothing about the program.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

Write = Callable[..., Path]
Generated = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fix", action="store_true", help="rewrite generated files and golden summaries")


@pytest.fixture
def generated(request: pytest.FixtureRequest) -> Generated:
    """Compare a committed file with what it is generated from; --fix repairs it."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--fix"):
            path.write_text(text, encoding="utf-8")
        committed = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = difflib.unified_diff(
            committed.splitlines(),
            text.splitlines(),
            f"{path.name} (committed)",
            "generated",
            lineterm="",
            n=1,
        )
        difference = "\n".join(lines)
        assert not difference, f"{path} is stale; run pytest --fix and review the difference:\n{difference}"

    return compare


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file below ``scenarios/`` of a current directory made for the test, and return its path."""
    monkeypatch.chdir(tmp_path)

    def file(name: str, content: str | bytes) -> Path:
        path = tmp_path / "scenarios" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return file
