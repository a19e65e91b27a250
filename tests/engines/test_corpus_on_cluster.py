"""Real rules on a real cluster: every request is valid, runs, and is within limits.

The rules of the corpus, and older texts of their queries (a sample; EQLX_LONG=1 takes all of them).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from cluster_engine import client, runs_scripts

from eqlx.driver import Outcome, Status, convert_rule, event_model
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import FieldInfo
from eqlx.rule import Rule
from eqlx.rulefile import loader
from eqlx.rulefile.loader import from_query
from eqlx_harness.data import LONG, need
from eqlx_targets.elasticsearch.fields import fields_of
from eqlx_targets.elasticsearch.mapping import conflict, properties, without_versions
from eqlx_targets.elasticsearch.target import TARGET
from eqlx_targets.engines.cluster.client import Client

pytestmark = pytest.mark.node

INDEX = "eqlx-corpus"
STEP = 1 if LONG else 9


def rules() -> list[Rule]:
    return list(loader.load([need("corpus", "rules")]).rules)


def older() -> list[Rule]:
    lines = need("corpus", "history-valid.jsonl").read_text("utf-8").splitlines()[::STEP]
    return [from_query(json.loads(line)["query"]) for line in lines]


@contextmanager
def mapped(outcomes: Sequence[Outcome]) -> Iterator[Client]:
    """A cluster with an index that maps the fields of all rules."""
    fields: dict[str, FieldInfo] = {}
    for outcome in outcomes:
        if outcome.query is not None:
            fields.update(fields_of(outcome.query, CATALOGUE, event_model(outcome.rule)))
    assert len(fields) > 100
    assert conflict(fields) is None
    known = {name: without_versions(info) for name, info in fields.items()}
    with client() as opened:
        limit = {"mapping": {"total_fields": {"limit": 2 * len(fields) + 100}}}
        mapping = {"dynamic": False, "properties": properties(known)}
        opened.put(INDEX, body={"settings": {"index": limit}, "mappings": mapping})
        try:
            yield opened
        finally:
            opened.delete(INDEX)


def bodies(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The searches of a request that the node can run."""
    found = request["searches"] if request["api"] == "_msearch" else [request["body"]]
    return [body for body in found if runs_scripts() or '"painless"' not in json.dumps(body)]


def faults(outcomes: Sequence[Outcome]) -> Iterator[str]:
    with mapped(outcomes) as cluster:
        for outcome in outcomes:
            if outcome.artifact is None:
                continue
            for body in bodies(json.loads(outcome.artifact.text)):
                query = {"query": body["query"]}
                answer = cluster.post(INDEX, "_validate", "query", body=query, explain="true")
                if not answer["valid"]:
                    yield f"{outcome.rule.path or outcome.rule.query.text}: {answer}"
                    continue
                found = cluster.post(INDEX, "_search", body=body)
                assert found["_shards"]["failed"] == 0, outcome.rule.path


def test_every_rule_is_valid_and_runs() -> None:
    listed = rules()
    assert len(listed) >= 545
    outcomes = [convert_rule(rule, TARGET, dialect="opensearch") for rule in listed]
    refused = [o.rule.path for o in outcomes if o.artifact is None]
    assert refused == []
    assert list(faults(outcomes)) == []


def test_older_queries_are_invalid_or_run() -> None:
    """Nothing is refused and nothing fails: what is not converted is no EQL of today."""
    outcomes = [convert_rule(rule, TARGET, dialect="opensearch") for rule in older()]
    ends = [outcome.status for outcome in outcomes]
    assert set(ends) <= {Status.CONVERTED, Status.INVALID}
    print(f"{ends.count(Status.CONVERTED)} of {len(ends)} older queries converted")  # noqa: T201 a measure
    assert ends.count(Status.CONVERTED) > 0.95 * len(ends)
    assert list(faults(outcomes)) == []
