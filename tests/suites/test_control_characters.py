"""No character changes on its way through an artifact: every control and format character in a rule's
value, read back by an independent reader (DuckDB, `json`, PyYAML) from every target and envelope,
also after universal-newline translation of the artifact.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator

import duckdb
import jinja2
import pytest
import yaml

from eqlx.capability import Drift
from eqlx.driver.convert import compile_rule, convert_rule
from eqlx.printable import UNSAFE, escaped_json, is_safe
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.source import Source

CATEGORIES = {"Cc", "Cf", "Zl", "Zp"}
CHARACTERS = [
    c
    for c in map(chr, [*range(0x300), *range(0x2000, 0x2100), 0xFEFF, 0xE0001, 0x110BD])
    if unicodedata.category(c) in CATEGORIES
]
ALL = [*(c * n for c in CHARACTERS for n in (1, 2)), "\r\n", "\n\r", "\u200d😀\r", "'\r'", "\\\r"]
ALLOW = frozenset({Drift.WIDENS, Drift.NARROWS})
NAMED = [f"U+{'-'.join(f'{ord(c):04X}' for c in text)}" for text in ALL]
every_text = pytest.mark.parametrize("text", ALL, ids=NAMED)


def test_what_is_unsafe_is_what_unicode_says():
    known = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    wanted = {c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in known}
    found = {c for c in map(chr, range(sys.maxunicode + 1)) if UNSAFE.match(c)}
    assert wanted <= found
    assert {unicodedata.category(c) for c in found - wanted} <= {"Cn"}
    assert all(is_safe(c) != (c in found) for c in map(chr, range(0x3000)))


def quoted(text: str) -> str:
    """A string of EQL, every character of it spelled."""
    return '"' + "".join(f"\\u{{{ord(c):02x}}}" for c in text) + '"'


def made(eql: str, target: str, *, text: str = "", **options: str) -> str:
    """The artifact of a rule, which has `text` in its metadata as well."""
    rule = Rule(
        Source("query", eql),
        name=f"n{text}n",
        id=f"i{text}i",
        tags=(f"t{text}t", "é😀"),
        description=f"d{text}d",
        index=("logs-*",),
    )
    outcome = convert_rule(rule, load_target(target), options=options, allow=ALLOW)
    assert outcome.artifact is not None, outcome.diagnostics
    for file in outcome.artifact.files:
        assert not UNSAFE.search(file.text.replace("\n", ""))
    return outcome.artifact.text


def translated(artifact: str) -> str:
    """What a reader with universal newlines gets, of a file that an editor gave other line ends."""
    assert not UNSAFE.search(artifact.replace("\n", "")), artifact
    return re.sub("\r\n?", "\n", artifact.replace("\n", "\r\n"))


# --- SQL: DuckDB reads it ---------------------------------------------------------------------


def rows(text: str) -> list[str]:
    """The value itself, and what it could have become on the way."""
    value = f"a{text}b"
    near = ["ab", value.replace("\r", "\n"), value.replace("\n", "\r\n"), value[:-1], f"a{text} b"]
    near += [value.replace("\r\n", "\n"), "a" + " " * len(text) + "b", f"{value}\n"]
    return [value, *dict.fromkeys(n for n in near if n != value)]


def searched(sql: str, values: list[str], **parameters: object) -> list[str]:
    connection = duckdb.connect()
    connection.execute(
        'CREATE TABLE events (process STRUCT("name" VARCHAR), "@timestamp" TIMESTAMP)'
    )
    for value in values:
        connection.execute(
            "INSERT INTO events VALUES ({'name': ?}, TIMESTAMP '2026-01-01')", [value]
        )
    if sql.rstrip().endswith(";") and "CREATE" in sql:
        connection.execute(sql)
        [name] = re.findall(r"CREATE OR REPLACE VIEW (\S+) AS", sql)
        sql = f"FROM {name}"
    return [row[0]["name"] for row in connection.execute(sql, parameters or None).fetchall()]


def rendered(model: str) -> tuple[str, list[str]]:
    """A dbt model's SQL and its tags, as Jinja gives them."""
    tags: list[str] = []

    def config(**given: object) -> str:
        found = given["tags"]
        assert isinstance(found, list)
        tags.extend(found)
        return ""

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 SQL
    return environment.from_string(model).render(config=config), tags


