"""Explore: one scenario with everything that explains its dates kept: ledger, binding paths, inputs.

Runs in this process, chunk by chunk; of the thousands of times of a replication only what explains the
completion stays. Called by the commands that ask why, and by the API.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column
from sim.chance.draws import Draws, draw
from sim.engine import array_engine
from sim.engine.agreement import check_agreement
from sim.engine.bind import bind
from sim.engine.times import Times
from sim.results.ledger import Ledger, Mask, ledger
from sim.results.outcomes import COMPLETION
from sim.study.subject import Subject
from sim.study.variants import CHUNK, Options


@dataclass(frozen=True)
class Explored:
    """The replications of a subject and what made them.

    Attributes
    ----------
    times
        All times of the engine.
    ledger
        Days by cause, and the binding masks, of the completion.
    uniforms
        Every input that has chance in it to its uniforms, shape ``(n,)``.
    """

    subject: Subject
    options: Options
    times: Times
    ledger: Ledger
    uniforms: Mapping[str, Column]

    @property
    def finish(self) -> str:
        """Return the node at which the build is complete."""
        return self.subject.plan.milestones[COMPLETION]

    @property
    def completion(self) -> Column:
        """Return when the build is complete, in days since the start; infinity for never."""
        return self.times.of(self.finish)


def explore(subject: Subject, options: Options | None = None) -> Explored:
    """Run a subject and keep its ledger, its binding paths, its times and its inputs.

    Takes about ``8 * (5 * nodes + inputs)`` bytes per replication.

    Raises
    ------
    EngineDisagreement
        The engines differ on one of 25 replications.
    """
    options = options or Options()
    parts = list(_parts(subject, options))
    times = _joined_times([times for times, _, _ in parts])
    found = _joined_ledgers([ledger for _, ledger, _ in parts], times.fire.shape[1])
    names = parts[0][2]
    uniforms = {name: np.concatenate([part[2][name] for part in parts]) for name in names}
    return Explored(subject, options, times, found, uniforms)


def _parts(subject: Subject, options: Options) -> Iterator[tuple[Times, Ledger, Mapping[str, Column]]]:
    plan = subject.plan
    for first in range(0, options.replications, CHUNK):
        count = min(CHUNK, options.replications - first)
        draws = draw(plan.inputs, seed=options.seed, first=first, count=count, correlations=plan.correlations)
        times = array_engine.run(plan, draws)
        if first == 0:
            check_agreement(plan, draws, times)
        yield times, ledger(bind(plan, draws), times, plan.milestones[COMPLETION]), _uniforms(draws)
        if options.progress is not None:
            options.progress(first + count, options.replications)


def _uniforms(draws: Draws) -> Mapping[str, Column]:
    chancy = (name for name, each in draws.inputs.items() if each.distribution.constant is None)
    return {name: draws.uniform(name) for name in chancy}


def _joined_times(parts: list[Times]) -> Times:
    tables = ("ready", "start", "fire", "waited", "trials")
    return Times(
        parts[0].row, *(np.concatenate([getattr(part, table) for part in parts], axis=1) for table in tables)
    )


def _joined_ledgers(parts: list[Ledger], count: int) -> Ledger:
    days: dict[str, Column] = defaultdict(lambda: np.zeros(count))
    binding: dict[str, Mask] = defaultdict(lambda: np.zeros(count, dtype=bool))
    first = 0
    for part in parts:
        size = len(next(iter(part.binding.values()))) if part.binding else CHUNK
        rows = slice(first, first + size)
        for cause, column in part.days.items():
            days[cause][rows] = column
        for node, mask in part.binding.items():
            binding[node][rows] = mask
        first += size
    return Ledger(dict(days), dict(binding))
