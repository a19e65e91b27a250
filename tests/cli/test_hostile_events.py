"""Every form of event file and every command that reads events and both engines: the right events, or one
error that names the line; never an empty answer for data that could not be read."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_harness import call

A = b'{"n": 1, "@timestamp": "2026-01-01T00:00:00Z"}\n'
B = b'{"n": 2, "@timestamp": "2026-01-01T00:00:01Z"}\n'


@dataclass(frozen=True)
class Shape:
    """`found`: the values of `n`; else `fault` (with its line) ends the reading, and `skipped` are
    the values that `--skip-broken` still finds (None: it ends all the same)."""

    content: bytes
    found: tuple[int, ...] = ()
    fault: str = ""
    line: int | None = None
    skipped: tuple[int, ...] | None = None
    name: str = "events.ndjson"


def broken(line: bytes, fault: str) -> Shape:
    return Shape(A + line + b"\n" + B, fault=fault, line=2, skipped=(1, 2))


SHAPES = {
    "plain": Shape(A + B, (1, 2)),
    "no-last-line-end": Shape(A + B.strip(), (1, 2)),
    "windows-line-ends": Shape(A.replace(b"\n", b"\r\n") + b"\r\n" + B, (1, 2)),
    "byte-order-mark": Shape(b"\xef\xbb\xbf" + A + B, (1, 2)),
    "utf-16": Shape((A + B).decode().encode("utf-16"), (1, 2)),
    "empty": Shape(b""),
    "blank": Shape(b" \n\n"),
    "array": Shape(b"[" + A.strip() + b",\n" + B.strip() + b"]", (1, 2), name="events.json"),
    "two-arrays": Shape(b"[" + A.strip() + b"]\n[" + B.strip() + b"]", (1, 2)),
    "over-several-lines": Shape(
        b"\n".join(json.dumps(json.loads(one), indent=1).encode() for one in (A, B)), (1, 2)
    ),
    "gzip": Shape(gzip.compress(A + B), (1, 2), name="events.ndjson.gz"),
    "gzip-array": Shape(gzip.compress(b"[" + A + b"," + B + b"]"), (1, 2), name="events.json.gz"),
    "gzip-by-content": Shape(gzip.compress(A + B), (1, 2), name="events.log"),
    "odd-name": Shape(A + B, (1, 2), name="events[1]*.txt"),
    "no-suffix": Shape(A + B, (1, 2), name="events"),
    "lone-surrogate": Shape(A + b'{"n": 2, "s": "\\ud800x"}\n', (1, 2)),
    "500-levels": Shape(A + b'{"n": 2, "d": ' + b'{"a":' * 500 + b"1" + b"}" * 501, (1, 2)),
    "500-arrays": Shape(A + b'{"n": 2, "d": ' + b"[" * 500 + b"1" + b"]" * 500 + b"}", (1, 2)),
    "600-levels": broken(b'{"d": ' + b'{"a":' * 600 + b"1" + b"}" * 601, "512 levels"),
    "letter-case": Shape(A + b'{"n": 2, "N": 3, "a": {"b": 1}, "A": {"B": 2}}\n', (1, 2)),
    "large-numbers": Shape(A + b'{"n": 2, "u": 18446744073709551616, "v": -1e300}\n', (1, 2)),
    "key-twice": broken(b'{"n": 3, "n": 4}', "`n` stands twice"),
    "key-twice-below": broken(b'{"a": {"b": [{"c": 1, "c": 1}]}}', "`c` stands twice"),
    "latin-1": broken('{"s": "é"}'.encode("latin-1"), "not UTF-8"),
    "nul": broken(b"\0", "a NUL character"),
    "half-a-line": broken(b'{"n": 3', "broken JSON"),
    "no-object": broken(b"[1]", "not a JSON object"),
    "comma-too-many": broken(b'{"n": 3,}', "broken JSON"),
    "not-a-number": broken(b'{"n": NaN}', "`NaN` is no JSON"),
    "no-double": broken(b'{"n": 1e999}', "beyond the range of a double"),
    "broken-array": Shape(
        b"[" + A + b"," + b'{"n": }' + b"]", fault="broken JSON", line=2, name="events.json"
    ),
    "array-with-a-key-twice": Shape(
        b"[" + A + b',{"n": 3, "n": 4},' + B + b"]",
        fault="`n` stands twice",
        line=2,
        skipped=(1, 2),
        name="events.json",
    ),
    "unclosed-array": Shape(b"[" + A, fault="the array is not closed", line=2, name="a.json"),
    "prose": Shape(b"Dear all, read this\n", fault="of an unknown kind", name="events.txt"),
    "zip": Shape(b"PK\x03\x04rest", fault="broken zip archive", name="events.zip"),
    "no-gzip": Shape(A, fault="not a `.gz` file", name="events.ndjson.gz"),
    "half-gzip": Shape(gzip.compress(A * 99)[:-9], fault="end-of-stream", name="events.json.gz"),
}
COMMANDS = ("duckdb", "reference", "verify", "explain", "fields", "test")


def said(command: str, path: Path, *more: str) -> tuple[int, str, str]:
    query = ("-q", "any where n > 0")
    match command:
        case "verify":
            result = call("verify", *query, "--to", "sql", "--events", path, *more)
        case "explain":
            result = call("explain", *query, path, "--format", "json", *more)
        case "fields":
            result = call("fields", "infer", path)
        case "test":
            rule = path.parent / "rule.eql"
            rule.write_text("any where n > 0")
            text = json.dumps({"name": "a", "events": path.name, "matches": 2})
            rule.with_suffix(".test.yml").write_text(f"tests: [{text}]")
            result = call("test", rule)
        case _:
            result = call(
                "run", *query, "--events", path, "--engine", command, "--format", "ndjson", *more
            )
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def written(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Shape, Path]:
    shape: Shape = SHAPES[request.param]
    path = tmp_path / shape.name
    path.write_bytes(shape.content)
    return shape, path


def values(stdout: str) -> tuple[int, ...]:
    records = [json.loads(line) for line in stdout.splitlines()]
    return tuple(event["fields"]["n"] for record in records for event in record["events"])


@pytest.mark.parametrize("written", SHAPES, indirect=True)
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command(written: tuple[Shape, Path], command: str) -> None:
    shape, path = written
    code, stdout, stderr = said(command, path)
    if shape.fault:
        assert code == (2 if command == "test" else 3)
        told = stdout + stderr
        # Only events of `--events` are unpacked, not those that a test file names.
        named = command == "test" and shape.name.endswith(".zip")
        assert ("zip archive, which is not unpacked" if named else shape.fault) in told
        assert stderr.count("error[") == 1
        if shape.line is not None:
            assert f":{shape.line}:" in told or f"line {shape.line}" in told
        return
    if command in ("duckdb", "reference"):
        assert code == 0, stderr
        assert values(stdout) == shape.found
    if command == "fields":
        assert code == 0, stderr
        assert (" long" in stdout) == bool(shape.found)
    if command == "explain":
        assert code == 0, stderr
    if command == "test":
        assert (code == 0) == (shape.found == (1, 2)), stdout + stderr
    if command == "verify":
        assert code == 0, stdout + stderr
    if not shape.found and command in ("duckdb", "reference", "verify", "explain"):
        assert "no events in" in stderr


@pytest.mark.parametrize("written", [n for n, s in SHAPES.items() if s.fault], indirect=True)
@pytest.mark.parametrize("command", ["duckdb", "reference"])
def test_broken_events_are_skipped_on_demand(written: tuple[Shape, Path], command: str) -> None:
    shape, path = written
    code, stdout, stderr = said(command, path, "--skip-broken")
    if shape.skipped is None:
        assert code == 3
        assert shape.fault in stderr
        return
    assert code == 0, stderr
    assert values(stdout) == shape.skipped
    assert "1 broken event was left out" in stderr
    assert f"{path}:{shape.line}: " in stderr


@pytest.mark.parametrize("command", ["duckdb", "reference", "verify", "explain", "fields"])
def test_what_is_no_file(tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "pipe.ndjson")
    (tmp_path / "circle.ndjson").symlink_to(tmp_path / "circle.ndjson")
    (tmp_path / "zero.ndjson").symlink_to("/dev/zero")
    for name, why in (
        ("pipe.ndjson", "it is a named pipe"),
        ("circle.ndjson", "go in a circle"),
        ("zero.ndjson", "it is a device"),
        ("none.ndjson", "no such file"),
    ):
        code, _, stderr = said(command, tmp_path / name)
        assert code == 3
        assert why in stderr
        assert stderr.count("error[") == 1


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
def test_folders_patterns_and_standard_input(tmp_path: Path, engine: str) -> None:
    (tmp_path / "day" / ".hidden").mkdir(parents=True)
    (tmp_path / "day" / "b.ndjson").write_bytes(B)
    (tmp_path / "day" / "a.json.gz").write_bytes(gzip.compress(A))
    (tmp_path / "day" / ".hidden" / "c.ndjson").write_bytes(B)
    (tmp_path / "day" / "notes.txt").write_text("no events")
    given = ("run", "-q", "any where n > 0", "--engine", engine, "--format", "ndjson", "--events")
    assert values(call(*given, tmp_path / "day").stdout) == (1, 2)
    assert values(call(*given, tmp_path / "day" / "*.json*").stdout) == (1,)
    assert values(call(*given, "-", stdin=(A + B).decode()).stdout) == (1, 2)
    nothing = call(*given, tmp_path / "day" / "*.parquet")
    assert nothing.exit_code == 3
    assert "matches no file" in nothing.stderr
    both = call("run", "-", "--events", "-", stdin="any where true")
    assert both.exit_code == 3
    assert "read but once" in both.stderr


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize(
    ("times", "said", "joined"),
    [
        ((1714557600, 1714564800), "as seconds", False),
        ((1714557600, 1714557605), "as seconds", True),
        ((1714557600.25, 1714557605.5), "as seconds", True),
        (("1714557600", "1714564800"), "as seconds", False),
        ((1714557600000, 1714557605000), None, True),
        ((1714557600000000, 1714557605000000), "as microseconds", True),
        (("1714557600000000000", "1714564800000000000"), "as nanoseconds", False),
        ((0, 5000), None, True),
        (("2024-05-01T10:00:00Z", "soon"), "1 of 2 events lack", False),
        (("May 1, 2024", "soon"), "no event has a time", None),
        ((None, None), "no event has a time", None),
    ],
)
def test_times_are_read_in_their_unit_or_said_to_be_unreadable(
    tmp_path: Path, engine: str, times: tuple[object, object], said: str | None, joined: bool | None
) -> None:
    """`joined`: two events within ten seconds; None: the sequence is not searched."""
    path = tmp_path / "events.ndjson"
    path.write_text("".join(json.dumps({"@timestamp": time, "h": 1}) + "\n" for time in times))
    query = "sequence by h with maxspan=10s [any where true] [any where true]"
    result = call("run", "-q", query, "--events", path, "--engine", engine, "--format", "ndjson")
    assert (said or "times-") in result.stderr or said is None
    assert said is not None or "times-" not in result.stderr
    assert result.exit_code == (1 if joined is None else 0), result.stderr
    assert ("no-readable-times" in result.stderr) == (joined is None)
    assert bool(result.stdout.strip()) == bool(joined)
