"""Nothing that a stranger writes gets out of its literal, identifier or comment."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot

from eqlx.diagnostics import Severity
from eqlx.driver import Outcome, convert_rule
from eqlx.patterns.folding import Folding
from eqlx.rule import Rule
from eqlx.rulefile.loader import from_query
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_targets.sql.target import TARGET

HOSTILE = [
    "'; DROP TABLE events; --",
    "' OR 1=1 --",
    "\\' OR TRUE --",
    "*/ DROP TABLE events /*",
    "a\x00b",
    "a\nb\r\nc",
    "\u2028--",
    "$1 ? :x @y {{ z }} {% raw %}",
    "__SQLGLOT__LBREAK__",
    "é😀\U0010ffff",
    '"; DROP TABLE events; --',
    "$$ body $$",
    "E'\\x27'",
]


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\u{{{ord(c):02x}}}" if c < " " else c for c in escaped) + '"'


def swapped(text: str) -> str:
    return "".join(c.swapcase() if c.isascii() else c for c in text)


def convert(query: str, folding: str = "unicode", **options: str) -> Outcome:
    model = EventModel(folding=Folding(folding))
    return convert_rule(from_query(query), TARGET, options=options, model=model)


def events(*names: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        'CREATE TABLE events (process STRUCT(name VARCHAR, args VARCHAR[]), "@timestamp" TIMESTAMP)'
    )
    for name in names:
        connection.execute(
            "INSERT INTO events VALUES ({name: ?, args: [?]}, TIMESTAMP '2024-01-01')", [name, name]
        )
    return connection


def _patterns(value: str) -> list[str]:
    return [value + "*", "*" + value, "x*" + value, "*" + value + "*y*", value + "?"]


@pytest.mark.parametrize("folding", ["unicode", "ascii"])
@pytest.mark.parametrize("value", HOSTILE)
def test_values_stay_values(value: str, folding: str) -> None:
    connection = events(*HOSTILE)
    literal = quoted(value)
    conditions = [
        f"process.name == {literal}",
        f"process.name : {quoted(swapped(value))}",
        f"process.args in ({literal}, {quoted('nobody')})",
        f"process.name in~ ({literal}, {quoted('nobody')})",
        f"startsWith(process.name, {literal}) and endsWith(process.name, {literal})",
        f"stringContains~(process.name, {literal}) and length(process.name) >= 1",
        f"concat(process.name, {literal}) == {quoted(value + value)}",
        f'between(concat("<", process.name, ">"), "<", ">") == {literal}',
    ]
    if not set(value) & set("*?"):
        conditions += [
            f"process.name like ({literal}, {quoted('*' + value + '?')})",
            f"process.args like ({', '.join(map(quoted, _patterns(value)))})",
        ]
    for condition in conditions:
        outcome = convert(f"any where {condition}", folding=folding)
        assert outcome.artifact is not None, (condition, outcome.diagnostics)
        text = outcome.artifact.text
        assert len(sqlglot.parse(text, read="duckdb")) == 1
        assert len(connection.extract_statements(text)) == 1
        rows = connection.execute(text).fetchall()
        assert [row[0]["name"] for row in rows] == [value], condition


NAMES = [
    'x" FROM events; DROP TABLE events; --',
    "x'y",
    "a b",
    "select",
    "x) OR (TRUE",
    "Ünïcode",
    "e",
    "dollar$",
    "[1]",
]


@pytest.mark.parametrize("layout", ["nested", "flat", "json"])
@pytest.mark.parametrize("name", NAMES)
def test_field_names_stay_names(name: str, layout: str) -> None:
    connection = duckdb.connect()
    column = '"' + name.replace('"', '""') + '"'
    dotted = '"outer.' + name.replace('"', '""') + '"'
    kind = {
        "nested": f'"outer" STRUCT({column} VARCHAR)',
        "flat": f"{dotted} VARCHAR",
        "json": "event JSON",
    }[layout]
    connection.execute(f'CREATE TABLE events ({kind}, "@timestamp" TIMESTAMP)')
    path = "outer.`" + name.replace("`", "``") + "`"
    outcome = convert(f'any where {path} == "v" and {path} : ("a*", "*b")', layout=layout)
    assert outcome.artifact is not None, outcome.diagnostics
    assert connection.execute(outcome.artifact.text).fetchall() == []
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)


@pytest.mark.parametrize(
    ("table", "create"),
    [
        ("events", "events"),
        ("logs.events", "logs.events"),
        ('logs."my events"', 'logs."my events"'),
        ("select", '"select"'),
        ('"x; DROP TABLE y"', '"x; DROP TABLE y"'),
        ("process", "process"),
        ("logs.event", "logs.event"),
    ],
)
def test_table_names(table: str, create: str) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA logs")
    connection.execute(
        f"CREATE TABLE {create} (process STRUCT(name VARCHAR), "
        'event STRUCT(category VARCHAR[]), "@timestamp" TIMESTAMP)'
    )
    connection.execute(
        f"INSERT INTO {create} VALUES ({{name: 'a'}}, {{category: ['process']}}, now())"  # noqa: S608 constants
    )
    outcome = convert('process where process.name == "a" | tail 1', table=table)
    assert outcome.artifact is not None, outcome.diagnostics
    assert len(connection.execute(outcome.artifact.text).fetchall()) == 1


@pytest.mark.parametrize("table", ["", "a..b", "a.b.c.d", '""'])
def test_no_table_names_are_refused(table: str) -> None:
    outcome = convert("any where true", table=table)
    assert outcome.artifact is None
    assert "table-name" in {d.code for d in outcome.diagnostics if d.severity is Severity.ERROR}


@pytest.mark.parametrize("envelope", ["query", "view", "parameterised", "dbt"])
@pytest.mark.parametrize(
    "hostile", [*HOSTILE, "x\n; DROP TABLE events;", "{{ bad() }}", "{% set x %}"]
)
def test_rule_metadata_stays_in_comments(hostile: str, envelope: str) -> None:
    rule = Rule(
        query=Source("query", 'any where process.name == "{{ x }} {% endraw %} {#"'),
        id=hostile,
        name=hostile,
        severity=hostile,
        tags=(hostile,),
    )
    outcome = convert_rule(rule, TARGET, options={"envelope": envelope, "comments": "full"})
    assert outcome.artifact is not None, outcome.diagnostics
    text = outcome.artifact.text
    if envelope == "dbt":
        from jinja2.sandbox import SandboxedEnvironment

        text = SandboxedEnvironment().from_string(text).render(config=lambda **_: "")
    assert "{{ x }} {% endraw %} {#" in text
    statements = [s for s in sqlglot.parse(text, read="duckdb") if s is not None]
    assert len(statements) == 1
    assert len(duckdb.connect().extract_statements(text)) == 1


def test_half_characters_are_refused() -> None:
    rule = Rule(query=Source("query", 'any where process.name == "\ud800"'))
    outcome = convert_rule(rule, TARGET)
    assert outcome.artifact is None
    assert "internal-error" not in {d.code for d in outcome.diagnostics}
