"""What rules can mean on the data at hand: marked on matches, summed, and said where nothing can match."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from cli_harness import call

EVENT = {
    "@timestamp": "2026-01-01T00:00:00Z",
    "event": {"category": ["process"]},
    "process": {"name": "a.exe", "pid": 7},
}
RULES = {
    "complete": "process where process.pid == 7",
    "void": 'process where process.pid == 7 and not process.executable : "C:\\\\Program Files\\\\*"',
    "narrowed": 'process where process.pid == 7 or process.executable : "x"',
    "never": 'process where process.executable : "x" and process.pid == 7',
    "sequence": "sequence by host.id [process where true] [process where true]",
}
GRADES = {
    "void": ("exclusions without effect", ["process.executable"]),
    "narrowed": ("narrowed", ["process.executable"]),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    for name, text in RULES.items():
        (tmp_path / "rules" / f"{name}.eql").write_text(text, "utf-8")
    (tmp_path / "e.ndjson").write_text(json.dumps(EVENT), "utf-8")
    return tmp_path


def run(folder: Path, *more: object):
    return call("run", folder / "rules", "--events", folder / "e.ndjson", *more)


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
def test_matches_are_marked(folder: Path, engine: str):
    result = run(folder, "--engine", engine, "--format", "ndjson")
    assert result.exit_code == 0
    found = {r["rule"]: r.get("applicability") for r in map(json.loads, result.stdout.splitlines())}
    assert found == {
        "complete": None,
        **{name: {"grade": grade, "fields": fields} for name, (grade, fields) in GRADES.items()},
    }
    assert (
        "on these data: 1 complete, 2 cannot match, 1 exclusions without effect, 1 narrowed"
        in result.stderr
    )


def test_csv_and_tables_say_it(folder: Path):
    rows = list(csv.DictReader(StringIO(run(folder, "--format", "csv").stdout)))
    assert {row["rule"]: row["applicability"] for row in rows} == {
        "complete": "complete",
        "void": "exclusions without effect (process.executable)",
        "narrowed": "narrowed (process.executable)",
    }
    assert "void; exclusions without effect: no event has process.executable" in run(folder).stdout
    shown = run(folder, "--matches").stdout
    assert "void: 1 match; exclusions without effect: no event has process.executable" in shown
    assert "complete: 1 match\n" in shown


@pytest.mark.parametrize(
    ("required", "searched"),
    [
        ("all", {"complete", "void", "narrowed"}),
        ("can-match", {"complete", "void", "narrowed"}),
        ("complete", {"complete"}),
    ],
)
def test_what_is_required(folder: Path, required: str, searched: set[str]):
    result = run(folder, "--require", required, "--format", "ndjson")
    assert {json.loads(line)["rule"] for line in result.stdout.splitlines()} == searched
    left_out = {"all": 0, "can-match": 2, "complete": 4}[required]
    assert (f"{left_out} left out by `--require`" in result.stderr) is (left_out > 0)


def test_where_nothing_can_match_that_is_the_message(folder: Path):
    (folder / "e.ndjson").write_text('{"kind": "badge", "who": "eve"}\n', "utf-8")
    result = run(folder)
    assert result.exit_code == 1
    assert "error[nothing-can-match]: no rule can match these events: no event has" in result.stderr
    assert "`event.category`" in result.stderr
    assert "no-matches" not in result.stderr


def test_where_something_could_match_no_match_is_an_answer(folder: Path):
    result = call("run", "-q", "process where process.pid == 8", "--events", folder / "e.ndjson")
    assert result.exit_code == 0
    assert "note[no-matches]" in result.stderr


def test_no_events_are_another_thing(folder: Path):
    (folder / "e.ndjson").write_text("", "utf-8")
    result = run(folder)
    assert "nothing-can-match" not in result.stderr
    assert "warning[no-events]" in result.stderr
