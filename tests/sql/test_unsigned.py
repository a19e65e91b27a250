"""Unsigned longs: exact up to 64 bits, and the range rules of mixed arithmetic (spec §7)."""

from __future__ import annotations

import duckdb
import pytest

from eqlx.driver import convert_rule
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx.reference import evaluate
from eqlx.rulefile.loader import from_query
from eqlx.target import EventModel
from eqlx_targets.sql.target import TARGET

VALUES = [0, 1, 5, 2**63 - 1, 2**63, 2**64 - 1]
SCHEMA = FieldList({"n": FieldInfo(FieldType.UNSIGNED_LONG)})


@pytest.mark.parametrize(
    "condition",
    [
        "n == 18446744073709551615",
        "n > 9223372036854775807",
        "n + 1 == 2",
        "n + 1 > 0",
        "n - 2 < 0",
        "n - 9223372036854775808 == 0",
        "n / 2 == 9223372036854775807",
        "n % 2 == 1",
        "n * 2 == 10",
        "-n < 0",
        "n > 4.5",
        "not n + 1 > 0",
        "(n * 2) != null",
    ],
)
def test_unsigned_longs(condition: str) -> None:
    connection = duckdb.connect()
    connection.execute('CREATE TABLE events (n UBIGINT, "@timestamp" TIMESTAMP)')
    connection.execute("INSERT INTO events SELECT unnest(?::UBIGINT[]), now()", [VALUES])
    rule = from_query(f"any where {condition}")
    outcome = convert_rule(rule, TARGET, schema=SCHEMA, options={"order": "none"})
    assert outcome.artifact is not None, outcome.diagnostics
    assert outcome.query is not None
    found = [row[0] for row in connection.execute(outcome.artifact.text).fetchall()]
    matches = evaluate(outcome.query, [{"n": n} for n in VALUES], EventModel())
    assert found == [VALUES[(m.events[0].row or 0) - 1] for m in matches]
