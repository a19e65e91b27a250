"""What each expectation block of a casebook is compared with: stages and targets of a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from eqlx.capability import Drift
from eqlx.diagnostics import Diagnostic, Report
from eqlx.driver import Outcome, convert_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldInfo, FieldList, Schema
from eqlx.ir.dump import dump
from eqlx.ir.nodes import Query
from eqlx.ir.types import field_type
from eqlx.passes import lint
from eqlx.passes.context import Context
from eqlx.passes.lower import lower
from eqlx.passes.pipeline import PIPELINE, run
from eqlx.registry import load_target
from eqlx.render import text
from eqlx.rulefile.loader import from_query
from eqlx.source import Source
from eqlx.syntax.parser import parse
from eqlx.syntax.printer import print_statement
from eqlx.target import Target
from eqlx_harness.casebook import CONSOLE

STAGES = frozenset({"surface", "ir", "before", "after", "diagnostics", "lints"})
TARGETS = {
    "eql-target": ("eql", None),
    "duckdb": ("sql", "duckdb"),
    "clickhouse": ("sql", "clickhouse"),
    "elasticsearch": ("elasticsearch", None),
    "sigma": ("sigma", None),
}
TAGS = STAGES | TARGETS.keys() | {CONSOLE}


@dataclass(frozen=True)
class Subject:
    """One case's input."""

    eql: str
    schema: Schema
    book: str

    def context(self) -> tuple[Context, Source]:
        source = Source("query", self.eql)
        return Context(self.schema, Report(source)), source


def schema_of(block: str | None) -> Schema:
    """The catalogue, or the closed list of a `schema` block: `name type [array]` a line."""
    if block is None:
        return CATALOGUE
    fields = {}
    for line in block.splitlines():
        name, kind, *rest = line.split()
        fields[name] = FieldInfo(field_type(kind), multivalued=rest == ["array"])
    return FieldList(fields)


def produce(subject: Subject, tag: str, options: Mapping[str, str]) -> str:
    """The text that a block of `tag` must hold."""
    if tag in TARGETS:
        return _target(subject, tag, options)
    makers: dict[str, Callable[[Subject], str]] = {
        "surface": _surface,
        "ir": _ir,
        "before": lambda s: _around_pass(s)[0],
        "after": lambda s: _around_pass(s)[1],
        "diagnostics": _diagnostics,
        "lints": _lints,
    }
    return makers[tag](subject)


@cache
def _load(name: str) -> Target:
    return load_target(name)


def convert(subject: Subject, tag: str, words: Mapping[str, str]) -> Outcome:
    """The conversion that a block of `tag` shows; `words` are those after the tag."""
    name, dialect = TARGETS[tag]
    allow = words.get("allow", "").split(",")
    return convert_rule(
        from_query(subject.eql),
        _load(name),
        dialect=dialect,
        options={word: value for word, value in words.items() if word != "allow"},
        schema=subject.schema,
        allow=frozenset(drift for drift in Drift if drift.value in allow),
    )


def _target(subject: Subject, tag: str, words: Mapping[str, str]) -> str:
    outcome = convert(subject, tag, words)
    if outcome.artifact is None:
        return _render(outcome.diagnostics)
    return outcome.artifact.text


def _parsed(subject: Subject) -> tuple[Context, Query]:
    context, source = subject.context()
    statement = parse(source, context.report)
    assert statement is not None, _render(context.report.diagnostics)
    query = lower(statement, context)
    assert query is not None, _render(context.report.diagnostics)
    return context, query


def _surface(subject: Subject) -> str:
    context, source = subject.context()
    statement = parse(source, context.report)
    assert statement is not None, _render(context.report.diagnostics)
    return print_statement(statement)


def _ir(subject: Subject) -> str:
    context, query = _parsed(subject)
    final = run(query, context)
    assert not context.report.has_errors, _render(context.report.diagnostics)
    return dump(final)


def _around_pass(subject: Subject) -> tuple[str, str]:
    """IR before and after the pass that the casebook is named for."""
    context, query = _parsed(subject)
    if subject.book == "lower":
        return _surface(subject), dump(query)
    for name, function in PIPELINE:
        after = function(query, context)
        if name == subject.book:
            return dump(query), dump(after)
        query = after
    message = f"no pass is named `{subject.book}`; there are {[name for name, _ in PIPELINE]}"
    raise AssertionError(message)


def _diagnostics(subject: Subject) -> str:
    context, source = subject.context()
    statement = parse(source, context.report)
    if statement is not None and (query := lower(statement, context)) is not None:
        run(query, context)
    return _render(context.report.diagnostics)


def _lints(subject: Subject) -> str:
    context, source = subject.context()
    statement = parse(source, context.report)
    assert statement is not None, _render(context.report.diagnostics)
    query = lower(statement, context)
    assert query is not None, _render(context.report.diagnostics)
    query = run(query, context)
    before = len(context.report)
    lint.lint(statement, query, context)
    return _render(context.report.diagnostics[before:])


def _render(diagnostics: tuple[Diagnostic, ...]) -> str:
    return "\n\n".join(text.render(d).rstrip("\n") for d in diagnostics)
