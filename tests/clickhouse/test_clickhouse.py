"""The ClickHouse executor: what it opens and refuses, its bounds, and the forms of results that `eqlx
run` does not read."""

# ruff: noqa: S608 the statements are made here

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from eqlx.driver import convert_rule
from eqlx.execution import Bounds, Dataset, Event, ExecutionError
from eqlx.fields.layout import LayoutKind
from eqlx.registry import load_target
from eqlx.rulefile.loader import from_query
from eqlx.target import EventModel
from eqlx_targets.engines.clickhouse.connection import Connection
from eqlx_targets.engines.clickhouse.executor import ClickHouseExecutor, ClickHouseSession

EVENTS: list[Event] = [
    {"@timestamp": "2026-01-01T00:00:00.000Z", "event": {"category": ["process"]}, "n": 1}
    | {"process": {"args": ["a", "b"], "pid": 1.5, "parent": {"args": ["c"]}}, "host": {"id": "h"}},
    {"@timestamp": "2026-01-01T00:00:01.123456Z", "event": {"category": ["file"]}, "n": 2}
    | {
        "process": {"args": [], "pid": None, "parent": {"args": ["d", "e", "f"]}},
        "host": {"id": "h"},
    },
]


@contextmanager
def opened(layout: LayoutKind | None = None) -> Iterator[ClickHouseSession]:
    dataset = Dataset(events=tuple(EVENTS))
    with ClickHouseExecutor(layout).open(dataset, EventModel(), Bounds()) as session:
        yield session


def rows(session: ClickHouseSession, text: str) -> list[tuple[object, ...]]:
    return session._connection.select(text)[1]


def converted(query: str, session: ClickHouseSession, **options: str) -> str:
    outcome = convert_rule(
        from_query(query, "q"),
        load_target("sql"),
        dialect="clickhouse",
        options={**session.options, **options},
        layout=session.layout,
    )
    assert outcome.artifact is not None, outcome.diagnostics
    return outcome.artifact.text


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ("sample [process where true] by n [file where true] by ?gone", 0),
        ("sample [process where true] by process.uptime [file where true] by ?gone", 0),
        ("sequence [process where true] by n [file where true] by ?gone", 0),
        ("sequence [process where true] by ?process.uptime [file where true] by ?gone", 2),
    ],
)
def test_a_key_that_the_data_have_not_is_compared(query: str, events: int) -> None:
    """ClickHouse compares no null of one type with a value of another; two null keys are the same."""
    with opened() as session:
        assert len(rows(session, converted(query, session))) == events


def test_lists_of_several_lengths_are_columns_with_dotted_names() -> None:
    """In a table of ClickHouse they would be parts of one `Nested`."""
    with opened(LayoutKind.FLAT) as session:
        table = session.options["table"]
        text = f'SELECT "process.args", "process.parent.args" FROM {table} ORDER BY n'
        assert rows(session, text) == [(["a", "b"], ["c"]), ([], ["d", "e", "f"])]


def test_a_json_column_is_the_text_as_it_came() -> None:
    with opened(LayoutKind.JSON) as session:
        ((first,), _) = rows(session, f"SELECT event FROM {session.options['table']} ORDER BY _row")
        assert json.loads(str(first))["process"]["args"] == ["a", "b"]


def test_parquet_of_any_type_is_read(tmp_path: Path) -> None:
    """What has no counterpart in ClickHouse comes as text."""
    file = tmp_path / "events.parquet"
    duckdb.execute(
        "COPY (SELECT TIMESTAMP '2026-01-01 00:00:00' AS \"@timestamp\", ['process'] AS \"event.category\", "
        "DATE '2026-01-02' AS d, 1.25::DECIMAL(9, 2) AS n, MAP {'k': 'v'} AS m, TIME '01:02:03' AS t, "
        "[{'a': 1, 'b': ['x']}] AS l, 18446744073709551615::UBIGINT AS u, '\\x01'::BLOB AS b, "
        "INTERVAL 1 DAY AS i, 'x'::ENUM ('x', 'y') AS e) TO '" + str(file) + "'"
    )
    dataset = Dataset(files=(file,))
    with ClickHouseExecutor().open(dataset, EventModel(), Bounds()) as session:
        text = f"SELECT d, n, t, u, i, e FROM {session.options['table']}"
        (found,) = rows(session, text)
        assert found == ("2026-01-02", 1.25, "01:02:03", 2**64 - 1, "1 day", "x")
        # Fields of maps and of lists of structs.
        for condition in ('m.k == "v"', "l.a == 1", 'l.b == "x"'):
            assert len(rows(session, converted(f"any where {condition}", session))) == 1
            assert rows(session, converted(f"any where not {condition}", session)) == []


