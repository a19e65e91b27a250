"""Every corpus rule within the default limits of OpenSearch: clauses, depth, lengths, sizes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from eqlx.driver.convert import convert_rule
from eqlx.rulefile import loader
from eqlx_harness.data import need
from eqlx_targets.elasticsearch.clauses import count
from eqlx_targets.elasticsearch.target import TARGET

CLAUSES = 1024
"""`indices.query.bool.max_clause_count`."""
DEPTH = 20
"""`indices.query.bool.max_nested_depth` of Elasticsearch before 8.0.1, the least known."""
REGEX = 1000
"""`index.max_regex_length`."""
TERMS = 65_536
"""`index.max_terms_count`."""
SCRIPT = 65_535
"""`script.max_size_in_bytes`."""
REQUEST = 100 * 1024 * 1024
"""`http.max_content_length`."""
WINDOW = 10_000
"""`index.max_result_window`."""


@pytest.fixture(scope="module")
def requests() -> list[tuple[str, str]]:
    loaded = loader.load([need("corpus", "rules")])
    options = {"envelope": "request", "form": "stages"}
    found = []
    for rule in loaded.rules:
        outcome = convert_rule(rule, TARGET, dialect="opensearch", options=options)
        assert outcome.artifact is not None, (rule.path, [d.message for d in outcome.diagnostics])
        found.append((str(rule.path), outcome.artifact.text))
    assert len(found) >= 545
    return found


def bodies(request: Any) -> list[Any]:
    return request["searches"] if request["api"] == "_msearch" else [request["body"]]


def depth(clause: Any) -> int:
    match clause:
        case {"bool": dict(parts)}:
            inner = [c for v in parts.values() if isinstance(v, list) for c in v]
            return 1 + max(map(depth, inner), default=0)
        case _:
            return 0


def leaves(clause: Any) -> Iterator[tuple[str, Any]]:
    ((kind, body),) = clause.items()
    if kind != "bool":
        yield kind, body
        return
    for value in body.values():
        for child in value if isinstance(value, list) else ():
            yield from leaves(child)


def within(path: str, body: Any) -> None:
    query = body["query"]
    assert count(query) <= CLAUSES, path
    assert depth(query) <= DEPTH, path
    assert body["size"] <= WINDOW, path
    for kind, leaf in leaves(query):
        match kind:
            case "regexp":
                (value,) = leaf.values()
                assert len(value["value"] if isinstance(value, dict) else value) <= REGEX, path
            case "terms":
                (values,) = leaf.values()
                assert len(values) <= TERMS, path
            case "script":
                assert len(leaf["script"]["source"].encode()) <= SCRIPT, path


def test_all_rules_are_within_the_limits(requests: list[tuple[str, str]]) -> None:
    for path, text in requests:
        assert len(text.encode()) <= REQUEST, path
        for body in bodies(json.loads(text)):
            within(path, body)
    largest = max(requests, key=lambda one: len(one[1]))
    most = max(count(body["query"]) for _, text in requests for body in bodies(json.loads(text)))
    print(f"largest request {len(largest[1].encode())} bytes, most clauses {most}")  # noqa: T201 a measure
