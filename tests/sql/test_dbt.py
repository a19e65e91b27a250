"""dbt models and table names: rendered by Jinja2 as dbt does, executed by DuckDB, described in YAML."""

from __future__ import annotations

import re

import duckdb
import jinja2
import pytest
import yaml

from eqlx.diagnostics import Severity
from eqlx.driver.convert import Outcome, Status, convert_rule
from eqlx.registry import load_target
from eqlx.rule import Rule, Technique, Threat
from eqlx.source import Source

HOSTILE = "a {{ b }} {% c %} {# d #} \"'\\ \n é😀"
RULE = Rule(
    Source("query", 'any where a == "{{ x }}" and not a == "{% y %}"'),
    id="0-1",
    name=HOSTILE,
    description=HOSTILE,
    severity="high",
    risk_score=73,
    from_="now-9m",
    tags=(HOSTILE, "é😀"),
    threat=(Threat("TA0003", "Persistence", techniques=(Technique("T1505"),)),),
)
FLAT = {"layout": "flat"}


def convert(rule: Rule = RULE, **options: str) -> Outcome:
    given = {name.replace("_", "-"): value for name, value in (FLAT | options).items()}
    return convert_rule(rule, load_target("sql"), options=given)


def model(rule: Rule = RULE, **options: str) -> tuple[str, dict[str, object]]:
    """A model's template and the model that its YAML file describes, as dbt reads it."""
    outcome = convert(rule, envelope="dbt", **options)
    assert outcome.artifact is not None, outcome.diagnostics
    sql, about = outcome.artifact.files
    assert (sql.stem, sql.suffix, about.suffix) == (about.stem, "", ".yml")
    assert sql.text == outcome.artifact.text
    document = yaml.safe_load(about.text)
    assert document["version"] == 2
    [found] = document["models"]
    assert found["name"] == sql.stem
    return sql.text, found


def rendered(template: str, *, later: bool = False) -> tuple[str, dict[str, object]]:
    """The SQL and the configuration. Relations are quoted names with dots."""
    given: dict[str, object] = {}

    def config(**arguments: object) -> str:
        given.update(arguments)
        return ""

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 SQL
    sql = environment.from_string(template).render(
        config=config,
        is_incremental=lambda: later,
        source=lambda schema, table: f'"{schema}"."{table}"',
        ref=lambda *names: '"' + ".".join(names) + '"',
    )
    return sql, given


def errors(outcome: Outcome) -> list[str]:
    return [d.code for d in outcome.diagnostics if d.severity is Severity.ERROR]


def plain(text: str) -> str:
    return jinja2.Template(text).render()


def test_a_model_finds_the_events_and_is_described():
    template, about = model()
    sql, given = rendered(template)
    assert given == {
        "materialized": "view",
        "tags": ["a {{ b }} {% c %} {# d #} \"'\\   é😀", "é😀"],
    }
    assert "ORDER BY" not in sql
    connection = duckdb.connect()
    connection.execute('CREATE TABLE events (a VARCHAR, "@timestamp" TIMESTAMP)')
    connection.executemany(
        "INSERT INTO events VALUES (?, now())", [["{{ x }}"], ["x"], ["{% y %}"]]
    )
    assert [row[0] for row in connection.execute(sql).fetchall()] == ["{{ x }}"]
    assert plain(str(about["description"])) == HOSTILE
    meta = about["meta"]
    assert isinstance(meta, dict)
    assert (meta["rule_id"], meta["severity"], meta["risk_score"]) == ("0-1", "high", 73)
    assert meta["attack"] == ["TA0003", "T1505"]
    assert meta["fidelity"] == ["fidelity: exact"]
    assert about["columns"] == [{"name": "@timestamp", "quote": True, "tests": ["not_null"]}]


@pytest.mark.parametrize(
    ("table", "relation"),
    [
        ("{{ source('a', 'b') }}", '"a"."b"'),
        ('{{source("a","b")}}', '"a"."b"'),
        ("{{ ref('m') }}", '"m"'),
        ("{{ ref('p', 'm') }}", '"p.m"'),
        ('logs."my events"', 'logs."my events"'),
    ],
)
@pytest.mark.parametrize(
    "query", ["any where a == 1", "sequence by b [any where a == 1] [any where true]"]
)
def test_relations_of_dbt_pass_through(table: str, relation: str, query: str):
    rule = Rule(Source("query", query), id="r")
    sql, _ = rendered(model(rule, table=table)[0])
    assert f"FROM {relation}" in sql
    assert "eqlx_dbt" not in sql


