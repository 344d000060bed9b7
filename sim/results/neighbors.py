"""Neighbors: what builds that share pools do to each other, replication by replication.

Holds each build's dates alone and together on the same luck, its waits for each shared pool, and why it got
earlier where it did. Filled by :mod:`sim.study.neighbors`; worded and tabulated by the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.chance.amount import Column
from sim.results.statistics import Estimate, mean, probability

if TYPE_CHECKING:
    import pandas as pd

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A replication in which a build got earlier because others were there, and why."""

    replication: int
    days: float
    node: str
    reason: str


@dataclass(frozen=True, eq=False)
class Neighbored:
    """One build with and without the others.

    Attributes
    ----------
    alone, together
        Shape ``(n,)``: completion in days since the start; infinity for never.
    waited
        Shared pool to the days the build waited for it among the others, shape ``(n,)``; infinite where it
        still waits at the horizon.
    waited_alone
        The same without the others: its own lots and applications queue too.
    earlier
        Replications in which the build got earlier, and why.
    """

    build: str
    alone: Column
    together: Column
    waited: Mapping[str, Column]
    waited_alone: Mapping[str, Column]
    earlier: tuple[Earlier, ...]

    @property
    def delayed(self) -> Mask:
        """Return where the others delayed the build, shape ``(n,)``; being kept from completion counts."""
        return self.together > self.alone

    @property
    def days(self) -> Column:
        """Return the days lost to the others, shape ``(n,)``: negative where earlier, 0 for twice never."""
        both = np.isinf(self.alone) & np.isinf(self.together)
        return np.where(both, 0.0, self.together - np.where(both, 0.0, self.alone))

    @property
    def share_delayed(self) -> Estimate:
        """Return the probability that the others delay the build."""
        return probability(self.delayed)

    @property
    def share_earlier(self) -> Estimate:
        """Return the probability that the build gets earlier."""
        return probability(self.together < self.alone)

    @property
    def share_prevented(self) -> Estimate:
        """Return the probability that the build is complete alone and never is among the others."""
        return probability(np.isfinite(self.alone) & np.isinf(self.together))

    @property
    def mean_days(self) -> Estimate:
        """Return the mean of the days lost where the build is complete with and without the others."""
        return mean(self.days, selected=np.isfinite(self.alone) & np.isfinite(self.together))


@dataclass(frozen=True, eq=False)
class Neighbors:
    """All builds of a world with and without each other; ``replications`` is how many futures were tried."""

    replications: int
    builds: tuple[Neighbored, ...]

    def table(self) -> pd.DataFrame:
        """Return one row per build: shares, days, and the mean wait for each shared pool where it ended."""
        import pandas as pd

        return pd.DataFrame([_row(each) for each in self.builds]).set_index("build")

    def earlier(self) -> pd.DataFrame:
        """Return one row per build and replication in which a build got earlier, with the reason."""
        import pandas as pd

        rows = [
            (each.build, one.replication, one.days, one.node, one.reason)
            for each in self.builds
            for one in each.earlier
        ]
        return pd.DataFrame(rows, columns=["build", "replication", "days", "node", "reason"])


def _row(each: Neighbored) -> dict[str, object]:
    late = each.days[each.delayed & np.isfinite(each.together)]
    row: dict[str, object] = {
        "build": each.build,
        "share_delayed": each.share_delayed.value,
        "share_earlier": each.share_earlier.value,
        "share_prevented": each.share_prevented.value,
        "mean_days": each.mean_days.value,
        "median_days_where_delayed": float(np.median(late)) if late.size else 0.0,
    }
    for pool, days in each.waited.items():
        row[f"wait_{pool}_days"] = _mean_wait(days)
        row[f"wait_{pool}_days_alone"] = _mean_wait(each.waited_alone[pool])
    return row


def _mean_wait(days: Column) -> float:
    ended = days[np.isfinite(days)]
    return float(ended.mean()) if ended.size else np.inf
