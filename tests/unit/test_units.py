from __future__ import annotations

import pytest

from sim.scenario.units import DIMENSIONS, UnitError, size, split


@pytest.mark.parametrize(
    ("unit", "dimension", "expected"),
    [
        ("hours", "duration", 1 / 24),
        ("day", "duration", 1),
        ("weeks", "duration", 7),
        ("months", "duration", 30.4375),
        ("mo", "duration", 30.4375),
        ("year", "duration", 365.25),
        ("units/month", "output", 1 / 30.4375),
        ("units per month", "output", 1 / 30.4375),
        ("accelerators/year", "output", 1 / 365.25),
        ("wafers/week", "wafers", 1 / 7),
        ("per year", "frequency", 1 / 365.25),
        ("/year", "frequency", 1 / 365.25),
        ("%", "share", 0.01),
        ("", "share", 1),
        ("MW", "power", 1000),
        ("kUSD", "money", 1000),
        ("billion USD", "money", 1e9),
        ("PFLOP/s", "compute", 1000),
        ("billion parameters", "count", 1e9),
        ("trillion", "count", 1e12),
        ("thousand units/month", "output", 1000 / 30.4375),
    ],
)
def test_size_in_canonical_units(unit: str, dimension: str, expected: float) -> None:
    assert size(unit, DIMENSIONS[dimension]) == pytest.approx(expected, rel=1e-15)


def test_every_dimension_reads_its_own_canonical_unit_and_examples() -> None:
    for dimension in DIMENSIONS.values():
        assert size(dimension.canonical, dimension) == 1
        assert all(size(unit, dimension) > 0 for unit in dimension.examples)


@pytest.mark.parametrize(
    ("unit", "dimension", "message"),
    [
        ("kW", "duration", "kW is for a power; a duration needs days, weeks, months or years"),
        ("wekks", "duration", "unknown unit 'wekks' (did you mean weeks?)"),
        ("zorkmids", "duration", "unknown unit 'zorkmids'; a duration needs days, weeks, months or years"),
        ("", "duration", "has no unit; a duration needs days, weeks, months or years"),
        (
            "per year",
            "duration",
            "per year is for a frequency; a duration needs days, weeks, months or years",
        ),
        ("days", "factor", "days is for a duration; a factor is a plain number"),
        ("million", "money", "unknown unit 'million'; a sum of money needs USD, kUSD, MUSD or billion USD"),
        ("million kW", "money", "kW is for a power; a sum of money needs USD, kUSD, MUSD or billion USD"),
    ],
)
def test_wrong_unit_is_named_with_what_is_needed(unit: str, dimension: str, message: str) -> None:
    with pytest.raises(UnitError) as error:
        size(unit, DIMENSIONS[dimension])
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("9 months", 9, "months"),
        ("85%", 85, "%"),
        ("1.4e12 tokens", 1.4e12, "tokens"),
        ("1/year", 1, "/year"),
        (" .5 per year ", 0.5, "per year"),
        ("1_000 units", 1000, "units"),
        ("-3 days", -3, "days"),
        ("5.", 5, ""),
    ],
)
def test_split_number_from_unit(text: str, number: float, unit: str) -> None:
    assert split(text) == (number, unit)


@pytest.mark.parametrize("text", ["months", "", "nan days", "inf days", "e5 days", "_1 days", "٣ days"])
def test_text_without_a_number_is_refused(text: str) -> None:
    with pytest.raises(UnitError, match="does not begin with a number"):
        split(text)


@pytest.mark.parametrize("text", ["1,5 months", "1,000 units"])
def test_a_comma_is_refused_because_it_means_two_things(text: str) -> None:
    with pytest.raises(UnitError, match="comma"):
        split(text)
