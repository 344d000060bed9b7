from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.document import as_yaml, read_value
from sim.scenario.folders import find_scenario, scenario_files, shipped_folder
from sim.scenario.load import Loaded, digest, load, load_as, rebuild
from sim.scenario.problems import ScenarioError
from sim.scenario.quantity import Duration, Factor
from sim.scenario.section import Section

Write = Callable[..., Path]


class Part(Section):
    delay: Duration | None = None
    factor: Factor | None = None
    name: str = ""


class Small(Section):
    title: str = ""
    extends: str | None = None
    abstract: bool = False
    part: Part = Part()
    other: Part = Part()
    list: tuple[Part, ...] = ()


def small(name: str | Path, *overrides: str) -> Loaded:
    return load_as(name, Small, lambda scenario: (), overrides)


def error_of(name: str | Path, *overrides: str) -> str:
    with pytest.raises(ScenarioError) as error:
        small(name, *overrides)
    return str(error.value)


def test_parent_then_own_keys_then_command_line(write: Write) -> None:
    write("a.yaml", "title: A\npart: {delay: 1 days, name: a}\nother: {name: a}\n")
    write("deep/b.yaml", "extends: a\ntitle: B\npart: {delay: 2 days}\n")
    write("c.yaml", "extends: b\npart: {factor: 3}\nother: {name: c}\n")
    loaded = small("c", "part.delay=4 days", "part.delay=5 days", "other.factor=2")
    assert loaded.merged == {
        "title": "B",
        "part": {"delay": "5 days", "name": "a", "factor": 3},
        "other": {"name": "c", "factor": 2},
    }
    changes = [(each.path, each.old, each.new, str(each.place)) for each in loaded.changes]
    assert changes == [
        ("title", "A", "B", "scenarios/deep/b.yaml:2:8"),
        ("part.delay", "1 days", "2 days", "scenarios/deep/b.yaml:3:15"),
        ("part.delay", "2 days", "4 days", "--set part.delay=4 days"),
        ("part.delay", "4 days", "5 days", "--set part.delay=5 days"),
        ("other.name", "a", "c", "scenarios/c.yaml:3:15"),
    ]


def test_lists_and_quantities_replace_as_a_whole_and_null_removes(write: Write) -> None:
    write(
        "a.yaml",
        "list: [{name: x}, {name: y}]\nother: {name: z}\n"
        "part: {name: a, delay: {pert: [1, 2, 3], unit: days, assumption: old, grade: low}}\n",
    )
    write(
        "b.yaml",
        "extends: a\nlist: [{name: w}]\nother: null\n"
        "part: {name: ~, delay: {uniform: [1, 2], unit: weeks, assumption: new}}\n",
    )
    assert small("b").merged == {
        "list": [{"name": "w"}],
        "part": {"delay": {"uniform": [1, 2], "unit": "weeks", "assumption": "new"}},
    }
    removed = next(each for each in small("b").changes if each.path == "other")
    assert (removed.old, removed.new) == ({"name": "z"}, None)


def test_a_removed_value_may_come_back(write: Write) -> None:
    write("a.yaml", "part: {name: a}\n")
    write("b.yaml", "extends: a\npart: null\n")
    write("c.yaml", "extends: b\npart: {factor: 2}\n")
    assert small("c").merged == {"part": {"factor": 2}}


def test_a_parent_may_be_named_by_a_path_beside_the_file(write: Write) -> None:
    write("family/a.yaml", "title: near\n")
    write("a.yaml", "title: far\n")
    write("family/b.yaml", "extends: ../a.yaml\n")
    assert small("b").merged == {"title": "far"}


def test_a_base_does_not_make_its_children_abstract(write: Write) -> None:
    write("base.yaml", "abstract: true\ntitle: base\n")
    write("child.yaml", "extends: base\n")
    assert small("base").merged["abstract"] is True
    assert small("child").merged == {"title": "base"}


def test_a_third_file_in_a_local_folder_extends_a_shipped_one(write: Write) -> None:
    write("mine.yaml", "extends: theirs\ntitle: Mine\n")
    write("theirs.yaml", "extends: kz-switch\nstrategy: {patience: 4 months}\n")
    loaded = load("mine")
    assert loaded.scenario.title == "Mine"
    assert loaded.scenario.strategy.patience.central == pytest.approx(4 * 30.4375)
    assert loaded.scenario.start == load("kz-switch").scenario.start
    assert {"mine", "theirs", "kz-switch"} <= {file.name for file in scenario_files()}


