"""Parts: in which order the nodes of a plan can be solved, and which of them only together.

Nodes look only at nodes before them, so most are solved one by one; the requests of a pool are solved
together, because each can delay the others; and where requests for a pool wait for requests for the same
pool, everything between them is one strongly connected part that is solved by repetition. Called by the array
engine, once per plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from sim.model.plan import Plan

Pools = Mapping[str, tuple[str, ...]]
"""Name of a pool to the nodes that contend for it, in the order of the plan."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A pool's turn to serve; other nodes may have looked at those of its members that asked ``earlier``."""

    pool: str
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """Nodes that ask no contended pool, then pools: what one pass can find after the level before."""

    nodes: tuple[str, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Nodes that are solved together.

    Attributes
    ----------
    members
        Names of the nodes, in the order of the plan.
    pools
        The pools they contend for.
    levels
        The order in which one pass finds them. A pool has another turn at each level where more members ask.
    repeats
        Whether members of a pool depend on other members, so that one pass may not be enough.
    """

    members: tuple[str, ...]
    pools: Pools
    levels: tuple[Level, ...]
    repeats: bool


def contended_pools(plan: Plan) -> Pools:
    """Return the pools in which somebody can wait: a node holds at most one server at a time."""
    asking: dict[str, list[str]] = defaultdict(list)
    for name, node in plan.nodes.items():
        pool = getattr(node, "pool", None)
        if pool is not None:
            asking[pool].append(name)
    return {pool: tuple(names) for pool, names in asking.items() if len(names) > plan.pools[pool]}


def parts_of(plan: Plan, pools: Pools) -> list[Part]:
    """Return the parts of a plan, each after all those it looks at."""
    vertex = {name: place for place, name in enumerate(plan.nodes)}
    hub = {pool: len(vertex) + place for place, pool in enumerate(pools)}
    edges = [(vertex[other], vertex[name]) for name, node in plan.nodes.items() for other in node.waits_for()]
    for pool, names in pools.items():
        edges += [(vertex[name], hub[pool]) for name in names] + [(hub[pool], vertex[name]) for name in names]
    labels = _strong_parts(edges, len(vertex) + len(hub))
    members: dict[int, list[str]] = defaultdict(list)
    for name, place in vertex.items():
        members[labels[place]].append(name)
    return [_part(plan, tuple(members[label]), pools) for label in _sorted(edges, labels)]


def _strong_parts(edges: list[tuple[int, int]], size: int) -> list[int]:
    """Return a label for each vertex, the same for those that reach each other.

    After Kosaraju and Sharir, Computers and Mathematics with Applications 7 (1981), page 67. (scipy has it
    too, but takes longer to import than a small run takes.)
    """
    after: list[list[int]] = [[] for _ in range(size)]
    before: list[list[int]] = [[] for _ in range(size)]
    for tail, head in edges:
        after[tail].append(head)
        before[head].append(tail)
    labels: dict[int, int] = {}
    for root in reversed(list(_left(after, range(size), set()))):
        labels |= dict.fromkeys(_left(before, [root], set(labels)), root)
    return [labels[vertex] for vertex in range(size)]


def _left(neighbors: list[list[int]], roots: Iterable[int], seen: set[int]) -> Iterator[int]:
    """Yield each vertex that a depth-first search from some roots has not seen before, when it leaves it."""
    for root in roots:
        path = [] if root in seen else [(root, iter(neighbors[root]))]
        seen.add(root)
        while path:
            vertex, rest = path[-1]
            new = next((other for other in rest if other not in seen), None)
            if new is None:
                path.pop()
                yield vertex
            else:
                seen.add(new)
                path.append((new, iter(neighbors[new])))


def _sorted(edges: list[tuple[int, int]], labels: list[int]) -> list[int]:
    before: dict[int, set[int]] = {label: set() for label in labels}
    for tail, head in edges:
        if labels[tail] != labels[head]:
            before[labels[head]].add(labels[tail])
    return list(TopologicalSorter(before).static_order())


def _part(plan: Plan, members: tuple[str, ...], pools: Pools) -> Part:
    inside = set(members)
    mine = {pool: names for pool, names in pools.items() if names[0] in inside}
    pool_of = {name: pool for pool, names in mine.items() for name in names}
    depth: dict[str, int] = {}
    for name in members:
        others = [other for other in plan.nodes[name].waits_for() if other in inside]
        depth[name] = max((depth[other] + (other in pool_of) for other in others), default=0)
    levels = tuple(_level(members, depth, deep, pool_of) for deep in range(max(depth.values()) + 1))
    return Part(members, mine, levels, repeats=len(levels) > 1)


def _level(
    members: tuple[str, ...], depth: Mapping[str, int], deep: int, pool_of: Mapping[str, str]
) -> Level:
    here = [name for name in members if depth[name] == deep]
    pools = dict.fromkeys(pool_of[name] for name in here if name in pool_of)
    before = {name: pool_of[name] for name in members if name in pool_of and depth[name] < deep}
    turns = (Turn(pool, tuple(name for name in before if before[name] == pool)) for pool in pools)
    return Level(tuple(name for name in here if name not in pool_of), tuple(turns))
