"""The request around a query: index, window, order, size, metadata; joins as EQL; refusals."""

from __future__ import annotations

import json

import pytest

from eqlx.capability import Drift
from eqlx.driver import Status, convert_rule
from eqlx.driver.convert import event_model
from eqlx.registry import load_target
from eqlx.rule import Rule
from eqlx.rulefile.loader import from_query
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_targets.elasticsearch.lower import RESULT_WINDOW
from eqlx_targets.elasticsearch.target import TARGET

RULE = {
    "id": "0f1e2d3c-0000-4000-8000-000000000001",
    "name": "A rule",
    "index": ("logs-a-*", "logs-b-*"),
    "from_": "now-9m",
    "severity": "low",
    "risk_score": 21,
    "max_signals": 100,
}


def test_the_request_carries_index_window_and_metadata(convert):
    found = convert("process where process.pid == 1", rule=RULE)
    assert found["api"] == "_search"
    assert found["index"] == ["logs-a-*", "logs-b-*"]
    assert found["body"] == {
        "query": {
            "bool": {
                "filter": [
                    {"range": {"@timestamp": {"gte": "now-9m"}}},
                    {"term": {"event.category": "process"}},
                    {"term": {"process.pid": 1}},
                ]
            }
        },
        "sort": [{"@timestamp": "asc"}],
        "size": RESULT_WINDOW,
    }
    assert found["meta"]["rule_id"] == RULE["id"]
    assert found["meta"]["risk_score"] == 21
    assert found["meta"]["fidelity"] == {"grade": "exact"}


def test_the_window_can_be_left_out(convert):
    without = convert("any where true", rule=RULE, window="none", envelope="body")
    assert without["query"] == {"match_all": {}}


OVERRIDE = RULE | {"to": "now-1m", "timestamp_override": "event.ingested"}
BOUNDS = {"gte": "now-9m", "lte": "now-1m"}
WITH_FALLBACK = {
    "bool": {
        "should": [
            {"range": {"event.ingested": BOUNDS}},
            {
                "bool": {
                    "filter": [{"range": {"@timestamp": BOUNDS}}],
                    "must_not": [{"exists": {"field": "event.ingested"}}],
                }
            },
        ],
        "minimum_should_match": 1,
    }
}
"""As Kibana builds it from the primary and the secondary timestamp."""


@pytest.mark.parametrize("dialect", ["elasticsearch", "opensearch"])
@pytest.mark.parametrize(
    "eql",
    [
        "any where true",
        "sequence by a [any where true] [any where true]",
        "sample by a [any where true] [any where true]",
    ],
)
@pytest.mark.parametrize(
    ("changed", "window"),
    [
        ({}, WITH_FALLBACK),
        (
            {"extra": {"timestamp_override_fallback_disabled": True}},
            {"range": {"event.ingested": BOUNDS}},
        ),
        ({"extra": {"timestamp_override_fallback_disabled": False}}, WITH_FALLBACK),
        ({"timestamp_override": "@timestamp"}, {"range": {"@timestamp": BOUNDS}}),
        ({"timestamp_override": None, "timestamp_field": "t"}, {"range": {"@timestamp": BOUNDS}}),
        ({"timestamp_field": "t"}, WITH_FALLBACK),
    ],
)
def test_the_window_is_on_the_override_with_fallback_to_the_timestamp(
    dialect, eql, changed, window
):
    rule = Rule(Source("query", eql), **(OVERRIDE | changed))
    outcome = convert_rule(rule, load_target("elasticsearch"), dialect=dialect)
    assert outcome.artifact is not None, outcome.diagnostics
    found = json.loads(outcome.artifact.text)
    bodies = found["searches"] if "searches" in found else [found["body"]]
    for body in bodies:
        held = body["filter"] if "filter" in body else body["query"]["bool"]["filter"][0]
        assert held == window
        if "sort" in body:
            assert body["sort"] == [{rule.timestamp_field or "@timestamp": "asc"}]
    if "filter" in found.get("body", {}):
        assert found["body"].get("timestamp_field") == rule.timestamp_field


def test_data_without_a_timestamp_falls_back_to_the_field_that_the_caller_names():
    rule = Rule(Source("query", "any where true"), **OVERRIDE)
    model = event_model(rule, timestamp="when")
    outcome = convert_rule(rule, load_target("elasticsearch"), model=model)
    assert outcome.artifact is not None
    [window] = json.loads(outcome.artifact.text)["body"]["query"]["bool"]["filter"]
    assert json.dumps(window) == json.dumps(WITH_FALLBACK).replace("@timestamp", "when")


