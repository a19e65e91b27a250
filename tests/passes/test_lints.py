"""The lints of `eqlx check`: each finds what it is for, and leaves its neighbour alone."""

from __future__ import annotations

import pytest

from eqlx.diagnostics import Diagnostic, Report
from eqlx.driver.check import check_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.passes.context import Context
from eqlx.passes.lint import lint
from eqlx.passes.lower import lower
from eqlx.passes.pipeline import run
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.syntax.parser import parse
from eqlx.target import EventModel


def reported(condition: str) -> tuple[str, tuple[Diagnostic, ...]]:
    text = condition if " where " in condition else f"any where {condition}"
    source = Source("query", text)
    report = Report(source)
    context = Context(CATALOGUE, report)
    statement = parse(source, report)
    assert statement is not None, list(report)
    lowered = lower(statement, context)
    assert lowered is not None, list(report)
    query = run(lowered, context)
    assert not report.has_errors, list(report)
    before = len(report)
    lint(statement, query, context)
    return text, report.diagnostics[before:]


def linted(condition: str) -> list[tuple[str, str]]:
    text, found = reported(condition)
    return [(d.code, text[d.span.start : d.span.end] if d.span else "") for d in found]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ('process.name == "cmd*"', ("wildcard-in-equality", '"cmd*"')),
        ('process.name != "a?c"', ("wildcard-in-equality", '"a?c"')),
        ('process.name in ("a", "b*")', ("wildcard-in-equality", '"b*"')),
        ('process.name in~ ("a", "b*")', ("wildcard-in-equality", '"b*"')),
        ('process.name in ("a", "b", "a")', ("duplicate-list-value", '"a"')),
        ('process.name in~ ("a", "A")', ("duplicate-list-value", '"A"')),
        ("process.pid in (1, 2, 1)", ("duplicate-list-value", "1")),
        ('process.name : ("a*", "AB*c")', ("duplicate-list-value", '"AB*c"')),
        ('process.name like ("x*y", "x1y*2y")', ("duplicate-list-value", '"x1y*2y"')),
        ('event.type != "end"', ("not-on-multivalued-field", 'event.type != "end"')),
        (
            'process.name == "a" and process.name == "b"',
            ("never-matches", 'process.name == "b"'),
        ),
        ("process.pid > 5 and process.pid < 3", ("never-matches", "process.pid < 3")),
        ("process.pid > 5 and process.pid <= 5", ("never-matches", "process.pid <= 5")),
        ("process.pid == 7 and process.pid < 3", ("never-matches", "process.pid < 3")),
        (
            'process.name == null and process.name : "a*"',
            ("never-matches", 'process.name : "a*"'),
        ),
        (
            'process.name : "a*" and not process.name : "a*"',
            ("never-matches", 'not process.name : "a*"'),
        ),
        ("process.pid == 1 and 1 == 2", ("never-matches", "1 == 2")),
        ('"process.name" == "a"', ("never-matches", '"process.name" == "a"')),
        ("process.pid > null", ("never-matches", "process.pid > null")),
        (
            'process.name != "a" or process.name != "b"',
            ("always-matches", 'process.name != "b"'),
        ),
        (
            "process.name == null or process.name != null",
            ("always-matches", "process.name != null"),
        ),
        ("process.pid == 4 or 1 < 2", ("always-matches", "1 < 2")),
        ('not ?process.name : "a"', ("optional-changes-result", "?process.name")),
        (
            'process.pid == 4 and not (process.name == "a" and ?user.id like "x*")',
            ("optional-changes-result", "?user.id"),
        ),
        (
            "sequence [any where 1 == 2] [any where process.pid == 4]",
            ("never-matches", "1 == 2"),
        ),
        ('proces where process.name == "a"', ("misspelt-event-value", "proces")),
        ('"Process" where process.name == "a"', ("misspelt-event-value", '"Process"')),
        ('event.type == "strat"', ("misspelt-event-value", '"strat"')),
        ('event.outcome == "Success"', ("misspelt-event-value", '"Success"')),
        ('event.kind in ("alert", "sginal")', ("misspelt-event-value", '"sginal"')),
        ('event.type : "creat?"', ("misspelt-event-value", '"creat?"')),
        ('event.type == "created"', ("misspelt-event-value", '"created"')),
        ('"deleted" == event.type', ("misspelt-event-value", '"deleted"')),
        ('alarm where process.name == "a"', ("unlisted-event-value", "alarm")),
        ('event.type == "process_started"', ("unlisted-event-value", '"process_started"')),
        ('event.type : "process_*"', ("unlisted-event-value", '"process_*"')),
        ('process where event.type == "creation"', ("unexpected-event-type", '"creation"')),
        ('file where event.type in ("change", "start")', ("unexpected-event-type", '"start"')),
        ('file where event.type : "st*"', ("unexpected-event-type", '"st*"')),
        (
            'sequence [any where true] [file where event.type == "start"]',
            ("unexpected-event-type", '"start"'),
        ),
    ],
)
def test_found(condition: str, found: tuple[str, str]) -> None:
    assert linted(condition) == [found]


