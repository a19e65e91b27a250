"""The text around and in the query: options, comments, envelopes, what is recorded as lost."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from eqlx.capability import Feature, Grade
from eqlx.driver import Outcome, convert_rule
from eqlx.fields.layout import Column, Layout, LayoutKind
from eqlx.patterns.folding import Folding
from eqlx.rule import Rule, Technique, Threat
from eqlx.rulefile.loader import from_query
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_targets.sql.capabilities import table
from eqlx_targets.sql.target import TARGET


def convert(query: str, layout: Layout | None = None, **options: str) -> Outcome:
    return convert_rule(from_query(query), TARGET, options=options, layout=layout)


def text(query: str, **options: str) -> str:
    artifact = convert(query, **options).artifact
    assert artifact is not None
    return artifact.text


def where(query: str, **options: str) -> str:
    """The WHERE clause on one line."""
    words = " ".join(text(query, order="none", **options).split())
    return words.partition(" WHERE ")[2].replace("( ", "(").replace(" )", ")")


def test_the_table_is_complete() -> None:
    assert set(table("duckdb")) == set(Feature)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('process.name == "a"', "process.name = 'a'"),
        ('process.name != "a"', "NOT COALESCE(process.name = 'a', FALSE)"),
        ("process.name != null", "NOT process.name IS NULL"),
        ('process.name : "cmd.exe"', "process.name ILIKE 'cmd.exe'"),
        ('process.name : "443"', "process.name = '443'"),
        ('process.name : "a_b"', "LOWER(process.name) = 'a_b'"),
        ('process.name : ("a", "B")', "LOWER(process.name) IN ('a', 'b')"),
        ('process.name like "a*"', "process.name LIKE 'a%'"),
        ('process.name like "a_*"', "STARTS_WITH(process.name, 'a_')"),
        ('process.name like "*_a"', "SUFFIX(process.name, '_a')"),
        ('process.name : "*a_?b*"', "process.name ILIKE '%a!__b%' ESCAPE '!'"),
        ('process.name like "C:\\\\*\\\\x"', r"process.name LIKE 'C:\%\x'"),
        ("process.pid > 4.5", "process.pid >= 5"),
        ("process.pid in (1, 2)", "process.pid IN (1, 2)"),
        ('process.args == "a"', "ARRAY_CONTAINS(process.args, 'a')"),
        ("process.args == null", "COALESCE(LIST_COUNT(process.args), 0) = 0"),
        (
            'process.args in ("a", "b")',
            "LENGTH(LIST_FILTER(process.args, LAMBDA v : v IN ('a', 'b'))) > 0",
        ),
        ('process.args : "a*"', "LENGTH(LIST_FILTER(process.args, LAMBDA v : v ILIKE 'a%')) > 0"),
        (
            'process.name : ("*a*", "*b", "c?d", "*e*")',
            "REGEXP_MATCHES(process.name, 'a|b$|^c.d$|e', 'is')",
        ),
        (
            'not (process.name == "a" and process.pid == 1)',
            "NOT COALESCE(process.name = 'a' AND process.pid = 1, FALSE)",
        ),
        ('user.name == "a"', "\"user\".name = 'a'"),
        ("process.pid + 1 > 5", "TRY(process.pid + 1) > 5"),
    ],
)
def test_conditions_read_well(condition: str, expected: str) -> None:
    found = where(f"any where {condition}")
    assert found in (expected, f"({expected})")


def test_a_query_names_only_columns_that_exist() -> None:
    layout = Layout(LayoutKind.FLAT, {"process.name": Column("VARCHAR", is_list=False)})
    outcome = convert('process where process.name == "a" and process.pid != 4', layout=layout)
    assert outcome.artifact is not None
    assert [d.code for d in outcome.diagnostics].count("column-missing") == 3
    connection = duckdb.connect()
    connection.execute('CREATE TABLE events ("process.name" VARCHAR)')
    assert connection.execute(outcome.artifact.text).fetchall() == []


@pytest.mark.parametrize(
    ("real", "values", "matches"),
    [
        (Column("VARCHAR", is_list=False), "'4'", True),
        (Column("VARCHAR", is_list=True), "['x', '4']", True),
        (Column("INTEGER", is_list=False), "4", True),
        (Column("DOUBLE", is_list=False), "4.9", True),
        (Column("BIGINT", is_list=True), "[1, 4]", True),
        (Column("VARCHAR", is_list=False), "'4x'", False),
        (Column("BOOLEAN", is_list=False), "TRUE", False),
    ],
)
def test_columns_of_another_type_than_the_catalogues(
    real: Column, values: str, matches: bool
) -> None:
    layout = Layout(LayoutKind.FLAT, {"process.pid": real})
    outcome = convert("any where process.pid == 4 and process.pid < 10", layout=layout)
    assert outcome.artifact is not None
    connection = duckdb.connect()
    kind = real.type + ("[]" if real.is_list else "")
    connection.execute(f'CREATE TABLE events ("process.pid" {kind})')
    connection.execute(f"INSERT INTO events VALUES ({values})")  # noqa: S608 constants of this test
    assert bool(connection.execute(outcome.artifact.text).fetchall()) is matches


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TIMESTAMP", "'2024-01-01 00:00:00'"),
        ("TIMESTAMP_NS", "'2024-01-01 00:00:00'"),
        ("TIMESTAMP_MS", "'2024-01-01 00:00:00'"),
        ("DATE", "'2024-01-01'"),
        ("TIMESTAMP WITH TIME ZONE", "'2024-01-01 02:00:00+02'"),
        ("VARCHAR", "'2024-01-01T00:00:00Z'"),
        ("VARCHAR", "'2024-01-01T01:30+01:30'"),
        ("VARCHAR", "'2024-01-01T00:00:00'"),
        ("BIGINT", "1704067200000"),
        ("DOUBLE", "1704067200000.0"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_dates_in_any_column_type_and_session_zone(kind: str, value: str, zone: str) -> None:
    layout = Layout(LayoutKind.FLAT, {"event.created": Column(kind, is_list=False)})
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{zone}'")
    connection.execute(f'CREATE TABLE events ("event.created" {kind})')
    connection.execute(f"INSERT INTO events VALUES ({value})")  # noqa: S608 constants of this test
    query = 'any where event.created == "2024-01-01" and event.created < "2024-01-01T00:00:00.001Z"'
    artifact = convert(query, layout=layout).artifact
    assert artifact is not None
    assert len(connection.execute(artifact.text).fetchall()) == 1


def test_structs_in_lists() -> None:
    columns = {
        "dns.answers": Column("STRUCT", is_list=True),
        "dns.answers.data": Column("VARCHAR", is_list=True),
    }
    artifact = convert(
        'any where dns.answers.data == "b"', layout=Layout(LayoutKind.NESTED, columns)
    ).artifact
    assert artifact is not None
    connection = duckdb.connect()
    connection.execute("CREATE TABLE events (dns STRUCT(answers STRUCT(data VARCHAR)[]))")
    connection.execute("INSERT INTO events VALUES ({answers: [{data: 'a'}, {data: 'b'}]}), (NULL)")
    assert len(connection.execute(artifact.text).fetchall()) == 1


# --- letter case ------------------------------------------------------------------------------


@pytest.mark.parametrize("folding", list(Folding))
@pytest.mark.parametrize(
    "condition",
    [
        'process.name : "cmd.exe"',
        'not process.name : "kim"',
        'process.name : "aÉ"',
        'process.name : ("*a*", "*b*", "*c*", "*s*")',
        'process.name regex~ "ki?m"',
        "endsWith~(process.name, user.name)",
        'indexOf~(process.name, "sik") > 0',
    ],
)
def test_letter_case_loses_nothing_at_either_level(condition: str, folding: Folding) -> None:
    rule = from_query(f"any where {condition}")
    outcome = convert_rule(rule, TARGET, model=EventModel(folding=folding))
    assert outcome.fidelity.losses == ()
    assert outcome.fidelity.grade is Grade.EXACT


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('process.name : "wget*"', "process.name ILIKE 'wget%'"),
        ('process.name : "svchost.exe"', "UPPER(process.name) = 'SVCHOST.EXE'"),
        ('process.name : "sh*"', "UPPER(process.name) LIKE 'SH%'"),
        ('process.name : "task*"', "UPPER(process.name) ILIKE 'task%'"),
        ('process.name : "Café"', "REGEXP_MATCHES(process.name, '^Caf[Éé]$', 'is')"),
        (
            'process.name in~ ("sh", "find")',
            "UPPER(process.name) IN ('SH', 'FIND') AND NOT CONTAINS(process.name, 'ı')",
        ),
        (
            'process.name : "find*"',
            "process.name ILIKE 'find%' AND NOT CONTAINS(LEFT(process.name, 4), 'İ')",
        ),
        (
            'process.name : "*find*"',
            (
                "process.name ILIKE '%find%' AND (NOT CONTAINS(process.name, 'İ') "
                "OR REGEXP_MATCHES(process.name, 'find', 'is'))"
            ),
        ),
        (
            'not process.name : "*find*"',
            (
                "NOT COALESCE(CASE WHEN process.name ILIKE '%find%' THEN "
                "NOT CONTAINS(process.name, 'İ') OR REGEXP_MATCHES(process.name, 'find', 'is') "
                "END, FALSE)"
            ),
        ),
    ],
)
def test_letter_case_by_the_function_that_is_right_for_the_letters(
    condition: str, expected: str
) -> None:
    found = where(f"any where {condition}")
    assert found in (expected, f"({expected})")


# --- around the query -------------------------------------------------------------------------

RULE = Rule(
    query=Source("query", 'process where process.name == "a"'),
    id="0-1-2",
    name="A rule",
    severity="high",
    risk_score=73,
    from_="now-9m",
    max_signals=2,
    tags=("Domain: Endpoint",),
    threat=(Threat("TA0003", "Persistence", techniques=(Technique("T1505"),)),),
)


def rule_text(**options: str) -> str:
    outcome = convert_rule(RULE, TARGET, options=options)
    assert outcome.artifact is not None, outcome.diagnostics
    return outcome.artifact.text


def filled() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        'CREATE TABLE events ("@timestamp" TIMESTAMP, process STRUCT(name VARCHAR), '
        "event STRUCT(category VARCHAR[]))"
    )
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for minutes in (1, 2, 3, 30):
        connection.execute(
            "INSERT INTO events VALUES (?, {name: 'a'}, {category: ['process']})",
            [now - dt.timedelta(minutes=minutes)],
        )
    return connection


def test_header() -> None:
    assert rule_text().splitlines()[:3] == [
        "-- A rule (0-1-2)",
        "-- severity: high, risk score 73",
        "-- ATT&CK: TA0003, T1505",
    ]
    assert rule_text(comments="none").startswith("SELECT")
    assert '-- process where process.name == "a"' in rule_text(comments="full")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({}, 4),
        ({"window": "rule"}, 3),
        ({"max_signals": "rule"}, 2),
        ({"window": "rule", "max_signals": "rule", "order": "none"}, 2),
    ],
)
def test_window_and_signals(options: dict[str, str], count: int) -> None:
    connection = filled()
    connection.execute("SET TimeZone = 'Asia/Tokyo'")
    assert len(connection.execute(rule_text(**options)).fetchall()) == count


def test_an_odd_window_is_refused() -> None:
    rule = Rule(query=RULE.query, from_="2024-01-01||/d")
    outcome = convert_rule(rule, TARGET, options={"window": "rule"})
    assert outcome.artifact is None
    assert {d.code for d in outcome.diagnostics} == {"window-not-understood"}


def test_view() -> None:
    connection = filled()
    connection.execute(rule_text(envelope="view"))
    assert len(connection.execute("SELECT * FROM eql_0_1_2").fetchall()) == 4


def test_parameterised() -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    start = now - dt.timedelta(minutes=5)
    rows = filled().execute(rule_text(envelope="parameterised"), {"start": start, "end": now})
    assert len(rows.fetchall()) == 3


def test_dbt() -> None:
    model = rule_text(envelope="dbt")
    assert model.startswith("{{ config(materialized='view', tags=[\"Domain: Endpoint\"]) }}")
