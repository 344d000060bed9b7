"""Say when a national AI supercomputer will be complete, and with what probability: chiproute.

The rooms, in the way of the data: ``scenario`` (files) -> ``chance`` (draws and profiles) -> ``model`` (the
plan) -> ``engine`` (times) -> ``results`` (outcomes, answers) -> ``study`` (runs) -> ``report`` -> ``cli``.
:mod:`sim.api` offers the same to Python: ``sim.load``, ``sim.run``, ``sim.compare`` and so on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import (
        Plan,
        Run,
        Scenario,
        ScenarioError,
        StudyError,
        Subject,
        capacity,
        compare,
        discover,
        drivers,
        flip,
        forecast,
        ledger,
        load,
        outside,
        read,
        regret,
        run,
        sweep,
        trace,
        win_map,
    )

__all__ = [
    "Plan",
    "Run",
    "Scenario",
    "ScenarioError",
    "StudyError",
    "Subject",
    "capacity",
    "compare",
    "discover",
    "drivers",
    "flip",
    "forecast",
    "ledger",
    "load",
    "outside",
    "read",
    "regret",
    "run",
    "sweep",
    "trace",
    "win_map",
]


def __getattr__(name: str) -> Any:
    """Import a name of the API when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    from sim import api

    return getattr(api, name)


def __dir__() -> list[str]:
    """List the API, which completion in a notebook asks for."""
    return sorted({*globals(), *__all__})
