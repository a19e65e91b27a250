"""A table of DuckDB as a view of Spark over Parquet, its types and values kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from eqlx_targets.engines.duckdb.connection import Connection as Reader

_KEPT = frozenset(
    [
        "VARCHAR",
        "TEXT",
        "BOOLEAN",
        "TINYINT",
        "SMALLINT",
        "INT",
        "BIGINT",
        "FLOAT",
        "DOUBLE",
        "DATE",
        "TIMESTAMPTZ",
    ]
)
_OTHER = {
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINT": "BIGINT",
    "UBIGINT": "DECIMAL(20, 0)",
    "INT128": "DECIMAL(38, 0)",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMPNTZ": "TIMESTAMP",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP",
}
"""By sqlglot's name of a type of DuckDB: the type to write. Spark has six digits of the second."""


def copy_table(reader: Reader, table: str, session: Any, scratch: Path, name: str) -> None:  # noqa: ANN401
    """Make the view `name`.

    Raises:
        ExecutionError: DuckDB failed.
    """
    source = _quoted(table)
    file = scratch / "copied.parquet"
    with reader.within_bounds():
        described = reader.raw.execute(f"DESCRIBE {source}").fetchall()
        written = ", ".join(_written(column, kind) for column, kind, *_ in described)
        target = exp.Literal.string(str(file)).sql("duckdb")
        reader.raw.execute(f"COPY (SELECT {written} FROM {source}) TO {target} (FORMAT parquet)")  # noqa: S608
    session.read.parquet(str(file)).createOrReplaceTempView(name)


def _written(column: str, kind: str) -> str:
    """A column, cast where Spark has no such type; what has no counterpart becomes text."""
    try:
        wanted = _type(exp.DataType.build(kind, dialect="duckdb"))
    except SqlglotError:
        wanted = "VARCHAR"
    name = _quoted(column)
    return f"CAST({name} AS {wanted}) AS {name}"


def _type(kind: exp.DataType) -> str:
    name = str(kind.this.value if isinstance(kind.this, exp.DataType.Type) else kind.this)
    if name in ("ARRAY", "LIST"):
        return f"{_type(kind.expressions[0])}[]"
    if name == "STRUCT":
        members = (f"{_quoted(m.name)} {_type(m.args['kind'])}" for m in kind.expressions)
        return f"STRUCT({', '.join(members)})"
    if name == "TIMESTAMPTZ":
        return "TIMESTAMP WITH TIME ZONE"
    if name in _KEPT or name == "DECIMAL":
        return str(kind.sql("duckdb"))
    return _OTHER.get(name, "VARCHAR")


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")