def test_a_local_scenario_hides_the_shipped_one_of_its_name(write: Write) -> None:
    path = write("kz-switch.yaml", "title: mine\n")
    assert find_scenario("kz-switch") == path
    listed = [file for file in scenario_files() if file.name == "kz-switch"]
    assert [file.title for file in listed] == ["mine"]


def test_every_shipped_scenario_loads_and_its_merged_form_stands_alone() -> None:
    files = [file for file in scenario_files() if file.path.is_relative_to(shipped_folder())]
    assert len(files) > 10
    for file in files:
        loaded = load(file.name)
        again = json.loads(json.dumps(loaded.merged))
        assert rebuild(again) == loaded.scenario
        assert digest(again) == loaded.digest


def test_what_show_prints_reads_back_as_the_same_scenario() -> None:
    merged = load("kz-second-wave").merged
    assert read_value(as_yaml(merged), "text").plain() == merged
    odd = {"a": "1e5", "b": "no", "c": "2024-01-01", "d": ["x: y", "- z", "# w", ""], "e": 1e300, "f": True}
    assert read_value(as_yaml(odd), "text").plain() == odd


def test_the_digest_knows_order_and_values_but_not_who_wrote_them(write: Write) -> None:
    write("a.yaml", "title: A\npart: {name: a}\n")
    write("b.yaml", "extends: a\n")
    assert small("a").digest == small("b").digest
    assert small("a").digest != small("a", "part.name=b").digest
    assert digest({"x": 1, "y": 2}) != digest({"y": 2, "x": 1})


def test_listing_reads_titles_and_families(write: Write) -> None:
    write("fam/one.yaml", "title: >-\n  Two\n  lines\nabstract: true\npart: {name: n}\n")
    write("two.yaml", "part: {title: inner}\n")
    write("fam/broken.yaml", b"title: \xff\n")
    local = {file.name: file for file in scenario_files() if "scenarios/kaz" not in str(file.path)}
    assert (local["one"].family, local["one"].title, local["one"].abstract) == ("fam", "Two lines", True)
    assert (local["two"].family, local["two"].title) == (".", "(no title)")
    assert local["broken"].title == "(is not UTF-8 text: byte 0xff)"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("prat.name=x", "prat: unknown key (did you mean part?)"),
        ("part.nmae=x", "part.nmae: unknown key (did you mean name?)"),
        ("part.name.x=1", "part.name.x: part.name is 'a', which has no keys"),
        ("list[5].name=x", "list[5]: list has 1 entries, counted from 0"),
        ("part[0]=x", "part[0]: part is a mapping, not a list"),
        ("part..name=x", "'part..name' is not a path such as strategy.patience or lots[0].share"),
        ("part.name", "has no value: write path=value"),
        ("part.name=[1", "is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("part.name=*x", "anchors and aliases (& and *) are not read: repeat the value"),
        ("part={name: x, name: y}", "name: is here twice"),
        ("title=x\n---\ny", "a second document begins; only one is read"),
        ("extends=b", "extends: belongs in a file, not on the command line"),
    ],
)
def test_what_is_wrong_on_the_command_line(write: Write, override: str, message: str) -> None:
    write("a.yaml", "part: {name: a}\nlist: [{name: x}]\n")
    assert error_of("a", override) == f"--set {' '.join(override.split())}: {message}"


def test_the_command_line_reaches_into_lists_quantities_and_absent_sections(write: Write) -> None:
    write("a.yaml", "list: [{name: x}, {name: y}]\npart: {delay: {fixed: 3, unit: days}}\n")
    loaded = small("a", "list[1].name=z", "part.delay.fixed=4", "other.name=new", "part.factor=")
    assert loaded.merged["list"] == [{"name": "x"}, {"name": "z"}]
    assert loaded.merged["part"] == {"delay": {"fixed": 4, "unit": "days"}}
    assert loaded.merged["other"] == {"name": "new"}


def test_unknown_name_on_the_command_line_in_a_free_mapping() -> None:
    with pytest.raises(ScenarioError, match=r"suppliers\.nvdia: unknown key \(did you mean nvidia\?\)"):
        load("kz-switch", ["suppliers.nvdia.lot=32"])


