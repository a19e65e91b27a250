"""Test files made from rules read back as the cases that they were made from, and hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from eqlx.cli.main import program
from eqlx.driver.convert import compile_rule, event_model
from eqlx.fields.documents import flatten
from eqlx.registry import load_executor
from eqlx.rule import Rule
from eqlx.rulefile.loader import from_query, load
from eqlx.ruletest.model import Verdict
from eqlx.ruletest.reader import parse_test_file
from eqlx.ruletest.runner import Engine, Plan
from eqlx.ruletest.writer import file_text
from eqlx.source import Source
from eqlx.synthesis import Varies, synthesise

RULES = Path(__file__).parents[2] / "rules"


def stem(rule: Rule) -> str:
    return Path(rule.path or "").stem


@pytest.mark.parametrize("rule", load([RULES]).rules, ids=stem)
def test_what_is_written_reads_back_and_holds(rule: Rule):
    query = compile_rule(rule).query
    assert query is not None
    synthesis = synthesise(query, event_model(rule))
    file = parse_test_file(Source("x.test.yml", file_text(synthesis, "x", frozenset(Varies))))
    cases = {case.name: case for case in synthesis.cases}
    assert len(file.tests) >= 0.95 * len(cases)
    for test in file.tests:
        case = cases[test.name]
        assert test.expected.count == len(case.expected)
        for written, made in zip(test.events, case.events, strict=True):
            left, right = flatten(written), flatten(made)
            left.pop("@timestamp", None)
            right.pop("@timestamp", None)
            left.pop("event.id", None)  # no shipped rule reads it
            right.pop("event.id", None)
            assert left == right
    brief = parse_test_file(Source("x.test.yml", file_text(synthesis, "x")))
    plan = Plan(lambda _: Engine(load_executor("reference"), None), ("reference",))
    failed = [r for r in plan.run(rule, brief) if r.verdict is not Verdict.PASSED]
    assert [f"{r.test.name}: {r.message}" for r in failed] == []


@pytest.mark.parametrize(
    "value", ["true", "0o17", "1e3", "~", "a: b", "# x", "+5m", "\x7f\u2028\ufeff", '"', "\\", "😀"]
)
def test_texts_stay_texts(value: str):
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(c if " " <= c < "\x7f" else f"\\u{{{ord(c):x}}}" for c in escaped)
    query = compile_rule(from_query(f'process where process.name == "{escaped}"')).query
    assert query is not None
    synthesis = synthesise(query, event_model(from_query("any where true")))
    file = parse_test_file(Source("x.test.yml", file_text(synthesis, "x")))
    names = {n for t in file.tests for e in t.events for n in flatten(e).get("process.name", [])}
    assert value in names


def written(eql: str) -> str:
    query = compile_rule(from_query(eql)).query
    assert query is not None
    return file_text(synthesise(query, event_model(from_query("any where true"))), "A title.")


def test_a_file_is_made_to_be_read():
    assert (
        written('process where process.executable == "C:\\\\a.exe"')
        == """\
# A title.
# Made by `eqlx synth`: what the rule does. Keep what it should do, and change what it should not.
# "flipped alone": as a hit, but for that one clause. Events of which nothing is said are as the base.
base:
  event.category: process
  host.name: workstation-7
  process.executable: 'C:\\a.exe'
tests:
  - name: "a plain hit"
    events:
      - {}
    matches: [1]
  - name: "three hits, the latest in the first row"
    events:
      - {"@timestamp": +1s}
      - {"@timestamp": +0s}
      - {"@timestamp": +0s}
    matches: [2, 3, 1]
  - name: 'event.category == "process": flipped alone'
    events:
      - {event.category: other}
    matches: none
  - name: 'process.executable == "C:\\\\a.exe": flipped alone'
    events:
      - {process.executable: 'C:\\Program Files\\Sample\\sample.exe'}
    matches: none
"""
    )


def test_an_id_that_the_rule_reads_is_written():
    assert "event.id: " in written('any where event.id : "a*"')


def test_of_cases_that_differ_in_numbers_one_is_written():
    text = written("sequence by host.id with maxspan=1m [any where true] with runs=12")
    names = re.findall(r"name: (.*)", text)
    assert sum("is not there" in name for name in names) == 1
    assert len(names) < 40


def test_the_command_writes_what_the_test_command_runs(tmp_path: Path):
    (tmp_path / "one.eql").write_text('process where process.name : ("a*", "b")\n')
    out = tmp_path / "one.test.yml"
    arguments = ["synth", str(tmp_path / "one.eql"), "-o", str(out)]
    result = CliRunner().invoke(program, arguments)
    assert result.exit_code == 0, result.stderr
    result = CliRunner().invoke(program, arguments)
    assert result.exit_code == 3, "it does not write over a file"
    assert "it is there already" in result.stderr
    result = CliRunner().invoke(program, ["test", str(out)])
    assert result.exit_code == 0, result.stdout
    assert "0 failed, 0 broken" in result.stdout
