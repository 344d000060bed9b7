"""Mutants: shipped scenarios made wrong by chance, as text (bytes, lines) and as trees (keys, values).

Each mutant is a folder of its own, and a function of (seed, number) alone, so that what was found once can be
made again. Judged by :mod:`tests.hostile.box`.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sim.scenario.folders import scenario_files, shipped_folder
from sim.scenario.load import load

CANARY = "canary"
"""What the code in a mutant would write if anything ran it."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutant:
    """Files below the current directory, the scenario to run, and the changes on the command line."""

    name: str
    files: dict[str, bytes]
    overrides: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)


def attacks() -> Iterator[Mutant]:
    """Yield scenarios that are known to hurt readers of YAML and CSV; every one must be refused."""
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{i + 1}: &a{i + 1} [{f'*a{i}, ' * 9}*a{i}]\n" for i in range(12))
    code = f"title: !!python/object/apply:os.system ['touch {CANARY}']\nextends: kz-ascend\n"
    texts = {
        "laughs": laughs.encode(),
        "code": code.encode(),
        "deep": b"a: " + b"[" * 900_000,
        "wide": b"title: t\nextends: kz-ascend\nbuilds: {" + b"b: {}, " * 100_000 + b"}\n",
        "ten-megabytes": b"title: t\nextends: kz-ascend\n" + b"# x\n" * 2_500_000,
        "no-text": b"title: \xff\xfe\xfa\nextends: kz-ascend\n",
    }
    for name, text in texts.items():
        yield _mutant(name, text)
    for name, number in {"nan": ".nan", "infinity": ".inf", "huge": "1e999", "digits": "9" * 5_000}.items():
        law = f"{{mending: {{uniform: [1, {number}], unit: days, assumption: x}}}}"
        yield _mutant(name, f"title: t\nextends: kz-ascend\nacceptance: {law}\n".encode())
    law = "{mending: {empirical: {file: table.csv, column: days}, unit: days, assumption: x}}"
    child = f"title: t\nextends: kz-ascend\nacceptance: {law}\n".encode()
    for name, table in {"long-table": b"days\n" + b"1\n" * 5_000_000, "long-line": b"1," * 5_000_000}.items():
        yield Mutant(name, {"scenarios/mutant.yaml": child, "scenarios/table.csv": table})


def mutants(*, seed: int, count: int, first: int = 0) -> Iterator[Mutant]:
    """Yield so many mutants, of all families in turn."""
    for number in range(first, first + count):
        family = FAMILIES[number % len(FAMILIES)]
        yield family(f"{seed}-{number}-{family.__name__.strip('_')}", random.Random(f"{seed}:{number}"))


@cache
def texts() -> tuple[bytes, ...]:
    """Return the text of each shipped scenario."""
    files = [file.path for file in scenario_files() if file.path.is_relative_to(shipped_folder())]
    return tuple(path.read_bytes() for path in files if path.stat().st_size)


@cache
def trees() -> tuple[dict[str, Any], ...]:
    """Return each shipped scenario that is run, as a tree that stands alone."""
    names = [file.name for file in scenario_files() if not file.abstract]
    return tuple(json.loads(json.dumps(load(name).merged)) for name in names)


def _flipped(name: str, luck: random.Random) -> Mutant:
    text = bytearray(luck.choice(texts()))
    for _ in range(luck.choice((1, 2, 5, 20))):
        text[luck.randrange(len(text))] ^= 1 << luck.randrange(8)
    return _mutant(name, bytes(text))


def _cut(name: str, luck: random.Random) -> Mutant:
    one, other = luck.choice(texts()), luck.choice(texts())
    tail = other[luck.randrange(len(other)) :] if luck.random() < 0.7 else b""
    return _mutant(name, one[: luck.randrange(len(one))] + tail)


def _shuffled(name: str, luck: random.Random) -> Mutant:
    lines = luck.choice(texts()).splitlines(keepends=True)
    for _ in range(luck.randint(1, 4) if len(lines) > 20 else 1):
        here, length = luck.randrange(len(lines)), luck.randint(1, 5)
        moved = lines[here : here + length]
        if luck.random() < 0.6:
            del lines[here : here + length]
        place = luck.randrange(len(lines) + 1)
        lines[place:place] = moved * luck.choice((0, 1, 1, 50))
    return _mutant(name, b"".join(lines))