def test_circles_of_parents_are_named(write: Write) -> None:
    write("a.yaml", "extends: b\n")
    write("b.yaml", "extends: c\n")
    write("c.yaml", "title: C\nextends: b\n")
    assert error_of("a") == "scenarios/c.yaml:2:10: extends: goes in a circle: b -> c -> b"
    write("self.yaml", "extends: self\n")
    assert error_of("self").endswith("extends: goes in a circle: self -> self")


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        ("kz-bsae", "there is no scenario of this name (did you mean kz-base?)"),
        ("[a, b]", "a list is not the name of a scenario"),
        ("../../secret.yaml", "'../../secret.yaml' is outside the scenario folders"),
        ("/etc/hosts.yaml", "'/etc/hosts.yaml' is outside the scenario folders"),
    ],
)
def test_what_is_wrong_with_a_parent(write: Write, parent: str, message: str) -> None:
    write("../secret.yaml", "title: secret\n")
    write("a.yaml", f"extends: {parent}\n")
    assert error_of("a") == f"scenarios/a.yaml:1:10: extends: {message}"


def test_links_that_lead_out_of_the_folder_are_not_followed(write: Write, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("title: secret\n")
    write("b.yaml", "extends: link\n")
    (tmp_path / "scenarios" / "link.yaml").symlink_to(outside)
    assert "there is no scenario of this name" in error_of("b")
    write("c.yaml", "extends: link.yaml\n")
    assert "outside the scenario folders" in error_of("c")


def test_a_column_of_a_file_becomes_part_of_the_scenario(write: Write) -> None:
    write("fam/data/lots.csv", "lot,days\n1,3\n2,5\n\n3,4\n")
    law = "{empirical: {file: data/lots.csv, column: days}, unit: weeks, assumption: measured}"
    write("fam/a.yaml", f"part: {{delay: {law}}}\n")
    write("b.yaml", "extends: a\n")
    loaded: Any = small("b")
    assert loaded.merged["part"]["delay"]["empirical"] == [3.0, 5.0, 4.0]
    assert loaded.scenario.part.delay.parameters == {"values": (21.0, 35.0, 28.0)}


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("{file: lots.csv, column: dasy}", "scenarios/lots.csv:1: has no column 'dasy' (did you mean days?)"),
        ("{file: lots.csv, column: note}", "scenarios/lots.csv:2: 'x' is not a number"),
        ("{file: none.csv, column: days}", "scenarios/none.csv: there is no such file"),
        (
            "{file: empty.csv, column: days}",
            "scenarios/empty.csv: column 'days' has 0 numbers; 1 to 100000 are read",
        ),
        (
            "{file: ../secret.csv, column: days}",
            "scenarios/a.yaml:1:27: part.delay.empirical: '../secret.csv' is outside the scenario folders",
        ),
        (
            "{file: /etc/passwd, column: days}",
            "scenarios/a.yaml:1:27: part.delay.empirical: '/etc/passwd' is outside the scenario folders",
        ),
        (
            "{file: link.csv, column: days}",
            "scenarios/a.yaml:1:27: part.delay.empirical: 'link.csv' is outside the scenario folders",
        ),
        (
            "{file: lots.csv}",
            "scenarios/a.yaml:1:27: part.delay.empirical: needs a list of numbers or {file, column}",
        ),
    ],
)
def test_what_is_wrong_with_a_column(write: Write, tmp_path: Path, column: str, message: str) -> None:
    write("lots.csv", "days,note\n3,x\n")
    write("empty.csv", "days\n")
    (tmp_path / "secret.csv").write_text("days\n3\n")
    (tmp_path / "scenarios" / "link.csv").symlink_to(tmp_path / "secret.csv")
    write("a.yaml", f"part: {{delay: {{empirical: {column}, unit: days, assumption: measured}}}}\n")
    assert error_of("a") == message


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ": the file is empty; a scenario is a mapping of keys"),
        ("# only a comment\n", ": the file is empty; a scenario is a mapping of keys"),
        ("- 1\n", ": the file holds a list; a scenario is a mapping of keys"),
        ("just text\n", ": the file holds 'just text'; a scenario is a mapping of keys"),
        (b"title: \xff\xfe\n", ":1: is not UTF-8 text: byte 0xff"),
        (bytes(range(256)) * 10, ":2: is not UTF-8 text: byte 0x80"),
        ("title: a\x00b\n", ":1: holds '\\x00', which is not printable text"),
        (b"#" * 5_000_000, ": is larger than 1 MB"),
        (BOMB, ":1:4: anchors and aliases (& and *) are not read: repeat the value"),
        ("title: !!python/object/apply:os.system [ls]\n", ":1:8: tags (!) are not read"),
        ("title: !x " + "a" * 100, ":1:8: tags (!) are not read"),
        ("title: !" + "a" * 900_000, ":1: the line is longer than 20000 characters"),
        ("%YAML 1.1\n---\ntitle: x\n", ":2:1: directives (%) are not read"),
        ("title: a\n---\ntitle: b\n", ":2:1: a second document begins; only one is read"),
        ("a: " + "[" * 1_000, ":1:44: is nested deeper than 40 levels"),
        ("{a: " * 2_000, ":1:165: is nested deeper than 40 levels"),
        ("list: [" + "1,\n" * 19_990 + "1,1,1,1,1,1,1,1,1]", ":19991:15: holds more than 20000 values"),
        ("title: 'open\n", ":2:1: is not YAML: found unexpected end of stream"),
        ("a: b: c\n", ":1:5: is not YAML: mapping values are not allowed here"),
        ("\ttitle: x\n", ":1:1: is not YAML: found character '\\t' that cannot start any token"),
        ("? [a]\n: 1\n", ":1:3: a key must be a word"),
        (": 1\n", ":1:1: a key must be a word"),
    ],
)
def test_hostile_files_get_one_clear_line(write: Write, content: str | bytes, message: str) -> None:
    path = write("bad.yaml", content)
    assert error_of(path) == f"scenarios/bad.yaml{message}"


