"""Plans for the tests of the study, in a module that worker processes import quickly."""

from __future__ import annotations

import os
import signal
from datetime import date
from functools import partial
from pathlib import Path

from sim.chance.amount import Amount, Column, Formula, Input
from sim.chance.distributions import Exponential, Gamma, Uniform
from sim.model.plan import All, Any, Plan, Within, Work
from sim.study.subject import Subject

BUILD = Input("build", Gamma(shape=4.0, scale=30.0))


def plan_of(*, mean: float = 200.0, build: Amount | None = None) -> Plan:
    license_days = Input("license", Exponential(mean=mean))
    build = build or Input("build", Gamma(shape=4.0, scale=30.0))
    return Plan(
        {
            "license": Work((), license_days),
            "site": Work((), Input("site", Uniform(low=100.0, high=300.0))),
            "in_time": Within("license", "site"),
            "build": Work(("license", "site"), build, pool="crew"),
            "early": Any(("in_time", "build")),
            "done": All(("build",)),
        },
        horizon=600.0,
        pools={"crew": 1},
        milestones={"completion": "done", "license": "license", "early": "early"},
    )


def subject(name: str = "kz-test", *, plan: Plan | None = None) -> Subject:
    return Subject(
        name=name,
        title=name,
        start=date(2024, 4, 30),
        target=date(2024, 12, 31),
        horizon=date(2025, 12, 21),
        digest=name,
        plan=plan or plan_of(),
    )


def deadly_plan(marker: Path, *, times: int = 1) -> Plan:
    """Return the usual plan, over which worker processes are killed a few times."""
    return plan_of(build=Formula(partial(kill_worker, str(marker), times=times), (BUILD,)))


def kill_worker(marker: str, days: Column, *, times: int = 1) -> Column:
    """Return the days, in a process that is killed the first few times it gets here."""
    for attempt in range(times):
        path = Path(f"{marker}{attempt}")
        if not path.exists():
            path.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return days
