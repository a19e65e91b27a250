"""Query DSL against the reference interpreter, on an imitation of the engine."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqlx.diagnostics import Report, Severity
from eqlx.fields.catalogue import CATALOGUE
from eqlx.ir.nodes import EventQuery
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.rulefile import loader
from eqlx.source import Source
from eqlx.target import EventModel

ROOT = Path(__file__).resolve().parents[2]
RUNS = sorted((ROOT / "golden" / "runs").glob("*/cases.toml"))

TEXT = st.sampled_from(
    ["", "a", "A", "ab", "a\nb", "a*", "\\", "a\\b", "?", "%", "1", "php7", "é", "É"]
)
ADDRESS = st.sampled_from(["10.0.0.1", "::ffff:10.0.0.1", "::1", "FE80::1", "203.0.113.9"])
EVENT = st.fixed_dictionaries(
    {},
    optional={
        "process": st.fixed_dictionaries(
            {},
            optional={
                "name": st.one_of(TEXT, st.lists(TEXT, max_size=3)),
                "pid": st.one_of(st.integers(-2, 6), st.lists(st.integers(-2, 6), max_size=2)),
            },
        ),
        "source": st.fixed_dictionaries({}, optional={"ip": ADDRESS}),
        "event": st.fixed_dictionaries({}, optional={"category": st.sampled_from(["a", "b"])}),
    },
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


NAMES = st.lists(TEXT, min_size=1, max_size=3).map(lambda items: ", ".join(map(quoted, items)))
NUMBER = st.integers(-2, 6)
LEAF = st.one_of(
    st.builds("process.name {} {}".format, st.sampled_from(["==", "!=", ":", "like", "like~"]), TEXT.map(quoted)),
    st.builds("process.name {} ({})".format, st.sampled_from(["in", "in~", "not in", ":", "like"]), NAMES),
    st.builds("{}(process.name, {})".format, st.sampled_from(["startsWith", "endsWith~", "stringContains", "stringContains~"]), TEXT.map(quoted)),
    st.builds("process.name {} {}".format, st.sampled_from(["==", "!="]), st.just("null")),
    st.builds("process.name {} {}".format, st.sampled_from(["regex", "regex~"]), st.sampled_from(['"a.?b?"', '"[a-b]+"', '"(a|php)[0-9]*"', '""'])),
    st.builds("process.pid {} {}".format, st.sampled_from(["==", "!=", "<", ">="]), NUMBER),
    st.sampled_from(['cidrMatch(source.ip, "10.0.0.0/8")', 'source.ip == "::1"', 'cidrMatch(source.ip, "fe80::/10", "::/0")']),
)  # fmt: skip
CONDITION = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " and ".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " or ".join(parts) + ")"),
    ),
    max_leaves=6,
)


def compiled(eql: str, model: EventModel):
    report = Report()
    query = compile_source(Source("query", eql), Context(CATALOGUE, report, model))
    assert query is not None, [d.message for d in report]
    return query


def rows(eql: str, events, model: EventModel) -> list[int]:
    return [match.events[0].row for match in evaluate(compiled(eql, model), events, model)]


@settings(max_examples=150, deadline=None)
@given(CONDITION, st.sampled_from(["any", "a"]), st.lists(EVENT, min_size=1, max_size=6))
def test_random_conditions_agree(convert, imitation, condition, category, events):
    eql = f"{category} where {condition}"
    events = [{"@timestamp": f"2026-01-01T00:00:0{i}Z", **e} for i, e in enumerate(events)]
    query = convert(eql, envelope="query")
    found = [i for i, event in enumerate(events, 1) if imitation(event).holds(query)]
    assert found == rows(eql, events, EventModel())


def cases():
    for path in RUNS:
        content = tomllib.loads(path.read_text())
        for case in content["case"]:
            yield pytest.param(path.parent, content, case, id=f"{path.parent.name}-{case['name']}")


@pytest.mark.parametrize(("folder", "content", "case"), list(cases()))
def test_the_stated_events_match(convert, imitation, folder, content, case):
    model = EventModel(**content.get("model", {}))
    if "rule" in case:
        (rule,) = loader.load([ROOT / case["rule"]]).rules
        eql = rule.query.text
    else:
        eql = case["query"]
    query = compiled(eql, model)
    if not isinstance(query, EventQuery) or query.limits:
        pytest.skip("no single clause: a join, or a cut of the results")
    found = convert(eql, envelope="query", model=model)
    if not isinstance(found, dict):
        errors = [d.message for d in found.report if d.severity is Severity.ERROR]
        pytest.skip(f"refused: {errors[0]}")
    lines = (folder / "events.ndjson").read_text().splitlines()
    events = [json.loads(line) for line in lines if line.strip()]
    matched = [i for i, event in enumerate(events, 1) if imitation(event).holds(found)]
    assert matched == sorted(rows(eql, events, model))
