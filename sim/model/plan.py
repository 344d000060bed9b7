"""The plan: what a scenario means, as a directed acyclic graph of nodes that each fire at most once.

These are the words in which every supply chain is said; the engines know these and nothing else. Mechanisms
(licensing, production, site …) write plans through :class:`sim.model.draft.Draft`; verification cases write
them by hand. A node *fires* at a time in days since the scenario's start, or never (infinity).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sim.chance.amount import Amount, Input, inputs_of
from sim.chance.profiles import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all nodes share: ``cause`` names the kind of delay for the ledger ("license", "freight", …)."""

    cause: str = ""

    def waits_for(self) -> tuple[str, ...]:
        """Return the names of the nodes this one looks at."""
        return ()

    def amounts(self) -> tuple[Amount, ...]:
        """Return the amounts the node needs."""
        return ()

    def profiles(self) -> tuple[Profile, ...]:
        """Return the profiles the node needs."""
        return ()


@dataclass(frozen=True, slots=True)
class At(Node):
    """Fires at a day (never, if the day is infinite or past the horizon; days before 0 count as 0)."""

    day: Amount

    def amounts(self) -> tuple[Amount, ...]:
        """Return the day."""
        return (self.day,)


@dataclass(frozen=True, slots=True)
class Work(Node):
    """Fires when an amount of work is done.

    It is *ready* when all of ``after`` have fired (day 0 if there are none), *starts* when the pool has a
    free server (first in, first out by ready time, ties by the order of nodes in the plan), then progresses
    at ``rate`` per day (1 without a profile); the server is held until it fires. If the node ``unless`` fires
    strictly before the start, the request leaves the queue and the work never fires. An amount of 0 fires at
    the start, whatever the rate; negative amounts count as 0. ``slowed`` names the days that a rate adds to
    an amount in days (or saves, counted negative) in the ledger; without it they belong to ``cause``.
    """

    after: tuple[str, ...]
    amount: Amount
    rate: Profile | None = None
    pool: str | None = None
    unless: str | None = None
    slowed: str = ""

    def waits_for(self) -> tuple[str, ...]:
        """Return the predecessors and the node that cancels."""
        return self.after if self.unless is None else (*self.after, self.unless)

    def amounts(self) -> tuple[Amount, ...]:
        """Return the work."""
        return (self.amount,)

    def profiles(self) -> tuple[Profile, ...]:
        """Return the rate."""
        return () if self.rate is None else (self.rate,)


@dataclass(frozen=True, slots=True)
class All(Node):
    """Fires at the latest of its predecessors (at day 0 if there are none)."""

    after: tuple[str, ...]

    def waits_for(self) -> tuple[str, ...]:
        """Return the predecessors."""
        return self.after


@dataclass(frozen=True, slots=True)
class Any(Node):
    """Fires at the earliest of its predecessors (never, if there are none)."""

    after: tuple[str, ...]

    def waits_for(self) -> tuple[str, ...]:
        """Return the predecessors."""
        return self.after


@dataclass(frozen=True, slots=True)
class Reach(Node):
    """Fires when the shares of the predecessors that have fired first sum to ``required``.

    A requirement of 0 or less fires at day 0. Sums within one part in 10^9 of the requirement count;
    negative shares count as 0.
    """

    after: tuple[str, ...]
    shares: tuple[Amount, ...]
    required: Amount

    def waits_for(self) -> tuple[str, ...]:
        """Return the predecessors."""
        return self.after

    def amounts(self) -> tuple[Amount, ...]:
        """Return the shares and, last, the requirement."""
        return (*self.shares, self.required)


@dataclass(frozen=True, slots=True)
class Attempts(Node):
    """Repeats a trial until it is approved or denied; each outcome is a node of its own (:class:`Outcome`).

    Trial *k* asks the pool for a server, takes ``work[k]`` at ``rate``, frees the server, and compares
    ``luck[k]`` (uniform on 0..1) with the chances in force at that moment: below ``approve`` it is approved,
    below ``approve + deny`` denied, else returned. A return costs ``rework[k]`` days (the applicant's own
    time: no pool, no rate), then trial *k + 1* is ready. After the last return neither outcome ever fires.
    The node itself fires at the decision. With ``deny=None`` nothing is denied. ``slowed`` and ``reworked``
    name the days added by the rate and by rework in the ledger, as in :class:`Work`.
    """

    after: tuple[str, ...]
    work: tuple[Amount, ...]
    rework: tuple[Amount, ...]
    luck: tuple[Amount, ...]
    approve: Profile
    deny: Profile | None = None
    rate: Profile | None = None
    pool: str | None = None
    unless: str | None = None
    slowed: str = ""
    reworked: str = ""

    def __post_init__(self) -> None:
        if not (len(self.work) == len(self.luck) == len(self.rework) + 1):
            raise ValueError(
                f"attempts need as much luck as work, and one rework less: got {len(self.work)} work, "
                f"{len(self.luck)} luck, {len(self.rework)} rework"
            )

    def waits_for(self) -> tuple[str, ...]:
        """Return the predecessors and the node that cancels."""
        return self.after if self.unless is None else (*self.after, self.unless)

    def amounts(self) -> tuple[Amount, ...]:
        """Return work, rework and luck, in this order."""
        return (*self.work, *self.rework, *self.luck)

    def profiles(self) -> tuple[Profile, ...]:
        """Return the chances and the rate."""
        return tuple(p for p in (self.approve, self.deny, self.rate) if p is not None)


