"""Explanations agree with the interpreter, and name the reason that a person would."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from eqlx.diagnostics import Report
from eqlx.driver.convert import compile_rule
from eqlx.execution import Event
from eqlx.ir.nodes import EventQuery
from eqlx.passes.context import Context
from eqlx.passes.pipeline import run
from eqlx.reference.conditions import passes
from eqlx.reference.documents import numbered
from eqlx.reference.evaluate import evaluate
from eqlx.reference.explain import explain
from eqlx.reference.explanation import Explanation, Reason
from eqlx.reference.trace import Clause
from eqlx.render.explanation import record, text
from eqlx.rulefile.loader import from_query
from eqlx.source import Source
from eqlx.target import EventModel
from eqlx_harness import generated

MODEL = EventModel()


def explained(eql: str, *events: Event) -> Explanation:
    query = compile_rule(from_query(eql)).query
    assert query is not None
    timed = [
        {"@timestamp": f"2026-01-01T00:00:{second:02d}Z", **event}
        for second, event in enumerate(events)
    ]
    return explain(query, timed, MODEL)


def consistent(clause: Clause) -> None:
    parts = [part.truth for part in clause.parts]
    match clause.word:
        case "and":
            assert clause.truth is all(parts)
        case "or":
            assert clause.truth is any(parts)
        case "not":
            assert parts == [not clause.truth]
    for part in clause.parts:
        consistent(part)


@settings(max_examples=150, deadline=None)
@given(generated.queries(dates=False), generated.events())
def test_explanations_agree_with_the_interpreter(raw, events):
    context = Context(generated.SCHEMA, Report(Source("x", "")))
    query = run(raw, context)
    if context.report.has_errors:
        return
    found = evaluate(query, events, MODEL)
    explanation = explain(query, events, MODEL)
    assert explanation.matches == len(found)
    json.dumps(record(explanation))
    text(explanation)
    if isinstance(query, EventQuery):
        documents = {document.row: document for document in numbered(events, MODEL)}
        for event in explanation.events:
            consistent(event.clause)
            assert event.clause.truth is passes(query.filter, documents[event.row])
            assert event.clause.deciding().truth is event.clause.truth
        matched = [event.row for event in explanation.events if event.matched]
        assert matched == [match.events[0].row for match in found]
        return
    for stage, traced in zip(query.stages, explanation.stages, strict=True):
        assert set(traced.rows) == {
            d.row for d in numbered(events, MODEL) if passes(stage.filter, d)
        }
    rows = {tuple(e.row for e in match.events if e.row is not None) for match in found}
    assert {own for key in explanation.keys for own in key.matches} == rows
    for key in explanation.keys:
        assert (key.reason is Reason.MATCHED) is bool(key.matches)


def test_only_what_decided_is_shown():
    explanation = explained(
        'process where (a == "1" or b == "2") and not (c == "3" or d == "4") and e == "5"',
        {"event.category": "process", "a": "x", "b": "y", "c": "z", "e": "5"},
        {"event.category": "process", "a": "x", "b": "2", "c": "z", "e": "5"},
        {"event.category": "process", "b": "2", "d": "4", "e": "5"},
        {"event.category": "file", "b": "2", "e": "5"},
    )
    assert (
        text(explanation)
        == """\
1 of 4 events match

event 2: matches
  true   all of
    true   event.category == "process"
           event.category is "process"
    true   b == "2"
           b is "2"
    true   not
      false  any of
        false  c == "3"
               c is "z"
        false  d == "4"
               d has no value
    true   e == "5"
           e is "5"

event 1: does not match
  false  any of
    false  a == "1"
           a is "x"
    false  b == "2"
           b is "y"

event 3: does not match
  false  not
    true   d == "4"
           d is "4"

event 4: does not match
  false  event.category == "process"
         event.category is "file"
