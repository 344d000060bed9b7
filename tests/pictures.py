"""Figures without their files: drawing them takes most of a command's time, and many tests do not look."""

from __future__ import annotations

import pytest


def without_pictures(patch: pytest.MonkeyPatch) -> None:
    """Let commands leave figures as empty files, and no page."""
    patch.setattr("sim.report.figures._png", lambda _figure: b"")
    patch.setattr("sim.report.figures.svg_of", lambda _figure: "")
    patch.setattr("sim.cli.simulate.leave_page", lambda _runs, folder, **_how: folder / "report.html")
