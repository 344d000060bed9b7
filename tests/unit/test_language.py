"""Languages: catalogues agree, each text is used, and numbers and plurals are written as a native would."""

# ruff: noqa: RUF001 (Russian letters and the true minus are what is tested)

import ast
import math
import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import sim.report
from sim.report.language import ENGLISH, LANGUAGES, Language, language
from sim.results.facts import Facts
from sim.results.statistics import NOTHING, Estimate

REPORT = Path(sim.report.__file__).parent
RUSSIAN = Language("ru")

NO_CYRILLIC = {"column.p10", "column.p50", "column.p90", "page.source.file", "page.sweep.judged"}
"""Texts that are the same in both languages: percentiles and check sums."""

NO_SENTENCES = {"DejaVu Sans", "waiting for ", "strategy.patience in months"}
"""A font, a cause as the ledger writes it, and the label of an axis of a sweep."""

PIECES_OF_DATES = ("format.", "wording.span.")
"""Dates are put together differently in each language, so these may leave pieces out."""


def flat(table, prefix=""):
    found = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


@cache
def catalogue(code):
    return flat(tomllib.loads((REPORT / "languages" / f"{code}.toml").read_text(encoding="utf-8")))


def placeholders(text):
    return set(re.findall(r"\{(\w+)\}", text)) if isinstance(text, str) else set()


@cache
def trees():
    files = [*REPORT.rglob("*.py"), *(REPORT.parent / "cli").rglob("*.py")]
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}


def pattern(node):
    """Return a regular expression of the texts that a string or an f-string can be; None for other things."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"[\w/.]+" for p in node.values]
        return "".join(parts) if any("." in part and part[0] != "[" for part in parts) else None
    return None


@cache
def asked():
    """Return the patterns of keys that the code asks for: by text, by name (a whole table), by counting."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                first, what = pattern(node.args[0]), node.func.attr
                if first and what in ("text", "_entry"):
                    found.add(first)
                elif first and what == "name":
                    found.add(rf"{first}\..*")
                elif first and what == "counted":
                    found.add(rf"plural\.{first}")
    return found


@cache
def mentioned():
    """Return the patterns of all strings in the code and all quoted words in templates."""
    found = {pattern(node) for tree in trees().values() for node in ast.walk(tree)} - {None}
    for template in REPORT.rglob("*.jinja"):
        found |= {re.escape(word) for word in re.findall(r"[\"']([\w.]+)[\"']", template.read_text("utf-8"))}
    return {each for each in found if re.fullmatch(r"[^ ]*\w+\\?\.[^ ]*", each)} | asked()


def test_all_catalogues_have_the_same_texts():
    assert {path.stem for path in (REPORT / "languages").glob("*.toml")} == set(LANGUAGES)
    assert catalogue("ru").keys() == catalogue("en").keys()


def test_a_text_has_the_same_placeholders_in_each_language():
    different = {
        key
        for key, text in catalogue("en").items()
        if placeholders(text) != placeholders(catalogue("ru")[key]) and not key.startswith(PIECES_OF_DATES)
    }
    assert not different


def test_every_text_is_used():
    everything = re.compile("|".join(sorted(mentioned())))
    assert not [key for key in catalogue("en") if not everything.fullmatch(key)]


def test_every_text_that_the_code_asks_for_exists():
    missing = [key for key in asked() if not any(re.fullmatch(key, known) for known in catalogue("en"))]
    assert not missing


def test_russian_is_russian():
    words = {key: re.sub(r"\{\w+\}", "", "".join(text)) for key, text in catalogue("ru").items()}
    latin = {
        key for key, text in words.items() if re.search("[A-Za-z]", text) and not re.search("[А-я]", text)
    }
    assert latin == NO_CYRILLIC


def told_to_programmers(tree):
    """Return the strings of errors and docstrings."""
    told = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    told += [node for node in ast.walk(tree) if isinstance(node, ast.Expr) and pattern(node.value)]
    return {id(part) for node in told for part in ast.walk(node)}


def test_figures_hold_no_sentence_of_their_own():
    sentences = set()
    for file in REPORT.glob("*.py"):
        told = told_to_programmers(trees()[file])
        strings = {
            node.value
            for node in ast.walk(trees()[file])
            if pattern(node) and id(node) not in told and isinstance(node, ast.Constant)
        }
        sentences |= {text for text in strings if re.search("[A-Za-z]{2,} [A-Za-z]{2,}", text)}
    assert {text for text in sentences if "<" not in text} == NO_SENTENCES


