"""The DuckDB executor: what it opens, how values lie in columns, and what it refuses."""

from __future__ import annotations

import gzip
import json
import os
import signal
import threading
from pathlib import Path

import duckdb
import pytest

from eqlx.capability import Losses
from eqlx.execution import Bounds, Dataset, DatasetError, Event, ExecutionError, Job
from eqlx.fields.layout import Column, LayoutKind
from eqlx.fields.schema import FieldInfo
from eqlx.ir.nodes import Constant, EventQuery, Filter
from eqlx.ir.types import FieldType
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.target import Artifact, EventModel
from eqlx_targets.engines.duckdb.executor import EXECUTOR, DuckDBExecutor, DuckDBSession

ALL = EventQuery(Filter(None, Constant(value=True)))


def job(text: str) -> Job:
    rule = Rule(Source("query", ""))
    return Job(ALL, Artifact("sql", "duckdb", text, None, ALL, rule, Losses().fidelity()))


def opened(*files: Path, layout: LayoutKind | None = None, events=None, **bounds):
    dataset = Dataset(files=files, events=events)
    return DuckDBExecutor(layout).open(dataset, EventModel(), Bounds(threads=1, **bounds))


def rows(session: DuckDBSession, text: str = "SELECT * FROM events") -> list[tuple[object, ...]]:
    return list(session._connection.select(text)[1])


def written(path: Path, *events: Event) -> Path:
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return path


def test_no_progress_is_drawn(tmp_path: Path) -> None:
    """DuckDB would draw a bar on the process's own stream once a query takes two seconds."""
    with opened(written(tmp_path / "a.ndjson", {"n": 1})) as session:
        assert rows(session, "SELECT current_setting('enable_progress_bar')") == [(False,)]


# --- files ------------------------------------------------------------------------------------


def test_rows_count_from_one_over_all_files_in_order(tmp_path: Path) -> None:
    first = written(tmp_path / "b.ndjson", {"n": 1}, {"n": 2})
    second = written(tmp_path / "a.jsonl", {"n": 3})
    with opened(first, second) as session:
        assert rows(session, "SELECT _row, n FROM events ORDER BY _row") == [(1, 1), (2, 2), (3, 3)]
        assert session._reader.documents([3, 1]) == {1: {"n": 1}, 3: {"n": 3}}


def test_blank_lines_byte_order_marks_and_gzip_are_read(tmp_path: Path) -> None:
    text = b'\xef\xbb\xbf{"n": 1}\r\n\r\n{"n": 2}'
    (tmp_path / "a.ndjson").write_bytes(text)
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(text))
    with opened(tmp_path / "a.ndjson", tmp_path / "b.ndjson.gz") as session:
        assert [n for _, n in rows(session)] == [1, 2, 1, 2]


def test_a_file_that_is_one_array_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"n": 1},\n {"n": 2}]', encoding="utf-8")
    with opened(path) as session:
        assert [n for _, n in rows(session)] == [1, 2]


def test_names_that_look_like_patterns_are_names(tmp_path: Path) -> None:
    odd = written(tmp_path / "a[1]*.ndjson", {"n": 1})
    written(tmp_path / "a1x.ndjson", {"n": 2})
    quoted = written(tmp_path / "it's.ndjson", {"n": 3})
    with opened(odd, quoted) as session:
        assert [n for _, n in rows(session)] == [1, 3]


