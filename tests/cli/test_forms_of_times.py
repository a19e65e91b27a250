"""Times in every form, by both engines: the same moments, or a warning that names one that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_harness import call

from eqlx.events.forms import strptime_form
from eqlx_harness.data import need

ENGINES = ("duckdb", "reference")

ISO = {
    "20240501T100000Z": "2024-05-01T10:00:00.000Z",
    "20240501T100000.25Z": "2024-05-01T10:00:00.250Z",
    "20240501T120000+0200": "2024-05-01T10:00:00.000Z",
    "20240501T120000,123456789+02": "2024-05-01T10:00:00.123456789Z",
    "20240501T1000": "2024-05-01T10:00:00.000Z",
    "2024-05-01t10:00:00z": "2024-05-01T10:00:00.000Z",
    "2024-05-01 10:00:00 UTC": "2024-05-01T10:00:00.000Z",
    "2024-05-01 10:00:00.5 GMT": "2024-05-01T10:00:00.500Z",
    "2024-05-01 12:00:00 +0200": "2024-05-01T10:00:00.000Z",
    "2024-05-01 10:00:00,500": "2024-05-01T10:00:00.500Z",
    "2024-122T10:00:00Z": "2024-05-01T10:00:00.000Z",
    "2024122T100000Z": "2024-05-01T10:00:00.000Z",
    "2024-05-01T10:00:00Z": "2024-05-01T10:00:00.000Z",
    "2024-05-01T12:00:00.123456789+02:00": "2024-05-01T10:00:00.123456789Z",
    "2024-05-01": "2024-05-01T00:00:00.000Z",
    "2024": "2024-01-01T00:00:00.000Z",
}

OWN = [
    ("%b %d, %Y @ %H:%M:%S.%f", "May 1, 2024 @ 10:00:00.250", "2024-05-01T10:00:00.250Z"),
    ("%d/%b/%Y:%H:%M:%S %z", "01/May/2024:12:00:00 +0200", "2024-05-01T10:00:00.000Z"),
    ("%b %d %H:%M:%S", "May  1 10:00:00", "2000-05-01T10:00:00.000Z"),
    ("%b %d %H:%M:%S", "Feb 29 10:00:00", "2000-02-29T10:00:00.000Z"),
    ("%m/%d/%Y %I:%M:%S %p", "5/1/2024 12:05:09 AM", "2024-05-01T00:05:09.000Z"),
    ("%m/%d/%Y %I:%M:%S %p", "5/1/2024 12:05:09 pm", "2024-05-01T12:05:09.000Z"),
    ("%m/%d/%y", "05/01/24", "2024-05-01T00:00:00.000Z"),
    ("%D", "05/01/69", "1969-05-01T00:00:00.000Z"),
    ("%Y%m%d%H%M%S", "20240501100000", "2024-05-01T10:00:00.000Z"),
    ("%Y%m%d%H%M%S", 20240501100000, "2024-05-01T10:00:00.000Z"),
    ("%Y-%j %T", "2024-122 10:00:00", "2024-05-01T10:00:00.000Z"),
    ("%a, %d %B %Y %R %Z", "Wed, 01 May 2024 10:00 GMT", "2024-05-01T10:00:00.000Z"),
    ("[%F %T.%f]", "[2024-05-01 10:00:00.123456789]", "2024-05-01T10:00:00.123456789Z"),
    ("100%% %F", "100% 2024-05-01", "2024-05-01T00:00:00.000Z"),
    ("%F~%T", "2024-05-01T10:00:00Z", "2024-05-01T10:00:00.000Z"),
]


def shown(folder: Path, times: list[object], engine: str, *more: str) -> tuple[list[str], str]:
    file = folder / "events.ndjson"
    file.write_text("".join(json.dumps({"@timestamp": time, "n": 1}) + "\n" for time in times))
    result = call(
        "run",
        "-q",
        "any where n == 1",
        "--events",
        file,
        "--engine",
        engine,
        "--format",
        "ndjson",
        *more,
    )
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line)["events"][0] for line in result.stdout.splitlines()]
    return [event["timestamp"] for event in lines], result.stderr


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", ISO)
def test_iso_in_all_its_forms(tmp_path: Path, text: str, engine: str):
    found, said = shown(tmp_path, [text], engine)
    assert found == [ISO[text]]
    assert "times-unreadable" not in said


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("form", "text", "moment"), OWN)
def test_a_form_of_their_own(tmp_path: Path, form: str, text: object, moment: str, engine: str):
    found, said = shown(tmp_path, [text], engine, "--timestamp-format", form)
    assert found == [moment]
    assert "times-unreadable" not in said


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d", "2024-13-01"),
        ("%b %d %Y", "Mai 1 2024"),
        ("%d.%m.%Y", "31.02.2024"),
        ("%d.%m.%Y", "soon"),
        ("%j %Y", "x"),
    ],
)
def test_what_the_form_does_not_fit_is_said(tmp_path: Path, form: str, text: str, engine: str):
    found, said = shown(
        tmp_path, [text, "2024-05-01T00:00:00Z"], engine, "--timestamp-format", form
    )
    assert found == ["2024-05-01T00:00:00.000Z", None]
    assert "times-unreadable" in said
    assert f"`{text}`" in said


@pytest.mark.parametrize("engine", ENGINES)
def test_the_order_of_a_sequence_is_that_of_the_form(tmp_path: Path, engine: str):
    file = tmp_path / "e.ndjson"
    times = ("02.01.2024 00:00:05", "01.02.2024 00:00:01", "02.01.2024 00:00:00")
    file.write_text(
        "".join(json.dumps({"@timestamp": t, "n": n}) + "\n" for n, t in enumerate(times))
    )
    query = "sequence with maxspan=10s [any where true] [any where true]"
    result = call(
        "run", "-q", query, "--events", file, "--engine", engine, "--format", "ndjson",
        "--timestamp-format", "%d.%m.%Y %H:%M:%S",
    )  # fmt: skip
    [line] = result.stdout.splitlines()
    assert [event["fields"]["n"] for event in json.loads(line)["events"]] == [2, 0]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ("%Q", "unknown directive `%Q`"),
        ("soon", "no directive"),
        ("%H %T", "the hour twice"),
        ("%Y%", "`%` is no directive"),
    ],
)
def test_a_form_that_is_none(form: str, why: str):
    with pytest.raises(ValueError, match=why):
        strptime_form(form)
    result = call("run", "-q", "any where true", "--events", "x", "--timestamp-format", form)
    assert result.exit_code == 3
    assert why in result.stderr


SHAPES = {
    "ts_iso_basic.ndjson": None,
    "ts_pst.ndjson": None,
    "ts_kib.ndjson": "%b %d, %Y @ %H:%M:%S.%f",
    "ts_syslog.ndjson": "%b %d %H:%M:%S",
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", SHAPES)
def test_the_shapes_of_the_trial(name: str, engine: str):
    query = "sequence with maxspan=10s [any where true] [any where true]"
    form = SHAPES[name]
    more = () if form is None else ("--timestamp-format", form)
    result = call(
        "run", "-q", query, "--events", need("cases", "shapes", name), "--engine", engine,
        "--format", "ndjson", *more,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) == 1


@pytest.mark.parametrize("command", ["verify", "explain"])
def test_other_commands_take_a_form(tmp_path: Path, command: str):
    file = tmp_path / "e.ndjson"
    file.write_text('{"@timestamp": "01.05.2024", "n": 1}\n')
    named = ("--events", file) if command == "verify" else (file,)
    result = call(command, "-q", "any where n == 1", *named, "--timestamp-format", "%d.%m.%Y")
    assert "times-unreadable" not in result.stderr
    assert result.exit_code == 0, result.stderr
