"""Descriptions: what a figure says to those who do not see it is what it draws, in both languages."""

import re
from datetime import date

import numpy as np
import pytest
from figure_stories import CASES, START, STEPS, SWINGS, field, rows, slips, swept, three, vendors

from sim.report.capacity import describe_capacity
from sim.report.causes import describe_ledger, describe_tornado
from sim.report.figures import DESCRIPTIONS, FIGURES, figures_for
from sim.report.gantt import describe_gantt
from sim.report.language import ENGLISH, LANGUAGES, Language
from sim.report.slips import describe_slips
from sim.report.sweep import Swept, describe_sweep
from sim.report.winners import describe_map
from sim.report.words import titles
from sim.results.statistics import percentiles

TOTAL = 245.0 + sum(days for _, days in STEPS)
OTHERS = {
    "capacity": lambda language: describe_capacity(vendors(), start=START, language=language),
    "ledger": lambda language: describe_ledger(STEPS, planned=245.0, total=TOTAL, language=language),
    "tornado": lambda language: describe_tornado(SWINGS, language=language),
    "sweep": lambda language: describe_sweep(swept(), language=language),
    "gantt": lambda language: describe_gantt(
        rows(), start=START, completion=440.0, title="17", language=language
    ),
    "map": lambda language: describe_map(field(), first="one", second="other", language=language),
    "slips": lambda language: describe_slips(slips(), language=language),
}
ALL = {
    name: (lambda language, d=d: d(three(), language=language)) for name, d in DESCRIPTIONS.items()
} | OTHERS


def test_each_figure_of_runs_has_a_description():
    assert DESCRIPTIONS.keys() == FIGURES.keys()


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("figure", ALL)
def test_a_description_is_sentences_with_numbers_and_a_table_of_texts(figure, code):
    found = ALL[figure](Language(code))
    assert re.search(r"\d", found.alternative)
    assert found.alternative.endswith(".")
    assert not re.search(r"[{}]|None|nan|\binf\b", found.alternative)
    assert len(found.table) > 0
    assert found.table.map(lambda cell: isinstance(cell, str)).all(axis=None)
    assert (found.table.iloc[:, 0] != "").all()
    assert bool(re.search(r"[\u0430-\u044f]", found.alternative + " ".join(found.table.columns))) == (
        code == "ru"
    )


@pytest.mark.parametrize(
    ("case", "figure"), [(c, f) for c, make in CASES.items() for f in figures_for(make())]
)
def test_extreme_cases_can_be_said_too(case, figure):
    stories = CASES[case]()
    found = DESCRIPTIONS[figure](stories)
    assert all(story.facts.title in found.alternative for story in stories)
    assert not re.search(r"\bnan\b|\binf\b", found.alternative + found.table.to_string())


def test_the_table_behind_the_curves_holds_their_shares():
    stories = three()
    table = DESCRIPTIONS["completion"](stories).table
    for row in table.itertuples(index=False):
        when = date.fromisoformat(row[0])
        assert row[1:] == tuple(ENGLISH.share(story.by(when)) for story in stories)


def test_the_table_behind_the_bars_holds_every_future():
    table = DESCRIPTIONS["delay"](three()).table
    for column in table.columns[1:]:
        shares = [float(cell.split()[0]) for cell in table[column] if cell]
        assert sum(shares) == pytest.approx(100, abs=0.05 * len(shares) + 0.5)


def test_percentiles_in_words_are_those_of_the_run():
    one = three()[0]
    p50, p80 = (ENGLISH.when(day, one.facts) for day in percentiles(one.completion, (0.5, 0.8)))
    assert f"P50 {p50}, P80 {p80}" in DESCRIPTIONS["completion"]([one]).alternative
    milestones = DESCRIPTIONS["milestones"]([one]).table
    licensed = milestones[milestones["milestone"] == "licensed"].iloc[0]
    assert licensed["P50"] == ENGLISH.when(percentiles(one.milestones["licensed"], (0.5,))[0], one.facts)


def test_never_is_said():
    stories = CASES["all never"]()
    for name in figures_for(stories):
        assert "never over 99.2 %" in DESCRIPTIONS[name](stories).alternative or name == "milestones"
    assert "not by 2032-12-31" in DESCRIPTIONS["milestones"](stories).alternative
    never = np.full(3, np.inf)
    assert "never at all of them" in describe_sweep(Swept(np.arange(3.0), never, (never, never))).alternative
    story = describe_gantt(rows(), start=START, completion=np.inf, title="17")
    assert story.alternative == "Gantt chart of one future, 17: not complete by the horizon."


def test_a_ledger_names_its_largest_causes_and_adds_up():
    found = describe_ledger(STEPS, planned=245.0, total=TOTAL)
    assert "contract +1,071, license review −28, waiting for the line +16" in found.alternative  # noqa: RUF001
    assert list(found.table["sum"])[-1] == list(found.table["sum"])[-2] == f"{TOTAL:,.0f}"


def test_scenarios_with_one_title_keep_a_column_each():
    same = [three()[0], three()[0]]
    assert titles(same) == ["Wait for NVIDIA (kz-nvidia-wait) [1]", "Wait for NVIDIA (kz-nvidia-wait) [2]"]
    assert DESCRIPTIONS["completion"](same).table.shape[1] == 3
