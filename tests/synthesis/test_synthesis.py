"""Synthesis: every leaf alone decisive, boundaries of values, streams, determinism, real rules."""

from __future__ import annotations

import json
import os

import pytest

from eqlx.driver.convert import compile_rule, event_model
from eqlx.fields.documents import flatten
from eqlx.ir import nodes as ir
from eqlx.reference import evaluate
from eqlx.rulefile import loader
from eqlx.synthesis import Synthesis, Varies, synthesise
from eqlx.synthesis.languages import shortest
from eqlx_harness.data import need


def made(text: str, seed: int = 0) -> Synthesis:
    rule = loader.from_query(text)
    outcome = compile_rule(rule)
    assert outcome.query is not None, [d.message for d in outcome.diagnostics]
    return synthesise(outcome.query, event_model(rule), seed=seed)


def values(synthesis: Synthesis, field: str, *, hits: bool) -> set[object]:
    """The values of a field in the single events that match, or do not."""
    found: set[object] = set()
    for case in synthesis.cases:
        if case.is_hit is hits and len(case.events) == 1:
            found.update(flatten(case.events[0]).get(field, []))
    return found


@pytest.mark.parametrize(
    ("query", "field", "inside", "outside"),
    [
        ('any where process.name == "cmd.exe"', "process.name", {"cmd.exe"}, {"CMD.EXE", "cmd.ex"}),
        ('any where process.name : "cmd.exe"', "process.name", {"CMD.EXE"}, {"cmd.exex"}),
        (
            'any where process.name in ("a1", "b2", "c3")',
            "process.name",
            {"a1", "b2", "c3"},
            {"unrelated"},
        ),
        ("any where process.pid > 7", "process.pid", {8}, {7, 6}),
        ("any where process.pid >= 7", "process.pid", {7, 8}, {6}),
        (
            'any where cidrMatch(source.ip, "10.1.0.0/16")',
            "source.ip",
            {"10.1.0.0", "10.1.255.255"},
            {"10.0.255.255", "10.2.0.0"},
        ),
        ('any where file.name like "a_?*"', "file.name", {"a_x"}, {"axxdata"}),
        ('any where file.name regex "[b-d]{2,3}"', "file.name", {"bb", "bbb"}, {"b", "bbbb", "aa"}),
        (
            'any where startsWith(file.name, "ab")',
            "file.name",
            {"ab"},
            {"AB AND MORE", "xab and more"},
        ),
        ("any where length(file.name) > 3", "file.name", {"samp"}, {"sam"}),
    ],
)
def test_boundaries_of_values(
    query: str, field: str, inside: set[object], outside: set[object]
) -> None:
    synthesis = made(query)
    assert inside <= values(synthesis, field, hits=True)
    if field == "file.name" and "length" in query:
        lengths = {len(str(v)) for v in values(synthesis, field, hits=False)}
        assert 3 in lengths
    else:
        assert outside <= values(synthesis, field, hits=False)


@pytest.mark.parametrize(
    "query",
    [
        'process where process.name == "a" and not user.name == "b" and process.pid != 4',
        'any where process.name : ("*x*", "y?") or (process.pid < 4 and not user.id : "S-1*")',
        'any where process.name == "a" and process.name == "b"',
        'any where process.name like "*ab*" and process.name like "*cd" and process.name != "abcd"',
        'any where not (process.name == "a" or (user.name == "b" and not user.id == null))',
        'any where process.name like "a*" and not process.name like ("ab*", "ac*")',
        'any where concat(process.name, "/", user.name) == "x/y"',
        'any where stringContains(process.command_line, concat("-p ", string(process.pid)))',
        'any where between(process.command_line, "(", ")") like "a*z"',
        'any where process.name regex "[a-c]+" and not process.name regex "a+"',
    ],
)
def test_every_leaf_is_decisive(query: str) -> None:
    synthesis = made(query)
    assert synthesis.reaches_hit
    assert all(leaf.seen_true and leaf.seen_false for leaf in synthesis.leaves)
    undecided = [leaf.clause_text for leaf in synthesis.leaves if not leaf.decisive]
    assert not undecided


def test_presence_is_varied() -> None:
    names = {c.name for c in made('any where process.name == "a"').cases}
    for shape in ("null", "empty array", "array of one", "array, another value after"):
        assert f'process.name == "a": {shape}' in names


def test_contradiction_reaches_no_hit_and_says_so() -> None:
    synthesis = made("any where process.pid == null and process.pid > 4")
    assert not synthesis.reaches_hit
    assert synthesis.unreached


