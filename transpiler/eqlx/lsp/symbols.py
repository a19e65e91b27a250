"""The outline of a file: its rules, and the stages of sequences and samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eqlx.diagnostics import Report
from eqlx.lsp.document import Document
from eqlx.source import Source, Span
from eqlx.syntax.parser import parse
from eqlx.syntax.tree import EventFilter, SequenceQuery, Statement, Term


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name for the outline; ranges are those of the file, `selection` lies within `span`."""

    name: str
    detail: str
    span: Span
    selection: Span
    children: tuple[Symbol, ...] = ()


def symbols(document: Document) -> tuple[Symbol, ...]:
    """One symbol for each rule whose query parses, with its stages."""
    found: list[Symbol] = []
    for rule in document.rules:
        statement = parse(rule.query, Report())
        if statement is None or (rule.query.outer is None and rule.raw):
            continue
        whole = rule.query.outermost(Span(0, len(rule.query.text)))[1]
        head, stages = _parts(rule.query, statement)
        found.append(Symbol(rule.name or rule.label, head, whole, whole, tuple(stages)))
    return tuple(found)


def _parts(source: Source, statement: Statement) -> tuple[str, Iterator[Symbol]]:
    query = statement.query
    if isinstance(query, EventFilter):
        return f"{query.category or 'any'} where", iter(())
    head = source.text[query.head_span.start : query.head_span.end]
    return " ".join(head.split()), _stages(source, query.terms, query)


def _stages(source: Source, terms: tuple[Term, ...], query: object) -> Iterator[Symbol]:
    for number, term in enumerate(terms, 1):
        yield _stage(source, term, f"{number}: {'no ' if term.missing else ''}")
    if isinstance(query, SequenceQuery) and query.until is not None:
        yield _stage(source, query.until, "until: ")


def _stage(source: Source, term: Term, before: str) -> Symbol:
    condition = term.filter.condition.span
    detail = " ".join(source.text[condition.start : condition.end].split())
    span = source.outermost(term.span)[1]
    name = f"{before}{term.filter.category or 'any'}"
    return Symbol(name, detail[:80], span, source.outermost(term.filter.category_span)[1])
