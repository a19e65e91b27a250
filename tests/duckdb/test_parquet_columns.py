"""Parquet columns in every mixture: each field is found wherever it lies."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from eqlx.driver.run import Runner
from eqlx.execution import Dataset
from eqlx.registry import load_target
from eqlx.rulefile.loader import from_query
from eqlx_harness.data import need
from eqlx_targets.engines.duckdb.executor import EXECUTOR


def found(file: Path, condition: str) -> list[object]:
    with Runner(EXECUTOR, load_target("sql"), Dataset((file,))) as runner:
        run = runner.run(from_query(f"any where {condition}"))
    assert not run.failed, run.diagnostics
    return [match.events[0].row for match in run.matches]


@pytest.mark.parametrize(
    ("columns", "condition"),
    [
        ("'x' AS \"process.name\", {'category': 'a'} AS event", 'process.name == "x"'),
        ("'x' AS \"process.name\", {'name': 'y'} AS process", 'process.name == "x"'),
        ("'x' AS \"process.name\", {'name': 'y'} AS process", 'process.name == "y"'),
        ("NULL AS \"process.name\", {'name': 'y'} AS process", 'process.name == "y"'),
        ("{'parent.name': 'x'} AS process", 'process.parent.name == "x"'),
        ("[{'name': 'x'}, {'name': 'y'}] AS process", 'process.name == "y"'),
        ("[{'args': ['x', 'z']}, {'args': ['y']}] AS process", 'process.args == "y"'),
        ("[{'p.n': 'x'}] AS a, {'b': 1} AS \"a.p\"", 'a.p.n == "x"'),
        ("[{'b': [{'c': 1}, {'c': 2}]}] AS a", "a.b.c == 2"),
        ("[['x'], ['y']] AS tags", 'tags == "y"'),
        ("1 AS \"a.b\", {'b': 'x'} AS a", 'a.b == "1"'),
        ("1 AS \"a.b\", {'b': 'x'} AS a", 'a.b == "x"'),
        ("{'b': {'c': 1}} AS a, 2 AS \"a.b.c_1\", 3 AS \"a.b.c\"", "a.b.c == 3"),
    ],
)
def test_a_field_is_found(tmp_path: Path, columns: str, condition: str) -> None:
    file = tmp_path / "a.parquet"
    duckdb.sql(f"SELECT {columns}, TIMESTAMP '2026-01-01' AS \"@timestamp\"").write_parquet(
        str(file)
    )
    assert found(file, condition) == [1]
    assert found(file, f"not ({condition})") == []


def test_a_struct_beside_flat_columns() -> None:
    file = need("cases", "parquet-flat-and-struct.parquet")
    assert found(file, 'process.name == "a" and event.category == "process"') == [1]


def test_names_of_folders_are_no_fields(tmp_path: Path) -> None:
    folder = tmp_path / "host=other" / "process.name=other"
    folder.mkdir(parents=True)
    file = folder / "a.parquet"
    duckdb.sql("SELECT 'own' AS host, 'own' AS \"process.name\"").write_parquet(str(file))
    assert found(file, 'host == "own" and process.name == "own"') == [1]
    assert found(file, '?host == "other"') == []
