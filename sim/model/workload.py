"""The workload: the national language model that waits behind the machine.

Training takes 6 x parameters x tokens / (accelerators x peak x utilization x goodput) seconds, the usual
estimate of training FLOP for dense transformers (Kaplan et al. 2020, arXiv 2001.08361, section 2.1), and can
start when machine, data and people are ready. Called by :mod:`sim.model.build`.
"""

from __future__ import annotations

from sim.chance.amount import Amount, amount
from sim.model.branch import Branch, Home, teraflops
from sim.model.draft import Draft
from sim.model.plan import Any, Work
from sim.scenario.world import Workload

SECONDS_PER_DAY = 86_400.0
FLOP_PER_TERAFLOP = 1e12


def train(draft: Draft, home: Home, section: Workload, groups: list[tuple[str, tuple[Branch, ...]]]) -> str:
    """Add data work, staffing and training; return the node at which the model is trained.

    ``groups`` are machines that could train it: the node at which each is complete, and its branches.
    """
    data = draft.add(
        "model/data", Work((home.begin,), draft.amount("workload.data_work", section.data_work), cause="data")
    )
    people = draft.add(
        "model/people",
        Work((home.begin,), draft.amount("workload.staffing", section.staffing), cause="staff"),
    )
    trained = tuple(
        draft.add(
            f"model/trained[{i}]",
            Work((machine, data, people), training_days(draft, section, branches), cause="training"),
        )
        for i, (machine, branches) in enumerate(groups)
    )
    return draft.add("model/ready", Any(trained, cause="training"))


def training_days(draft: Draft, section: Workload, branches: tuple[Branch, ...]) -> Amount:
    """Return the days of one training run on the accelerators of these branches."""
    flop = (
        6.0
        * draft.amount("workload.parameters", section.parameters)
        * draft.amount("workload.tokens", section.tokens)
    )
    speed = amount(0.0)
    for branch in branches:
        speed = speed + teraflops(branch) * branch.opening.accelerators
    goodput = draft.amount("workload.goodput", section.goodput)
    return flop / (speed * goodput * (FLOP_PER_TERAFLOP * SECONDS_PER_DAY))
