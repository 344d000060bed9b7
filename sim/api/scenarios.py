"""Scenarios as the API takes them: by name, by path, as loaded, or as a plan built by hand.

Called by every function of the API.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sim.report.notebook.scenario import Scenario
from sim.scenario.load import load as load_scenario
from sim.study.named import subject_of
from sim.study.subject import Subject

Named = str | Path | Scenario
"""A scenario: its name, its path, or what :func:`load` returned."""

Changes = str | Sequence[str] | Mapping[str, object]
"""Changes to a scenario: ``path=value`` texts, or a mapping of paths to values."""

Progress = Callable[[int, int], None]
"""Told how many replications are done, of how many."""


def load(name: Named, *, set: Changes = ()) -> Scenario:  # noqa: A002 (the word of the command line)
    """Return a checked scenario, to look at its assumptions or to hand on.

    Raises
    ------
    ScenarioError
        The scenario cannot be found, or something in it is wrong; all problems at once.
    """
    before = name.overrides if isinstance(name, Scenario) else ()
    overrides = (*before, *_texts(set))
    found = load_scenario(name.path if isinstance(name, Scenario) else name, overrides)
    return Scenario.of(found, overrides=overrides)


def given(name: Named | Subject, changes: Changes) -> Subject:
    """Return a scenario with its plan; a plan built by hand takes no changes.

    Raises
    ------
    ScenarioError
        The scenario is wrong.
    ValueError
        There are changes to a plan built by hand.
    """
    if not isinstance(name, Subject):
        return subject_of(load(name, set=changes))
    if changes:
        raise ValueError(f"{name.name!r} is a plan built by hand: `set` changes scenario files only")
    return name


def _texts(changes: Changes) -> tuple[str, ...]:
    """Return changes as the command line writes them."""
    if isinstance(changes, Mapping):
        return tuple(f"{path}={_text(value)}" for path, value in changes.items())
    return (changes,) if isinstance(changes, str) else tuple(changes)


def _text(value: object) -> str:
    """Return a value as YAML: JSON is YAML too."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
