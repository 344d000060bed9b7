"""Strategies, coupling, risks, correlations, costs and capacity in the minimal world, by hand."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from minimal import FREE_COMPLETE, PLAIN_COMPLETE, day, days, solved, world
from scipy.stats import spearmanr

from sim.chance.draws import draw
from sim.engine import array_engine, simpy_engine
from sim.results.capacity import installed, quantiles
from sim.results.cost import cost_columns, costs_by_kind, within

SWITCH = "strategy: {kind: switch, supplier: null, first: plain, then: free, patience: %s}\n"
BOTH = "strategy: {kind: %s, supplier: null, parts: [{supplier: plain}, {supplier: free}]}\n"
DENIED = "licensing: {office: {regimes: {states: {normal: {denied: 1}}}}}\n"


@pytest.mark.parametrize(
    ("patience", "switched", "complete"),
    [
        ("20 days", 20, 20 + FREE_COMPLETE),
        ("45 days", float("inf"), PLAIN_COMPLETE),
        ("0 days", 0, FREE_COMPLETE),
    ],
)
def test_a_switch_waits_for_clearance_as_long_as_patience_lasts(
    patience: str, switched: float, complete: float
) -> None:
    assert days(SWITCH % patience, "switched", "completion") == [switched, complete]


def test_a_denial_ends_patience_early() -> None:
    assert days(SWITCH % "300 days" + DENIED, "switched", "completion") == [45, 45 + FREE_COMPLETE]
    assert day(SWITCH % "never" + DENIED) == float("inf")


def test_a_denial_after_the_license_free_route_changes_nothing() -> None:
    # Certified on day 16; the application that nobody needs any more is denied on day 45.
    changes = """
    strategy: {kind: switch, supplier: null, first: plain, then: free, patience: 300 days}
    licensing:
      office:
        regimes: {states: {normal: {denied: 1, license_free_below: 10 accelerators, certification: 6 days}}}
    """
    assert days(changes, "cleared", "switched", "completion") == [16, float("inf"), 16 + 36]


def test_a_prepared_port_can_start_before_the_switch() -> None:
    port = "suppliers: {free: {port: {duration: 60 days}}}\n"
    assert day(SWITCH % "20 days" + port) == 20 + 60
    prepared = (SWITCH % "20 days").replace("patience", "prepare_second: true, patience")
    assert day(prepared + port) == 20 + FREE_COMPLETE


def test_a_switch_reopens_the_site() -> None:
    site = "suppliers: {free: {site: cooling}}\nsite: {kinds: {cooling: {pipes: {duration: 70 days}}}}\n"
    assert day(SWITCH % "20 days" + site) == 20 + 70 + 3 + 10


def test_a_split_waits_for_both_and_connects_the_power_of_both() -> None:
    parts = "parts: [{supplier: plain, share: 0.5}, {supplier: free, share: 0.5}]"
    split = f"strategy: {{kind: split, supplier: null, {parts}}}\ndemand: {{accelerators: 20 accelerators}}\n"
    assert days(split, "plain.completion", "free.completion", "completion") == [81, 46, 81]
    steps = "site: {power: [{up_to: 10 kW, duration: 33 days}, {up_to: 20 kW, duration: 66 days}]}\n"
    assert day(split + steps, "free.site_ready") == 66


def test_a_split_machine_trains_as_one_and_the_machines_of_a_race_each_alone() -> None:
    # 6 x 1e9 x 4.32e12 FLOP at goodput 0.9 on one lot of 10 x 50 TFLOP/s; two lots take half the time.
    work = "workload: {parameters: 1e9, tokens: 4.32e12, goodput: 0.9, data_work: 5 days}\n"
    alone = 6 * 1e9 * 4.32e12 / (10 * 50e12 * 0.9 * 86_400)
    parts = "parts: [{supplier: plain, share: 0.5}, {supplier: free, share: 0.5}]"
    split = f"strategy: {{kind: split, supplier: null, {parts}}}\ndemand: {{accelerators: 20 accelerators}}\n"
    assert day(split + work, "model") == pytest.approx(PLAIN_COMPLETE + alone / 2, abs=1e-5)
    assert day(BOTH % "race" + work, "model") == pytest.approx(FREE_COMPLETE + alone, abs=1e-5)


def test_finish_lines_of_a_split_count_usable_compute() -> None:
    # Three quarters of the compute are the licensed supplier's, whose lot runs on day 71.
    parts = "parts: [{supplier: plain, share: 0.5}, {supplier: free, share: 0.5}]"
    split = f"strategy: {{kind: split, supplier: null, {parts}}}\ndemand: {{accelerators: 20 accelerators}}\n"
    faster = "suppliers: {plain: {accelerator: {peak: 300 TFLOP/s}}}\n"
    lines = ("installed_25", "installed_50", "installed_100")
    assert days(split, *lines) == [36, 36, 71]
    assert days(split + faster, *lines) == [36, 71, 71]


def test_a_race_takes_the_first() -> None:
    assert days(BOTH % "race", "completion", "plain.completion") == [FREE_COMPLETE, PLAIN_COMPLETE]


STAGED = """
strategy: {kind: staged, supplier: null, parts: [{supplier: free, share: 0.5}, {supplier: plain, share: 0.5}]}
demand: {accelerators: 20 accelerators}
"""
COUPLING = "licensing: {office: {coupling: {suppliers: [free], cancels: %s}}}\n"


def test_stages_follow_each_other() -> None:
    assert days(STAGED, "installed_50", "completion") == [36, FREE_COMPLETE + PLAIN_COMPLETE]


@pytest.mark.parametrize("strategy", [BOTH % "race", STAGED])
def test_a_rival_order_can_cost_the_license(strategy: str) -> None:
    names = [name for name in world(strategy).milestones if name.startswith("plain") and "completion" in name]
    assert np.isfinite(day(strategy + COUPLING % 0, names[0]))
    assert day(strategy + COUPLING % 1, names[0]) == float("inf")


def test_an_order_from_somebody_the_authority_does_not_mind_costs_no_license() -> None:
    minds = (COUPLING % 1).replace("[free]", "[plain]")
    assert day(BOTH % "race" + minds, "plain.completion") == PLAIN_COMPLETE


def test_a_license_in_hand_is_not_lost() -> None:
    late = "suppliers: {free: {contract: {duration: 45 days}}}\ninstallation: {crews: 2}\n"
    assert day(BOTH % "race" + COUPLING % 1 + late, "plain.completion") == PLAIN_COMPLETE
    sooner = late.replace("45", "44")
    assert day(BOTH % "race" + COUPLING % 1 + sooner, "plain.completion") == float("inf")


RISK = "risks: {storm: {title: Storm, %s, affects: [%s], %s}}\n"
CERTAIN = "chance: 1"


def test_risks_strike_what_they_affect() -> None:
    assert day(RISK % (CERTAIN, "suppliers.free.production.queue", "factor: 2")) == FREE_COMPLETE + 20
    assert day(RISK % (CERTAIN, "suppliers.*.contract", "delay: 7 days")) == FREE_COMPLETE + 7
    assert day(RISK % (CERTAIN, "suppliers.free.production.queue", "factor: 0.5")) == FREE_COMPLETE - 10
    assert day(RISK % ("chance: 0", "suppliers.free.production.queue", "factor: 2")) == FREE_COMPLETE
    off = RISK % (CERTAIN + ", enabled: false", "suppliers.free.production.queue", "factor: 2")
    assert day(off) == FREE_COMPLETE


def test_a_delay_hits_a_repeated_stage_once_and_a_factor_each_time() -> None:
    # Reviews end on days 45 and 82, then 119, when the regime is kind.
    returned = """
