"""The pass `coerce_literals`: a constant becomes a value of the field's type (spec §2, §13.11).

    destination.ip == "10.0.0.0/8"               cidrMatch(destination.ip, "10.0.0.0/8")
    @timestamp > "2026-01-01"                    @timestamp > the instant of 2026-01-01T00:00:00Z
    process.pid == "4"                           process.pid == 4, with a warning
    process.pid == "cmd.exe"                     an error: Elasticsearch fails when it runs this

Also refuses what has no constant side: a comparison of two fields (spec §2).
"""

from __future__ import annotations

from typing import cast

from eqlx.diagnostics import Diagnostic, Severity
from eqlx.diagnostics.catalogue import typing as say
from eqlx.diagnostics.catalogue.constants import (
    date_arithmetic,
    invalid_network,
    literal_converted,
    literal_does_not_fit,
)
from eqlx.diagnostics.catalogue.lint import HYPHENATED
from eqlx.diagnostics.catalogue.mistakes import letter_case
from eqlx.ir import nodes as ir
from eqlx.ir.kinds import describe, type_of
from eqlx.ir.nodes import Comparison, Condition, Literal, Query, Value
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LITERALS, Node, map_children, map_query_conditions
from eqlx.meaning.dates import is_arithmetic, parse_instant
from eqlx.meaning.values import number_of, text_of, value_of
from eqlx.passes.context import Context
from eqlx.patterns.network import Network, NetworkError, parse_address
from eqlx.source import Span


def coerce_literals(query: Query, context: Context) -> Query:
    """`query` with a literal of the left side's type on the right of every comparison."""
    coercer = _Coercer(context)
    return map_query_conditions(query, lambda condition: cast("Condition", coercer.node(condition)))


class _UnfitError(ValueError):
    """The literal is no value of the type; the message is the help."""


