"""Test files as people write them: what is read, and what each fault is told as."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eqlx.diagnostics import EqlxError
from eqlx.render import concise
from eqlx.ruletest.events import nested, offset
from eqlx.ruletest.model import Expected
from eqlx.ruletest.nodes import Items, Scalar, Table, parse_yaml
from eqlx.ruletest.reader import parse_test_file
from eqlx.source import Source

ONE = """\
tests:
  - name: one
    events: [{process.name: a}]
    matches: 1
"""


def read(text: str, name: str = "x.test.yml"):
    return parse_test_file(Source(name, text))


def faults(text: str, name: str = "x.test.yml") -> list[str]:
    with pytest.raises(EqlxError) as caught:
        read(text, name)
    return [concise.render(d) for d in caught.value.diagnostics]


def scalar(text: str) -> object:
    node = parse_yaml(Source("x", text))
    assert isinstance(node, Scalar)
    return node.value


def test_the_least_file():
    (test,) = read(ONE).tests
    assert test.name == "one"
    assert test.events == ({"process": {"name": "a"}, "@timestamp": "2026-01-01T00:00:00.000Z"},)
    assert test.expected == Expected(1)


def test_engines_are_two_unless_said_otherwise():
    assert read(ONE).engines == ("reference", "duckdb")
    assert read(f"engines: [reference]\n{ONE}").engines == ("reference",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01", "2026-01-01"),
        ("010", 10),
        ("0x17", 23),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("true", True),
        ("~", None),
        ('"~"', "~"),
        ("+30s", "+30s"),
        ("10.0.0.1", "10.0.0.1"),
        ("=", "="),
    ],
)
def test_plain_scalars_are_those_of_yaml_1_2(text, value):
    found = scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_places_are_known():
    node = parse_yaml(Source("x", "a:\n  - b\n"))
    assert isinstance(node, Table)
    inner = node.entries["a"]
    assert isinstance(inner, Items)
    assert node.keys["a"].start == 0
    assert inner.items[0].span.start == 7


def test_events_take_what_they_do_not_say_from_their_base():
    text = """\
base: {event: {category: [process], type: [start]}, process.name: a}
tests:
  - name: one
    base: {host.id: h}
    events:
      - {process.name: b, event.type: [end]}
      - {process: null, event: {type: null}}
    matches: none
"""
    (test,) = read(text).tests
    first, second = test.events
    assert first["process"] == {"name": "b"}
    assert first["event"] == {"category": ["process"], "type": ["end"]}
    assert first["host"] == {"id": "h"}
    assert second["process"] is None
    assert second["event"] == {"category": ["process"], "type": None}


def test_times_are_relative_to_the_start_and_go_on_from_there():
    text = """\
tests:
  - name: one
    events:
      - {a: 1}
      - {a: 2, "@timestamp": +1h2m3s4ms}
      - {a: 3}
      - {a: 4, "@timestamp": "2020-02-02T00:00:00Z"}
      - {a: 5, "@timestamp": null}
    matches: none
"""
    (test,) = read(text).tests
    assert [event.get("@timestamp") for event in test.events] == [
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T01:02:03.004Z",
        "2026-01-01T01:02:04.004Z",
        "2020-02-02T00:00:00Z",
        None,
    ]


def test_offsets_add_up():
    assert offset("+1d1h1m1s1ms").total_seconds() == 90061.001


def test_a_field_and_one_below_it_stay_apart():
    assert nested({"a": 1, "a.b": 2}) == {"a": 1, "a.b": 2}
    assert nested({"a.b": 2, "a": 1}) == {"a": 1, "a.b": 2}
    assert nested({"a.b": 2, "a.c": 3}) == {"a": {"b": 2, "c": 3}}


def test_expectations_name_events_by_id_or_number():
    text = """\
tests:
  - name: one
    events: [{_id: a, x: 1}, {x: 2}]
    matches: [a, 2]
  - name: two
    events: [{_id: a, x: 1}, {_id: b, x: 2}]
    matches: [[a, 2]]
