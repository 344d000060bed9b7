"""Pages as a reader gets them: made by the command line in a folder of their own, opened in Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import run

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET_BROWSER = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
NAMES = ("kz-nvidia-wait", "kz-switch")


@dataclass(frozen=True)
class Made:
    """The run folders of a comparison, the page it left, and the whole page of its last run, in Russian."""

    folders: tuple[Path, ...]
    quick: Path
    whole: Path


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Compare two strategies, and have the whole page made of the second."""
    out = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.report.figures._png", lambda _figure: b"")  # no page holds one
        assert run(["compare", *NAMES, "-n", "500", "--out", str(out), "--quiet"]) == 0
    folders = tuple(next(out.glob(f"{name}-????????-seed1")) for name in NAMES)
    whole = out / "whole.html"
    options = ["-n", "250", "--vary", "strategy.patience=6, 18 mo", "--language", "ru", "--quiet"]
    assert run(["report", str(folders[-1]), *options, "--out", str(whole)]) == 0
    return Made(folders, next(out.glob("*-vs-*/report.html")), whole)


@dataclass
class Opened:
    """A page in the browser, and what it said and asked for."""

    page: Any
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start Chromium once; without it the tests are skipped, except where CI promises it."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        reason = f"none of {', '.join(BROWSERS)} is installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(QUIET_BROWSER))
        yield started
        started.close()


@pytest.fixture(scope="session")
def opened(browser: Any) -> Iterator[Open]:
    """Open a page from its file, once for each look, and write down what it says and asks for."""
    known: dict[tuple[Path, str, int], Opened] = {}

    def open_file(path: Path, *, scheme: str = "light", width: int = 1280) -> Opened:
        key = (path, scheme, width)
        if key not in known:
            known[key] = _open(
                browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme), path
            )
        return known[key]

    yield open_file
    for each in known.values():
        each.page.close()


def _open(page: Any, path: Path) -> Opened:
    found = Opened(page)

    def pass_the_file(route: Any) -> None:
        found.requests.append(route.request.url)
        route.continue_() if route.request.url == path.as_uri() else route.abort()

    page.route("**/*", pass_the_file)
    page.on("console", lambda message: found.messages.append(message.text))
    page.on("pageerror", lambda error: found.messages.append(str(error)))
    page.goto(path.as_uri())
    return found