def _planted(name: str, luck: random.Random) -> Mutant:
    text = luck.choice(texts())
    for _ in range(luck.randint(1, 3)):
        place = luck.choice([luck.randrange(len(text)), *_ends(text, b": "), *_ends(text, b"\n")])
        text = text[:place] + luck.choice(TOKENS).encode("utf-8", "surrogatepass") + text[place:]
    return _mutant(name, text)


def _encoded(name: str, luck: random.Random) -> Mutant:
    text = luck.choice(texts())
    ways: tuple[Callable[[bytes], bytes], ...] = (
        lambda raw: raw.decode().encode("utf-16"),
        lambda raw: raw.decode().encode("utf-32"),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw.replace(b"\n", b"\r"),
        lambda raw: raw.replace(b"  ", b"\t"),
        lambda raw: raw.replace(b"a", "\u0430".encode()),
        lambda raw: raw.replace(b" ", "\u00a0".encode()),
        lambda raw: raw + b"#" * 10_000_000,
        lambda raw: raw + b"\n" * 900_000,
        lambda raw: raw.upper(),
        lambda raw: raw * 3,
    )
    return _mutant(name, luck.choice(ways)(text))


def _regrown(name: str, luck: random.Random) -> Mutant:
    tree = copy.deepcopy(luck.choice(trees()))
    for _ in range(luck.choice((1, 1, 2, 4))):
        luck.choice(CHANGES)(tree, luck)
    return _mutant(name, _dumped(tree))


def _scaled(name: str, luck: random.Random) -> Mutant:
    """Change numbers and units only: most of these run."""
    tree = copy.deepcopy(luck.choice(trees()))
    for _ in range(luck.choice((1, 2, 3, 8))):
        _rescale(tree, luck)
    return _mutant(name, _dumped(tree))


def _commanded(name: str, luck: random.Random) -> Mutant:
    tree = luck.choice(trees())
    overrides = [_override(tree, luck) for _ in range(luck.choice((1, 2, 5)))]
    return _mutant(name, _dumped(tree), tuple(overrides))


def _supplied(name: str, luck: random.Random) -> Mutant:
    """Mutate the tables beside a scenario, and where it says they are."""
    table = b"days,note\n" + b"".join(b"%d,x\n" % luck.randrange(900) for _ in range(luck.choice((1, 40))))
    evidence = (shipped_folder() / "evidence.csv").read_bytes()[: luck.choice((300, 3_000, 10**6))]
    law = {"file": luck.choice(("table.csv", *PLACES)), "column": luck.choice(("days", "note", "", "\x1b"))}
    child = {
        "title": "t",
        "extends": luck.choice(("kz-ascend", "kz-ascend", *PLACES)),
        "site": {"winter": {"speed": {"empirical": law, "assumption": "x"}}},
    }
    files = {"scenarios/table.csv": _damaged(table, luck), "scenarios/evidence.csv": _damaged(evidence, luck)}
    return Mutant(name, {"scenarios/mutant.yaml": _dumped(child), **files}, links=LINKS)


def _damaged(text: bytes, luck: random.Random) -> bytes:
    noise = luck.choice(
        (b"", b"\x00", b'"', b"\r", b",", b"\n\n", b"\xff", b"nan", b"1e999", "\u202e".encode())
    )
    place = luck.randrange(len(text))
    return text[:place] + noise + text[place + luck.choice((0, 0, 1, 200)) :]


FAMILIES = (
    _flipped,
    _regrown,
    _cut,
    _scaled,
    _shuffled,
    _regrown,
    _planted,
    _scaled,
    _commanded,
    _encoded,
    _regrown,
    _supplied,
)

TOKENS = (
    "&a ",
    "*a ",
    "<<: *a\n",
    "<<: {a: 1}\n",
    f"!!python/object/apply:os.system ['touch {CANARY}'] ",
    f"!!python/object/new:subprocess.Popen [['touch', '{CANARY}']] ",
    "!!binary aGVsbG8= ",
    "!!timestamp 2024-01-01 ",
    "%YAML 1.1\n---\n",
    "--- \n",
    "...\n",
    "? ",
    "- ",
    "| ",
    "> ",
    "# ",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\t",
    "'",
    '"',
    '"\\ud800"',
    "{",
    "[" * 50,
    "{a: " * 50,
    "]",
    "9" * 5_000,
    "0x" + "f" * 300,
    ".inf ",
    "-.inf ",
    ".nan ",
    "1e308 ",
    "~ ",
    "null\n",
    "\r",
    "x" * 30_000,
    "\nlist: [" + "1, " * 9_000 + "1]\n",
)

