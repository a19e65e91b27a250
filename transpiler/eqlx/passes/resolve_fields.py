"""The pass `resolve_fields`: every field gets its type from the schema (spec §2, §13.3).

    process where process.pid == 4                      process.pid
    process where process.pid == 4                      process.pid: long

- Of a field that a closed schema does not know, `?f` is null; without the `?` it is a field that no
  event has, and a note says so.
- An open schema takes an unknown field for a mapped one with one value, with the same note (a
  warning where the name looks like a known one). It is a
  keyword, unless the rule compares it with numbers, booleans or networks only.
- `string(f)` on a keyword is `f` (spec §13.14).
- A field of a type that EQL cannot use is an error.
"""

from __future__ import annotations

from typing import cast

from eqlx.diagnostics.catalogue.fields import misspelt_field, unknown_field
from eqlx.diagnostics.catalogue.lint import HYPHENATED
from eqlx.diagnostics.catalogue.typing import unsupported_field_type
from eqlx.fields.schema import FieldInfo
from eqlx.ir.nodes import Call, Field, Filter, Function, Null, Query, Stage
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LITERALS, Node, map_children
from eqlx.passes.context import Context
from eqlx.passes.usage import types_by_usage

_CONSTANTS = frozenset({"true", "false", "null"})
"""In capitals they are field names, which nobody means."""


def resolve_fields(query: Query, context: Context) -> Query:
    """`query` without unresolved fields."""
    return cast("Query", _Resolver(query, context).node(query))


class _Resolver:
    def __init__(self, query: Query, context: Context) -> None:
        self._query = query
        self._schema = context.schema
        self._report = context.report
        self._infos: dict[str, FieldInfo | None] = {}
        self._unknown: dict[str, FieldInfo] = {}
        self._usage: dict[str, FieldType] | None = None

    def node(self, node: Node) -> Node:
        if isinstance(node, LITERALS):
            return node
        if isinstance(node, Field):
            if node.optional and self._schema.closed and self._lookup(node.name) is None:
                return Null(span=node.span)
            return self._resolved(node)
        if isinstance(node, Stage):
            return self._stage(node)
        mapped = map_children(node, self.node)
        if isinstance(mapped, Call) and mapped.function is Function.STRING:
            inner = mapped.arguments[0]
            if isinstance(inner, Field) and inner.type is FieldType.KEYWORD:
                return inner
        return mapped

    def _stage(self, node: Stage) -> Stage:
        """Join keys stay fields, whatever the schema says of them: null is a value of a key."""
        inner = cast("Filter", map_children(node.filter, self.node))
        keys = tuple(self._resolved(key) for key in node.keys)
        return Stage(inner, keys, node.runs, node.missing, span=node.span)

    def _lookup(self, name: str) -> FieldInfo | None:
        if name not in self._infos:
            self._infos[name] = self._schema.lookup(name)
        return self._infos[name]

    def _resolved(self, field: Field) -> Field:
        info = self._lookup(field.name) or self._unknown.get(field.name) or self._taken(field)
        if info.type is FieldType.UNSUPPORTED:
            self._report.add(unsupported_field_type(field.name, span=field.span))
        return Field(field.name, field.optional, info.type, info.multivalued, span=field.span)

    def _taken(self, field: Field) -> FieldInfo:
        """What an unknown field is taken for, with a note at its first place."""
        from eqlx.fields.nearest import is_misspelling, nearest

        if self._usage is None:
            self._usage = types_by_usage(self._query, self._schema)
        info = FieldInfo(self._usage.get(field.name, FieldType.KEYWORD))
        self._unknown[field.name] = info
        if self._is_part_of_name(field):
            return info
        word = field.name.lower()
        names = (word,) if word in _CONSTANTS else nearest(field.name, self._schema.names())
        sure = [other for other in names if is_misspelling(field.name, other)]
        say, near = (misspelt_field, sure) if sure else (unknown_field, names)
        self._report.add(say(field.name, near, info.type.value, span=field.span))
        return info

    def _is_part_of_name(self, field: Field) -> bool:
        """Whether it was said already that the field is part of a name with hyphens."""
        return any(
            d.code == HYPHENATED and d.span and d.span.start <= field.span.start < d.span.end
            for d in self._report
        )
