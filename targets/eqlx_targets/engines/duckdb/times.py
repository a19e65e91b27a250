"""Times of events: read from JSON values, and as results show them, in ISO 8601 and UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from eqlx.events.forms import ISO_FORMS, TimeForm
from eqlx.events.times import NUMBER_TEXT, Times, TimeUnit, number_of, unit_of
from eqlx.ir.types import FieldType
from eqlx_targets.engines.duckdb import columns as duckdb_columns
from eqlx_targets.engines.duckdb.columns import FieldColumn
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.documents import DOCUMENT, DOCUMENTS
from eqlx_targets.engines.duckdb.time_forms import when
from eqlx_targets.sql.conversion import FLOATS, INTEGERS, convert
from eqlx_targets.sql.dialects.duckdb import DUCKDB
from eqlx_targets.sql.expressions import fill, text
from eqlx_targets.sql.spelling import spelled

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = re.compile(r"(?<=:[0-9]{2})[.,]([0-9]{1,9})")
_WHOLE = re.compile(r"-?[0-9]{1,20}")
_YEAR_FIRST = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:[T ].*)?)?)?")


def iso_text(value: object) -> str | None:
    """A time with 3, 6 or 9 digits of the second, or None for what is no time.

    Numbers, and whole numbers as text (but for four digits, a year), are milliseconds since 1970.

    >>> iso_text("2024-01-01T01:00:00+01:00"), iso_text(1500), iso_text("soon")
    ('2024-01-01T00:00:00.000Z', '1970-01-01T00:00:01.500Z', None)
    """
    if isinstance(value, str) and _YEAR_FIRST.fullmatch(value):
        return _from_text(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    number = None if isinstance(value, str) else number_of(value)
    if number is None:
        return None
    try:
        nanoseconds = round(number * 1_000_000)
        return _shown(_EPOCH + timedelta(seconds=nanoseconds // 10**9), nanoseconds % 10**9)
    except (OverflowError, ValueError):
        return str(value)


def _from_text(text: str) -> str | None:
    found = _FRACTION.search(text)
    fraction = found[1] if found else ""
    missing = {4: "-01-01", 7: "-01"}.get(len(text), "")
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text) + missing)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return _shown(moment.astimezone(UTC), int(fraction.ljust(9, "0")))
    except OverflowError:
        return None


def _shown(second: datetime, nanoseconds: int) -> str:
    digits = f"{nanoseconds:09}"
    while len(digits) > 3 and digits.endswith("000"):
        digits = digits[:-3]
    return f"{second.year:04}-{second:%m-%dT%H:%M:%S}.{digits}Z"


_JSON_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_WHOLE_NUMBER = "make_timestamp_ns(TRY_CAST(CAST($v AS HUGEINT) * $factor AS BIGINT))"
_DIGITS = "make_timestamp_ns(TRY_CAST(round(TRY_CAST($v AS DECIMAL(29, 9)) * $factor) AS BIGINT))"
"""By the digits: a double has too few for a moment in nanoseconds. DuckDB prints the fewest digits that
tell a double from others."""
_BROKEN_NUMBER = _DIGITS.replace("$v", "CAST($v AS VARCHAR)")
_TEXT_NUMBER = f"CASE WHEN regexp_full_match($v, $number) THEN {_DIGITS} ELSE $otherwise END"


def instant(name: str, column: FieldColumn) -> str:
    """SQL for the moment that the JSON value `name` of a column of times stands for."""
    value, real = exp.to_identifier(name), column.text_type or column.column.type
    factor = exp.Literal.number(column.unit.nanoseconds)
    otherwise = convert(value, real, FieldType.DATE)
    if column.unit is TimeUnit.MILLISECONDS:
        made = otherwise
    elif real in INTEGERS:
        made = fill(_WHOLE_NUMBER, v=value, factor=factor)
    elif real in FLOATS:
        made = fill(_BROKEN_NUMBER, v=value, factor=factor)
    elif real == "VARCHAR":
        number = text(NUMBER_TEXT)
        made = fill(_TEXT_NUMBER, v=value, factor=factor, number=number, otherwise=otherwise)
    else:
        made = otherwise
    sql = spelled(made, DUCKDB).sql("duckdb")
    if column.forms is None or real not in {*INTEGERS, "VARCHAR"}:
        return sql
    return _in_forms(str(value.sql("duckdb")), real, sql, column.forms.own)


def _in_forms(value: str, real: str, otherwise: str, own: TimeForm | None) -> str:
    """By the form of its own, if it has that; else as Elasticsearch reads it; else by a form of ISO."""
    if own is None and real != "VARCHAR":
        return otherwise
    string = value if real == "VARCHAR" else f"CAST({value} AS VARCHAR)"
    if real == "VARCHAR":
        isos = " ".join(when(form, string) for form in ISO_FORMS)
        otherwise = f"COALESCE({otherwise}, {_date_of(f'CASE {isos} END')})"
    if own is None:
        return otherwise
    by_own = f"CASE {when(own, string)} END"
    is_so = f"regexp_full_match({string}, {text(own.pattern).sql('duckdb')})"
    return f"CASE WHEN {is_so} THEN {_date_of(by_own)} ELSE {otherwise} END"


def _date_of(iso: str) -> str:
    """The moment of an ISO date that is itself an expression, made once."""
    name = exp.to_identifier("iso")
    date = spelled(convert(name, "VARCHAR", FieldType.DATE), DUCKDB).sql("duckdb")
    return f"list_extract(list_transform([{iso}], LAMBDA iso : {date}), 1)"


def _values(column: FieldColumn) -> str:
    """SQL for the list of a column's JSON values in a document, as texts."""
    return str(duckdb_columns.gathered(column, DOCUMENT))


