"""The licensing section: an export-control authority, its regimes, and how it treats an application."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from sim.scenario.quantity import Accelerators, Duration, Factor, Frequency, Quantity, Share
from sim.scenario.section import Section


class Change(Section):
    """A dated entry of a history."""

    date: datetime.date = Field(description="Day from which it holds.")
    state: str = Field(description="State from that day.")


class Regime(Section):
    """How applications fare while this policy is in force."""

    speed: Factor = Field(
        Quantity.fixed(1.0, "factor"),
        description="Speed of review; 0.4 makes it take 2.5 times as long. Preparation keeps its own.",
    )
    returned: Share = Field(
        Quantity.fixed(0.0, "share"),
        description="Chance that a decision in this regime is a return without action.",
    )
    denied: Share = Field(
        Quantity.fixed(0.0, "share"), description="Chance that a decision in this regime is a denial."
    )
    license_free_below: Accelerators | None = Field(
        None,
        description="Orders up to this size need only `certification` while the regime is in force.",
    )
    certification: Duration = Field(
        Quantity.fixed(0.0, "duration"),
        description="Paperwork of the license-free route; it only proceeds while the regime is in force.",
    )


class Regimes(Section):
    """The policy in force: a continuous-time Markov chain with a dated history."""

    states: Mapping[str, Regime] = Field(description="The regimes by name.")
    history: tuple[Change, ...] = Field(
        description="Dated changes known when the scenario starts; the first is the initial regime."
    )
    rates: Mapping[str, Mapping[str, Frequency]] = Field(
        default_factory=dict, description="From regime, to regime: expected changes per year of stay."
    )
    transient: Duration | None = Field(
        None, description="Time after each change during which applications move at `transient_speed`."
    )
    transient_speed: Factor = Field(
        Quantity.fixed(0.5, "factor"), description="Speed of stages during the transient."
    )


class DatedHold(Section):
    """A stop with known dates."""

    begin: datetime.date = Field(description="First day of the stop.")
    end: datetime.date = Field(description="Day on which it ended.")


class Holds(Section):
    """Stops during which nobody is answered: freezes, shutdowns; or a corridor that closes."""

    rate: Frequency = Field(Quantity.fixed(0.0, "frequency"), description="Expected stops per year.")
    length: Duration = Field(Quantity.fixed(0.0, "duration"), description="Length of one stop.")
    speed: Factor = Field(
        Quantity.fixed(0.0, "factor"), description="Speed during a stop (0: nothing moves)."
    )
    history: tuple[DatedHold, ...] = Field((), description="Stops with known dates.")


class Stage(Section):
    """One stage of review inside the authority."""

    duration: Duration = Field(description="Time the stage takes at regime speed 1.")
    chance: Share = Field(
        Quantity.fixed(1.0, "share"),
        description="Chance that an application passes through this stage at all.",
    )


class Appeal(Section):
    """What can follow a denial."""

    duration: Duration = Field(description="Notice period, appeal and decision.")
    chance: Share = Field(description="Chance that the appeal succeeds.")


class Tranches(Section):
    """A large order is licensed in parts, each filed after the one before is in place."""

    shares: tuple[float, ...] = Field(description="Parts of the order; they sum to 1.")
    single_below: Accelerators = Field(
        Quantity.fixed(0.0, "accelerators"),
        description="Orders up to this size are one tranche whatever `shares` says.",
    )
    end_use_check: Duration = Field(
        description="Installation report and end-use check before the next tranche may be filed."
    )
    check_fails: Share = Field(
        Quantity.fixed(0.0, "share"), description="Chance that one end-use check is unfavorable."
    )
    after_failure: Duration = Field(
        Quantity.fixed(0.0, "duration"),
        description="Time to clear an unfavorable check before it is repeated.",
    )
    checks: int = Field(
        6, ge=1, le=50, description="Unfavorable checks in a row after which nothing more is filed."
    )


class Coupling(Section):
    """A rival order can cost the license."""

    suppliers: tuple[str, ...] = Field(
        description="Suppliers whose order endangers a license that is not yet granted."
    )
    cancels: Share = Field(description="Chance that such an order ends the application, filed or not.")


class License(Section):
    """An authority's license process."""

    process: Literal["staged", "aggregate"] = Field(
        "staged",
        description="`staged`: preparation, then applications through stages. `aggregate`: one time for "
        "it all.",
    )
    deal_to_license: Duration | None = Field(
        None, description="Aggregate only: public deal to license, at regime speed 1."
    )
    preparation: Duration = Field(
        Quantity.fixed(0.0, "duration"),
        description="Staged only: terms, end-use statement and assurances before filing.",
    )
    stages: Mapping[str, Stage] = Field(
        default_factory=dict, description="Staged only: stages of one application, by name."
    )
    refiling: Duration = Field(
        Quantity.fixed(0.0, "duration"),
        description="Applicant's time from a return without action to a new application.",
    )
    applications: int = Field(
        8, ge=1, le=50, description="How many times the applicant files before giving up."
    )
    regimes: Regimes = Field(description="The policy in force over time.")
    holds: Holds = Field(default_factory=Holds, description="Stops of all licensing, on top of the regimes.")
    desks: str | None = Field(
        None, description="Pool of reviewers that applications queue for; none: no queue."
    )
    appeal: Appeal | None = Field(None, description="What can follow a denial; none: a denial is final.")
    tranches: Tranches | None = Field(
        None, description="Licensing in parts; none: one license for the whole order."
    )
    validity: Duration | None = Field(
        None, description="Time in which the license must be used, else it is renewed; none: no limit."
    )
    renewal: Duration = Field(
        Quantity.fixed(0.0, "duration"), description="Time to renew a license that ran out before shipment."
    )
    revocations: Holds = Field(
        default_factory=Holds, description="Suspensions after grant: shipping stops while they last."
    )
    coupling: Coupling | None = Field(None, description="Rival orders that endanger a pending license.")
