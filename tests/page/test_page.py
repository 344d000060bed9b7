"""What a page says: only what the runs hold, in words that stay words, and always the same bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from sim.cli.report import leave_page
from sim.report.document import dates
from sim.report.document.evidence import value_text
from sim.report.document.parts import link
from sim.report.document.rendering import render, whole
from sim.report.language import ENGLISH, language
from sim.results.errors import StudyError
from sim.results.manifest import changed_outputs, read_manifest
from sim.results.run import Run, load_run
from sim.study.dossier import Analyses, Dossier, dossier
from sim.study.named import named
from sim.study.run import run
from sim.study.variants import Options
from sim.study.vary import axis_of
from tests.conftest import Write
from tests.page.conftest import Made

HOSTILE = """<script>alert(1)</script> {{ 7 * 7 }} "quoted" <img src=x onerror=alert(2)>"""


def run_of(name: str, *overrides: str, replications: int = 250) -> Run:
    return run(named(name, overrides), replications=replications)


@pytest.fixture(scope="module")
def switch() -> Run:
    return run_of("kz-switch")


class Reader(HTMLParser):
    """Reads a page as a browser would: what is said, and every tag with its attributes."""

    def __init__(self, page: str, *, figures: bool = False) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page if figures else re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.said))


def first_words(found: Dossier) -> str:
    """Return the answer of a page and its warnings, without drawing anything."""
    said = [each.text for each in dates.answer(found, ENGLISH)]
    return " ".join([*said, *dates.warnings(found, ENGLISH)])


def test_a_page_made_again_is_the_same_file_and_the_manifest_vouches_for_it(made: Made) -> None:
    folder, pages = made.folders[0], []
    for _ in range(2):
        page = leave_page([load_run(folder)], folder, language="en", figures=())
        pages.append(page.read_bytes())
    assert pages[0] == pages[1]
    assert "report.html" in read_manifest(folder)["outputs"]
    assert changed_outputs(folder, read_manifest(folder)) == ()


def test_every_source_file_is_named_with_its_hash(made: Made) -> None:
    page = Reader(made.quick.read_text(encoding="utf-8")).text
    for folder in made.folders:
        outputs = read_manifest(folder)["outputs"]
        assert outputs["outcomes.parquet"]["sha256"] in page
        assert outputs["summary.csv"]["sha256"] in page
        assert read_manifest(folder)["scenario_sha256"] in page
        assert f"chiproute verify {folder.name}" in page


def test_a_quick_page_names_the_commands_that_add_what_it_lacks(made: Made) -> None:
    page = Reader(made.quick.read_text(encoding="utf-8")).text
    folders = " ".join(folder.name for folder in made.folders)
    assert f"this adds it: chiproute report {folders} " in page
    assert f"chiproute report {folders} --vary strategy.patience=0..24mo" in page


def test_a_whole_page_lacks_nothing(made: Made) -> None:
    page = made.whole.read_text(encoding="utf-8")
    assert 'class="missing"' not in page
    for key in ("ledger", "drivers", "sweep", "outside", "capacity", "milestones", "cost", "evidence"):
        assert f'<section id="{key}"' in page


def test_hostile_words_stay_words(write: Write) -> None:
    header = "id,topic,quantity,low,mode,high,unit,as_of,source_title,source_url,note,confidence\n"
    write(
        "evidence.csv",
        f'X1,t,q,,,,,2026-01-01,"{HOSTILE.replace(chr(34), chr(34) * 2)}",javascript:alert(3),,low\n',
    )
    write("evidence.csv", header + Path("scenarios/evidence.csv").read_text())
    write(
        "mine.yaml",
        f"title: '{HOSTILE}'\nextends: kz-nvidia-wait\nsuppliers:\n  nvidia:\n    contract:\n"
        "      duration: {pert: [1, 2, 3], unit: weeks, source: [X1], grade: low}\n"
        "    installation:\n      per_lot:\n"
        f"        triangular: [1, 2, 3]\n        unit: days\n        assumption: '{HOSTILE}'\n"
        "        grade: low\n",
    )
    mine = run_of("mine", replications=50)
    named_so = replace(mine, facts=replace(mine.facts, name='x" onload="alert(1)'))
    text = render(dossier([named_so]))
    page, drawn = Reader(text), Reader(text, figures=True)
    assert page.text.count(HOSTILE) >= 4
    assert not {"script", "img", "iframe", "object", "form"} & {tag for tag, _ in page.tags}
    assert not [name for _, each in (*page.tags, *drawn.tags) for name in each if name.startswith("on")]
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert len(links) > 20
    assert all(str(address).startswith(("#", "http://", "https://")) for address in links)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " JavaScript:x", "data:text/html,x", "//host/x", "", "http://[x"]
)
def test_only_web_addresses_are_links(url: str) -> None:
    assert link("source", url).href == ""
    assert link("source", "https://example.org/a").href == "https://example.org/a"


def test_known_facts_lead_the_page_and_its_other_dates_are_marked() -> None:
    words = first_words(dossier([run_of("kz-asof-2024-12", replications=500)]))
    known = "given what was known (cleared not by 2024-12-24), complete by "
    assert words.startswith(f"Kazakhstan waits for NVIDIA, as known on 24 December 2024: {known}")
    assert "Before these facts: Kazakhstan" in words
    assert "Everything else here is of all futures of kz-asof-2024-12" in words


def test_facts_with_which_too_few_futures_agree_give_no_forecast_and_say_so() -> None:
    found = dossier([run_of("kz-asof-2024-12", replications=60)])
    assert found.cases[0].forecast is None
    assert "No forecast: kz-asof-2024-12: only" in first_words(found)


def test_nothing_is_simulated_again_where_other_dates_would_come_out(switch: Run) -> None:
    found = dossier([replace(switch, memory={**switch.memory, "completion": switch.completion + 1.0})])
    case = found.cases[0]
    assert (case.doubt, case.ledger, case.capacity, case.replications) == ("other dates", None, (), 0)
    assert "This version of the program finds other dates" in first_words(found)


def test_a_scenario_that_cannot_be_read_or_was_never_written_leaves_its_dates(switch: Run) -> None:
    for merged, doubt in (({"start": "2024"}, "unreadable"), ({}, "by hand")):
        found = dossier([replace(switch, facts=replace(switch.facts, merged=merged))])
        assert found.cases[0].doubt == doubt
        page = Reader(render(found)).text
        assert "Completion by scenario, 250 replications" in page
        assert "chiproute report" not in page


def test_the_first_replications_are_the_runs_own(switch: Run) -> None:
    case = dossier([switch], Analyses(options=Options(100))).cases[0]
    assert case.doubt == ""
    assert case.replications == 100
    done = switch.completion[:100][np.isfinite(switch.completion[:100])]
    assert case.ledger is not None
    assert sum(case.ledger.mean.values()) == pytest.approx(done.mean(), abs=1e-6)


def test_a_lever_is_swept_where_it_moves_something(switch: Run) -> None:
    still = run_of("kz-nvidia-wait")
    lever = axis_of("strategy.patience=3, 30 mo")
    found = dossier([still, switch], Analyses(options=Options(100), every=False, axis=lever))
    assert found.swept == "kz-switch"
    with pytest.raises(StudyError, match="changes no date of kz-nvidia-wait"):
        dossier([still], Analyses(options=Options(100), every=False, axis=lever))


def test_runs_of_other_luck_share_no_page(switch: Run) -> None:
    with pytest.raises(StudyError, match="same seed and size"):
        dossier([switch, run_of("kz-ascend", replications=100)])
    with pytest.raises(StudyError, match="same name"):
        dossier([switch, switch])


def test_the_weakest_inputs_come_first(made: Made) -> None:
    rows = re.findall(
        r'<section id="evidence".*?</section>', made.whole.read_text(encoding="utf-8"), re.DOTALL
    )
    cells = [
        re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
        for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", rows[0], re.DOTALL)
    ]
    grades = [cell[2] for cell in cells]
    order = ["низкая", "без оценки", "средняя", "высокая"]
    assert grades == sorted(grades, key=order.index)
    moved = [int(re.sub(r"\D", "", cell[3]) or 0) for cell in cells if cell[2] == order[0]]
    assert moved == sorted(moved, reverse=True)
    assert moved[0] > 0


def test_all_never_is_said_in_words_and_figures() -> None:
    page = render(
        dossier([run_of("kz-ascend", "horizon=2025-06-30", replications=60)]), language=language("ru")
    )
    assert "не готово к 30.06.2025" in Reader(page).text
    assert page.count("<svg") >= 5


def test_builds_have_answers_of_their_own_and_say_who_delays_whom() -> None:
    found = dossier([run_of("central-asia-queue", replications=60)])
    words, queue = first_words(found), dates.queue(found, ENGLISH)
    assert words.index("Kazakhstan's national supercomputer: ") < words.index(
        "Uzbekistan's compute for AI research: "
    )
    assert queue is not None
    assert [head.text for head in queue.tables[0].head[1:]] == [
        "kazakhstan",
        "uzbekistan",
        "kyrgyzstan",
        "tajikistan",
    ]
    assert "60 replications" in queue.tables[0].caption


def test_dates_and_percentages_do_not_break() -> None:
    assert whole("by 2026-07 <b> in 80 %") == (
        'by <span class="whole">2026-07</span> &lt;b&gt; in <span class="whole">80 %</span>'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("9 months", "9 months"),
        ({"pert": [8, 26, 78], "unit": "weeks", "source": ["A"], "grade": "low"}, "pert 8, 26, 78 weeks"),
        (
            {"lognormal": {"median": 5, "sigma": 0.6}, "unit": "months"},
            "lognormal median 5, sigma 0.6 months",
        ),
        ({"fixed": 768, "unit": "accelerators"}, "768 accelerators"),
        ({"uniform": [0.1, 0.2], "max": 0.5}, "uniform 0.1, 0.2, max 0.5"),
    ],
)
def test_a_value_is_written_as_a_reader_takes_it(value: object, text: str) -> None:
    assert value_text(value) == text
