"""The Spark executor: what it opens and refuses, and its bounds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from eqlx.execution import Bounds, Dataset, Event, ExecutionError
from eqlx.fields.layout import LayoutKind
from eqlx.target import EventModel
from eqlx_targets.engines.spark import connection
from eqlx_targets.engines.spark.executor import SparkExecutor, SparkRun, is_one_select

EVENTS: list[Event] = [
    {"@timestamp": "2026-01-01T00:00:00.000Z", "event": {"category": ["process"]}, "n": 1}
    | {"process": {"args": ["a", "b"], "pid": 2**63 + 1, "parent": {"args": ["c"]}}},
    {"@timestamp": "2026-01-01T00:00:01.123456Z", "event": {"category": ["file"]}, "n": 2}
    | {"process": {"args": [], "pid": None, "parent": {"args": ["d", "e", "f"]}}},
]


@contextmanager
def opened(layout: LayoutKind, seconds: float = 300) -> Iterator[SparkRun]:
    dataset = Dataset(events=tuple(EVENTS))
    executor = SparkExecutor(layout)
    with executor.open(dataset, EventModel(), Bounds(seconds=seconds)) as session:
        yield session


def test_columns_keep_their_values() -> None:
    with opened(LayoutKind.NESTED) as session:
        table = session.options["table"]
        text = (
            f"SELECT process.args, process.parent.args AS p, process.pid, n FROM {table} ORDER BY n"  # noqa: S608
        )
        _, rows = session._select(text)
        assert rows == [(["a", "b"], ["c"], 2**63 + 1, 1), ([], ["d", "e", "f"], None, 2)]
    with opened(LayoutKind.FLAT) as session:
        _, rows = session._select(
            f"SELECT `process.args` FROM {session.options['table']} ORDER BY n"  # noqa: S608
        )
        assert rows == [(["a", "b"],), ([],)]


def test_an_error_of_the_engine_is_one_line() -> None:
    with opened(LayoutKind.NESTED) as session:
        with pytest.raises(ExecutionError) as caught:
            session._select("SELECT nope(1) AS x")
        assert not set(str(caught.value)) & set("\n\r")


def test_a_query_that_takes_too_long_is_stopped() -> None:
    with (
        opened(LayoutKind.NESTED, seconds=2) as session,
        pytest.raises(ExecutionError, match="longer than 2 seconds"),
    ):
        session._select(
            "SELECT count(*) AS n FROM (SELECT explode(sequence(1, 20000)) AS a) AS x "
            "CROSS JOIN (SELECT explode(sequence(1, 20000)) AS b) AS y "
            "CROSS JOIN (SELECT explode(sequence(1, 20000)) AS c) AS z WHERE sqrt(a * b) > c"
        )


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1; SELECT 2",
        "DROP TABLE x",
        "SELECT * FROM parquet.`/etc`",
        "INSERT INTO x SELECT 1",
    ],
)
def test_what_is_not_one_select_over_tables_does_not_run(text: str) -> None:
    assert not is_one_select(text)


def test_a_missing_package_is_one_message_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(connection, "import_module", absent)
    monkeypatch.setattr(connection, "_started", connection._started.__wrapped__)
    with pytest.raises(ExecutionError, match=r"pip install 'eqlx\[spark\]'"):
        connection.spark_session(Bounds())
