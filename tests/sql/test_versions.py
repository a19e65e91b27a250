"""Versions: equality by text, order as semver has it, in DuckDB and in the reference interpreter."""

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

VERSIONS = [
    "1.2.0", "1.10.0", "1.2.0-rc.1", "1.2.0-rc.1.x", "1.2.0-1", "1.2", "01.2.0", "1.2.0+build.5",
    "10", "9.99999999999999999999", "junk", "1.2.0-alpha-7", "2.0.0-2", "2.0.0-10", "",
]  # fmt: skip
SCHEMA = FieldList(
    {
        "version": FieldInfo(FieldType.VERSION),
        "@timestamp": FieldInfo(FieldType.DATE),
    }
)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
def test_versions(operator: str) -> None:
    connection = duckdb.connect()
    connection.execute('CREATE TABLE events (version VARCHAR, "@timestamp" TIMESTAMP)')
    connection.execute("INSERT INTO events SELECT unnest(?), now()", [VERSIONS])
    events = [{"version": version} for version in VERSIONS]
    for literal in VERSIONS:
        rule = from_query(f'any where version {operator} "{literal}"')
        outcome = convert_rule(rule, TARGET, schema=SCHEMA, options={"order": "none"})
        assert outcome.artifact is not None, outcome.diagnostics
        assert outcome.query is not None
        found = [row[0] for row in connection.execute(outcome.artifact.text).fetchall()]
        matches = evaluate(outcome.query, events, EventModel())
        assert found == [VERSIONS[(m.events[0].row or 0) - 1] for m in matches], literal
