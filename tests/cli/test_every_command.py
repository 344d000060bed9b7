"""What holds for every command: its JSON is as documented, its text fits, its errors have one voice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from sim.cli.main import chiproute as group
from sim.cli.output_schema import DOCUMENTS, output_schema, output_schemas
from sim.report.figures import FIGURES
from sim.report.language import LANGUAGES
from sim.study.named import named
from sim.study.run import run
from tests.cli.conftest import Command
from tests.cli.examples import EXAMPLES, WITHOUT_JSON

ROOT = Path(__file__).resolve().parents[2]
Generated = Callable[[Path, str], None]

SHOWN = {"run": ("kazakhstan", "uzbekistan", "kyrgyzstan", "tajikistan", "delayed by others")}
"""Words that the text of a command must have, beyond what its own tests look for."""

ELSEWHERE = ("report", "verify")
"""Commands whose own tests run them."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finished") / "done"
    run(named("kz-nvidia-wait"), replications=250, out=out, workers=1)
    return out


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """Leave a finished run in the current folder."""
    copytree(finished, tmp_path / "done")
    return tmp_path


def test_every_command_has_an_example() -> None:
    assert set(EXAMPLES) | set(WITHOUT_JSON) | set(ELSEWHERE) >= set(group.commands)
    assert set(DOCUMENTS) >= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_text_fits_80_columns_and_json_is_as_its_schema_says(
    chiproute: Command, folder: Path, request: pytest.FixtureRequest, name: str
) -> None:
    said = chiproute(name, *EXAMPLES[name])
    assert (said.code, said.out[-1:]) == (0, "\n")
    assert "\x1b" not in said.out + said.err
    for line in said.out.splitlines():
        assert len(line) <= 80 or " " not in line.strip(), line  # an address or a path is never broken
        assert line == line.rstrip()
    assert all(re.search(rf"\b{word}\b", said.out) for word in SHOWN.get(name, ()))
    (folder / "scenarios" / "mine.yaml").unlink(missing_ok=True)
    request.getfixturevalue("unpictured")  # they were drawn with the text
    said = chiproute(name, *EXAMPLES[name], "--json")
    assert said.code == 0
    assert "figure" not in said.err, "files are named in the document"
    schema = json.loads(output_schema(name))
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(said.out))


def test_schemas_are_valid_and_say_what_every_field_means() -> None:
    for command in DOCUMENTS:
        schema = json.loads(output_schema(command))
        Draft202012Validator.check_schema(schema)
        for part in [schema, *schema.get("$defs", {}).values()]:
            assert part["additionalProperties"] is False
            silent = [name for name, each in part["properties"].items() if not described(each)]
            assert not silent, f"{command}: {part['description']} {silent}"


def described(schema: dict[str, Any]) -> bool:
    return "description" in schema or "$ref" in schema


def test_the_committed_schemas_are_current(generated: Generated) -> None:
    generated(ROOT / "reports" / "output.schema.json", output_schemas())


def test_schema_prints_the_schema_of_a_document(chiproute: Command) -> None:
    assert json.loads(chiproute("schema", "--output", "run").out)["$id"] == "urn:chiproute:output:run"
    said = chiproute("schema", "--output", "ledgre")
    assert (said.code, said.err) == (
        2,
        "chiproute: --output: there is no document of 'ledgre' (did you mean ledger?)\n",
    )


def test_names_known_to_the_command_line_are_those_of_the_rooms() -> None:
    from sim.cli.complete import FIGURE_NAMES
    from sim.cli.options import LANGUAGE_CODES

    assert tuple(FIGURES) == FIGURE_NAMES
    assert LANGUAGE_CODES == LANGUAGES


@pytest.mark.parametrize("name", [name for name in EXAMPLES if EXAMPLES[name]])
def test_wrong_names_are_one_line_of_one_voice(chiproute: Command, tmp_path: Path, name: str) -> None:
    wrong = [re.sub(r"^(kz-|central|done)", r"no-\1", word) for word in EXAMPLES[name]]
    said = chiproute(name, *wrong)
    assert said.code == 2
    assert said.out == ""
    assert re.fullmatch(r"(chiproute: \S.*\n)+", said.err)
    said = chiproute(name, *EXAMPLES[name], "--jsno")
    assert (said.code, said.out) == (2, "")
    assert said.err == "chiproute: there is no option --jsno (did you mean --json?)\n"


@pytest.mark.parametrize("name", ["capacity", "trace", "ledger", "outside"])
def test_a_folder_that_cannot_be_written_is_a_failed_study(
    chiproute: Command, folder: Path, name: str
) -> None:
    (folder / "taken").write_text("a file, not a folder")
    said = chiproute(name, *EXAMPLES[name], "--out", "taken/below")
    assert said.code == 1
    assert re.fullmatch(r"chiproute: taken\S*: \S.*\n", said.err)


@pytest.mark.parametrize("name", ["capacity", "trace", "ledger", "regret", "list"])
def test_ctrl_c_is_said_and_has_its_code(
    chiproute: Command, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.cli.answer.say", interrupted)
    monkeypatch.setattr("sim.cli.read.say", interrupted)
    said = chiproute(name, *EXAMPLES[name])
    assert (said.code, said.err) == (130, "chiproute: interrupted\n")


def test_errors_of_json_are_on_standard_error_alone(chiproute: Command) -> None:
    said = chiproute("run", "kz-swich", "--json")
    assert (said.code, said.out) == (2, "")
    assert said.err == "chiproute: 'kz-swich': there is no scenario of this name (did you mean kz-switch?)\n"


def test_check_says_in_json_what_is_wrong_and_where(chiproute: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("title: Bad\nextends: kz-switch\nstrategy: {patience: 9 moons}\n")
    said = chiproute("check", "bad.yaml", "kz-switch", "--json")
    assert said.code == 2
    bad, good = json.loads(said.out)["files"]
    assert (bad["problems"][0]["line"], bad["problems"][0]["path"]) == (3, "strategy.patience")
    assert good["problems"] == []
    assert said.err.startswith("bad.yaml:3:")


def test_show_in_json_is_a_scenario_of_the_schema(chiproute: Command) -> None:
    shown = json.loads(chiproute("show", "kz-switch", "--json").out)
    schema = json.loads(chiproute("schema").out)
    Draft202012Validator(schema).validate(shown["scenario"])
    assert shown["values"] is None
