"""What holds in any scenario file: parents merge in any order of brackets, and what is written reads back."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sim.scenario.document import as_yaml, node_of
from sim.scenario.explain import quantities
from sim.scenario.load import Loaded, load, rebuild
from sim.scenario.merge import merge
from sim.scenario.problems import Place, ScenarioError
from sim.scenario.quantity import Quantity, parse
from sim.scenario.schema import Scenario
from sim.scenario.units import DIMENSIONS

scalars = st.one_of(st.integers(-9, 9), st.text("ab", max_size=2), st.booleans())
leaves = st.dictionaries(
    st.sampled_from(["title", "x", "y"]), st.one_of(scalars, st.lists(scalars, max_size=2)), max_size=3
)
files = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda own, sections: {**own, **sections},
        leaves,
        st.dictionaries(st.sampled_from(["suppliers", "nvidia", "part"]), inner, max_size=2),
    ),
    max_leaves=6,
)
"""Files in which a key is a section everywhere or nowhere, as the schema has it."""


def merged(*documents: dict[str, Any]) -> dict[str, Any]:
    """Return files merged from left to right, each over what came before."""
    nodes = [node_of(document, Place("test")) for document in documents]
    root = nodes[0]
    for node in nodes[1:]:
        root = merge(root, node, Scenario)
    found: dict[str, Any] = root.plain()
    return found


@given(files, files, files)
def test_a_chain_of_parents_may_be_merged_from_either_end(first: Any, second: Any, third: Any) -> None:
    from_left = merged(merged(first, second), third)
    from_right = merged(first, merged(second, third))
    assert from_left == from_right == merged(first, second, third)
    assert json.dumps(from_left) == json.dumps(from_right)  # the order of keys decides ties in queues


@given(files, files)
def test_every_value_of_the_child_is_in_force_and_every_other_one_of_the_parent(
    parent: Any, child: Any
) -> None:
    found = merged(parent, child)
    assert list(found) == [*parent, *(key for key in child if key not in parent)]
    for key, value in found.items():
        if key not in child or key not in parent:
            assert value == (child if key in child else parent)[key]
        elif not (isinstance(parent[key], dict) and isinstance(child[key], dict)):
            assert value == child[key]


@given(files)
def test_an_empty_file_is_neutral_and_a_file_over_itself_is_itself(document: Any) -> None:
    assert merged(document, {}) == merged({}, document) == merged(document, document) == document


def test_null_forgets_what_was_before_it() -> None:
    assert merged({"x": {"y": 1}}, {"x": None}, {"x": {"lot": 2}}) == {"x": {"lot": 2}}


@cache
def shipped(name: str) -> tuple[Loaded, dict[str, Quantity]]:
    loaded = load(name)
    return loaded, dict(quantities(loaded))


sizes = st.floats(0.01, 900.0, allow_subnormal=False)
laws = st.one_of(
    st.tuples(sizes, sizes, sizes).map(lambda t: {"triangular": sorted(t)}),
    st.tuples(sizes, sizes).map(lambda t: {"uniform": sorted(t)}),
    st.tuples(sizes, st.floats(0.01, 2.0)).map(lambda t: {"lognormal": {"median": t[0], "sigma": t[1]}}),
    st.tuples(sizes, st.floats(0.1, 0.9)).map(lambda t: {"gamma": {"mean": t[0], "sd": t[0] * t[1]}}),
    st.lists(sizes, min_size=1, max_size=4).map(
        lambda t: {"discrete": {"values": t, "weights": [1.0 + k for k in range(len(t))]}}
    ),
    sizes.map(lambda value: {"fixed": value}),
)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["kz-switch", "hbm-runs-out"]), st.data())
def test_a_scenario_that_is_written_reads_back_as_the_same(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    loaded, found = shipped(name)
    path = data.draw(st.sampled_from(sorted(found)))
    body = {**data.draw(laws), "unit": DIMENSIONS[found[path].dimension].canonical, "assumption": "A test."}
    try:
        changed = load(name, (f"{path}={json.dumps(body)}",))
    except ScenarioError:  # a number that this place does not take
        assume(False)
    assert changed.digest != loaded.digest
    file = tmp_path_factory.mktemp("written") / "again.yaml"
    file.write_text(as_yaml(changed.merged), encoding="utf-8")
    again = load(Path(file))
    assert again.scenario == changed.scenario == rebuild(json.loads(json.dumps(changed.merged)))
    assert (again.merged, again.digest) == (changed.merged, changed.digest)


@given(laws, st.sampled_from(sorted(DIMENSIONS)))
def test_a_quantity_that_is_written_reads_back_as_the_same(body: dict[str, Any], dimension: str) -> None:
    unit = {} if DIMENSIONS[dimension].is_plain else {"unit": DIMENSIONS[dimension].canonical}
    try:
        quantity = parse({**body, **unit, "assumption": "A test."}, DIMENSIONS[dimension])
    except ValueError:  # a share above 1
        assume(False)
    assert parse(json.loads(json.dumps(quantity.plain())), DIMENSIONS[dimension]) == quantity
