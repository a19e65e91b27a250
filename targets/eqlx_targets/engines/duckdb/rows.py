"""Parquet files as documents: where their columns do not say by themselves what an event holds.

In place, a column is a field. That is not enough for maps, for strings that hold JSON, for times that are
numbers of another unit than milliseconds or strings that may not be readable, for raw records that a pack
recognises, and for Parquet beside JSON. Such files are copied, one event a line, and read as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from duckdb import Expression, SQLExpression
from duckdb.sqltypes import DuckDBPyType
from sqlglot import exp

from eqlx.events import Compression, FileKind
from eqlx.events.times import TimeUnit, unit_of
from eqlx.execution import DatasetError, ExecutionError
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.table import TableShape
from eqlx.packs.model import Pack
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.files import Opened
from eqlx_targets.engines.duckdb.parquet import FILE, FILE_ROW, kind_of, read_files
from eqlx_targets.sql.columns import Kind, layout_of, shape_of
from eqlx_targets.sql.conversion import FLOATS, INTEGERS

_SAMPLE = 1_000
"""Rows of which the values tell whether a column of strings holds JSON."""
_ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$"
)


def needs_documents(
    files: Sequence[Opened],
    connection: Connection,
    model: EventModel,
    packs: Sequence[Pack],
    *,
    own_form: bool,
) -> bool:
    """Whether the files' columns must be taken apart to be events. `own_form`: their times may be in a form
    of their own.

    Raises:
        DatasetError: a file is broken, or the files' columns do not fit together.
    """
    path = files[0].path if len(files) == 1 else None
    try:
        with connection.within_bounds():
            columns = _columns(files, connection)
            if own_form and str(columns.get(model.timestamp)) in (*INTEGERS, "VARCHAR"):
                return True
            if [str(kind) for kind in columns.values()] == ["JSON"]:
                return False  # a layout of its own
            if any("MAP(" in str(kind) for kind in columns.values()):
                return True
            names = set(
                layout_of({name: kind_of(kind) for name, kind in columns.items()})[0].columns or ()
            )
            if model.category not in names and any(
                all(".".join(keys) in names for keys in shape.has)
                for pack in packs
                for shape in pack.shapes
            ):
                return True
            return bool(_json_columns(files, connection, columns)) or _times_need_it(
                files, connection, columns, model.timestamp
            )
    except ExecutionError as error:
        raise DatasetError(str(error), path, advice=error.advice) from error


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
            columns = dict(zip(source.columns, source.types, strict=True))
            kinds = {name: kind_of(kind) for name, kind in columns.items()}
            if file.is_parquet:
                kinds |= dict.fromkeys(_json_columns([file], connection, columns), Kind("JSON"))
            return shape_of(kinds, is_guessed=not file.is_parquet)
    except ExecutionError as error:
        raise DatasetError(str(error), file.path, advice=error.advice) from error


def as_lines(files: Sequence[Opened], connection: Connection) -> list[Opened]:
    """The files, those of Parquet as copies with one event a line.

    Raises:
        DatasetError: a file is broken.
    """
    return [
        _copied(file, number, connection) if file.is_parquet else file
        for number, file in enumerate(files)
    ]


def _copied(file: Opened, number: int, connection: Connection) -> Opened:
    copy = file.scratch / f"{number}.{file.path.name}.rows.ndjson"
    try:
        with connection.within_bounds():
            columns = _columns([file], connection)
            texts = _json_columns([file], connection, columns)
            source, _ = read_files([file], connection)
            target = exp.Literal.string(str(copy)).sql("duckdb")
            if texts and len(columns) == 1:  # the column is the whole event
                made = source.project(*(SQLExpression(f"json({_quoted(name)})") for name in texts))
                form = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"
            else:
                made = source.project(*(_written(name, name in texts) for name in columns))
                form = "FORMAT json"
            made.query("eqlx_rows", f"COPY (FROM eqlx_rows) TO {target} ({form})")
    except ExecutionError as error:
        raise DatasetError(str(error), file.path, advice=error.advice) from error
    lines = replace(file.file, path=copy, kind=FileKind.LINES, compression=Compression.NONE)
    return replace(file, file=lines, readable=copy)


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def _written(name: str, is_json: bool) -> Expression:  # noqa: FBT001 - one of two forms
    quoted = _quoted(name)
    if not is_json:
        return SQLExpression(quoted).alias(name)
    # What is no JSON stays the string that it is.
    made = f"CASE WHEN json_valid({quoted}) THEN CAST({quoted} AS JSON) ELSE to_json({quoted}) END"
    return SQLExpression(made).alias(name)


def _columns(files: Sequence[Opened], connection: Connection) -> dict[str, DuckDBPyType]:
    source, _ = read_files(files, connection)
    pairs = zip(source.columns, source.types, strict=True)
    return {name: kind for name, kind in pairs if name not in (FILE, FILE_ROW)}


def _json_columns(
    files: Sequence[Opened], connection: Connection, columns: dict[str, DuckDBPyType]
) -> frozenset[str]:
    """The columns of strings in which every value of the first rows is an object of JSON, or an array.

    A field that ECS knows as a value stays one, so that `message` may hold JSON.
    """
    texts = [
        name
        for name, kind in columns.items()
        if str(kind) == "JSON" or (str(kind) == "VARCHAR" and CATALOGUE.lookup(name) is None)
    ]
    if not texts:
        return frozenset()
    _, read = read_files(files, connection)
    tests = [
        (
            f"count({q}) > 0 AND count({q}) = count(*) FILTER (json_type(TRY_CAST({q} AS JSON))"
            " IN ('OBJECT', 'ARRAY'))"
        )
        for q in map(_quoted, texts)
    ]
    [found] = connection.raw.execute(
        f"SELECT {', '.join(tests)} FROM (SELECT * FROM {read} LIMIT {_SAMPLE})"  # noqa: S608 - printed trees
    ).fetchall()
    return frozenset(name for name, is_json in zip(texts, found, strict=True) if is_json)


def _times_need_it(
    files: Sequence[Opened],
    connection: Connection,
    columns: dict[str, DuckDBPyType],
    timestamp: str,
) -> bool:
    """Whether the times are numbers of another unit, or strings of which some may not be readable."""
    kind = str(columns.get(timestamp, ""))
    if kind not in (*INTEGERS, *FLOATS, "VARCHAR"):
        return False
    _, read = read_files(files, connection)
    time = _quoted(timestamp)
    if kind != "VARCHAR":
        [(least, greatest)] = connection.raw.execute(
            f"SELECT min({time}), max({time}) FROM {read}"  # noqa: S608 - printed trees
        ).fetchall()
        return unit_of(least, greatest) is not TimeUnit.MILLISECONDS
    [(is_iso,)] = connection.raw.execute(
        f"SELECT coalesce(bool_and(regexp_matches({time}, ?)), true) FROM {read}",  # noqa: S608
        [_ISO],
    ).fetchall()
    return not is_iso
