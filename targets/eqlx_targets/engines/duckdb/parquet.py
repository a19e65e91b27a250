"""Parquet files searched in place: a view with the files' own columns and a row number."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    Expression,
    SQLExpression,
    StarExpression,
)
from duckdb.sqltypes import DuckDBPyType
from sqlglot import exp

from eqlx.execution import DatasetError, Event, ExecutionError
from eqlx.fields.table import TableShape
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.files import Opened
from eqlx_targets.engines.duckdb.tables import TABLE, Loaded, free
from eqlx_targets.sql.columns import Kind, fields_of, layout_of, shape_of

_FILE = "eqlx_file"
_FILE_ROW = "file_row_number"


def load_parquet(files: Sequence[Opened], connection: Connection) -> Loaded:
    """Make the view; nothing is read but the files' footers.

    Raises:
        DatasetError: a file is broken, or the files' columns do not fit together.
    """
    names = [str(file.readable) for file in files]
    try:
        with connection.within_bounds():
            read = _files(names).sql("duckdb")
            source = connection.raw.sql(f"SELECT * FROM {read}")  # noqa: S608 - a printed tree
            columns = dict(zip(source.columns, source.types, strict=True))
            own = {n: kind for n, kind in columns.items() if n not in (_FILE, _FILE_ROW)}
            layout, made = layout_of({name: kind_of(each) for name, each in own.items()})
            row = free("_row", {**columns, **made})
            starts = _starts(connection, names)
            number = _row_number(starts).alias(row)
            star = StarExpression(exclude=[_FILE, _FILE_ROW])
            added = [SQLExpression(tree.sql("duckdb")).alias(name) for name, tree in made.items()]
            source.project(number, star, *added).create_view(TABLE)
    except ExecutionError as error:
        path = files[0].path if len(files) == 1 else None
        raise DatasetError(str(error), path, advice=error.advice) from error
    return Loaded(
        fields_of(layout),
        layout,
        row,
        lambda rows: _documents(connection, read, starts, rows),
        in_place=tuple(file.readable for file in files),
    )


def describe(file: Opened, connection: Connection) -> TableShape:
    """The table that DuckDB reads out of a file by its name alone.

    Raises:
        DatasetError: the file is broken.
    """
    if file.is_parquet:
        named = exp.Table(
            this=exp.ReadParquet(expressions=[exp.Literal.string(str(file.readable))])
        )
    else:
        function = exp.Anonymous(
            this="read_json_auto", expressions=[exp.Literal.string(str(file.readable))]
        )
        named = exp.Table(this=function)
    try:
        with connection.within_bounds():
            source = connection.raw.sql(exp.select("*").from_(named).sql("duckdb"))
            kinds = zip(source.columns, map(kind_of, source.types), strict=True)
            return shape_of(dict(kinds), is_guessed=not file.is_parquet)
    except ExecutionError as error:
        raise DatasetError(str(error), file.path, advice=error.advice) from error


def kind_of(found: DuckDBPyType) -> Kind:
    """A type of DuckDB, as `sql` takes it apart."""
    if found.id in ("list", "array"):
        child = found.children[0][1]
        assert isinstance(child, DuckDBPyType)  # noqa: S101 - only enums have other children
        return Kind(str(found), kind_of(child))
    if found.id == "struct":
        pairs = ((name, kind) for name, kind in found.children if isinstance(kind, DuckDBPyType))
        return Kind("STRUCT", members=tuple((name, kind_of(kind)) for name, kind in pairs))
    return Kind(str(found))


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


def _starts(connection: Connection, names: Sequence[str]) -> list[tuple[int, str]]:
    """How many rows lie before each file, and its name."""
    counts = dict(
        connection.raw.execute(
            "SELECT file_name, num_rows FROM parquet_file_metadata(?)", [list(names)]
        ).fetchall()
    )
    before = accumulate((counts[name] for name in names), initial=0)
    return list(zip(before, names, strict=False))


def _row_number(starts: Sequence[tuple[int, str]]) -> Expression:
    """From 1 over all files in order."""
    in_file = ColumnExpression(_FILE_ROW)
    if len(starts) == 1:
        return in_file + ConstantExpression(1)
    case: Expression | None = None
    for before, name in starts:
        here = ColumnExpression(_FILE) == ConstantExpression(name)
        number = in_file + ConstantExpression(before + 1)
        case = CaseExpression(here, number) if case is None else case.when(here, number)
    assert case is not None  # noqa: S101 - there is at least one file
    return case


def _documents(
    connection: Connection, source: str, starts: Sequence[tuple[int, str]], rows: Sequence[int]
) -> dict[int, Event]:
    """The documents of some rows, read by their places in the files: where there are few, DuckDB reads
    the parts of the files that hold them and no others. `starts`: the rows before each file."""
    found: dict[int, Event] = {}
    by_file: dict[int, list[int]] = {}
    for row in dict.fromkeys(rows):
        by_file.setdefault(bisect_left(starts, (row, "")) - 1, []).append(row)
    for number, listed in by_file.items():
        before, name = starts[number]
        with connection.within_bounds():
            texts = connection.raw.execute(
                f"SELECT to_json(eqlx_event) FROM {source} AS eqlx_event"  # noqa: S608 - names of ours
                f" WHERE {_FILE} = ? AND {_FILE_ROW} IN (SELECT unnest(?::BIGINT[]))",
                [name, [row - before - 1 for row in listed]],
            ).fetchall()
        for (text,) in texts:
            document = json.loads(text)
            del document[_FILE]
            found[document.pop(_FILE_ROW) + before + 1] = document
    return found