def test_an_unknown_language_lists_those_there_are():
    with pytest.raises(ValueError, match="there is no language 'kk', only en, ru"):
        language("kk")
    assert [language(code).code for code in LANGUAGES] == ["en", "ru"]


def test_a_missing_text_or_value_is_named():
    with pytest.raises(KeyError, match=r"languages/ru\.toml has no text 'word\.sometimes'"):
        RUSSIAN.text("word.sometimes")
    with pytest.raises(KeyError, match=r"text 'word\.not_by' \(en\) needs a value for 'date'"):
        ENGLISH.text("word.not_by", day=1)
    with pytest.raises(KeyError, match=r"'plural\.month' in the 'en' catalogue has plural forms"):
        ENGLISH.text("plural.month")


def test_a_value_with_braces_stays_text():
    assert ENGLISH.text("time.target", date="{horizon}") == "target {horizon}"


@pytest.mark.parametrize(
    ("number", "english", "russian"),
    [
        (0, "0 months", "0 месяцев"),
        (1, "1 month", "1 месяц"),
        (2, "2 months", "2 месяца"),
        (4, "4 months", "4 месяца"),
        (5, "5 months", "5 месяцев"),
        (11, "11 months", "11 месяцев"),
        (14, "14 months", "14 месяцев"),
        (21, "21 months", "21 месяц"),
        (22, "22 months", "22 месяца"),
        (111, "111 months", "111 месяцев"),
        (-3, "−3 months", "−3 месяца"),
        (0.6, "1 month", "1 месяц"),
        (1234, "1,234 months", "1\u202f234 месяца"),
    ],
)
def test_a_noun_has_the_form_of_its_number(number, english, russian):
    assert ENGLISH.counted("month", number) == english
    assert RUSSIAN.counted("month", number) == russian.replace(" месяц", "\u00a0месяц")


def test_fractions_have_the_form_of_fractions():
    assert ENGLISH.counted("month", 1, digits=1, signed=True) == "+1.0 months"
    assert RUSSIAN.counted("month", 5.25, digits=2) == "5,25\u00a0месяца"


def test_numbers_are_written_as_in_the_language():
    assert ENGLISH.number(-1234567.5) == "−1,234,567.5"
    assert RUSSIAN.number(-1234567.5) == "−1\u202f234\u202f567,5"
    assert ENGLISH.number(-0.2, digits=0, signed=True) == "0"
    assert RUSSIAN.percent(0.0451, digits=1) == "4,5\u00a0%"


def test_shares_and_days_show_what_their_intervals_support():
    assert RUSSIAN.share(Estimate(0.0, 0.0, 0.0004)) == "менее 0,04\u00a0%"
    assert ENGLISH.share(Estimate(1.0, 0.96, 1.0)) == "over 96 %"
    assert RUSSIAN.interval(Estimate(0.0054, 0.0047, 0.0073)) == "0,47 … 0,73\u00a0%"
    assert ENGLISH.days(Estimate(1234.0, 1200.0, 1290.0)) == "1,230 days"
    assert RUSSIAN.days(Estimate(math.inf, 9.0, math.inf)) == "никогда"
    assert ENGLISH.days(NOTHING) == "unknown"


def test_dates_are_rounded_to_what_their_intervals_support():
    facts = Facts(name="a", title="A", start=date(2024, 4, 30), horizon=date(2032, 12, 31))
    day, month, year = Estimate(100, 99, 101), Estimate(100, 80, 151), Estimate(1000, 0, 1000)
    never = Estimate(math.inf, 0, math.inf)
    said = [ENGLISH.when(each, facts) for each in (day, month, year, never)]
    assert said == ["2024-08-08", "2024-08", "2027", "not by 2032-12-31"]
    said = [RUSSIAN.when(each, facts).replace("\u00a0", " ") for each in (day, month, year, never)]
    assert said == ["08.08.2024", "август 2024", "2027 г.", "не готово к 31.12.2032"]


def test_what_a_scenario_names_itself_keeps_its_name():
    assert RUSSIAN.name("cause", "license review") == "рассмотрение заявки на лицензию"
    assert RUSSIAN.name("cause", "lunch_break") == "lunch break"