def unit_of_column(connection: Connection, column: FieldColumn | None) -> TimeUnit:
    """What the numbers of a column of times count, by the size of all of them."""
    if column is None:
        return TimeUnit.MILLISECONDS
    is_number = (column.text_type or column.column.type) in (*INTEGERS, *FLOATS)
    with connection.within_bounds():
        [(least, greatest)] = connection.raw.execute(
            "SELECT min(n), max(n) FROM (SELECT TRY_CAST(v AS DOUBLE) AS n FROM"  # noqa: S608 names of ours, quoted by DuckDB
            f" (SELECT unnest({_values(column)}) AS v FROM {DOCUMENTS})"
            " WHERE regexp_full_match(v, ?))",
            [_JSON_NUMBER if is_number else NUMBER_TEXT],
        ).fetchall()
    return unit_of(least, greatest)


def needs_forms(connection: Connection, column: FieldColumn | None) -> bool:
    """Whether a time is read otherwise than Elasticsearch reads it, or may be."""
    if column is None or column.forms is None:
        return False
    kind = column.text_type or column.column.type
    if column.forms.own is not None or kind != "VARCHAR":
        return column.forms.own is not None
    plain = instant("v", replace(column, forms=None))
    with connection.within_bounds():
        [(found,)] = connection.raw.execute(
            f"SELECT count(*) FILTER (({plain}) IS NULL AND ({instant('v', column)}) IS NOT NULL)"  # noqa: S608 names of ours
            f" FROM (SELECT unnest({_values(column)}) AS v FROM {DOCUMENTS})"
        ).fetchall()
    return bool(found)


def read_times(
    connection: Connection, field: str, columns: Sequence[FieldColumn], unit: TimeUnit
) -> Times:
    """How many events have a time that can be read, and one that has not."""
    column = next((column for column in columns if column.name == field), None)
    with connection.within_bounds():
        if column is None:
            [(events,)] = connection.raw.execute(f"SELECT count(*) FROM {DOCUMENTS}").fetchall()  # noqa: S608 a constant
            return Times(field, unit, events, 0, 0)
        kind = column.text_type or column.column.type
        made = instant("v", column)
        [row] = connection.raw.execute(
            "SELECT count(*), count(*) FILTER (len(vs) > 0), count(t),"  # noqa: S608 names of ours, quoted by DuckDB
            " min(vs[1]) FILTER (len(vs) > 0 AND t IS NULL) FROM (SELECT vs, CASE WHEN len(vs) = 1"
            f" THEN list_transform(vs::{kind}[], LAMBDA v : {made})[1] END AS t"
            f" FROM (SELECT {_values(column)} AS vs FROM {DOCUMENTS}))"
        ).fetchall()
    events, present, readable, example = row
    return Times(field, unit, events, present, readable, example)