"""
    )


def test_computed_values_and_failures_are_shown():
    explanation = explained(
        "any where number(a) > 5 and length(b) != 3",
        {"a": "4", "b": "xyz"},
        {"a": "junk", "b": ["x", "yy"]},
    )
    shown = text(explanation)
    assert "number(a) is 4" in shown
    assert 'length(b) != 3\n           b is "xyz"\n           length(b) is 3' in shown
    assert "number(a) cannot be calculated" in shown


def test_a_limit_is_named():
    shown = text(explained("any where a == 1 | head 1", {"a": 1}, {"a": 1}))
    assert "event 2: meets the condition, and a limit cuts it off" in shown


A, B, C, X = ({"k": "1", "t": t} for t in "abcx")
SEQUENCE = 'sequence by k with maxspan=3s [any where t == "a"] [any where t == "b"] until [any where t == "x"]'


@pytest.mark.parametrize(
    ("eql", "events", "reason", "stage", "rows", "said"),
    [
        (SEQUENCE, [A, B], Reason.MATCHED, None, (1, 2), "matches: 1 -> 2"),
        (SEQUENCE, [A], Reason.NO_EVENT, 2, (1,), "no event meets it"),
        (SEQUENCE, [A, {**B, "k": "2"}], Reason.OTHER_KEY, 2, (1,), "other values of the key (2)"),
        (SEQUENCE, [A, {"t": "b"}], Reason.OTHER_KEY, 2, (1,), "no value of the key (2)"),
        (SEQUENCE, [B, A], Reason.EARLIER, 2, (2,), "its events are not after the last one reached (1)"),
        (SEQUENCE, [A, C, C, C, B], Reason.MAXSPAN, 2, (1,), "4s after the first event, more than 3s"),
        (SEQUENCE, [A, X, B], Reason.UNTIL, 2, (1,), "an `until` event came before (2)"),
        (f"{SEQUENCE} | head 0", [A, B], Reason.CUT, None, (1, 2), "a limit cut it off"),
        (
            'sequence by k with maxspan=9s [any where t == "a"] ![any where t == "x"] [any where t == "b"]',
            [A, X, B], Reason.MISSING_EVENT, 2, (1, 3), "that must be missing (2)",
        ),
        (
            'sequence by k with maxspan=9s ![any where t == "x"] [any where t == "a"] [any where t == "b"]',
            [X, A, B], Reason.MISSING_EVENT, 1, (2, 3), "that must be missing (1)",
        ),
        (
            'sequence by k with maxspan=9s [any where t == "a"] [any where t == "b"] ![any where t == "x"]',
            [A, B, X], Reason.MISSING_EVENT, 3, (1, 2), "that must be missing (3)",
        ),
        (
            'sequence by k [any where t == "a"] with runs=2 [any where t == "b"]',
            [A, B], Reason.RUNS, 1, (1,),
            "at stage 1, too few runs: after 1 of 2 runs, no further event with the key meets it",
        ),
        (
            'sequence by k with maxspan=3s [any where t == "a"] with runs=2 [any where t == "b"]',
            [A, C, C, C, A], Reason.MAXSPAN, 1, (1,), "after 1 of 2 runs, 4s after the first event",
        ),
        (
            'sequence by k [any where t == "b"] [any where t == "a"] with runs=3',
            [A, B, A, A], Reason.EARLIER, 2, (2, 3, 4), "after 2 of 3 runs, its events are not after",
        ),
        ('sample by k [any where t == "a"] [any where t == "b"]', [B, A], Reason.MATCHED, None, (2, 1), "2 -> 1"),
        ('sample by k [any where t == "a"] [any where t == "b"]', [A], Reason.NO_EVENT, 2, (1,), "no event"),
        (
            'sample by k [any where t == "a"] [any where t : "?"]',
            [A], Reason.SAME_EVENT, None, (), "too few different events (1)",
        ),
    ],
)  # fmt: skip
def test_reasons(eql, events, reason, stage, rows, said):
    explanation = explained(eql, *events)
    key = next(k for k in explanation.keys if k.keys == ("1",))
    found = (key.reason, key.stage, key.matches[-1] if key.matches else key.rows)
    assert found == (reason, stage, rows)
    assert said in text(explanation)


def test_the_nearest_event_is_named_with_what_it_lacks():
    shown = text(
        explained(
            'sequence by k [any where t == "a"] [any where t == "b" and n == 1]',
            A,
            {**C, "n": 2},
            {**B, "n": 2},
        )
    )
    assert "nearest: event 3\n    false  n == 1\n           n is 2" in shown


def test_events_that_take_no_part_are_named():
    untimed = text(explained(SEQUENCE, {**A, "@timestamp": None}, B))
    assert "without a time, and therefore in no sequence: 1\n" in untimed
    keyless = text(explained(SEQUENCE, {"t": "a"}, {"t": "b"}))
    assert "none of the events that meet a stage has a value of each key (k)\n" in keyless
    assert "none of the events" not in text(explained(SEQUENCE, {"t": "c"}))


def test_control_characters_do_not_reach_the_terminal():
    shown = text(explained('any where a == "b"', {"a": "\x1b[31m\u202e"}))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