@every_text
class TestSQL:
    @pytest.mark.parametrize("envelope", ["query", "view", "parameterised", "dbt"])
    def test_envelopes(self, text: str, envelope: str):
        eql = f"any where process.name == {quoted(f'a{text}b')}"
        sql = translated(made(eql, "sql", text=text, envelope=envelope, comments="full"))
        if envelope == "dbt":
            sql, tags = rendered(sql)
            assert tags[-1] == "é😀"
        bounds = {"start": "2020-01-01", "end": "2030-01-01"} if envelope == "parameterised" else {}
        values = rows(text)
        assert searched(sql, values, **bounds) == values[:1]

    @pytest.mark.parametrize(
        "condition",
        [
            "process.name : $",
            "process.name in ($, $$)",
            "process.name in~ ($, $$)",
            "startsWith(process.name, $) and endsWith(process.name, $) and length(process.name) == #",
            "stringContains~(process.name, $) and length(process.name) == #",
            "concat(process.name, $) == $$",
            "process.name like $* and length(process.name) == #",
        ],
    )
    def test_operators(self, text: str, condition: str):
        value = f"a{text}b"
        length = len(value.encode("utf-16-le")) // 2
        eql = condition.replace("$*", quoted(value)[:-1] + '*"').replace("$$", quoted(value * 2))
        eql = eql.replace("$", quoted(value)).replace("#", str(length))
        values = rows(text)
        assert searched(translated(made(f"any where {eql}", "sql")), values) == values[:1]


# --- Elasticsearch: `json` reads it -----------------------------------------------------------


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings(child)


@every_text
@pytest.mark.parametrize("envelope", ["request", "body", "query", "watch", "monitor", "kibana"])
def test_elasticsearch(text: str, envelope: str):
    eql = f"any where process.name == {quoted(f'a{text}b')}"
    found = json.loads(translated(made(eql, "elasticsearch", text=text, envelope=envelope)))
    if envelope == "kibana":
        query = compile_rule(Rule(Source("query", found["query"]))).query
        assert query == compile_rule(Rule(Source("query", eql))).query
    else:
        assert f"a{text}b" in set(strings(found))
    if envelope in {"request", "kibana"}:
        assert {f"n{text}n", f"d{text}d", f"t{text}t"} <= set(strings(found))


@every_text
@pytest.mark.parametrize("form", ["eql", "stages"])
@pytest.mark.parametrize("envelope", ["request", "body"])
def test_elasticsearch_joins(text: str, form: str, envelope: str):
    term = f"[any where process.name == {quoted(f'a{text}b')}]"
    eql = f"sequence by host.id {term} {term}"
    artifact = translated(made(eql, "elasticsearch", form=form, envelope=envelope))
    several = form == "stages" and envelope == "body"
    found = (
        [json.loads(line) for line in artifact.splitlines()] if several else json.loads(artifact)
    )
    if form == "stages":
        assert f"a{text}b" in set(strings(found))
    else:
        body = found if envelope == "body" else found["body"]
        query = compile_rule(Rule(Source("query", body["query"]))).query
        assert query == compile_rule(Rule(Source("query", eql))).query


@every_text
def test_eql(text: str):
    eql = f"any where process.name == {quoted(f'a{text}b')}"
    found = translated(made(eql, "eql", text=text))
    query = compile_rule(Rule(Source("query", found))).query
    assert query == compile_rule(Rule(Source("query", eql))).query


# --- Sigma: PyYAML reads it -------------------------------------------------------------------


@every_text
def test_sigma(text: str):
    eql = f"process where process.command_line == {quoted(f'a{text}b')}"
    documents = list(yaml.safe_load_all(translated(made(eql, "sigma", text=text))))
    wanted = f"a{text}b"
    written = wanted.replace("\\\\", "\\\\\\\\")
    for document in documents:
        assert written in set(strings(document["detection"])), document


def test_json_of_every_character():
    for start in range(0, sys.maxunicode + 1, 0x1000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        written = escaped_json(json.dumps(text, ensure_ascii=False))
        assert json.loads(written) == json.loads(json.dumps(text))
        assert not UNSAFE.search(written)
