"""The committed pictures are current: their data are what the code finds, and each picture is of its data.

``--fix`` draws all of them again. Data are compared, not pixels, because fonts differ between machines; a
picture carries the hash of the data it was drawn from.
"""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path

import pytest
from PIL import Image

from sim.cli.main import chiproute
from sim.report.language import ENGLISH
from sim.report.notebook.shown import Picture
from sim.report.style import styled
from tests.conftest import Generated
from tests.docs.conftest import ROOT
from tests.docs.gallery import Exhibit, exhibits

GALLERY = ROOT / "reports" / "gallery"
MOST_BYTES = 250_000
HEAD = (
    "# Gallery",
    "",
    "What the commands draw; [how to read it](../README.md). Beside each picture lie its numbers as CSV.",
    "All are made anew by `uv run pytest --fix tests/docs`.",
    "",
)


def data_of(picture: Picture) -> str:
    """Return what a picture shows as CSV: its words, then the numbers behind it."""
    said = picture.description(ENGLISH)
    table = said.table.to_csv(index=False, lineterminator="\n")
    return f"# {said.alternative}\n{table}"


def hash_of(data: str) -> str:
    return hashlib.sha256(data.encode()).hexdigest()


def draw(picture: Picture, path: Path, data: str) -> None:
    """Write a picture that knows its words and the data it was drawn from."""
    figure = picture.axes(ENGLISH).get_figure(root=True)
    assert figure is not None
    words = {"Software": None, "Description": picture.description(ENGLISH).alternative, "Data": hash_of(data)}
    styled(figure.savefig)(path, format="png", metadata=words)


@pytest.mark.parametrize("exhibit", tuple(exhibits()), ids=lambda exhibit: exhibit.name)
def test_a_picture_shows_todays_numbers(
    exhibit: Exhibit, generated: Generated, request: pytest.FixtureRequest
) -> None:
    picture, path = exhibit.make(), GALLERY / f"{exhibit.name}.png"
    data = data_of(picture)
    if request.config.getoption("--fix"):
        draw(picture, path, data)
    generated(path.with_suffix(".csv"), data)
    with Image.open(path) as image:
        drawn_from = image.info["Data"]
    assert drawn_from == hash_of(data), f"{path} is older than its data; run pytest --fix tests/docs"
    assert path.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("exhibit", tuple(exhibits()), ids=lambda exhibit: exhibit.name)
def test_the_command_below_a_picture_exists(exhibit: Exhibit) -> None:
    _, name, *arguments = shlex.split(exhibit.command)
    chiproute.commands[name].make_context(name, arguments)


def test_the_gallery_page_shows_every_picture_and_says_it_in_words(generated: Generated) -> None:
    generated(GALLERY / "README.md", page())


def test_the_gallery_holds_nothing_else() -> None:
    names = {exhibit.name for exhibit in exhibits()}
    kept = {path.name for path in GALLERY.iterdir()}
    assert kept == {"README.md"} | {f"{name}{end}" for name in names for end in (".png", ".csv")}


def page() -> str:
    """Return the page of the gallery; the words of a picture are the first line of its data."""
    return "\n".join([*HEAD, *(line for exhibit in exhibits() for line in _entry(exhibit))])


def _entry(exhibit: Exhibit) -> list[str]:
    words = (GALLERY / f"{exhibit.name}.csv").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    image = f"![{words}]({exhibit.name}.png)"
    return [f"## {exhibit.question}", "", exhibit.caption, "", image, "", f"`{exhibit.command}`", ""]
