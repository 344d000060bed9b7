"""Contracts, production, freight, site, installation and acceptance in the minimal world, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from minimal import FREE_COMPLETE, day, days, solved, world

FOUR_LOTS = "demand: {accelerators: 40 accelerators}\ninstallation: {crews: 4}\n"
LINE = "suppliers: {free: {production: {capacities: {%s}}}}\n"
RATE = 30.4375
"""Accelerators per month that make one a day."""


def test_an_order_is_whole_lots() -> None:
    assert day("demand: {accelerators: 11 accelerators}\ninstallation: {crews: 2}") == FREE_COMPLETE + 1


def test_compute_is_ordered_at_the_planning_value_of_utilization() -> None:
    # 0.5 TFLOP/s x 100 a piece: 1 PFLOP/s takes 20.
    plan = world("demand: {accelerators: null, compute: 1 PFLOP/s}")
    assert sum("/made" in name for name in plan.nodes) == 2


def test_a_tender_comes_before_the_contract() -> None:
    assert day("suppliers: {free: {tender: 15 days}}", "contracted") == 25


def test_a_buyer_whom_nobody_promises_anything_gives_up() -> None:
    # Rounds on days 0-10, 14-24 and 28-38, all in vain.
    never = "suppliers: {free: {contract: {chance: %s, survives: %s, again: 4 days, rounds: 3}}}"
    assert day(never % (0, 1)) == day(never % (1, 0)) == float("inf")
    assert day(never % (1, 1)) == FREE_COMPLETE


def test_lots_leave_the_line_one_after_another() -> None:
    plan = world(FOUR_LOTS)
    times = solved(plan)
    assert [times.of(f"free/lot[{i}]/made")[0] for i in range(4)] == [31, 32, 33, 34]


def test_the_least_bottleneck_sets_the_pace() -> None:
    slower = f"memory: {{points: {{2024-01-01: {RATE * 2} accelerators/month}}}}"
    assert day(FOUR_LOTS + LINE % slower, "delivered") == 30 + 40 / 2 + 2


def test_the_export_share_and_the_backlog_come_first() -> None:
    # A tenth of 10 a day is open to exports; 45 others are served by day 45, then the lot takes 10 days.
    changes = "suppliers: {free: {production: {export_share: 0.1, backlog: 45 accelerators}}}"
    assert day(changes, "first_lot") == 45 + 10


def test_a_stock_runs_out() -> None:
    # 3 a day from the stock until its 96 are used on day 32, 1 a day of fresh parts all the time: from day 30
    # the lot gets 4 a day for two days, then 1.
    stock = (
        f"memory: {{points: {{2024-01-01: {RATE} accelerators/month}}, stock: 96 accelerators, "
        f"stock_rate: {RATE * 3} accelerators/month}}"
    )
    assert day(LINE % stock, "first_lot") == 30 + 2 + 2


def test_a_stock_counts_from_the_date_of_its_first_point() -> None:
    # Since 2023-12-12, 20 days before day 0: gone on day 12, before the order reaches the line.
    stock = (
        f"memory: {{points: {{2023-12-12: {RATE} accelerators/month}}, stock: 96 accelerators, "
        f"stock_rate: {RATE * 3} accelerators/month}}"
    )
    assert day(LINE % stock, "first_lot") == 30 + 10


def test_points_may_be_written_in_any_order() -> None:
    late_first = LINE % (
        "line: {points: {2024-12-01: 30.4375 accelerators/month, 2024-11-30: 304.375 accelerators/month}}"
    )
    assert day(late_first, "first_lot") == 31


def test_a_shock_stops_the_line() -> None:
    stop = "suppliers: {free: {production: {shocks: {history: [{begin: 2024-01-20, end: 2024-02-10}]}}}}"
    assert day(stop, "first_lot") == 40 + 1


def test_a_new_product_is_late_and_slips() -> None:
    changes = "suppliers: {free: {production: {available_from: 2024-02-20, slip: 9 days}}}"
    assert day(changes, "first_lot") == 50 + 9 + 1


def test_a_tight_market_slows_the_queue() -> None:
    # 10 of 20 days are done when the market turns on day 20; the rest takes 40 at a quarter of the speed.
    changes = """
    suppliers:
      free:
        production:
          market:
            states: {loose: 1, tight: 0.25}
            history: [{date: 2024-01-01, state: loose}, {date: 2024-01-21, state: tight}]
    """
    assert day(changes, "first_lot") == 20 + 40 + 1


@pytest.mark.parametrize(("estimate", "made"), [("null", 31), ("slow", 40), ("late", 41)])
def test_one_key_chooses_whom_to_believe(estimate: str, made: int) -> None:
    changes = f"""
    suppliers:
      free:
        estimate: {estimate}
        estimates:
          slow: {{capacities: {{all: {{points: {{2024-01-01: {RATE} accelerators/month}}}}}}}}
          late: {{queue: 30 days}}
    """
    assert day(changes, "first_lot") == made


def test_lots_wait_where_a_corridor_is_closed() -> None:
    closed = "freight: {road: {legs: {truck: {closures: {history: [{begin: 2024-02-02, end: 2024-02-12}]}}}}}"
    assert day(closed, "delivered") == 33 + 10


def test_the_last_leg_waits_for_the_import_notification() -> None:
    route = "freight: {road: {legs: {customs: {duration: 3 days}}, notification: %s days}}"
    assert day(route % 5, "delivered") == 31 + 2 + 3
    assert day(route % 40, "delivered") == 10 + 40 + 3


SITE = """
site:
  kinds:
    hall: {fit-out: null, dig: {duration: 20 days, outdoor: true}, roof: {duration: 6 days, after: [dig]}}
  winter: {begin: "11-01", end: "01-10", speed: 0.5}
