"""Thousands of wrong scenarios, each in a box: an answer or a message at its place, soon, and no more.

``CHIPROUTE_MUTANTS`` says how many (72 if it does not: half a minute), ``CHIPROUTE_MUTANTS_SEED`` which.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from itertools import chain, islice

import pytest

from sim.scenario.folders import shipped_folder
from tests.hostile.box import MOST_MEGABYTES, MOST_SECONDS, PROJECT, Verdict, judged
from tests.hostile.mutations import CANARY, Mutant, mutants

COUNT = int(os.environ.get("CHIPROUTE_MUTANTS", "72"))
SEED = int(os.environ.get("CHIPROUTE_MUTANTS_SEED", "1"))
TOGETHER = 200

LOCATED = re.compile(r"(chiproute: )?(--set\b|('[^']*'|[^\s:]+)(:\d+){0,2}: |\.\.\. and \d+ more)")
"""How a line begins: with the change, with the file, line and column, or with how many are left out."""

HERE = (str(PROJECT), sys.prefix, sys.base_prefix, "/dev/null", "/proc/self/")
"""What the program itself is made of."""


KNOWN = (
    Mutant("right", {"scenarios/mutant.yaml": b"title: t\nextends: kz-ascend\n"}),
    Mutant("wrong", {"scenarios/mutant.yaml": b"title: t\n"}),
)
"""Two that are no mutants, to see that the box sees."""


@cache
def campaign() -> tuple[Verdict, ...]:
    made, found = chain(mutants(seed=SEED, count=COUNT), KNOWN), list[Verdict]()
    while part := [*islice(made, TOGETHER)]:  # some are 10 MB
        found += judged(part)
    return tuple(found)


def test_every_mutant_gets_an_answer_or_a_message_at_its_place() -> None:
    wrong = [each for each in campaign() if not _is_answered(each)]
    assert not wrong, "\n\n".join(f"{each.name}: {each.code}\n{each.err[-800:]}" for each in wrong[:5])


def _is_answered(verdict: Verdict) -> bool:
    if verdict.code == 0:
        return not verdict.err
    lines = verdict.err.splitlines()
    return verdict.code == 2 and bool(lines) and all(map(LOCATED.match, lines))


def test_some_mutants_run_and_most_do_not() -> None:
    shares = [sum(each.code == code for each in campaign()) / COUNT for code in (0, 2)]
    assert min(shares) > 0.05, shares


def test_no_mutant_takes_long_or_much() -> None:
    slow = [(each.name, each.seconds) for each in campaign() if each.seconds > MOST_SECONDS]
    large = [(each.name, each.megabytes) for each in campaign() if each.megabytes > MOST_MEGABYTES]
    assert not slow
    assert not large


def test_no_mutant_makes_the_program_read_elsewhere_or_start_anything() -> None:
    for each in campaign():
        elsewhere = [file for file in each.opened if not file.startswith((*HERE, each.folder))]
        assert not elsewhere, (each.name, elsewhere)
        assert not each.started, (each.name, each.started)
        assert CANARY not in each.left, each.name


def test_the_box_sees_what_it_looks_for() -> None:
    right, wrong = campaign()[-2:]
    assert (right.code, wrong.code) == (0, 2)
    assert any(file.endswith("scenarios/mutant.yaml") for file in right.opened)
    assert any(file.startswith(str(shipped_folder())) for file in right.opened)
    assert right.seconds > 0.05
    assert right.megabytes > 50


@pytest.mark.skipif(COUNT < 1_000, reason="figures take seconds each: with CHIPROUTE_MUTANTS=1000 or more")
def test_mutants_that_run_also_leave_figures() -> None:
    names = [each.name for each in campaign() if each.code == 0][:60]
    made = [each for each in mutants(seed=SEED, count=COUNT) if each.name in names]
    wrong = [each for each in judged(made, pictures=True) if each.code != 0 or "Traceback" in each.err]
    assert not wrong, "\n\n".join(f"{each.name}\n{each.err[-800:]}" for each in wrong[:5])