"""
    first, second = read(text).tests
    assert first.expected.matches == (("a",), (2,))
    assert second.expected.matches == (("a", "b"),)


def test_events_of_a_file(tmp_path: Path):
    lines = [{"event": {"id": "e1"}, "x": 1}, {"x": 2}]
    (tmp_path / "e.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    text = "id_field: event.id\ntests:\n  - {name: one, events: e.ndjson, matches: [e1, 2]}\n"
    (test,) = read(text, str(tmp_path / "x.test.yml")).tests
    assert test.names == ("e1", 2)
    assert test.events[0] == lines[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "x.test.yml:1:4: error[broken-test-file]: broken test file: expected a value"),
        ("a: b: c", "x.test.yml:1:5: error[broken-test-file]"),
        ("\ttests: []", "x.test.yml:1:1: error[broken-test-file]"),
        ("a: \x00", "x.test.yml:1:4: error[broken-test-file]"),
        ("--- a\n--- b", "x.test.yml:2:1: error[broken-test-file]"),
        ("a: !!python/name:os.system x", "the tag `tag:yaml.org,2002:python/name:os.system` is"),
        ("a: !x 1", "the tag `!x` is not read"),
        ("a: &a [*a]", "x.test.yml:1:4: error[broken-test-file]: broken test file: an alias to"),
        ("a: 1\na: 2", "x.test.yml:2:1: error[wrong-in-test-file]: the key `a` stands twice"),
        ("1: a", "x.test.yml:1:1: error[wrong-in-test-file]: a key is a text"),
        ("a: &b {c: 1}\nd: {<<: *b}", "x.test.yml:2:5: error[wrong-in-test-file]: merge keys are"),
        ("", "expected a table of `tests`, `base` and `engines`, found nothing"),
        ("tests: 1", "x.test.yml:1:8: error[wrong-in-test-file]: expected a list of tests, found a"),
        ("tests: []", "`tests` is empty"),
        ("base: {}", "`tests` is missing: expected a list of tests"),
        (f"engine: [duckdb]\n{ONE}", "x.test.yml:1:1: error[unknown-test-key]: unknown key `engine`"),
        (f"engines: duckdb\n{ONE}", "expected a list of engines, found a text"),
        (f"engines: []\n{ONE}", "`engines` is empty"),
        (f"{ONE}    match: 2\n", "x.test.yml:5:5: error[unknown-test-key]: unknown key `match` in a"),
        (ONE.replace("matches: 1", "matches: true"), "x.test.yml:4:14: error[wrong-in-test-file]"),
        (ONE.replace("matches: 1", "matches: -1"), "`matches` is a number, `none`, or a list"),
        (ONE.replace("    matches: 1\n", ""), "x.test.yml:2:5: error[wrong-in-test-file]: a test wit"),
        (ONE.replace("matches: 1", "matches: [b]"), "x.test.yml:4:15: error[unknown-event-name]: no"),
        (ONE.replace("matches: 1", "matches: [2]"), "no event of the test is named `2`"),
        (ONE.replace("matches: 1", "matches: [[[1]]]"), "an event is named by its `_id`"),
        (ONE.replace("name: one", "name: 1"), "expected a name, found a number"),
        (ONE.replace("{process.name: a}", "{_id: 1}"), "x.test.yml:3:15: error[wrong-in-test-file]"),
        (ONE.replace("{process.name: a}", "{_id: a}, {_id: a}"), "two events are named `a`"),
        (ONE.replace("[{process.name: a}]", "none.ndjson"), "cannot read `none.ndjson`: no such file"),
        (ONE.replace("{process.name: a}", "{a.b: 1, a: {b: 2}}"), "the field `a.b` stands twice"),
        (ONE.replace("process.name: a", '"@timestamp": +5x'), "`+5x` is no time after the test's"),
        (ONE + ONE.removeprefix("tests:\n"), "x.test.yml:5:11: error[wrong-in-test-file]: two tests"),
    ],
)  # fmt: skip
def test_faults_are_told_at_their_place(text, said):
    found = faults(text)
    assert any(said in one for one in found), found


def test_all_faults_are_told_at_once():
    text = """\
tests:
  - name: one
    events: 5
    matches: none
  - name: two
    events: []
    matches: [x]
"""
    assert len(faults(text)) == 2


def test_nesting_without_end_is_a_fault_and_no_crash():
    assert "nested too deeply" in faults("[" * 100_000)[0]


def test_aliases_that_multiply_are_bounded():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert "too many values" in faults("\n".join(lines))[0]
