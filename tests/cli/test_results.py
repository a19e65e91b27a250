"""What `eqlx run` shows of matches, and where it puts them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from cli_harness import ROOT, call

SEQUENCE = (
    "sequence by host.id with maxspan=2h [process where process.pid > 0] [file where true] "
    "![dns where true] [network where true]"
)
LONG = "cmd.exe /c " + "x" * 300
EVENTS = [
    {
        "@timestamp": "2026-01-01T00:00:00.000Z",
        "event": {"category": "process"},
        "host": {"id": "h", "name": "web-01"},
        "user": {"name": "bob"},
        "process": {"name": "cmd.exe", "command_line": LONG, "pid": 5, "args": ["a", "b"]},
    },
    {
        "@timestamp": "2026-01-01T00:00:03.250Z",
        "event": {"category": "file"},
        "host": {"id": "h", "name": "web-01"},
        "process": {"pid": "five"},
    },
    {
        "@timestamp": "2026-01-02T01:00:03.250Z",
        "event": {"category": "network"},
        "host": {"id": "other", "name": "web-02"},
    },
    {
        "@timestamp": "2026-01-01T01:00:03.250Z",
        "event": {"category": "network"},
        "host": {"id": "h", "name": "web-01"},
    },
]
RULE = """
[rule]
name = "{name}"
severity = "{severity}"
type = "eql"
language = "eql"
query = '{query}'

