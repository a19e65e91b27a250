"""Sequence and sample SQL for tables that eqlx did not lay out: no row id, wide rows, any layout."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from eqlx.driver import convert_rule
from eqlx.registry import load_target
from eqlx.rulefile.loader import from_query

TABLES = {
    "nested": """CREATE TABLE events AS
        SELECT {'id': 'h'} AS host, {'name': 'a'} AS process, {'port': 1} AS destination,
            {'category': ['process']} AS event, TIMESTAMP '2024-01-01' AS "@timestamp", 1 AS n
        UNION ALL SELECT {'id': 'h'}, {'name': 'b'}, {'port': 443}, {'category': ['network']},
            TIMESTAMP '2024-01-01 00:00:01', 2""",
    "flat": """CREATE TABLE events AS
        SELECT 'h' AS "host.id", 'a' AS "process.name", 1 AS "destination.port",
            ['process'] AS "event.category", TIMESTAMP '2024-01-01' AS "@timestamp", 1 AS n
        UNION ALL SELECT 'h', 'b', 443, ['network'], TIMESTAMP '2024-01-01 00:00:01', 2""",
    "json": """CREATE TABLE events AS SELECT CAST('{"host": {"id": "h"}, "process.name": "a",
            "event": {"category": "process"}, "@timestamp": "2024-01-01T00:00:00Z"}' AS JSON)
            AS event, 1 AS n
        UNION ALL SELECT '{"host.id": "h", "destination": {"port": 443},
            "event.category": ["network"], "@timestamp": "2024-01-01T00:00:01Z"}', 2""",
}
SEQUENCE = """sequence by host.id with maxspan=1s
  [process where process.name : "A"] ![file where true] [network where destination.port == 443]"""
SAMPLE = 'sample by host.id [process where process.name : "A"] [network where true]'


def rows(text: str, layout: str, **options: str) -> tuple[list[str], list[tuple[object, ...]]]:
    outcome = convert_rule(
        from_query(text), load_target("sql"), options={"layout": layout, **options}
    )
    assert outcome.artifact is not None, [d.message for d in outcome.diagnostics]
    with duckdb.connect() as connection:
        connection.execute(TABLES[layout])
        columns = [column[0] for column in connection.execute("FROM events").description or ()]
        found = connection.execute(outcome.artifact.text)
        names = [column[0] for column in found.description or ()]
        own = [name for name in names if not name.startswith("_") and "event_" not in name]
        assert not own or own == columns
        return names, found.fetchall()


@pytest.mark.parametrize("layout", TABLES)
@pytest.mark.parametrize("row_id", ["", "n"])
def test_a_row_an_event(layout: str, row_id: str) -> None:
    names, found = rows(SEQUENCE, layout, row_id=row_id)
    assert names[:3] == ["_sequence", "_stage", "_key_1"]
    picked = [(row[0], row[1], row[2], row[names.index("n")]) for row in found]
    assert picked == [(1, 0, "h", 1), (1, 2, "h", 2)]


@pytest.mark.parametrize("layout", TABLES)
@pytest.mark.parametrize("row_id", ["", "n"])
def test_a_row_a_sequence(layout: str, row_id: str) -> None:
    names, [found] = rows(SEQUENCE, layout, row_id=row_id, sequences="wide")
    assert names == ["_sequence", "_key_1", "event_1", "event_2", "event_3"]
    assert found[:2] == (1, "h")
    assert (found[2]["n"], found[3], found[4]["n"]) == (1, None, 2)


@pytest.mark.parametrize("layout", TABLES)
@pytest.mark.parametrize("row_id", ["", "n"])
def test_samples(layout: str, row_id: str) -> None:
    names, found = rows(SAMPLE, layout, row_id=row_id)
    assert [(row[1], row[names.index("n")]) for row in found] == [(0, 1), (1, 2)]


def test_clauses_are_quoted_and_cannot_leave_their_comment() -> None:
    text = 'sequence with maxspan=1s [process where process.name == "*/ x /*"] [file where true]'
    outcome = convert_rule(from_query(text), load_target("sql"))
    assert outcome.artifact is not None
    sql = outcome.artifact.text
    assert "/* process where" in sql
    assert "maxspan=1s" in sql
    assert len(duckdb.connect().extract_statements(sql)) == 1


# --- the rule around sequences and samples ----------------------------------------------------

MANY = {
    "nested": """CREATE TABLE events AS SELECT CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP)
            - to_seconds(range * 30 % 3600) AS "@timestamp", {'id': range // 2} AS host,
            {'name': 'a'} AS process, {'category': ['process']} AS event, range AS n
        FROM range(240)""",
    "flat": """CREATE TABLE events AS SELECT CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP)
            - to_seconds(range * 30 % 3600) AS "@timestamp", range // 2 AS "host.id",
            'a' AS "process.name", ['process'] AS "event.category", range AS n FROM range(240)""",
    "json": """CREATE TABLE events AS SELECT CAST(json_object('@timestamp',
            strftime(CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP)
                - to_seconds(range * 30 % 3600), '%Y-%m-%dT%H:%M:%S.%gZ'),
            'host', json_object('id', CAST(range // 2 AS VARCHAR)), 'process.name', 'a',
            'event.category', json_array('process')) AS JSON) AS event, range AS n
        FROM range(240)""",
}
"""Two series of 120 events, each 30 seconds older than the one before, a pair of neighbours a host."""

PAIR = 'sequence by host.id [process where true] [process where process.name == "a"]'
ONE_HOST = 'sample by host.id [process where true] [process where process.name == "a"]'


def count(text: str, layout: str, **options: str) -> int:
    """How many results the rule gives over `MANY`."""
    rule = replace(from_query(text), from_="now-10m", max_signals=7)
    options = {"layout": layout, "row_id": "n", "sequences": "wide", **options}
    outcome = convert_rule(rule, load_target("sql"), options=options)
    assert outcome.artifact is not None, [d.message for d in outcome.diagnostics]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")
        connection.execute(MANY[layout])
        return len(connection.execute(outcome.artifact.text).fetchall())


@pytest.mark.parametrize("layout", MANY)
@pytest.mark.parametrize("text", [PAIR, ONE_HOST])
def test_the_window_holds_for_every_stage(text: str, layout: str) -> None:
    assert count(text, layout) == 120
    # Of each series the events 0 to 570 seconds ago; the next, 600 seconds ago, is just too old.
    assert count(text, layout, window="rule") == 20


@pytest.mark.parametrize("layout", MANY)
@pytest.mark.parametrize("text", [PAIR, ONE_HOST])
def test_max_signals_counts_results_not_rows(text: str, layout: str) -> None:
    assert count(text, layout, max_signals="rule") == 7
    assert count(text, layout, max_signals="rule", window="rule") == 7


@pytest.mark.parametrize("sequences", ["long", "wide"])
def test_max_signals_keeps_the_first_results_whole(sequences: str) -> None:
    rule = replace(from_query(PAIR + " | tail 5"), max_signals=2)
    options = {"layout": "flat", "row_id": "n", "max_signals": "rule", "sequences": sequences}
    outcome = convert_rule(rule, load_target("sql"), options=options)
    assert outcome.artifact is not None
    assert "max_signals = 2" in outcome.artifact.text
    with duckdb.connect() as connection:
        connection.execute(MANY["flat"])
        found = connection.execute(outcome.artifact.text).fetchall()
    assert [row[0] for row in found] == (
        [116, 116, 117, 117] if sequences == "long" else [116, 117]
    )
