"""The table that queries search over JSON events: typed columns in one of the layouts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from duckdb import ColumnExpression, ConstantExpression, Expression, LambdaExpression, SQLExpression
from duckdb import FunctionExpression as Function
from sqlglot import exp

from eqlx.execution import DatasetError, Event, ExecutionError
from eqlx.fields.layout import Column, Layout, LayoutKind
from eqlx.fields.schema import FieldInfo, FieldList, Schema
from eqlx.ir.types import FieldType
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb import columns as duckdb_columns
from eqlx_targets.engines.duckdb.columns import FieldColumn
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.files import Opened, find_broken_line
from eqlx_targets.engines.duckdb.shapes import MIXED, Place, Shapes
from eqlx_targets.sql.dialects.duckdb import convert

TABLE = "events"
TIMESTAMP = "TIMESTAMP_NS"
_DOCUMENTS = "documents"
_DOCUMENT = "json"
_JSON_COLUMN = "event"
_NOT_FINITE = r"(?i)[:,\[]\s*-?(?:nan|inf)"
"""DuckDB takes `NaN` and `Infinity` for numbers; JSON does not know them."""
_KINDS = {
    "UBIGINT": FieldType.LONG,
    "BIGINT": FieldType.LONG,
    "DOUBLE": FieldType.DOUBLE,
    "BOOLEAN": FieldType.BOOLEAN,
}


@dataclass(frozen=True)
class Loaded:
    """What a session needs to know. `in_place`: files that queries still read."""

    schema: Schema
    layout: Layout
    row: str
    documents: Callable[[Sequence[int]], Mapping[int, Event]]
    in_place: tuple[Path, ...] = ()
    table: str = TABLE


def load_json(
    files: Sequence[Opened], connection: Connection, kind: LayoutKind | None, model: EventModel
) -> Loaded:
    """Read the documents, find their shapes, and lay them out in columns.

    The timestamp becomes a timestamp column; every other column holds its JSON values without loss.

    Raises:
        DatasetError: a line is broken; names that differ in case only under a forced layout.
    """
    _read_documents(files, connection)
    try:
        fields = _shapes(connection).fields()
    except RecursionError as error:
        message = "an event is nested too deeply"
        raise DatasetError(message) from error
    types = field_types(fields)
    columns = duckdb_columns.field_columns(fields, types, wide=_has_wide_numbers(connection))
    row = free("_row", fields)
    kind = _kind(kind, columns)
    if kind is not LayoutKind.JSON:
        columns = [
            _timed(column) if column.name == model.timestamp else column for column in columns
        ]
    _create_table(connection, kind, columns, row)
    return Loaded(
        FieldList(types),
        _layout(kind, columns),
        row,
        lambda rows: _documents(connection, rows),
    )


def _read_documents(files: Sequence[Opened], connection: Connection) -> None:
    database = connection.raw
    try:
        database.execute(f"CREATE TABLE {_DOCUMENTS} ({_DOCUMENT} JSON)")
        if not files:
            return
        names = [str(file.readable) for file in files if file.readable.stat().st_size]
        if not names:
            return
        with connection.within_bounds():
            database.execute(
                f"INSERT INTO {_DOCUMENTS} SELECT json FROM read_ndjson_objects(?)",  # noqa: S608 - constants
                [names],
            )
            odd = database.execute(
                f"SELECT bool_or(json_type({_DOCUMENT}) <> 'OBJECT'),"  # noqa: S608 - constants
                f" bool_or(regexp_matches({_DOCUMENT}::VARCHAR, ?)) FROM {_DOCUMENTS}",
                [_NOT_FINITE],
            ).fetchone()
    except ExecutionError as error:
        raise find_broken_line(files) or DatasetError(str(error)) from error
    if odd is not None and any(odd) and (fault := find_broken_line(files)) is not None:
        raise fault


def _shapes(connection: Connection) -> Shapes:
    shapes = Shapes()
    mark = f'"{MIXED}"'
    with connection.within_bounds():
        structures = connection.raw.execute(
            f"SELECT s, min(row) FROM (SELECT rowid AS row,"  # noqa: S608 - constants
            f" json_structure({_DOCUMENT})::VARCHAR AS s FROM {_DOCUMENTS})"
            " GROUP BY s ORDER BY 2"
        ).fetchall()
        for structure, _ in structures:
            if mark not in structure:
                shapes.add_structure(structure)
        if all(mark not in structure for structure, _ in structures):
            return shapes
        mixed = connection.raw.execute(
            f"SELECT {_DOCUMENT} FROM {_DOCUMENTS}"  # noqa: S608 - constants
            f" WHERE contains(json_structure({_DOCUMENT})::VARCHAR, '{mark}')"
        )
        while batch := mixed.fetchmany(1000):
            for (document,) in batch:
                shapes.add_document(document)
    return shapes


def _has_wide_numbers(connection: Connection) -> bool:
    """Whether a whole number may need more than 64 signed bits (digits in texts count too)."""
    found = connection.raw.execute(
        f"SELECT 1 FROM {_DOCUMENTS} WHERE regexp_matches({_DOCUMENT}::VARCHAR, '[0-9]{{19}}') LIMIT 1"  # noqa: S608 - constants
    ).fetchone()
    return found is not None


def field_types(fields: Mapping[str, Sequence[Place]]) -> dict[str, FieldInfo]:
    """The catalogue's type where it knows the name, else what the JSON types say."""
    from eqlx.fields.catalogue import CATALOGUE

    types = {}
    for name, places in fields.items():
        kinds = {kind for place in places for kind in place.kinds}
        several = len(places) > 1 or any(any(place.depths) for place in places)
        known = CATALOGUE.lookup(name)
        found = {_KINDS.get(kind, FieldType.KEYWORD) for kind in kinds}
        if found == {FieldType.LONG, FieldType.DOUBLE}:
            found = {FieldType.DOUBLE}
        guess = found.pop() if len(found) == 1 else FieldType.KEYWORD
        types[name] = FieldInfo(known.type if known else guess, several)
    return types


