"""A table of DuckDB as a table of ClickHouse, its types and values kept."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp
from sqlglot.errors import SqlglotError

from eqlx_targets.engines.clickhouse.connection import Connection
from eqlx_targets.engines.duckdb.connection import Connection as Reader

TABLE = "events"
_TYPES = {
    "VARCHAR": "String",
    "TEXT": "String",
    "JSON": "String",
    "UUID": "String",
    "BOOLEAN": "Bool",
    "TINYINT": "Int8",
    "SMALLINT": "Int16",
    "INT": "Int32",
    "BIGINT": "Int64",
    "INT128": "Int256",
    "UTINYINT": "UInt8",
    "USMALLINT": "UInt16",
    "UINT": "UInt32",
    "UBIGINT": "UInt64",
    "UINT128": "UInt256",
    "FLOAT": "Float32",
    "DOUBLE": "Float64",
    "DATE": "Date32",
    "TIMESTAMP": "DateTime64(6, 'UTC')",
    "TIMESTAMPNTZ": "DateTime64(6, 'UTC')",
    "TIMESTAMPTZ": "DateTime64(6, 'UTC')",
    "TIMESTAMP_S": "DateTime64(6, 'UTC')",
    "TIMESTAMP_MS": "DateTime64(6, 'UTC')",
    "TIMESTAMP_NS": "DateTime64(9, 'UTC')",
}
"""By sqlglot's name of a type of DuckDB."""
_READING = "precise_float_parsing = 1, date_time_input_format = 'best_effort'"


def copy_table(reader: Reader, table: str, connection: Connection, scratch: Path) -> str:
    """The name of ClickHouse's table. It is a view over one with other names of columns: in a table,
    lists named `a.b` and `a.c` would be parts of one `Nested`, of one length.

    Raises:
        ExecutionError: an engine failed.
    """
    target, stored = f"{connection.database}.{TABLE}", f"{connection.database}.stored"
    name = exp.to_identifier(table, quoted=True).sql("duckdb")
    with reader.within_bounds():
        described = reader.raw.execute(f"DESCRIBE {name}").fetchall()
        own = [f"c{number}" for number, _ in enumerate(described)]
        copied = [_copied(shown, kind) for shown, kind, *_ in described]
        columns = ", ".join(
            f"{column} {kind}" for column, (_, kind) in zip(own, copied, strict=True)
        )
        renamed = ", ".join(
            f"{value} AS {column}" for column, (value, _) in zip(own, copied, strict=True)
        )
        file = scratch / "copied.ndjson"
        rows = reader.raw.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 - quoted
        reader.raw.execute(
            f"COPY (SELECT {renamed} FROM {name}) TO {_text(str(file))} (FORMAT json)"  # noqa: S608
        )
    connection.execute(f"CREATE TABLE {stored} ({columns}) ENGINE = Memory")
    if rows and rows[0]:
        source = f"file({_text(str(file))}, JSONEachRow, {_text(columns)})"
        connection.execute(f"INSERT INTO {stored} SELECT * FROM {source} SETTINGS {_READING}")  # noqa: S608
    shown_as = ", ".join(
        f"{column} AS {_quoted(shown)}" for column, (shown, *_) in zip(own, described, strict=True)
    )
    connection.execute(f"CREATE VIEW {target} AS SELECT {shown_as} FROM {stored}")  # noqa: S608
    return target


def _copied(name: str, kind: str) -> tuple[str, str]:
    """A column of DuckDB as it is written, and its type in ClickHouse. What has no type there is
    written as text, which is all that queries read of it."""
    value = _quoted(name, "duckdb")
    try:
        return value, clickhouse_type(exp.DataType.build(kind, dialect="duckdb"))
    except (UncopiedError, SqlglotError):
        return f"CAST({value} AS VARCHAR)", "Nullable(String)"


class UncopiedError(Exception):
    """ClickHouse has no type for values of a column."""


def clickhouse_type(kind: exp.DataType) -> str:
    """The type in ClickHouse: every value but lists and structs may be NULL.

    Raises:
        UncopiedError: there is none.
    """
    name = kind.this.value if isinstance(kind.this, exp.DataType.Type) else str(kind.this)
    if name in ("ARRAY", "LIST"):
        return f"Array({clickhouse_type(kind.expressions[0])})"
    if name == "STRUCT":
        members = (f"{_quoted(m.name)} {clickhouse_type(m.args['kind'])}" for m in kind.expressions)
        return f"Tuple({', '.join(members)})"
    if name == "DECIMAL":
        return f"Nullable({kind.sql('duckdb').replace('DECIMAL', 'Decimal')})"
    if name not in _TYPES:
        raise UncopiedError(name)
    return f"Nullable({_TYPES[name]})"


def _quoted(name: str, dialect: str = "clickhouse") -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect)


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("clickhouse")