class _Coercer:
    def __init__(self, context: Context) -> None:
        self._report = context.report
        errors = [d for d in context.report if d.severity is Severity.ERROR]
        self._hyphens = {
            d.span.start: d.help
            for d in context.report
            if d.code == HYPHENATED and d.span is not None and d.help is not None
        }
        self._faulty = [d.span for d in errors if d.span is not None]

    def _say(self, diagnostic: Diagnostic, *places: Span) -> None:
        """Keep a diagnostic, unless an earlier pass found one of the places at fault: what would be
        said now follows from that."""
        for place in places:
            if any(f.start < place.end and place.start < f.end for f in self._faulty):
                return
        self._report.add(diagnostic)

    def node(self, node: Node) -> Node:
        if isinstance(node, _ATOMS):
            return node
        node = map_children(node, self.node)
        match node:
            case ir.Compare():
                return self._compare(node)
            case ir.Membership():
                return self._membership(node)
            case _:
                return node

    def _compare(self, node: ir.Compare) -> Condition:
        if not isinstance(node.right, LITERALS):
            sides = node.right.span, node.left.span
            if (wrong := _constant_in_capitals(node.right, node.left)) is not None:
                self._say(letter_case(wrong.name, wrong.name.lower(), span=wrong.span), wrong.span)
                return node
            self._say(
                say.fields_compared(span=sides[0], other=sides[1], text=_bare(node.right)), *sides
            )
            return node
        kind = type_of(node.left)
        if kind is FieldType.IP and isinstance(node.left, ir.Field):
            return self._address(node, node.right)
        right = self._literal(node.right, kind, node.left)
        if right is node.right:
            return node
        return ir.Compare(node.operator, node.left, right, node.case, span=node.span)

    def _membership(self, node: ir.Membership) -> Condition:
        kind = type_of(node.value)
        if kind is FieldType.IP and isinstance(node.value, ir.Field):
            networks = [self._network(choice, node.value) for choice in node.choices]
            read = tuple(network for network in networks if network is not None)
            return (
                ir.NetworkMatch(node.value, read, span=node.span, compared=True) if read else node
            )
        if kind in _PLAIN:
            return node
        choices = tuple([self._literal(choice, kind, node.value) for choice in node.choices])
        if all(new is old for new, old in zip(choices, node.choices, strict=True)):
            return node
        return ir.Membership(node.value, choices, node.case, span=node.span)

    # --- addresses ----------------------------------------------------------------------------

    def _address(self, node: ir.Compare, literal: Literal) -> Condition:
        if node.operator is Comparison.EQUAL:
            network = self._network(literal, node.left)
            if network is None:
                return node
            return ir.NetworkMatch(node.left, (network,), span=node.span, compared=True)
        text = literal.value if isinstance(literal, ir.Text) else ""
        try:
            parse_address(text)
        except ValueError:
            self._unfit(literal, FieldType.IP, node.left, "write one address")
        return node

    def _network(self, literal: Literal, value: Value) -> Network | None:
        if not isinstance(literal, ir.Text):
            self._unfit(literal, FieldType.IP, value, "write an address as a string")
            return None
        try:
            return Network.parse(literal.value)
        except NetworkError as error:
            self._report.add(invalid_network(literal.value, str(error), span=literal.span))
            return None

    # --- other types --------------------------------------------------------------------------

    def _literal(self, literal: Literal, kind: FieldType | None, value: Value) -> Literal:
        """`literal` as a value of `kind`; itself, and a diagnostic, where it is none."""
        if kind is None:
            return literal
        try:
            new = self._read(literal, kind, literal.span)
        except _UnfitError as error:
            self._unfit(literal, kind, value, str(error))
            return literal
        if new is not literal and not isinstance(value, ir.Field):
            # Nothing reads the constant for a computed value, which is never equal to it.
            self._unfit(literal, kind, value, "write a constant of the type of the left side")
            return literal
        if new is not literal and (not isinstance(new, ir.Instant) or _is_year(literal)):
            found, taken = describe(literal), describe(new)
            warning = literal_converted(found, taken, kind.value, span=literal.span)
            self._say(warning, literal.span, value.span)
        return new

    def _unfit(self, literal: Literal, kind: FieldType, value: Value, tip: str) -> None:
        places = literal.span, value.span
        found = describe(literal)
        tip = self._hyphens.get(value.span.start, tip)
        error = literal_does_not_fit(found, kind.value, tip, span=places[0], of=places[1])
        self._say(error, *places)

    def _read(self, literal: Literal, kind: FieldType, span: Span) -> Literal:
        if kind in _PLAIN or kind is FieldType.VERSION:
            if isinstance(literal, ir.Text):
                return literal
            value = value_of(literal)
            return ir.Text("null" if value is None else text_of(value), span=span)
        if kind.is_number:
            return _number(literal, span)
        if kind is FieldType.BOOLEAN:
            return _boolean(literal, span)
        if kind.is_date:
            return self._instant(literal, span)
        return literal

    def _instant(self, literal: Literal, span: Span) -> Literal:
        if isinstance(literal, ir.Instant):
            return literal
        if not isinstance(literal, ir.Text | ir.Integer):
            message = 'write a date, as in `"2026-01-01T00:00:00Z"`'
            raise _UnfitError(message)
        text = str(literal.value)
        if is_arithmetic(text):
            self._report.add(date_arithmetic(text, span=span))
            return literal
        try:
            return ir.Instant(parse_instant(text), text, span=span)
        except ValueError:
            message = 'write a date, as in `"2026-01-01T00:00:00Z"`'
            raise _UnfitError(message) from None


_ATOMS = (ir.Field, *LITERALS)
_PLAIN = frozenset({FieldType.KEYWORD, FieldType.TEXT})


def _bare(value: Value) -> str | None:
    """A name without dots, which may be a text that lacks its quotes."""
    return value.name if isinstance(value, ir.Field) and "." not in value.name else None


def _is_year(literal: Literal) -> bool:
    """`2026-01-01` without quotes is a difference, whose result is read as a year."""
    return isinstance(literal, ir.Integer) and 0 <= literal.value < 10_000


def _constant_in_capitals(*sides: Value) -> ir.Field | None:
    """`True` and `NULL`, which are field names in EQL."""
    for side in sides:
        if isinstance(side, ir.Field) and side.name.lower() in {"true", "false", "null"}:
            return side
    return None


def _number(literal: Literal, span: Span) -> Literal:
    if isinstance(literal, ir.Integer | ir.Decimal):
        return literal
    number = number_of(literal.value) if isinstance(literal, ir.Text) else None
    if number is None:
        message = "write a number"
        raise _UnfitError(message)
    return (
        ir.Integer(number, span=span) if isinstance(number, int) else ir.Decimal(number, span=span)
    )


def _boolean(literal: Literal, span: Span) -> Literal:
    if isinstance(literal, ir.Boolean):
        return literal
    if isinstance(literal, ir.Text) and literal.value in {"true", "false"}:
        return ir.Boolean(literal.value == "true", span=span)
    message = "write `true` or `false`"
    raise _UnfitError(message)
