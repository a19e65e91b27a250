"""ClickHouse in this process (`chdb`): one server for all sessions, a database for each."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from itertools import count
from typing import Any

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from eqlx.bounds import bytes_of
from eqlx.execution import MORE_MEMORY, Bounds, ExecutionError, TimeUpError
from eqlx_targets.sql.dialects.clickhouse import CLICKHOUSE

_NUMBERS = count(1)
_TIME = re.compile(r"(?:Nullable\()?DateTime64\(")
_FORMAT = {
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_denormals": 1,
    "output_format_json_named_tuples_as_objects": 0,
}
_RETRIES = 3
_OWN = frozenset(name for name, _ in CLICKHOUSE.settings)
"""The settings that an artifact may have; others would lift bounds."""
_READERS = frozenset({"file"})
"""Functions that read what is no table."""


@cache
def _server() -> Any:  # noqa: ANN401 - chdb has no types
    """One a process: chdb cannot have two."""
    try:
        session = import_module("chdb.session")
    except ImportError:
        message = "the engine `clickhouse` needs the package `chdb`: pip install 'eqlx[clickhouse]'"
        raise ExecutionError(message) from None
    return session.Session(_folder().name)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="eqlx-clickhouse-", ignore_cleanup_errors=True)


class Connection:
    """A database of its own in the process's server. `limits` go with every query."""

    def __init__(self, bounds: Bounds) -> None:
        try:
            memory = bytes_of(bounds.memory)
        except ValueError as error:
            raise ExecutionError(str(error)) from None
        self._server = _server()
        self._seconds = bounds.seconds
        self.database = f"eqlx_{next(_NUMBERS)}"
        self._limits = {
            "max_execution_time": max(bounds.seconds, 0.001),
            "max_memory_usage": memory,
        }
        if bounds.threads is not None:
            self._limits["max_threads"] = bounds.threads
        self.execute(f"CREATE DATABASE {self.database}")

    def execute(self, statement: str, form: str = "JSONCompact") -> str:
        """The answer to a statement of ours.

        Raises:
            ExecutionError: ClickHouse refused it or failed on it.
        """
        try:
            return str(self._server.query(statement, form))
        except RuntimeError as error:
            self._drain()
            raise ExecutionError(readable(error)) from error

    def _drain(self) -> None:
        """After a failure the next answer has what was left of the failed one before it."""
        for _ in range(_RETRIES):
            text = str(self._server.query("SELECT 1 AS one", "JSONCompact"))
            try:
                json.loads(text)
            except ValueError:
                continue
            return

    def select(self, text: str) -> tuple[list[str], list[tuple[object, ...]]]:
        """The column names and the rows of `text`, which must be one SELECT over tables.

        Raises:
            ExecutionError: it is not, or ClickHouse refused it, failed, or took too long.
        """
        if not is_one_select(text):
            message = "the artifact is not exactly one SELECT statement over tables"
            raise ExecutionError(message)
        for name, value in {**_FORMAT, **self._limits}.items():
            self.execute(f"SET {name} = {value}")
        try:
            answer = json.loads(self.execute(text))
        except ExecutionError as error:
            if str(error).startswith("Timeout exceeded"):
                what = "the query"
                raise TimeUpError(what, self._seconds) from error
            if "memory limit exceeded" in str(error):
                message = f"out of memory: {error}"
                raise ExecutionError(message, MORE_MEMORY) from error
            raise
        columns = answer["meta"]
        timed = [i for i, column in enumerate(columns) if _TIME.match(column["type"])]
        return [column["name"] for column in columns], [_row(r, timed) for r in answer["data"]]

    def close(self) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {self.database} SYNC")


def is_one_select(text: str) -> bool:
    """Whether the text is one SELECT that reads from tables alone, not from files or addresses."""
    try:
        statements = parse(text, read="clickhouse")
    except SqlglotError:
        return False
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        return False
    select = statements[0]
    told = select.args.get("settings") or []
    if select.args.get("format") or any(setting.this.name not in _OWN for setting in told):
        return False
    if any(call.name.lower() in _READERS for call in select.find_all(exp.Anonymous)):
        return False
    return all(isinstance(table.this, exp.Identifier) for table in select.find_all(exp.Table))


def _row(values: Sequence[object], timed: Sequence[int]) -> tuple[object, ...]:
    row = list(values)
    for place in timed:
        if isinstance(text := row[place], str):
            row[place] = datetime.fromisoformat(text[:26])
    return tuple(row)


def readable(error: Exception) -> str:
    """ClickHouse's message without its codes, versions and stack trace."""
    text = str(error).strip().split("Stack trace")[0].splitlines()[0]
    text = re.sub(r"^Code: [0-9]+\. ?(?:DB::)?(?:Exception: )+", "", text)
    return re.sub(r"\s*\((?:[A-Z_]+|version [^)]*)\)\s*\.?$", "", text).strip()