licensing:
  office:
    regimes:
      states: {normal: {returned: 1}, kind: {}}
      history: [{date: 2024-01-01, state: normal}, {date: 2024-04-10, state: kind}]
strategy: {supplier: plain}
"""
    review = "licensing.office.stages.review.duration"
    assert day(returned, "cleared") == 119
    assert day(returned + RISK % (CERTAIN, review, "delay: 4 days"), "cleared") == 123
    assert day(returned + RISK % (CERTAIN, review, "factor: 1.1"), "cleared") == 119 + 9


def test_one_occurrence_strikes_several_stages_and_a_rate_needs_a_window() -> None:
    rate = "rate: 0.5 per year, window: 2 years"
    plan = world(RISK % (rate, "suppliers.free.production.queue, freight.road.legs.truck", "delay: 9 days"))
    completion = solved(plan, count=1_000).of(plan.milestones["completion"])
    assert set(completion) == {46, 64}
    expected = 1 - np.exp(-1)
    assert abs((completion == 64).mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / 1_000)


CORRELATED = """
suppliers:
  free: {contract: {duration: {uniform: [5, 15], unit: days, assumption: Test.}}}
  plain: {contract: {duration: {uniform: [5, 15], unit: days, assumption: Test.}}}
freight: {road: {legs: {truck: {duration: {uniform: [1, 3], unit: days, assumption: Test.}}}}}
"""


@pytest.mark.parametrize(
    ("between", "names"),
    [
        (
            "[suppliers.free.contract.duration, freight.road.legs.truck.duration]",
            ("free/suppliers.free.contract.duration[0]", "free/freight.road.legs.truck.duration[0]"),
        ),
        (
            "[suppliers.free.contract.duration, suppliers.plain.contract.duration]",
            ("free/suppliers.free.contract.duration[0]", "plain/suppliers.plain.contract.duration[0]"),
        ),
    ],
)
def test_correlations_are_felt_within_and_across_branches(between: str, names: tuple[str, str]) -> None:
    plan = world(BOTH % "race" + CORRELATED + f"correlations: [{{between: {between}, coefficient: 0.7}}]")
    draws = draw(plan.inputs, seed=1, first=0, count=2_000, correlations=plan.correlations)
    assert spearmanr(*(draws.value(name) for name in names))[0] == pytest.approx(0.7, abs=0.05)


def test_builds_are_not_correlated_with_each_other() -> None:
    between = "[suppliers.free.contract.duration, freight.road.legs.truck.duration]"
    plan = world(
        CORRELATED
        + f"correlations: [{{between: {between}, coefficient: 0.7}}]\n"
        + "builds: {one: {title: One}, two: {title: Two}}"
    )
    assert len(plan.correlations) == 2
    assert all(a.partition("/")[0] == b.partition("/")[0] for a, b in plan.correlations)


PRICES = """
target: 2024-01-21
suppliers:
  free: {accelerator: {price: 2 kUSD}}
  plain: {accelerator: {price: 3 kUSD}}