@dataclass(frozen=True, slots=True)
class Outcome(Node):
    """Fires when the attempts end in approval (or, with ``approved=False``, in denial)."""

    attempts: str
    approved: bool = True

    def waits_for(self) -> tuple[str, ...]:
        """Return the attempts."""
        return (self.attempts,)


@dataclass(frozen=True, slots=True)
class Within(Node):
    """Fires at the event, if it fires no later than the deadline node does; else never."""

    event: str
    deadline: str

    def waits_for(self) -> tuple[str, ...]:
        """Return the event and the deadline."""
        return (self.event, self.deadline)


@dataclass(frozen=True, slots=True)
class Without(Node):
    """Fires at the deadline, if the event has not fired by then (one at the deadline has); else never."""

    event: str
    deadline: str

    def waits_for(self) -> tuple[str, ...]:
        """Return the event and the deadline."""
        return (self.event, self.deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Money spent when a node fires: ``usd`` of one ``kind``; negative for what comes back.

    With ``since``, ``usd`` is spent per day from that day until the node fires (until the horizon, if never).
    """

    kind: str
    node: str
    usd: Amount
    since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Accelerators that run from when a node fires, with the usable compute of each in TFLOP/s.

    They never count if ``unless`` fires strictly before (the loser of a race).
    """

    build: str
    supplier: str
    node: str
    accelerators: Amount
    teraflops: Amount
    unless: str | None = None


@dataclass(frozen=True)
class Plan:
    """A graph of nodes in topological order, the pools they share, and the time after which nothing fires.

    Attributes
    ----------
    nodes
        Name to node; each node looks only at nodes before it. The order decides ties in a pool's queue.
    horizon
        Days since the start; nothing fires after it (firing exactly at it is allowed).
    pools
        Name to number of servers.
    correlations
        Spearman rank correlations between inputs, ``{(name, name): coefficient}``.
    milestones
        Column of the outcomes to the node whose firing it reports; ``completion`` is always among them.
    costs
        Column of the outcomes to what is spent, in USD.
    capacity
        What comes to run, part by part.

    Raises
    ------
    ValueError
        A node looks at one that is not before it (which a cycle always does), names an unknown pool, a pool
        without servers, a completion that is missing, or two inputs that share a name but not a law.
    """

    nodes: Mapping[str, Node]
    horizon: float
    pools: Mapping[str, int] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    milestones: Mapping[str, str] = field(default_factory=dict)
    costs: Mapping[str, tuple[Cost, ...]] = field(default_factory=dict)
    capacity: tuple[Capacity, ...] = ()

    def __post_init__(self) -> None:
        self._check_order()
        self._check_pools()
        for what, node in self._reported():
            if node not in self.nodes:
                raise ValueError(f"{what} reports node {node!r}, which the plan does not have")
        _ = self.inputs

    def _reported(self) -> Iterator[tuple[str, str]]:
        for column, node in self.milestones.items():
            yield f"milestone {column!r}", node
        for column, costs in self.costs.items():
            yield from ((f"cost {column!r}", cost.node) for cost in costs)
        for part in self.capacity:
            yield f"capacity of {part.supplier!r}", part.node
            if part.unless is not None:
                yield f"capacity of {part.supplier!r}", part.unless

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        """Return every uncertain input of the plan by name, in the order of first use."""
        found: dict[str, Input] = {}
        for part in inputs_of(self._amounts()):
            if found.setdefault(part.name, part).distribution != part.distribution:
                raise ValueError(f"two inputs are named {part.name!r} but follow different laws")
        return found

    def _amounts(self) -> Iterator[Amount]:
        for node in self.nodes.values():
            yield from node.amounts()
            for profile in node.profiles():
                yield from profile.amounts()
        for costs in self.costs.values():
            yield from (cost.usd for cost in costs)
        for part in self.capacity:
            yield from (part.accelerators, part.teraflops)

    def _check_order(self) -> None:
        seen: set[str] = set()
        for name, node in self.nodes.items():
            for other in node.waits_for():
                if other not in seen:
                    where = "comes later" if other in self.nodes else "does not exist"
                    raise ValueError(f"node {name!r} looks at {other!r}, which {where} in the plan")
            seen.add(name)

    def _check_pools(self) -> None:
        for name, servers in self.pools.items():
            if servers < 1:
                raise ValueError(f"pool {name!r} has {servers} servers; it needs at least 1")
        for name, node in self.nodes.items():
            pool = getattr(node, "pool", None)
            if pool is not None and pool not in self.pools:
                raise ValueError(f"node {name!r} asks for pool {pool!r}, which the plan does not have")
