"""Drivers: which stages, joins and inputs decide the date, from runs already made.

Criticality, binding paths, schedule sensitivity and merge bias look at the schedule (Hulett, Practical
Schedule Risk Analysis, 2009, chapter 8); rank correlation and first-order shares look at the inputs. Never is
the last rank, not a missing value. Called by ``study.drivers``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.chance.amount import Column
from sim.engine.times import Times
from sim.model.plan import All, At, Attempts, Node, Plan, Work
from sim.results.ledger import Mask

BINS = 20
"""Bins of equal probability over which a first-order share is estimated."""

_INDEX = re.compile(r"\[\d+\]")


def family(name: str) -> str:
    """Return a node or an input without the numbers that tell its repetitions apart."""
    return _INDEX.sub("", name)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, all its repetitions (lots, applications) together.

    Attributes
    ----------
    criticality
        Share of the completed replications in which it lies on the binding path.
    sensitivity
        Schedule sensitivity index: criticality times the standard deviation of its duration over that of the
        completion (repetitions that happened: their mean duration).
    """

    name: str
    cause: str
    criticality: float
    sensitivity: float


def stages(plan: Plan, times: Times, binding: Mapping[str, Mask], finish: str) -> list[Stage]:
    """Return the stages that are ever on the binding path, most critical first.

    Parameters
    ----------
    binding
        Of the ledger of ``finish``.
    """
    completion = times.of(finish)
    done = np.isfinite(completion)
    groups: dict[str, list[str]] = defaultdict(list)
    for name, node in plan.nodes.items():
        if isinstance(node, Work | Attempts) and name in binding:
            groups[family(name)].append(name)
    spread = float(completion[done].std()) if done.any() else 0.0
    found = []
    for name, members in groups.items():
        share = (
            float(np.mean(np.any([binding[each][done] for each in members], axis=0))) if done.any() else 0.0
        )
        deviation = _deviation(times, members, done)
        index = share * deviation / spread if spread > 0.0 else 0.0
        found.append(Stage(name, plan.nodes[members[0]].cause, share, index))
    return sorted(found, key=lambda stage: -stage.criticality)


def _deviation(times: Times, members: Sequence[str], done: Mask) -> float:
    rows = [times.row[name] for name in members]
    fired, ready = times.fire[rows][:, done], times.ready[rows][:, done]
    happened = np.isfinite(fired)
    days = np.subtract(fired, ready, out=np.zeros_like(fired), where=happened)
    count = happened.sum(axis=0)
    mean = days.sum(axis=0)[count > 0] / count[count > 0]
    return float(mean.std()) if mean.size else 0.0


def paths(plan: Plan, binding: Mapping[str, Mask], most: int = 5) -> list[tuple[tuple[str, ...], float]]:
    """Return the most frequent binding paths as sequences of causes, with their share of the completed."""
    nodes = [(name, _label(name, node)) for name, node in plan.nodes.items() if name in binding]
    shown = [(binding[name], label) for name, label in nodes if label]
    if not shown:
        return []
    packed = np.packbits(np.array([mask for mask, _ in shown]), axis=0).T
    chains, counts = np.unique(packed, axis=0, return_counts=True)
    found: Counter[tuple[str, ...]] = Counter()
    for chain, count in zip(np.unpackbits(chains, axis=1, count=len(shown)), counts, strict=True):
        labels = [label for used, (_, label) in zip(chain, shown, strict=True) if used]
        found[tuple(one for k, one in enumerate(labels) if k == 0 or labels[k - 1] != one)] += int(count)
    found.pop((), None)
    total = sum(found.values())
    return [(path, count / total) for path, count in found.most_common(most)]


def _label(name: str, node: Node) -> str:
    if isinstance(node, At):
        return node.cause
    return (node.cause or family(name)) if isinstance(node, Work | Attempts) else ""


def merge_bias(plan: Plan, times: Times, binding: Mapping[str, Mask]) -> list[tuple[str, float]]:
    """Return the joins on binding paths by their merge bias in days, the largest first.

    It is the mean of the latest predecessor minus the latest of their means, in replications in which all of
    them fire: what a schedule of mean durations forgets at this join (MacCrimmon and Ryavec, Operations
    Research 12 (1964), page 16).
    """
    found = []
    for name, node in plan.nodes.items():
        after = getattr(node, "after", ())
        if name in binding and len(after) > 1 and isinstance(node, All | Work | Attempts):
            fired = times.fire[[times.row[other] for other in after]]
            fired = fired[:, np.isfinite(fired).all(axis=0)]
            if fired.size:
                found.append((name, float(fired.max(axis=0).mean() - fired.mean(axis=1).max())))
    return sorted((each for each in found if each[1] > 0.0), key=lambda each: -each[1])


