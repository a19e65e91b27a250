"""`eqlx test`: what it finds, runs and prints, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from eqlx.cli.main import program

RULE = 'process where process.name == "cmd.exe"\n'
TESTS = """\
base: {event.category: process}
tests:
  - name: the name
    events: [{_id: hit, process.name: cmd.exe}, {_id: miss, process.name: sh}]
    matches: [hit]
  - name: <another & "name">
    events: [{process.name: CMD.EXE}]
    matches: none
"""
WRONG = TESTS.replace("matches: none", "matches: 1")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(program, ["test", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.eql").write_text(RULE)
    (tmp_path / "one.test.yml").write_text(TESTS)
    return tmp_path


def test_all_passed(folder: Path):
    result = call(folder)
    assert result.exit_code == 0
    assert result.stdout == (
        f"ok    {folder}/one.test.yml  (2 tests)\n"
        "1 rule, 2 tests on reference, duckdb: 4 passed, 0 failed, 0 broken\n"
    )


@pytest.mark.parametrize("name", ["one.eql", "one.test.yml"])
def test_a_rule_and_its_test_file_name_each_other(folder: Path, name: str):
    result = call(folder / name, "--verbose", "--engine", "reference")
    assert result.exit_code == 0
    assert "ok    the name [reference]" in result.stdout


def test_a_failure_says_what_was_found_and_where(folder: Path):
    (folder / "one.test.yml").write_text(WRONG)
    result = call(folder, "--engine", "reference")
    assert result.exit_code == 1
    assert 'FAIL  <another & "name"> [reference]' in result.stdout
    assert "expected 1 match, found no match" in result.stdout
    assert f"--> {folder}/one.test.yml:6" in result.stdout


def test_a_sequence_finds_nothing_in_events_without_times(tmp_path: Path):
    (tmp_path / "one.eql").write_text(
        "sequence by h with maxspan=1m [any where n == 1] [any where n == 2]"
    )
    (tmp_path / "one.test.yml").write_text("""\
tests:
  - name: no times
    events: [{h: a, n: 1, "@timestamp": null}, {h: a, n: 2, "@timestamp": null}]
    matches: none
  - name: wrong
    events: [{h: a, n: 1, "@timestamp": null}, {h: a, n: 2, "@timestamp": null}]
    matches: 1
