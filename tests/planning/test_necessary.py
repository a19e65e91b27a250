"""Necessary conditions: no event that meets a condition fails the weaker one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqlx.diagnostics import Report
from eqlx.driver import compile_rule
from eqlx.ir import nodes as ir
from eqlx.ir.dump import dump
from eqlx.ir.types import FieldType
from eqlx.ir.walk import filters
from eqlx.passes.context import Context
from eqlx.passes.pipeline import PIPELINE
from eqlx.passes.resolve_fields import resolve_fields
from eqlx.planning.necessary import CLASS_FIELDS, fields_of, units, weaken
from eqlx.reference.conditions import holds
from eqlx.reference.documents import numbered
from eqlx.rulefile.loader import from_query, load
from eqlx.synthesis import synthesise
from eqlx.target import EventModel
from eqlx_harness.data import LONG, need
from eqlx_harness.generated import SCHEMA, events, queries

MODEL = EventModel()
CATEGORY = ir.Field("event.category", type=FieldType.KEYWORD)
NAMES = [*SCHEMA.fields]


def condition(query: str) -> ir.Condition:
    compiled = compile_rule(from_query(query.replace("'", '"'))).query
    assert isinstance(compiled, ir.EventQuery)
    return compiled.filter.condition


@pytest.mark.parametrize(
    ("query", "known", "weaker"),
    [
        ("process.name == 'a' and user.id == '0'", {"process.name"}, "process.name == 'a'"),
        ("process.name == 'a' or user.id == '0'", {"process.name"}, "true"),
        ("not (process.name == 'a' or user.id == '0')", {"user.id"}, "not user.id == '0'"),
        ("not (process.name == 'a' and user.id == '0')", {"user.id"}, "true"),
        (
            "process.name == 'a' and not (user.id == '0' and not user.name == 'x')",
            {"process.name", "user.name"},
            "process.name == 'a'",
        ),
        ("endsWith(process.name, user.id)", {"user.id"}, "true"),
        (
            "(process.name == 'a' or user.id == '0') and process.name == 'b'",
            {"process.name", "user.id"},
            "(process.name == 'a' or user.id == '0') and process.name == 'b'",
        ),
    ],
)
def test_what_stays(query: str, known: set[str], weaker: str):
    assert weaken(condition(f"any where {query}"), known) == condition(f"any where {weaker}")


@settings(
    max_examples=1000 if LONG else 150, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_no_event_that_matches_fails_the_necessary_condition(data: st.DataObject):
    report = Report()
    context = Context(SCHEMA, report)
    query: ir.Query = resolve_fields(data.draw(queries()), context)
    for _, step in PIPELINE[1:]:
        query = step(query, context)
    if report.has_errors:
        return
    known = frozenset(data.draw(st.sets(st.sampled_from(NAMES))))
    documents = numbered(data.draw(events()), MODEL)
    for unit in units(query, CATEGORY):
        weaker = weaken(unit.condition, known)
        stronger = weaken(unit.condition, known, positive=False)
        assert fields_of(weaker) | fields_of(stronger) <= known
        for document in documents:
            met = holds(unit.condition, document)
            assert holds(weaker, document) or not met, (dump(query), weaker, document)
            assert met or not holds(stronger, document), (dump(query), stronger, document)


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_with_all_fields_known_nothing_is_lost(data: st.DataObject):
    query = data.draw(queries())
    documents = numbered(data.draw(events()), MODEL)
    for wanted in filters(resolve_fields(query, Context(SCHEMA, Report()))):
        kept = weaken(wanted.condition, NAMES)
        for document in documents:
            assert holds(kept, document) == holds(wanted.condition, document)


def test_real_rules_and_their_synthesised_events():
    rules = load([need("corpus", "rules")]).rules
    known = {"event.category", *CLASS_FIELDS}
    met = narrowed = 0
    for rule in rules if LONG else rules[::30]:
        query = compile_rule(rule).query
        if query is None:
            continue
        cases = synthesise(query, MODEL).cases[:6]
        documents = [d for case in cases for d in numbered(case.events, MODEL)]
        for unit in units(query, CATEGORY):
            weaker = weaken(unit.condition, known)
            narrowed += not isinstance(weaker, ir.Constant)
            for document in documents:
                if holds(unit.condition, document):
                    met += 1
                    assert holds(weaker, document), rule.label
    assert met > 20
    assert narrowed > 10
