"""Thousands of wrong scenarios, each in a box: an answer or a message at its place, soon, and no more.

``CHIPROUTE_MUTANTS`` says how many (48 if it does not), ``CHIPROUTE_MUTANTS_SEED`` which.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from sim.scenario.folders import shipped_folder
from tests.hostile.box import MOST_MEGABYTES, MOST_SECONDS, PROJECT, Verdict, judged
from tests.hostile.mutations import CANARY, Mutant, attacks, mutants

COUNT = int(os.environ.get("CHIPROUTE_MUTANTS", "48"))
SEED = int(os.environ.get("CHIPROUTE_MUTANTS_SEED", "1"))
TOGETHER = 100
"""Mutants that share a box: some are 10 MB."""

LOCATED = re.compile(r"(chiproute: )?(--set\b|('[^']*'|[^\s:]+)(:\d+){0,2}: |\.\.\. and \d+ more)")
"""How a line begins: with the change, with the file, line and column, or with how many are left out."""

HERE = (str(PROJECT), sys.prefix, sys.base_prefix, "/dev/null", "/proc/self/")
"""What the program itself is made of."""


KNOWN = (
    Mutant("right", {"scenarios/mutant.yaml": b"title: t\nextends: kz-ascend\n"}),
    Mutant("wrong", {"scenarios/mutant.yaml": b"title: t\n"}),
)
"""Two that are no mutants, to see that the box sees."""


def test_known_attacks_are_refused_soon_at_their_place_and_can_do_nothing_else() -> None:
    *found, right, wrong = judged([*attacks(), *KNOWN])
    assert_faultless(found)
    assert {each.name for each in found if each.code != 2} == set()
    assert_seen(right, wrong)


@pytest.mark.parametrize("first", range(0, COUNT, TOGETHER))
def test_every_mutant_is_answered_soon_and_can_do_nothing_else(first: int) -> None:
    made = list(mutants(seed=SEED, first=first, count=min(TOGETHER, COUNT - first)))
    found = judged(made)
    assert_faultless(found)
    codes = Counter(each.code for each in found)
    assert min(codes[0], codes[2]) > 0.02 * len(made), "some mutants run, and most do not"
    longest, largest = max(each.seconds for each in found), max(each.megabytes for each in found)
    print(f"{len(made)} mutants: {codes[0]} ran, {codes[2]} refused; at most {longest} s, {largest} MB")


def assert_faultless(verdicts: Sequence[Verdict]) -> None:
    faults = [f"{each.name}: {fault}" for each in verdicts for fault in faults_of(each)]
    assert not faults, "\n\n".join(faults[:5])


def faults_of(verdict: Verdict) -> Iterator[str]:
    """Yield what a mutant should not have been able to do."""
    if not _is_answered(verdict):
        yield f"exit code {verdict.code}\n{verdict.err[-800:]}"
    if verdict.seconds > MOST_SECONDS or verdict.megabytes > MOST_MEGABYTES:
        yield f"took {verdict.seconds} s and {verdict.megabytes} MB"
    elsewhere = [file for file in verdict.opened if not file.startswith((*HERE, verdict.folder))]
    if elsewhere:
        yield f"made the program open {elsewhere}"
    if verdict.started or CANARY in verdict.left:
        yield f"started {verdict.started}, left {verdict.left}"


def _is_answered(verdict: Verdict) -> bool:
    if verdict.code == 0:
        return not verdict.err
    lines = verdict.err.splitlines()
    return verdict.code == 2 and bool(lines) and all(map(LOCATED.match, lines))


def assert_seen(right: Verdict, wrong: Verdict) -> None:
    """Fail unless the box saw what two known scenarios did."""
    assert (right.code, wrong.code) == (0, 2)
    assert any(file.endswith("scenarios/mutant.yaml") for file in right.opened)
    assert any(file.startswith(str(shipped_folder())) for file in right.opened)
    assert right.seconds > 0.05
    assert right.megabytes > 50


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": 1}, "exit code 1"),
        ({"err": "Traceback (most recent call last)", "code": 2}, "exit code 2"),
        ({"seconds": MOST_SECONDS + 1}, "took 6.0 s"),
        ({"megabytes": MOST_MEGABYTES + 1}, "501 MB"),
        ({"opened": ("/etc/passwd",)}, "open ['/etc/passwd']"),
        ({"started": ("os.system",)}, "started ('os.system',)"),
        ({"left": (CANARY,)}, f"left ('{CANARY}',)"),
    ],
)
def test_each_fault_is_told(change: dict[str, Any], said: str) -> None:
    fine = Verdict("fine", 0, 1.0, 100, out="", err="", folder="/here", opened=(), started=(), left=())
    assert list(faults_of(fine)) == []
    (fault,) = faults_of(replace(fine, **change))
    assert said in fault


@pytest.mark.skipif(COUNT < 1_000, reason="figures take seconds each: with CHIPROUTE_MUTANTS=1000 or more")
def test_mutants_that_run_also_leave_figures() -> None:
    made = [each for each in mutants(seed=SEED, count=COUNT) if each.name.endswith("scaled")][:120]
    found = judged(made, pictures=True)
    wrong = [each for each in found if each.code not in (0, 2) or "Traceback" in each.err]
    assert not wrong, "\n\n".join(f"{each.name}\n{each.err[-800:]}" for each in wrong[:5])
    assert sum("completion.svg" in each.left for each in found) > 20
