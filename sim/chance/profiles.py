"""placeholder"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.chance.amount import Amount, Values
    from sim.chance.steps import Steps


class Profile(Protocol):
    """A function of time that is drawn once per replication."""

    name: str

    def amounts(self) -> Iterable[Amount]:
        """Yield the amounts (hence the inputs) the profile is drawn from."""
        ...

    def steps(self, values: Values, horizon: float) -> Steps:
        """Draw the profile for all replications, up to the horizon in days."""
        ...
