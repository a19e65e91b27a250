"""The engines that the vocabulary is executed on, each as a function from an expression to a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import pytest

from eqlx_targets.sql.dialects.base import Dialect
from eqlx_targets.sql.dialects.duckdb import DUCKDB


class EngineError(Exception):
    """The engine refused the statement, or failed on it."""


@dataclass(frozen=True)
class WordEngine:
    """`rows`: all rows of a statement; raises `EngineError`."""

    dialect: Dialect
    rows: Callable[[str], list[tuple[object, ...]]]

    @property
    def name(self) -> str:
        return self.dialect.name

    def value(self, statement: str) -> object:
        ((value,),) = self.rows(statement)
        return value


def _duckdb() -> WordEngine:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")

    def rows(statement: str) -> list[tuple[object, ...]]:
        try:
            return connection.execute(statement).fetchall()
        except duckdb.Error as error:
            raise EngineError(str(error)) from error

    return WordEngine(DUCKDB, rows)


MAKERS: dict[str, Callable[[], WordEngine]] = {"duckdb": _duckdb}
"""A further engine joins by a line here; one that is not installed raises `pytest.skip`."""

NEVER: dict[tuple[str, str], str] = {}
"""(engine, operation): why the engine can never be right here. Strict: it must fail."""
NOT_YET: dict[tuple[str, str], str] = {}
"""The same, where a spelling is still to be found."""


def expect(engine: str, operation: str, request: pytest.FixtureRequest) -> None:
    """Mark the test as one that must fail, where a reason is on record."""
    why = NEVER.get((engine, operation)) or NOT_YET.get((engine, operation))
    if why is not None:
        request.applymarker(pytest.mark.xfail(reason=why, strict=True))
