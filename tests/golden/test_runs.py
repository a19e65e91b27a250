"""Golden runs: events and the ids that each query must match, on every engine, compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eqlx.execution import Dataset, Match
from eqlx.fields.documents import flatten
from eqlx_harness.engines import engine_names, in_sample, needs_a_server, opened
from eqlx_harness.runs import RunCase, RunError, Topic, read, topics


def cases() -> list[Any]:
    return [
        pytest.param(topic, case, id=f"{topic.folder.name}-{case.name}")
        for topic in topics()
        for case in topic.cases
    ]


def ids(matches: list[Match], kind: str) -> list[Any]:
    if kind == "event":
        return [match.events[0].id for match in matches]
    return [[-1 if event.missing else event.id for event in match.events] for match in matches]


def run(topic: Topic, case: RunCase, engine: str) -> list[Any]:
    dataset = Dataset(files=(topic.events,))
    with opened(engine, dataset, topic.model, topic.fields) as opened_engine:
        matches = list(opened_engine.run(case.rule, case.size))
    assert {match.kind.value for match in matches} <= {case.kind}
    return ids(matches, case.kind)


def engines(topic: Topic) -> list[str]:
    """A server maps its index from the events alone, so it cannot be told a topic's own types."""
    return [name for name in engine_names() if topic.fields is None or not needs_a_server(name)]


@pytest.mark.parametrize(("topic", "case"), cases())
def test_every_engine_gives_the_stated_ids(topic: Topic, case: RunCase) -> None:
    number = topic.cases.index(case)
    present = [name for name in engines(topic) if in_sample(name, number)]
    for engine in set(present) & set(case.refused):
        with pytest.raises(AssertionError, match=r"error\[(inexpressible|unsupported-by-target)\]"):
            run(topic, case, engine)
    answering = [engine for engine in present if engine not in case.refused]
    results = {engine: run(topic, case, engine) for engine in answering}
    assert len(results) > 1
    assert results == dict.fromkeys(results, case.ids)


def test_there_are_at_least_two_engines() -> None:
    assert {"reference", "duckdb"} <= set(engine_names())


@pytest.mark.parametrize("topic", topics(), ids=lambda topic: topic.folder.name)
def test_no_event_has_an_id_twice(topic: Topic) -> None:
    field = topic.model.id
    assert field is not None
    lines = topic.events.read_text(encoding="utf-8").splitlines()
    found = [flatten(json.loads(line))[field][0] for line in lines]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('engine = "x"\ncase = []', "unknown keys"),
        ('case = []\n[fields]\nb = "version"', "no event has the fields"),
        ('[[case]]\nname = "n"\nquery = "any where true"', "needs `ids`"),
        ('[[case]]\nname = "n"\nids = []', "one of `query` and `rule`"),
        ('[[case]]\nname = "n"\nids = []\nquery = "any where true"\nexpect = 1', "unknown keys"),
    ],
)
def test_a_topic_that_is_wrong_says_so(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "events.ndjson").write_text('{"a": 1}\n')
    (tmp_path / "cases.toml").write_text(text)
    with pytest.raises(RunError, match=reason):
        read(tmp_path)
