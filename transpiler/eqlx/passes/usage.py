"""What a query's own use of a field says of its type, for fields that no schema knows.

Elasticsearch knows the types of all fields; without them, `custom.port in (80, 443)` can only mean a
number, and `cidrMatch(custom.address, …)` only an address.
"""

from __future__ import annotations

from collections.abc import Iterator

from eqlx.fields.schema import Schema
from eqlx.ir import nodes as ir
from eqlx.ir.nodes import Query, Value
from eqlx.ir.types import FieldType
from eqlx.ir.walk import Node, walk

_LITERALS: dict[type[Value], FieldType] = {
    ir.Text: FieldType.KEYWORD,
    ir.Integer: FieldType.LONG,
    ir.Decimal: FieldType.DOUBLE,
    ir.Boolean: FieldType.BOOLEAN,
}


def types_by_usage(query: Query, schema: Schema) -> dict[str, FieldType]:
    """Field name to the one type that all its uses agree on; what is not there is used as text, in
    several ways, or in none that says anything."""
    found: dict[str, set[FieldType]] = {}
    for node, _, _ in walk(query):
        for field, kind in _uses(node):
            found.setdefault(field.name, set()).add(kind)
        if isinstance(node, ir.Sequence | ir.Sample):
            for name, kind in _joined(node, schema):
                found.setdefault(name, set()).add(kind)
    agreed = {name: _agreed(kinds) for name, kinds in found.items()}
    return {name: kind for name, kind in agreed.items() if kind is not None}


def _agreed(kinds: set[FieldType]) -> FieldType | None:
    if len(kinds) == 1:
        return next(iter(kinds))
    return FieldType.DOUBLE if all(kind.is_number for kind in kinds) else None


def _uses(node: Node) -> Iterator[tuple[ir.Field, FieldType]]:
    match node:
        case ir.Compare():
            yield from _compared(node.left, node.right)
            yield from _compared(node.right, node.left)
        case ir.Membership():
            for choice in node.choices:
                yield from _compared(node.value, choice)
        case ir.NetworkMatch(value=ir.Field() as field):
            yield field, FieldType.IP
        case ir.Arithmetic():
            for side, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(side, ir.Field):
                    yield side, _LITERALS.get(type(other), FieldType.LONG)
        case ir.Negation(value=ir.Field() as field):
            yield field, FieldType.LONG
        case ir.Like(value=ir.Field() as field) | ir.RegexMatch(value=ir.Field() as field):
            yield field, FieldType.KEYWORD
        case ir.TextMatch():
            for side in (node.value, node.text):
                if isinstance(side, ir.Field):
                    yield side, FieldType.KEYWORD
        case _:
            pass


def _compared(value: Value, literal: Value) -> Iterator[tuple[ir.Field, FieldType]]:
    kind = _LITERALS.get(type(literal))
    if isinstance(value, ir.Field) and kind is not None:
        yield value, kind


def _joined(query: ir.Sequence | ir.Sample, schema: Schema) -> Iterator[tuple[str, FieldType]]:
    """A key has the type of the known keys that it joins with."""
    for column in zip(*(stage.keys for stage in query.stages), strict=False):
        infos = [schema.lookup(key.name) for key in column]
        known = next((info for info in infos if info is not None), None)
        if known is not None:
            yield from ((key.name, known.type) for key in column)
