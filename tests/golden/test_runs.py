"""Golden runs: events and the ids that each query must match, on every engine, compared."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from eqlx.execution import Dataset, Match
from eqlx.fields.documents import flatten
from eqlx.rule import Rule
from eqlx.rulefile.loader import from_query, load
from eqlx.target import EventModel
from eqlx_harness.data import ROOT
from eqlx_harness.engines import engine_names, opened

RUNS = ROOT / "golden" / "runs"


def topics() -> list[Path]:
    return sorted(path.parent for path in RUNS.glob("*/cases.toml"))


def cases() -> list[Any]:
    return [
        pytest.param(topic, case, id=f"{topic.name}-{case['name']}")
        for topic in topics()
        for case in tomllib.loads((topic / "cases.toml").read_text(encoding="utf-8"))["case"]
    ]


def rule_of(case: dict[str, Any]) -> Rule:
    if "query" in case:
        return from_query(case["query"], case["name"])
    loaded = load([ROOT / case["rule"]])
    assert len(loaded.rules) == 1, loaded.diagnostics
    return loaded.rules[0]


def ids(matches: list[Match], kind: str) -> list[Any]:
    if kind == "event":
        return [match.events[0].id for match in matches]
    return [[-1 if event.missing else event.id for event in match.events] for match in matches]


def model_of(topic: Path) -> EventModel:
    document = tomllib.loads((topic / "cases.toml").read_text(encoding="utf-8"))
    return EventModel(**document.get("model", {}))


def run(topic: Path, case: dict[str, Any], engine: str) -> list[Any]:
    dataset = Dataset(files=(topic / "events.ndjson",))
    with opened(engine, dataset, model_of(topic)) as opened_engine:
        matches = list(opened_engine.run(rule_of(case), case.get("size")))
    kinds = {match.kind.value for match in matches}
    assert kinds <= {case.get("kind", "event")}
    return ids(matches, case.get("kind", "event"))


@pytest.mark.parametrize(("topic", "case"), cases())
def test_every_engine_gives_the_stated_ids(topic: Path, case: dict[str, Any]) -> None:
    results = {engine: run(topic, case, engine) for engine in engine_names()}
    assert results == dict.fromkeys(results, case["ids"])


def test_there_are_at_least_two_engines() -> None:
    assert {"reference", "duckdb"} <= set(engine_names())


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.name)
def test_no_event_has_an_id_twice(topic: Path) -> None:
    field = model_of(topic).id
    assert field is not None
    lines = (topic / "events.ndjson").read_text(encoding="utf-8").splitlines()
    found = [flatten(json.loads(line))[field][0] for line in lines]
    assert len(found) == len(set(found))
