"""The answer of ``ledger``: where the days go, cause by cause, and where two scenarios differ.

Called by ``decide``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.cli.answer import Answer, Document
from sim.cli.answers.parts import Charge
from sim.cli.console import Block, Table
from sim.report.causes import ledger_waterfall
from sim.results.drivers import most_days
from sim.study.accounts import Account, difference


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where the days of one scenario go.

    Attributes
    ----------
    name
        The scenario.
    share
        The percentile of ``near``: 0.8, or a lower one where that is never.
    mean
        Mean days by cause over the futures that complete.
    near
        Mean days by cause over the futures around the percentile; they sum to ``total_days``.
    planned_days
        Days from the start to the promised date; 0 where nothing was promised.
    steps
        From the plan to the percentile: days that each cause adds; with ``planned_days`` they sum to
        ``total_days``.
    total_days
        Days from the start to completion around the percentile.
    """

    name: str
    share: float
    mean: tuple[Charge, ...]
    near: tuple[Charge, ...]
    planned_days: float
    steps: tuple[Charge, ...]
    total_days: float


@dataclass(frozen=True, slots=True)
class Differences:
    """By how many days the second scenario exceeds the first, cause by cause.

    Attributes
    ----------
    mean, near
        As in the ledgers.
    """

    mean: tuple[Charge, ...]
    near: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Ledgers(Document):
    """Where the days of one or two scenarios go.

    Attributes
    ----------
    ledgers
        One per scenario, as given.
    difference
        The second minus the first; null for one scenario.
    """

    ledgers: tuple[Ledger, ...]
    difference: Differences | None


def answer(accounts: Sequence[Account]) -> Answer:
    """Return the answer of one or two accounts."""
    first, name = accounts[0], "-".join(["ledger", *(each.name for each in accounts)])
    return Answer(
        Ledgers(tuple(map(_ledger, accounts)), _differences(accounts)),
        [*_blocks(accounts)],
        {
            name: lambda language: ledger_waterfall(
                first.steps, planned=first.planned, total=first.total, language=language
            )
        },
    )


def ledger_table(columns: Mapping[str, Mapping[str, float]], title: str = "") -> Table:
    """Return days by cause, a column per ledger, the largest of the last column first, and the sums."""
    parts = list(columns.values())
    causes = dict.fromkeys(cause for part in parts for cause in part)
    order = most_days([(cause, abs(parts[-1].get(cause, 0.0))) for cause in causes])
    rows = [(cause, [_days(part.get(cause, 0.0)) for part in parts]) for cause, _ in order]
    sums = ("sum", [_days(sum(part.values())) for part in parts])
    return Table(list(columns), [*rows, sums], title, numbers=True)


def _days(days: float) -> str:
    return f"{days + 0.0:,.1f} d".replace("-", "\N{MINUS SIGN}").replace("\N{MINUS SIGN}0.0 ", "0.0 ")


def _blocks(accounts: Sequence[Account]) -> Iterator[Block]:
    for each in accounts:
        yield each.sentence
        yield ledger_table({"mean": each.mean, f"near P{100 * each.share:.0f}": each.near})
    if len(accounts) == 2:
        one, other = accounts
        columns = {
            "mean": difference(one, other, where="mean"),
            "near the percentile": difference(one, other, where="near"),
        }
        yield ledger_table(columns, f"{other.name} minus {one.name}")


def _ledger(account: Account) -> Ledger:
    return Ledger(
        account.name,
        account.share,
        charges(account.mean),
        charges(account.near),
        account.planned,
        tuple(Charge(*step) for step in account.steps),
        account.total,
    )


def _differences(accounts: Sequence[Account]) -> Differences | None:
    if len(accounts) < 2:
        return None
    one, other = accounts
    return Differences(
        charges(difference(one, other, where="mean")), charges(difference(one, other, where="near"))
    )


def charges(days: Mapping[str, float]) -> tuple[Charge, ...]:
    """Return days by cause as a document has them."""
    return tuple(Charge(cause, each) for cause, each in days.items())