def test_an_empty_file_has_no_events_and_no_fields(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"")
    with opened(tmp_path / "a.ndjson") as session:
        assert rows(session) == []
        assert list(session.schema.names()) == []
        assert session.schema.closed


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b'{"a": 1}\n{"a": 2\n{"a": 3}\n', 2, "broken JSON"),
        (b'{"a": 1}\n\n[1]\n', 3, "not a JSON object"),
        (b'{"a": 1}\n"x"\n', 2, "not a JSON object"),
        (b'{\n"a": 1\n', 1, "broken JSON"),
        (b'{"a": 1}\n{"a": 1,}\n', 2, "broken JSON"),
        (b'{"a": 1}\n{"b": {"a": 1, "a": 2}}\n', 2, "`a` stands twice"),
        (b'{"a": 1}\n{"b": [{"a": 1}, {"a": 1, "a": 2}]}\n', 2, "`a` stands twice"),
        (b'{"a" : 1, "b": 2, "b": 3}\n', 1, "`b` stands twice"),
        (b'{"\\u0061": 1, "a": 2}\n', 1, "`a` stands twice"),
        (b'{"a\\u0022:b": 1, "c": 2, "c": 3}\n', 1, "`c` stands twice"),
        (b'{"a": 1e400}\n', 1, "beyond the range of a double"),
        (b'{"a": "\xff"}\n', 1, "not UTF-8"),
        (b'{"a": NaN}\n', 1, "`NaN` is no JSON"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    good = written(tmp_path / "good.ndjson", {"a": 1})
    bad = tmp_path / "bad.ndjson"
    bad.write_bytes(content)
    with pytest.raises(DatasetError, match=message) as raised, opened(good, bad):
        pass
    assert (raised.value.path, raised.value.line) == (bad, line)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"dear all, read this\n", "unknown kind"),
        ("a.parquet", b"no parquet", "not a Parquet file"),
        ("a.parquet", b"PAR1 but no more", "magic|footer|too small|Parquet"),
        ("a.ndjson.gz", b"no gzip", "not a `.gz` file"),
    ],
)
def test_files_of_other_kinds_are_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=message) as raised, opened(tmp_path / name):
        pass
    assert raised.value.path == tmp_path / name


def test_missing_files_and_directories_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.ndjson", tmp_path):
        with pytest.raises(DatasetError), opened(path):
            pass


def test_parquet_and_json_are_searched_together(tmp_path: Path) -> None:
    parquet = tmp_path / "a.parquet"
    duckdb.connect().execute("COPY (SELECT 1 AS n) TO ?", [str(parquet)])
    with opened(parquet, written(tmp_path / "a.ndjson", {"m": 2})) as session:
        assert set(session.schema.names()) == {"n", "m"}


# --- columns ----------------------------------------------------------------------------------


def column(session: DuckDBSession, name: str) -> Column:
    assert session.layout.columns is not None
    return session.layout.columns[name]


def test_nested_and_dotted_spellings_are_one_field() -> None:
    events = (
        {"process": {"name": "a"}},
        {"process.name": "b"},
        {"process": {"name": "c"}, "process.name": "d"},
        {"process": {"name": None}},
        {"process": "x" and {"name": []}},
    )
    with opened(events=events) as session:
        found = [tuple(values or ()) for _, values in rows(session)]
        assert found == [("a",), ("b",), ("c", "d"), (), ()]
        assert column(session, "process.name") == Column("VARCHAR", is_list=True)


def test_scalars_arrays_and_arrays_of_objects_become_lists() -> None:
    events = (
        {"t": "a", "dns": {"answers": [{"data": "x"}, {"data": ["y", "z"]}, {"ttl": 1}]}},
        {"t": ["b", None, ["c"]], "dns": {"answers": {"data": "w"}}},
        {"t": [None]},
    )
    with opened(events=events) as session:
        found = rows(session, 'SELECT t, "dns.answers.data" FROM events')
        assert found == [(["a"], ["x", "y", "z"]), (["b", "c"], ["w"]), (None, None)]


@pytest.mark.parametrize("empty", [[], [None]])
@pytest.mark.parametrize("key", ["user.name", "user"])
def test_an_array_without_a_value_is_no_text(key: str, empty: list[None]) -> None:
    late: Event = {"user.name": empty} if key == "user.name" else {"user": {"name": empty}}
    with opened(layout=LayoutKind.JSON, events=({"user": {"name": "a"}}, late)) as session:
        assert column(session, "user.name").is_list


def test_types_keep_what_json_said() -> None:
    events = (
        {"i": 1, "big": 2**63, "d": 1.5, "m": 1, "id": 7, "b": True, "s": "A0EEBC99-9C0B", "u": 1},
        {
            "i": -5,
            "big": -1,
            "d": 2.0,
            "m": 0.5,
            "id": "x",
            "b": False,
            "s": "2024-01-01",
            "u": 2.5,
        },
    )
    with opened(events=events) as session:
        kinds = {name: column(session, name).type for name in events[0]}
        assert kinds == {
            "i": "BIGINT",
            "big": "HUGEINT",
            "d": "DOUBLE",
            "m": "DOUBLE",
            "u": "DOUBLE",
            "id": "VARCHAR",
            "b": "BOOLEAN",
            "s": "VARCHAR",
        }
        found = rows(session, "SELECT i, big, d, m, id, b, s FROM events")
        assert found[0] == (1, 2**63, 1.5, 1.0, "7", True, "A0EEBC99-9C0B")
        assert found[1] == (-5, -1, 2.0, 0.5, "x", False, "2024-01-01")
        assert session.schema.lookup("id") == FieldInfo(FieldType.KEYWORD)


