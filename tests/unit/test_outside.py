"""The outside view: dates as they are known, censored machines, and a curve solved by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.results.errors import StudyError
from sim.results.outside import Machine, beside, outside_view, period, read_machines
from sim.scenario.folders import scenario_folders

HEAD = (
    "id,name,country,supplier_family,export_controlled,planned_completion,first_operation,full_operation,"
    "status,status_as_of\n"
)


def machines(slips: list[float], still_open: tuple[int, ...] = ()) -> list[Machine]:
    return [
        Machine(f"m{number}", "", "nvidia", False, slip, number in still_open)
        for number, slip in enumerate(slips)
    ]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-Q3", date(2024, 7, 1), date(2024, 9, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12-24", date(2024, 12, 24), date(2024, 12, 24)),
    ],
)
def test_dates_known_to_the_year_quarter_month_or_day(text: str, first: date, last: date) -> None:
    assert period(text) == (first, last)


def test_slips_are_counted_from_the_last_day_of_the_promise_to_the_middle_of_what_is_known(
    tmp_path: Path,
) -> None:
    rows = (
        "A,A,X,amd,no,2020-12,2021-06-13,2022,operational,2024\n"  # in full operation in mid 2022
        "B,B,X,amd,yes,2020,2021-01-10,,operational,2024\n"
        "C,C,X,amd,no,2020-12-31,2021-01-05,,testing,2021-01-31\n"  # not yet in operation: censored
    )
    (tmp_path / "reference_class.csv").write_text(HEAD + rows, encoding="utf-8")
    first, second, third = read_machines([tmp_path / "nowhere", tmp_path])
    assert first.slip_days == (date(2022, 7, 2) - date(2020, 12, 31)).days
    assert (second.slip_days, second.open, second.controlled) == (10.0, False, True)
    assert (third.slip_days, third.open) == (31.0, True)


def test_a_wrong_date_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "reference_class.csv").write_text(HEAD + "A,A,X,amd,no,soon,2021,,operational,2024\n")
    with pytest.raises(StudyError, match=r"reference_class.csv:2: A: 'soon' is no year"):
        read_machines([tmp_path])
    with pytest.raises(StudyError, match="there is no"):
        read_machines([tmp_path / "nowhere"])


def test_kaplan_and_meier_by_hand() -> None:
    # Of five machines those at 20 and 40 are still open: 4/5, then 4/5 x 2/3, then never lower.
    found = outside_view(machines([10.0, 20.0, 30.0, 40.0, 5.0], still_open=(1, 3)))
    assert found.days.tolist() == [5.0, 10.0, 30.0]
    assert found.share == pytest.approx([1 / 5, 2 / 5, 1 - 3 / 5 * 1 / 2])
    assert found.percentile(0.4).value == 10.0
    assert found.percentile(0.8).value == np.inf
    tied = outside_view(machines([10.0, 10.0], still_open=(1,)))  # at least 10 days is not 10 days
    assert tied.share.tolist() == [0.5]


def test_the_interval_is_greenwoods_on_the_log_log_scale() -> None:
    found = outside_view(machines([1.0, 2.0, 3.0, 4.0, 5.0]))
    left, variance = 0.8, 1 / (5 * 4)  # after the first of five
    half = 1.959964 * np.sqrt(variance) / abs(np.log(left))
    assert found.low[0] == pytest.approx(1 - left ** np.exp(-half), abs=1e-6)
    assert found.high[0] == pytest.approx(1 - left ** np.exp(half), abs=1e-6)
    assert found.share[-1] == 1.0
    assert found.low[-1] == found.low[-2]
    assert np.all(found.low <= found.share)
    assert np.all(found.share <= found.high)


def test_leaving_open_machines_out_would_be_too_hopeful() -> None:
    slips = [10.0, 20.0, 300.0, 400.0]
    honest = outside_view(machines(slips, still_open=(2, 3))).share[-1]
    assert honest == 0.5
    assert outside_view(machines(slips[:2])).share[-1] == 1.0


def test_a_narrow_simulation_is_warned_about() -> None:
    history = outside_view(machines(list(np.linspace(0.0, 1000.0, 21))))
    narrow = beside(history, np.linspace(400.0, 600.0, 500))
    assert narrow.narrow
    assert "surer of itself" in narrow.warning
    wide = beside(history, np.linspace(-200.0, 1400.0, 500))
    assert not wide.narrow
    assert wide.warning == ""
    assert beside(history, np.append(np.zeros(10), [np.inf] * 90)).simulated == (np.inf, np.inf, np.inf)


def test_all_open_is_no_history() -> None:
    with pytest.raises(StudyError, match="none of the machines"):
        outside_view(machines([3.0], still_open=(0,)))


def test_the_shipped_reference_class_can_be_read() -> None:
    found = read_machines(scenario_folders())
    kazakhstan = next(machine for machine in found if machine.country == "Kazakhstan")
    assert kazakhstan.slip_days == (date(2025, 7, 9) - date(2024, 12, 31)).days
    assert kazakhstan.controlled
    assert len(found) >= 15
