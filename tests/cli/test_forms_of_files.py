"""Events in every form of file: the same matches, or one clear message, and never silence."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

import eqlx
from eqlx.cli.main import program

EVENTS = [
    {"@timestamp": f"2024-05-01T10:00:0{n}.000Z", "event": {"category": ["process"]}, "n": n}
    for n in range(3)
]
LINES = "".join(json.dumps(event) + "\n" for event in EVENTS)
BAD = "bad chunk"
SEQUENCE = "sequence with maxspan=1500ms [any where n == 0] [any where n == 1]"


def run(*arguments: object, stdin: bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(program, ["run", *map(str, arguments)], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.stdout, result.stderr


def rows(*events: object, query: str = "process where true", engine: str = "duckdb") -> list[int]:
    given = [part for each in events for part in ("--events", each)]
    code, out, err = run("-q", query, "--format", "ndjson", "--engine", engine, *given)
    assert code == 0, err
    return sorted(e["id"] for line in out.splitlines() for e in json.loads(line)["events"])


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


CSV = (
    "@timestamp,event.category,n\n2024-05-01T10:00:00Z,process,0\n2024-05-01T10:00:01Z,process,1\n"
)
PRETTY = "\n".join(json.dumps(event, indent=1) for event in EVENTS[:2])


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize(
    ("members", "count"),
    [
        ({"a__ndjson": LINES}, 3),
        ({"a__json": json.dumps(EVENTS)}, 3),
        ({"a__json": PRETTY}, 2),
        ({"a__csv": CSV}, 2),
        ({"a__tsv": CSV.replace(",", "\t")}, 2),
        ({"a__ndjson": LINES, "b__csv": CSV}, 5),
        ({"deep/folder/a__ndjson": LINES, "readme__txt": "prose"}, 3),
        ({"events": LINES}, 3),
        ({"../../a__ndjson": LINES}, 3),
        ({"__MACOSX/a__ndjson": "junk", "a__ndjson": LINES}, 3),
        ({"same/a__ndjson": LINES, "other/a__ndjson": LINES}, 6),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else str(value),
)
def test_members_of_an_archive(tmp_path: Path, members: dict[str, str], count: int, engine: str):
    archive = zipped(tmp_path / "a.zip", **members)
    assert rows(archive, engine=engine) == list(range(1, count + 1))


def test_an_archive_needs_no_suffix_and_may_lie_in_a_folder(tmp_path: Path):
    (tmp_path / "x").mkdir()
    zipped(tmp_path / "x" / "a.zip", a__ndjson=LINES)
    assert rows(tmp_path / "x") == [1, 2, 3]
    (tmp_path / "x" / "a.zip").rename(tmp_path / "x" / "strange.bin")
    assert rows(tmp_path / "x") == [1, 2, 3]
    assert rows(tmp_path / "*" / "strange.*") == [1, 2, 3]


BROKEN: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "cut": (lambda p: zipped(p / "z", a__ndjson=LINES).read_bytes()[:60], "broken zip archive"),
    "empty": (lambda p: zipped(p / "z").read_bytes(), "the archive holds no files"),
    "nested": (
        lambda p: zipped(
            p / "z", a__zip=zipped(p / "y", a__ndjson=LINES).read_bytes()
        ).read_bytes(),
        "a zip archive, which is not unpacked here",
    ),
    "prose": (lambda p: zipped(p / "z", a__txt="some prose\n").read_bytes(), "of an unknown kind"),
    "arrow": (lambda _: b"ARROW1\0\0junk", "the Arrow file cannot be read"),
    "bzip2": (lambda _: b"BZh91AY", "a bzip2 archive"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_one_clear_message(tmp_path: Path, name: str):
    make, why = BROKEN[name]
    if name == "arrow":
        pytest.importorskip("pyarrow")
    code, out, err = run(
        "-q", "any where true", "--events", write(tmp_path / "events", make(tmp_path))
    )
    assert code == 3
    assert not out
    assert err.count("error[") == 1
    assert why in err


def test_an_encrypted_member_is_named(tmp_path: Path):
    archive = zipped(tmp_path / "a.zip", a__ndjson=LINES)
    data = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1  # says that the member is encrypted
    archive.write_bytes(data)
    code, _, err = run("-q", "any where true", "--events", archive)
    assert code == 3
    assert "the member `a.ndjson` is encrypted" in err


@pytest.mark.parametrize(
    ("start", "package", "advice"),
    [(b"ElfFile\0", "evtx", "eqlx[evtx]"), (b"ARROW1\0\0", "pyarrow", "eqlx[arrow]")],
)
def test_a_missing_reader_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: bytes, package: str, advice: str
):
    monkeypatch.setitem(sys.modules, package, None)
    code, _, err = run("-q", "any where true", "--events", write(tmp_path / "a", start + b"x" * 99))
    assert code == 3
    assert advice in err


def test_a_broken_event_log_is_named(tmp_path: Path):
    pytest.importorskip("evtx")
    file = write(tmp_path / "a.evtx", b"ElfFile\0" + b"x" * 9000)
    code, _, err = run("-q", "any where true", "--events", file)
    assert code == 3
    assert "broken Windows event log" in err


def test_records_of_an_event_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """By a stand-in for the reader: one record is read, one is broken."""

    class Reader:
        def __init__(self, path: str) -> None:
            self.path = path

        def records_json(self):
            class Records:
                left = 2

                def __next__(self):
                    self.left -= 1
                    if self.left < 0:
                        raise StopIteration
                    if self.left == 0:
                        raise RuntimeError(BAD)
                    return {"data": json.dumps(EVENTS[0], indent=2)}

            return Records()

    monkeypatch.setitem(sys.modules, "evtx", type("evtx", (), {"PyEvtxParser": Reader}))
    file = write(tmp_path / "a.evtx", b"ElfFile\0")
    code, _, err = run("-q", "any where true", "--events", file)
    assert code == 3
    assert BAD in err
    code, out, err = run(
        "-q", "any where true", "--events", file, "--skip-broken", "--format", "ndjson"
    )
    assert (code, len(out.splitlines())) == (0, 1)
    assert "1 broken event" in err


@pytest.mark.parametrize("engine", ["duckdb"])
@pytest.mark.parametrize("form", ["file", "stream"])
def test_arrow(tmp_path: Path, form: str, engine: str):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import ipc

    table = arrow.Table.from_pylist(EVENTS)
    make = ipc.new_file if form == "file" else ipc.new_stream
    with make(str(tmp_path / "events"), table.schema) as writer:
        for batch in table.to_batches(max_chunksize=1):
            writer.write_batch(batch)
    assert rows(tmp_path / "events", engine=engine) == [1, 2, 3]
    assert rows(tmp_path / "events", query=SEQUENCE) == [1, 2]


def parquet(path: Path, select: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(select).write_parquet(str(path))
    return path


TIME = "TIMESTAMP '2024-05-01 10:00:00' AS \"@timestamp\""
COLUMNS = {
    "map": "MAP {'category': 'process', 'action': 'x'} AS event",
    "map of structs": "MAP {'os': {'type': 'linux'}} AS host, 'process' AS \"event.category\"",
    "json object": """'{"category":["process"],"action":"x"}' AS event""",
    "json list": """'["process"]' AS "event.category_", 'process' AS "event.category\"""",
    "json in a struct beside": """'{"name":"a"}' AS process, {'category': 'process'} AS event""",
}


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_columns_that_hold_objects(tmp_path: Path, columns: str):
    file = parquet(tmp_path / "a.parquet", f"SELECT {TIME}, {columns}")
    assert rows(file) == [1]
    assert rows(file, query='process where @timestamp == "2024-05-01T10:00:00Z"') == [1]


