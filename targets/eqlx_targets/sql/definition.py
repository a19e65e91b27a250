"""The columns of a table out of the statement that makes it (`CREATE TABLE`)."""

from __future__ import annotations

from typing import NoReturn

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from eqlx.diagnostics import EqlxError, Report
from eqlx.diagnostics.catalogue.sql import broken_definition
from eqlx.fields.table import TableShape
from eqlx.source import Source, Span
from eqlx_targets.sql.columns import Kind, shape_of

_D = exp.DType
_WORDS = {
    **dict.fromkeys((_D.TEXT, _D.VARCHAR, _D.CHAR, _D.NCHAR, _D.NVARCHAR, _D.BPCHAR), "VARCHAR"),
    **dict.fromkeys((_D.ENUM, _D.NAME, _D.INET), "VARCHAR"),
    **dict.fromkeys((_D.TIMESTAMP, _D.TIMESTAMPNTZ, _D.DATETIME, _D.DATETIME64), "TIMESTAMP"),
    _D.DATE32: "DATE",
    **dict.fromkeys((_D.TIMESTAMPTZ, _D.TIMESTAMPLTZ), "TIMESTAMP WITH TIME ZONE"),
    **dict.fromkeys((_D.VARBINARY, _D.BINARY), "BLOB"),
    _D.NULL: '"NULL"',
    _D.INT: "INTEGER",
    _D.UINT: "UINTEGER",
    _D.INT128: "HUGEINT",
    _D.UINT128: "UHUGEINT",
    **{
        kind: kind.value
        for kind in (
            *(_D.TINYINT, _D.SMALLINT, _D.BIGINT, _D.UTINYINT, _D.USMALLINT, _D.UBIGINT),
            *(_D.FLOAT, _D.DOUBLE, _D.DECIMAL, _D.BOOLEAN, _D.DATE, _D.TIME, _D.TIMESTAMP_S),
            *(_D.TIMESTAMP_MS, _D.TIMESTAMP_NS, _D.JSON, _D.UUID, _D.MAP, _D.UNION),
        )
    },
}
"""Types in the words of `conversion`."""


def table_shape(definition: Source, dialect: str) -> TableShape:
    """The table of the one `CREATE TABLE` in a text.

    Raises:
        EqlxError: there is none, or several, or it cannot be read; the diagnostic has the place.
    """
    try:
        statements = sqlglot.parse(definition.text, dialect=dialect)
    except ParseError as error:
        _refuse_syntax(definition, error)
    except (SqlglotError, RecursionError) as error:
        _refuse(definition, f"this is no SQL: {str(error) or 'nested too deeply'}", None)
    tables = [each for each in statements if _is_definition(each)]
    if len(tables) != 1:
        found = "several statements" if tables else "no statement"
        _refuse(definition, f"{found} `CREATE TABLE` with columns, expected one", None)
    columns: dict[str, Kind] = {}
    for column in _columns(tables[0]):
        if column.name.lower() in {name.lower() for name in columns}:
            _refuse(definition, f"the column `{column.name}` is there twice", _span(column.this))
        columns[column.name] = _kind(definition, column)
    if not columns:
        _refuse(definition, "the statement `CREATE TABLE` has no columns", None)
    return shape_of(columns)


def _is_definition(statement: exp.Expr | None) -> bool:
    if not isinstance(statement, exp.Create) or statement.args.get("kind") != "TABLE":
        return False
    return isinstance(statement.this, exp.Schema)


def _columns(table: exp.Expr | None) -> list[exp.ColumnDef]:
    assert isinstance(table, exp.Create)  # noqa: S101 - `_is_definition`
    return [each for each in table.this.expressions if isinstance(each, exp.ColumnDef)]


def _kind(definition: Source, column: exp.ColumnDef) -> Kind:
    found = column.args.get("kind")
    if not isinstance(found, exp.DataType):
        _refuse(definition, f"the column `{column.name}` has no type", _span(column.this))
    kind = _kind_of(found)
    if kind is None:
        name = found.sql("duckdb")
        reason = f"the type `{name}` of the column `{column.name}` is not known"
        _refuse(definition, reason, _span(column.this))
    return kind


def _kind_of(found: exp.DataType) -> Kind | None:
    if found.this in (_D.ARRAY, _D.LIST):
        inner = _kind_of(found.expressions[0]) if found.expressions else None
        return None if inner is None else Kind("LIST", inner)
    if found.this is _D.STRUCT:
        members = []
        for member in found.expressions:
            own = member.args.get("kind")
            kind = _kind_of(own) if isinstance(own, exp.DataType) else None
            if kind is None:
                return None
            members.append((member.name, kind))
        return Kind("STRUCT", members=tuple(members)) if members else None
    if found.this is _D.LOWCARDINALITY:  # how ClickHouse stores the type inside
        return _kind_of(found.expressions[0]) if found.expressions else None
    known = _WORDS.get(found.this) if isinstance(found.this, exp.DType) else None
    return None if known is None else Kind(str(known))


def _span(name: exp.Expr) -> Span | None:
    start, end = name.meta.get("start"), name.meta.get("end")
    return Span(start, end + 1) if isinstance(start, int) and isinstance(end, int) else None


def _refuse_syntax(definition: Source, error: ParseError) -> NoReturn:
    first = error.errors[0] if error.errors else {}
    message = str(first.get("description") or "it cannot be read").rstrip(".")
    line, end = first.get("line"), first.get("col")
    span = None
    if isinstance(line, int) and isinstance(end, int) and line <= len(definition.line_starts):
        # The column is that of the last character of the word that was not expected, from 1.
        size = max(len(str(first.get("highlight") or "")), 1)
        at = min(definition.line_starts[line - 1] + end, len(definition.text))
        span = Span(max(at - size, 0), at) if at else None
    _refuse(definition, f"this is no SQL: {message[:1].lower()}{message[1:]}", span)


def _refuse(definition: Source, reason: str, span: Span | None) -> NoReturn:
    report = Report(definition)
    report.add(broken_definition(reason, span=span))
    raise EqlxError(report.diagnostics)
