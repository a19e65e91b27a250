"""Exception items become part of the query, in every event filter of it (spec §13.22).

    process where process.name == "a.exe"
    process where process.name == "a.exe" and not (?user.name == "svc" and ?host.name like "build-*")

Kibana sends them as a filter beside the query, which all events of a sequence pass: its stages, its
`until` and its missing events. A field that no event has is null, so an item on it takes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eqlx.fields.schema import Schema
from eqlx.ir.types import FieldType
from eqlx.rule import ExceptionEntry
from eqlx.source import Span
from eqlx.syntax import tree as surface

Items = Sequence[tuple[ExceptionEntry, ...]]


def leave_out(statement: surface.Statement, items: Items, schema: Schema) -> surface.Statement:
    """The statement, with `and not (…)` for each item in each event filter."""
    if not items:
        return statement

    def narrowed(node: surface.EventFilter) -> surface.EventFilter:
        made = _Conditions(schema, node.span)
        excluded = tuple(
            surface.NotExpression(made.item(item), span=node.span) for item in items if item
        )
        whole = surface.Logical("and", (node.condition, *excluded), span=node.condition.span)
        return replace(node, condition=whole)

    def term(node: surface.Term) -> surface.Term:
        return replace(node, filter=narrowed(node.filter))

    match statement.query:
        case surface.EventFilter() as query:
            return replace(statement, query=narrowed(query))
        case surface.SequenceQuery() as query:
            until = None if query.until is None else term(query.until)
            terms = tuple(map(term, query.terms))
            return replace(statement, query=replace(query, terms=terms, until=until))
        case surface.SampleQuery() as query:
            return replace(statement, query=replace(query, terms=tuple(map(term, query.terms))))


class _Conditions:
    """Conditions of EQL for the entries of items; `span` is what diagnostics point at."""

    def __init__(self, schema: Schema, span: Span) -> None:
        self._schema = schema
        self._span = span

    def item(self, entries: Sequence[ExceptionEntry]) -> surface.Expression:
        """All entries of the item hold."""
        return self._chain("and", [self._entry(entry) for entry in entries])

    def _entry(self, entry: ExceptionEntry) -> surface.Expression:
        found = self._condition(entry)
        return surface.NotExpression(found, span=self._span) if entry.excluded else found

    def _condition(self, entry: ExceptionEntry) -> surface.Expression:
        field = surface.FieldName(entry.field, optional=True, span=self._span)
        if entry.kind == "exists":
            return self._comparison("!=", field, surface.NullValue(span=self._span))
        if entry.kind == "wildcard":
            patterns = tuple(surface.StringValue(v, span=self._span) for v in entry.values)
            return surface.PatternMatch("like", field, patterns, span=self._span)
        alternatives = [self._equals(field, value) for value in entry.values]
        return self._chain("or", [one for one in alternatives if one is not None])

    def _equals(self, field: surface.FieldName, value: str) -> surface.Expression | None:
        """None for a text that no value of the field's type is written as."""
        info = self._schema.lookup(field.name)
        kind = FieldType.KEYWORD if info is None else info.type
        if kind.is_number:
            number = _number(value)
            if number is None:
                return None
            right = surface.NumberValue(abs(number), span=self._span)
            signed = surface.Sign(right, span=self._span) if number < 0 else right
            return self._comparison("==", field, signed)
        if kind is FieldType.BOOLEAN:
            if value not in ("true", "false"):
                return None
            boolean = surface.BooleanValue(value == "true", span=self._span)
            return self._comparison("==", field, boolean)
        return self._comparison("==", field, surface.StringValue(value, span=self._span))

    def _comparison(
        self, operator: str, left: surface.Expression, right: surface.Expression
    ) -> surface.Expression:
        return surface.Comparison(operator, left, right, operator_span=self._span, span=self._span)

    def _chain(self, operator: str, operands: Sequence[surface.Expression]) -> surface.Expression:
        """No alternative at all holds for nothing."""
        if not operands:
            return surface.BooleanValue(value=False, span=self._span)
        if len(operands) == 1:
            return operands[0]
        return surface.Logical(operator, tuple(operands), span=self._span)


def _number(text: str) -> int | float | None:
    for read in (int, float):
        try:
            number = read(text)
        except ValueError:
            continue
        return number if number - number == 0 and text.isascii() and "_" not in text else None
    return None