@pytest.mark.parametrize(
    "condition",
    [
        "true",
        'process.name : "cmd*"',
        'process.name in ("a", "A")',
        'process.name like ("a*c", "ab", "?bc")',
        'process.name regex "a*"',
        'not process.name == "a"',
        "event.type == null",
        "event.type != null",
        'event.type == "start" and event.type == "end"',
        'event.type : "START" and event.outcome : ("succ*", "?ailure")',
        'event.type in~ ("Start", "END")',
        'event.kind == "alert" and event.category == "email"',
        'event.action == "strat" and process.name == "sucess"',
        'process where event.type in ("start", "end", "info")',
        'network where event.type == "start" or event.type == "end"',
        'library where event.type == "start"',
        "process.args_count > 5 and process.args_count < 8",
        'process.args == "a" and not process.args_count == 3',
        'process.name == "a" or process.name == "b"',
        'process.name != "a" and process.name != "b"',
        'process.name in ("a", "b") and process.name in ("b", "c")',
        '?process.name : "a"',
        '?process.name != "a"',
        'not ?process.name == "a"',
        'not (process.pid == 4 or ?process.name : "a")',
    ],
)
def test_left_alone(condition: str) -> None:
    assert linted(condition) == []


def test_a_field_name_in_quotes_is_named() -> None:
    _, (found,) = reported('"process.name" : "a*"')
    assert '`"process.name"` is a text, a field has no quotes' in found.message


def test_a_category_of_another_field_is_not_judged() -> None:
    source = Source("query", 'alarm where event.type == "creation"')
    report = Report(source)
    context = Context(CATALOGUE, report, EventModel(category="event.dataset"))
    statement = parse(source, report)
    assert statement is not None
    lowered = lower(statement, context)
    assert lowered is not None
    lint(statement, run(lowered, context), context)
    assert list(report) == []


def windowed(query: str, **rule: str) -> list[str]:
    made = Rule(Source("query", query), raw={"type": "eql"}, **rule)
    return [d.code for d in check_rule(made, CATALOGUE)]


TWO = "[process where true] [file where true]"
ABSENT = "[process where true] ![file where true]"


@pytest.mark.parametrize(
    ("query", "rule", "found"),
    [
        (f"sequence with maxspan=24h {TWO}", {"from_": "now-9m"}, ["maxspan-beyond-window"]),
        (f"sequence with maxspan=24h {TWO}", {"from_": "now-25h"}, []),
        (f"sequence with maxspan=24h {TWO}", {"from_": "now-24h"}, ["maxspan-across-runs"]),
        (f"sequence with maxspan=7m {TWO}", {}, ["maxspan-beyond-window"]),
        (f"sequence with maxspan=2m {TWO}", {}, ["maxspan-across-runs"]),
        (f"sequence with maxspan=1m {TWO}", {}, []),
        (
            f"sequence with maxspan=5m {TWO}",
            {"from_": "now-20m", "to": "now-10m", "interval": "5m"},
            [],
        ),
        (
            f"sequence with maxspan=11m {TWO}",
            {"from_": "now-20m", "to": "now-10m"},
            ["maxspan-beyond-window"],
        ),
        (f"sequence with maxspan=24h {TWO}", {"from_": "now-1d/d"}, []),
        (f"sequence {TWO}", {"from_": "now-9m"}, []),
        (f"sequence with maxspan=10m {ABSENT}", {"from_": "now-15m"}, ["absence-not-yet-known"]),
        (
            f"sequence with maxspan=10m {ABSENT} [any where true]",
            {"from_": "now-15m"},
            [],
        ),
        (f"sequence with maxspan=10m ![file where true] {TWO}", {"from_": "now-15m"}, []),
    ],
)
def test_window(query: str, rule: dict[str, str], found: list[str]) -> None:
    assert windowed(query, **rule) == found


def test_a_query_that_is_no_rule_has_no_window() -> None:
    text = f"sequence with maxspan=24h {ABSENT}"
    assert check_rule(Rule(Source("query", text)), CATALOGUE) == ()


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("my-field == 5", [("hyphenated-name", "my-field")]),
        ("a-b-c.d == 5", [("hyphenated-name", "a-b-c.d")]),
        ("process.pid-agent == 5", [("hyphenated-name", "process.pid-agent")]),
        ("?my-field == 5", [("hyphenated-name", "?my-field")]),
        ("process.pid-process.parent.pid == 5", []),
        ("`my-field` == 5", [("unknown-field", "`my-field`")]),
        ("my - field == 5", [("unknown-field", "my"), ("unknown-field", "field")]),
        (
            'my-field == "y"',
            [("hyphenated-name", "my-field"), ("literal-does-not-fit", '"y"')],
        ),
    ],
)
def test_names_with_hyphens(condition: str, found: list[tuple[str, str]]) -> None:
    text = f"any where {condition}"
    said = check_rule(Rule(Source("query", text)), CATALOGUE)
    assert [(d.code, text[d.span.start : d.span.end] if d.span else "") for d in said] == found
    for diagnostic in said:
        if diagnostic.code != "unknown-field":
            assert diagnostic.help is not None
            assert "backticks" in diagnostic.help


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("process.nmae", "misspelt-field"),
        ("proces.name", "misspelt-field"),
        ("Process.Name", "misspelt-field"),
        ("process_name", "misspelt-field"),
        ("process.command_lin", "unknown-field"),
        ("proc.name", "unknown-field"),
        ("acme.gate.state", "unknown-field"),
        ("process.parent.ggid", "unknown-field"),
    ],
)
def test_a_name_like_a_known_one_is_a_warning(name: str, code: str) -> None:
    said = check_rule(Rule(Source("query", f'any where {name} == "a"')), CATALOGUE)
    assert [d.code for d in said] == [code]
