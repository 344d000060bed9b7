"""Forecast a scenario from its observed facts, with as many replications as that takes.

Facts that are rare need many futures before enough agree; facts that the scenario calls near impossible are
refused. Called by the command line and the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from sim.results.errors import StudyError
from sim.results.forecast import FEWEST, Forecast, Observation, agreeing, forecast_of, observations
from sim.results.statistics import probability
from sim.study.run import Progress, run
from sim.study.subject import Subject

WANTED = 1_000
"""Agreeing replications that are aimed at, within the limit."""

LIMIT = 200_000
"""Replications that are not exceeded for the sake of rare facts."""

FIRST_LOOK = 40_000
"""If none agrees among so many, the facts are less probable than 1 in 10,000."""

LEAST_PROBABLE = 1e-4
"""Facts less probable than this under the scenario refuse it."""


def forecast(
    subject: Subject,
    *,
    observed: Sequence[Observation] | None = None,
    replications: int = 10_000,
    seed: int = 1,
    workers: int | None = None,
    by: date | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Return the completion of a subject given what was observed.

    Parameters
    ----------
    observed
        The facts; by default those of the scenario.
    replications
        To begin with; more are added, up to 200,000, until 1,000 agree.
    by
        Date of the probability; by default the target if it lies ahead.

    Raises
    ------
    StudyError
        Fewer than 50 replications agree with the facts, or their probability is below 1 in 10,000.
    """
    observed = observations(subject.facts) if observed is None else observed
    size = replications
    while True:
        found = run(subject, replications=size, seed=seed, workers=workers, progress=progress)
        agree = agreeing(found, observed)
        kept, impossible = int(np.count_nonzero(agree)), probability(agree).high < LEAST_PROBABLE
        if kept >= WANTED or size >= LIMIT or impossible:
            break
        size = min(LIMIT, size * WANTED // kept if kept else max(4 * size, FIRST_LOOK))
    if impossible and kept >= FEWEST:
        raise StudyError(f"{subject.name}: the facts have probability {kept / size:.1g} under this scenario")
    return forecast_of(found, observed, by=by)