"""


def test_winter_slows_outdoor_work_only() -> None:
    # 10 days of winter are worth 5: 15 are left on day 10.
    assert day(SITE, "site_ready") == 10 + 15 + 6


def test_power_is_chosen_by_size() -> None:
    steps = "site: {power: [{up_to: 10 kW, duration: 33 days}, {up_to: 20 kW, duration: 66 days}]}\n"
    assert day(steps, "site_ready") == 33
    assert day(steps + "demand: {accelerators: 20 accelerators}", "site_ready") == 66


def test_a_supplier_can_need_more_of_the_site() -> None:
    changes = "suppliers: {free: {site: cooling}}\nsite: {kinds: {cooling: {pipes: {duration: 70 days}}}}"
    assert days(changes, "site_ready", "completion") == [70, 70 + 3 + 10]


@pytest.mark.parametrize(("crews", "installed"), [(1, 33 + 12), (2, 34 + 6), (4, 36 + 3)])
def test_lots_take_turns_with_crews(crews: int, installed: int) -> None:
    assert day(
        f"demand: {{accelerators: 40 accelerators}}\ninstallation: {{crews: {crews}}}", "installed"
    ) == (installed)


DEAD = """
suppliers:
  %s:
    installation:
      burn_in: 2 days
      dead_on_arrival: 0.3
      spares: 0.1
      replacement: 9 days
      licensed_replacement: %s days
"""


def test_dead_accelerators_beyond_the_spares_are_replaced() -> None:
    assert day(DEAD % ("free", 0), "installed") == 36 + 2 + 9
    assert day(DEAD % ("free", 0) + "demand: {required_share: 0.8}", "installed") == 38
    assert days(DEAD % ("free", 0) + "demand: {required_share: 0.8}", "installed_80", "installed_100") == [
        38,
        47,
    ]


def test_replacements_of_controlled_parts_wait_for_the_authority() -> None:
    # Six days of handling from day 73, half of it after the slow regime begins on day 76.
    history = "[{date: 2024-01-01, state: normal}, {date: 2024-03-17, state: slow}]"
    slow = f"licensing: {{office: {{regimes: {{history: {history}}}}}}}"
    changes = DEAD % ("plain", 6) + "strategy: {supplier: plain}\n" + slow
    assert day(changes, "installed") == 73 + 3 + 6 + 9


def test_acceptance_is_repeated_and_in_the_end_given_up() -> None:
    changes = "suppliers: {free: {acceptance: {passes: %s}}}\nacceptance: {attempts: 3}"
    assert day(changes % 1) == FREE_COMPLETE
    assert day(changes % 0) == float("inf")
    plan = world(changes % 0.5)
    completion = solved(plan, count=250).of(plan.milestones["completion"])
    dates, counts = np.unique(completion, return_counts=True)
    assert dates.tolist() == [
        46,
        46 + 18,
        46 + 36,
        np.inf,
    ]  # a failure costs 8 days of mending and 10 of tests
    assert (abs(counts - [125, 62.5, 31.25, 31.25]) < 4 * np.sqrt([62.5, 46.9, 27.3, 27.3])).all()


def test_acceptance_needs_the_staff() -> None:
    assert day("staff: {ramp: 50 days}") == 50 + 10


def test_a_machine_is_complete_when_the_software_is_ported_too() -> None:
    port = "suppliers: {free: {port: {duration: %s days, stable: %s, again: 5 days, efforts: 2}}}"
    assert day(port % (40, 1)) == FREE_COMPLETE
    assert days(port % (60, 1), "ported", "completion") == [60, 60]
    assert day(port % (10, 0)) == float("inf")


def test_a_workload_waits_for_machine_data_and_people() -> None:
    # 6 x 1e9 x 4.32e12 FLOP on 10 x 50 TFLOP/s at goodput 0.9 are 666.7 days.
    work = "workload: {parameters: 1e9, tokens: 4.32e12, goodput: 0.9, data_work: %s days, staffing: %s days}"
    training = 6 * 1e9 * 4.32e12 / (10 * 50e12 * 0.9 * 86_400)
    assert day(work % (5, 5), "model") == pytest.approx(FREE_COMPLETE + training, abs=1e-5)
    assert day(work % (300, 5), "model") == pytest.approx(300 + training, abs=1e-5)
    assert day(work % (5, 400), "model") == pytest.approx(400 + training, abs=1e-5)


def test_training_time_of_a_national_model() -> None:
    # 70B on 1.4T tokens, 496 H200 at 38 % utilization and 90 % goodput: about 41 days.
    changes = """
    demand: {accelerators: 496 accelerators}
    installation: {crews: 62}
    suppliers:
      free: {lot: 8 accelerators, accelerator: {peak: 989 TFLOP/s, utilization: 0.38}}
    workload: {parameters: 70e9, tokens: 1.4e12, goodput: 0.9, data_work: 0 days}
    """
    complete, model = days(changes, "completion", "model")
    assert model - complete == pytest.approx(40.6, abs=0.1)


def test_two_builds_share_a_line_in_order_of_arrival() -> None:
    # Both reach the line on day 30: the first build's two lots go first.
    both = "demand: {accelerators: 20 accelerators}\nbuilds: {first: {title: One}, second: {title: Two}}"
    assert days(both, "first.delivered", "second.delivered") == [34, 36]
    assert days(both, "completion", "second.completion")[0] == day(both, "second.completion")