@pytest.mark.parametrize("layout", list(LayoutKind))
def test_sequences_come_wide_as_well(layout: LayoutKind) -> None:
    query = "sequence by host.id with maxspan=1m [process where true] [file where true]"
    with opened(layout) as session:
        text = converted(query, session, sequences="wide")
        ((*found,),) = rows(session, text)
    assert "h" in found


def test_parameters_are_clickhouse_s() -> None:
    with opened() as session:
        text = converted("any where true", session, envelope="parameterised").rstrip(";\n")
        session._connection.execute("SET param_start = '2026-01-01 00:00:00.5'")
        session._connection.execute("SET param_end = '2026-01-01 00:00:02'")
        assert len(rows(session, text)) == 1


def test_a_view_can_be_made() -> None:
    with opened() as session:
        text = converted('process where process.args : "A"', session, envelope="view")
        database = session._connection.database
        text = text.rstrip(";\n").replace("VIEW eql_q ", f"VIEW {database}.eql_q ")
        session._connection.execute(text)
        assert rows(session, f"SELECT count() FROM {database}.eql_q") == [(1,)]


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_runs() -> None:
    connection = Connection(Bounds(seconds=0.5))
    try:
        many = f"{connection.database}.many"
        connection.execute(f"CREATE VIEW {many} AS SELECT number FROM numbers(100000000)")
        with pytest.raises(ExecutionError, match=r"took longer than 0\.5 seconds"):
            connection.select(
                f"SELECT sum(a.number * b.number) FROM {many} AS a CROSS JOIN {many} AS b"
            )
        assert connection.select("SELECT 1 AS x") == (["x"], [(1,)])
    finally:
        connection.close()


def test_memory_is_bounded() -> None:
    connection = Connection(Bounds(memory="50MB"))
    try:
        many = f"{connection.database}.many"
        connection.execute(f"CREATE VIEW {many} AS SELECT number FROM numbers(20000000)")
        with pytest.raises(ExecutionError, match="memory limit exceeded"):
            connection.select(f"SELECT length(groupArray(number)) FROM {many}")
    finally:
        connection.close()


def test_a_size_that_is_none_is_said() -> None:
    with pytest.raises(ExecutionError, match="`much` is no size of memory"):
        Connection(Bounds(memory="much"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1; SELECT 2",
        "DROP TABLE x",
        "INSERT INTO x SELECT 1",
        "SELECT * FROM file('/etc/hostname')",
        "SELECT file('/etc/hostname')",
        "SELECT * FROM url('http://127.0.0.1/')",
        "SELECT 1 INTO OUTFILE '/tmp/never'",
        "SELECT 1 FORMAT CSV",
        "SELECT 1 SETTINGS max_execution_time = 0",
        "no SQL at all",
    ],
)
def test_what_is_not_one_select_over_tables_does_not_run(text: str) -> None:
    connection = Connection(Bounds())
    try:
        with pytest.raises(ExecutionError, match="not exactly one SELECT statement over tables"):
            connection.select(text)
    finally:
        connection.close()


def test_an_error_of_the_engine_is_one_line() -> None:
    connection = Connection(Bounds())
    try:
        with pytest.raises(ExecutionError) as caught:
            connection.select("SELECT nope(1)")
        assert "nope" in str(caught.value)
        assert not set(str(caught.value)) & set("\n\r")
        assert "Code:" not in str(caught.value)
    finally:
        connection.close()


def test_a_missing_package_is_one_message_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    from eqlx_targets.engines.clickhouse import connection

    def absent(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(connection, "import_module", absent)
    monkeypatch.setattr(connection, "_server", connection._server.__wrapped__)
    with pytest.raises(ExecutionError, match=r"pip install 'eqlx\[clickhouse\]'"):
        Connection(Bounds())
