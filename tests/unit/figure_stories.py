"""Stories and other plain data that the tests of figures draw, from ordinary to extreme."""

from dataclasses import replace
from datetime import date

import numpy as np

from sim.report.capacity import growth
from sim.report.gantt import Row
from sim.report.slips import Slips
from sim.report.story import Story
from sim.report.sweep import Swept
from sim.report.winners import Field
from sim.results.facts import Facts

MONTH = 30.4375
START, TARGET, HORIZON = date(2024, 4, 30), date(2024, 12, 31), date(2032, 12, 31)


def story(days, title="Wait", *, suppliers=("nvidia",), strategy="single", name=None, **dates):
    days = np.asarray(days, dtype=float)
    luck = np.random.default_rng(5).random(days.size)
    steps = {"licensed": days * 0.4, "site_ready": 300 + 90 * luck, "complete": days}
    if strategy == "switch":
        steps["switched"] = np.where(luck < 0.6, 270.0, np.inf)
    dated = {"start": START, "target": TARGET, "horizon": HORIZON} | dates
    facts = Facts(name=name or title, title=title, **dated)
    cost = 30e6 + 9e3 * np.minimum(days, 3167) + 8e6 * luck
    return Story(facts, days, steps, suppliers, strategy, cost, budget_usd=45e6)


def months(p10, p50, p90, never, *, n, seed):
    """Return days with these percentiles in months, and a share of never."""
    chance = np.random.default_rng(seed)
    z = chance.standard_normal(n)
    days = MONTH * p50 * np.exp(z * np.where(z < 0, np.log(p50 / p10), np.log(p90 / p50)) / 1.2816)
    return np.where(chance.random(n) < never, np.inf, days)


def three(n=1000, titles=("Wait for NVIDIA", "Buy Huawei Ascend", "Wait 9 months, then Ascend"), **dates):
    wait, ascend = months(9, 13, 22, 0.05, n=n, seed=1), months(16, 22, 34, 0.004, n=n, seed=2)
    fast = np.random.default_rng(3).random(n) < 0.35
    switch = np.where(fast, months(7.5, 8.5, 10, 0, n=n, seed=4), months(20, 26, 38, 0.01, n=n, seed=5))
    return [
        story(wait, titles[0], name="kz-nvidia-wait", **dates),
        story(ascend, titles[1], name="kz-ascend", suppliers=("ascend",), **dates),
        story(
            switch, titles[2], name="kz-switch", suppliers=("nvidia", "ascend"), strategy="switch", **dates
        ),
    ]


LONG = "The Republic of Kazakhstan waits for accelerators under export control, at $5 to $6, until it is late"
CYRILLIC = "Қазақстан ждёт лицензию"


def eight():
    return [story(three()[0].completion + 9 * k, f"Variant {k}") for k in range(8)]


def half_a_year():
    return [story(np.linspace(60, 160, 500), horizon=date(2024, 12, 31), target=date(2024, 9, 1))]


def four_builds():
    return [
        story(three()[0].completion + 90 * k, f"Build {k}", name=f"build-{k}", target=date(2025 + k, 3, 31))
        for k in range(4)
    ]


def near_targets():
    """Return scenarios that promise dates a few weeks apart."""
    return [replace_target(one, date(2024, 9 + k, 20)) for k, one in enumerate(three())]


def replace_target(one, target):
    return replace(one, facts=replace(one.facts, target=target))


CASES = {
    "targets near each other": near_targets,
    "four builds": four_builds,
    "three scenarios": three,
    "one scenario": lambda: three()[:1],
    "eight scenarios of one color": eight,
    "ten replications": lambda: three(n=10),
    "one replication, complete at the start": lambda: [story([0.0])],
    "all never": lambda: [story(np.full(500, np.inf), "Nobody gets a license")],
    "one of two all never": lambda: [story(np.full(500, np.inf), "Nobody gets a license"), three()[1]],
    "zero spread": lambda: [story(np.full(500, 400.0), "Nothing is uncertain"), three()[1]],
    "no target": lambda: three(target=None),
    "target before the start": lambda: three(target=date(2024, 1, 31)),
    "target after everything": lambda: three(target=date(2031, 12, 31)),
    "target after the horizon": lambda: three(target=date(2035, 1, 1)),
    "thirty years": lambda: three(horizon=date(2054, 4, 30)),
    "half a year": half_a_year,
    "long titles": lambda: three(titles=(LONG, CYRILLIC, "A" * 90)),
}


def vendors():
    """Return the capacity of two vendors, in lots that come at random days."""
    days = np.arange(0.0, 3167.0, 30.0)
    accepted = np.where(days[:, None] >= np.linspace(300, 600, 101), 512.0, 0.0)
    return [growth("nvidia", days, accepted), growth("ascend", days, 4 * accepted)]


def swept():
    """Return a sweep whose first values are never."""
    values = np.arange(0.0, 25.0)
    p80 = np.where(values < 3, np.inf, 80 - 2 * values)
    return Swept(values, p80, (p80 - 2, p80 + 2), best=24.0, last_safe=22.0)


def rows():
    """Return the stages of one future."""
    return [
        Row("site/power/grid-connection-of-the-hall", ((0.0, 200.0),)),
        Row("contract", ((0.0, 60.0), (80.0, 100.0)), ((60.0, 80.0),), binding=True),
        Row("license[0]", ((100.0, 400.0),), binding=True),
        Row("lot[0]/installed", ((420.0, 430.0),), ((400.0, 420.0),), binding=True),
    ]


def field():
    """Return margins over two assumptions, won by the first on one side."""
    across, up = np.linspace(1, 12, 7), np.linspace(0, 1, 5)
    margins = np.clip(np.add.outer(1.5 * up - 0.6, -across / 24), -1, 1)
    return Field(
        across, up, margins, ("licensing.bis.refiling in months", "suppliers.ascend.firm"), (4.0, 0.3)
    )


def slips():
    """Return the slips of seven real machines beside those of a scenario."""
    days = np.array([0.0, 60, 120, 200, 300, 400, 900])
    share = np.array([0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9])
    band = (np.clip(share - 0.2, 0, 1), np.clip(share + 0.1, 0, 1))
    return Slips(days, share, band, 20, three()[0].completion - 245, "Kazakhstan waits for NVIDIA")


STEPS = [
    ("contract", 1071.4),
    ("waiting for line", 15.6),
    ("waiting for some-desk", 3.0),
    ("license review", -27.9),
]
SWINGS = [
    ("winter", 0.0, 21.0),
    ("license", -120.0, 310.0),
    ("port", 15.0, 44.0),
    ("a long name", -30.0, -5.0),
]
