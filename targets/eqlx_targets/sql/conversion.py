"""Stored values as what a field of their type holds: numbers, dates and booleans out of texts.

Types of columns are said in one set of words here, whatever an engine calls them: `VARCHAR`, `BIGINT`,
`DOUBLE`, `BOOLEAN`, `TIMESTAMP` (microseconds), `TIMESTAMP_NS` …; a dialect's `types` has its names.
"""

from __future__ import annotations

from sqlglot import exp

from eqlx.ir.types import FieldType
from eqlx_targets.sql.expressions import cast, fill, text, try_cast
from eqlx_targets.sql.words.vocabulary import word

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


def keeps_text(wanted: FieldType) -> bool:
    """Whether a field of the type holds what was written, so that `1.0` is not `1`."""
    return COLUMN_TYPES[wanted] == "VARCHAR"


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


_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?"
_DOUBLE = "CASE WHEN regex_full($v, $number) THEN nullif(abs(TRY_CAST($v AS DOUBLE)), CAST('inf' AS DOUBLE)) * CASE WHEN text_starts($v, '-') THEN -1 ELSE 1 END END"
_BOOLEAN = "CASE $v WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE WHEN '' THEN FALSE END"
_WHOLE = """
CASE WHEN regex_full($v, '[+-]?[0-9]+') THEN TRY_CAST($v AS $type)
WHEN regex_full($v, $number) THEN TRY_CAST(double_truncated(TRY_CAST($v AS DOUBLE)) AS $type) END
"""
_ZONELESS = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?[Zz]?)?"
)
_ZONE = r"^(.*[0-9]{2}:[0-9]{2}.*)([+-])([0-9]{2}):?([0-9]{2})?$"
_DATE = r"""
CASE WHEN regex_full($v, $zoneless) THEN TRY_CAST(text_strip_end($v, 'Zz') AS TIMESTAMP_NS)
WHEN regex_full($v, '[0-9]{4}') THEN TRY_CAST($v || '-01-01' AS TIMESTAMP_NS)
WHEN regex_full($v, '-?[0-9]{1,13}') THEN time_of_nanoseconds(
    TRY_CAST(CAST(TRY_CAST($v AS BIGINT) AS HUGEINT) * 1000000 AS BIGINT))
ELSE time_of_nanoseconds(attempt(
    time_nanoseconds(TRY_CAST(text_replace(regex_extract_group($v, $zone, 1), ',', '.') AS TIMESTAMP_NS))
    - CAST(regex_extract_group($v, $zone, 2) || '1' AS BIGINT) * 60000000000
    * (CAST(regex_extract_group($v, $zone, 3) AS BIGINT) * 60
       + CAST('0' || regex_extract_group($v, $zone, 4) AS BIGINT)))) END
"""


def _text(value: exp.Expr, real: str) -> exp.Expr:
    if real in FLOATS:
        return word("double_text", value)
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
        return try_cast(word("double_truncated", value), kind)
    if real == "BOOLEAN":
        return cast(exp.null(), kind)
    return fill(_WHOLE.replace("$type", kind), v=_text(value, real), number=text(_NUMBER))


def _instant(value: exp.Expr, real: str) -> exp.Expr:
    """A timestamp without zone, in UTC. Numbers are milliseconds since 1970."""
    if real in PLAIN_TIMESTAMPS:
        return value if real.startswith("TIMESTAMP") else cast(value, "TIMESTAMP")
    if real in INTEGERS:
        return word("time_of_milliseconds", value)
    if real in FLOATS:
        return word("time_of_double_milliseconds", value)
    if real in ZONED:
        return word("time_in_utc", value)
    if real == "BOOLEAN":
        return cast(exp.null(), "TIMESTAMP")
    return fill(_DATE, v=_text(value, real), zoneless=text(_ZONELESS), zone=text(_ZONE))
