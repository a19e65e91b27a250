"""A table of DuckDB as a table of ClickHouse, its types and values kept."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from eqlx.execution import DatasetError
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
    """The name of ClickHouse's table.

    Raises:
        DatasetError: a column is of a type that is not copied.
        ExecutionError: an engine failed.
    """
    target = f"{connection.database}.{TABLE}"
    name = exp.to_identifier(table, quoted=True).sql("duckdb")
    with reader.within_bounds():
        described = reader.raw.execute(f"DESCRIBE {name}").fetchall()
        columns = ", ".join(
            f"{_quoted(column)} {clickhouse_type(exp.DataType.build(kind, dialect='duckdb'))}"
            for column, kind, *_ in described
        )
        file = scratch / "copied.ndjson"
        rows = reader.raw.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 - quoted
        reader.raw.execute(f"COPY (FROM {name}) TO {_text(str(file))} (FORMAT json)")
    connection.execute(f"CREATE TABLE {target} ({columns}) ENGINE = Memory")
    if rows and rows[0]:
        source = f"file({_text(str(file))}, JSONEachRow, {_text(columns)})"
        connection.execute(f"INSERT INTO {target} SELECT * FROM {source} SETTINGS {_READING}")  # noqa: S608
    return target


def clickhouse_type(kind: exp.DataType) -> str:
    """The type in ClickHouse: every value but lists and structs may be NULL."""
    name = kind.this.value if isinstance(kind.this, exp.DataType.Type) else str(kind.this)
    if name in ("ARRAY", "LIST"):
        return f"Array({clickhouse_type(kind.expressions[0])})"
    if name == "STRUCT":
        members = (f"{_quoted(m.name)} {clickhouse_type(m.args['kind'])}" for m in kind.expressions)
        return f"Tuple({', '.join(members)})"
    if name not in _TYPES:
        message = f"a column is of DuckDB's type `{kind.sql('duckdb')}`, which is not copied to ClickHouse"
        raise DatasetError(message)
    return f"Nullable({_TYPES[name]})"


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("clickhouse")


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("clickhouse")