""")
    result = call(tmp_path)
    assert result.exit_code == 1
    assert "2 passed, 2 failed, 0 broken" in result.stdout
    assert result.stdout.count("expected 1 match, found no match; the sequence `") == 2
    assert result.stdout.count("no event has a time in `@timestamp`") == 2


def test_junit(folder: Path):
    (folder / "one.test.yml").write_text(WRONG)
    result = call(folder, "--format", "junit", "-o", folder / "r.xml")
    assert result.exit_code == 1
    root = ET.parse(folder / "r.xml").getroot()  # noqa: S314 our own
    assert root.attrib["tests"] == "4"
    assert root.attrib["failures"] == "2"
    cases = root.findall("testsuite/testcase")
    assert cases[2].attrib["name"] == '<another & "name"> [reference]'
    assert cases[2].attrib["line"] == "6"
    failure = cases[2].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "expected 1 match, found no match"


def test_junit_holds_what_xml_cannot(folder: Path):
    (folder / "one.test.yml").write_text(
        WRONG.replace("<another", '"a\\u0001\\uFFFE').replace('& "name">', 'b"')
    )
    result = call(folder, "--format", "junit", "--engine", "reference")
    names = [case.attrib["name"] for case in ET.fromstring(result.stdout).iter("testcase")]  # noqa: S314 our own
    assert names[1] == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} b [reference]"


def test_github_annotations_cannot_be_broken_out_of(folder: Path):
    (folder / "one.test.yml").write_text(WRONG.replace('<another & "name">', '"x%\\n::error::y"'))
    result = call(folder, "--format", "github", "--engine", "reference")
    lines = result.stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error file=")
    assert ",line=6,title=one [reference]::x%25%0A::error::y: expected 1 match" in lines[0]


def test_json(folder: Path):
    record = json.loads(call(folder, "--format", "json").stdout)
    assert record["passed"] == 4
    assert [r["engine"] for r in record["results"]] == ["reference", "duckdb"] * 2
    assert record["results"][0]["found"] == [["hit"]]


def test_a_rule_that_does_not_convert_is_broken(folder: Path):
    (folder / "one.eql").write_text("process where process.name = 1\n")
    result = call(folder, "--engine", "reference")
    assert result.exit_code == 1
    assert "not run on reference: " in result.stdout
    assert "0 passed, 0 failed, 2 broken" in result.stdout


def test_a_rule_without_a_test_is_a_finding_unless_allowed(folder: Path):
    (folder / "two.eql").write_text(RULE)
    result = call(folder, "--engine", "reference")
    assert result.exit_code == 1
    assert "warning[rule-without-test]: rule `two` has no test file" in result.stderr
    result = call(folder, "--engine", "reference", "--allow-untested")
    assert result.exit_code == 0
    assert result.stderr == ""


def test_a_test_without_a_rule_is_an_error(folder: Path):
    (folder / "gone.test.yml").write_text(TESTS)
    result = call(folder, "--engine", "reference")
    assert result.exit_code == 2
    assert "gone.test.yml` tests no rule: there is no rule `gone` beside it" in result.stderr
    assert "2 passed" in result.stdout, "the other tests run"


def test_a_faulty_test_file_is_an_error_at_its_line(folder: Path):
    (folder / "one.test.yml").write_text(TESTS + "more: 1\n")
    result = call(folder)
    assert result.exit_code == 2
    assert "one.test.yml:9:1" in result.stderr
    assert result.stdout == ""


def test_one_rule_of_several(folder: Path):
    rules = [
        {"rule_id": f"id-{n}", "name": n, "type": "eql", "language": "eql", "query": RULE}
        for n in ("a", "b")
    ]
    (folder / "many.ndjson").write_text("".join(f"{json.dumps(rule)}\n" for rule in rules))
    path = folder / "many.test.yml"
    path.write_text(TESTS)
    assert "of the 2 rules beside it, `rule:` is missing" in call(path).stderr
    path.write_text(f"rule: id-b\n{TESTS}")
    assert call(path, "--engine", "reference", "--allow-untested").exit_code == 0
    path.write_text(f"rule: c\n{TESTS}")
    assert "`rule: c` names none of them" in call(path).stderr


def test_usage():
    assert call().exit_code == 3
    assert call("no-such-folder").exit_code == 3


def test_an_unknown_engine_is_said_once(folder: Path):
    result = call(folder, "--engine", "dukdb")
    assert result.exit_code == 3
    assert "did you mean `duckdb`" in result.stderr


def test_nothing_to_test(tmp_path: Path):
    (tmp_path / "one.eql").write_text(RULE)
    result = call(tmp_path)
    assert result.exit_code == 3
    assert "no test files for the rules of" in result.stderr


# --- many rules -----------------------------------------------------------------------------------


@pytest.fixture
def many(tmp_path: Path) -> Path:
    for number in range(12):
        (tmp_path / f"r{number:02}.eql").write_text(RULE)
        tests = WRONG if number in {3, 8} else TESTS
        (tmp_path / f"r{number:02}.test.yml").write_text(tests)
    return tmp_path


@pytest.mark.parametrize("form", ["text", "github", "junit", "json"])
def test_more_processes_say_the_same_in_the_same_order(many: Path, form: str):
    def said(jobs: str) -> str:
        result = call(many, "--engine", "reference", "--format", form, "--jobs", jobs)
        assert result.exit_code == 1, result.stderr
        return re.sub(r'(time="|"seconds": )[\d.]+', "", result.stdout)

    assert said("2") == said("1")


def test_an_unknown_engine_is_known_before_the_first_test(many: Path):
    file = many / "r11.test.yml"
    file.write_text(f"engines: [duckbd]\n{TESTS}")
    for jobs in ("1", "2"):
        result = call(many, "--jobs", jobs)
        assert result.exit_code == 3
        assert "did you mean `duckdb`" in result.stderr
        assert result.stdout == ""
