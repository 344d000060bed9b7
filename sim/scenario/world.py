"""The risks, costs and workload sections: what strikes several stages, what it costs, what it is all for."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field

from sim.scenario.quantity import Count, Duration, Factor, Frequency, Money, Quantity, Share
from sim.scenario.section import Section


class Risk(Section):
    """A risk or opportunity that touches several stages at once when it occurs."""

    title: str = Field(description="What happens.")
    chance: Share | None = Field(None, description="Chance that it occurs; or say `rate` and `window`.")
    rate: Frequency | None = Field(None, description="Expected occurrences per time of exposure.")
    window: Duration | None = Field(
        None, description="Time of exposure: with `rate`, the chance of at least one occurrence in it counts."
    )
    affects: tuple[str, ...] = Field(
        description="Paths of the quantities it touches; `*` stands for any one name."
    )
    factor: Factor | None = Field(None, description="Multiplies each of them.")
    delay: Duration | None = Field(None, description="Is added to each of them.")
    enabled: bool = Field(True, description="Off takes the risk out of the world.")


class Correlation(Section):
    """Spearman rank correlation of two inputs."""

    between: tuple[str, str] = Field(description="Paths of the two quantities.")
    coefficient: float = Field(gt=-1, lt=1, description="Spearman's coefficient.")
    source: tuple[str, ...] = Field((), description="Evidence ids.")
    assumption: str = Field("", description="What the coefficient rests on without a source.")


class Costs(Section):
    """What the machine and the waiting cost."""

    site_per_mw: Money = Field(
        Quantity.fixed(0.0, "money"), description="Site cost per megawatt of facility power."
    )
    delay_per_month: Money = Field(
        Quantity.fixed(0.0, "money"), description="Carrying cost of each month after the target."
    )
    cancellation: Share = Field(
        Quantity.fixed(0.0, "share"), description="Share of the order's price lost when an order is dropped."
    )
    budget: Money | None = Field(
        None, description="Budget that P(cost within budget and complete by target) is asked against."
    )


class Workload(Section):
    """The national language model that waits for the machine."""

    parameters: Count = Field(description="Active parameters.")
    tokens: Count = Field(description="Training tokens.")
    goodput: Share = Field(description="Share of machine time that trains.")
    data_work: Duration = Field(
        description="Collecting, cleaning and aligning data, from the start of the project."
    )
    staffing: Duration = Field(
        Quantity.fixed(0.0, "duration"), description="Building the model team, from the start of the project."
    )


class Fact(Section):
    """Something known at a date, for forecasts: a milestone that has happened, or has not."""

    milestone: str = Field(description="Milestone, as in the outcomes.")
    happened: Literal["by", "not by", "on"] = Field(description="How the milestone lies to the date.")
    date: datetime.date = Field(description="The date.")
    source: tuple[str, ...] = Field((), description="Evidence ids.")
