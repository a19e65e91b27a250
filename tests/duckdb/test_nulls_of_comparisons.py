"""A comparison that no value meets is false for a value and null for none, where it is a value itself."""

from __future__ import annotations

import pytest

from eqlx.driver.run import Runner
from eqlx.execution import Bounds, Dataset, Event
from eqlx.registry import load_executor, load_target
from eqlx.rulefile.loader import from_query

EVENTS: tuple[Event, ...] = (
    {"event": {"category": "process"}, "n": [3, 4], "t": "2026-01-01T00:00:00Z"},
    {"event": {"category": "process"}, "n": None, "t": None},
    {"event": {"category": "process"}, "n": 7, "t": "2026-01-01T00:00:01Z"},
)
CASES = {
    "(4.5 == n) != null": [1, 3],
    "(4.5 == n) == null": [2],
    "length(string(n == 4.5)) == 5": [1, 3],
    "(n in (4.5, 5.5)) != null": [1, 3],
    "(n in (4.5, 3)) == null": [2],
    "(n == 4.5 or n == 3.5) == null": [2],
    "not n == 4.5": [1, 2, 3],
    "n == 4.5": [],
    "(n == 1e300) == null": [2],
}


@pytest.mark.parametrize("engine", ["duckdb", "reference", "clickhouse"])
@pytest.mark.parametrize("query", CASES)
def test_both_engines(query: str, engine: str) -> None:
    if engine == "clickhouse":
        pytest.importorskip("chdb", reason="NOT EXECUTED: clickhouse")
    executor = load_executor(engine)
    target = None if executor.target is None else load_target(executor.target)
    with Runner(executor, target, Dataset(events=EVENTS), Bounds(60)) as runner:
        run = runner.run(from_query(f"process where {query}"))
    assert [match.events[0].row for match in run.matches] == CASES[query]