@pytest.mark.parametrize("table", ["{{ source('a', 'b') }}", "{{ ref('m') }}"])
@pytest.mark.parametrize("envelope", ["query", "view", "parameterised"])
def test_relations_of_dbt_are_refused_elsewhere(table: str, envelope: str):
    outcome = convert(table=table, envelope=envelope)
    assert errors(outcome) == ["dbt-relation"]


@pytest.mark.parametrize(
    "table",
    [
        "",
        "read_parquet('x')",
        "events; DROP TABLE x",
        "a.b.c.d",
        "a..b",
        ".a",
        "a b",
        '"a',
        '"a\rb"',
        "'x.parquet'",
        "(SELECT 1)",
        "{{ var('x') }}",
        "{{ ref('a') }}.b",
        "{{ ref('a'); }}",
        "{{ ref(x) }}",
        "1a",
    ],
)
@pytest.mark.parametrize("envelope", ["query", "dbt"])
def test_what_is_no_name_is_refused_with_the_form_that_works(table: str, envelope: str):
    outcome = convert(table=table, envelope=envelope)
    assert outcome.status is Status.INVALID
    [diagnostic] = [d for d in outcome.diagnostics if d.severity is Severity.ERROR]
    assert diagnostic.code == "table-name"
    assert '"events.parquet"' in (diagnostic.help or "")


@pytest.mark.parametrize(
    ("table", "printed"),
    [
        ("events", "events"),
        ("Logs.Events", '"Logs"."Events"'),
        ('db.s."a.b"', 'db.s."a.b"'),
        ('"say ""hi"""', '"say ""hi"""'),
        ("logs-2026", '"logs-2026"'),
        ("événements", '"événements"'),
    ],
)
def test_names(table: str, printed: str):
    outcome = convert(table=table)
    assert outcome.artifact is not None
    assert f"FROM {printed}\n" in outcome.artifact.text


def test_a_file_is_a_table_by_its_quoted_name(tmp_path):
    path = tmp_path / "events.parquet"
    connection = duckdb.connect()
    connection.execute(f"COPY (SELECT '{{{{ x }}}}' AS a, now() AS \"@timestamp\") TO '{path}'")
    outcome = convert(table=f'"{path}"')
    assert outcome.artifact is not None
    assert len(connection.execute(outcome.artifact.text).fetchall()) == 1


def test_an_incremental_model_searches_the_window_after_its_first_run():
    template, about = model(materialized="incremental", row_id="id")
    connection = duckdb.connect()
    connection.execute('CREATE TABLE events (a VARCHAR, id INTEGER, "@timestamp" TIMESTAMP)')
    connection.execute(
        "INSERT INTO events SELECT '{{ x }}', n, CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)"
        " - INTERVAL (n) HOUR FROM range(3) r(n)"
    )
    sql, given = rendered(template)
    assert (given["materialized"], given["unique_key"]) == ("incremental", "id")
    assert len(connection.execute(sql).fetchall()) == 3
    later, _ = rendered(template, later=True)
    assert [row[1] for row in connection.execute(later).fetchall()] == [0]
    assert {"name": "id", "quote": True, "tests": ["unique", "not_null"]} in about["columns"]  # type: ignore[operator]


def test_an_incremental_model_needs_a_key():
    outcome = convert(envelope="dbt", materialized="incremental")
    assert errors(outcome) == ["no-row-id"]
    join = Rule(Source("query", "sample by b [any where true] [any where true]"))
    outcome = convert(join, envelope="dbt", materialized="incremental", row_id="id")
    assert errors(outcome) == ["inexpressible"]


def test_limits_keep_their_order():
    rule = Rule(Source("query", "any where true | head 3"))
    sql, _ = rendered(model(rule)[0])
    assert re.search(r"ORDER BY\s+\"@timestamp\"\s+LIMIT 3", sql)
