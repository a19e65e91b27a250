"""The engines that the vocabulary is executed on, each as a function from an expression to a value."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import pytest

from eqlx.execution import Bounds, ExecutionError
from eqlx_targets.engines.clickhouse.connection import Connection
from eqlx_targets.engines.spark.connection import spark_session
from eqlx_targets.sql.dialects.base import Dialect
from eqlx_targets.sql.dialects.clickhouse import CLICKHOUSE
from eqlx_targets.sql.dialects.duckdb import DUCKDB
from eqlx_targets.sql.dialects.spark import SPARK


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


def _clickhouse() -> WordEngine:
    try:
        connection = Connection(Bounds())
    except ExecutionError as error:
        pytest.skip(f"NOT EXECUTED: {error}")

    def rows(statement: str) -> list[tuple[object, ...]]:
        try:
            text = connection.execute(f"{_bare(statement)} SETTINGS {_SETTINGS}")
        except ExecutionError as error:
            raise EngineError(str(error)) from error
        return [tuple(map(_value, row)) for row in json.loads(text)["data"]]

    return WordEngine(CLICKHOUSE, rows)


def _spark() -> WordEngine:
    if not os.environ.get("EQLX_SQL_ENGINES"):
        pytest.skip("NOT EXECUTED: EQLX_SQL_ENGINES=1 (`.ci/run spark`) starts Spark")
    try:
        session = spark_session(Bounds())
    except ExecutionError as error:
        pytest.skip(f"NOT EXECUTED: {error}")

    def rows(statement: str) -> list[tuple[object, ...]]:
        try:
            return [tuple(map(_plain, row)) for row in session.sql(statement).collect()]
        except Exception as error:
            raise EngineError(str(error)) from error

    return WordEngine(SPARK, rows)


def _plain(value: object) -> object:
    """Rows in rows as mappings, decimals as numbers."""
    if hasattr(value, "asDict"):
        return value.asDict()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value


def _bare(statement: str) -> str:
    """Without the settings of the dialect, which stand among those below."""
    return statement.partition(" SETTINGS ")[0]


_SETTINGS = (
    "precise_float_parsing=1, output_format_json_quote_64bit_integers=0, output_format_json_quote_denormals=1, "
    "session_timezone='UTC'"
)


def _value(value: object) -> object:
    """Doubles that JSON has no numbers for come as texts."""
    return float(str(value)) if value in ("inf", "-inf", "nan") else value


MAKERS: dict[str, Callable[[], WordEngine]] = {
    "clickhouse": _clickhouse,
    "duckdb": _duckdb,
    "spark": _spark,
}
"""A further engine joins by a line here; one that is not installed raises `pytest.skip`."""

NEVER: dict[tuple[str, str], str] = {
    ("spark", "time_iso-3"): "times have six digits of the second",
}
"""(engine, operation): why the engine can never be right here. Strict: it must fail."""
NOT_YET: dict[tuple[str, str], str] = {
    ("spark", name): "JSON columns are refused by the dialect itself"
    for name in ("json_text", "json_at", "json_is_value")
}
"""The same, where a spelling is still to be found."""


def expect(engine: str, operation: str, row: str, request: pytest.FixtureRequest) -> None:
    """Mark the test as one that must fail, where a reason is on record for the operation or the row."""
    keys = [(engine, operation), (engine, row.removeprefix(f"{engine}-"))]
    why = next(
        (reasons[key] for reasons in (NEVER, NOT_YET) for key in keys if key in reasons), None
    )
    if why is not None:
        request.applymarker(pytest.mark.xfail(reason=why, strict=True))