def free(name: str, taken: Mapping[str, object]) -> str:
    """`name`, with underscores after it until no column has that name."""
    used = {other.lower() for other in taken}
    while name in used:
        name += "_"
    return name


def _kind(wanted: LayoutKind | None, columns: Sequence[FieldColumn]) -> LayoutKind:
    """The layout to use; columns cannot tell `Process` from `process`, nor be struct and value."""
    names = [column.name.lower() for column in columns]
    clash = len(set(names)) < len(names)
    nests = {name[:at] for name in names for at, c in enumerate(name) if c == "."}
    if wanted is LayoutKind.NESTED:
        clash = clash or bool(nests & set(names)) or any("" in c.name.split(".") for c in columns)
    else:
        clash = clash or "" in names
    return LayoutKind.JSON if clash else wanted or LayoutKind.FLAT


def _layout(kind: LayoutKind, columns: Sequence[FieldColumn]) -> Layout:
    if kind is LayoutKind.JSON:
        texts = {c.name: Column("VARCHAR", c.column.is_list) for c in columns}
        return Layout(kind, texts, json_column=_JSON_COLUMN)
    return Layout(kind, {c.name: c.column for c in columns})


def _create_table(
    connection: Connection, kind: LayoutKind, columns: Sequence[FieldColumn], row: str
) -> None:
    for macro in duckdb_columns.MACROS:
        connection.raw.execute(macro)
    number = (ColumnExpression("rowid") + ConstantExpression(1)).alias(row)
    documents = connection.raw.table(_DOCUMENTS)
    with connection.within_bounds():
        if kind is LayoutKind.JSON:
            event = ColumnExpression(_DOCUMENT).alias(_JSON_COLUMN)
            documents.project(number, event).create_view(TABLE)
            return
        structure = duckdb_columns.plain_structure(columns)
        parsed: Expression = ConstantExpression(None)
        if any(column.plain for column in columns):
            document = ColumnExpression(_DOCUMENT)
            parsed = Function("from_json", document, ConstantExpression(structure))
        source = documents.project(
            number, ColumnExpression(_DOCUMENT), parsed.alias(duckdb_columns.STRUCTURE)
        )
        values = [_value(column).alias(column.name) for column in columns]
        table = source.project(ColumnExpression(row), *values)
        if kind is LayoutKind.NESTED:
            table = table.project(ColumnExpression(row), *nested([c.name for c in columns]))
        table.create(TABLE)


def _timed(column: FieldColumn) -> FieldColumn:
    if column.column.is_list:
        return column
    return replace(column, column=Column(TIMESTAMP, is_list=False), text_type=column.column.type)


def _value(column: FieldColumn) -> Expression:
    """The column's values; a timestamp by the same conversion that queries use."""
    value = duckdb_columns.expression(column, _DOCUMENT)
    if column.text_type is None:
        return value
    bound = exp.to_identifier("v")
    converted = convert(bound, column.text_type, FieldType.DATE)
    listed = Function("list_value", value)
    lambda_ = LambdaExpression("v", SQLExpression(converted.sql("duckdb")))
    instant = Function(
        "list_extract", Function("list_transform", listed, lambda_), ConstantExpression(1)
    )
    return instant.cast(TIMESTAMP)


def nested(names: Sequence[str]) -> list[Expression]:
    """Flat columns as one column a first name, structs below."""
    tree: dict[str, object] = {}
    for name in names:
        *outer, last = name.split(".")
        node = tree
        for key in outer:
            child = node.setdefault(key, {})
            assert isinstance(child, dict)  # noqa: S101 - `_kind` refused a field that is also an object
            node = child
        # Not ColumnExpression: some versions of DuckDB take the dots in its name for a path.
        column = exp.column(exp.to_identifier(name, quoted=True))
        node[last] = SQLExpression(column.sql("duckdb"))
    return [_struct(child).alias(name) for name, child in tree.items()]


def _struct(node: object) -> Expression:
    if isinstance(node, Expression):
        return node
    assert isinstance(node, dict)  # noqa: S101 - built by `nested`
    members = [_struct(child).alias(name) for name, child in node.items()]
    return Function("struct_pack", *members)


def _documents(connection: Connection, rows: Sequence[int]) -> dict[int, Event]:
    with connection.within_bounds():
        found = connection.raw.execute(
            f"SELECT rowid + 1, {_DOCUMENT} FROM {_DOCUMENTS}"  # noqa: S608 - constants
            " WHERE rowid IN (SELECT unnest(?::BIGINT[]) - 1)",
            [list(dict.fromkeys(rows))],
        ).fetchall()
    return {row: json.loads(document) for row, document in found}
