"""The DuckDB engine keeps to one total of time and to the memory, and is as it was afterwards."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from eqlx.execution import Bounds, ExecutionError, StillBusyError, TimeUpError
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


SLOW_VECTOR = (
    "SELECT count(*) FROM range(150) WHERE regexp_matches(range || (SELECT string_agg("
    "chr(97 + (hash(n.range) % 2)::INT), '') FROM range(60000) n), "
    "'.*a[ab]{200}b[ab]{200}a[ab]{200}bb[ab]{200}c')"
)
"""One vector of long values, about a tenth of a second for each: DuckDB hears nothing meanwhile."""


def test_a_statement_that_does_not_listen_is_left_behind(connection: Connection) -> None:
    before = connection.raw.raw
    with (
        pytest.raises(
            StillBusyError, match="the engine did not stop when it was told to"
        ) as caught,
        connection.timed("the work"),
    ):
        connection.select(SLOW_VECTOR)
    assert "slow regular expression" in (caught.value.advice or "")
    assert connection.raw.left_behind == 1
    assert connection.raw.raw is not before
    assert list(connection.select("SELECT current_setting('TimeZone')")[1]) == [("UTC",)]
    restored = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 our own
    assert str(restored) == str(caught.value)


def test_ctrl_c_ends_the_wait_for_a_statement_that_does_not_listen(tmp_path: Path) -> None:
    connection = Connection(Bounds(600.0, "200MB", 1), tmp_path / "spill")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            connection.select(SLOW_VECTOR)
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)
    assert connection.raw.left_behind == 1
    assert list(connection.select("SELECT 7")[1]) == [(7,)]
    connection.close()


def test_many_left_behind_are_waited_for(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [2, 3, 3]
    monkeypatch.setattr("eqlx_targets.engines.duckdb.patient._still_left", looks.pop)
    connection.raw.left_behind = 1
    connection.raw.execute("SELECT 7")
    assert looks == []
    connection.raw.left_behind = 0
