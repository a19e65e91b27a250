"""`convert --like` over Parquet files of random shapes and layouts; `like.py` as a script goes on for longer."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import duckdb
import pytest
from like import judge
from random_shapes import random_events, random_queries

from eqlx.diagnostics import EqlxError
from eqlx.source import Source
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor
from eqlx_targets.sql.target import TARGET


@pytest.mark.parametrize("seed", range(3))
def test_sql_for_a_file_finds_what_run_finds(seed: int) -> None:
    rng = random.Random(seed)
    events = random_events(rng, 5)
    found = list(judge(events, list(islice(random_queries(rng), 8))))
    assert [each for each in found if each[2] not in ("agreed", "refused")] == []
    assert sum(said == "agreed" for _, _, said in found) > len(found) // 2


def test_each_type_of_column(tmp_path: Path) -> None:
    """What a `CREATE TABLE` says is what a file with those columns says."""
    words = (
        *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"),
        *("UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "BOOLEAN", "VARCHAR", "DATE", "TIMESTAMP"),
        *("TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "UUID", "TIME", "BLOB", "INTEGER[]"),
        *("STRUCT(a VARCHAR, b STRUCT(c BIGINT[]))", "STRUCT(a VARCHAR)[]", "VARCHAR[][]"),
        *('STRUCT("x.y" VARCHAR)', "MAP(VARCHAR, INTEGER)"),
    )
    columns = ", ".join(f'"{number}.f" {word}' for number, word in enumerate(words))
    text, file = f"CREATE TABLE t ({columns}, PRIMARY KEY (x))", tmp_path / "t.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.execute(f"COPY t TO '{file}' (FORMAT parquet)")
        found = connection.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()  # noqa: S608
    stored = ", ".join(f'"{name}" {kind}' for name, kind, *_ in found)
    assert TARGET.table_shape(Source("t", text), "duckdb").fields.fields.keys()
    defined = TARGET.table_shape(Source("t", f"CREATE TABLE t ({stored})"), "duckdb")
    described = DuckDBExecutor().describe(file)
    assert defined.layout.unreadable == described.layout.unreadable
    assert defined.fields == described.fields


@pytest.mark.parametrize(
    ("text", "reason", "marked"),
    [
        ("CREATE TABLE t (a INTEGER,, b", "this is no SQL: expecting )", "b"),
        ("SELECT 1", "no statement `CREATE TABLE` with columns, expected one", None),
        ("CREATE TABLE t AS SELECT 1 AS a", "no statement `CREATE TABLE`", None),
        ("CREATE TABLE t (a INT); CREATE TABLE u (b INT)", "several statements", None),
        ("CREATE TABLE t (a INT, A VARCHAR)", "the column `A` is there twice", "A"),
        ("CREATE TABLE t (a mine)", "the type `mine` of the column `a` is not known", "a"),
        ("", "no statement", None),
        ("CREATE TABLE t (a 'x", "this is no SQL", None),
    ],
)
def test_what_is_no_definition_is_refused(text: str, reason: str, marked: str | None) -> None:
    with pytest.raises(EqlxError) as caught:
        TARGET.table_shape(Source("t.sql", text), "duckdb")
    (said,) = caught.value.diagnostics
    assert said.code == "broken-definition"
    assert said.message.startswith(reason)
    if marked is not None:
        assert said.span is not None
        assert text[said.span.start : said.span.end] == marked


def test_json_is_the_table_that_duckdb_reads(tmp_path: Path) -> None:
    file = tmp_path / "e.ndjson"
    file.write_text('{"@timestamp": "2026-01-01T00:00:00Z", "own": "2026-01-01", "pid": 3}\n')
    shape = DuckDBExecutor().describe(file)
    assert (
        shape.layout.why_unreadable("own") == "its text was read as DATE, so it is not what it was"
    )
    assert shape.layout.why_unreadable("pid") is None