class TestIndices:
    """No request searches everything without a word (spec §13.21)."""

    def convert(self, **rule: object):
        options = {"envelope": str(rule.pop("envelope", "request"))}
        if "option" in rule:
            options["index"] = str(rule.pop("option"))
        made = Rule(Source("query", "any where true"), path="a.toml", **rule)  # pyright: ignore[reportArgumentType]
        return convert_rule(
            made, load_target("elasticsearch"), options=options, allow=frozenset({Drift.WIDENS})
        )

    @pytest.mark.parametrize(
        ("rule", "why"),
        [
            ({}, "the rule names none"),
            ({"extra": {"data_view_id": "v"}}, "the rule is on the data view `v`"),
            (
                {"extra": {"data_view_id": "v"}, "index": ("logs-*",)},
                "the rule is on the data view `v`",
            ),
        ],
    )
    def test_of_a_rule_that_names_none(self, rule: dict[str, object], why: str):
        request = self.convert(**rule)
        assert request.artifact is not None
        assert "index" not in json.loads(request.artifact.text)
        assert any(why in text for text in request.fidelity.assumptions)
        for envelope in ("watch", "monitor"):
            stored = self.convert(**rule, envelope=envelope)
            assert [(loss.slug, loss.drift) for loss in stored.fidelity.losses] == [
                ("indices-unknown", Drift.WIDENS)
            ]
            assert why in stored.fidelity.losses[0].reason
            assert [d.code for d in stored.diagnostics] == ["indices-unknown"]
            named = self.convert(**rule, envelope=envelope, option="a-*, b")
            assert named.artifact is not None
            assert '["a-*", "b"]' in named.artifact.text
            assert named.fidelity.losses == ()

    def test_of_the_option(self):
        found = self.convert(index=("logs-*",), option="a-*,b")
        assert found.artifact is not None
        assert json.loads(found.artifact.text)["index"] == ["a-*", "b"]
        assert found.fidelity.assumptions == ()

    def test_of_a_kibana_rule(self):
        found = self.convert(extra={"data_view_id": "v"}, index=("logs-*",), envelope="kibana")
        assert found.artifact is not None
        rule = json.loads(found.artifact.text)
        assert (rule["data_view_id"], "index" in rule) == ("v", False)
        found = self.convert(extra={"data_view_id": "v"}, option="a-*", envelope="kibana")
        assert found.artifact is not None
        rule = json.loads(found.artifact.text)
        assert (rule["index"], "data_view_id" in rule) == (["a-*"], False)


DESCENDING = {"order": "desc", "missing": "_first"}


@pytest.mark.parametrize(
    ("pipes", "size", "order"),
    [
        ("| head 3", 3, "asc"),
        ("| tail 3", 3, DESCENDING),
        ("| tail 5 | tail 3", 3, DESCENDING),
        ("| head 3 | tail 7", 3, "asc"),
        ("| head 0", 0, "asc"),
    ],
)
def test_pipes_are_size_and_order(convert, pipes, size, order):
    found = convert(f"any where true {pipes}", envelope="body")
    assert (found["size"], found["sort"]) == (size, [{"@timestamp": order}])


def test_a_pipe_at_the_other_end_is_refused(convert):
    refused = convert("any where true | head 5 | tail 2")
    (error,) = (d for d in refused.report if d.severity.value == "error")
    assert error.code == "inexpressible"
    assert "tail 2" in refused.rule.query.text[error.span.start : error.span.end]


def test_a_missing_tiebreaker_is_last_in_either_direction(convert):
    model = EventModel(timestamp="ts", tiebreaker="seq", category="kind")
    head = convert("process where true | head 1", model=model, envelope="body")
    tail = convert("process where true | tail 1", model=model, envelope="body")
    assert head["sort"] == [{"ts": "asc"}, {"seq": {"order": "asc", "missing": "_last"}}]
    assert tail["sort"] == [{"ts": DESCENDING}, {"seq": {"order": "desc", "missing": "_first"}}]
    assert head["query"] == {"bool": {"filter": [{"term": {"kind": "process"}}]}}


def test_a_sequence_is_an_eql_search(convert):
    eql = "sequence by host.id with maxspan=1m [process where true] [file where true]"
    found = convert(eql, rule=RULE)
    assert found["api"] == "_eql/search"
    body = found["body"]
    assert body["filter"] == {"range": {"@timestamp": {"gte": "now-9m"}}}
    assert (body["size"], body["result_position"]) == (RESULT_WINDOW, "head")
    assert body["query"].split() == eql.split()
    assert body.keys() == {"query", "filter", "size", "result_position"}


def test_roles_of_fields_are_named_where_they_are_not_the_defaults(convert):
    model = EventModel(timestamp="ts", tiebreaker="seq", category="kind")
    body = convert("sample by host.id [a where true] [b where true]", model=model, envelope="body")
    assert body["timestamp_field"] == "ts"
    assert body["tiebreaker_field"] == "seq"
    assert body["event_category_field"] == "kind"
    assert "result_position" not in body


def test_a_join_is_no_single_clause(convert):
    refused = convert("sequence [a where true] [b where true]", envelope="query")
    assert [d.code for d in refused.report if d.severity.value == "error"] == ["inexpressible"]


@pytest.mark.parametrize(
    ("dialect", "form", "api"),
    [
        ("elasticsearch", None, "_eql/search"),
        ("elasticsearch", "stages", "_msearch"),
        ("opensearch", None, "_msearch"),
        ("opensearch", "stages", "_msearch"),
        ("opensearch", "eql", None),
    ],
)
def test_a_join_takes_the_form_that_the_engine_has(dialect, form, api):
    options = {} if form is None else {"form": form}
    for eql in (
        "sequence [any where true] [any where true]",
        "sample by host.id [x where true] [y where true]",
    ):
        outcome = convert_rule(from_query(eql), TARGET, dialect=dialect, options=options)
        if api is None:
            assert outcome.status is Status.REFUSED
            assert "OpenSearch has no EQL" in outcome.diagnostics[0].message
        else:
            assert outcome.artifact is not None
            assert json.loads(outcome.artifact.text)["api"] == api
