"""Which differences a declared loss accounts for: those that the interpreter has with it taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from eqlx.capability import Drift, Loss
from eqlx.driver.agreement import rows_of
from eqlx.driver.comparing import Batch
from eqlx.driver.convert import compile_rule, convert_rule
from eqlx.driver.declared import Declared
from eqlx.execution import Event, Match
from eqlx.ir.nodes import Case as Case_
from eqlx.ir.nodes import Query
from eqlx.ir.walk import LEAVES, walk
from eqlx.patterns.folding import Folding
from eqlx.reference import evaluate
from eqlx.registry import load_target
from eqlx.rulefile import loader
from eqlx.source import NOWHERE, Span
from eqlx.synthesis import Case, Varies
from eqlx.target import EventModel

MODEL = EventModel(folding=Folding.ASCII)
FOLDING = "unicode-case-folding"
ODD = "ta\u017fk"
"""`task` with a long s."""


def compiled(text: str) -> Query:
    query = compile_rule(loader.from_query(text), model=MODEL).query
    assert query is not None
    return query


def event(at: int, **values: object) -> Event:
    return {"@timestamp": f"2026-01-01T00:00:{at:02}Z", **values}


def process(at: int, name: str, host: str = "h", **values: object) -> Event:
    fields = {"process": {"name": name}, "host": {"id": host}, "event": {"category": "process"}}
    return event(at, **fields, **values)


def case_of(query: Query, *events: Event, clause: Span = NOWHERE) -> Case:
    return Case("it", Varies.VALUE, events, tuple(evaluate(query, events, MODEL)), clause=clause)


def answer(text: str, *events: Event) -> list[Match]:
    """What an engine answers that has understood this text in place of the rule's."""
    return evaluate(compiled(text), events, MODEL)


def folding_losses(query: Query) -> Iterator[Loss]:
    for node, polarity, _ in walk(query):
        if isinstance(node, LEAVES) and getattr(node, "case", Case_.SENSITIVE).folding is not None:
            drift = Drift.WIDENS.under(polarity)
            yield Loss(FOLDING, drift, "", node.span, by_convention=True, beyond_ascii=True)


def accounted(
    rule: str, engine: str, *events: Event, losses: tuple[Loss, ...] | None = None
) -> str | None:
    """What accounts for the answer of an engine that searches `engine` for `rule`; by default with
    those of an engine that folds by Unicode where ASCII is asked for."""
    query = compiled(rule)
    if losses is None:
        losses = tuple(folding_losses(query))
    batch = Batch.of(query, MODEL, [case_of(query, *events)])
    found = answer(engine, *events)
    differing = batch.differences(found)
    assert differing, "the engine agrees"
    return Declared(query, MODEL, losses).accounts(batch, 0, found, differing)


def test_folding_accounts_for_an_extra_match() -> None:
    odd = process(1, ODD)
    folded = f'any where process.name in ("task", "{ODD}")'
    assert accounted('any where process.name : "task"', folded, odd) == FOLDING


def test_folding_never_accounts_for_the_other_direction() -> None:
    wide = 'any where process.name : ("task", "*sk")'
    assert accounted(wide, 'any where process.name == "ask"', process(1, ODD + "sk")) is None
    negated = 'any where not process.name : "task"'
    narrower = f'any where not process.name in ("task", "{ODD}")'
    assert accounted(negated, narrower, process(1, ODD)) == FOLDING


def test_folding_needs_letters_beyond_ascii_in_a_field_of_the_clause() -> None:
    plain = process(1, "tusk")
    assert accounted('any where process.name : "task"', "any where true", plain) is None
    elsewhere = process(1, "tusk", user={"name": ODD})
    assert accounted('any where process.name : "task"', "any where true", elsewhere) is None


def test_folding_at_a_clause_that_the_case_is_not_about() -> None:
    """The excepted name is not folded by the engine, the wanted list is."""
    rule = 'any where process.name : ("task", "x") and not process.name : "*a?k"'
    losses = convert_rule(loader.from_query(rule), load_target("sql")).fidelity.losses
    wanted = tuple(loss for loss in losses if loss.drift is Drift.WIDENS)
    query = compiled(rule)
    start = rule.index("process.name", 20)
    case = case_of(query, process(1, ODD), clause=Span(start, len(rule)))
    batch = Batch.of(query, MODEL, [case])
    found = answer("any where true", *case.events)
    declared = Declared(query, MODEL, wanted)
    # Not even with the first list matched does the rule match: the exception holds by itself.
    assert declared.accounts(batch, 0, found, batch.differences(found)) is None
    rule = 'any where process.name : ("task", "x") and not process.name : "*.exe"'
    assert accounted(rule, f'any where process.name == "{ODD}"', process(1, ODD)) == FOLDING


