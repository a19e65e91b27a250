"""The fields that a query reads: conditions, keys, and the roles that EQL needs."""

from __future__ import annotations

from collections.abc import Iterator

from eqlx.fields.schema import FieldInfo, Schema
from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType
from eqlx.ir.walk import walk
from eqlx.target import EventModel


def fields_of(query: ir.Query, schema: Schema, model: EventModel) -> dict[str, FieldInfo]:
    """Name to type, in the order of names. What the schema does not know is a keyword, unless it
    plays a role that says more (`@timestamp` is a date)."""
    found = dict(_roles(schema, model))
    for node, *_ in walk(query):
        if isinstance(node, ir.Field):
            known = schema.lookup(node.name)
            kind = node.type if known is None else known.type
            if kind is FieldType.UNRESOLVED:
                kind = FieldType.KEYWORD
            found.setdefault(node.name, FieldInfo(kind, node.multivalued))
    return dict(sorted(found.items()))


def _roles(schema: Schema, model: EventModel) -> Iterator[tuple[str, FieldInfo]]:
    roles = {model.timestamp: FieldType.DATE, model.category: FieldType.KEYWORD}
    if model.tiebreaker is not None:
        roles[model.tiebreaker] = FieldType.LONG
    for name, kind in roles.items():
        yield name, schema.lookup(name) or FieldInfo(kind)
