"""The site, installation, acceptance and staff sections: what the buyer does at home."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from sim.scenario.quantity import Duration, Factor, Power
from sim.scenario.section import Section


class Activity(Section):
    """One activity of the site network."""

    duration: Duration = Field(description="Time it takes outside winter.")
    after: tuple[str, ...] = Field((), description="Activities of the same network that must be finished.")
    outdoor: bool = Field(False, description="Whether winter slows it.")
    cause: str = Field("site", description="Column of the delay ledger.")


class Season(Section):
    """A yearly season in which outdoor work slows down."""

    begin: str = Field("11-01", pattern=r"^\d\d-\d\d$", description="First day, month-day.")
    end: str = Field("03-31", pattern=r"^\d\d-\d\d$", description="Last day, month-day.")
    speed: Factor = Field(description="Speed of outdoor work in the season.")


class PowerStep(Section):
    """Connection time up to a size."""

    up_to: Power = Field(description="Largest load of this step.")
    duration: Duration = Field(description="From application to energized.")


class Site(Section):
    """Where the machine stands."""

    kind: str = Field(
        description="Network of `kinds` that makes the hall ready; it starts with the scenario."
    )
    kinds: Mapping[str, Mapping[str, Activity]] = Field(description="Activity networks by name.")
    winter: Season | None = Field(None, description="The season that slows outdoor activities.")
    power: tuple[PowerStep, ...] = Field(
        (), description="Connection times by size, smallest first; the machine's facility power chooses."
    )


class Installation(Section):
    """Crews that install lots."""

    crews: int = Field(1, ge=1, le=10_000, description="Crews of this build.")
    pool: str | None = Field(None, description="Shared pool of crews in `pools`, instead of `crews`.")


class Acceptance(Section):
    """Acceptance test: performance, then a stability run; a failure is mended and the test repeated."""

    performance: Duration = Field(description="Performance test.")
    stability: Duration = Field(description="Stability run.")
    mending: Duration = Field(description="Time to mend a failed acceptance.")
    attempts: int = Field(10, ge=1, le=50, description="Tests before the buyer gives up.")


class Staff(Section):
    """Operators who must be in place before acceptance."""

    ramp: Duration = Field(description="Hiring and training from the start of the project.")
