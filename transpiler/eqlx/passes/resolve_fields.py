"""The pass `resolve_fields`: every field gets its type from the schema (spec §2, §13.3).

    process where process.pid == 4                      process.pid
    process where process.pid == 4                      process.pid: long

- Of a field that a closed schema does not know, `?f` is null; without the `?` it is a keyword that
  no event has, and a note says so.
- An open schema takes an unknown field for a mapped keyword, with the same note.
- `string(f)` on a keyword is `f` (spec §13.14).
- A field of a type that EQL cannot use is an error.
"""

from __future__ import annotations

from typing import cast

from eqlx.diagnostics.catalogue.fields import unknown_field
from eqlx.diagnostics.catalogue.typing import network_of_unknown_field, unsupported_field_type
from eqlx.fields.schema import FieldInfo
from eqlx.ir.nodes import Call, Field, Function, NetworkMatch, Null, Query, Stage, Value
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LITERALS, Node, map_children
from eqlx.passes.context import Context


def resolve_fields(query: Query, context: Context) -> Query:
    """`query` without unresolved fields."""
    return cast("Query", _Resolver(context).node(query))


class _Resolver:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen: dict[tuple[str, bool], FieldInfo | None] = {}

    def node(self, node: Node) -> Node:
        if isinstance(node, LITERALS):
            return node
        if isinstance(node, Field):
            return self._value(node)
        if isinstance(node, Stage):
            return self._stage(node)
        if isinstance(node, NetworkMatch) and isinstance(node.value, Field):
            return self._network(node, node.value)
        mapped = map_children(node, self.node)
        if isinstance(mapped, Call) and mapped.function is Function.STRING:
            inner = mapped.arguments[0]
            if isinstance(inner, Field) and inner.type is FieldType.KEYWORD:
                return inner
        return mapped

    def _stage(self, node: Stage) -> Stage:
        """Join keys stay fields, whatever the schema says of them: null is a value of a key."""
        stage_filter = map_children(node.filter, self.node)
        keys = tuple(self._resolved(key, FieldType.KEYWORD) for key in node.keys)
        return cast(
            "Stage",
            Stage(stage_filter, keys, node.runs, node.missing, span=node.span),  # type: ignore[arg-type]  # a Filter maps to a Filter
        )

    def _network(self, node: NetworkMatch, field: Field) -> NetworkMatch:
        """`cidrMatch` takes ip fields only, so an unknown field in it must be one."""
        if field.name != "" and self._lookup(field) is None and not self._is_null(field):
            self._context.report.add(network_of_unknown_field(field.name, span=field.span))
            value: Value = self._typed(field, FieldInfo(FieldType.IP))
        else:
            value = self._value(field)
        return NetworkMatch(value, node.networks, span=node.span)

    def _value(self, field: Field) -> Field | Null:
        if field.optional and self._is_null(field):
            return Null(span=field.span)
        return self._resolved(field, FieldType.KEYWORD)

    def _is_null(self, field: Field) -> bool:
        schema = self._context.schema
        return field.optional and schema.closed and self._lookup(field) is None

    def _resolved(self, field: Field, otherwise: FieldType) -> Field:
        info = self._lookup(field)
        if info is None:
            return self._typed(field, FieldInfo(otherwise))
        if info.type is FieldType.UNSUPPORTED:
            self._context.report.add(unsupported_field_type(field.name, span=field.span))
        return self._typed(field, info)

    def _typed(self, field: Field, info: FieldInfo) -> Field:
        return Field(field.name, field.optional, info.type, info.multivalued, span=field.span)

    def _lookup(self, field: Field) -> FieldInfo | None:
        """What the schema says; the note about an unknown name is given once a name."""
        key = (field.name, field.optional)
        if key in self._seen:
            return self._seen[key]
        schema = self._context.schema
        info = self._seen[key] = schema.lookup(field.name)
        if info is None and not (field.optional and schema.closed):
            from eqlx.fields.nearest import nearest

            names = nearest(field.name, schema.names())
            self._context.report.add(unknown_field(field.name, names, span=field.span))
        return info
