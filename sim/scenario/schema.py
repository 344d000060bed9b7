"""The scenario file as a whole: its sections, the buyer's levers, the builds, and checks across sections.

The JSON Schema for editors and the parameter reference are generated from these models; the loader checks
files against them; :mod:`sim.model` reads them. What a key means is said in its description; how it enters
the plan, in the module of ``sim.model`` that bears the section's name.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from sim.scenario.licensing import License
from sim.scenario.quantity import Accelerators, Compute, Duration, Quantity, Share
from sim.scenario.section import Section
from sim.scenario.supply import Route, Supplier
from sim.scenario.works import Acceptance, Installation, Site, Staff
from sim.scenario.world import Correlation, Costs, Fact, Risk, Workload


class Demand(Section):
    """What the buyer wants: usable compute, or a number of accelerators."""

    compute: Compute | None = Field(
        None, description="Usable training compute: peak times utilization, summed over the machine."
    )
    accelerators: Accelerators | None = Field(
        None, description="Number of accelerators, of whatever supplier."
    )
    required_share: Share = Field(
        Quantity.fixed(1.0, "share"), description="Share of the order that must be accepted for completion."
    )


class Part(Section):
    """One supplier's part of a split or staged order."""

    supplier: str = Field(description="Supplier.")
    share: float = Field(
        1.0, gt=0, le=1, description="Share of the demand; in a race each part is a whole order."
    )


class Strategy(Section):
    """What the buyer decides: levers only, no uncertainty."""

    kind: Literal["single", "switch", "split", "race", "staged"] = Field(
        description="How suppliers are combined."
    )
    supplier: str | None = Field(None, description="single: the supplier.")
    first: str | None = Field(None, description="switch: the supplier that is tried first.")
    then: str | None = Field(None, description="switch: the supplier that is turned to.")
    patience: Duration = Field(
        Quantity.fixed(float("inf"), "duration"),
        description="switch: how long the first supplier's clearance is awaited.",
    )
    on_denial: Literal["switch", "wait"] | None = Field(
        None,
        description="switch: what follows a final denial; by default `switch`, or `wait` if patience is "
        "endless.",
    )
    prepare_second: bool = Field(
        False, description="switch: port the software to the second supplier from the start."
    )
    parts: tuple[Part, ...] = Field(
        (), description="split, race, staged: the suppliers; staged in order of stages."
    )
    order_before_license: bool = Field(
        False, description="Order and queue at the supplier while the license is pending."
    )


class Build(Section):
    """One of several machines in one world; what it leaves out is taken from the scenario."""

    title: str = Field(description="Name to show.")
    begin: datetime.date | None = Field(None, description="When the project starts; none: with the scenario.")
    target: datetime.date | None = Field(None, description="The promised date.")
    demand: Demand | None = Field(None, description="What this buyer wants.")
    strategy: Strategy | None = Field(None, description="This buyer's levers.")
    site: Site | None = Field(None, description="This buyer's site.")
    installation: Installation | None = Field(None, description="This buyer's crews.")
    acceptance: Acceptance | None = Field(None, description="This buyer's acceptance.")
    staff: Staff | None = Field(None, description="This buyer's operators.")
    workload: Workload | None = Field(None, description="What this buyer's machine is for.")


class Scenario(Section):
    """One named scenario: a world, a strategy, one machine or several."""

    title: str = Field(description="One line that says what happens.")
    description: str = Field("", description="Paragraph for readers.")
    extends: str | None = Field(None, description="Parent scenario; this file's keys are merged over it.")
    abstract: bool = Field(False, description="A base for others: listed apart and not run by itself.")
    start: datetime.date = Field(description="Day 0.")
    target: datetime.date | None = Field(None, description="The promised date.")
    horizon: datetime.date = Field(
        description="Nothing is followed beyond this day: what has not happened by then is never."
    )
    demand: Demand = Field(description="What the buyer wants.")
    strategy: Strategy = Field(description="The buyer's levers.")
    suppliers: Mapping[str, Supplier] = Field(description="Suppliers by name.")
    licensing: Mapping[str, License] = Field(
        default_factory=dict, description="Export-control authorities by name."
    )
    freight: Mapping[str, Route] = Field(description="Routes by name.")
    site: Site | None = Field(
        None, description="Where the machine stands; builds may each have their own instead."
    )
    installation: Installation = Field(default_factory=Installation, description="Crews.")
    acceptance: Acceptance = Field(description="Acceptance tests.")
    staff: Staff | None = Field(None, description="Operators.")
    workload: Workload | None = Field(None, description="The language model that waits for the machine.")
    risks: Mapping[str, Risk] = Field(default_factory=dict, description="Risks by name.")
    correlations: tuple[Correlation, ...] = Field((), description="Rank correlations of inputs.")
    pools: Mapping[str, int] = Field(
        default_factory=dict, description="Pools shared by builds: number of servers by name."
    )
    costs: Costs = Field(default_factory=Costs, description="Prices beside the machines'.")
    builds: Mapping[str, Build] = Field(
        default_factory=dict, description="Several machines in one world; none: one machine."
    )
    observed: tuple[Fact, ...] = Field((), description="Facts known at a date, for forecasts.")
