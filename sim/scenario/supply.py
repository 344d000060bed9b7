"""The suppliers and freight sections: machines, production lines, contracts, routes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from pydantic import Field

from sim.scenario.licensing import Change, Holds
from sim.scenario.quantity import (
    Accelerators,
    Compute,
    Duration,
    Factor,
    Frequency,
    Money,
    Output,
    Power,
    Quantity,
    Share,
)
from sim.scenario.section import Section


class Accelerator(Section):
    """One accelerator of this supplier, in the machine it comes in."""

    peak: Compute = Field(description="Dense BF16 peak.")
    utilization: Share = Field(
        description="Model FLOP utilization in training; the planning value is its mode or median."
    )
    power: Power = Field(description="Facility power per accelerator, host and network included.")
    price: Money = Field(
        Quantity.fixed(0.0, "money"), description="Price per accelerator, its share of the system included."
    )


class Capacity(Section):
    """One bottleneck of production over time, in accelerators it allows."""

    points: Mapping[datetime.date, Output] = Field(
        description="Output it allows at dates; straight lines between, level after the last."
    )
    stock: Accelerators | None = Field(
        None,
        description="A stock (die bank, early memory), as of the date of the first point, that is used up at "
        "`stock_rate` on top of the points.",
    )
    stock_rate: Output | None = Field(None, description="How fast the stock is used.")


class Market(Section):
    """States of the market that speed up or slow down an order's wait in the supplier's queue."""

    states: Mapping[str, Factor] = Field(description="Speed of the queue in each state.")
    history: tuple[Change, ...] = Field(description="Dated states known when the scenario starts.")
    rates: Mapping[str, Mapping[str, Frequency]] = Field(
        default_factory=dict, description="From state, to state: expected changes per year."
    )


class Production(Section):
    """The supplier's line as this buyer sees it."""

    available_from: datetime.date | None = Field(
        None, description="Announced date of volume shipments; none: in volume already."
    )
    slip: Duration = Field(
        Quantity.fixed(0.0, "duration"),
        description="Slip of a product that is not in volume yet, on top of `available_from`.",
    )
    queue: Duration = Field(description="Wait of a new order behind others, at market speed 1.")
    market: Market | None = Field(None, description="States of the market; none: speed 1.")
    capacities: Mapping[str, Capacity] = Field(
        description="Bottlenecks by name; the line makes the least of them."
    )
    export_share: Share = Field(
        Quantity.fixed(1.0, "share"), description="Share of output open to buyers such as these."
    )
    backlog: Accelerators = Field(
        Quantity.fixed(0.0, "accelerators"),
        description="Firm orders already on the export line at the start.",
    )
    shocks: Holds = Field(default_factory=Holds, description="Disruptions of the line.")


class Estimate(Section):
    """A published view of supply that replaces parts of `production`."""

    capacities: Mapping[str, Capacity] | None = Field(
        None, description="Bottlenecks according to this source."
    )
    export_share: Share | None = Field(None, description="Export share according to this source.")
    queue: Duration | None = Field(None, description="Queue according to this source.")


class Contract(Section):
    """From asking to a firm allocation: an offer turns contract and survives publicity, or is repeated."""

    duration: Duration = Field(description="One round: offer, negotiation, signature.")
    chance: Share = Field(
        Quantity.fixed(1.0, "share"), description="Chance that a round ends in a firm allocation."
    )
    survives: Share = Field(
        Quantity.fixed(1.0, "share"), description="Chance that a firm allocation survives publicity."
    )
    again: Duration = Field(
        Quantity.fixed(0.0, "duration"), description="Time from a failed round to the next."
    )
    rounds: int = Field(6, ge=1, le=50, description="Rounds before the buyer gives up.")


class Port(Section):
    """Moving the software to this supplier's stack."""

    duration: Duration = Field(description="One effort, until it runs or is abandoned.")
    stable: Share = Field(
        Quantity.fixed(1.0, "share"), description="Chance that an effort reaches stable training."
    )
    again: Duration = Field(
        Quantity.fixed(0.0, "duration"), description="Time from an abandoned effort to the next."
    )
    efforts: int = Field(4, ge=1, le=20, description="Efforts before the buyer gives up.")


class SupplierInstallation(Section):
    """Installation as this supplier's machine needs it."""

    per_lot: Duration = Field(description="Crew time for one lot.")
    burn_in: Duration = Field(
        Quantity.fixed(0.0, "duration"), description="Burn-in of one lot, without the crew."
    )
    dead_on_arrival: Share = Field(
        Quantity.fixed(0.0, "share"), description="Share of a lot that fails burn-in."
    )
    spares: Share = Field(Quantity.fixed(0.0, "share"), description="Spares on site, as a share of the lot.")
    replacement: Duration = Field(
        Quantity.fixed(0.0, "duration"),
        description="Return and replacement of what spares do not cover, customs included.",
    )
    licensed_replacement: Duration = Field(
        Quantity.fixed(0.0, "duration"),
        description="Extra license handling of a controlled replacement; it proceeds at the license's speed.",
    )


class SupplierAcceptance(Section):
    """Acceptance as this supplier's machine passes it."""

    passes: Share = Field(description="Chance that one acceptance test is passed.")


class Supplier(Section):
    """One accelerator supplier, from contract to stable software."""

    title: str = Field(description="Name to show.")
    accelerator: Accelerator = Field(description="The accelerator.")
    lot: Accelerators = Field(
        description="Accelerators shipped and installed together; orders are whole lots."
    )
    license: str | None = Field(
        None, description="Authority in `licensing` whose license the shipment needs; none: uncontrolled."
    )
    tender: Duration = Field(
        Quantity.fixed(0.0, "duration"), description="New tender and integrator before contracting."
    )
    contract: Contract = Field(description="From asking to a firm allocation.")
    production: Production = Field(description="The supplier's line.")
    estimate: str | None = Field(
        None, description="Which of `estimates` to believe; none: `production` as it stands."
    )
    estimates: Mapping[str, Estimate] = Field(
        default_factory=dict, description="Published estimates of supply by name."
    )
    route: str = Field(description="Route in `freight`.")
    site: str | None = Field(
        None,
        description="Kind of site work it needs on top of the hall; it starts when the supplier is chosen.",
    )
    installation: SupplierInstallation = Field(description="Installation.")
    acceptance: SupplierAcceptance = Field(description="Acceptance.")
    port: Port | None = Field(None, description="Software port; none: the software runs already.")


class Leg(Section):
    """One leg of a route: transport, border or customs."""

    duration: Duration = Field(description="Time of one lot on this leg.")
    closures: Holds = Field(default_factory=Holds, description="Closures of the corridor; lots wait.")
    cause: str = Field("freight", description="Column of the delay ledger: freight or customs.")


class Route(Section):
    """How lots travel from the factory gate to the door."""

    legs: Mapping[str, Leg] = Field(description="Legs in order, by name.")
    notification: Duration = Field(
        Quantity.fixed(0.0, "duration"),
        description="Import notification of encryption, once per order, in parallel with the transport.",
    )
