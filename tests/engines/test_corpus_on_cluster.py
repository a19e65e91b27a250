"""The corpus of real rules on a real cluster: every request is valid, runs, and is within limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cluster_engine import client

from eqlx.driver import event_model
from eqlx.driver.convert import convert_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldInfo
from eqlx.ir.types import FieldType
from eqlx.rulefile import loader
from eqlx_harness.data import need
from eqlx_targets.cluster.client import Client
from eqlx_targets.elasticsearch.fields import fields_of
from eqlx_targets.elasticsearch.mapping import Property, conflict, properties, property_of
from eqlx_targets.elasticsearch.target import TARGET

pytestmark = pytest.mark.node

INDEX = "eqlx-corpus"
OPTIONS = {"envelope": "request", "form": "stages"}


def _property(info: FieldInfo) -> Property:
    known = FieldType.KEYWORD if info.type is FieldType.VERSION else info.type
    return property_of(FieldInfo(known))


@pytest.fixture(scope="module")
def corpus() -> list[tuple[str, Any, Mapping[str, Any]]]:
    """Label, query and request of every rule."""
    loaded = loader.load([need("corpus", "rules")])
    assert len(loaded.rules) >= 545
    found = []
    for rule in loaded.rules:
        outcome = convert_rule(rule, TARGET, dialect="opensearch", options=OPTIONS)
        assert outcome.artifact is not None, (rule.path, [d.message for d in outcome.diagnostics])
        found.append((rule, outcome.artifact.query, json.loads(outcome.artifact.text)))
    return found


@pytest.fixture(scope="module")
def cluster(corpus: list[Any]) -> Iterator[Client]:
    """A cluster with an index that maps the fields of all rules."""
    fields: dict[str, FieldInfo] = {}
    for rule, query, _ in corpus:
        fields.update(fields_of(query, CATALOGUE, event_model(rule)))
    assert len(fields) > 200
    assert conflict(fields) is None
    with client() as opened:
        limit = {"mapping": {"total_fields": {"limit": 2 * len(fields) + 100}}}
        mapping = {"dynamic": False, "properties": properties(fields, _property)}
        opened.put(INDEX, body={"settings": {"index": limit}, "mappings": mapping})
        try:
            yield opened
        finally:
            opened.delete(INDEX)


def bodies(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return request["searches"] if request["api"] == "_msearch" else [request["body"]]


def test_every_rule_is_valid_and_runs(cluster: Client, corpus: list[Any]) -> None:
    faults = []
    for rule, _, request in corpus:
        for body in bodies(request):
            answer = cluster.post(
                INDEX, "_validate", "query", body={"query": body["query"]}, explain="true"
            )
            if not answer["valid"]:
                faults.append((rule.path, answer))
                continue
            found = cluster.post(INDEX, "_search", body=body)
            assert found["_shards"]["failed"] == 0, rule.path
    assert faults == []
