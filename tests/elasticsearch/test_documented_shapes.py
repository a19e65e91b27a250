"""Watches and monitors of real rules against the shapes that are documented for them.

The plug-ins that take them are not published as packages. The shapes are those of the documentation
of Watcher (`PUT _watcher/watch`) and of the Alerting API (`POST _plugins/_alerting/monitors`), with
what the parsers of the alerting plug-in (`Monitor`, `SearchInput`, `QueryLevelTrigger`, `Schedule`)
demand besides. A key that is not in a shape is a fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from eqlx.driver import Outcome, convert_rule
from eqlx.ir.nodes import EventQuery
from eqlx.rulefile import loader
from eqlx_harness.data import need
from eqlx_targets.elasticsearch.target import TARGET

Shape = Any
"""A mapping of keys to shapes, a list with the one shape of its elements, a type, a value, or a test."""


def text(value: object) -> bool:
    """Words, and none that a template engine would read."""
    return isinstance(value, str) and value != "" and "{{" not in value


def every(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[1-9][0-9]*[smhdw]", value) is not None


def positive(value: object) -> bool:
    return type(value) is int and value > 0


def unit(value: object) -> bool:
    return value in ("MINUTES", "HOURS", "DAYS")


def severity(value: object) -> bool:
    return value in ("1", "2", "3", "4", "5")


def hits(value: object) -> bool:
    """The rule's name, and the one template that is ours."""
    ending = ": {{ctx.payload.hits.total}} hits"
    return isinstance(value, str) and value.endswith(ending) and text(value[: -len(ending)])


SEARCH = {"query": dict, "sort": [dict], "size": positive}
"""A search body, whose inside the engine judges (`tests/engines`)."""

WATCH = {
    "trigger": {"schedule": {"interval": every}},
    "input": {"search": {"request": {"indices": [text], "body": SEARCH}}},
    "condition": {"compare": {"ctx.payload.hits.total": {"gt": 0}}},
    "actions": {"log": {"logging": {"text": hits}}},
}
MONITOR = {
    "type": "monitor",
    "monitor_type": "query_level_monitor",
    "name": text,
    "enabled": False,
    "schedule": {"period": {"interval": positive, "unit": unit}},
    "inputs": [{"search": {"indices": [text], "query": SEARCH}}],
    "triggers": [
        {
            "query_level_trigger": {
                "name": text,
                "severity": severity,
                "condition": {"script": {"source": text, "lang": "painless"}},
                "actions": [dict],
            }
        }
    ],
}
SHAPES = {"watch": WATCH, "monitor": MONITOR}


def faults(value: Any, shape: Shape, place: str = "") -> Iterator[str]:
    """Where a document is not of a shape."""
    if isinstance(shape, Mapping):
        if not isinstance(value, Mapping) or value.keys() != shape.keys():
            yield f"{place}: {value}"
            return
        for key, inner in shape.items():
            yield from faults(value[key], inner, f"{place}.{key}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{place}: {value}"
            return
        for each in value:
            yield from faults(each, shape[0], f"{place}[]")
    elif isinstance(shape, type):
        if not isinstance(value, shape):
            yield f"{place}: {value}"
    elif not (shape(value) if isinstance(shape, Callable) else value == shape):
        yield f"{place}: {value!r}"


def templates(value: Any) -> Iterator[str]:
    """Every text, keys included, that Mustache would read as a template."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from templates(key)
            yield from templates(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from templates(inner)
    elif isinstance(value, str) and "{{" in value:
        yield value


@pytest.mark.parametrize("envelope", SHAPES)
def test_real_rules_have_the_documented_shape(envelope: str) -> None:
    dialect = "opensearch" if envelope == "monitor" else "elasticsearch"
    options = {"envelope": envelope}
    rules = loader.load([need("corpus", "rules")]).rules
    outcomes = [convert_rule(rule, TARGET, dialect=dialect, options=options) for rule in rules]
    made = [json.loads(o.artifact.text) for o in outcomes if o.artifact is not None]
    assert len(made) > 400
    for document in made:
        assert list(faults(document, SHAPES[envelope])) == []
        assert len(list(templates(document))) == (1 if envelope == "watch" else 0)
    for outcome in outcomes:
        assert outcome.artifact is not None or is_join(outcome)


def is_join(outcome: Outcome) -> bool:
    """A watch makes one search: joins are refused, for that reason."""
    said = [d.message for d in outcome.diagnostics if d.severity.value == "error"]
    return len(said) == 1 and said[0].startswith("a sequence or a sample in a ")


def test_a_wrong_document_is_found() -> None:
    rule = loader.from_query("any where true")
    outcome = convert_rule(rule, TARGET, options={"envelope": "monitor", "index": "logs-*"})
    assert outcome.artifact is not None
    assert isinstance(outcome.query, EventQuery)
    document = json.loads(outcome.artifact.text)
    assert list(faults(document, MONITOR)) == []
    assert list(faults({**document, "enabled": True}, MONITOR)) == [".enabled: True"]
    assert list(faults({**document, "more": 1}, MONITOR)) != []
    assert list(faults({**document, "inputs": {}}, MONITOR)) != []
