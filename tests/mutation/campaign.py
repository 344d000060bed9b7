"""Mutants: small wrong changes of the code, one at a time, each of which some test must notice.

The operators are those of cosmic-ray. Each mutant is written into a copy of the repository and judged by the
tests that ``guards.toml`` names for its module, one file after the other, in a process forked from one that
has numpy, pandas and pytest loaded: seconds instead of tens of seconds for each. Run it as the README of this
folder says.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import resource
import shlex
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[2]
GUARDS = Path(__file__).with_name("guards.toml")
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "bench", "reports")

LOADED = (
    "hypothesis", "numpy", "pandas", "pyarrow.parquet", "pydantic", "pytest", "ruamel.yaml", "scipy.linalg",
    "scipy.special", "scipy.stats", "simpy",
)  # fmt: skip
"""What takes long to import; nothing of the code under test."""

ARITHMETIC = (
    "Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Div", "Mod_FloorDiv", "Pow_Mul",
    "BitOr_BitAnd", "BitAnd_BitOr", "LShift_RShift", "RShift_LShift",
)  # fmt: skip
"""One sibling for each operator: the rest mostly make a TypeError, which is no test of the tests."""

OTHER = (
    "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "NumberReplacer",
    "RemoveDecorator", "ZeroIterationForLoop", "ReplaceUnaryOperator_Delete_USub",
    "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_Invert",
)  # fmt: skip

EXAMPLES = 30
"""Examples of each property, and generated plans: enough to notice a mutant, few enough to judge many."""

MEMORY_BYTES = 6 * 2**30
"""A mutant that allocates without end is stopped before the machine is."""

Place = tuple[int, int]


@dataclass(frozen=True)
class Mutant:
    """One change: an operator of cosmic-ray at its n-th place in a module."""

    module: str
    operator: str
    occurrence: int
    line: int


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: ``killed``, ``timeout`` (noticed too) or ``survived``; the line it made."""

    mutant: Mutant
    outcome: str
    seconds: float
    change: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge mutants of some modules and print the score and the survivors."""
    options = _options(arguments)
    if options.again:
        chosen = list(survivors_in(options.again))
        print(f"{len(chosen)} survivors", flush=True)
    else:
        mutants = [mutant for path in options.modules for mutant in mutants_of(_sources(path))]
        # In the order drawn: what is done when somebody loses patience is a random sample too.
        chosen = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
        print(f"{len(chosen)} of {len(mutants)} mutants", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        verdicts = list(campaign(chosen, Path(folder) / "copy"))
    print(report(verdicts))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="files or folders, such as sim/chance")
    parser.add_argument("--sample", type=int, default=10**9, help="judge so many, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="of the choice")
    parser.add_argument("--again", type=Path, help="judge again the survivors that a campaign printed")
    return parser.parse_args(arguments)


def _sources(path: str) -> list[Path]:
    found = ROOT / path
    return [found] if found.is_file() else sorted(found.rglob("*.py"))


# Which mutants there are


def survivors_in(log: Path) -> Iterator[Mutant]:
    """Yield the mutants that survived a campaign, from what it printed."""
    for line in log.read_text(encoding="utf-8").splitlines():
        verdict = json.loads(line) if line.startswith("{") else {}
        if verdict.get("outcome") == "survived":
            yield Mutant(**verdict["mutant"])


def mutants_of(sources: Sequence[Path]) -> Iterator[Mutant]:
    """Yield the mutants of some modules, without those of what never runs: types, flags of dataclasses."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator

    names = [f"core/ReplaceBinaryOperator_{name}" for name in ARITHMETIC]
    names += [f"core/{name}" for name in (*OTHER, *_comparisons())]
    for source in sources:
        code = source.read_text(encoding="utf-8")
        ignored, nodes = list(_never_run(ast.parse(code))), list(ast_nodes(get_ast(code)))
        for name in names:
            positions = get_operator(name)().mutation_positions
            places = [place for node in nodes for place in positions(node)]
            for occurrence, (begin, _) in enumerate(places):
                if not any(first <= begin < last for first, last in ignored):
                    yield Mutant(str(source.relative_to(ROOT)), name, occurrence, begin[0])


def _comparisons() -> list[str]:
    kinds = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
    pairs = [(one, other) for one in kinds for other in kinds if one != other]
    pairs += [("Is", "IsNot"), ("IsNot", "Is")]
    return [f"ReplaceComparisonOperator_{one}_{other}" for one, other in pairs]


def _never_run(tree: ast.AST) -> Iterator[tuple[Place, Place]]:
    """Yield where annotations, decorators of classes, and bare stars in signatures begin and end."""
    for node in ast.walk(tree):
        found: list[ast.expr | None] = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            found = [node.annotation]
        elif isinstance(node, ast.FunctionDef):
            found = [node.returns]
            yield from _star(node)
        elif isinstance(node, ast.ClassDef):
            found = [*node.decorator_list]
        for part in found:
            if part is not None:
                # A decorator begins at its @, one character before what it names.
                last = (part.end_lineno or part.lineno, part.end_col_offset or part.col_offset)
                yield (part.lineno, part.col_offset - 1), last


