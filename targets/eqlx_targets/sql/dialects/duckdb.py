"""DuckDB's spelling: reserved words, column types per field type, and conversions between them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from eqlx.ir.types import FieldType
from eqlx_targets.sql.expressions import cast, fill, text, try_cast

NAME = "duckdb"

RESERVED = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "anti",
        "any",
        "array",
        "as",
        "asc",
        "asof",
        "asymmetric",
        "at",
        "authorization",
        "binary",
        "both",
        "by",
        "case",
        "cast",
        "check",
        "collate",
        "collation",
        "column",
        "columns",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_catalog",
        "current_date",
        "current_role",
        "current_time",
        "current_timestamp",
        "current_user",
        "default",
        "deferrable",
        "desc",
        "describe",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "false",
        "fetch",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "generated",
        "glob",
        "grant",
        "group",
        "having",
        "ilike",
        "in",
        "initially",
        "inner",
        "intersect",
        "into",
        "is",
        "isnull",
        "join",
        "lambda",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "localtime",
        "localtimestamp",
        "map",
        "natural",
        "not",
        "notnull",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "overlaps",
        "pivot",
        "pivot_longer",
        "pivot_wider",
        "placing",
        "positional",
        "primary",
        "qualify",
        "references",
        "returning",
        "right",
        "select",
        "semi",
        "session_user",
        "show",
        "similar",
        "some",
        "struct",
        "summarize",
        "symmetric",
        "table",
        "tablesample",
        "then",
        "to",
        "trailing",
        "true",
        "try_cast",
        "tuple",
        "union",
        "unique",
        "unpack",
        "unpivot",
        "user",
        "using",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
    ]
)
"""Words that cannot stand unquoted as a name (`duckdb_keywords()`, reserved and type-function,
and those that sqlglot quotes)."""

ANONYMOUS = frozenset(
    [
        "error",
        "hex",
        "isinf",
        "isnan",
        "json_extract",
        "json_extract_string",
        "length",
        "list_count",
        "list_reduce",
        "ltrim",
        "make_timestamp_ns",
        "printf",
        "regexp_escape",
        "strlen",
        "suffix",
        "trunc",
        "epoch_ns",
        "epoch_ms",
        "epoch_us",
    ]
)
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
    [
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "HUGEINT",
        "UHUGEINT",
    ]
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


def dotted(parts: Sequence[str]) -> exp.Expr:
    """`a.b.c` as a column reference with struct access."""
    first, *rest = [identifier(part) for part in parts]
    column: exp.Expr = exp.Column(this=first)
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


def convert(value: exp.Expr, real: str, wanted: FieldType) -> exp.Expr:
    """`value`, of the real type `real`, as what a field of type `wanted` holds.

    A text that does not read as a number, date or boolean becomes NULL: such a value is not
    indexed, so it does not exist for EQL (spec §5 "Missing also means").
    """
    real = real.upper()
    if wanted.is_date:
        return _instant(value, real)
    if wanted.is_integer:
        return _integer(value, real, wanted)
    if wanted is FieldType.DOUBLE:
        if real in INTEGERS or real in FLOATS or real.startswith("DECIMAL"):
            return value
        return fill(_DOUBLE, v=_text(value, real), number=text(_NUMBER))
    if wanted is FieldType.BOOLEAN:
        return value if real == "BOOLEAN" else fill(_BOOLEAN, v=_text(value, real))
    return _text(value, real)


def converted_type(real: str, wanted: FieldType) -> str:
    """The type of what `convert` gives."""
    real = real.upper()
    if wanted.is_date:
        numeric = real in INTEGERS or real in FLOATS
        kept = real if real.startswith("TIMESTAMP_") else "TIMESTAMP"
        known = numeric or real in ZONED or real in PLAIN_TIMESTAMPS
        return kept if known else "TIMESTAMP_NS"
    if wanted.is_number and (real in INTEGERS or real in FLOATS or real.startswith("DECIMAL")):
        fits = real in INTEGERS and _fits(real, wanted)
        return real if wanted is FieldType.DOUBLE or fits else COLUMN_TYPES[wanted]
    return COLUMN_TYPES[wanted]


def milliseconds(time: exp.Expr, *, nanoseconds: bool) -> exp.Expr:
    """Whole milliseconds since 1970, by floor (spec §9.6), of a time of any `TIMESTAMP` type.

    `epoch_ms` alone rounds in DuckDB 2, and fails on `TIMESTAMP_NS`, `_MS` and `_S` in 2.0.1.
    `nanoseconds`: the time is a `TIMESTAMP_NS`, which `date_trunc` would round to microseconds
    first. Integer division is towards zero, so before 1970 a remainder is one millisecond more.
    """
    form = _MILLISECONDS_OF_NANOSECONDS if nanoseconds else _MILLISECONDS
    return fill(form, time=time)


_MILLISECONDS = "epoch_ms(date_trunc('milliseconds', $time))"
_MILLISECONDS_OF_NANOSECONDS = (
    "(epoch_ns($time) // 1000000 - CASE WHEN epoch_ns($time) % 1000000 < 0 THEN 1 ELSE 0 END)"
)
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?"
_DOUBLE = "CASE WHEN regexp_full_match($v, $number) THEN nullif(abs(TRY_CAST($v AS DOUBLE)), CAST('inf' AS DOUBLE)) * CASE WHEN starts_with($v, '-') THEN -1 ELSE 1 END END"
_BOOLEAN = "CASE $v WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE WHEN '' THEN FALSE END"
_WHOLE = """
CASE WHEN regexp_full_match($v, '[+-]?[0-9]+') THEN TRY_CAST($v AS $type)
WHEN regexp_full_match($v, $number) THEN TRY_CAST(trunc(TRY_CAST($v AS DOUBLE)) AS $type) END
"""
_ZONELESS = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?[Zz]?)?"
)
_ZONE = r"^(.*[0-9]{2}:[0-9]{2}.*)([+-])([0-9]{2}):?([0-9]{2})?$"
_DATE = r"""
CASE WHEN regexp_full_match($v, $zoneless) THEN TRY_CAST(rtrim($v, 'Zz') AS TIMESTAMP_NS)
WHEN regexp_full_match($v, '[0-9]{4}') THEN TRY_CAST($v || '-01-01' AS TIMESTAMP_NS)
WHEN regexp_full_match($v, '-?[0-9]{1,13}') THEN make_timestamp_ns(
    TRY_CAST(CAST(TRY_CAST($v AS BIGINT) AS HUGEINT) * 1000000 AS BIGINT))
