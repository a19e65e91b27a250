"""DuckDB's spelling: reserved words, column types per field type, and conversions between them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from eqlx.ir.types import FieldType

NAME = "duckdb"

RESERVED = frozenset(
    """
    all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by
    case cast check collate collation column columns concurrently constraint create cross
    current_catalog current_date current_role current_time current_timestamp current_user default
    deferrable desc describe distinct do else end except false fetch for foreign freeze from full
    generated glob grant group having ilike in initially inner intersect into is isnull join lambda
    lateral leading left like limit localtime localtimestamp map natural not notnull null offset on
    only or order outer overlaps pivot pivot_longer pivot_wider placing positional primary qualify
    references returning right select semi session_user show similar some struct summarize symmetric
    table tablesample then to trailing true try_cast tuple union unique unpack unpivot user using
    variadic verbose when where window with
    """.split()
)
"""Words that cannot stand unquoted as a name (`duckdb_keywords()`, reserved and type-function,
and those that sqlglot quotes)."""

ANONYMOUS = frozenset({"epoch_ns", "strlen", "list_reduce", "suffix", "error", "list_distinct"})
"""Functions that sqlglot has no class for and that generated queries may call."""

COLUMN_TYPES = {
    FieldType.UNRESOLVED: "VARCHAR",
    FieldType.KEYWORD: "VARCHAR",
    FieldType.TEXT: "VARCHAR",
    FieldType.LONG: "BIGINT",
    FieldType.UNSIGNED_LONG: "UBIGINT",
    FieldType.DOUBLE: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "TIMESTAMP",
    FieldType.DATE_NANOS: "TIMESTAMP_NS",
    FieldType.IP: "VARCHAR",
    FieldType.VERSION: "VARCHAR",
    FieldType.UNSUPPORTED: "VARCHAR",
}
"""The element type of a field's column where the data is not known."""

INTEGERS = frozenset(
    "TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT HUGEINT UHUGEINT".split()
)
FLOATS = frozenset({"FLOAT", "DOUBLE"})
ZONED = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"})
PLAIN_TIMESTAMPS = frozenset(
    {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE", "DATETIME"}
)

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def identifier(name: str) -> exp.Identifier:
    """A name, quoted unless it is plain lower-case ASCII and no reserved word."""
    quoted = not _PLAIN.match(name) or name in RESERVED
    return exp.to_identifier(name, quoted=quoted)


def dotted(parts: Sequence[str]) -> exp.Expression:
    """`a.b.c` as a column reference with struct access."""
    first, *rest = [identifier(part) for part in parts]
    column: exp.Expression = exp.Column(this=first)
    if not rest:
        return column
    column = exp.Column(this=rest[0], table=first)
    if len(rest) >= 2:
        column = exp.Column(this=rest[1], table=rest[0], db=first)
    if len(rest) >= 3:
        column = exp.Column(this=rest[2], table=rest[1], db=rest[0], catalog=first)
    for part in rest[3:]:
        column = exp.Dot(this=column, expression=part)
    return column


def convert(value: exp.Expression, real: str, wanted: FieldType) -> exp.Expression:
    """`value`, of the real type `real`, as what a field of type `wanted` holds.

    A text that does not read as a number, date or boolean becomes NULL: such a value is not
    indexed, so it does not exist for EQL (spec §5 "Missing also means").
    """
    real = real.upper()
    if wanted.is_date:
        return _instant(value, real)
    if wanted.is_number:
        return _number(value, real, wanted)
    if wanted is FieldType.BOOLEAN:
        if real == "BOOLEAN":
            return value
        return exp.case(_text(value, real)).when("'true'", exp.true()).when("'false'", exp.false())
    return _text(value, real)


def _text(value: exp.Expression, real: str) -> exp.Expression:
    return value if real == "VARCHAR" else exp.cast(value, "VARCHAR")


def _number(value: exp.Expression, real: str, wanted: FieldType) -> exp.Expression:
    if real in INTEGERS or real in FLOATS or real.startswith("DECIMAL"):
        return value
    return exp.TryCast(this=value, to=exp.DataType.build(COLUMN_TYPES[wanted]), safe=True)


def _instant(value: exp.Expression, real: str) -> exp.Expression:
    """A timestamp without zone, in UTC. Numbers are milliseconds since 1970."""
    if real in PLAIN_TIMESTAMPS:
        return value if real != "DATE" else exp.cast(value, "TIMESTAMP")
    if real in INTEGERS or real in FLOATS:
        milliseconds = exp.cast(value, "BIGINT") if real in FLOATS else value
        return exp.UnixToTime(
            this=exp.Mul(this=milliseconds, expression=exp.Literal.number(1000)),
            scale=exp.Literal.number(6),
        )
    if real not in ZONED:
        value = exp.TryCast(this=value, to=exp.DataType.build("TIMESTAMPTZ"), safe=True)
    return exp.AtTimeZone(this=value, zone=exp.Literal.string("UTC"))