@dataclass(frozen=True, slots=True)
class Influence:
    """How an uncertain quantity, all its repetitions together, goes with the outcome.

    Attributes
    ----------
    inputs
        Its inputs, the most correlated first.
    correlation
        Spearman's rank correlation of that first input with completion.
    explained
        Share of the variance of the ranks of completion that goes with all its inputs (sum of squares,
        less what chance alone would give).
    first_order
        Share of the variance of "complete by the date" that goes with it alone; NaN without a date.
    """

    path: str
    inputs: tuple[str, ...]
    correlation: float
    explained: float
    first_order: float


def influences(uniforms: Mapping[str, Column], completion: Column, by: float | None) -> list[Influence]:
    """Return quantities by how much of the ranks of completion they explain, the most first.

    Parameters
    ----------
    uniforms
        Input to its uniforms, shape ``(n,)``.
    completion
        Shape ``(n,)``; infinity for never, which is the last rank.
    by
        Day whose "complete by" is analyzed.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for name in uniforms:
        groups[quantity_of(name)].append(name)
    ranks = ranks_of(completion)
    hits = None if by is None else completion <= by
    found = []
    for path, members in groups.items():
        related = {name: rank_correlation(uniforms[name], ranks) for name in members}
        members = sorted(members, key=lambda name: -abs(related[name]))
        chance = len(members) / max(len(completion) - 1, 1)
        explained = max(sum(each**2 for each in related.values()) - chance, 0.0)
        first = np.nan if hits is None else first_order([uniforms[name] for name in members], hits)
        found.append(Influence(path, tuple(members), related[members[0]], explained, first))
    return sorted(found, key=lambda each: -each.explained)


def quantity_of(name: str) -> str:
    """Return the quantity an input belongs to; the inputs of one risk are one quantity."""
    scope, _, path = family(name).rpartition("/")
    if path.startswith("risks."):
        return ".".join(path.split(".")[:2])
    return f"{scope}/{path}" if scope and not path.startswith(("licensing.", "suppliers.")) else path


def rank_correlation(uniforms: Column, ranks: Column) -> float:
    """Return Spearman's correlation of an input with ranks (ties share their mean rank)."""
    one, other = ranks_of(uniforms), ranks
    if one.min() == one.max() or other.min() == other.max():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def ranks_of(column: Column) -> Column:
    """Return ranks from 1; ties share their mean rank."""
    from scipy.stats import rankdata  # takes a second to import, and ledgers of this module do without it

    ranks: Column = rankdata(column)
    return ranks


def first_order(uniforms: Sequence[Column], hits: Mask) -> float:
    """Return the share of the variance of a yes or no that goes with independent inputs one by one, summed.

    Per input: the variance of the shares between bins of the input, less the part that chance alone puts
    there, over the whole variance. From given data: Plischke, Reliability Engineering and System Safety 95
    (2010), page 354.
    """
    share = float(hits.mean())
    total = share * (1.0 - share)
    if total == 0.0:
        return 0.0
    return max(sum(_between(column, hits, share) for column in uniforms), 0.0) / total


def _between(uniforms: Column, hits: Mask, share: float) -> float:
    places = np.minimum((uniforms * BINS).astype(int), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    used = counts > 0
    shares = np.bincount(places, weights=hits, minlength=BINS)[used] / counts[used]
    between = float(np.sum(counts[used] * (shares - share) ** 2))
    return (between - float(np.sum(shares * (1.0 - shares)))) / len(hits)


def mean_of(ledger: Mapping[str, Column], selected: Mask) -> dict[str, float]:
    """Return the mean days per cause of some replications, in the order of the ledger's causes."""
    if not selected.any():
        return {}
    return {cause: float(days[selected].mean()) for cause, days in ledger.items() if days[selected].any()}


def near(completion: Column, day: float, *, share: float = 0.05) -> Mask:
    """Return the completed replications whose completion is nearest in rank to a day.

    They are this share of those that complete, at least 20 (or all), half of them on either side.
    """
    finite = np.flatnonzero(np.isfinite(completion))
    order = finite[np.argsort(completion[finite], kind="stable")]
    size = min(max(round(share * len(order)), 20), len(order))
    middle = int(np.searchsorted(completion[order], day))
    first = min(max(middle - size // 2, 0), len(order) - size)
    chosen = np.zeros(completion.shape, dtype=bool)
    chosen[order[first : first + size]] = True
    return chosen


def most_days(days: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return causes by days, the most first."""
    return sorted(days, key=lambda each: -each[1])