[[rule.threat]]
framework = "MITRE ATT&CK"
tactic = {{id = "TA0002", name = "Execution", reference = ""}}
[[rule.threat.technique]]
id = "T1059"
name = "Command and Scripting Interpreter"
reference = ""
[[rule.threat.technique.subtechnique]]
id = "T1059.003"
name = "Windows Command Shell"
reference = ""
"""


@pytest.fixture
def events(tmp_path: Path) -> Path:
    file = tmp_path / "events.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    return file


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, severity, query in (
        ("everything", "low", "any where true"),
        ("processes", "critical", "process where true"),
        ("nothing", "high", 'process where process.name == "no"'),
    ):
        text = RULE.format(name=name, severity=severity, query=query)
        (folder / f"{name}.toml").write_text(text)
    return folder


def cells(line: str) -> list[str]:
    return re.split(r" {2,}", line.strip())


def test_many_rules_are_a_triage_table(rules: Path, events: Path) -> None:
    result = call("run", rules, "--events", events)
    assert result.exit_code == 0, result.stderr
    rows = [cells(line) for line in result.stdout.splitlines() if "T1059.003" in line]
    assert [row[:2] + row[-1:] for row in rows] == [
        ["critical", "1", "processes"],
        ["low", "4", "everything"],
    ]
    assert rows[0][2:4] == ["2026-01-01 00:00:00", "web-01"]
    assert rows[1][2:4] == ["2026-01-01 00:00:00 to 2026-01-02 01:00:03", "web-01 +1"]
    assert LONG not in result.stdout
    assert "`--matches` shows the events" in result.stderr


def test_matches_are_shown_where_they_are_asked_for(rules: Path, events: Path) -> None:
    result = call("run", rules, "--events", events, "--matches")
    assert "processes: 1 match\n" in result.stdout
    assert f"process.command_line={LONG}" in result.stdout
    assert "critical" in result.stdout


def test_nothing_is_cut_in_a_pipe(events: Path) -> None:
    result = call("run", "-q", "process where process.args != null", "--events", events)
    (line,) = [line for line in result.stdout.splitlines() if LONG in line]
    assert cells(line)[1:] == [
        "1",
        "host.name=web-01",
        "user.name=bob",
        "process.name=cmd.exe",
        f"process.command_line={LONG}",
        "process.args=a,b",
    ]


def test_fields_are_columns(events: Path) -> None:
    result = call(
        "run", "-q", "any where true", "--events", events, "--fields", "host.id, user.name"
    )
    assert [cells(line) for line in result.stdout.splitlines()[2:5] if "web" not in line] == [
        ["time", "event", "host.id", "user.name"],
        cells(result.stdout.splitlines()[3]),
        ["2026-01-01T00:00:00.000Z", "1", "h", "bob"],
    ]


def test_a_sequence_is_a_group_with_the_time_between_its_events(events: Path) -> None:
    result = call("run", "-q", SEQUENCE, "--events", events)
    lines = [line.strip() for line in result.stdout.splitlines()[4:9]]
    assert cells(lines[0]) == ["1", "in 1 h 3.25 s", "host.id=h"]
    assert cells(lines[1])[:3] == ["2026-01-01T00:00:00.000Z", "1", "host.name=web-01"]
    assert cells(lines[2])[:3] == ["+ 3.25 s", "2", "host.name=web-01"]
    assert cells(lines[3]) == ["-", "(missing)"]
    assert cells(lines[4])[:2] == ["+ 1 h", "4"]


def on_a_terminal(columns: int, *arguments: object) -> str:
    """What a terminal of that width is shown, without its colours."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from eqlx.cli.main import main; main()"]
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    with subprocess.Popen(
        [*command, *map(str, arguments)],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:  # the end, as Linux has it
            pass
        assert process.wait(120) == 0
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n")


def test_a_terminal_is_not_overrun_unless_asked(rules: Path, events: Path) -> None:
    given = ("run", rules, "--events", events, "--matches")
    narrow = on_a_terminal(80, *given)
    assert "processes: 1 match" in narrow
    assert max(map(len, narrow.splitlines())) <= 80
    assert LONG not in narrow
    assert LONG in on_a_terminal(80, *given, "--wide")


def test_csv_has_a_column_for_each_field(events: Path) -> None:
    result = call("run", "-q", SEQUENCE, "--events", events, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["process.pid"] for row in rows] == ["5", "five", "", ""]
    assert rows[0]["process.args"] == '["a", "b"]'
    assert [row["missing"] for row in rows] == ["false", "false", "true", "false"]


def test_csv_of_chosen_fields(events: Path) -> None:
    result = call(
        "run", "-q", "process where true", "--events", events, "--format", "csv",
        "--fields", "process.pid,not.there",
    )  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert list(row)[-2:] == ["process.pid", "not.there"]
    assert (row["process.pid"], row["not.there"]) == ("5", "")


def test_parquet_is_typed(rules: Path, events: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "matches.parquet"
    result = call("run", rules, "--events", events, "--format", "parquet", "-o", file)
    assert result.exit_code == 0, result.stderr
    found = duckdb.sql(
        f'SELECT name, "match", "process.args", "process.pid" FROM \'{file}\' ORDER BY ALL'  # noqa: S608
    ).fetchall()
    assert found == [
        ("everything", 1, ["a", "b"], "5"),
        ("everything", 2, None, "five"),
        ("everything", 3, None, None),
        ("everything", 4, None, None),
        ("processes", 1, ["a", "b"], "5"),
    ]
    assert [path.name for path in file.parent.iterdir()] == ["matches.parquet"]


def test_parquet_without_matches_has_its_columns(events: Path, tmp_path: Path) -> None:
    file = tmp_path / "none.parquet"
    query = 'process where process.name == "no"'
    call("run", "-q", query, "--events", events, "--format", "parquet", "-o", file)
    assert duckdb.sql(f"SELECT rule, missing FROM '{file}'").fetchall() == []  # noqa: S608


def test_parquet_needs_a_file(events: Path) -> None:
    result = call("run", "-q", "any where true", "--events", events, "--format", "parquet")
    assert result.exit_code == 3
    assert "name a file: `-o matches.parquet`" in result.stderr


@pytest.mark.parametrize("form", ["table", "ndjson", "json", "csv"])
def test_a_file_holds_what_a_pipe_gets(events: Path, tmp_path: Path, form: str) -> None:
    given = ("run", "-q", "any where true", "--events", events, "--format", form)
    file = tmp_path / "out" / "matches"
    result = call(*given, "-o", file)
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    assert file.read_text() == call(*given).stdout
    assert [path.name for path in file.parent.iterdir()] == ["matches"]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_that_cannot_be_written_is_said(events: Path, tmp_path: Path, form: str) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "below"):
        result = call(
            "run", "-q", "any where true", "--events", events, "--format", form, "-o", place
        )
        assert result.exit_code == 3, result.stderr
        assert "error[cannot-write]" in result.stderr


def test_the_timeline_is_written_beside_the_matches(events: Path, tmp_path: Path) -> None:
    page = tmp_path / "new" / "timeline.html"
    result = call("run", "-q", "any where true", "--events", events, "--timeline", page)
    assert result.exit_code == 0, result.stderr
    assert "query: 4 matches" in result.stdout
    assert "web-02" in page.read_text()
    refused = call("run", "-q", "any where true", "--events", events, "--timeline", tmp_path)
    assert (refused.exit_code, "error[cannot-write]" in refused.stderr) == (3, True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_gets_all_of_it(events: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        call("run", "-q", "any where true", "--events", events, "--format", "csv", "-o", pipe)
        assert reader.communicate()[0].count("\n") == 5
    assert pipe.is_fifo()


def test_parquet_keeps_whole_numbers_beyond_64_bits(tmp_path: Path) -> None:
    events, file = tmp_path / "e.ndjson", tmp_path / "m.parquet"
    large = [2**64 - 1, 10**30 + 1]
    lines = ({"event": {"category": "process"}, "n": n, "m": 5} for n in large)
    events.write_text("".join(json.dumps(line) + "\n" for line in lines))
    call("run", "-q", "any where true", "--events", events, "--format", "parquet", "-o", file)
    found = duckdb.sql(f"SELECT n, m FROM '{file}' ORDER BY \"match\"").fetchall()  # noqa: S608
    assert found == [(str(n), 5) for n in large]


def test_truths_are_shown_as_events_have_them(tmp_path: Path) -> None:
    events = tmp_path / "e.ndjson"
    events.write_text('{"event": {"category": "process"}, "b": true}\n')
    assert "b=true" in call("run", "-q", "any where b == true", "--events", events).stdout


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_fields_choose_nothing_of_whole_events(events: Path, form: str) -> None:
    given = ("run", "-q", "any where true", "--events", events, "--fields", "a", "--format", form)
    result = call(*given)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "`--fields` chooses no fields" in result.stderr


def test_a_query_that_is_never_true_is_no_matter_of_fields(events: Path) -> None:
    result = call("run", "-q", "process where false", "--events", events)
    assert result.exit_code == 0
    assert "note[no-matches]" in result.stderr


@pytest.mark.parametrize("option", ["-o", "--timeline"])
def test_no_output_replaces_the_events(events: Path, option: str) -> None:
    before = events.read_text()
    beside = events.parent / "." / events.name
    result = call("run", "-q", "any where true", "--events", events, option, beside)
    assert result.exit_code == 3
    assert "is one of the events' files" in result.stderr
    assert events.read_text() == before


def test_two_outputs_are_two_files(events: Path, tmp_path: Path) -> None:
    file = tmp_path / "x"
    given = ("run", "-q", "any where true", "--events", events, "-o", file, "--timeline", file)
    assert call(*given).exit_code == 3


@pytest.mark.parametrize("chosen", [(), ("--fields", "rule,a,A")])
def test_fields_do_not_replace_columns(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    events, file = tmp_path / "e.ndjson", tmp_path / "m.parquet"
    event = {"event": {"category": "process"}, "rule": "R", "a": 1, "A": 2, "": 3}
    events.write_text(json.dumps(event) + "\n")
    given = ("run", "-q", "any where true", "--events", events, *chosen)
    assert call(*given, "--format", "parquet", "-o", file).exit_code == 0
    names = duckdb.sql(f"SELECT * FROM '{file}'").columns  # noqa: S608
    (row,) = duckdb.sql(f"SELECT * FROM '{file}'").fetchall()  # noqa: S608
    found = dict(zip(names, row, strict=True))
    assert (found["rule"], found["event.rule"]) == ("query", "R")
    assert {name for name in names if name.lower().startswith("a") and "pp" not in name} in (
        {"a", "A_2"},
        {"A", "a_2"},
    )
    (line,) = csv.DictReader(io.StringIO(call(*given, "--format", "csv").stdout))
    assert (line["rule"], line["event.rule"]) == ("query", "R")
