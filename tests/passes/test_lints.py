"""The lints of `eqlx check`: each finds what it is for, and leaves its neighbour alone."""

from __future__ import annotations

import pytest

from eqlx.diagnostics import Diagnostic, Report
from eqlx.fields.catalogue import CATALOGUE
from eqlx.passes.context import Context
from eqlx.passes.lint import lint
from eqlx.passes.lower import lower
from eqlx.passes.pipeline import run
from eqlx.source import Source
from eqlx.syntax.parser import parse


def reported(condition: str) -> tuple[str, tuple[Diagnostic, ...]]:
    text = condition if condition.startswith("sequence") else f"any where {condition}"
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
        'event.type == "a" and event.type == "b"',
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
