"""The executor `elasticsearch` on a real cluster: indices, pages, errors, and what it leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from cluster_engine import client, needs_scripts, runs_scripts, searched

from eqlx.driver import collect, convert_rule
from eqlx.execution import Bounds, Dataset, DatasetError, Event, ExecutionError, Job, Match
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx.rulefile import loader
from eqlx.rulefile.loader import from_query
from eqlx.target import EventModel
from eqlx_harness.data import need
from eqlx_harness.engines import configured, opened
from eqlx_targets.elasticsearch.mapping import flat
from eqlx_targets.elasticsearch.target import TARGET
from eqlx_targets.engines.cluster import search
from eqlx_targets.engines.cluster.client import Client

pytestmark = pytest.mark.node

CATALOGUE_FIELDS = FieldList({"process.name": FieldInfo(FieldType.KEYWORD)})
START = "2026-01-01T00:00:"


def run(events: Sequence[Event], eql: str, model: EventModel | None = None) -> Sequence[Match]:
    with opened("elasticsearch", Dataset(events=tuple(events)), model or EventModel()) as engine:
        return engine.run(from_query(eql))


def rows(matches: Sequence[Match]) -> list[list[int | None]]:
    return [[event.row for event in match.events] for match in matches]


@pytest.fixture
def cluster() -> Iterator[Client]:
    with client() as connected:
        yield connected


def ours(cluster: Client) -> set[str]:
    return {name for name in cluster.get("_all", "_settings") if name.startswith("eqlx-")}


def test_the_index_is_removed_at_the_end_and_after_an_error(cluster: Client) -> None:
    before = ours(cluster)
    dataset = Dataset(events=({"a": 1},))
    with opened("elasticsearch", dataset, EventModel()):
        assert len(ours(cluster) - before) == 1
    assert ours(cluster) <= before
    with pytest.raises(ZeroDivisionError), opened("elasticsearch", dataset, EventModel()):
        raise ZeroDivisionError
    assert ours(cluster) <= before


def test_all_pages_are_read_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE", 7)
    events = [{"@timestamp": f"{START}{59 - i // 2:02}Z", "n": i} for i in range(40)]
    expected = sorted(range(1, 41), key=lambda row: (events[row - 1]["@timestamp"], row))
    assert rows(run(events, "any where true")) == [[row] for row in expected]
    assert rows(run(events, "any where true | tail 9")) == [[row] for row in expected[-9:]]
    assert rows(run(events, "any where true | head 9")) == [[row] for row in expected[:9]]
    assert rows(run(events, "any where true | head 0")) == []


def test_a_sequence_over_more_hits_than_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE", 3)
    events = [
        {"@timestamp": f"{START}{i:02}Z", "event.category": "ab"[i % 2], "host.id": "h"}
        for i in range(20)
    ]
    found = rows(run(events, "sequence by host.id [a where true] [b where true]"))
    assert found == [[row, row + 1] for row in range(1, 20, 2)]


def test_events_without_a_time_are_last_in_either_direction() -> None:
    events = [{"n": 1}, {"@timestamp": f"{START}01Z"}, {"@timestamp": f"{START}00Z"}]
    assert rows(run(events, "any where true")) == [[3], [2], [1]]
    assert rows(run(events, "any where true | tail 2")) == [[2], [1]]


def test_finer_times_than_milliseconds_keep_their_order() -> None:
    events = [{"@timestamp": f"{START}00.0000{n}Z", "a": n} for n in (5, 3, 9)]
    assert rows(run(events, "any where true")) == [[2], [1], [3]]


def test_no_events() -> None:
    assert run([], "any where true") == []
    assert run([], "sequence [any where true] [any where true]") == []


def test_a_long_value_is_kept_out_of_the_index_and_not_refused() -> None:
    events = [
        {"@timestamp": f"{START}{i:02}Z", "a": "x" * n} for i, n in enumerate((40_000, 32_766))
    ]
    assert rows(run(events, 'any where a != "x"')) == [[1], [2]]
    assert rows(run(events, 'any where a : "x*"')) == [[2]]


@needs_scripts
@pytest.mark.parametrize("text", ['"]}//', "\u0000", "\ud800", "é\U0001f600", "../..", "{{x}}"])
def test_hostile_values_are_values(text: str) -> None:
    events = [{"@timestamp": f"{START}00Z", "host.id": text}]
    assert rows(run(events, "any where length(host.id) > 0")) == [[1]]


@pytest.mark.parametrize(
    "name",
    [
        'a"]; while(true){} //',
        "doc['x'].value",
        "a\\",
        "a\\u0022",
        "{{x}}",
        "${x}",
        "a\u2028b",
        "params.leaf = null",
        "é\U0001f600 b",
    ],
)
@pytest.mark.parametrize("condition", ["length(`{}`) == 3", '`{}` == "abc"', '`{}` : "A*"'])
def test_a_hostile_field_name_is_a_name(name: str, condition: str) -> None:
    if "length" in condition and not runs_scripts():
        pytest.skip("NO PAINLESS on this node")
    events = [{"@timestamp": f"{START}00Z", name: "abc", "a": "abcd"}]
    assert rows(run(events, "any where " + condition.format(name))) == [[1]]


def test_a_field_below_a_field_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"`a` and `a\.b`"):
        run([{"a": 1}, {"a.b": 1}], "any where true")


def test_parquet_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    file.write_bytes(b"PAR1")
    executor = configured("elasticsearch")
    with (
        pytest.raises(DatasetError, match="no Parquet"),
        executor.open(Dataset(files=(file,)), EventModel(), Bounds(seconds=60)),
    ):
        pass


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.ndjson"
    file.write_text('{"a": 1}\n{"a": \n')
    executor = configured("elasticsearch")
    with (
        pytest.raises(DatasetError) as caught,
        executor.open(Dataset(files=(file,)), EventModel(), Bounds(seconds=60)),
    ):
        pass
    assert (caught.value.path, caught.value.line) == (file, 2)


def test_a_session_survives_a_failing_query() -> None:
    executor = configured("elasticsearch")
    dataset = Dataset(events=({"a": 1},))
    with executor.open(dataset, EventModel(), Bounds(seconds=60)) as session:
        found = convert_rule(
            from_query("any where a == 1"),
            TARGET,
            dialect="opensearch",
            options=session.options,
            schema=session.schema,
        )
        artifact = found.artifact
        assert artifact is not None
        assert artifact.query is not None
        broken = artifact.text.replace('"term"', '"no such clause"')
        assert broken != artifact.text
        with pytest.raises(ExecutionError, match="no such clause"):
            session.run(Job(artifact.query, _with_text(artifact, broken)))
        for other in ("{}", "[]", "no JSON", '{"searches": []}'):
            with pytest.raises(ExecutionError, match="convert it for this session"):
                session.run(Job(artifact.query, _with_text(artifact, other)))
        with pytest.raises(ExecutionError, match="has none"):
            session.run(Job(artifact.query))
        assert rows(session.run(Job(artifact.query, artifact))) == [[1]]


def _with_text(artifact: Any, text: str) -> Any:
    from dataclasses import replace

    return replace(artifact, text=text)


@pytest.mark.parametrize("patterns", ["", "eqlx-mapped-*"])
def test_one_index_template_maps_the_fields_of_all_rules(cluster: Client, patterns: str) -> None:
    """The template of the whole corpus is accepted, and an index made under it has the mapping."""
    options = {"envelope": "template", "index-patterns": patterns}
    rules = loader.load([need("corpus", "rules")]).rules
    converted = [
        convert_rule(rule, TARGET, dialect="opensearch", options=options) for rule in rules
    ]
    file, outcomes = collect(TARGET, converted)
    assert file is not None
    assert all(outcome.artifact is not None for outcome in outcomes)
    document = json.loads(file.text)
    index = "eqlx-mapped-1" if patterns else "logs-endpoint.events.process-eqlx"
    cluster.put("_index_template", "eqlx-mapped", body=document)
    try:
        cluster.put(index, body={})
        try:
            found = cluster.get(index, "_mapping")[index]["mappings"]["properties"]
        finally:
            cluster.delete(index)
    finally:
        cluster.delete("_index_template", "eqlx-mapped")
    wanted = dict(flat(document["template"]["mappings"]["properties"]))
    assert len(wanted) > 200
    assert {name: one["type"] for name, one in flat(found)} == {
        name: one["type"] for name, one in wanted.items()
    }


@needs_scripts
@pytest.mark.parametrize("envelope", ["watch", "monitor"])
def test_what_a_schedule_searches_is_valid(cluster: Client, envelope: str) -> None:
    """The plug-ins themselves are not in the node: their searches are."""
    rule = from_query('process where length(process.name) > 3 and process.name : "a*"')
    outcome = convert_rule(rule, TARGET, dialect="opensearch", options={"envelope": envelope})
    assert outcome.artifact is not None
    document = json.loads(outcome.artifact.text)
    body = (
        document["input"]["search"]["request"]["body"]
        if envelope == "watch"
        else document["inputs"][0]["search"]["query"]
    )
    with searched(({"process.name": "abcd"},), EventModel(), CATALOGUE_FIELDS) as engine:
        index = engine.session._searcher.index
        answer = cluster.post(index, "_validate", "query", body={"query": body["query"]})
    assert answer["valid"]
