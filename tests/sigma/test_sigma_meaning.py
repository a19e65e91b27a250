"""Sigma against the reference interpreter, executed: pySigma's SQLite back end on SQLite."""

from __future__ import annotations

import json
import tomllib
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqlx.capability import Drift
from eqlx.driver.convert import convert_rule
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.documents import flatten
from eqlx.reference import evaluate
from eqlx.rulefile import loader
from eqlx.target import EventModel
from eqlx_targets.sigma.target import TARGET

ROOT = Path(__file__).resolve().parents[2]
SEED_RUN = ROOT / "golden" / "runs" / "seed-rules"
SEED = tomllib.loads((SEED_RUN / "cases.toml").read_text())

TEXTS = ["a", "A", "ab", "Ab", "a\nb", "a*", "\\", "a\\b", "\\\\a", "?", "%", "_", "[a]", "1", "php7", "PHP7", "'", "x*y"]  # fmt: skip
TEXT = st.sampled_from(TEXTS)
EVENT = st.fixed_dictionaries(
    {"event.category": st.sampled_from(["a", "b"])},
    optional={
        "process.name": TEXT,
        "user.name": TEXT,
        "process.pid": st.integers(-2, 6),
        "source.ip": st.sampled_from(["10.0.0.1", "10.255.0.9", "11.0.0.1", "127.0.0.1"]),
    },
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


TEXT_FIELD = st.sampled_from(["process.name", "user.name"])
LIST = st.lists(TEXT, min_size=1, max_size=4).map(lambda items: ", ".join(map(quoted, items)))
LEAF = st.one_of(
    st.builds("{} {} {}".format, TEXT_FIELD, st.sampled_from(["==", "!=", ":", "like"]), TEXT.map(quoted)),
    st.builds("{} {} ({})".format, TEXT_FIELD, st.sampled_from(["in", "in~", "not in", ":", "like"]), LIST),
    st.builds("{} : {}".format, TEXT_FIELD, st.sampled_from(['"a*"', '"*B"', '"*a*"', '"?"', '"*\\\\*"', '"a?b"'])),
    st.builds("{}({}, {})".format, st.sampled_from(["startsWith", "endsWith~", "stringContains"]), TEXT_FIELD, TEXT.map(quoted)),
    st.builds("{} {} null".format, TEXT_FIELD, st.sampled_from(["==", "!="])),
    st.builds("{} {} {}".format, TEXT_FIELD, st.sampled_from(["regex", "regex~"]), st.sampled_from(['"a.?b?"', '"[a-b]+"', '"(a|php)[0-9]*"', '"php?[0-9]?"'])),
    st.builds("length(user.name) {} {}".format, st.sampled_from(["==", "!=", "<", ">=", ">", "<="]), st.integers(1, 4)),
    st.builds("process.pid {} {}".format, st.sampled_from(["==", "!=", "<", ">="]), st.integers(-2, 6)),
    st.sampled_from(['cidrMatch(source.ip, "10.0.0.0/8")', 'source.ip == "127.0.0.1"', "process.pid in (1, 2)"]),
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


@pytest.mark.parametrize(
    "options", [{"case": "strict"}, {"case": "strict", "missing": "explicit"}, {}], ids=str
)
def test_random_conditions_differ_only_as_declared(outcome, pysigma, options):
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(CONDITION, st.sampled_from(["any", "a"]), st.lists(EVENT, min_size=1, max_size=6))
    def check(condition, category, events):
        found = outcome(f"{category} where {condition}", **options)
        if found.artifact is None:  # a condition that folds to true or false
            assert {d.code for d in found.diagnostics} & {"unsupported-by-target", "inexpressible"}
            return
        events = [
            {"row": i, "@timestamp": f"2026-01-01T00:00:0{i}Z", **e} for i, e in enumerate(events)
        ]
        (rows,) = pysigma("search", text=found.artifact.text, events=events)
        ours = {row["row"] for row in rows}
        matches = evaluate(found.artifact.query, events, EventModel())
        wanted = {match.events[0].row - 1 for match in matches}
        drifts = {loss.drift for loss in found.fidelity.losses}
        assert Drift.WIDENS in drifts or ours <= wanted, found.artifact.text
        assert Drift.NARROWS in drifts or wanted <= ours, found.artifact.text

    check()


def is_plain(event):
    """Whether SQLite's columns hold the event as it is: one value a field, addresses of IPv4 as they
    are usually written (the artifact assumes that its back end reads every spelling, and that
    Elastic's own fields have one: events named `other-case` break that)."""
    if any(len(values) != 1 for values in event.values()):
        return False
    for field, (value,) in event.items():
        try:
            if field.endswith(".ip") and str(IPv4Address(value)) != value:
                return False
        except ValueError:
            return False
    return True


def stored(field, value):
    """As the field's type keeps it: text in a keyword field, a number in a number field."""
    info = CATALOGUE.lookup(field)
    if info is not None and info.type.is_integer:
        return int(value)
    return value if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("options", [{"case": "strict"}, {"missing": "explicit"}, {}], ids=str)
@pytest.mark.parametrize("case", [c for c in SEED["case"] if "rule" in c], ids=lambda c: c["name"])
def test_the_seed_rules_match_the_stated_events(pysigma, case, options):
    (rule,) = loader.load([ROOT / case["rule"]]).rules
    found = convert_rule(rule, TARGET, options={"style": "ecs", **options})
    assert found.artifact is not None
    lines = (SEED_RUN / "events.ndjson").read_text().splitlines()
    flat = [flatten(json.loads(line)) for line in lines if line.strip()]
    events = [{f: stored(f, v[0]) for f, v in e.items()} for e in flat if is_plain(e)]
    events = [e for e in events if not e["event.id"].endswith("other-case")]
    assert len(events) > 40
    (rows,) = pysigma("search", text=found.artifact.text, events=events)
    ours = {row["event.id"] for row in rows}
    stated = set(case["ids"]) & {event["event.id"] for event in events}
    drifts = {loss.drift for loss in found.fidelity.losses}
    assert stated <= ours
    assert Drift.WIDENS in drifts or ours <= stated
