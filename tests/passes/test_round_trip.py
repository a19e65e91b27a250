"""IR → surface → text → IR: real rules, older texts of them, and generated queries."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from eqlx.diagnostics import Report, Severity
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import Schema
from eqlx.ir.dump import dump
from eqlx.ir.nodes import Query
from eqlx.ir.verify import verify
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source, run
from eqlx.passes.surface import to_surface
from eqlx.source import Source
from eqlx.syntax.printer import print_statement
from eqlx_harness.data import LONG, need
from eqlx_harness.generated import SCHEMA, queries

REFUSED = Path(__file__).with_name("history_refused.tsv")
"""Older texts that the second parser accepts and that are no EQL: the line of `history-valid.jsonl`
(from 0), the start of the text's SHA-256, the diagnostic, and the section of the specification that
says so. Each was read and judged."""


def compiled(text: str, schema: Schema = CATALOGUE) -> tuple[Query | None, Report]:
    source = Source("query", text)
    report = Report(source)
    return compile_source(source, Context(schema, report)), report


def round_trip(query: Query, schema: Schema = CATALOGUE) -> None:
    text = print_statement(to_surface(query))
    again, report = compiled(text, schema)
    assert again == query, (text, list(report), again and dump(again), dump(query))
    assert again is not None
    assert print_statement(to_surface(again)) == text


def test_every_rule_of_the_corpus() -> None:
    count = 0
    for path in sorted(need("corpus", "rules").rglob("*.toml")):
        rule = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
        if rule["type"] != "eql":
            continue
        query, report = compiled(rule["query"])
        assert query is not None, (path.name, list(report))
        verify(query)
        round_trip(query)
        count += 1
    assert count == 545


def test_older_texts_of_the_corpus() -> None:
    lines = need("corpus", "history-valid.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3695
    rows = [row.split("\t") for row in REFUSED.read_text("utf-8").splitlines()]
    refused = {int(number): (digest, code) for number, digest, code, _ in rows}
    assert len(refused) == 145
    for number, line in enumerate(lines):
        if not LONG and number % 7 and number not in refused:
            continue
        text = json.loads(line)["query"]
        query, report = compiled(text)
        errors = {d.code for d in report if d.severity is Severity.ERROR}
        if number in refused:
            digest, code = refused[number]
            assert hashlib.sha256(text.encode()).hexdigest().startswith(digest)
            assert errors == {code}, number
            continue
        assert query is not None, (number, errors)
        verify(query)
        round_trip(query)


@settings(max_examples=400 if LONG else 60, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries())
def test_generated_queries(raw: Query) -> None:
    verify(raw, final=False)
    report = Report()
    query = run(raw, Context(SCHEMA, report))
    errors = [d for d in report if d.severity is Severity.ERROR]
    if errors:
        assert {d.code for d in errors} <= {"constant-fails"}, errors
        return
    verify(query)
    round_trip(query, SCHEMA)


@settings(max_examples=400 if LONG else 60, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries())
def test_the_passes_are_a_fixpoint(raw: Query) -> None:
    report = Report()
    query = run(raw, Context(SCHEMA, report))
    if not report.has_errors:
        again = run(query, Context(SCHEMA, report))
        assert again == query, (dump(query), dump(again))
