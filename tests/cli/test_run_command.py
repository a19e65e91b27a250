"""`eqlx run`: matches in every form, engines, events that cannot be read."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest
from cli_harness import EVENTS, SEEDS, call

QUERY = 'network where process.name == "http"'
SEQUENCE = 'sequence by h with maxspan=1m [a where v == "1"] ![b where true] [a where v == "2"]'


@pytest.fixture(params=["duckdb", "reference"])
def engine(request):
    return request.param


@pytest.fixture
def events(tmp_path):
    file = tmp_path / "events.ndjson"
    rows = [
        {
            "@timestamp": "2026-01-01T00:00:00Z",
            "event.category": "a",
            "h": "x",
            "v": "1",
            "i": "=1",
        },
        {
            "@timestamp": "2026-01-01T00:00:01Z",
            "event.category": "a",
            "h": "x",
            "v": "2",
            "i": "e2",
        },
        {"@timestamp": "2026-01-01T00:00:02Z", "event.category": "b", "h": "y", "v": "\x1b[2J"},
    ]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return file


def test_the_seed_rules_over_the_seed_events(engine):
    result = call("run", *SEEDS, "--events", EVENTS, "--engine", engine, "--format", "ndjson")
    assert result.exit_code == 0, result.stderr
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(records) == 56
    assert len({record["rule"] for record in records}) == 3


def test_the_record_of_an_event(engine, events):
    result = call(
        "run", "-q", 'a where v == "2"', "--events", events, "--engine", engine,
        "--format", "ndjson", "--id-field", "i",
    )  # fmt: skip
    (line,) = result.stdout.splitlines()
    assert json.loads(line) == {
        "rule": "query",
        "name": "query",
        "kind": "event",
        "join_keys": [],
        "events": [
            {
                "stage": 0,
                "id": "e2",
                "timestamp": "2026-01-01T00:00:01.000Z",
                "missing": False,
                "fields": {
                    "@timestamp": "2026-01-01T00:00:01Z",
                    "event.category": "a",
                    "h": "x",
                    "v": "2",
                    "i": "e2",
                },
            }
        ],
    }


def test_the_record_of_a_sequence_has_keys_stages_and_the_missing_event(engine, events):
    result = call(
        "run", "-q", SEQUENCE, "--events", events, "--engine", engine, "--format", "ndjson"
    )
    record = json.loads(result.stdout)
    assert record["kind"] == "sequence"
    assert record["join_keys"] == ["x"]
    assert [(e["stage"], e["id"], e["missing"]) for e in record["events"]] == [
        (0, 1, False),
        (1, None, True),
        (2, 2, False),
    ]


def test_json_is_one_array(engine, events):
    result = call(
        "run", "-q", "any where true", "--events", events, "--engine", engine, "--format", "json"
    )
    assert len(json.loads(result.stdout)) == 3
    empty = call(
        "run", "-q", "zzz where true", "--events", events, "--engine", engine, "--format", "json"
    )
    assert json.loads(empty.stdout) == []


def test_csv_has_a_row_an_event_and_runs_no_formula(engine, events):
    result = call(
        "run", "-q", SEQUENCE, "--events", events, "--engine", engine, "--format", "csv",
        "--id-field", "i",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["stage"] for row in rows] == ["0", "1", "2"]
    assert [row["match"] for row in rows] == ["1", "1", "1"]
    assert rows[0]["id"] == "'=1"
    assert json.loads(rows[0]["join_keys"]) == ["x"]
    assert rows[0]["v"] == "1"
    assert rows[1]["missing"] == "true"


def test_events_cannot_steer_the_terminal(engine, events):
    result = call("run", "-q", "b where v != null", "--events", events, "--engine", engine)
    assert "\x1b" not in result.stdout


def test_no_matches_are_said_on_stderr(engine, events):
    result = call("run", "-q", "zzz where true", "--events", events, "--engine", engine)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.startswith("note[no-matches]: no matches")


def test_several_files_are_one_dataset(engine, events):
    result = call(
        "run", "-q", "any where true", "--events", events, "--events", events,
        "--engine", engine, "--format", "ndjson",
    )  # fmt: skip
    ids = [json.loads(line)["events"][0]["id"] for line in result.stdout.splitlines()]
    assert sorted(ids) == [1, 2, 3, 4, 5, 6]


def test_size_limits_the_results(engine, events):
    result = call(
        "run", "-q", "any where true", "--events", events, "--engine", engine,
        "--format", "ndjson", "--size", "1",
    )  # fmt: skip
    (line,) = result.stdout.splitlines()
    assert json.loads(line)["events"][0]["id"] == 3


def test_other_fields_may_play_the_roles(engine, tmp_path):
    file = tmp_path / "own.ndjson"
    file.write_text(
        '{"when": "2026-01-01T00:00:02Z", "kind": "a", "n": 1}\n'
        '{"when": "2026-01-01T00:00:01Z", "kind": "a", "n": 2}\n'
        '{"when": "2026-01-01T00:00:02Z", "kind": "a", "n": 0}\n'
    )
    result = call(
        "run", "-q", "a where true", "--events", file, "--engine", engine, "--format", "ndjson",
        "--timestamp-field", "when", "--event-category-field", "kind", "--tiebreaker-field", "n",
    )  # fmt: skip
    assert [json.loads(line)["events"][0]["id"] for line in result.stdout.splitlines()] == [2, 3, 1]


def test_rules_with_their_own_category_field_run_beside_others(engine, tmp_path):
    file = tmp_path / "own.ndjson"
    file.write_text(
        '{"@timestamp": "2026-01-01T00:00:02Z", "kind": "a"}\n'
        '{"@timestamp": "2026-01-01T00:00:03Z", "event": {"category": "a"}}\n'
    )
    rules = tmp_path / "rules.ndjson"
    common = {"type": "eql", "language": "eql", "query": "a where true"}
    rules.write_text(
        json.dumps({"rule_id": "one", "name": "1", "event_category_override": "kind", **common})
        + "\n"
        + json.dumps({"rule_id": "two", "name": "2", **common})
    )
    result = call("run", rules, "--events", file, "--engine", engine, "--format", "ndjson")
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(r["rule"], r["events"][0]["id"]) for r in records] == [("one", 1), ("two", 2)]


def test_a_broken_line_of_events_is_shown(engine, tmp_path):
    file = tmp_path / "bad.ndjson"
    file.write_text('{"a": 1}\n{"a": "日本", "b": x}\n{"a": 2}\n')
    result = call("run", "-q", "any where true", "--events", file, "--engine", engine)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr.startswith("error[events-unreadable]")
    assert "bad.ndjson:2:18" in result.stderr
    assert '2 | {"a": "日本", "b": x}' in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["[1, 2]\n", '"x"\n', "\xff\xfe\x00"])
def test_events_that_are_no_objects(engine, tmp_path, text):
    file = tmp_path / "bad.ndjson"
    file.write_bytes(text.encode("latin-1"))
    result = call("run", "-q", "any where true", "--events", file, "--engine", engine)
    assert result.exit_code == 3
    assert result.stderr.count("error[") == 1


def test_missing_events(tmp_path):
    result = call("run", "-q", "any where true", "--events", tmp_path / "none.ndjson")
    assert result.exit_code == 3
    assert "no such file" in result.stderr
    assert call("run", "-q", "any where true", "--events", tmp_path).exit_code == 3


def test_an_unknown_engine_gets_the_nearest_name(events):
    result = call("run", "-q", "any where true", "--events", events, "--engine", "duckbd")
    assert result.exit_code == 3
    assert "did you mean `duckdb`?" in result.stderr


def test_a_bad_rule_does_not_stop_the_others(engine, events, tmp_path):
    (tmp_path / "bad.eql").write_text("a where (")
    (tmp_path / "good.eql").write_text("a where true")
    result = call(
        "run", tmp_path / "bad.eql", tmp_path / "good.eql", "--events", events,
        "--engine", engine, "--format", "ndjson",
    )  # fmt: skip
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 2
    assert "bad.eql:1:" in result.stderr


def test_an_unmapped_field_is_null_by_the_datas_own_columns(engine, events):
    """Spec §13.3: the catalogue and the data say what is mapped; `?f` of neither is null."""
    result = call(
        "run", "-q", 'a where not ?zz.unmapped : "x"', "--events", events,
        "--engine", engine, "--format", "ndjson",
    )  # fmt: skip
    assert result.stdout == ""


def test_a_reader_that_leaves_is_no_error(tmp_path):
    file = tmp_path / "many.ndjson"
    row = json.dumps({"@timestamp": "2026-01-01T00:00:00Z", "pad": "x" * 500})
    file.write_text(f"{row}\n" * 2000)
    program = "from eqlx.cli.main import main; main()"
    command = [sys.executable, "-c", program, "run", "-q", "any where true", "--events", str(file)]
    process = subprocess.Popen(
        [*command, "--format", "ndjson", "--engine", "reference"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 0
    assert "Broken" not in error
    assert "Traceback" not in error


def test_parquet(engine, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    if engine == "reference":
        pytest.skip("the reference engine's reading of Parquet has tests of its own")
    file = tmp_path / "events.parquet"
    duckdb.sql(
        "SELECT TIMESTAMP '2026-01-01 00:00:00' AS \"@timestamp\", "
        "{'category': 'a'} AS event, 5::DECIMAL(4,1) AS d, '\\x01'::BLOB AS b"
    ).write_parquet(str(file))
    result = call("run", "-q", "a where true", "--events", file, "--format", "ndjson")
    assert result.exit_code == 0, result.stderr
    (event,) = json.loads(result.stdout)["events"]
    assert event["timestamp"] == "2026-01-01T00:00:00.000Z"
    assert event["fields"]["event"] == {"category": "a"}


def test_a_bound_that_the_engine_cannot_keep(events):
    result = call("run", "-q", "any where true", "--events", events, "--memory", "1KB")
    assert result.exit_code == 3
    assert result.stderr.startswith("error[engine-failed]: `duckdb` did not start")


@pytest.mark.parametrize("option", ["--timeout", "--memory"])
@pytest.mark.parametrize("value", ["-1", "0", "-0.5", "nan", "inf", "1e400", "plenty", "", "4XB"])
def test_bounds_that_are_none(events, engine, option, value):
    result = call(
        "run", "-q", "any where true", "--events", events, "--engine", engine, option, value
    )
    assert result.exit_code == 3
    assert result.stderr.startswith("error[usage]: ")
    assert option in result.stderr
    assert result.stderr.count("error[") == 1


def test_loading_that_takes_too_long(engine, events):
    result = call(
        "run", "-q", "any where true", "--events", events, "--engine", engine, "--timeout", "1e-9"
    )
    assert result.exit_code == 3
    assert result.stderr == (
        f"error[engine-failed]: `{engine}` did not start: loading the events took longer than "
        "1e-09 seconds and was stopped\n  = help: give it more time with `--timeout`\n"
    )


@pytest.mark.parametrize("value", ["2GB", "512MB", "1.5 GiB", "300000000", "1tb"])
def test_sizes_of_memory(events, engine, value):
    result = call(
        "run", "-q", "any where true", "--events", events, "--engine", engine, "--memory", value
    )
    assert result.exit_code == 0, result.stderr


def test_no_events_at_all(engine, tmp_path):
    file = tmp_path / "empty.ndjson"
    file.write_text("")
    result = call("run", "-q", "any where true", "--events", file, "--engine", engine)
    assert result.exit_code == 0, result.stderr
    assert "no matches" in result.stderr
