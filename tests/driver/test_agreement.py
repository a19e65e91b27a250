"""What the spec leaves free in results, and what it does not (spec §10, §13.9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eqlx.driver import compile_rule
from eqlx.driver.agreement import disagreement, rows_of
from eqlx.driver.comparing import Batch
from eqlx.execution import Event, Match
from eqlx.ir.nodes import Query
from eqlx.reference import evaluate
from eqlx.rulefile.loader import from_query
from eqlx.synthesis import Case, Varies
from eqlx.target import EventModel

MODEL = EventModel()


def events(*rows: tuple[str, str | None]) -> tuple[Event, ...]:
    """Events of a category and a user, a second apart."""
    return tuple(
        {
            "@timestamp": f"2026-01-01T00:00:{second:02}Z",
            "event": {"category": category},
            "user": {"name": user},
        }
        for second, (category, user) in enumerate(rows)
    )


def compiled(text: str) -> Query:
    query = compile_rule(from_query(text)).query
    assert query is not None
    return query


def judged(text: str, data: tuple[Event, ...]) -> tuple[Query, list[Match]]:
    query = compiled(text)
    return query, list(evaluate(query, data, MODEL))


def batch(query: Query, data: tuple[Event, ...]) -> Batch:
    return Batch.of(query, MODEL, [Case("all", Varies.WAY, data, ())])


def test_events_have_an_order() -> None:
    data = events(("process", "a"), ("process", "a"))
    query, found = judged('process where user.name == "a"', data)
    assert disagreement(query, found, found, data, MODEL) is None
    assert disagreement(query, found, found[::-1], data, MODEL) is not None
    assert batch(query, data).differences(found) == {}
    assert batch(query, data).differences(found[::-1]) != {}


SEQUENCE = "sequence by ?user.name [process where true] [file where true]"


@pytest.mark.parametrize(("keys", "is_free"), [("?gone, user.name", True), ("user.name", False)])
def test_sequences_that_end_together_are_free_where_a_key_is_null(
    keys: str, *, is_free: bool
) -> None:
    data = events(("process", "a"), ("file", "a"))
    for event in data:
        event["user"]["name"] = ["a", "b"]  # type: ignore[index]
    query, found = judged(f"sequence by {keys} [process where true] [file where true]", data)
    assert [rows_of(match) for match in found] == [(1, 2), (1, 2)]
    assert (disagreement(query, found, found[::-1], data, MODEL) is None) is is_free
    assert (batch(query, data).differences(found[::-1]) == {}) is is_free


def test_a_key_is_part_of_the_answer() -> None:
    data = events(("process", "a"), ("file", "a"))
    query, found = judged(SEQUENCE, data)
    wrong = [replace(found[0], keys=("b",))]
    assert disagreement(query, found, wrong, data, MODEL) is not None
    assert batch(query, data).differences(wrong) == {0: ([(1, 2)], [(1, 2)])}


SAMPLE = "sample by user.name [process where true] [file where true]"


@pytest.mark.parametrize(
    ("rows", "is_right"), [((1, 3), True), ((2, 3), True), ((1, 2), False), ((4, 3), False)]
)
def test_the_choice_of_a_sample_is_free_among_its_events(
    rows: tuple[int, int], is_right: bool
) -> None:
    data = events(("process", "a"), ("process", "a"), ("file", "a"), ("process", "b"))
    query, found = judged(SAMPLE, data)
    (match,) = found
    chosen = tuple(replace(e, row=row) for e, row in zip(match.events, rows, strict=True))
    other = replace(match, events=chosen)
    assert (disagreement(query, found, [other], data, MODEL) is None) is is_right
    assert (batch(query, data).differences([other]) == {}) is is_right


def test_samples_have_an_order() -> None:
    data = events(("process", "a"), ("file", "a"), ("process", "b"), ("file", "b"))
    query, found = judged(SAMPLE, data)
    assert [rows_of(match) for match in found] == [(1, 2), (3, 4)]
    assert disagreement(query, found, found[::-1], data, MODEL) is not None
    assert batch(query, data).differences(found[::-1]) == {0: ([(3, 4)], [(1, 2)])}