def test_a_string_that_ecs_knows_stays_a_string(tmp_path: Path):
    text = """'{"a":1}' AS message, 'process' AS "event.category\""""
    file = parquet(tmp_path / "a.parquet", f"SELECT {TIME}, {text}")
    assert rows(file, query='process where message : "*a*"') == [1]


def test_rows_that_are_no_json_stay_strings(tmp_path: Path):
    values = """(VALUES ('{"k":"v"}'), ('["a","b"]')) t(x)"""
    file = parquet(
        tmp_path / "a.parquet",
        f"SELECT {TIME}, 'process' AS \"event.category\", x FROM {values}",  # noqa: S608
    )
    assert rows(file, query='process where x.k == "v"') == [1]
    assert rows(file, query='process where x == "b"') == [2]


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        ("1714557600 + n", "seconds"),
        ("(1714557600 + n) * 1000", None),
        ("(1714557600 + n) * 1000000", "microseconds"),
        ("(1714557600 + n) * 1000000000", "nanoseconds"),
        ("1714557600.5::DOUBLE + n", "seconds"),
        ("(1714557600 + n)::VARCHAR", "seconds"),
        ("TIMESTAMP '2024-05-01 10:00:00' + INTERVAL (n) SECOND", None),
        ("(TIMESTAMP '2024-05-01 10:00:00' + INTERVAL (n) SECOND)::VARCHAR", None),
        ("TIMESTAMPTZ '2024-05-01 10:00:00+02' + INTERVAL (n) SECOND", None),
    ],
)
def test_times_of_parquet(tmp_path: Path, times: str, unit: str | None):
    file = parquet(
        tmp_path / "a.parquet",
        f'SELECT {times} AS "@timestamp", \'process\' AS "event.category", n FROM range(3) t(n)',  # noqa: S608
    )
    query = "sequence with maxspan=1500ms [any where n == 0] [any where n == 1]"
    code, out, err = run("-q", query, "--events", file, "--format", "ndjson")
    assert code == 0
    assert len(out.splitlines()) == 1
    assert (f"read as {unit}" in err) == (unit is not None)
    wide = query.replace("1500ms", "500ms")
    assert run("-q", wide, "--events", file, "--format", "ndjson")[1] == ""


