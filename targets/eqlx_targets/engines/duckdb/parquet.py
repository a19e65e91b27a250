"""Parquet files searched in place: a view with the files' own columns and a row number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    Expression,
    StarExpression,
)
from duckdb.sqltypes import DuckDBPyType
from sqlglot import exp

from eqlx.execution import DatasetError, Event, ExecutionError
from eqlx.fields.layout import Column, Layout, LayoutKind
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.files import Opened
from eqlx_targets.engines.duckdb.tables import TABLE, Loaded, free

_FILE = "eqlx_file"
_FILE_ROW = "file_row_number"
_TYPES = {
    "boolean": FieldType.BOOLEAN,
    "double": FieldType.DOUBLE,
    "float": FieldType.DOUBLE,
    "date": FieldType.DATE,
    "timestamp": FieldType.DATE,
    "timestamp with time zone": FieldType.DATE,
    "timestamp_s": FieldType.DATE,
    "timestamp_ms": FieldType.DATE,
    "timestamp_ns": FieldType.DATE_NANOS,
    "ubigint": FieldType.UNSIGNED_LONG,
}
_INTEGERS = ("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger")


def load_parquet(files: Sequence[Opened], connection: Connection) -> Loaded:
    """Make the view; nothing is read but the files' footers.

    Raises:
        DatasetError: a file is broken, or the files' columns do not fit together.
    """
    names = [str(file.readable) for file in files]
    try:
        with connection.within_bounds():
            source = connection.raw.sql(exp.select("*").from_(_files(names)).sql("duckdb"))
            columns = dict(zip(source.columns, source.types, strict=True))
            row = free("_row", columns)
            number = _row_number(connection, names).alias(row)
            own = StarExpression(exclude=[_FILE, _FILE_ROW])
            source.project(number, own).create_view(TABLE)
    except ExecutionError as error:
        raise DatasetError(str(error), files[0].path if len(files) == 1 else None) from error
    own_columns = {name: kind for name, kind in columns.items() if name not in (_FILE, _FILE_ROW)}
    layout = _layout(own_columns)
    return Loaded(
        FieldList(_types(layout)),
        layout,
        row,
        lambda rows: _documents(connection, rows, row),
        in_place=tuple(file.readable for file in files),
    )


def _files(names: Sequence[str]) -> exp.Table:
    """`read_parquet([…], file_row_number = true, …)`."""
    settings = (
        ("file_row_number", exp.true()),
        ("filename", exp.Literal.string(_FILE)),
        ("union_by_name", exp.true()),
    )
    listed = exp.Array(expressions=[exp.Literal.string(name) for name in names])
    named = [exp.EQ(this=exp.column(name), expression=value) for name, value in settings]
    return exp.Table(this=exp.ReadParquet(expressions=[listed, *named]))


def _row_number(connection: Connection, names: Sequence[str]) -> Expression:
    """From 1 over all files in order."""
    counts = dict(
        connection.raw.execute(
            "SELECT file_name, num_rows FROM parquet_file_metadata(?)", [list(names)]
        ).fetchall()
    )
    in_file = ColumnExpression(_FILE_ROW)
    if len(names) == 1:
        return in_file + ConstantExpression(1)
    before = 0
    case: Expression | None = None
    for name in names:
        here = ColumnExpression(_FILE) == ConstantExpression(name)
        number = in_file + ConstantExpression(before + 1)
        case = CaseExpression(here, number) if case is None else case.when(here, number)
        before += counts[name]
    assert case is not None  # noqa: S101 - there is at least one file
    return case


def _layout(columns: Mapping[str, DuckDBPyType]) -> Layout:
    """Nested where there are structs, JSON where one JSON column is all there is, else flat."""
    texts = [name for name, kind in columns.items() if str(kind) == "JSON"]
    if len(columns) == 1 and texts:
        return Layout(LayoutKind.JSON, None, json_column=texts[0])
    found: dict[str, Column] = {}
    for name, kind in columns.items():
        _collect(name, kind, found, is_list=False)
    nested = any(_element(kind).id == "struct" for kind in columns.values())
    return Layout(LayoutKind.NESTED if nested else LayoutKind.FLAT, found)


def _collect(name: str, kind: DuckDBPyType, found: dict[str, Column], *, is_list: bool) -> None:
    """A struct's members by dotted name; a list of structs under its own name too (`Scope`)."""
    if kind.id == "list":
        inner = _element(kind)
        if inner.id == "struct":
            found[name] = Column("STRUCT", is_list=True)
        _collect(name, inner, found, is_list=True)
    elif kind.id == "struct":
        for member, child in kind.children:
            assert isinstance(child, DuckDBPyType)  # noqa: S101 - only enums have other children
            _collect(f"{name}.{member}", child, found, is_list=is_list)
    else:
        found[name] = Column(str(kind), is_list)


def _element(kind: DuckDBPyType) -> DuckDBPyType:
    if kind.id != "list":
        return kind
    child = kind.children[0][1]
    assert isinstance(child, DuckDBPyType)  # noqa: S101 - only enums have other children
    return child


def _types(layout: Layout) -> dict[str, FieldInfo]:
    """The catalogue's type where it knows the name, else the column's."""
    from eqlx.fields.catalogue import CATALOGUE

    types = {}
    for name, column in (layout.columns or {}).items():
        if column.type == "STRUCT":
            continue
        known = CATALOGUE.lookup(name)
        word = column.type.lower()
        guess = FieldType.LONG if word in _INTEGERS else _TYPES.get(word, FieldType.KEYWORD)
        if word.startswith("decimal"):
            guess = FieldType.DOUBLE
        types[name] = FieldInfo(known.type if known else guess, column.is_list)
    return types


def _documents(connection: Connection, rows: Sequence[int], row: str) -> dict[int, Event]:
    if not rows:
        return {}
    with connection.within_bounds():
        listed = connection.raw.execute(
            f"SELECT to_json(eqlx_event) FROM {TABLE} AS eqlx_event"  # noqa: S608 - names of ours
            f" WHERE {row} IN (SELECT unnest(?::BIGINT[]))",
            [list(dict.fromkeys(rows))],
        ).fetchall()
    documents = (json.loads(text) for (text,) in listed)
    return {document.pop(row): document for document in documents}
