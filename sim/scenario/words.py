"""Words: how values and guesses are put in messages, the same in every module of the room.

Messages quote what a file says, so the quote must be short and must not carry terminal codes. Called by all
modules that word problems; decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

LONGEST_QUOTE = 40

UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that command a terminal, reverse the direction of reading, end a line, or are half of one."""

_KEY = re.compile(r"[\w.\-/]+")


def shown(value: object) -> str:
    """Return a value as a message shows it: short, printable, in the words of a scenario file."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = (
        repr(value) if isinstance(value, str) else f"{value:.12g}" if isinstance(value, float) else str(value)
    )
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 3]}..."


def listed(words: Sequence[str], last: str = "or") -> str:
    """Return ``a, b or c``."""
    return f" {last} ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def guess(word: object, known: Iterable[str]) -> str:
    """Return `` (did you mean …?)`` with the nearest known word, or nothing if none is near."""
    by_lower = {str(each).lower(): each for each in known}
    near = get_close_matches(str(word)[:200].lower(), by_lower, n=1)
    return f" (did you mean {by_lower[near[0]]}?)" if near else ""


def path_text(path: Sequence[str | int]) -> str:
    """Return the path of a value as users write it: ``suppliers.nvidia.lots[3]``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (
                step if _KEY.fullmatch(step) and len(step) <= 80 else shown(step)
            )
    return text


def split_path(text: str) -> tuple[str | int, ...]:
    """Return the steps of a path written as ``suppliers.nvidia.lots[3]``.

    Raises
    ------
    ValueError
        A step is empty or a bracket holds no number.
    """
    steps: list[str | int] = []
    for part in text.strip().split("."):
        match = re.fullmatch(r"([^\[\]]+)((?:\[\d{1,9}\])*)", part.strip())
        if match is None:
            raise ValueError(f"{shown(text)} is not a path such as strategy.patience or lots[0].share")
        steps.append(match[1])
        steps += [int(index) for index in re.findall(r"\d+", match[2])]
    return tuple(steps)
