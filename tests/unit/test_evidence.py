from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario.account import WEAKEST_FIRST, account
from sim.scenario.evidence import read_evidence
from sim.scenario.explain import compact, difference, explain, quantities
from sim.scenario.folders import shipped_folder
from sim.scenario.load import load
from sim.scenario.problems import ScenarioError

Write = Callable[..., Path]

HEADER = "id,topic,quantity,low,mode,high,unit,as_of,source_title,source_url,note,confidence\n"
ROW = "ZZ001,t,q,1,2,3,days,2024-05,A title,https://example.org,,high\n"
LAW = "{pert: [1, 2, 3], unit: months, source: [ZZ001], grade: low}"


def test_shipped_rows_are_read_and_complete() -> None:
    rows = read_evidence([shipped_folder()])
    with (shipped_folder() / "evidence.csv").open(encoding="utf-8", newline="") as stream:
        assert list(rows) == [record["id"] for record in csv.DictReader(stream)]
    assert all(row.source_title and row.confidence and (row.source_url or row.note) for row in rows.values())


def test_local_rows_add_to_the_shipped_ones(write: Write) -> None:
    shipped = read_evidence([shipped_folder()])
    write("evidence.csv", HEADER + ROW)
    rows = read_evidence()
    assert rows["ZZ001"].source_title == "A title"
    assert {**shipped, "ZZ001": rows["ZZ001"]} == rows
    write("mine.yaml", f"extends: kz-switch\nstrategy: {{patience: {LAW}}}\n")
    assert load("mine").scenario.strategy.patience.source == ("ZZ001",)


def test_a_local_row_may_repeat_a_shipped_one_but_not_contradict_it(write: Write) -> None:
    with (shipped_folder() / "evidence.csv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))["id"]
    write("evidence.csv", HEADER + ROW.replace("ZZ001", first))
    with pytest.raises(ScenarioError) as error:
        read_evidence()
    assert str(error.value) == f"scenarios/evidence.csv:2: the id '{first}' is used for two different rows"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,topic\nA,b\n", ":1: has no column quantity, low, mode, high, unit, as_of, source_title, "),
        (HEADER + '"open', ":1: is not CSV: unexpected end of data"),
        (b"\xff", ":1: is not UTF-8 text: byte 0xff"),
    ],
)
def test_a_broken_table_is_named(write: Write, content: str | bytes, message: str) -> None:
    write("evidence.csv", content)
    with pytest.raises(ScenarioError) as error:
        read_evidence()
    assert f"scenarios/evidence.csv{message}" in str(error.value)


def test_explain_tells_the_whole_history_and_the_source(write: Write) -> None:
    write("evidence.csv", HEADER + ROW)
    write("mine.yaml", f"extends: kz-switch\nstrategy: {{patience: {LAW}}}\n")
    loaded = load("mine", ["strategy.patience.max=2.5"])
    (told,) = explain(loaded, "strategy.patience")
    assert [str(change.place) for change in told.changes] == ["scenarios/mine.yaml:2:22"]
    assert told.changes[0].old == "9 months"
    assert told.first is not None
    assert told.first.file.endswith("kz-switch.yaml")
    assert [row.id for row in told.evidence] == ["ZZ001"]
    assert told.grade == "low"
    lines = told.text().splitlines()
    assert lines[0] == "strategy.patience = {pert: [1, 2, 3], unit: months, max: 2.5}"
    assert lines[-3:] == [
        "  source ZZ001 (high confidence, as of 2024-05): A title",
        "    https://example.org",
        "  grade: low",
    ]


def test_explain_follows_the_command_line_and_removal() -> None:
    loaded = load("kz-switch", ["strategy.patience=6 months", "target=null"])
    (patience,) = explain(loaded, "strategy.patience")
    assert str(patience.changes[-1].place) == "--set strategy.patience=6 months"
    assert (patience.changes[-1].old, patience.changes[-1].new) == ("9 months", "6 months")
    assert explain(loaded, "strategy.patience.unit") == (patience,)
    (target,) = explain(loaded, "target")
    assert target.value is None
    assert (target.changes[-1].old, target.changes[-1].new) == ("2024-12-31", None)


def test_explain_a_section_a_default_and_an_assumption() -> None:
    loaded = load("kz-switch")
    paths = [each.path for each in explain(loaded, "strategy")]
    assert {"strategy.kind", "strategy.first", "strategy.then", "strategy.patience"} <= set(paths)
    (default,) = explain(loaded, "demand.accelerators")
    assert default.first is None
    assert default.text() == "demand.accelerators = nothing\n  default of the schema"
    assumed = next(path for path, quantity in quantities(loaded) if quantity.assumption)
    (told,) = explain(loaded, assumed)
    assert f"assumption: {told.assumption}" in told.text()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "strategy.patiense",
            "kz-switch: strategy.patiense: there is no such value (did you mean patience?)",
        ),
        ("suppliers.nvdia", "kz-switch: suppliers.nvdia: there is no such value (did you mean nvidia?)"),
        ("strategy..x", "kz-switch: 'strategy..x' is not a path such as strategy.patience or lots[0].share"),
    ],
)
def test_explain_names_a_path_that_leads_nowhere(path: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        explain(load("kz-switch"), path)
    assert str(error.value) == message


def test_quantities_come_in_file_order_and_are_those_of_the_scenario() -> None:
    loaded = load("kz-base")
    found = dict(quantities(loaded))
    assert next(iter(found)) == "demand.compute"
    assert found["demand.compute"] == loaded.scenario.demand.compute
    text = loaded.path.read_text(encoding="utf-8")
    assert len([q for q in found.values() if q.source]) == text.count("source: [")
    assert all(q.is_fixed or q.source or q.assumption for q in found.values())


def test_an_account_lists_the_weakest_inputs_first() -> None:
    found = account(load("kz-switch"))
    grades = [each.grade for each in found.inputs]
    assert grades == sorted(grades, key=WEAKEST_FIRST.index)
    assert found.grades["low"] == grades.count("low") > 0
    assert found.low_share == grades.count("low") / len(grades)
    assert found.assumed == sum(each.assumption is not None for each in found.inputs) > 0
    assert all(each.evidence or each.assumption for each in found.inputs)


def test_difference_names_what_each_has() -> None:
    found = {path: (one, other) for path, one, other in difference(load("kz-ascend"), load("kz-switch"))}
    assert found["strategy.kind"] == ("single", "switch")
    assert found["strategy.patience"] == ("nothing", "9 months")
    assert not list(difference(load("kz-switch"), load("kz-switch")))


def test_compact_values() -> None:
    assert compact({"a": [1, 2.5], "b": None, "c": True}) == "{a: [1, 2.5], b: nothing, c: true}"
