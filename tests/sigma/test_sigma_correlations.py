"""Sequences and samples as correlations: shape, refusals, and keys that complete on SQLite."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqlx.capability import Drift
from eqlx.driver.convert import convert_rule
from eqlx.reference import evaluate
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_targets.sigma.target import TARGET

ANY = frozenset(Drift)
ECS = {"style": "ecs"}


@pytest.fixture
def documents(read):
    def run(eql, **rule):
        found = convert_rule(Rule(Source("query", eql), **rule), TARGET, options=ECS, allow=ANY)
        assert found.artifact is not None, [d.message for d in found.diagnostics]
        return read(found.artifact.text)

    return run


def test_a_sequence_is_a_temporal_ordered_correlation(documents):
    correlation, first, second = documents(
        "sequence by host.id with maxspan=90s [a where process.pid == 1] [b where process.pid == 2]",
        severity="high",
        name="Two",
    )
    assert correlation["correlation"] == {
        "type": "temporal_ordered",
        "rules": [first["name"], second["name"]],
        "group-by": ["host.id"],
        "timespan": "90s",
    }
    assert (correlation["title"], correlation["level"]) == ("Two", "high")
    assert (first["title"], first["level"]) == ("Two - Stage 1", "informational")
    assert first["detection"]["selection"] == {
        "event.category": "a",
        "process.pid": 1,
        "host.id": "?*",
    }
    assert len({d["id"] for d in (correlation, first, second)}) == 3


def test_keys_that_differ_are_aliases(documents):
    correlation, first, second = documents(
        "sequence by host.id with maxspan=1h [a where true] by user.name [b where true] by user.id"
    )
    assert correlation["correlation"]["group-by"] == ["host.id", "key_2"]
    assert correlation["correlation"]["aliases"] == {
        "key_2": {first["name"]: "user.name", second["name"]: "user.id"}
    }
    assert correlation["correlation"]["timespan"] == "1h"


def test_runs_are_counted_by_a_correlation_of_their_own(documents):
    correlation, count, first, second = documents(
        "sequence by host.id with maxspan=1d [a where true] with runs=3 [b where true]"
    )
    assert correlation["correlation"]["rules"] == [count["name"], second["name"]]
    assert count["correlation"]["rules"] == [first["name"]]
    assert count["correlation"]["type"] == "event_count"
    assert count["correlation"]["condition"] == {"gte": 3}


def test_a_lone_stage_with_runs_is_one_count(documents):
    count, rule = documents("sequence by host.id with maxspan=1m [a where true] with runs=5")
    assert count["correlation"] == {
        "type": "event_count",
        "rules": [rule["name"]],
        "group-by": ["host.id"],
        "timespan": "1m",
        "condition": {"gte": 5},
    }


def test_a_sample_is_a_temporal_correlation_over_the_rules_window(documents):
    correlation, *_ = documents("sample by host.id [a where true] [b where true]", from_="now-90m")
    assert correlation["correlation"]["type"] == "temporal"
    assert correlation["correlation"]["timespan"] == "90m"


@pytest.mark.parametrize(
    ("eql", "code"),
    [
        ("sequence with maxspan=1m [a where true] [b where true]", "unsupported-by-target"),
        ("sequence by x with maxspan=1m [a where true] ![b where true]", "missing-event"),
        (
            "sequence by x with maxspan=1m [a where true] [b where true] until [c where true]",
            "unsupported-by-target",
        ),
        ("sequence by x [a where true] [b where true]", "loss-refused"),
        ("sequence by x with maxspan=1500ms [a where true] [b where true]", "loss-refused"),
        ("sequence by ?x with maxspan=1m [a where true] [b where true]", "loss-refused"),
        ("sample by x [a where true] [b where true]", "loss-refused"),
    ],
)
def test_what_correlations_cannot_say_is_refused(outcome, eql, code):
    found = outcome(eql)
    assert found.artifact is None
    assert code in {d.code for d in found.diagnostics}


def test_no_window_and_no_maxspan_is_refused_whatever_is_allowed():
    eql = "sequence by host.id [a where true] [b where true]"
    found = convert_rule(Rule(Source("query", eql)), TARGET, options=ECS, allow=ANY)
    assert found.artifact is None
    assert "inexpressible" in {d.code for d in found.diagnostics}


STREAM = st.lists(
    st.fixed_dictionaries(
        {
            "event.category": st.sampled_from(["a", "b", "c"]),
            "process.pid": st.integers(1, 3),
            "gap": st.sampled_from([1, 2, 5, 10, 11]),
        },
        optional={
            "user.name": st.sampled_from(["u", "v"]),  # the back end groups without letter case
            "host.name": st.sampled_from(["u", "v"]),
        },
    ),
    min_size=1,
    max_size=9,
)
QUERIES = [
    "sequence by user.name with maxspan=10s [a where process.pid == 1] [b where process.pid != 2]",
    "sequence by user.name with maxspan=10s [a where true] [b where true] [c where true]",
    "sequence by user.name, host.name with maxspan=10s [a where true] [b where true]",
    "sequence with maxspan=10s [a where true] by user.name [b where true] by host.name",
]


@pytest.mark.parametrize("eql", QUERIES)
def test_the_same_keys_complete(outcome, pysigma, eql):
    found = outcome(eql, case="strict")
    assert found.artifact is not None, [d.message for d in found.diagnostics]

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(STREAM)
    def check(stream):
        events, clock = [], 0
        for event in stream:
            clock += event["gap"]
            stamp = f"2026-01-01T00:{clock // 60:02d}:{clock % 60:02d}.000Z"
            events.append({"@timestamp": stamp, **{k: v for k, v in event.items() if k != "gap"}})
        (rows,) = pysigma("search", text=found.artifact.text, events=events, nocase=False)
        matches = evaluate(found.artifact.query, events, EventModel())
        ours = {tuple(json.loads(row["group_keys"]).values()) for row in rows}
        assert ours == {match.keys for match in matches}

    check()
