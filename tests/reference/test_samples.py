"""Samples: distinct events that share keys, §10."""

from __future__ import annotations

from typing import Any

from reference_query import rows, search


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, **fields}


def test_one_distinct_event_a_term() -> None:
    events = [event("A", k="x"), event("A", k="x"), event("A", k="y"), event("B", k="y")]
    found = search("sample by k [any where true] [A where true]", events)
    assert rows(found) == [[1, 2], [4, 3]]
    assert [m.keys for m in found] == [("x",), ("y",)]


def test_backtracking_finds_the_only_choice() -> None:
    events = [event("A", k=1, n=1), event("A", k=1, n=2), event("A", k=1, n=3)]
    query = "sample by k [any where n < 4] [any where n < 3] [any where n == 1]"
    assert rows(search(query, events)) == [[3, 2, 1]]
    assert rows(search("sample by k [any where n == 1] [any where n == 1]", events)) == []


def test_keys_ascend_and_null_comes_first() -> None:
    events = [event("A", k=k) for k in (10, 2, None, 10, 2, None)]
    query = "sample by ?k [A where true] [A where true]"
    found = search(query, events)
    assert [m.keys for m in found] == [(None,), (2,), (10,)]
    assert [m.keys for m in search(query.replace("?", ""), events)] == [(2,), (10,)]


def test_every_value_of_a_key_is_a_key() -> None:
    events = [event("A", t=["x", "y"]), event("B", t=["y", "x", "z"])]
    found = search("sample by t [A where true] [B where true]", events)
    assert [m.keys for m in found] == [("x",), ("y",)]


def test_time_plays_no_part() -> None:
    events = [{"kind": "A", "k": 1, "@timestamp": 5}, {"kind": "B", "k": 1, "@timestamp": 1}]
    assert rows(search("sample by k [A where true] [B where true]", events)) == [[1, 2]]


def test_many_candidates_and_no_choice_is_decided_at_once() -> None:
    events = [event("A", k=1, n=n) for n in range(3000)]
    terms = "[any where true] " * 3 + "[any where n == 5] [any where n == 5]"
    assert rows(search(f"sample by k {terms}", events)) == []