def test_times_of_parquet_that_cannot_be_read(tmp_path: Path):
    file = parquet(
        tmp_path / "a.parquet", "SELECT 'soon' AS \"@timestamp\", 'process' AS \"event.category\""
    )
    code, _, err = run("-q", "sequence [any where true] [any where true]", "--events", file)
    assert code == 1
    assert "times-unreadable" in err
    assert "`soon`" in err
    file = parquet(
        tmp_path / "b.parquet",
        'SELECT NULL::TIMESTAMP AS "@timestamp", \'process\' AS "event.category"',
    )
    assert "times-unreadable" in run("-q", "any where true", "--events", file)[2]


def test_parquet_beside_json(tmp_path: Path):
    lines = write(tmp_path / "a.ndjson", LINES)
    table = parquet(tmp_path / "b.parquet", f"SELECT {TIME}, 'process' AS \"event.category\"")
    assert rows(
        lines, table, query='process where n == 2 or @timestamp == "2024-05-01T10:00:00Z"'
    ) == [1, 3, 4]
    assert rows(table, lines, query="process where n == 2") == [4]


def test_raw_columns_of_parquet_are_mapped(tmp_path: Path):
    raw = (
        "'Microsoft-Windows-Sysmon/Operational' AS Channel, 1 AS EventID, 'C:\\x\\cmd.exe' AS Image"
    )
    file = parquet(tmp_path / "a.parquet", f"SELECT {raw}, '2024-05-01 10:00:00.5' AS UtcTime")
    assert rows(file, query='process where process.name == "cmd.exe"') == [1]


def test_folders_of_partitions(tmp_path: Path):
    parquet(
        tmp_path / "t" / "host.name=a" / "day=2024-05-01" / "x.parquet",
        f"SELECT {TIME}, 'process' AS \"event.category\"",
    )
    parquet(
        tmp_path / "t" / "host.name=b%20c" / "day=2024-05-01" / "x.parquet",
        f"SELECT {TIME}, 'process' AS \"event.category\"",
    )
    assert rows(tmp_path / "t", query='process where host.name == "b c"') == [2]
    assert rows(tmp_path / "t", query='process where ?day == "2024-05-01"') == [1, 2]