def _star(function: ast.FunctionDef) -> Iterator[tuple[Place, Place]]:
    """Yield from where to where the star lies after which arguments are given by keyword."""
    arguments = function.args
    if arguments.kwonlyargs:
        following, before = arguments.kwonlyargs[0], [*arguments.args, *arguments.defaults]
        begin = max(((each.lineno, each.col_offset + 1) for each in before), default=(function.lineno, 0))
        yield begin, (following.lineno, following.col_offset)


# What becomes of them


def campaign(mutants: Sequence[Mutant], copy: Path) -> Iterator[Verdict]:
    """Yield what becomes of each mutant; the tests of unchanged code are timed first, and must pass."""
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    for name in LOADED:
        import_module(name)
    os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    sys.path.insert(0, str(copy))
    sys.dont_write_bytecode = True
    usual: dict[tuple[str, ...], float] = {}
    for mutant in mutants:
        tests = guards(mutant.module)
        if tests not in usual:
            passed, usual[tests] = _run(tests, copy, limit=1_200.0)
            if passed != 0:
                sys.exit(f"{_log(copy).read_text()}\nThe tests fail without a mutant.")
        verdict = _judge(mutant, copy, tests, limit=20.0 + 5.0 * usual[tests])
        print(json.dumps(asdict(verdict)), flush=True)
        yield verdict


def guards(module: str) -> tuple[str, ...]:
    """Return the tests that must notice a mutant of a module."""
    table: Mapping[str, list[str]] = tomllib.loads(GUARDS.read_text(encoding="utf-8"))["guards"]
    fitting = [
        tests
        for path, tests in table.items()
        if (module.startswith(path) and path[-1] == "/") or path == module
    ]
    if not fitting:
        sys.exit(f"{GUARDS.name} names no tests for {module}")
    return tuple(fitting[-1])


def _judge(mutant: Mutant, copy: Path, tests: tuple[str, ...], *, limit: float) -> Verdict:
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    path = copy / mutant.module
    code, usual = path.read_text(encoding="utf-8"), path.stat()
    changed = mutate_code(code, get_operator(mutant.operator)(), mutant.occurrence)
    path.write_text(changed, encoding="utf-8")
    try:
        passed, seconds = _run(tests, copy, limit=limit)
    finally:
        path.write_text(code, encoding="utf-8")
        os.utime(path, ns=(usual.st_atime_ns, usual.st_mtime_ns))
    outcome = {0: "survived", None: "timeout"}.get(passed, "killed")
    lines = zip(code.splitlines(), changed.splitlines(), strict=False)
    return Verdict(mutant, outcome, round(seconds, 1), next(new.strip() for old, new in lines if old != new))


def _run(tests: Sequence[str], copy: Path, *, limit: float) -> tuple[int | None, float]:
    """Run tests in a forked process; return its exit code (None: out of time) and the seconds it took."""
    begin = time.monotonic()
    process = os.fork()
    if process == 0:
        _child(tests, copy)
    while time.monotonic() < begin + limit:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), time.monotonic() - begin
        time.sleep(0.02)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None, limit


def _child(tests: Sequence[str], copy: Path) -> NoReturn:
    """Run tests in a process group of their own, which writes to a log, and end."""
    import pytest
    from hypothesis import Phase, settings

    code = 1
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        os.chdir(copy)
        said = os.open(_log(copy), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.environ["CHIPROUTE_CAMPAIGN"] = str(EXAMPLES)
        plain_failure = (Phase.explicit, Phase.generate)  # nobody reads the smallest counterexample
        settings.register_profile(
            "short", max_examples=EXAMPLES, derandomize=True, database=None, phases=plain_failure
        )
        settings.load_profile("short")
        plain = ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain"]
        for each in tests:  # so that the rest is not even collected if the nearest notice
            code = int(pytest.main(["-x", "-q", *plain, *shlex.split(each)]))
            if code != 0:
                break
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _log(copy: Path) -> Path:
    return copy.with_suffix(".log")


# What they say of the tests


def report(verdicts: Sequence[Verdict]) -> str:
    """Return the score of each folder with its 95 % Wilson interval, and the survivors."""
    from scipy.stats import binomtest

    rooms: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        rooms.setdefault(str(Path(verdict.mutant.module).parent), []).append(verdict)
    lines = []
    for room, found in sorted(rooms.items()):
        noticed = sum(verdict.outcome != "survived" for verdict in found)
        low, high = binomtest(noticed, len(found)).proportion_ci(method="wilson")
        share = noticed / len(found)
        lines.append(f"{room}: {noticed} of {len(found)} noticed, {share:.1%} ({low:.1%} … {high:.1%})")
    survivors = [verdict for verdict in verdicts if verdict.outcome == "survived"]
    for verdict in sorted(survivors, key=lambda each: (each.mutant.module, each.mutant.line)):
        mutant = verdict.mutant
        operator = mutant.operator.removeprefix("core/")
        lines.append(f"{mutant.module}:{mutant.line}: {operator}: {verdict.change}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
