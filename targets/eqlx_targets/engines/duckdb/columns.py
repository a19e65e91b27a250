"""Typed columns from JSON documents: one SELECT expression a field, built with DuckDB's own trees.

Fields that lie alike in every document come out of one `from_json` a row. The others (now a scalar,
now an array; nested here, dotted there; in arrays of objects) are gathered step by step.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    Expression,
    LambdaExpression,
)
from duckdb import FunctionExpression as Function

from eqlx.events.forms import TimeForms
from eqlx.events.times import TimeUnit
from eqlx.fields.layout import Column
from eqlx.fields.schema import FieldInfo
from eqlx_targets.engines.duckdb.shapes import Place, element_type

MACROS = (
    """CREATE MACRO eqlx_step(found, path) AS
    list_transform(found, LAMBDA x : json_extract(x, path))""",
    """CREATE MACRO eqlx_open(found) AS flatten(list_transform(found, LAMBDA x :
    CASE json_type(x) WHEN 'ARRAY' THEN from_json(x, '["JSON"]') ELSE [x] END))""",
    # As often as `n` says; the tree of SQL stays small.
    """CREATE MACRO eqlx_open_all(found, n) AS list_reduce(
    list_concat([found], list_transform(range(n), LAMBDA i : []::JSON[])),
    LAMBDA opened, nothing : eqlx_open(opened))""",
    """CREATE MACRO eqlx_scalars(found) AS list_transform(
    list_filter(found, LAMBDA x : json_type(x) NOT IN ('NULL', 'OBJECT', 'ARRAY')),
    LAMBDA x : x ->> '$')""",
)
"""Fixed texts; nothing of the data's goes into them."""

STRUCTURE = "structure"
"""The column that holds what `from_json` gives for `plain_structure`."""


MAX_STRUCT_DEPTH = 64
"""Deeper values are read by their path: DuckDB's structs, and trees of SQL, nest no deeper."""

_NOT_NULL = LambdaExpression("x", ColumnExpression("x").isnotnull())


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A field's column and the places of the documents that it is read from.

    `text_type`: what the JSON values are, where `column` holds timestamps made from them; numbers
    among them count in `unit`. `forms`: those that strings among them may have beside Elasticsearch's.
    """

    name: str
    column: Column
    places: tuple[Place, ...]
    plain: bool
    text_type: str | None = None
    unit: TimeUnit = TimeUnit.MILLISECONDS
    forms: TimeForms | None = None


def field_columns(
    fields: Mapping[str, Sequence[Place]], types: Mapping[str, FieldInfo], wide: Container[str]
) -> list[FieldColumn]:
    """One column a field; `plain` ones fit together into one structure for `from_json`."""
    taken: dict[tuple[str, ...], tuple[str, ...]] = {}
    columns = []
    for name, places in fields.items():
        kinds = {kind for place in places for kind in place.kinds}
        kind = element_type(kinds, wide=name in wide)
        if kinds <= {"UBIGINT", "BIGINT", "DOUBLE"} and "DOUBLE" in kinds:
            # Whole and broken numbers: text keeps both exact where the field is not a number.
            kind_of = types[name].type
            kind = "DOUBLE" if kind_of.is_number or kind_of.is_date else "VARCHAR"
        plain = len(places) == 1 and places[0].is_plain and _claim(places[0].keys, taken)
        is_list = len(places) > 1 or any(any(place.depths) for place in places)
        columns.append(FieldColumn(name, Column(kind, is_list), tuple(places), plain))
    return columns


def _claim(keys: tuple[str, ...], taken: dict[tuple[str, ...], tuple[str, ...]]) -> bool:
    """Whether the keys can all be struct fields: not empty, not too many, and apart from others
    without case."""
    if len(keys) > MAX_STRUCT_DEPTH:
        return False
    folded = tuple(key.lower() for key in keys)
    prefixes = [(folded[:end], keys[:end]) for end in range(1, len(keys) + 1)]
    if not all(keys) or any(taken.get(low, exact) != exact for low, exact in prefixes):
        return False
    taken.update(prefixes)
    return True


def plain_structure(columns: Sequence[FieldColumn]) -> str:
    """What to ask of `from_json` for the plain columns, as JSON."""
    structure: dict[str, object] = {}
    for column in columns:
        if column.plain:
            keys = column.places[0].keys
            node = structure
            for key in keys[:-1]:
                child = node.setdefault(key, {})
                assert isinstance(child, dict)  # noqa: S101 - a plain place is never also an object
                node = child
            kind = column.text_type or column.column.type
            node[keys[-1]] = [kind] if column.column.is_list else kind
    return json.dumps(structure)


def expression(column: FieldColumn, document: str) -> Expression:
    """The column's values: typed, without nulls, NULL where there are none."""
    if column.plain:
        value: Expression = ColumnExpression(STRUCTURE)
        for key in column.places[0].keys:
            value = Function("struct_extract", value, ConstantExpression(key))
        if not column.column.is_list:
            return value
        return _none_if_empty(Function("list_filter", value, _NOT_NULL))
    texts = gathered(column, document)
    kind = column.text_type or column.column.type
    if column.column.is_list:
        return _none_if_empty(texts.cast(f"{kind}[]"))
    return Function("list_extract", texts, ConstantExpression(1)).cast(kind)


def gathered(column: FieldColumn, document: str) -> Expression:
    """The list of the column's JSON scalars in a document, as texts."""
    if column.plain and not column.column.is_list:
        pointer = "".join(map(_pointer, column.places[0].keys))
        text = Function(
            "json_extract_string", ColumnExpression(document), ConstantExpression(pointer)
        )
        return Function("list_filter", Function("list_value", text), _NOT_NULL)
    lists = [_gather(place, document) for place in column.places]
    return Function(
        "eqlx_scalars", lists[0] if len(lists) == 1 else Function("list_concat", *lists)
    )


def _gather(place: Place, document: str) -> Expression:
    found: Expression = Function("list_value", ColumnExpression(document))
    pointer = ""
    for key, depth in zip(place.keys, place.depths, strict=True):
        pointer += _pointer(key)
        if depth:
            found = _opened(_step(found, pointer), depth)
            pointer = ""
    return _step(found, pointer) if pointer else found


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _step(found: Expression, pointer: str) -> Expression:
    return Function("eqlx_step", found, ConstantExpression(pointer))


def _opened(found: Expression, depth: int) -> Expression:
    if depth > 1:
        return Function("eqlx_open_all", found, ConstantExpression(depth))
    return Function("eqlx_open", found)


def _none_if_empty(values: Expression) -> Expression:
    some = Function("len", values) > ConstantExpression(0)
    return CaseExpression(some, values)
