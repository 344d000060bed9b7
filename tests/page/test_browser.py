"""The page in a browser: nothing leaves it, everything is seen, by everybody, on paper too."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from tests.page.conftest import Made, Open

MOST_BYTES = 3_000_000
LOOKS = [("quick", "light"), ("quick", "dark"), ("whole", "light"), ("whole", "dark")]


@pytest.mark.parametrize(("which", "scheme"), LOOKS)
def test_a_page_is_quiet_and_asks_for_nothing(made: Made, opened: Open, which: str, scheme: str) -> None:
    path: Path = getattr(made, which)
    found = opened(path, scheme=scheme)
    assert found.requests == [path.as_uri()]
    assert found.messages == []


@pytest.mark.parametrize("which", ["quick", "whole"])
def test_all_figures_are_seen_and_have_words(made: Made, opened: Open, which: str) -> None:
    found = opened(getattr(made, which))
    figures = found.page.locator("figure svg[role=img]")
    assert figures.count() == found.page.locator("figure").count() >= 7
    for index in range(figures.count()):
        box = figures.nth(index).bounding_box()
        assert box["width"] > 300
        assert box["height"] > 100
        assert len(figures.nth(index).get_attribute("aria-label")) > 40


def test_a_dark_screen_gives_figures_other_colors_and_paper_does_not(made: Made, opened: Open) -> None:
    ask = "getComputedStyle(document.documentElement).getPropertyValue('--c222222').trim()"
    light = opened(made.quick).page.evaluate(ask)
    page = opened(made.quick, scheme="dark").page
    dark = page.evaluate(ask)
    page.emulate_media(media="print")
    paper = page.evaluate(ask)
    page.emulate_media(media="screen")
    assert (light, paper) == ("#222222", "#222222")
    assert dark != light


def test_the_table_of_dates_is_the_summary(made: Made, opened: Open) -> None:
    found = opened(made.quick)
    rows = found.page.locator("#dates table").first.locator("tbody tr")
    seen = [row.split("\t") for row in rows.all_inner_texts()]
    names = {
        "P10": "completion.p10",
        "P50": "completion.p50",
        "P70": "completion.p70",
        "P80": "completion.p80",
        "P90": "completion.p90",
        "P(by 2024-12-31)": "probability.by_target",
        "within budget": "probability.by_target_within_budget",
        "P(switched)": "probability.switched",
        "P(never)": "probability.never",
    }
    assert [row[0].strip() for row in seen] == list(names)
    for column, folder in enumerate(made.folders, start=1):
        table = pd.read_csv(folder / "summary.csv", keep_default_na=False).set_index("quantity")
        for row, quantity in zip(seen, names.values(), strict=True):
            shown, _, interval = row[column].strip().partition("\n")
            expected = table.loc[quantity, "text"] if quantity in table.index else "-"
            assert shown.strip() == expected
            if quantity in table.index and interval and table.loc[quantity, "date_high"]:
                assert str(table.loc[quantity, "date_low"]).startswith(interval.split(" … ")[0].strip())


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_never_scrolls_sideways(made: Made, opened: Open, width: int) -> None:
    found = opened(made.quick, width=width)
    found.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    assert found.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("which", "most"), [("quick", 14), ("whole", 20)])
def test_a_page_prints(made: Made, opened: Open, which: str, most: int) -> None:
    found = opened(getattr(made, which))
    pdf = found.page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert 6 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most


@pytest.mark.parametrize(("which", "scheme"), LOOKS)
def test_axe_finds_nothing_serious(made: Made, opened: Open, which: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = opened(getattr(made, which), scheme=scheme, width=1024)
    # What is drawn in a figure is one image to a reader, described in its label; axe need not look into it.
    found.page.eval_on_selector_all("figure svg", "all => all.forEach(each => each.replaceChildren())")
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}  # all else is as in light
    faults = Axe().run(found.page, options=rules).response["violations"]
    serious = [(each["id"], each["nodes"][0]["html"][:200]) for each in faults if each["impact"] in BAD]
    assert serious == []


BAD = ("serious", "critical")


def test_headings_step_down_one_at_a_time_and_there_is_one_title(made: Made, opened: Open) -> None:
    found = opened(made.whole)
    levels = [
        int(tag[1]) for tag in found.page.eval_on_selector_all("h1,h2,h3", "all => all.map(e => e.tagName)")
    ]
    language = found.page.locator("html").get_attribute("lang")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert language == "ru"


def test_a_page_is_small(made: Made) -> None:
    assert made.quick.stat().st_size < MOST_BYTES
    assert made.whole.stat().st_size < MOST_BYTES
