"""The Python API says the same as the commands, in tables whose columns are documented."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import sim
from sim.chance.amount import Input
from sim.chance.distributions import Uniform
from sim.model.plan import Work
from sim.report.notebook.shown import Shown
from sim.results.outcomes import column_names
from sim.study.named import named

FEW = {"replications": 500, "workers": 1}
PATIENCE = "strategy.patience=0..24mo step 12mo"
FREE = {"PATH", "CAUSE", "INPUT"}
"""Columns that are named by the scenario."""


CHANCE = "suppliers.ascend.contract.chance=0.1, 0.9"
MAKE: Mapping[str, Callable[[], Any]] = {
    "load": lambda: sim.load("kz-switch", set={"strategy.patience": "6 months"}),
    "run": lambda: sim.run("kz-switch", **FEW),
    "compare": lambda: sim.compare(["kz-nvidia-wait", "kz-ascend", "kz-switch"], **FEW),
    "ledger": lambda: sim.ledger("kz-switch", replications=500),
    "drivers": lambda: sim.drivers("kz-nvidia-wait", **FEW),
    "sweep": lambda: sim.sweep("kz-switch", PATIENCE, **FEW),
    "flip": lambda: sim.flip("kz-switch", "kz-ascend", CHANCE, **FEW),
    "win_map": lambda: sim.win_map("kz-switch", "kz-ascend", (PATIENCE, CHANCE), **FEW),
    "regret": lambda: sim.regret(["kz-switch", "kz-ascend"], **FEW),
    "forecast": lambda: sim.forecast("kz-asof-2024-12", **FEW),
    "trace": lambda: sim.trace("kz-switch", at=0.5, **FEW),
    "outside": lambda: sim.outside("kz-switch", **FEW),
    "discover": lambda: sim.discover("kz-switch", replications=500),
    "capacity": lambda: sim.capacity("kz-switch", replications=250),
}
"""A result of every function of the API."""

WITHOUT_FIGURE = ("load", "flip", "discover")


@cache
def result_of(name: str) -> Any:
    return MAKE[name]()


def documented_columns(kind: type) -> Iterator[tuple[str, list[str]]]:
    """Yield the tables of a kind of result: name, and the columns that its documentation lists."""
    for name, member in inspect.getmembers(kind):
        doc = inspect.getdoc(member) or ""
        if "Columns\n-------" in doc:
            lines = doc.split("Columns\n-------\n")[1].splitlines()
            heads = [line for line in lines if re.fullmatch(r"\w[\w, ]*", line)]
            yield name, [column for head in heads for column in head.split(", ")]


@pytest.mark.parametrize("name", MAKE)
def test_a_result_has_documented_tables_says_itself_and_draws_itself(name: str) -> None:
    result = result_of(name)
    check_columns(result)
    check_words(result)
    if name in WITHOUT_FIGURE:
        with pytest.raises(ValueError, match="there is no figure of a"):
            result.plot()
    else:
        check_picture(result.plot())


def check_columns(result: Any) -> None:
    found = list(documented_columns(type(result)))
    assert found
    for table, documented in found:
        frame = getattr(result, table)
        free = FREE & set(documented)
        known = [column for column in documented if column not in free]
        if not (isinstance(result, sim.Run) and table == "outcomes"):  # those depend on the scenario
            assert [column for column in frame.columns if column in known or not free] == known, table
            assert not free or len(frame.columns) > len(known)


@pytest.mark.parametrize("name", ["kz-switch", "kz-national-llm", "central-asia-queue"])
def test_every_outcome_of_a_scenario_is_documented(name: str) -> None:
    table = next(table for table in documented_columns(sim.Run) if table[0] == "outcomes")
    columns = {column.rpartition(".")[2] for column in column_names(named(name).plan)}
    assert columns <= set(table[1])


def check_words(result: Any) -> None:
    assert isinstance(result, Shown)
    text, html = repr(result), result._repr_html_()
    assert 40 < len(text) < 6_000
    assert max(map(len, text.splitlines())) < 160
    assert html.startswith('<div class="chiproute"><p>')
    assert html.count("<tr>") == html.count("</tr>")
    assert "nan" not in text.split()


def check_picture(axes: Axes) -> None:
    assert isinstance(axes, Axes)
    shown = axes._repr_mimebundle_()  # type: ignore[attr-defined]
    assert shown["image/png"].startswith(b"\x89PNG")
    assert len(shown["text/plain"]) > 40


def test_a_picture_can_speak_russian() -> None:
    axes = result_of("sweep").plot(language="ru")
    assert re.search(r"[\u0430-\u044f]", axes._repr_mimebundle_()["text/plain"])
    with pytest.raises(ValueError, match="no language 'fr'"):
        result_of("sweep").plot(language="fr")


def test_a_title_is_text_and_never_markup() -> None:
    found = sim.run("kz-switch", replications=250, workers=1, set={"title": "<script>alert(1)</script> & co"})
    assert "<script>" not in found._repr_html_()
    assert "&lt;script&gt;" in found._repr_html_()


def test_changes_are_texts_or_a_mapping() -> None:
    def patience(changes: Any) -> Any:
        return sim.load("kz-switch", set=changes).merged["strategy"]["patience"]

    one = patience({"strategy.patience": "6 months"})
    assert one == patience(["strategy.patience=6 months"]) == patience("strategy.patience=6 months")
    drawn = {"pert": [1, 2, 3], "unit": "months", "assumption": "A guess.", "grade": "low"}
    loaded = sim.load("kz-switch", set={"licensing.bis.refiling": drawn})
    assert loaded.merged["licensing"]["bis"]["refiling"] == drawn


def test_a_loaded_scenario_takes_its_changes_along() -> None:
    hasty = sim.load("kz-switch", set={"strategy.patience": "0 months"})
    by_object = sim.run(hasty, set={"target": "2025-12-31"}, **FEW)
    by_name = sim.run("kz-switch", set=["strategy.patience=0 months", "target=2025-12-31"], **FEW)
    assert by_object.facts == by_name.facts
    pd.testing.assert_frame_equal(by_object.outcomes, by_name.outcomes)


def test_a_plan_built_by_hand_runs_like_a_scenario() -> None:
    work = Work((), Input("length", Uniform(low=10.0, high=20.0)))
    plan = sim.Plan({"done": work}, horizon=100.0, milestones={"completion": "done"})
    start, end = date(2024, 1, 1), date(2024, 4, 10)
    subject = sim.Subject(name="mine", title="Mine", start=start, horizon=end, plan=plan)
    days = sim.run(subject, replications=500, workers=1).completion
    assert 10.0 <= days.min() < 10.5
    assert 19.5 < days.max() <= 20.0
    with pytest.raises(ValueError, match="a plan built by hand"):
        sim.run(subject, set={"target": "2025-12-31"})


def test_a_run_folder_is_read_as_it_was_run(tmp_path: Any) -> None:
    made = sim.run("kz-switch", replications=250, workers=1, out=tmp_path / "run")
    read = sim.read(tmp_path / "run")
    pd.testing.assert_frame_equal(made.outcomes, read.outcomes)
    assert repr(made) == repr(read)


def test_the_parts_of_a_ledger_add_up_in_every_future() -> None:
    ledger = result_of("ledger")
    done = ledger.outcomes[np.isfinite(ledger.outcomes["completion"])]
    assert (done.drop(columns="completion").sum(axis=1) == done["completion"]).all()
    assert ledger.table["near_days"].sum() == pytest.approx(ledger.total)


def test_a_comparison_pairs_all_with_all() -> None:
    table = result_of("compare").table
    assert list(zip(table["first"], table["second"], strict=True)) == [
        ("kz-nvidia-wait", "kz-ascend"),
        ("kz-nvidia-wait", "kz-switch"),
        ("kz-ascend", "kz-switch"),
    ]
    assert np.allclose(table[["earlier", "later", "tied", "both_never"]].sum(axis=1), 1.0)


def test_progress_is_told_and_ends_with_all() -> None:
    told: list[tuple[int, int]] = []
    sim.run("kz-switch", replications=500, workers=1, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (500, 500)


def test_errors_are_those_of_the_commands() -> None:
    with pytest.raises(sim.ScenarioError, match=r"strategy\.patiense"):
        sim.run("kz-switch", set={"strategy.patiense": "6 months"})
    with pytest.raises(sim.StudyError, match="step"):
        sim.sweep("kz-switch", "strategy.patience")
    with pytest.raises(ValueError, match="say which future"):
        sim.trace("kz-switch")
    with pytest.raises(ValueError, match="there is no figure 'pie', only completion"):
        result_of("run").plot("pie")


def test_every_function_has_the_same_words() -> None:
    shared = ("replications", "seed", "engine", "workers", "out", "set", "progress")
    for name in MAKE.keys() - {"load"}:
        parameters = inspect.signature(getattr(sim, name)).parameters
        last = [each for each in parameters if each in shared]
        assert last == [each for each in shared if each in last]
        assert {"replications", "seed", "set"} <= set(last)
        assert all(parameters[each].kind is inspect.Parameter.KEYWORD_ONLY for each in last)


def test_the_package_lists_its_api_and_imports_nothing_before_it_is_used() -> None:
    code = "import sim, sys; print(sorted({'numpy', 'pandas', 'simpy', 'matplotlib'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
    assert set(sim.__all__) <= set(dir(sim))
    assert set(sim.__all__) == set(sim.api.__all__)


def test_an_unknown_name_is_said() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        sim.simulate  # noqa: B018