def test_a_column_goes_before_the_name_of_its_folder(tmp_path: Path):
    file = tmp_path / "Host.name=b" / "x.parquet"
    parquet(file, f"SELECT {TIME}, 'process' AS \"event.category\", 'own' AS \"host.name\"")
    assert rows(tmp_path, query='process where host.name == "own"') == [1]


def test_standard_input_may_be_an_archive(tmp_path: Path):
    data = zipped(tmp_path / "a.zip", a__ndjson=LINES).read_bytes()
    code, out, _ = run(
        "-q", "process where true", "--events", "-", "--format", "ndjson", stdin=data
    )
    assert (code, len(out.splitlines())) == (0, 3)


def test_several_names_after_one_another(tmp_path: Path):
    zipped(tmp_path / "a.zip", a__ndjson=LINES)
    write(tmp_path / "b.csv", CSV)
    assert rows(tmp_path / "a.zip", tmp_path / "b.csv", tmp_path / "a.zip") == list(range(1, 9))


def test_archives_by_the_python_api(tmp_path: Path):
    archive = zipped(tmp_path / "a.zip", a__ndjson=LINES)
    found = eqlx.run("process where true", archive)
    assert len(list(found)) == 3


@pytest.mark.parametrize("columns", list(COLUMNS)[:3])
def test_sql_for_a_file_never_takes_fields_in_objects_for_absent(tmp_path: Path, columns: str):
    """`convert --like` prints SQL that runs on the columns: it refuses what only `run` takes apart."""
    file = parquet(tmp_path / "a.parquet", f"SELECT {TIME}, {COLUMNS[columns]}")
    query = 'any where ?event.action == "x" or ?host.os.type == "linux"'
    assert rows(file, query=query) == [1]
    made = CliRunner().invoke(program, ["convert", "-q", query, "--to", "sql", "--like", str(file)])
    assert made.exit_code == 1
    assert "its column has the type" in made.stderr


def test_a_single_column_may_hold_the_whole_event(tmp_path: Path):
    lines = ", ".join(f"('{json.dumps(event, indent=1)}')" for event in EVENTS)
    file = parquet(tmp_path / "a.parquet", f"SELECT * FROM (VALUES {lines}) AS t(raw)")  # noqa: S608
    assert rows(file) == [1, 2, 3]
    assert rows(file, query=SEQUENCE) == [1, 2]


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize(
    "text",
    [
        *(json.dumps({key: EVENTS}) for key in ("Records", "records", "events", "value")),
        json.dumps({"Records": EVENTS}, indent=2),
        json.dumps({"Records": EVENTS[:1]}) + "\n" + json.dumps({"Records": EVENTS[1:]}),
        "".join(json.dumps({"preview": False, "offset": 1, "result": e}) + "\n" for e in EVENTS),
        "".join(json.dumps({"result": e}) + "\n" for e in EVENTS),
    ],
)
def test_records_inside_of_others(tmp_path: Path, text: str, engine: str):
    assert rows(write(tmp_path / "e.json", text), engine=engine) == [1, 2, 3]
    assert rows(write(tmp_path / "e", text), engine=engine, query=SEQUENCE) == [1, 2]


@pytest.mark.parametrize(
    "event", [{"events": [1, 2]}, {"Records": []}, {"value": [{}], "n": 1}, {"result": {}, "n": 1}]
)
def test_an_event_that_only_looks_so_stays(tmp_path: Path, event: dict[str, object]):
    own = {**event, "event": {"category": "process"}} if len(event) > 1 else event
    code, out, _ = run(
        "-q",
        "any where true",
        "--format",
        "ndjson",
        "--events",
        write(tmp_path / "e", json.dumps(own)),
    )
    assert code == 0
    assert json.loads(out)["events"][0]["fields"] == own
