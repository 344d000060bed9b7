"""A plan of the size and mixture of a real scenario, written by hand: one node kind after the other.

A license that may be refused, then the second supplier; lots on a production line that ramps up with shocks;
a site that rests in winter; crews who install; acceptance in attempts. 40 lots make about 140 nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Amount, Input, Values, amount
from sim.chance.distributions import Distribution, Lognormal, Pert, Triangular, Uniform
from sim.chance.steps import Steps
from sim.model.plan import All, Any, At, Attempts, Node, Outcome, Plan, Reach, Within, Without, Work

HORIZON = 3_166.0


@dataclass(eq=False)
class Staircase:
    """A profile of equal steps (a calendar), or of uncertain lengths and values (a regime, a ramp)."""

    name: str
    lengths: tuple[Amount | float, ...]
    heights: tuple[Amount | float, ...]

    def amounts(self) -> Iterator[Amount]:
        return (part for part in (*self.lengths, *self.heights) if isinstance(part, Amount))

    def steps(self, values: Values, horizon: float) -> Steps:
        if not list(self.amounts()):
            times = np.cumsum([0.0, *map(float, self.lengths)])  # type: ignore[arg-type]
            return Steps(times[:, None], np.array(self.heights, dtype=float)[:, None])
        lengths = np.array([amount(part).column(values) for part in self.lengths])
        times = np.concatenate([np.zeros((1, values.count)), np.cumsum(lengths, axis=0)])
        return Steps(times, np.array([amount(part).column(values) for part in self.heights]))


def several(name: str, law: Distribution, count: int) -> tuple[Input, ...]:
    return tuple(Input(f"{name}[{k}]", law) for k in range(count))


WINTER = Staircase("winter", (200.0,) + (135.0, 230.0) * 8, (1.0, *(0.3, 1.0) * 8, 0.3))
REGIME = Staircase(
    "regime", several("regime", Lognormal(240.0, 0.8), 8), (1.0, 0.4, 1.0, 0.0, 0.8, 0.4, 1.0, 0.6, 1.0)
)
APPROVE = Staircase(
    "approve", several("regime", Lognormal(240.0, 0.8), 8), (0.5, 0.2, 0.6, 0.0, 0.5, 0.2, 0.5, 0.4, 0.6)
)
DENY = Staircase(
    "deny", several("regime", Lognormal(240.0, 0.8), 8), (0.05, 0.2, 0.1, 0.3, 0.1, 0.2, 0.1, 0.1, 0.0)
)
LINE = Staircase(
    "line", several("line", Uniform(20.0, 120.0), 11), (*several("speed", Triangular(5.0, 12.0, 16.0), 12),)
)
PASSES = Staircase("passes", (), (0.7,))


def supply_plan(lots: int = 40, *, crews: int = 4) -> Plan:
    """Return a plan of a switch from a first to a second supplier, with ``lots`` lots in all."""
    nodes: dict[str, Node] = {"begin": At(amount(0.0))}
    _license(nodes)
    _site(nodes)
    running = [
        node
        for share, start in (("first", "granted"), ("second", "switch"))
        for node in _lots(nodes, share, start, lots // 2)
    ]
    share = amount(1.0 / (lots // 2))
    nodes["enough"] = Reach(tuple(running), (share,) * len(running), amount(0.95))
    work, luck = several("test", Pert(10.0, 20.0, 60.0), 4), several("test-luck", Uniform(0.0, 1.0), 4)
    nodes["test"] = Attempts(
        ("enough", "powered"), work, several("mending", Pert(5.0, 10.0, 30.0), 3), luck, PASSES
    )
    nodes["accepted"] = Outcome("test")
    pools = {"first/line": 1, "second/line": 1, "crews": crews, "desk": 1}
    return Plan(nodes, HORIZON, pools, milestones={"completion": "accepted"})


def _license(nodes: dict[str, Node]) -> None:
    review, luck = several("review", Lognormal(90.0, 0.6), 6), several("luck", Uniform(0.0, 1.0), 6)
    nodes["prepare"] = Work(("begin",), Input("prepare", Pert(20.0, 40.0, 90.0)))
    rework = several("refile", Pert(10.0, 30.0, 60.0), 5)
    nodes["license"] = Attempts(("prepare",), review, rework, luck, APPROVE, DENY, REGIME, "desk")
    nodes["approved"], nodes["denied"] = Outcome("license"), Outcome("license", approved=False)
    nodes["patience"] = At(amount(274.0))
    nodes["granted"] = Within("approved", "patience")
    nodes["too-late"] = Without("approved", "patience")
    nodes["switch"] = Any(("too-late", "denied"))


def _site(nodes: dict[str, Node]) -> None:
    for name, after in (("ground", "begin"), ("hall", "ground"), ("cooling", "hall"), ("grid", "begin")):
        nodes[name] = Work((after,), Input(name, Pert(30.0, 60.0, 200.0)), WINTER)
    nodes["powered"] = All(("cooling", "grid"))


def _lots(nodes: dict[str, Node], supplier: str, start: str, lots: int) -> list[str]:
    nodes[f"{supplier}/order"] = Work((start,), Input(f"{supplier}/order", Pert(20.0, 50.0, 120.0)))
    for lot in range(lots):
        at = f"{supplier}/lot[{lot}]"
        size = Input(f"{at}/size", Uniform(60.0, 70.0))
        nodes[f"{at}/made"] = Work((f"{supplier}/order",), size, LINE, f"{supplier}/line")
        nodes[f"{at}/freight"] = Work((f"{at}/made",), Input(f"{at}/freight", Pert(5.0, 14.0, 60.0)))
        install = Input(f"{at}/install", Pert(2.0, 4.0, 10.0))
        nodes[f"{at}/installed"] = Work((f"{at}/freight", "powered"), install, pool="crews")
    return [f"{supplier}/lot[{lot}]/installed" for lot in range(lots)]
