"""Every problem at once, each at its line, in words that say what to do."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field

from sim.scenario.load import load, load_as
from sim.scenario.problems import Place, Problem, ScenarioError
from sim.scenario.quantity import Duration, Power, Share
from sim.scenario.section import Section

Write = Callable[..., Path]


class Supplier(Section):
    lead_time: Duration
    share: Share | None = None
    lots: tuple[int, ...] = ()


class Small(Section):
    title: str
    start: datetime.date
    kind: Literal["single", "switch"] = "single"
    chosen: str = "one"
    urgent: bool = False
    ratio: float = Field(0.5, gt=0, le=1)
    power: Power | None = None
    suppliers: Mapping[str, Supplier] = {}
    source: tuple[str, ...] = ()


def checks(scenario: Small) -> Iterator[tuple[str, str]]:
    if scenario.chosen not in scenario.suppliers:
        yield "chosen", f"unknown supplier {scenario.chosen!r}"


HEADER = "id,topic,quantity,low,mode,high,unit,as_of,source_title,source_url,note,confidence\n"
EVIDENCE = HEADER + "ZZ001,t,q,1,2,3,days,2024,Title,https://example.org,,high\n"

GOOD = "title: T\nstart: 2024-04-30\nsuppliers:\n  one: {lead_time: 3 weeks}\n"


def found(write: Write, text: str, **overrides: Any) -> list[str]:
    write("small.yaml", text)
    write("evidence.csv", EVIDENCE)
    with pytest.raises(ScenarioError) as error:
        load_as("small", Small, checks, **overrides)
    assert str(error.value).splitlines() == [str(problem) for problem in error.value.problems]
    return [line.removeprefix("scenarios/small.yaml:") for line in str(error.value).splitlines()]


def test_a_good_file_has_no_problems(write: Write) -> None:
    write("small.yaml", GOOD)
    scenario: Any = load_as("small", Small, checks).scenario
    assert scenario.start == datetime.date(2024, 4, 30)
    assert scenario.suppliers["one"].lead_time.central == 21


def test_eight_mistakes_get_eight_located_messages(write: Write) -> None:
    text = """\
title: T
start: 2024-04-30
chosen: two
kind: swich
powr: 3 kW
urgent: perhaps
suppliers:
  one:
    lead_time: {pert: [8, 260, 78], unit: weeks, source: [ZZ001]}
    share: 12 kW
    share: 10 %
  three:
    lead_time: {uniform: [1, 2], unit: weeks, source: [ZZ01]}
"""
    assert found(write, text) == [
        "3:9: chosen: unknown supplier 'two'",
        "4:7: kind: 'swich' is not single or switch (did you mean switch?)",
        "5:1: powr: unknown key (did you mean power?)",
        "6:9: urgent: 'perhaps' is not true or false",
        "9:23: suppliers.one.lead_time.pert: mode 260 is above high 78",
        "10:12: suppliers.one.share: kW is for a power; a share needs % or fraction",
        "11:5: suppliers.one.share: is here twice (the first is in line 10)",
        "13:56: suppliers.three.lead_time.source: unknown evidence 'ZZ01' (did you mean ZZ001?)",
    ]


def test_eight_mistakes_in_a_whole_scenario(write: Write) -> None:
    """The real schema, with mistakes of every kind: YAML, fields, quantities, evidence, sections."""
    write(
        "mine.yaml",
        """\
