"""Times that are numbers: their unit by size, and all digits that are written (both engines)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eqlx.driver.run import Runner
from eqlx.execution import Bounds, Dataset
from eqlx.registry import load_executor, load_target
from eqlx.rulefile.loader import from_query

CASES = {
    "seconds": ([1714557600, 1714557601], ["2024-05-01T10:00:00.000Z", "2024-05-01T10:00:01.000Z"]),
    "seconds with a fraction": (
        [1714557600.25, 1714557601.1, 1714557602.123456],
        ["2024-05-01T10:00:00.250Z", "2024-05-01T10:00:01.100Z", "2024-05-01T10:00:02.123456Z"],
    ),
    "strings of seconds with a fraction": (
        ["1714557600.25", "1714557601", "1714557602.123456789"],
        ["2024-05-01T10:00:00.250Z", "2024-05-01T10:00:01.000Z", "2024-05-01T10:00:02.123456789Z"],
    ),
    "milliseconds with a fraction": (
        [1714557600250, 1714557600250.5],
        ["2024-05-01T10:00:00.250Z", "2024-05-01T10:00:00.250500Z"],
    ),
    "microseconds with a fraction": (
        [1714557600250123, 1714557600250123.5],
        ["2024-05-01T10:00:00.250123Z", "2024-05-01T10:00:00.250123500Z"],
    ),
    "nanoseconds": (
        [1714557600250123456, 1714557600250123999],
        ["2024-05-01T10:00:00.250123456Z", "2024-05-01T10:00:00.250123999Z"],
    ),
    "a small number makes milliseconds of all": (
        [0.5, 1714557600],
        ["1970-01-01T00:00:00.000500Z", "1970-01-20T20:15:57.600Z"],
    ),
}


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize("case", CASES)
def test_a_number_is_read_by_its_digits(case: str, engine: str, tmp_path: Path) -> None:
    values, expected = CASES[case]
    file = tmp_path / "events.ndjson"
    lines = [{"@timestamp": value, "event": {"category": "process"}} for value in values]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    executor = load_executor(engine)
    target = None if executor.target is None else load_target(executor.target)
    with Runner(executor, target, Dataset((file,)), Bounds(60)) as runner:
        run = runner.run(from_query("process where true"))
    assert [match.events[0].timestamp for match in run.matches] == expected
