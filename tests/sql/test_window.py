"""`-O window=rule`: the window is on `timestamp_override`, with Kibana's fallback (spec §13.20).

Judged by execution: each event has or lacks the override, inside or outside of the window.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import duckdb
import pytest

from eqlx.driver.convert import convert_rule
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.source import Source

OVERRIDE = "event.ingested"
AGO = {"in": 5, "out": 60, "null": None}
EVENTS = list(product(AGO, repeat=3))
"""Where `event.ingested`, `@timestamp` and `when` are: in the window, out of it, not there."""
FIELDS = FieldList({name: FieldInfo(FieldType.DATE) for name in (OVERRIDE, "@timestamp", "when")})


def filled() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    kind = 'TIMESTAMP, "@timestamp" TIMESTAMP, "when" TIMESTAMP'
    connection.execute(f'CREATE TABLE events (id INTEGER, "event.ingested" {kind})')
    for number, places in enumerate(EVENTS):
        times = ", ".join(
            "NULL"
            if AGO[place] is None
            else f"CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) - INTERVAL {AGO[place]} MINUTE"
            for place in places
        )
        connection.execute(f"INSERT INTO events SELECT {number}, {times}")
    return connection


def expected(place: tuple[str, str, str], rule: Rule) -> bool:
    """Kibana's filter, written from the spec."""
    ingested, timestamp, _ = place
    if rule.timestamp_override is None:
        return timestamp == "in"
    if rule.extra.get("timestamp_override_fallback_disabled") is True:
        return ingested == "in"
    return ingested == "in" or (ingested == "null" and timestamp == "in")


@pytest.mark.parametrize("disabled", [None, False, True])
@pytest.mark.parametrize("order", [None, "when"])
@pytest.mark.parametrize("override", [None, OVERRIDE, "@timestamp"])
@pytest.mark.parametrize("query", ["any where true", "sample by id [any where true]"])
def test_the_window(query: str, override: str | None, order: str | None, disabled: bool | None):
    if query.startswith("sample"):
        query = "sample by id [any where true] [any where true]"
    rule = Rule(
        Source("query", query),
        from_="now-9m",
        to="now",
        timestamp_override=override,
        timestamp_field=order,
        extra={} if disabled is None else {"timestamp_override_fallback_disabled": disabled},
    )
    options = {"window": "rule", "layout": "flat"}
    outcome = convert_rule(rule, load_target("sql"), options=options, schema=FIELDS)
    assert outcome.artifact is not None, outcome.diagnostics
    connection = filled()
    if query.startswith("sample"):
        text = outcome.artifact.text
        assert "events_in_window" in text
        inner = text[text.index("events_in_window AS (") :].partition("(")[2].partition("\n)")[0]
        rows = connection.execute(inner).fetchall()
    else:
        rows = connection.execute(outcome.artifact.text).fetchall()
    wanted = rule
    if override == "@timestamp":
        wanted = Rule(rule.query)
    assert {row[0] for row in rows} == {n for n, p in enumerate(EVENTS) if expected(p, wanted)}


@pytest.mark.parametrize("disabled", [None, True])
@pytest.mark.parametrize("override", [None, OVERRIDE])
def test_the_window_of_parameters_is_on_the_same_times(
    override: str | None, disabled: bool | None
) -> None:
    rule = Rule(
        Source("query", "any where true"),
        timestamp_override=override,
        timestamp_field="when",
        extra={} if disabled is None else {"timestamp_override_fallback_disabled": disabled},
    )
    options = {"envelope": "parameterised", "layout": "flat"}
    outcome = convert_rule(rule, load_target("sql"), options=options, schema=FIELDS)
    assert outcome.artifact is not None, outcome.diagnostics
    now = datetime.now(UTC).replace(tzinfo=None)
    between = {"start": now - timedelta(minutes=9), "end": now + timedelta(minutes=1)}
    rows = filled().execute(outcome.artifact.text, between).fetchall()
    assert {row[0] for row in rows} == {n for n, p in enumerate(EVENTS) if expected(p, rule)}


@pytest.mark.parametrize("interval", [None, "5m", "2h"])
def test_a_rule_without_from_looks_back_six_minutes_as_in_kibana(interval: str | None) -> None:
    rule = Rule(Source("query", "any where true"), interval=interval)
    options = {"window": "rule", "layout": "flat"}
    outcome = convert_rule(rule, load_target("sql"), options=options, schema=FIELDS)
    assert outcome.artifact is not None
    rows = filled().execute(outcome.artifact.text).fetchall()
    assert {row[0] for row in rows} == {n for n, p in enumerate(EVENTS) if p[1] == "in"}