extends: kz-switch
target: 2020-01-01
horizom: 2030-01-01
strategy: {then: ascent, patience: 9 kW}
strategy: {kind: switch}
demand: {required_share: {pert: [0.9, 0.5, 1], source: NV999}}
acceptance: {attempts: many}
installation: {crews: {uniform: [1, 2]}}
""",
    )
    with pytest.raises(ScenarioError) as error:
        load("mine")
    places = [(each.line, each.column) for each in error.value.problems]
    assert places == sorted(places)
    lines = {(each.line, each.path) for each in error.value.problems}
    expected = {
        (2, "target"),
        (3, "horizom"),
        (4, "strategy.then"),
        (4, "strategy.patience"),
        (5, "strategy"),
        (6, "demand.required_share.pert"),
        (6, "demand.required_share.source"),
        (7, "acceptance.attempts"),
    }
    assert expected <= lines
    assert all(each.file == "scenarios/mine.yaml" and each.column for each in error.value.problems)
    assert "did you mean ascend" in str(error.value)
    assert "pydantic" not in str(error.value)
    assert "Input" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("urgent: 'yes'", "6:9: urgent: 'yes' is not true or false"),
        ("ratio: '0.5'", "6:8: ratio: '0.5' is not a number"),
        ("ratio: .nan", "6:8: ratio: '.nan' is not a number"),
        ("ratio: 2", "6:8: ratio: 2 is above 1"),
        ("ratio: 0", "6:8: ratio: 0 is not above 0"),
        ("kind: 3", "6:7: kind: 3 is not single or switch"),
        ("chosen: [one]", "6:9: chosen: a list is not text"),
        ("chosen: 3", "6:9: chosen: 3 is not text"),
        ("source: ZZ001", "6:9: source: 'ZZ001' is not a list"),
        ("source: [ZZ001, ZZ00x]", "6:17: source: unknown evidence 'ZZ00x' (did you mean ZZ001?)"),
        ("power: {fixed: 3, unit: kw}", "6:25: power.unit: unknown unit 'kw' (did you mean kW?)"),
        ("power: [3]", "6:8: power: a list is not a number"),
        ("start_: 1", "6:1: start_: unknown key (did you mean start?)"),
    ],
)
def test_wording_of_wrong_fields(write: Write, line: str, message: str) -> None:
    assert found(write, f"{GOOD}\n{line}\n") == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("title: T\n", ""), "1:1: title: is missing"),
        (
            GOOD.replace("2024-04-30", "20240430"),
            "2:8: start: 20240430 is not a date; dates are written 2024-12-31",
        ),
        (
            GOOD.replace("04-30", "13-01"),
            "2:8: start: '2024-13-01' is not a date; dates are written 2024-12-31",
        ),
        (GOOD.replace("{lead_time: 3 weeks}", "{}"), "4:3: suppliers.one.lead_time: is missing"),
        (GOOD.replace("{lead_time: 3 weeks}", "soon"), "4:8: suppliers.one: 'soon' is not a mapping of keys"),
        (
            GOOD.replace("3 weeks}", "3 weeks, lots: [1, 2.5]}"),
            "4:39: suppliers.one.lots[1]: 2.5 is not a whole number",
        ),
        (
            GOOD.replace("3 weeks}", "3 weeks, lots: {a: 1}}"),
            "4:35: suppliers.one.lots: a mapping is not a list",
        ),
    ],
)
def test_wording_of_wrong_sections(write: Write, text: str, message: str) -> None:
    assert found(write, text) == [message]


def test_an_unknown_key_like_no_other_gets_the_known_ones(write: Write) -> None:
    known = "title, start, kind, chosen, urgent, ratio, power, suppliers and source"
    assert found(write, f"{GOOD}zzz: 1\n") == [f"5:1: zzz: unknown key; known are {known}"]


def test_checks_across_sections_run_beside_wrong_fields(write: Write) -> None:
    text = GOOD + "chosen: two\npower: 3 weeks\nratio: 7\nfoo: 1\n"
    assert [line.split(": ")[1] for line in found(write, text)] == ["chosen", "power", "ratio", "foo"]


def test_a_value_that_is_wrong_already_gets_no_second_message(write: Write) -> None:
    assert found(write, GOOD.replace("one:", "uno:") + "chosen: 3\n") == ["5:9: chosen: 3 is not text"]


def test_a_problem_on_the_command_line_is_placed_there(write: Write) -> None:
    lines = found(write, GOOD, overrides=["suppliers.one.lead_time=3 kW", "ratoi=0.5", "chosen"])
    assert lines == [
        "--set chosen: has no value: write path=value",
        "--set ratoi=0.5: ratoi: unknown key (did you mean ratio?)",
        "--set suppliers.one.lead_time=3 kW: suppliers.one.lead_time: "
        "kW is for a power; a duration needs days, weeks, months or years",
    ]


def test_text_of_a_problem() -> None:
    assert str(Problem.at(Place("a.yaml", 3, 5), "b.c", "is wrong")) == "a.yaml:3:5: b.c: is wrong"
    assert str(Problem.at(Place("a.yaml"), "", "is empty")) == "a.yaml: is empty"


def test_terminal_codes_of_a_file_do_not_reach_the_terminal(write: Write) -> None:
    lines = found(write, GOOD + r'"\e[31mred": "\e[0m"' + "\n" + r'kind: "\e[1m"' + "\n")
    assert not any("\x1b" in line for line in lines)
    assert len(lines) == 4  # the key, its value, and a value that is no kind either
