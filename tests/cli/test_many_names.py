"""Events with very many field names: ids in the place of names, which no rule can name."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from cli_harness import call

ENGINES = pytest.mark.parametrize("engine", ["duckdb", "reference"])


def events(count: int, names: int, seed: int = 1) -> str:
    """`count` events with `names` random names each, and a field that rules know."""
    made = random.Random(seed)
    known = {"@timestamp": "2026-01-01T00:00:00Z", "event": {"category": "process"}}
    lines = [
        {
            **known,
            "process": {"pid": n},
            **{f"{made.getrandbits(48):012x}": n for _ in range(names)},
        }
        for n in range(count)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    (folder / "wide.ndjson").write_text(events(60, 2000))
    one = {"event": {"category": "process"}, **{f"k{n}": n for n in range(100_001)}}
    (folder / "one.ndjson").write_text(json.dumps(one))
    nested = {f"k{n}": {"a": {"b": [{}]}} for n in range(100_001)}
    (folder / "objects.ndjson").write_text(json.dumps(nested))
    (folder / "many.ndjson").write_text(events(40, 500))
    return folder


@ENGINES
@pytest.mark.parametrize("name", ["wide", "one"])
def test_too_many_names_are_refused(folder: Path, engine: str, name: str) -> None:
    file = folder / f"{name}.ndjson"
    result = call("run", "-q", "process where true", "--events", file, "--engine", engine)
    assert result.exit_code == 3
    assert result.stderr.startswith(
        "error[too-many-fields]: more than 100000 different field names"
    )
    assert result.stderr.count("error[") == 1


@pytest.mark.parametrize("name", ["wide", "one", "objects"])
def test_fields_are_not_inferred_of_too_many(folder: Path, name: str) -> None:
    result = call("fields", "infer", folder / f"{name}.ndjson")
    assert result.exit_code == 3
    assert result.stderr.startswith("error[too-many-fields]")


@ENGINES
@pytest.mark.parametrize("unit", ["text", "milliseconds"])
def test_many_names_are_searched(folder: Path, tmp_path: Path, engine: str, unit: str) -> None:
    """20,000 names: more than there are columns."""
    file = folder / "many.ndjson"
    if unit == "milliseconds":
        text = file.read_text().replace('"2026-01-01T00:00:00Z"', "1767225600000")
        (file := tmp_path / "e.ndjson").write_text(text)
    query = "sequence [process where process.pid == 7] [any where process.pid == 9]"
    given = ("--events", file, "--engine", engine, "--format", "ndjson", "--memory", "1GB")
    result = call("run", "-q", query, "-q", "process where process.pid in (3, 39)", *given)
    assert result.exit_code == 0, result.stderr
    first, *others = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["id"] for event in first["events"]] == [8, 10]
    assert [one["events"][0]["id"] for one in others] == [4, 40]
    assert len(others[0]["events"][0]["fields"]) == 503
    assert first["events"][0]["timestamp"] == "2026-01-01T00:00:00.000Z"


def test_many_names_are_listed(folder: Path) -> None:
    result = call("fields", "infer", folder / "many.ndjson")
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) >= 20_003


@ENGINES
def test_an_array_in_gzip_is_read_piece_by_piece(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its size, no more of it is held at once than some pieces."""
    monkeypatch.setattr("eqlx.events.reading._CHUNK", 4096)
    held: list[int] = []
    from eqlx.events import reading

    more = reading._Buffer._more

    def measured(self: reading._Buffer) -> bool:
        found = more(self)
        held.append(len(self.text))
        return found

    monkeypatch.setattr(reading._Buffer, "_more", measured)
    line = {"@timestamp": "2026-01-01T00:00:00Z", "event": {"category": "process"}}
    listed = [{**line, "process": {"pid": n, "name": "x" * 100}} for n in range(5000)]
    file = tmp_path / "e.json.gz"
    file.write_bytes(gzip.compress(json.dumps(listed).encode()))
    result = call(
        "run", "-q", "process where process.pid == 4999", "--events", file, "--engine", engine
    )
    assert result.exit_code == 0, result.stderr
    assert "1 match" in result.stdout
    assert len(held) > 100
    assert max(held) < 20_000
