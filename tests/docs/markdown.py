"""What a page of documentation promises: output of commands, files to write, commands to type.

A fenced block is bound to what it shows by the HTML comment above it: ``<!-- output of: COMMAND -->`` or
``<!-- file: PATH -->``. After ``; first N paragraphs`` the page shows no more than these.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BLOCK = re.compile(
    r"(?P<head><!-- (?P<kind>output of|file): (?P<what>.+?) -->\n)?```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
FIRST = re.compile(r"; first (\d+) paragraphs?$")
INLINE = re.compile(r"`(?:uv run )?(chiproute [a-z][^`]*)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and what the comment above it says it is."""

    language: str
    body: str
    kind: str | None = None
    what: str = ""


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for found in BLOCK.finditer(text):
        yield Block(found["language"], found["body"], found["kind"], found["what"] or "")


def with_outputs(text: str, output: Callable[[str], str]) -> str:
    """Return a page with every block that shows the output of something filled anew."""

    def fresh(found: re.Match[str]) -> str:
        if found["kind"] != "output of":
            return found[0]
        return f"{found['head']}```{found['language']}\n{_cut(found['what'], output)}```"

    return BLOCK.sub(fresh, text)


def _cut(what: str, output: Callable[[str], str]) -> str:
    first = FIRST.search(what)
    if first is None:
        return output(what)
    paragraphs = output(what[: first.start()]).split("\n\n")
    return "\n\n".join(paragraphs[: int(first[1])]).rstrip() + "\n"


def commands(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each chiproute command that a page tells its reader to type."""
    typed = [line for block in blocks(text) if block.language == "sh" for line in block.body.splitlines()]
    shown = [FIRST.sub("", block.what) for block in blocks(text) if block.kind == "output of"]
    for line in (*typed, *shown, *INLINE.findall(BLOCK.sub("", text))):
        for part in line.split("&&"):
            words = shlex.split(part, comments=True)
            if "chiproute" in words:
                yield words[words.index("chiproute") + 1 :]
