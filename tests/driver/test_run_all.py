"""Many rules over one set of events: the documents of their matches are read together, in order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from eqlx.driver.run import Runner
from eqlx.execution import (
    Dataset,
    Event,
    ExecutionError,
    Found,
    Job,
    Match,
    MatchedEvent,
    MatchKind,
)
from eqlx.fields.schema import FieldList
from eqlx.registry import load_executor, load_target
from eqlx.rulefile.loader import from_query

EVENTS = [
    {
        "@timestamp": f"2026-01-01T00:00:0{n}Z",
        "event": {"category": "process"},
        "process": {"pid": n},
    }
    for n in range(9)
]
QUERIES = ("process where process.pid > 5", "file where true", "any where process.pid in (1, 7)")


@dataclass
class Slow:
    """A session that notes each reading of documents."""

    schema: FieldList = field(default_factory=lambda: FieldList({}, closed=False))
    layout: None = None
    options: Mapping[str, str] = field(default_factory=dict)
    readings: list[Sequence[int]] = field(default_factory=list)
    broken: bool = False
    number: int = 0

    def find(self, _job: Job) -> Found:
        self.number += 1
        row = self.number

        def made(documents: Mapping[int, Event]) -> list[Match]:
            event = MatchedEvent(0, row, row, None, missing=False, fields=documents[row])
            return [Match(MatchKind.EVENT, (), (event,))]

        return Found([row], made)

    def documents(self, rows: Sequence[int]) -> Mapping[int, Event]:
        self.readings.append(list(rows))
        if self.broken:
            message = "the disk is gone"
            raise ExecutionError(message)
        return {row: {"row": row} for row in rows}

    def run(self, job: Job) -> Sequence[Match]:
        raise AssertionError(job)


@dataclass
class Engine:
    session: Slow
    api_version: int = 1
    name: str = "slow"
    summary: str = ""
    target: None = None
    dialect: None = None

    def open(self, *_: object):
        return nullcontext(self.session)


def test_documents_of_many_rules_are_read_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("eqlx.driver.run._PATIENCE", 600.0)  # whatever the machine does meanwhile
    session = Slow()
    with Runner(Engine(session), None, Dataset()) as runner:
        runs = list(runner.run_all(map(from_query, QUERIES)))
    assert session.readings == [[1, 2, 3]]
    assert [run.matches[0].events[0].fields for run in runs] == [{"row": n} for n in (1, 2, 3)]


def test_documents_that_cannot_be_read_fail_the_rules_that_need_them():
    with Runner(Engine(Slow(broken=True)), None, Dataset()) as runner:
        runs = list(runner.run_all(map(from_query, QUERIES)))
    assert [run.failed for run in runs] == [True, True, True]
    assert all("the disk is gone" in run.diagnostics[-1].message for run in runs)


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize("kind", ["ndjson", "parquet", "two parquets"])
def test_all_at_once_is_one_by_one(tmp_path: Path, engine: str, kind: str):
    files = written(tmp_path, kind)
    if kind != "ndjson" and engine == "reference":
        pytest.skip("the reference engine reads no Parquet")
    executor = load_executor(engine)
    target = None if executor.target is None else load_target(executor.target)
    rules = [from_query(query) for query in QUERIES]
    with Runner(executor, target, Dataset(files)) as runner:
        together = [run.matches for run in runner.run_all(rules)]
        apart = [runner.run(rule).matches for rule in rules]
    assert together == apart
    assert [len(matches) for matches in together] == [3, 0, 2]
    assert together[2][1].events[0].fields["process"]["pid"] == 7  # type: ignore[index]  # JSON


def written(folder: Path, kind: str) -> tuple[Path, ...]:
    file = folder / "e.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in EVENTS), "utf-8")
    if kind == "ndjson":
        return (file,)
    import duckdb

    parts = [(0, 9)] if kind == "parquet" else [(0, 4), (4, 9)]
    made = []
    for start, end in parts:
        path = folder / f"{start}.parquet"
        duckdb.execute(
            f"COPY (SELECT * FROM read_json('{file}') LIMIT {end - start} OFFSET {start}) TO '{path}'"  # noqa: S608
        )
        made.append(path)
    return tuple(made)
