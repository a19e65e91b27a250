"""Parquet files searched in place: a view with the files' own columns and a row number."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from urllib.parse import unquote

from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    DuckDBPyRelation,
    Expression,
    SQLExpression,
    StarExpression,
)
from duckdb.sqltypes import DuckDBPyType
from sqlglot import exp

from eqlx.events.times import Times, TimeUnit
from eqlx.execution import DatasetError, Event, ExecutionError
from eqlx.fields.layout import Layout
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.files import Opened
from eqlx_targets.engines.duckdb.tables import TABLE, Loaded, free
from eqlx_targets.sql.columns import Kind, fields_of, layout_of

FILE = "eqlx_file"
FILE_ROW = "file_row_number"
_KEY = re.compile(r"[A-Za-z_@][\w.@]*")
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def load_parquet(files: Sequence[Opened], connection: Connection, timestamp: str) -> Loaded:
    """Make the view; nothing is read but the files' footers.

    Raises:
        DatasetError: a file is broken, or the files' columns do not fit together.
    """
    names = [str(file.readable) for file in files]
    try:
        with connection.within_bounds():
            source, read = read_files(files, connection)
            columns = dict(zip(source.columns, source.types, strict=True))
            own = {n: kind for n, kind in columns.items() if n not in (FILE, FILE_ROW)}
            layout, made = layout_of({name: kind_of(each) for name, each in own.items()})
            row = free("_row", {**columns, **made})
            starts = _starts(connection, names)
            number = _row_number(starts).alias(row)
            star = StarExpression(exclude=[FILE, FILE_ROW])
            added = [SQLExpression(tree.sql("duckdb")).alias(name) for name, tree in made.items()]
            source.project(number, star, *added).create_view(TABLE)
            times = _times(connection, timestamp, own, layout)
    except ExecutionError as error:
        path = files[0].path if len(files) == 1 else None
        raise DatasetError(str(error), path, advice=error.advice) from error
    return Loaded(
        fields_of(layout),
        layout,
        row,
        lambda rows: _documents(connection, read, starts, rows),
        in_place=tuple(file.readable for file in files),
        times=times,
    )


def _times(
    connection: Connection, name: str, own: Mapping[str, DuckDBPyType], layout: Layout
) -> Times | None:
    """How many events have a time; None where it lies inside of another column, and nobody has looked."""
    if name not in own and (layout.columns is None or name in layout.columns):
        return None
    counted = (
        exp.Count(this=exp.column(name, quoted=True)) if name in own else exp.Literal.number(0)
    )
    select = exp.select("count(*)", counted).from_(TABLE)
    [(events, present)] = connection.raw.execute(select.sql("duckdb")).fetchall()
    return Times(name, TimeUnit.MILLISECONDS, events, present, present)


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


def read_files(files: Sequence[Opened], connection: Connection) -> tuple[DuckDBPyRelation, str]:
    """The files' rows, with `FILE`, `FILE_ROW` and what the names of folders say (`host=a`) where no column
    is called so; and what stands behind FROM for them."""
    read = _files([str(file.readable) for file in files]).sql("duckdb")
    source = connection.raw.sql(f"SELECT * FROM {read}")  # noqa: S608 - a printed tree
    taken = {name.lower() for name in source.columns}
    added = {
        name: values for name, values in _partitions(files).items() if name.lower() not in taken
    }
    if not added:
        return source, read
    columns = [f"{_case(values)} AS {_quoted(name)}" for name, values in added.items()]
    read = f"(SELECT *, {', '.join(columns)} FROM {read})"  # noqa: S608 - printed trees
    return connection.raw.sql(f"SELECT * FROM {read}"), read  # noqa: S608 - printed trees


def _partitions(files: Sequence[Opened]) -> dict[str, dict[str, list[str]]]:
    """The keys in the names of the files' folders: values, and the files that have them."""
    found: dict[str, dict[str, list[str]]] = {}
    for file in files:
        for part in file.path.parts[:-1]:
            key, mark, value = part.partition("=")
            if mark and _KEY.fullmatch(key) and value != _NULL_PARTITION:
                values = found.setdefault(key, {})
                values.setdefault(unquote(value), []).append(str(file.readable))
    return found


def _case(values: Mapping[str, Sequence[str]]) -> str:
    """The value of a row by its file."""
    case = exp.Case()
    for value, names in values.items():
        listed = [exp.Literal.string(name) for name in names]
        test = exp.In(this=exp.column(FILE), expressions=listed)
        case = case.when(test, exp.Literal.string(value), copy=False)
    return case.sql("duckdb")


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def _files(names: Sequence[str]) -> exp.Table:
    """`read_parquet([…], file_row_number = true, …)`."""
    settings = (
        ("file_row_number", exp.true()),
        ("filename", exp.Literal.string(FILE)),
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
    in_file = ColumnExpression(FILE_ROW)
    if len(starts) == 1:
        return in_file + ConstantExpression(1)
    case: Expression | None = None
    for before, name in starts:
        here = ColumnExpression(FILE) == ConstantExpression(name)
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
                f" WHERE {FILE} = ? AND {FILE_ROW} IN (SELECT unnest(?::BIGINT[]))",
                [name, [row - before - 1 for row in listed]],
            ).fetchall()
        for (text,) in texts:
            document = json.loads(text)
            del document[FILE]
            found[document.pop(FILE_ROW) + before + 1] = document
    return found
