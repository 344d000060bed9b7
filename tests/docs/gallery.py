"""The gallery: which pictures a newcomer should see, and the calls that draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import sim
from sim.report.notebook.runs import Compared
from sim.report.notebook.shown import Picture

STRATEGIES = ("kz-nvidia-wait", "kz-ascend", "kz-switch")
OPENED = {"opened": date(2025, 7, 9)}
FEWER = 1_000


@dataclass(frozen=True)
class Exhibit:
    """A picture: its files' name, its question, the command that draws it, what to see, how it is made."""

    name: str
    question: str
    command: str
    caption: str
    make: Callable[[], Picture]


def exhibits() -> Iterator[Exhibit]:
    """Yield the gallery in the order of a first visit."""
    main = f"chiproute compare {' '.join(STRATEGIES)}"
    yield Exhibit(
        "completion",
        "When is it complete?",
        main,
        "One line per strategy. A line that stops below 100 % says how many futures never complete.",
        lambda: replace(_strategies().picture("completion"), options={"events": OPENED}),
    )
    yield Exhibit(
        "delay",
        "How late is it?",
        main,
        "The same futures in months after the promised day. Never has a bar of its own.",
        lambda: _strategies().picture("delay"),
    )
    yield Exhibit(
        "milestones",
        "What happens when?",
        main,
        "Each milestone from P10 to P90, with its median. An arrow: more than a tenth never pass it.",
        lambda: _strategies().picture("milestones"),
    )
    yield Exhibit(
        "ledger",
        "Where do the days go?",
        f"chiproute ledger kz-nvidia-wait -n {FEWER}",
        "From the promised days to those near P80, cause by cause. The bars add up exactly.",
        lambda: sim.ledger("kz-nvidia-wait", replications=FEWER).picture(),
    )
    yield Exhibit(
        "drivers",
        "What moves the date?",
        f"chiproute drivers kz-nvidia-wait -n {FEWER}",
        "By how many days P80 moves if one uncertainty is held at its median, in the same futures.",
        lambda: sim.drivers("kz-nvidia-wait", replications=FEWER).picture(),
    )
    yield Exhibit(
        "patience",
        "How long to wait before switching?",
        f'chiproute sweep kz-switch --vary "strategy.patience=0..24mo step 2mo" -n {FEWER}',
        "P80 against the months of waiting before the switch, on the same luck at every month.",
        lambda: sim.sweep("kz-switch", "strategy.patience=0..24mo step 2mo", replications=FEWER).picture(),
    )
    yield Exhibit(
        "central-asia",
        "What if neighbors queue for the same?",
        f"chiproute run central-asia-queue -n {FEWER}",
        "Four countries that wait for the same license desks, lines and crews.",
        lambda: sim.run("central-asia-queue", replications=FEWER).picture("completion"),
    )
    yield Exhibit(
        "forecast",
        "What does news change?",
        f"chiproute forecast kz-asof-2024-12 -n {FEWER}",
        "What the scenario said at first, and once the license had not come by 24 December 2024.",
        lambda: sim.forecast("kz-asof-2024-12", replications=FEWER).picture(),
    )
    yield Exhibit(
        "trace",
        "What could one future look like?",
        f"chiproute trace kz-switch --at p50 -n {FEWER}",
        "One future, stage by stage; the path that decided its date is in color.",
        lambda: sim.trace("kz-switch", at=0.5, replications=FEWER).picture(),
    )
    yield Exhibit(
        "outside",
        "Is the scenario surer than history?",
        f"chiproute outside kz-nvidia-wait -n {FEWER}",
        "The simulated slip beside that of comparable real machines.",
        lambda: sim.outside("kz-nvidia-wait", replications=FEWER).picture(),
    )


@cache
def _strategies() -> Compared:
    return sim.compare(STRATEGIES)
