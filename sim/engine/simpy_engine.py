"""The reference engine: a replication is a SimPy environment, a node of the plan is a SimPy process.

A node fires when its process ends, and never if its process waits for ever. This module is the definition of
what a plan means, so it simulates and does not calculate: work at a changing rate waits for each change of
the rate. Called by ``study`` for whole runs, for the replications that check the array engine, and for the
event log of one replication.

Within one instant, everything that follows without a choice happens first, as ordinary SimPy events. Then
the choices are made one at a time, by (ready time, order of the nodes in the plan, trial), and each is
followed up before the next: a pool with a free server takes the head of its queue, or a ``Without`` finds at
its deadline that the event has not fired. As nodes look only at nodes before them, ties depend on nothing but
the plan's order, and every request starts at max(ready, earliest free server).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from heapq import heappop, heappush
from math import inf, nextafter
from typing import Any as Anything
from typing import NamedTuple

import numpy as np
from simpy import Environment, Event, Process

from sim.chance.amount import Values
from sim.chance.profiles import Profile
from sim.engine.bind import SLACK, TICKS_PER_DAY, Bound, bind
from sim.engine.event_log import Record, What
from sim.engine.times import Times
from sim.model.plan import All, Any, At, Attempts, Node, Outcome, Plan, Reach, Within, Without, Work

Behavior = Generator[Event, Anything, bool | None]
"""What a process does until its node fires. Attempts return whether they were approved."""


def run(plan: Plan, draws: Values) -> Times:
    """Run every drawn replication of a plan, one after the other.

    Returns
    -------
    Times
        Ready, start and fire time of each node in days, each of shape ``(nodes, draws.count)``.
    """
    numbers = _Numbers(bind(plan, draws))
    table = np.empty((5, len(plan.nodes), draws.count))
    for index in range(draws.count):
        table[:, :, index] = _Replication(plan, numbers, index).run()
    ready, start, fire, waited, trials = table
    instant = [not isinstance(node, Work | Attempts) for node in plan.nodes.values()]
    ready[instant] = start[instant] = fire[instant]
    return Times(numbers.row, ready, start, fire, waited, trials)


def event_log(plan: Plan, draws: Values, *, replication: int = 0) -> list[Record]:
    """Return what happens in one of the drawn replications, in order of time."""
    log: list[Record] = []
    _Replication(plan, _Numbers(bind(plan, draws)), replication, log).run()
    return sorted(log, key=lambda record: record.time)


class _Track(NamedTuple):
    """A profile as one replication sees it: the day each step begins, closed by infinity, and its value."""

    days: list[float]
    values: list[float]

    def at(self, day: float) -> tuple[float, float]:
        """Return the value in force at a day (of steps that begin at once, the last), and until when."""
        following = bisect_right(self.days, day)
        return self.values[following - 1], self.days[following]


class _Numbers:
    """The numbers of a bound plan, laid out once so that one replication's are quick to take."""

    def __init__(self, bound: Bound) -> None:
        self.row = {name: row for row, name in enumerate(bound.plan.nodes)}
        groups = {name: bound.columns(name) for name in bound.plan.nodes}
        ends = np.cumsum([0, *map(len, groups.values())]).tolist()
        self._parts = dict(zip(groups, map(slice, ends, ends[1:]), strict=False))
        self._rows = np.array([column for group in groups.values() for column in group]).T.copy()
        self._steps = {
            key: (np.broadcast_to(steps.times, shape), np.broadcast_to(steps.values, shape))
            for key, steps in bound.profile_steps.items()
            for shape in [(len(steps.times), bound.count)]
        }

    def amounts(self, replication: int) -> dict[str, list[float]]:
        """Return the amounts of each node."""
        row = self._rows[replication].tolist() if self._rows.size else []
        return {name: row[part] for name, part in self._parts.items()}

    def tracks(self, replication: int) -> dict[int, _Track]:
        """Return the track of each profile, by the profile's identity."""
        return {
            key: _Track([*days[:, replication].tolist(), inf], values[:, replication].tolist())
            for key, (days, values) in self._steps.items()
        }


class _Request(NamedTuple):
    """A place in a queue. Requests compare by ready time, order of nodes in the plan, and trial."""

    ready: float
    order: int
    trial: int
    name: str
    turn: Event


