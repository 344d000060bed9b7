"""The license process in the minimal world: dates computed by hand."""

from __future__ import annotations

from textwrap import dedent

import pytest
from minimal import FREE_COMPLETE, PLAIN_COMPLETE, day, days, solved, world

PLAIN = "strategy: {supplier: plain}\n"


def test_without_a_license_nothing_is_asked() -> None:
    assert days("", "contracted", "cleared", "first_lot", "delivered", "installed", "accepted") == [
        10, 10, 31, 33, 36, 46,
    ]  # fmt: skip


def test_preparation_and_review_come_after_the_contract() -> None:
    assert days(PLAIN, "contracted", "cleared", "completion") == [10, 45, PLAIN_COMPLETE]


def test_each_stage_of_review_adds_its_days() -> None:
    more = "{committee: {duration: 12 days}, skipped: {duration: 99 days, chance: 0}}"
    assert day(PLAIN + f"licensing: {{office: {{stages: {more}}}}}") == PLAIN_COMPLETE + 12


def test_a_return_costs_refiling_and_another_review_until_the_applicant_gives_up() -> None:
    # Returned with certainty until the regime changes on day 100: reviews end on days 45, 82 and 119.
    changes = """
    licensing:
      office:
        regimes:
          states: {normal: {returned: 1}, kind: {}}
          history: [{date: 2024-01-01, state: normal}, {date: 2024-04-10, state: kind}]
    """
    assert day(PLAIN + dedent(changes), "cleared") == 10 + 5 + 30 + (7 + 30) * 2
    given_up = changes.replace("office:", "office:\n        applications: 2")
    assert day(PLAIN + dedent(given_up)) == float("inf")


def test_a_slow_regime_from_a_date_slows_what_is_left() -> None:
    # 5 of 30 days of review are done by day 20; the other 25 take 50.
    changes = """
    licensing:
      office:
        regimes:
          history: [{date: 2024-01-01, state: normal}, {date: 2024-01-21, state: slow}]
    """
    assert day(PLAIN + dedent(changes), "cleared") == 20 + 50


def test_a_change_of_regime_is_felt_for_a_while() -> None:
    # From day 20 review runs at half speed for 10 days: 5 days of it are lost.
    changes = """
    licensing:
      office:
        regimes:
          states: {other: {}}
          history: [{date: 2024-01-01, state: normal}, {date: 2024-01-21, state: other}]
          transient: 10 days
          transient_speed: 0.5
    """
    assert day(PLAIN + dedent(changes), "cleared") == 45 + 5


def test_a_hold_stops_review_but_not_preparation() -> None:
    holds = "licensing: {office: {holds: {history: [{begin: 2024-01-12, end: 2024-01-26}]}}}"
    assert day(PLAIN + holds, "cleared") == 25 + 30


def test_a_denial_is_final_and_an_appeal_can_undo_it() -> None:
    denied = "licensing: {office: {regimes: {states: {normal: {denied: 1}}}, appeal: %s}}"
    assert day(PLAIN + denied % "null") == float("inf")
    assert day(PLAIN + denied % "{duration: 20 days, chance: 0}") == float("inf")
    assert day(PLAIN + denied % "{duration: 20 days, chance: 1}", "cleared") == 45 + 20


def test_the_aggregate_process_takes_its_one_time_at_the_speed_of_the_regime() -> None:
    changes = """
    licensing:
      office:
        process: aggregate
        deal_to_license: 40 days
        preparation: null
        stages: null
        regimes: {states: {normal: {speed: 0.5, returned: 0.9}}}
    """
    assert day(PLAIN + dedent(changes), "cleared") == 10 + 80


def test_a_small_order_needs_only_certification_while_the_regime_lasts() -> None:
    free = """
    licensing:
      office:
        regimes:
          states: {quota: {license_free_below: %s accelerators, certification: 6 days}}
          history: [{date: 2024-01-01, state: normal}, {date: 2024-01-15, state: quota}]
    """
    assert day(PLAIN + dedent(free) % "10", "cleared") == 14 + 6
    assert day(PLAIN + dedent(free) % "9", "cleared") == 45


def test_certification_in_two_regimes_adds_up() -> None:
    # Half of 8 days by day 14, then the other half of 20 days.
    changes = """
    licensing:
      office:
        regimes:
          states:
            quota: {license_free_below: 10 accelerators, certification: 8 days}
            open: {license_free_below: 10 accelerators, certification: 20 days}
          history: [{date: 2024-01-01, state: quota}, {date: 2024-01-15, state: open}]
    """
    assert day(PLAIN + dedent(changes), "cleared") == 14 + 10


TRANCHES = """
demand: {accelerators: 40 accelerators}
installation: {crews: 4}
licensing:
  office:
    tranches: {shares: [0.25, 0.75], end_use_check: 50 days, check_fails: %s, checks: 2}
"""


def test_the_second_tranche_is_filed_after_the_first_is_in_place_and_checked() -> None:
    # The queue is over on day 65 and four lots are made by day 69. The first lot ships on day 66 and runs on
    # day 71; check, preparation and review end on day 156, then truck, installation and acceptance follow.
    assert day(PLAIN + TRANCHES % 0, "installed_25") == 71
    assert day(PLAIN + TRANCHES % 0) == 71 + 50 + 35 + 2 + 3 + 10


def test_failed_end_use_checks_end_the_license() -> None:
    assert day(PLAIN + TRANCHES % 1) == float("inf")


def test_a_small_order_is_one_tranche() -> None:
    small = (TRANCHES % 1).replace("checks: 2}", "checks: 2, single_below: 40 accelerators}")
    assert day(PLAIN + small) == 65 + 4 + 2 + 3 + 10


@pytest.mark.parametrize(("validity", "released"), [("21 days", 66), ("20 days", 65 + 15), ("40 days", 66)])
def test_a_license_that_runs_out_before_shipment_is_renewed(validity: str, released: int) -> None:
    # Granted on day 45, made on day 66: in time with 21 days of validity, else renewed 15 days after day 65.
    changes = f"licensing: {{office: {{validity: {validity}, renewal: 15 days}}}}"
    assert day(PLAIN + changes, "delivered") == released + 2


def test_a_suspended_license_stops_the_first_leg() -> None:
    # The truck leaves on day 66 and stands still from day 67 to 80.
    stop = "licensing: {office: {revocations: {history: [{begin: 2024-03-08, end: 2024-03-21}]}}}"
    assert day(PLAIN + stop, "delivered") == 68 + 13
    assert day(stop) == FREE_COMPLETE


def test_ordering_before_the_license_lets_the_queue_run_beside_it() -> None:
    assert day("strategy: {supplier: plain, order_before_license: true}", "first_lot") == 10 + 20 + 1
    assert day("strategy: {supplier: plain, order_before_license: true}") == 45 + 2 + 3 + 10


def test_applications_of_two_builds_queue_for_one_desk() -> None:
    plan = world(
        """
        pools: {desk: 1}
        licensing: {office: {desks: desk}}
        strategy: {supplier: plain}
        builds: {first: {title: One}, second: {title: Two, begin: 2024-01-06}}
        """
    )
    times = solved(plan)
    assert [times.of(plan.milestones[f"{name}.cleared"])[0] for name in ("first", "second")] == [45, 75]
    assert times.waited[times.row["second/plain/license[0]"]][0] == 45 - 20