costs: {site_per_mw: 1 MUSD, delay_per_month: 3043.75 USD, cancellation: 0.1}
"""


def cost(changes: str) -> dict[str, float]:
    plan = world(changes + PRICES)
    draws = draw(plan.inputs, seed=1, first=0, count=1)
    times = array_engine.run(plan, draws)
    kinds = {kind: float(usd[0]) for kind, usd in costs_by_kind(plan, draws, times).items()}
    assert cost_columns(plan, draws, times)["cost"][0] == pytest.approx(sum(kinds.values()))
    return kinds


def test_costs_of_one_machine() -> None:
    # 10 accelerators, 10 kW, 100 USD for each of 26 days after the target.
    assert cost("") == pytest.approx({"machines": 20_000, "site": 10_000, "delay": 2_600})


def test_an_order_dropped_before_delivery_costs_its_cancellation() -> None:
    early = "strategy: {kind: switch, supplier: null, first: plain, then: free, patience: 20 days%s}\n"
    ordered = cost(early % ", order_before_license: true")
    assert ordered == pytest.approx(
        {"machines": 20_000, "cancellation": 3_000, "site": 10_000, "delay": 4_600}
    )
    assert cost(early % "")["cancellation"] == 0


def test_the_loser_of_a_race_is_paid_only_if_it_was_delivered() -> None:
    # The winner is complete on day 46; the loser was ordered on day 45, and delivered on day 68.
    race = cost(BOTH % "race")
    assert (race["machines"], race["cancellation"], race["site"]) == (20_000, 3_000, 20_000)
    slow = cost(BOTH % "race" + "acceptance: {stability: 60 days}\n")
    assert (slow["machines"], slow["cancellation"]) == (50_000, 0)


def test_a_machine_that_never_comes_waits_until_the_horizon() -> None:
    plan_days = 3_653 - 20
    assert cost("strategy: {supplier: plain}\n" + DENIED) == pytest.approx(
        {"machines": 0, "site": 10_000, "delay": plan_days * 100}
    )


def test_the_joint_probability_counts_both_conditions() -> None:
    spent, done = np.array([1.0, 1.0, 3.0, 3.0] * 500), np.array([10.0, np.inf, 10.0, 30.0] * 500)
    assert within(spent, done, budget_usd=2.0, target_days=20.0).value == 0.25


def test_capacity_over_time_by_supplier() -> None:
    parts = "parts: [{supplier: plain, share: 0.5}, {supplier: free, share: 0.5}]"
    split = f"strategy: {{kind: split, supplier: null, {parts}}}\ndemand: {{accelerators: 40 accelerators}}\n"
    plan = pickle.loads(pickle.dumps(world(split)))
    draws = draw(plan.inputs, seed=1, first=0, count=3)
    found = installed(plan, draws, solved(plan, count=3), days=np.array([35.0, 36.0, 38.9, 39.0, 100.0]))
    free = next(each for each in found if each.supplier == "free")
    # Two lots for one crew: at the door on days 33 and 34, running on days 36 and 39.
    np.testing.assert_array_equal(free.accelerators[:, 0], [0, 10, 10, 20, 20])
    np.testing.assert_allclose(free.petaflops[:, 0], [0, 0.5, 0.5, 1.0, 1.0])
    assert quantiles(free.petaflops).shape == (3, 5)


def test_the_loser_of_a_race_adds_no_capacity() -> None:
    plan = world(BOTH % "race")
    draws = draw(plan.inputs, seed=1, first=0, count=1)
    last = {each.supplier: each.accelerators[-1, 0] for each in installed(plan, draws, solved(plan))}
    assert last == {"plain": 0, "free": 10}


def test_both_engines_agree_on_every_mechanism_at_once() -> None:
    everything = """
    pools: {desk: 1, crews: 2}
    demand: {accelerators: 40 accelerators}
    installation: {pool: crews}
    strategy: {kind: race, supplier: null, parts: [{supplier: plain}, {supplier: free}]}
    suppliers:
      plain:
        contract: {duration: {uniform: [5, 15], unit: days, assumption: Test.}, chance: 0.7, again: 3 days}
        installation: {burn_in: 2 days, dead_on_arrival: 0.3, spares: 0.1, replacement: 9 days}
        acceptance: {passes: 0.6}
      free: {port: {duration: 50 days, stable: 0.5, again: 4 days}}
    licensing:
      office:
        desks: desk
        appeal: {duration: 40 days, chance: 0.5}
        validity: 60 days
        renewal: 20 days
        coupling: {suppliers: [free], cancels: 0.3}
        tranches: {shares: [0.5, 0.5], end_use_check: 20 days, check_fails: 0.2, after_failure: 5 days}
        holds: {rate: 2 per year, length: {uniform: [5, 50], unit: days, assumption: Test.}}
        revocations: {rate: 1 per year, length: 20 days}
        regimes:
          states:
            normal: {returned: 0.3, denied: 0.1}
            free: {license_free_below: 40 accelerators, certification: 9 days}
          rates:
            normal: {slow: 2 per year, free: 1 per year}
            slow: {normal: 4 per year}
            free: {normal: 4 per year}
          transient: 20 days
    builds: {one: {title: One}, two: {title: Two, begin: 2024-01-20}}
    """
    plan = world(everything)
    draws = draw(plan.inputs, seed=3, first=0, count=60)
    for one, other in zip(
        array_engine.run(plan, draws).fire, simpy_engine.run(plan, draws).fire, strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-9, rtol=0)