class _Replication:
    """One possible future: its clock, what has fired when, and who waits for a turn."""

    def __init__(self, plan: Plan, numbers: _Numbers, index: int, log: list[Record] | None = None) -> None:
        self.plan = plan
        self.amounts = numbers.amounts(index)
        self.tracks = numbers.tracks(index)
        self.log = log
        self.env = Environment()
        self.process: dict[str, Process] = {}
        self.row = numbers.row
        self.ready, self.start, self.fire = (dict.fromkeys(plan.nodes, inf) for _ in range(3))
        self.waited, self.trials = (dict.fromkeys(plan.nodes, 0.0) for _ in range(2))
        self.free = dict[str | None, float]([(None, inf), *plan.pools.items()])  # None: a turn without server
        self.queues: dict[str | None, list[_Request]] = {pool: [] for pool in self.free}

    def run(self) -> list[list[float]]:
        """Let everything happen up to the horizon; return ready, start, fire, waited and trials by node."""
        for name, node in self.plan.nodes.items():
            self.process[name] = self.env.process(self._live(name, node))
        horizon = min(self.plan.horizon, nextafter(inf, 0.0))
        while self.env.peek() <= horizon:
            self.env.step()
            if self.env.peek() > self.env.now:  # all that follows without a choice has happened
                self._choose()
        self._close()
        return [list(row.values()) for row in (self.ready, self.start, self.fire, self.waited, self.trials)]

    def _live(self, name: str, node: Node) -> Behavior:
        """Do what the kind of node does, then fire."""
        outcome = yield from _BEHAVIOR[type(node)](self, name, node)
        self.fire[name] = self.env.now
        self._note(name, "fire")
        return outcome

    # What each kind of node does until it fires

    def _at(self, name: str, node: At) -> Behavior:
        yield self.env.timeout(self.amounts[name][0])
        return None

    def _all(self, name: str, node: All) -> Behavior:
        yield self._all_fired(node.after)
        return None

    def _any(self, name: str, node: Any) -> Behavior:
        yield self.env.any_of([self.process[name] for name in node.after]) if node.after else self._never()
        return None

    def _reach(self, name: str, node: Reach) -> Behavior:
        *shares, required = self.amounts[name]
        missing, reached = required * (1 - SLACK), self.env.event()
        if required <= 0:
            return None

        def add(share: float, _: Event) -> None:
            nonlocal missing
            missing -= share
            if missing <= 0 and not reached.triggered:
                reached.succeed()

        for other, share in zip(node.after, shares, strict=True):
            self.process[other].callbacks.append(partial(add, share))
        yield reached
        return None

    def _work(self, name: str, node: Work) -> Behavior:
        yield self._all_fired(node.after)
        self.ready[name] = self.env.now
        self._note(name, "ready")
        yield from self._serve(name, node, self.amounts[name][0])
        return None

    def _attempts(self, name: str, node: Attempts) -> Behavior:
        amounts, count = self.amounts[name], len(node.work)
        works, reworks, lucks = amounts[:count], amounts[count : 2 * count - 1], amounts[2 * count - 1 :]
        yield self._all_fired(node.after)
        self.ready[name] = self.env.now
        self._note(name, "ready")
        for trial, (work, luck) in enumerate(zip(works, lucks, strict=True), start=1):
            yield from self._serve(name, node, work, trial)
            self.trials[name] = trial
            if luck < (approve := self._chance(node.approve)):
                return True
            if luck < approve + self._chance(node.deny):
                return False
            self._note(name, "trial-returned", node.pool, trial)
            if trial <= len(reworks):
                yield self.env.timeout(reworks[trial - 1])
        yield self._never()
        return None

    def _outcome(self, name: str, node: Outcome) -> Behavior:
        approved = yield self.process[node.attempts]
        if approved is not node.approved:
            yield self._never()
        return None

    def _within(self, name: str, node: Within) -> Behavior:
        yield self.process[node.event]
        if self.fire[node.deadline] < self.env.now:
            yield self._never()
        return None

    def _without(self, name: str, node: Without) -> Behavior:
        yield self.process[node.deadline]
        yield self._turn(None, name)  # the event may still fire at this instant
        if self.fire[node.event] <= self.env.now:
            yield self._never()
        return None

    # Waiting for other nodes

    def _all_fired(self, names: Sequence[str]) -> Event:
        """Return the event that all of some nodes have fired: at once, if there are none."""
        events = [self.process[name] for name in names]
        return events[0] if len(events) == 1 else self.env.all_of(events)

    def _never(self) -> Event:
        return self.env.event()

    # Waiting for a server, and working

    def _serve(self, name: str, node: Work | Attempts, amount: float, trial: int = 0) -> Behavior:
        """Wait for a server, do the work unless it is cancelled by then, free the server."""
        asked = self.env.now
        if node.pool is not None:
            self._note(name, "queue", node.pool, trial)
            yield self._turn(node.pool, name, trial)
        if self._cancelled(node, by=self.env.now):
            self._note_cancelled(name, node, asked, trial)
            self.free[node.pool] += 1
            yield self._never()
        self._note(name, "start", node.pool, trial)
        self.waited[name] += self.env.now - asked
        self.start[name] = min(self.start[name], self.env.now)
        if node.rate is None:
            yield self.env.timeout(amount)
        else:
            yield from self._progress(name, amount, node.rate)
        self.free[node.pool] += 1
        return None

    def _progress(self, name: str, amount: float, rate: Profile) -> Behavior:
        """Work at a rate, from one change of it to the next, until no work is left."""
        left = amount
        while left > 0:
            speed, change = self.tracks[id(rate)].at(self.env.now)
            self._note(name, "rate-change", rate=speed)
            room = change - self.env.now
            if speed > 0 and speed * room >= left - SLACK * amount:
                room, left = min(_tick(self.env.now + left / speed) - self.env.now, room), 0
            else:
                left -= speed * room
            yield self.env.timeout(room)
        return None

    def _chance(self, profile: Profile | None) -> float:
        """Return the value of a profile in force now, 0 without one."""
        return 0.0 if profile is None else self.tracks[id(profile)].at(self.env.now)[0]

    # Choices

    def _turn(self, pool: str | None, name: str, trial: int = 0) -> Event:
        """Queue for a server; return the event of getting one."""
        request = _Request(self.env.now, self.row[name], trial, name, self.env.event())
        heappush(self.queues[pool], request)
        return request.turn

    def _choose(self) -> None:
        """Make the one choice that is due first, if any is."""
        due = [(queue[0], pool) for pool, queue in self.queues.items() if queue and self.free[pool] > 0]
        if due:
            request, pool = min(due)
            heappop(self.queues[pool])
            self.free[pool] -= 1
            request.turn.succeed()

    def _close(self) -> None:
        """Tell those who wait beyond the horizon from those whose order was cancelled while they waited."""
        for queue in self.queues.values():
            for request in queue:
                node = self.plan.nodes[request.name]
                if isinstance(node, Work | Attempts) and self._cancelled(node, by=inf):
                    self._note_cancelled(request.name, node, request.ready, request.trial)
                else:
                    self.waited[request.name] = inf

    def _cancelled(self, node: Work | Attempts, *, by: float) -> bool:
        return node.unless is not None and self.fire[node.unless] < by

    # The event log

    def _note(
        self, name: str, what: What, pool: str | None = None, trial: int = 0, rate: float = 0.0
    ) -> None:
        if self.log is not None:
            self.log.append(Record(self.env.now, name, what, pool or "", trial, rate))

    def _note_cancelled(self, name: str, node: Work | Attempts, asked: float, trial: int) -> None:
        if self.log is not None and node.unless is not None:
            time = max(asked, self.fire[node.unless])
            self.log.append(Record(time, name, "cancelled", node.pool or "", trial))


def _tick(day: float) -> float:
    """Round a day to the nearest tick, as binding does with columns."""
    return float(np.rint(day * TICKS_PER_DAY)) / TICKS_PER_DAY


_BEHAVIOR: Mapping[type[Node], Callable[..., Behavior]] = {
    At: _Replication._at,
    Work: _Replication._work,
    All: _Replication._all,
    Any: _Replication._any,
    Reach: _Replication._reach,
    Attempts: _Replication._attempts,
    Outcome: _Replication._outcome,
    Within: _Replication._within,
    Without: _Replication._without,
}
