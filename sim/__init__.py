"""Say when a national AI supercomputer will be complete, and with what probability: chiproute.

The rooms, in the way of the data: ``scenario`` (files) -> ``chance`` (draws and profiles) -> ``model`` (the
plan) -> ``engine`` (times) -> ``results`` (outcomes, answers) -> ``study`` (runs) -> ``report`` -> ``cli``.
:mod:`sim.api` offers the same to Python: ``sim.load``, ``sim.run``, ``sim.compare``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import (
        Loaded,
        Plan,
        Run,
        account_of,
        axis_of,
        compare,
        drivers,
        explore,
        flip,
        forecast,
        load,
        named,
        run,
        summary,
        summary_of_comparison,
        sweep,
        trace,
        win_map,
    )

__all__ = [
    "Loaded",
    "Plan",
    "Run",
    "account_of",
    "axis_of",
    "compare",
    "drivers",
    "explore",
    "flip",
    "forecast",
    "load",
    "named",
    "run",
    "summary",
    "summary_of_comparison",
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