SCALARS: tuple[Any, ...] = (
    *(None, True, False, "", " ", "x", "never", "null", "~", "soon", "-1", "1e999", ".nan", ".inf", "1_000"),
    *(0, 1, -1, 2, 1e308, -1e308, 1e-320, 5e-324, 10**30, 10**300, -(10**18), 0.1, 1e12, 1e-9, 2**63, 2**64),
    *("0 days", "never", "-3 days", "1e-9 days", "1e30 years", "1e12 accelerators", "1000000", "9 kW", "3 %"),
    *("101 %", "0 %", "100 %", "1e9 per year", "1 per day", "0 kW", "1e-30 USD", "1 trillion USD", "5 years"),
    *("0001-01-01", "9999-12-31", "1969-12-31", "2024-02-29", "2023-02-29", "2024-04-30T00:00:00Z"),
    *(
        "2024-13-01",
        "13-40",
        "02-29",
        "=cmd|' /C calc'!A0",
        "$\\frac{",
        "<script>",
        "[red]x",
        "../../x",
        "a/b",
    ),
    *("a\nb", "\x1b[31m", "\u202eabc", "x" * 5_000, "\x00", "{{7*7}}", "%s%n", "nvidia", "ascend", "bis"),
    *([], {}, [[]], {"": 1}, [1, "x", None], {"fixed": 1}, {"pert": [3, 2, 1]}, {"uniform": [0, 0]}),
)

PLACES = (
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/environ",
    "link.csv",
    "link.yaml",
    "loop.yaml",
    "folder",
    "folder.yaml",
    "pipe.csv",
    "mutant.yaml",
    "mutant",
    "nowhere.csv",
    "x" * 5_000,
    "a\x00b.yaml",
    "~/.bashrc",
    ".",
    "",
)

LINKS = {
    "scenarios/link.csv": "/etc/passwd",
    "scenarios/link.yaml": "/etc/hosts",
    "scenarios/loop.yaml": "loop.yaml",
}

TIMES = ("hours", "days", "weeks", "months", "years")
UNITS = (
    "days",
    "weeks",
    "years",
    "hours",
    "kW",
    "%",
    "",
    "units/month",
    "USD",
    "per year",
    "fortnights",
    3,
    None,
)

LAWS: tuple[dict[str, Any], ...] = (
    {"uniform": [0, 1]},
    {"uniform": [5, 5]},
    {"triangular": [9, 5, 1]},
    {"pert": [0, 0, 1e30]},
    {"pert": [1e-30, 1e-30, 1]},
    {"normal": {"mean": 5, "sd": 1e29}},
    {"lognormal": {"median": 1e-29, "sigma": 20}},
    {"lognormal": {"p10": 3, "p90": 3}},
    {"gamma": {"shape": 0.01, "scale": 1e30}},
    {"gamma": {"mean": 1, "sd": 1e-3}},
    {"weibull": {"shape": 0.01, "scale": 1}},
    {"weibull": {"mean": 3, "sd": 2}},
    {"exponential": {"mean": 1e30}},
    {"exponential": {"mean": 10}, "min": 1e6, "max": 1e6 + 1},
    {"beta": [0.001, 1e6]},
    {"beta": [2, 3]},
    {"discrete": {"values": [0, 1, 9], "weights": [0, 0, 1]}},
    {"discrete": {"values": [1], "weights": [1e-30]}},
    {"empirical": [1]},
    {"empirical": [*range(2_000)]},
    {"empirical": {"file": "/etc/passwd", "column": "root"}},
    {"p10": 1, "p50": 2, "p90": 9, "law": "metalog"},
    {"p10": 1, "p50": 1.0000001, "p90": 9, "law": "metalog"},
    {"normal": {"mean": 0, "sd": 1}, "min": 8, "max": 9},
    {"uniform": [0, 1], "min": 0.5, "max": 0.5000000000001},
)


def _mutant(name: str, text: bytes, overrides: tuple[str, ...] = ()) -> Mutant:
    return Mutant(name, {"scenarios/mutant.yaml": text}, overrides)


def _ends(text: bytes, part: bytes) -> list[int]:
    pieces = text.split(part)[:-1]
    ends, reached = [], 0
    for piece in pieces:
        reached += len(piece) + len(part)
        ends.append(reached)
    return ends


def _dumped(tree: Any) -> bytes:
    """Return a tree as JSON, which is YAML; a line per key of the first two levels."""
    if not isinstance(tree, dict):
        return json.dumps(tree).encode()
    lines = [f"{json.dumps(str(key))}: {_block(value)}" for key, value in tree.items()]
    return "\n".join(lines).encode()


