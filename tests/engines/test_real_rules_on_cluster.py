"""Real rules over events made for them: the cluster against the reference interpreter.

Events come from each rule's own conditions (hits, near misses, boundaries, letter case, absent and
several values). A sample of the corpus by default; EQLX_LONG=1 takes all of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from cluster_engine import NO_SCRIPTS, Refused, Searched, searched

from eqlx.diagnostics import Report
from eqlx.driver import compile_rule, event_model
from eqlx.driver.agreement import disagreement
from eqlx.execution import Event
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.schema import Layered
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.rule import Rule
from eqlx.rulefile import loader
from eqlx.synthesis import synthesise
from eqlx.target import EventModel
from eqlx_harness.data import LONG, need
from eqlx_targets.engines.cluster.events import schema_of

pytestmark = pytest.mark.node

STEP = 1 if LONG else 12
TOGETHER = 8
"""Rules that share an index, so that each also meets events made for others."""
EVENTS = 120
"""The most events that one rule brings."""


def rules() -> list[Rule]:
    return list(loader.load([need("corpus", "rules")]).rules[::STEP])


def made_for(rule: Rule) -> list[Event]:
    model = event_model(rule)
    query = compile_source(rule.query, Context(CATALOGUE, Report(), model))
    assert query is not None, rule.path
    found: list[Event] = []
    for case in synthesise(query, model).cases:
        found += case.events
        if len(found) >= EVENTS:
            break
    return found[:EVENTS]


def differences(group: tuple[Rule, ...], tally: Counter[str]) -> list[str]:
    """What the rules of a group differ in, over all their events. Rules with fields of their own for
    time, category or tiebreaker have an index of their own, with the same events."""
    events = tuple(event for rule in group for event in made_for(rule))
    known = schema_of(events)
    found = []
    for model in dict.fromkeys(map(event_model, group)):
        with searched(events, model, known) as engine:
            for rule in group:
                if event_model(rule) == model:
                    found += verdict(rule, engine, events, tally)
    return found


def verdict(
    rule: Rule, engine: Searched, events: tuple[Event, ...], tally: Counter[str]
) -> list[str]:
    model = engine.model
    schema = Layered((engine.schema, CATALOGUE))
    query = compile_source(rule.query, Context(schema, Report(), model))
    assert query is not None, rule.path
    expected = evaluate(query, events, model)
    try:
        matches = list(engine.run(query))
    except Refused as refusal:
        tally["no scripts" if NO_SCRIPTS in str(refusal) else "refused"] += 1
        return []
    tally["with a match" if expected else "without a match"] += 1
    if model != EventModel():
        tally["roles of its own"] += 1
    difference = disagreement(query, expected, matches, events, model)
    return [] if difference is None else [f"{rule.path}\n{difference}"]


def older() -> list[Rule]:
    """Older texts of the rules' queries, of which some are no EQL any more."""
    lines = need("corpus", "history-valid.jsonl").read_text("utf-8").splitlines()
    listed = [loader.from_query(json.loads(line)["query"]) for line in lines[:: 10 * STEP]]
    return [rule for rule in listed if compile_rule(rule).query is not None]


@pytest.mark.parametrize("source", [rules, older])
def test_the_cluster_agrees_with_the_reference(source: Callable[[], list[Rule]]) -> None:
    tally: Counter[str] = Counter()
    listed = source()
    found = [
        difference
        for start in range(0, len(listed), TOGETHER)
        for difference in differences(tuple(listed[start : start + TOGETHER]), tally)
    ]
    print(tally)  # noqa: T201 a measure
    assert found == []
    assert tally["with a match"] > 0.9 * (len(listed) - tally["no scripts"])


def test_rules_with_roles_of_their_own_are_among_them() -> None:
    """All of them, whatever the sample."""
    own = [rule for rule in loader.load([need("corpus", "rules")]).rules if has_own_roles(rule)]
    assert own
    tally: Counter[str] = Counter()
    assert differences(tuple(own), tally) == []
    found = len(own) - tally.pop("no scripts", 0)
    assert tally == {"roles of its own": found, "with a match": found}


def has_own_roles(rule: Rule) -> bool:
    return event_model(rule) != EventModel()
