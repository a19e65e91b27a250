"""Names and counts at the edges: never an internal error, never SQL that DuckDB refuses."""

from __future__ import annotations

import duckdb
import pytest

from eqlx.diagnostics import Severity
from eqlx.driver.convert import Outcome, convert_rule
from eqlx.fields.schema import FieldInfo, FieldList, Layered
from eqlx.ir.types import FieldType
from eqlx.registry import load_target
from eqlx.render.github import data, value
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx_targets.sigma.metadata import title


def convert(eql: str, **more: object) -> Outcome:
    return convert_rule(Rule(Source("query", eql)), load_target("sql"), **more)  # type: ignore[arg-type]


def errors(outcome: Outcome) -> list[str]:
    return [d.code for d in outcome.diagnostics if d.severity is Severity.ERROR]


@pytest.mark.parametrize("name", ["p.`a..b`", "p.`.a`", "p.`a.`", "`.`", "p.`a...b`"])
@pytest.mark.parametrize("layout", ["nested", "flat", "json"])
def test_a_name_with_an_empty_part(name: str, layout: str):
    outcome = convert(f"any where {name} == 1 or not {name} == 2", options={"layout": layout})
    assert outcome.artifact is not None, outcome.diagnostics
    connection = duckdb.connect()
    columns = {
        "nested": 'p STRUCT(x INTEGER), "@timestamp" TIMESTAMP',
        "flat": f'"{name.replace("`", "")}" INTEGER, "@timestamp" TIMESTAMP',
        "json": "event JSON",
    }
    connection.execute(f"CREATE TABLE events ({columns[layout]})")
    row = {"nested": "{'x': 1}, now()", "flat": "NULL, now()", "json": "'{}'"}
    connection.execute(f"INSERT INTO events SELECT {row[layout]}")
    assert len(connection.execute(outcome.artifact.text).fetchall()) == 1


@pytest.mark.parametrize("character", ["\r", "\x1b", "\x85", "\u2028", "\u202e"])
def test_a_name_with_a_character_that_cannot_stand_raw(character: str):
    assert errors(convert(f"any where `a{character}b` == 1")) == ["name-not-printable"]


@pytest.mark.parametrize(
    ("count", "slugs"), [(1, []), (32, []), (33, ["too-many-pipes"]), (1000, ["too-many-pipes"])]
)
def test_many_pipes(count: int, slugs: list[str]):
    pipes = " ".join(f"| {('head', 'tail')[n % 2]} 9" for n in range(count))
    outcome = convert(f"any where true {pipes}")
    assert errors(outcome) == slugs
    if outcome.artifact is not None:
        connection = duckdb.connect()
        connection.execute('CREATE TABLE events ("@timestamp" TIMESTAMP)')
        connection.execute("INSERT INTO events SELECT now() FROM range(20)")
        assert len(connection.execute(outcome.artifact.text).fetchall()) == 9


def test_an_optional_key_that_a_schema_does_not_know_is_null():
    known = ("host.id", "process.pid", "event.category")
    fields = FieldList({name: FieldInfo(FieldType.KEYWORD) for name in known})
    schema = Layered((fields,))
    term = '[any where process.pid == "1"]'
    outcome = convert(
        f"sequence by host.id, ?gone.x {term} {term}", schema=schema, options={"layout": "flat"}
    )
    assert outcome.artifact is not None
    assert "CAST(NULL AS TEXT) AS key_2" in outcome.artifact.text
    connection = duckdb.connect()
    connection.execute(
        'CREATE TABLE events ("host.id" TEXT, "process.pid" TEXT, "@timestamp" TIMESTAMP)'
    )
    connection.execute("INSERT INTO events SELECT 'h', '1', to_timestamp(n) FROM range(2) r(n)")
    assert len(connection.execute(outcome.artifact.text).fetchall()) == 2


@pytest.mark.parametrize("name", ["...", ".", " ", "\x1b", "Detects ..."])
def test_a_rule_whose_name_has_no_word_has_a_title(name: str):
    assert title(name, " - Linux").strip().removesuffix(" - Linux") != ""


def test_an_annotation_holds_no_control_character():
    assert data("a\x00b\x1b\r\n%\u202e") == "a\\u0000b\\u001b%0D%0A%25\\u202e"
    assert value("a:b,c\x00") == "a%3Ab%2Cc\\u0000"
