"""Diagnostics as JSON lines."""

from __future__ import annotations

import json

from eqlx.diagnostics import Diagnostic, Label, Severity
from eqlx.render import jsonl
from eqlx.source import Source, Span


def test_the_record():
    source = Source("rule.eql", "any where\n  x = 1")
    diagnostic = Diagnostic(
        "some-slug",
        Severity.WARNING,
        "a message with \u2028 and \ud83d",
        (Label(Span(14, 15), "here", primary=True), Label(Span(0, 3), "there")),
        notes=("a note",),
        help="a tip",
        source=source,
        rule="the-id",
    )
    assert json.loads(jsonl.render(diagnostic)) == {
        "code": "some-slug",
        "severity": "warning",
        "message": "a message with \u2028 and \ud83d",
        "rule": "the-id",
        "file": "rule.eql",
        "line": 2,
        "column": 5,
        "end_line": 2,
        "end_column": 6,
        "labels": [
            {
                "text": "here",
                "primary": True,
                "line": 2,
                "column": 5,
                "end_line": 2,
                "end_column": 6,
            },
            {
                "text": "there",
                "primary": False,
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 4,
            },
        ],
        "notes": ["a note"],
        "help": "a tip",
    }


def test_a_lone_surrogate_can_be_written_to_a_utf8_stream():
    diagnostic = Diagnostic("some-slug", Severity.NOTE, "\ud83d")
    assert jsonl.render(diagnostic).encode("utf-8")