def test_a_field_that_comes_late_is_there() -> None:
    events = (*({"a": 1} for _ in range(30_000)), {"late": "x"})
    with opened(events=events) as session:
        assert rows(session, "SELECT _row FROM events WHERE late = 'x'") == [(30_001,)]


def test_the_timestamp_is_a_column_of_its_type_whatever_it_is_written_as() -> None:
    events = (
        {"@timestamp": "2024-01-01T01:00:00.123456789+01:00"},
        {"@timestamp": 1_704_067_200_000},
        {"@timestamp": "soon"},
    )
    with opened(events=events) as session:
        found = rows(session, 'SELECT epoch_ns("@timestamp") FROM events')
        assert found == [(1_704_067_200_123_456_789,), (1_704_067_200_000_000_000,), (None,)]


@pytest.mark.parametrize("layout", [None, LayoutKind.NESTED])
def test_names_that_differ_in_case_only_are_columns_of_their_own(layout: LayoutKind | None) -> None:
    events = ({"Process": {"a": 1}, "n": 1}, {"process": {"a": 2}}, {"PROCESS": {"A": 3}})
    with opened(events=events, layout=layout) as session:
        assert session.layout.kind is (layout or LayoutKind.FLAT)
        columns = session.layout.columns or {}
        moved = {name: column.path for name, column in columns.items() if column.path}
        assert moved == {"process.a": ("process.a_1",), "PROCESS.A": ("PROCESS.A_2",)}
        found = rows(session, 'SELECT "process.a_1", "PROCESS.A_2" FROM events')
        assert found == [(None, None), (2, None), (None, 3)]


@pytest.mark.parametrize("layout", [LayoutKind.NESTED, LayoutKind.FLAT])
def test_a_free_name_is_no_field_s(layout: LayoutKind) -> None:
    events = ({"a": 1, "A": 2, "a_1": 3, "A_1": 4},)
    with opened(events=events, layout=layout) as session:
        columns = session.layout.columns or {}
        names = [(column.path or (name,))[0] for name, column in columns.items()]
        assert len({name.lower() for name in names}) == 4
        listed = ", ".join(f'"{name}"' for name in names)
        assert rows(session, f"SELECT {listed} FROM events") == [(1, 2, 3, 4)]  # noqa: S608


def test_a_field_that_is_an_object_too_keeps_both() -> None:
    events = ({"a": 1}, {"a": {"b": 2}})
    with opened(events=events) as session:
        assert rows(session, 'SELECT a, "a.b" FROM events') == [(1, None), (None, 2)]
    with opened(events=events, layout=LayoutKind.NESTED) as session:
        assert session.layout.columns == {
            "a": Column("BIGINT", is_list=False),
            "a.b": Column("BIGINT", is_list=False, path=("a.b_1",)),
        }
        assert rows(session, 'SELECT a, "a.b_1" FROM events') == [(1, None), (None, 2)]


def test_the_nested_layout_has_structs() -> None:
    events = ({"process": {"name": "a", "pid": 4}},)
    with opened(events=events, layout=LayoutKind.NESTED) as session:
        assert rows(session, "SELECT events.process.name, events.process.pid FROM events") == [
            ("a", 4)
        ]


def test_odd_keys_are_columns_too() -> None:
    events = ({"a b": 1, "it's": 2, 'q"q': 3, "sl/ash~": {"x": [{"y/z": 4}]}, "_row": 5},)
    with opened(events=events) as session:
        assert session.options["row-id"] == "_row_"
        found = rows(session, """SELECT "a b", "it's", "q""q", "sl/ash~.x.y/z", _row FROM events""")
        assert found == [(1, 2, 3, [4], 5)]


def test_events_are_not_changed() -> None:
    event: dict[str, object] = {"a": [1, None], "b": {"c": "x"}}
    with opened(events=(event,)) as session:
        rows(session)
    assert event == {"a": [1, None], "b": {"c": "x"}}