def test_what_is_no_file_gets_one_clear_line(write: Write, tmp_path: Path) -> None:
    write("good.yaml", "title: x\n")
    (tmp_path / "scenarios" / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    assert error_of("scenarios/folder.yaml") == "scenarios/folder.yaml: is a folder, not a file"
    assert error_of("scenarios") == "scenarios: is a folder, not a file"
    assert error_of("none.yaml") == "none.yaml: there is no such file"
    assert error_of("pipe.yaml") == "pipe.yaml: is not a regular file"
    assert error_of("goood") == "'goood': there is no scenario of this name (did you mean good?)"
    assert error_of("x" * 5_000).endswith("there is no scenario of this name; chiproute list shows them all")
    if Path("/proc/self/mem").exists():  # a regular file that the system lets nobody read from its start
        assert error_of("/proc/self/mem") == "/proc/self/mem: cannot be read: Input/output error"


def test_two_files_of_one_name_are_not_guessed_between(write: Write) -> None:
    write("one/same.yaml", "title: 1\n")
    write("two/same.yaml", "title: 2\n")
    assert error_of("same") == "'same': one/same.yaml and two/same.yaml have the same name; give the path"


def test_a_file_outside_the_folders_may_use_its_neighbors(write: Write, tmp_path: Path) -> None:
    write("a.yaml", "title: in the folder\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.yaml").write_text("extends: y\n")
    (elsewhere / "y.yaml").write_text("extends: a\npart: {name: y}\n")
    assert small(elsewhere / "x.yaml").merged == {"title": "in the folder", "part": {"name": "y"}}
    (elsewhere / "z.yaml").write_text("extends: ../other.yaml\n")
    assert "outside the scenario folders" in error_of(elsewhere / "z.yaml")


def test_scalars_follow_the_core_schema_of_yaml_1_2(write: Write) -> None:
    text = "[1, -2, 0x1F, 0o17, 010, 1.5, 1e3, .5, true, null, ~, yes, no, on, 1_000, 2024-04-30"
    text += ", '1', 12:30, 1e999]"
    assert read_value(text, "text").plain() == [
        *(1, -2, 31, 15, 10, 1.5, 1000.0, 0.5, True, None, None),
        *("yes", "no", "on", "1_000", "2024-04-30", "1", "12:30", "1e999"),
    ]


def test_a_file_given_by_path_finds_its_siblings_but_nothing_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    for folder in (tmp_path, tmp_path / "deep"):
        (folder / "kz-switch.yaml").write_text("title: Nobody asked\nextends: kz-ascend\n")
    (tmp_path / "mine.yaml").write_text("title: Mine\nextends: deeper\n")
    (tmp_path / "deep" / "deeper.yaml").write_text("title: Deeper\nextends: kz-ascend\n")
    with pytest.raises(ScenarioError, match="there is no scenario of this name"):
        load("mine.yaml")
    (tmp_path / "mine.yaml").write_text("title: Mine\nextends: kz-switch\n")
    assert load("mine.yaml").scenario.strategy.kind == "single"
