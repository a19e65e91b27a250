"""CSV, TSV, Kibana's export and Zeek's logs as events, on both engines alike."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from cli_harness import call

from eqlx_harness.data import need

CSV = (
    "@timestamp,event.category,destination.port,source.ip,note\r\n"
    '2026-01-01T00:00:00Z,network,443,10.0.0.1,"a, b"\r\n'
    '2026-01-01T00:00:01Z,network,"[80, 8443]",,"two\nlines"\r\n'
)
ZEEK = (
    "#separator \\x09\n#set_separator\t,\n#path\tconn\n"
    "#fields\tts\tuid\tid.resp_p\ttags\tlocal_orig\n#types\ttime\tstring\tport\tset[string]\tbool\n"
    "1714557600.123000\tC1\t443\ta,b\tT\n1714557601.5\t-\t80\t(empty)\tF\n#close\t2024\n"
)


def found(query: str, *arguments: object) -> list[dict[str, object]]:
    answers = []
    for engine in ("duckdb", "reference"):
        result = call("run", "-q", query, "--engine", engine, "--format", "ndjson", *arguments)
        assert result.exit_code == 0, result.stderr
        answers.append([json.loads(line)["events"][0] for line in result.stdout.splitlines()])
    assert answers[0] == answers[1]
    return answers[0]


@pytest.mark.parametrize("name", ["e.csv", "e.txt", "e", "e.csv.gz", "folder/e.csv"])
def test_csv(tmp_path: Path, name: str):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    data = CSV.encode()
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    place = file.parent if "/" in name else file
    first, second = found("network where true", "--events", place)
    assert first["fields"]["note"] == "a, b"
    assert second["fields"]["note"] == "two\nlines"
    assert "source.ip" not in second["fields"]
    over = found("network where destination.port > 8000", "--events", place)
    assert [event["id"] for event in over] == [2]
    assert [
        event["id"] for event in found('any where source.ip == "10.0.0.1"', "--events", place)
    ] == [1]


def test_tabs_and_semicolons(tmp_path: Path):
    for number, delimiter in enumerate(("\t", ";")):
        file = tmp_path / f"{number}.tsv"
        rows = (("@timestamp", "process.name"), ("2026-01-01T00:00:00Z", "a.exe"))
        file.write_text("\n".join(delimiter.join(row) for row in rows), "utf-8")
        assert len(found('any where process.name == "a.exe"', "--events", file)) == 1


def test_zeek(tmp_path: Path):
    file = tmp_path / "conn.log"
    file.write_text(ZEEK, "utf-8")
    (event,) = found("any where id.resp_p == 443", "--events", file, "--timestamp-field", "ts")
    assert event["timestamp"] == "2024-05-01T10:00:00.123Z"
    assert event["fields"]["tags"] == ["a", "b"]
    (other,) = found("any where local_orig == false", "--events", file, "--timestamp-field", "ts")
    assert set(other["fields"]) == {"ts", "id.resp_p", "local_orig"}


def test_kibana(tmp_path: Path):
    file = tmp_path / "export.csv"
    file.write_text('@timestamp,process.name\n"May 1, 2024 @ 10:00:00.000",a.exe\n', "utf-8")
    (event,) = found('any where process.name == "a.exe"', "--events", file)
    assert event["timestamp"] == "2024-05-01T10:00:00.000Z"
    said = call("run", "-q", "any where true", "--events", file).stderr
    assert said.count("note[kibana-times]") == 1
    assert found("process where true", "--events", need("cases") / "shapes" / "kibana.csv")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("@timestamp,a.b\n1\n", "the row has 1 values for 2 columns"),
        ("@timestamp,a.b\n1,2,3\n", "the row has 3 values for 2 columns"),
        ("a.b,a.b\n1,2\n", "the column `a.b` stands twice"),
    ],
)
@pytest.mark.parametrize("engine", ["duckdb", "reference"])
def test_a_row_that_does_not_fit_is_named(tmp_path: Path, text: str, why: str, engine: str):
    file = tmp_path / "e.csv"
    file.write_text(text, "utf-8")
    result = call("run", "-q", "any where true", "--events", file, "--engine", engine)
    assert result.exit_code == 3
    assert why in result.stderr


def test_prose_is_no_table(tmp_path: Path):
    file = tmp_path / "notes.txt"
    file.write_text("Dear colleague, I send you\nthe events, as promised.\n", "utf-8")
    result = call("run", "-q", "any where true", "--events", file)
    assert result.exit_code == 3
    assert "expected NDJSON, JSON, CSV, TSV or Parquet" in result.stderr
