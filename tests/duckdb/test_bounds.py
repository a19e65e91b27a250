"""The DuckDB engine keeps to one total of time and to the memory, and is as it was afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eqlx.execution import Bounds, ExecutionError, TimeUpError
from eqlx_targets.engines.duckdb.connection import Connection

# A deadline may land in a callback of the garbage collector: it is lost, said, and raised again.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range + b.range = 1"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    connection = Connection(Bounds(0.3, "200MB", 1), tmp_path / "spill")
    yield connection
    connection.close()


def endless_statement(connection: Connection) -> None:
    connection.select(ENDLESS)


def many_statements(connection: Connection) -> None:
    while True:
        list(connection.select("SELECT 1")[1])


def many_rows(connection: Connection) -> None:
    for _ in connection.select("SELECT * FROM range(1000000000000)")[1]:
        pass


def python_between(connection: Connection) -> None:
    connection.select("SELECT 1")
    while True:
        pass


@pytest.mark.parametrize(
    "work",
    [endless_statement, many_statements, many_rows, python_between],
    ids=lambda f: f.__name__,
)
def test_all_work_together_has_one_deadline(connection: Connection, work) -> None:
    with (
        pytest.raises(TimeUpError, match=r"the work took longer than 0[.]3 seconds") as caught,
        connection.timed("the work"),
    ):
        work(connection)
    assert "`--timeout`" in (caught.value.advice or "")
    assert list(connection.select("SELECT 7")[1]) == [(7,)]


def test_out_of_memory_is_said_with_help(tmp_path: Path) -> None:
    # With time enough on a busy machine: the memory ends first.
    connection = Connection(Bounds(600.0, "200MB", 1), tmp_path / "spill")
    with pytest.raises(ExecutionError, match="out of memory") as caught:
        connection.select("SELECT list(range::VARCHAR) FROM range(100000000)")
    assert "`--memory`" in (caught.value.advice or "")
    assert "\n" not in str(caught.value)
    assert list(connection.select("SELECT 7")[1]) == [(7,)]
    connection.close()


def test_what_python_holds_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    # The process seems to grow by 100 MB at each look.
    sizes = iter(range(0, 10**12, 100_000_000))
    monkeypatch.setattr("eqlx.bounds.process_bytes", lambda: next(sizes))
    slow = Connection(Bounds(600.0, "200MB", 1), Path("spill"))
    with (
        pytest.raises(ExecutionError, match="the work took more than 456 MB of memory"),
        slow.timed("the work"),
    ):
        python_between(slow)
    slow.close()
