"""Folders: where scenarios live, how a name becomes a file, and what no name may reach.

A ``scenarios/`` folder in the current directory comes first, then the scenarios shipped with the package.
Files are not read here, apart from the title that a listing shows. Called by ``load``, ``evidence`` and the
command line, which lists scenarios without building the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.document import read_head
from sim.scenario.problems import Place, ScenarioError, fatal
from sim.scenario.words import guess, listed, shown

SUFFIXES = (".yaml", ".yml")
LONGEST_PATH = 1_000


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario as ``list`` shows it: ``family`` is its folder, ``abstract`` a base that is not run."""

    name: str
    family: str
    title: str
    path: Path
    abstract: bool


def shipped_folder() -> Path:
    """Return the folder of the scenarios that come with the package, or with its source."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_shipped"
    return inside if inside.is_dir() else package.parent / "scenarios"


def scenario_folders(file: Path | None = None) -> tuple[Path, ...]:
    """Return the folders that may be read from, local first; a scenario given by path adds its own folder."""
    folders = [Path.cwd() / "scenarios", shipped_folder()]
    resolved = [folder.resolve() for folder in folders if folder.is_dir()]
    if file is not None and not is_inside(file, resolved):
        resolved.insert(0, file.resolve().parent)
    return tuple(dict.fromkeys(resolved))


def is_inside(file: Path, folders: Sequence[Path]) -> bool:
    """Whether a file, with its links followed, lies below a folder of ours; a circle of links never does."""
    try:
        return any(file.resolve().is_relative_to(folder) for folder in folders)
    except (OSError, RuntimeError):
        return False


def file_text(file: Path) -> str:
    """Return a file as messages name it: relative to the current directory where that is shorter."""
    try:
        name = str(file.resolve().relative_to(Path.cwd()))
    except (OSError, RuntimeError, ValueError):  # links in a circle, or a file elsewhere
        name = str(file)
    return name if name.isprintable() and len(name) <= LONGEST_PATH else shown(name)


def find_scenario(name: str | Path, folders: Sequence[Path] | None = None) -> Path:
    """Return the file of a scenario, by its stem anywhere below the folders, else by path.

    With ``folders`` of the caller's, only by stem.

    Raises
    ------
    ScenarioError
        No scenario has this name (the nearest are suggested), or two in one folder do.
    """
    may_be_path, folders = folders is None, scenario_folders() if folders is None else folders
    by_name = [file for folder in folders for file in _below(folder) if file.stem == str(name)]
    if by_name:
        return _only(str(name), by_name, folders)
    if may_be_path and _is_path(str(name)):
        return Path(name)
    known = sorted({file.stem for folder in folders for file in _below(folder)})
    near = guess(name, known) or "; chiproute list shows them all"
    raise fatal(f"there is no scenario of this name{near}", Place(shown(str(name))))


def _is_path(name: str) -> bool:
    try:
        return Path(name).suffix in SUFFIXES or Path(name).exists()
    except (OSError, ValueError):  # longer than a path can be, or with a NUL in it
        return False


def _only(name: str, files: Sequence[Path], folders: Sequence[Path]) -> Path:
    home = next(folder for folder in folders if files[0].is_relative_to(folder))
    rivals = [file for file in files if file.is_relative_to(home)]
    if len(rivals) > 1:
        names = listed([str(file.relative_to(home)) for file in rivals], "and")
        raise fatal(f"{names} have the same name; give the path", Place(shown(name)))
    return files[0]


def _below(folder: Path) -> Iterator[Path]:
    """Yield the scenario files of a folder, sorted; links that lead out of it are passed over.

    A ``scenarios/`` folder is searched all the way down; any other one was named by a path to a file in it
    and may be somebody's home, so only its own files count.

    Raises
    ------
    ScenarioError
        The folder may not be read.
    """
    everything = folder in (shipped_folder(), Path.cwd().resolve() / "scenarios")
    try:
        files = sorted(folder.rglob("*") if everything else folder.iterdir())
    except OSError as error:
        raise fatal(f"cannot be read: {error.strerror}", Place(file_text(folder))) from None
    for file in files:
        if file.suffix in SUFFIXES and _is_ours(file, folder):
            yield file


def _is_ours(file: Path, folder: Path) -> bool:
    return file.name.isprintable() and is_inside(file, [folder]) and is_file(file)


def is_file(file: Path) -> bool:
    """Whether there is a regular file, that may be reached and has no name too long to be one."""
    try:
        return file.is_file()
    except OSError:
        return False


def scenario_files() -> tuple[ScenarioFile, ...]:
    """Return every scenario by family and name; a local one hides the shipped one of its name."""
    found: dict[str, ScenarioFile] = {}
    for folder in scenario_folders():
        for file in _below(folder):
            found.setdefault(file.stem, _listed(file, folder))
    return tuple(sorted(found.values(), key=lambda each: (each.family, each.name)))


def _listed(file: Path, folder: Path) -> ScenarioFile:
    family = file.parent.relative_to(folder).as_posix()
    try:
        head = read_head(file, ("title", "abstract"))
    except ScenarioError as error:
        head = {"title": f"({error.problems[0].message})"}
    title = head.get("title")
    text = " ".join(title.split()) if isinstance(title, str) and title.strip() else "(no title)"
    return ScenarioFile(file.stem, family, text, file, head.get("abstract") is True)
