"""The event log: what happened in one replication, as flat records in order of time.

The SimPy engine writes it while it runs; dated stories and Gantt charts are told from it. A record says what
happened to one node at one moment and nothing about why: causes are the ledger's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

What = Literal["ready", "queue", "start", "rate-change", "trial-returned", "fire", "cancelled"]


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened.

    Attributes
    ----------
    time
        Days since the start.
    node
        Name of the node in the plan.
    what
        ``ready``: all predecessors have fired (work and attempts only). ``queue``: a server of the pool was
        asked for. ``start``: the work, or a trial, began. ``rate-change``: from now on it goes at this rate
        (said at the start, too, if a profile sets the rate). ``trial-returned``: a trial ended without a
        decision. ``fire``: the node fired. ``cancelled``: the request left, because the node that cancels
        had fired before the start.
    pool
        The pool asked or entered; empty without one.
    trial
        Number of the trial, from 1; 0 for anything but a trial of attempts.
    rate
        Work per day from this moment on, for ``rate-change``; else 0.
    """

    time: float
    node: str
    what: What
    pool: str = ""
    trial: int = 0
    rate: float = 0.0
