"""A DuckDB connection that can be left behind in the middle of a statement.

DuckDB hears an interruption between vectors of 2,048 rows only. A regular expression over long values
can take minutes for one vector, and neither a deadline nor Ctrl-C would end it. So statements run in a
thread of their own, and who waits for one that is interrupted and does not end goes on with another
connection to the same database. What was left behind ends by itself, when DuckDB listens.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

import duckdb

T = TypeVar("T")

_SLICE_SECONDS = 0.1
"""What is raised in the waiting thread from outside is raised after such a time at the latest."""
_GRACE_SECONDS = 0.4
"""So long may an interrupted statement take to end."""
_MOST_LEFT = 3
"""With so many statements left behind, a new one waits until one of them has ended."""


class _Task(Generic[T]):
    """A call in the other thread, and what became of it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._error: BaseException | None = None
        self.done = threading.Event()

    def do(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 raised where it is waited for
            self._error = error
        self.done.set()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]


class _Hand:
    """A connection and the thread that uses it."""

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        self.raw = raw
        self.ended = threading.Event()
        self._tasks: SimpleQueue[_Task[Any] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self, task: _Task[Any]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="duckdb", daemon=True)
            self._thread.start()
        self._tasks.put(task)

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            task.do()
            del task  # its result may be large
        self.raw.close()
        self.ended.set()

    def end(self) -> None:
        """Close the connection: in its thread, after what runs there."""
        if self._thread is None:
            self.raw.close()
            self.ended.set()
        else:
            self._tasks.put(None)

    def wait(self) -> None:
        """Wait until the connection is closed."""
        self.ended.wait()


_left_lock = threading.Lock()
_left: list[_Hand] = []
"""Connections of the process that still compute for nobody. They must not be destroyed before they have
ended: that would wait for them."""


def _still_left() -> int:
    with _left_lock:
        _left[:] = [hand for hand in _left if not hand.ended.is_set()]
        return len(_left)


@atexit.register
def _end_left() -> None:
    """Wait for what was left behind: Python ends badly with threads in native code. (The program `eqlx`
    ends without it.)"""
    while _still_left():
        with _left_lock:
            for hand in _left:
                with suppress(duckdb.Error):
                    hand.raw.interrupt()
        sleep(_SLICE_SECONDS)


class PatientConnection:
    """The part of a DuckDB connection that eqlx uses. What one thread waits for can be interrupted there
    by any exception (Ctrl-C, `eqlx.bounds.within`): then the statement is interrupted, and if it does
    not end, left behind (`left_behind` counts). What belonged to the connection alone (temporary
    tables, settings of the session) is lost then."""

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        self._hand = _Hand(raw)
        self.left_behind = 0

    # --- statements: in the other thread --------------------------------------------------------

    def execute(
        self, query: str | duckdb.Statement, parameters: object = None
    ) -> PatientConnection:
        """See `duckdb.DuckDBPyConnection.execute`."""
        self._call(lambda raw: raw.execute(query, parameters))
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        """See `duckdb.DuckDBPyConnection.fetchall`."""
        return self._call(lambda raw: raw.fetchall())

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """See `duckdb.DuckDBPyConnection.fetchmany`."""
        return self._call(lambda raw: raw.fetchmany(size))

    def fetchone(self) -> tuple[Any, ...] | None:
        """See `duckdb.DuckDBPyConnection.fetchone`."""
        return self._call(lambda raw: raw.fetchone())

    # --- what takes no time ---------------------------------------------------------------------

    @property
    def raw(self) -> duckdb.DuckDBPyConnection:
        """DuckDB's own connection, for relations, which are evaluated in the thread that asks."""
        return self._hand.raw

    @property
    def description(self) -> list[tuple[Any, ...]] | None:
        """See `duckdb.DuckDBPyConnection.description`."""
        return self._hand.raw.description

    def extract_statements(self, query: str) -> list[duckdb.Statement]:
        """See `duckdb.DuckDBPyConnection.extract_statements`."""
        return self._hand.raw.extract_statements(query)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """See `duckdb.DuckDBPyConnection.sql`."""
        return self._hand.raw.sql(query)

    def table(self, name: str) -> duckdb.DuckDBPyRelation:
        """See `duckdb.DuckDBPyConnection.table`."""
        return self._hand.raw.table(name)

    def read_ndjson(self, file: str, columns: dict[str, str]) -> duckdb.DuckDBPyRelation:
        """See `duckdb.DuckDBPyConnection.read_json`."""
        return self._hand.raw.read_json(file, columns=columns, format="newline_delimited")

    def interrupt(self) -> None:
        """See `duckdb.DuckDBPyConnection.interrupt`."""
        self._hand.raw.interrupt()

    def close(self) -> None:
        """Close the connection; what was left behind closes when it has ended."""
        self._hand.end()
        self._hand.wait()

    # --------------------------------------------------------------------------------------------

    def _call(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        while self.left_behind and _still_left() >= _MOST_LEFT:
            sleep(_SLICE_SECONDS)
        hand = self._hand
        task = _Task(lambda: work(hand.raw))
        try:
            hand.start(task)
            while not task.done.wait(_SLICE_SECONDS):
                pass
        except BaseException:
            self._interrupted(hand, task)
            raise
        return task.result()

    def _interrupted(self, hand: _Hand, task: _Task[Any]) -> None:
        """Have the statement end, or leave it behind. Whatever is raised here meanwhile (a deadline is
        raised again and again) was raised before."""
        end = monotonic() + _GRACE_SECONDS
        while not task.done.is_set() and self._hand is hand:
            try:
                if monotonic() > end:
                    self._leave(hand)
                    return
                hand.raw.interrupt()
                task.done.wait(_SLICE_SECONDS / 4)
            except BaseException:  # noqa: BLE001, S112 see above
                continue

    def _leave(self, hand: _Hand) -> None:
        fresh = _Hand(hand.raw.cursor())
        with _left_lock:
            _left.append(hand)
        hand.end()
        self.left_behind += 1
        self._hand = fresh
