"""Tables out of `CREATE TABLE`: the types of each dialect, and what is refused."""

from __future__ import annotations

import pytest

from eqlx.diagnostics import EqlxError
from eqlx.ir.types import FieldType
from eqlx.source import Source
from eqlx_targets.sql.definition import table_shape


def field(dialect, type_):
    source = Source("t.sql", f"CREATE TABLE t (a {type_}, b VARCHAR)")
    return table_shape(source, dialect).fields.lookup("a")


@pytest.mark.parametrize(
    ("type_", "kind", "several"),
    [
        ("DateTime64(3, 'UTC')", FieldType.DATE, False),
        ("Nullable(DateTime64(6))", FieldType.DATE, False),
        ("DateTime('UTC')", FieldType.DATE, False),
        ("LowCardinality(String)", FieldType.KEYWORD, False),
        ("LowCardinality(Nullable(String))", FieldType.KEYWORD, False),
        ("Array(LowCardinality(String))", FieldType.KEYWORD, True),
        ("UInt64", FieldType.UNSIGNED_LONG, False),
        ("Bool", FieldType.BOOLEAN, False),
    ],
)
def test_types_of_clickhouse(type_, kind, several):
    found = field("clickhouse", type_)
    assert found is not None
    assert (found.type, found.multivalued) == (kind, several)


@pytest.mark.parametrize("type_", ["FixedString(4)", "Enum8('a' = 1)", "Nested(a String)"])
def test_types_whose_strings_differ_are_refused(type_):
    with pytest.raises(EqlxError, match="is not known"):
        field("clickhouse", type_)


@pytest.mark.parametrize(
    ("type_", "kind", "several"),
    [
        ("TIMESTAMP", FieldType.DATE, False),
        ("TIMESTAMP_NTZ", FieldType.DATE, False),
        ("ARRAY<STRING>", FieldType.KEYWORD, True),
        ("BIGINT", FieldType.LONG, False),
    ],
)
def test_types_of_spark(type_, kind, several):
    found = field("spark", type_)
    assert found is not None
    assert (found.type, found.multivalued) == (kind, several)