# --- Parquet ----------------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path: Path) -> tuple[Path, Path]:
    paths = (tmp_path / "one.parquet", tmp_path / "two[2].parquet")
    texts = (
        "SELECT {'name': 'a', 'pid': 4} AS process, TIMESTAMP '2024-01-01' AS \"@timestamp\"",
        "SELECT {'name': 'b', 'pid': 5} AS process, ['x', 'y'] AS tags",
    )
    for path, text in zip(paths, texts, strict=True):
        duckdb.connect().sql(text).write_parquet(str(path))
    return paths


def test_parquet_is_searched_in_place_with_its_own_columns(parquet: tuple[Path, Path]) -> None:
    with opened(*parquet) as session:
        assert session.layout.kind is LayoutKind.NESTED
        assert column(session, "process.pid") == Column("INTEGER", is_list=False)
        assert column(session, "tags") == Column("VARCHAR", is_list=True)
        known = Column("INTEGER", is_list=False)
        assert session.schema.lookup("process.pid") == FieldInfo(FieldType.LONG, column=known)
        text = "SELECT _row, events.process.name, tags FROM events ORDER BY _row"
        assert rows(session, text) == [(1, "a", None), (2, "b", ["x", "y"])]
        documents = session._reader.documents([2])
        assert documents[2]["process"] == {"name": "b", "pid": 5}
        assert "_row" not in documents[2]


def test_flat_parquet_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    duckdb.connect().sql("""SELECT 'a' AS "process.name" """).write_parquet(str(path))
    with opened(path) as session:
        assert session.layout.kind is LayoutKind.FLAT


# --- running ----------------------------------------------------------------------------------


def test_a_run_gives_documents_as_they_were_read() -> None:
    event = {"@timestamp": "2024-01-01T00:00:00Z", "a": {"b": [1, None]}, "a.c": "x"}
    with opened(events=(event,)) as session:
        [match] = session.run(job("SELECT * FROM events"))
    assert match.events[0].fields == event
    assert (match.events[0].row, match.events[0].id) == (1, 1)
    assert match.events[0].timestamp == "2024-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO 'x.csv'",
        "CREATE TABLE t AS SELECT 1",
        "SET memory_limit = '1GB'",
        "PRAGMA database_list",
        "ATTACH 'x.db'",
        "EXPLAIN SELECT 1",
        "",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT no_such_column FROM events",
    ],
)
def test_anything_but_one_select_over_the_events_is_refused(text: str) -> None:
    with opened(events=({"a": 1},)) as session:
        with pytest.raises(ExecutionError):
            session.run(job(text))
        assert len(session.run(job("SELECT * FROM events"))) == 1


def test_other_files_are_out_of_reach(parquet: tuple[Path, Path]) -> None:
    with opened(parquet[0]) as session:
        with pytest.raises(ExecutionError):
            rows(session, f"SELECT * FROM read_parquet('{parquet[1].parent}/*.parquet')")  # noqa: S608
        assert rows(session, "SELECT count(*) FROM events") == [(1,)]


SLOW = "SELECT sum(a.range * b.range) AS _row FROM range(10000000) a, range(10000000) b"


def test_a_query_that_takes_too_long_is_stopped() -> None:
    with opened(events=({"a": 1},), seconds=0.3) as session:
        with pytest.raises(ExecutionError, match=r"longer than 0[.]3 seconds"):
            session.run(job(SLOW))
        assert len(session.run(job("SELECT * FROM events"))) == 1


def test_a_query_that_needs_too_much_memory_fails_alone() -> None:
    events = ({"a": 1},)
    text = "SELECT list(range) AS x FROM range(100000000)"
    with opened(events=events, memory="50MB") as session:
        with pytest.raises(ExecutionError):
            session.run(job(text))
        assert len(session.run(job("SELECT * FROM events"))) == 1


def test_ctrl_c_ends_a_query() -> None:
    with opened(events=({"a": 1},)) as session:
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            session.run(job(SLOW))


def test_a_job_without_an_artifact_is_refused() -> None:
    with opened(events=({"a": 1},)) as session, pytest.raises(ExecutionError, match="artifact"):
        session.run(Job(ALL))


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with opened(events=({"a": 1},)) as session:
        rows(session)
    assert list(tmp_path.iterdir()) == []


def test_the_executor_says_what_it_is() -> None:
    assert (EXECUTOR.name, EXECUTOR.target, EXECUTOR.dialect) == ("duckdb", "sql", "duckdb")