def test_streams_of_a_sequence() -> None:
    synthesis = made(
        "sequence by host.id with maxspan=10s [process where process.pid > 4] ![file where true] "
        '[network where source.port == 1] until [process where process.name == "q"]'
    )
    answers = {case.name: case.is_hit for case in synthesis.cases}
    assert answers["in order"]
    assert not answers["events in reverse"]
    assert answers["the last event exactly at maxspan"]
    assert not answers["the last event 1 ms beyond maxspan"]
    assert not answers["key 1 of event 2: other"]
    assert not answers["key 1 of event 2: null"]
    assert not answers["until after event 1"]
    assert answers["until after the last event"]
    assert answers["until after event 1, under another key"]
    assert not answers["missing event inside its gap"]
    assert answers["missing event at the gap's start"]
    assert answers["missing event under another key"]


def test_runs_one_short() -> None:
    synthesis = made(
        "sequence by host.id [process where process.pid == 1] with runs=3 [file where true]"
    )
    answers = {case.name: case.is_hit for case in synthesis.cases}
    assert answers["in order"]
    assert not answers["2 events in place of 3"]


def test_samples() -> None:
    synthesis = made(
        "sample by host.id [process where process.pid == 1] [file where file.name == null]"
    )
    answers = {case.name: case.is_hit for case in synthesis.cases}
    assert answers["one event a stage"]
    assert not answers["key 1 of event 2: other"]


def test_same_seed_same_events() -> None:
    query = 'any where process.name : ("a*", "b") and user.id != "x"'
    assert made(query).cases == made(query).cases


def test_cases_answer_as_the_reference_does_and_have_one_name_each() -> None:
    synthesis = made('process where process.name : "a*" or process.pid in (1, 2)')
    assert len({case.name for case in synthesis.cases}) == len(synthesis.cases)
    for case in synthesis.cases:
        assert case.expected == tuple(evaluate(synthesis.query, case.events, synthesis.model))
        assert json.loads(json.dumps(case.events)) == list(case.events)


def test_values_of_clauses_and_presence_are_all_varied() -> None:
    kinds = {case.varies for case in made('any where process.name : "a*"').cases}
    assert {Varies.WAY, Varies.CLAUSE, Varies.VALUE, Varies.PRESENCE} <= kinds


def test_real_rules() -> None:
    """All of them with EQLX_LONG, else every twentieth: hits, and leaves alone decisive."""
    rules = loader.load([need("corpus", "rules")]).rules
    step = 1 if os.environ.get("EQLX_LONG") else 20
    leaves = decisive = hits = count = 0
    for rule in rules[::step]:
        outcome = compile_rule(rule)
        assert outcome.query is not None
        synthesis = synthesise(outcome.query, event_model(rule))
        count += 1
        hits += synthesis.reaches_hit
        leaves += len(synthesis.leaves)
        decisive += sum(leaf.decisive for leaf in synthesis.leaves)
    assert hits / count >= 0.99
    assert decisive / leaves >= 0.95


def _holds(text: str) -> ir.Leaf:
    outcome = compile_rule(loader.from_query(f"any where {text}"))
    assert isinstance(outcome.query, ir.EventQuery)
    leaf = outcome.query.filter.condition
    assert not isinstance(leaf, ir.And | ir.Or | ir.Not | ir.Constant)
    return leaf


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        (['process.name : "*ab*"', 'process.name : "*BC"'], [], "abc"),
        (['process.name like "a?c*"'], ['process.name like "*bc*"'], "aac"),
        (['process.name : "a"'], ['process.name == "a"'], "A"),
        (['process.name in~ ("ab", "x")'], ['process.name : "a*"'], "x"),
        (['process.name : "?"'], ['process.name : ("a", "b", "c")'], "d"),
        (['endsWith(process.name, "b")', 'startsWith(process.name, "a")'], [], "ab"),
        (['process.name : "é"'], [], "É"),
        (['process.name : "ab*"'], ['process.name : ("a*", "x")'], None),
        (['process.name : "É"'], ['process.name == "É"'], "é"),
    ],
)
def test_shortest_texts_between_patterns(
    inside: list[str], outside: list[str], expected: str | None
) -> None:
    wanted = [(_holds(t), True) for t in inside] + [(_holds(t), False) for t in outside]
    assert next(shortest(wanted), None) == expected


def test_texts_between_many_patterns_are_found() -> None:
    """A dozen lists over one field, which the derivatives of expressions took minutes over."""
    lists = [
        ", ".join(f'"*{chr(97 + (n * m) % 26)}{n}/x{m}*"' for m in range(1, 20)) for n in range(12)
    ]
    wanted = [
        (_holds(f"process.args : ({items})"), number < 4) for number, items in enumerate(lists)
    ]
    for text in shortest(wanted, 2):
        assert isinstance(text, str)