SEQUENCE = (
    'sequence by host.id with maxspan=10s [process where process.name : "task"] [file where true]'
)
FOLDED = SEQUENCE.replace('process.name : "task"', f'process.name in ("task", "{ODD}")')


def end(at: int) -> Event:
    return event(at, host={"id": "h"}, event={"category": "file"})


def test_in_a_sequence_an_event_may_take_anothers_place() -> None:
    events = (process(1, "task"), process(2, ODD), end(3))
    found = answer(FOLDED, *events)
    assert [rows_of(m) for m in found] == [(2, 3)]
    assert accounted(SEQUENCE, FOLDED, *events) == FOLDING


def test_in_a_sequence_a_loss_of_one_direction_excuses_no_other_difference() -> None:
    """A match that is gone although nothing took its place, beside one that folding explains."""
    events = (process(1, "task", "g"), event(2, host={"id": "g"}, event={"category": "file"}))
    events += (process(3, ODD), end(4))
    only_odd = SEQUENCE.replace('process.name : "task"', f'process.name == "{ODD}"')
    assert accounted(SEQUENCE, FOLDED, *events) == FOLDING
    assert accounted(SEQUENCE, only_odd, *events) is None


def test_in_a_sequence_a_loss_may_only_lose() -> None:
    """A missing event that folding finds: narrower, and nothing else."""
    rule = (
        "sequence by host.id with maxspan=10s [process where process.pid == 1] "
        '![process where process.name : "task"] [file where true]'
    )
    folded = rule.replace('process.name : "task"', f'process.name == "{ODD}"')
    first = {**process(1, "a"), "process": {"name": "a", "pid": 1}}
    events = (first, process(2, ODD), end(3))
    assert [rows_of(m) for m in answer(rule, *events)] == [(1, None, 3)]
    assert not answer(folded, *events)
    assert accounted(rule, folded, *events) == FOLDING


def test_a_limit_lets_a_folded_match_push_out_another() -> None:
    rule = 'any where process.name : "task" | tail 1'
    query = compiled(rule)
    losses = tuple(folding_losses(query))
    cases = [case_of(query, process(1, "task")), case_of(query, process(2, ODD))]
    free = replace(query, limits=())
    declared = Declared(query, MODEL, losses)
    folded = f'any where process.name in ("task", "{ODD}")'
    for searched, pipe in ((free, ""), (query, " | tail 1")):
        batch = Batch.of(searched, MODEL, cases)
        found = answer(folded + pipe, *batch.events)
        differing = batch.differences(found)
        assert differing
        for number in differing:
            assert declared.accounts(batch, number, found, differing) == FOLDING


def _loss(drift: Drift) -> tuple[Loss, ...]:
    return (Loss("keys-differ", drift, "", NOWHERE),)


@pytest.mark.parametrize(
    ("drift", "extra", "missing", "both"),
    [
        (Drift.WIDENS, True, False, False),
        (Drift.NARROWS, False, True, False),
        (Drift.SHIFTS, True, True, True),
    ],
)
def test_a_loss_of_the_querys_form_points_its_way(
    drift: Drift,
    extra: bool,
    missing: bool,
    both: bool,
) -> None:

    def judged(text: str) -> bool:
        return (
            accounted("any where process.pid == 1", text, *events, losses=_loss(drift)) is not None
        )

    events = [event(n, process={"pid": n}) for n in (1, 2)]
    assert judged("any where process.pid in (1, 2)") is extra
    assert judged("any where process.pid == 3") is missing
    assert judged("any where process.pid == 2") is both


def test_equal_stages_each_have_their_loss() -> None:
    """The record names both places."""
    text = 'sequence by host.id [any where process.name : "k*"] [any where process.name : "k*"]'
    target = load_target("elasticsearch")
    outcome = convert_rule(loader.from_query(text), target, dialect="opensearch")
    spans = [x.span for x in outcome.fidelity.losses if x.slug == "ascii-case-folding"]
    assert len(spans) == 2
    assert {text[span.start : span.end] for span in spans} == {'process.name : "k*"'}
