"""A DuckDB connection that may do nothing but answer one SELECT at a time within its bounds."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from eqlx.bounds import Deadline, bytes_of, within
from eqlx.execution import MORE_MEMORY, Bounds, ExecutionError, StillBusyError, TimeUpError
from eqlx_targets.engines.duckdb.patient import PatientConnection
from eqlx_targets.engines.duckdb.probe import check_version

_LOCKS = (
    ("enable_external_access", False),
    ("autoinstall_known_extensions", False),
    ("autoload_known_extensions", False),
    ("allow_community_extensions", False),
    ("lock_configuration", True),
)
"""In this order: nothing can be set after the last one."""

_BATCH = 10_000
_LEAST_OF_PYTHON = 256_000_000
"""Bytes that Python may take beside DuckDB, however little DuckDB may."""


class Connection:
    """An in-memory database. Made open for loading; `lock` before anything foreign is run."""

    def __init__(self, bounds: Bounds, spill: Path) -> None:
        check_version()
        try:
            self._memory = bytes_of(bounds.memory)
        except ValueError as error:
            raise ExecutionError(str(error)) from None
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{max(1, self._memory // 1000)}KB",
            "temp_directory": str(spill),
        }
        if bounds.threads is not None:
            config["threads"] = bounds.threads
        try:
            self.raw = PatientConnection(duckdb.connect(config=config))
            # Global, since a connection that is left behind is replaced.
            self.raw.execute("SET GLOBAL TimeZone = 'UTC'")
            # It would draw on a stream that is not its own once a query takes two seconds.
            self.raw.execute("SET enable_progress_bar = false")
        except duckdb.Error as error:
            raise ExecutionError(readable(error)) from error
        self._seconds = bounds.seconds
        self._own_memory = max(self._memory, _LEAST_OF_PYTHON)
        self._is_timed = False

    def lock(self, readable_files: Sequence[Path]) -> None:
        """Allow reading these files and nothing else from now on; not even a setting changes."""
        # A prepared parameter cannot stand in SET; the paths go in as one value of a scalar list.
        allowed = duckdb.ConstantExpression([str(path) for path in readable_files])
        self.raw.execute(f"SET allowed_paths = {allowed}") if readable_files else None
        for name, value in _LOCKS:
            self.raw.execute(f"SET {name} = {str(value).lower()}")

    @contextmanager
    def timed(self, what: str) -> Generator[None]:
        """One total of time for all statements and all Python inside; `what` is done is the subject of a
        sentence. Inside of another one, that one's time is what there is.

        Raises:
            TimeUpError: the time is up (`StillBusyError`: and DuckDB did not stop).
            MemoryUpError: Python holds as much as DuckDB may, beside DuckDB.
        """
        if self._is_timed:
            yield
            return
        self._is_timed = True
        before = self.raw.left_behind
        try:
            deadline = Deadline(what, self._seconds)
            with within(deadline, self.raw.interrupt, self._own_memory + self._memory):
                yield
        except TimeUpError as error:
            if self.raw.left_behind > before:
                raise StillBusyError(what, self._seconds) from error
            raise
        except RuntimeError as error:
            # DuckDB's own answer to SIGINT, which it takes from Python while it evaluates a relation.
            if str(error) == "Query interrupted":
                raise KeyboardInterrupt from None
            raise
        finally:
            self._is_timed = False

    @contextmanager
    def within_bounds(self) -> Generator[None]:
        """What runs inside has the time that is left (`timed`); DuckDB's errors become
        `ExecutionError`."""
        with self.timed("the query"):
            try:
                yield
            except duckdb.OutOfMemoryException as error:
                message = f"out of memory: {readable(error)}"
                raise ExecutionError(message, MORE_MEMORY) from error
            except duckdb.Error as error:
                raise ExecutionError(readable(error)) from error

    def select(self, text: str) -> tuple[list[str], Iterator[tuple[object, ...]]]:
        """The column names and the rows of `text`, which must be one SELECT.

        Raises:
            ExecutionError: it is not, or DuckDB refused it, failed, or took too long.
        """
        with self.within_bounds():
            statements = self.raw.extract_statements(text)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                message = "the artifact is not exactly one SELECT statement"
                raise ExecutionError(message)
            self.raw.execute(statements[0])
            names = [column[0] for column in self.raw.description or ()]
        return names, self._rows()

    def plan(self, text: str) -> None:
        """Have DuckDB plan `text`, which it then does not run.

        Raises:
            ExecutionError: DuckDB refuses it.
        """
        with self.within_bounds():
            self.raw.execute(f"EXPLAIN {text}")

    def _rows(self) -> Iterator[tuple[object, ...]]:
        while True:
            with self.within_bounds():
                batch = self.raw.fetchmany(_BATCH)
            yield from batch
            if len(batch) < _BATCH:
                return

    def close(self) -> None:
        self.raw.close()


_BESIDE_THE_MESSAGE = ("\n\nLINE ", "\n\nStack Trace", "\n\nPossible solutions")


def readable(error: Exception) -> str:
    """DuckDB's message without its error class, its query excerpt and its stack trace."""
    text = str(error)
    for mark in _BESIDE_THE_MESSAGE:
        text = text.partition(mark)[0].strip()
    head, _, rest = text.partition(": ")
    return rest if head.endswith("Error") and rest else text