def _block(value: Any) -> str:
    if not (isinstance(value, dict) and value):
        return json.dumps(value)
    return "".join(f"\n  {json.dumps(str(key))}: {json.dumps(each)}" for key, each in value.items())


def _walk(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, tree
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, each in inner:
        yield from _walk(each, (*path, key))


def _spot(tree: Any, luck: random.Random) -> tuple[Any, Any]:
    """Return a random place below the root: its container and its key."""
    path = luck.choice([path for path, _ in _walk(tree) if path] or [("title",)])
    for key in path[:-1]:
        tree = tree[key]
    return tree, path[-1]


def _delete(tree: Any, luck: random.Random) -> None:
    container, key = _spot(tree, luck)
    if isinstance(container, list) or key in container:
        del container[key]


def _replace(tree: Any, luck: random.Random) -> None:
    container, key = _spot(tree, luck)
    container[key] = copy.deepcopy(luck.choice(SCALARS))


def _rename(tree: Any, luck: random.Random) -> None:
    container, key = _spot(tree, luck)
    if isinstance(container, dict) and key in container:
        names = (
            str(key) + "s",
            str(key)[:-1],
            str(key).upper(),
            "",
            "x.y",
            "a/b",
            "<<",
            "..",
            "title",
            "installed",
        )
        container[luck.choice(names)] = container.pop(key)


def _swap(tree: Any, luck: random.Random) -> None:
    (one, here), (other, there) = _spot(tree, luck), _spot(tree, luck)
    try:
        one[here], other[there] = copy.deepcopy(other[there]), copy.deepcopy(one[here])
    except (KeyError, IndexError, TypeError):
        return


def _wrap(tree: Any, luck: random.Random) -> None:
    container, key = _spot(tree, luck)
    value = container[key] if isinstance(container, list) else container.get(key)
    for _ in range(luck.choice((1, 2, 60))):
        value = luck.choice(([value], {"x": value}))
    container[key] = value


def _grow(tree: Any, luck: random.Random) -> None:
    container, key = _spot(tree, luck)
    value = container[key] if isinstance(container, list) else container.get(key)
    many = luck.choice((20, 600, 10_000))
    if isinstance(value, dict) and value:
        first = next(iter(value.values()))
        container[key] = {f"n{i}": first for i in range(min(many, 3_000))}
    else:
        container[key] = [value] * many


def _relaw(tree: Any, luck: random.Random) -> None:
    container, key = _spot(tree, luck)
    law = {**copy.deepcopy(luck.choice(LAWS)), "assumption": "x"}
    container[key] = law if luck.random() < 0.3 else {**law, "unit": luck.choice(UNITS[:3])}


def _rescale(tree: Any, luck: random.Random) -> None:
    """Change the size of a number (of a law: of all its numbers), or the unit of a quantity."""
    places = [path for path, value in _walk(tree) if path and _is_number(value, path)]
    *way, last = luck.choice(places)
    for key in way:
        tree = tree[key]
    factor = luck.choice((0, 0.5, 2, 10, 1e3, 1e6, 1e12, -1, 1e-6, 1e-12, 1e25))
    if last == "unit":
        tree[last] = luck.choice(TIMES if tree[last] in TIMES else UNITS)
    elif isinstance(tree, list):
        tree[:] = [each * factor if isinstance(each, int | float) else each for each in tree]
    elif isinstance(tree[last], str):
        figure, _, unit = tree[last].partition(" ")
        tree[last] = f"{float(figure) * factor:g} {unit}"
    else:
        tree[last] *= factor


def _is_number(value: Any, path: Path) -> bool:
    if isinstance(value, str):
        figure, _, unit = value.partition(" ")
        return path[-1] == "unit" or (bool(unit) and figure.replace(".", "", 1).isdigit())
    return isinstance(value, int | float) and not isinstance(value, bool)


CHANGES = (_delete, _replace, _replace, _rename, _swap, _wrap, _grow, _relaw, _relaw, _rescale)


def _override(tree: Any, luck: random.Random) -> str:
    path = luck.choice([path for path, _ in _walk(tree) if path])
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)[1:]
    text = luck.choice((text, text, text, text + ".x", text[:-1], text + "[999999999]", text * 500, ""))
    value = luck.choice(SCALARS)
    written = luck.choice((json.dumps(value), str(value), luck.choice(TOKENS)))
    return (
        luck.choice(("{}={}", "{}={}", "{}={}", "{}", "={}{}", "{}=={}"))
        .format(text, written)
        .replace("\x00", "")
    )