ELSE make_timestamp_ns(TRY(
    epoch_ns(TRY_CAST(replace(regexp_extract($v, $zone, 1), ',', '.') AS TIMESTAMP_NS))
    - CAST(regexp_extract($v, $zone, 2) || '1' AS BIGINT) * 60000000000
    * (CAST(regexp_extract($v, $zone, 3) AS BIGINT) * 60
       + CAST('0' || regexp_extract($v, $zone, 4) AS BIGINT)))) END
"""


def _text(value: exp.Expr, real: str) -> exp.Expr:
    return value if real == "VARCHAR" else cast(value, "VARCHAR")


def _fits(real: str, wanted: FieldType) -> bool:
    """Whether every value of an integer type is in the range of the field's type."""
    if wanted is FieldType.UNSIGNED_LONG:
        return real in {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
    return real not in {"UBIGINT", "HUGEINT", "UHUGEINT"}


def _integer(value: exp.Expr, real: str, wanted: FieldType) -> exp.Expr:
    """Whole numbers; decimals are cut to whole ones, as Elasticsearch coerces them."""
    kind = COLUMN_TYPES[wanted]
    if real in INTEGERS:
        # A number beyond the field's range is malformed, so it is not indexed.
        return value if _fits(real, wanted) else try_cast(value, kind)
    if real in FLOATS or real.startswith("DECIMAL"):
        return try_cast(exp.Anonymous(this="trunc", expressions=[value]), kind)
    if real == "BOOLEAN":
        return cast(exp.null(), kind)
    return fill(_WHOLE.replace("$type", kind), v=_text(value, real), number=text(_NUMBER))


def _instant(value: exp.Expr, real: str) -> exp.Expr:
    """A timestamp without zone, in UTC. Numbers are milliseconds since 1970."""
    if real in PLAIN_TIMESTAMPS:
        return value if real.startswith("TIMESTAMP") else cast(value, "TIMESTAMP")
    if real in INTEGERS:
        return fill("make_timestamp(CAST($v AS BIGINT) * 1000)", v=value)
    if real in FLOATS:
        return fill("make_timestamp(CAST(round($v * 1000) AS BIGINT))", v=value)
    if real in ZONED:
        return exp.AtTimeZone(this=value, zone=exp.Literal.string("UTC"))
    if real == "BOOLEAN":
        return cast(exp.null(), "TIMESTAMP")
    return fill(_DATE, v=_text(value, real), zoneless=text(_ZONELESS), zone=text(_ZONE))
