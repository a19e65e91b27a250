"""Parquet files searched in place: a view with the files' own columns and a row number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    Expression,
    SQLExpression,
    StarExpression,
)
from sqlglot import exp

from eqlx.execution import DatasetError, Event, ExecutionError
from eqlx.fields.layout import Layout
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.files import Opened
from eqlx_targets.engines.duckdb.parquet_columns import layout_of
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
            own = {n: kind for n, kind in columns.items() if n not in (_FILE, _FILE_ROW)}
            layout, made = layout_of(own)
            row = free("_row", {**columns, **made})
            number = _row_number(connection, names).alias(row)
            star = StarExpression(exclude=[_FILE, _FILE_ROW])
            added = [SQLExpression(tree.sql("duckdb")).alias(name) for name, tree in made.items()]
            source.project(number, star, *added).create_view(TABLE)
    except ExecutionError as error:
        raise DatasetError(str(error), files[0].path if len(files) == 1 else None) from error
    return Loaded(
        FieldList(_types(layout)),
        layout,
        row,
        lambda rows: _documents(connection, rows, row, made),
        in_place=tuple(file.readable for file in files),
    )


def _files(names: Sequence[str]) -> exp.Table:
    """`read_parquet([…], file_row_number = true, …)`."""
    settings = (
        ("file_row_number", exp.true()),
        ("filename", exp.Literal.string(_FILE)),
        ("union_by_name", exp.true()),
        # The names of folders would go before the events' own fields.
        ("hive_partitioning", exp.false()),
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


def _documents(
    connection: Connection, rows: Sequence[int], row: str, made: Iterable[str]
) -> dict[int, Event]:
    if not rows:
        return {}
    with connection.within_bounds():
        listed = connection.raw.execute(
            f"SELECT to_json(eqlx_event) FROM {TABLE} AS eqlx_event"  # noqa: S608 - names of ours
            f" WHERE {row} IN (SELECT unnest(?::BIGINT[]))",
            [list(dict.fromkeys(rows))],
        ).fetchall()
    documents = [json.loads(text) for (text,) in listed]
    for document in documents:
        for name in made:
            document.pop(name, None)
    return {document.pop(row): document for document in documents}
