"""Sequences and missing events on the specification's worked examples: §9."""

from __future__ import annotations

from typing import Any

import pytest
from reference_query import rows, search


def at(seconds: float, kind: str, **fields: Any) -> dict[str, Any]:
    return {"@timestamp": round(seconds * 1000), "kind": kind, "k": "x", **fields}


WORKED = [
    at(s, k) for s, k in ((0, "A"), (2, "A"), (3, "B"), (4, "A"), (5, "B"), (6, "C"), (7, "C"))
]
QUERY = "sequence by k with maxspan=10s [A where true] [B where true] [C where true]"


def test_the_worked_example() -> None:
    assert rows(search(f"{QUERY} until [X where true]", WORKED)) == [[4, 5, 6]]


def test_until_rejects_and_consumes() -> None:
    events = [*WORKED, at(5.5, "X")]
    assert rows(search(f"{QUERY} until [X where true]", events)) == []


def test_runs_are_sliding_windows() -> None:
    events = [at(s, "A") for s in range(5)]
    found = search("sequence by k [A where true] with runs=3", events)
    assert rows(found) == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert rows(search("sequence by k [A where true] with runs=3 | head 1", events)) == [[1, 2, 3]]
    assert rows(search("sequence by k [A where true] with runs=3 | tail 2 | head 1", events)) == [
        [2, 3, 4]
    ]


def test_an_event_ends_one_sequence_and_starts_the_next() -> None:
    events = [at(s, "A") for s in range(3)]
    assert rows(search("sequence [A where true] [A where true]", events)) == [[1, 2], [2, 3]]


@pytest.mark.parametrize(("gap", "found"), [(5000, [[1, 2]]), (5001, [])])
def test_maxspan_is_inclusive(gap: int, found: list[list[int]]) -> None:
    events = [at(0, "A"), at(gap / 1000, "B")]
    assert rows(search("sequence with maxspan=5s [A where true] [B where true]", events)) == found


def test_equal_times_follow_the_tiebreaker_and_null_goes_last() -> None:
    events = [at(1, "B", tie=2), at(1, "A", tie=1), at(1, "B"), at(1, "A", tie=3)]
    assert rows(search("sequence [A where true] [B where true]", events)) == [[2, 1], [4, 3]]


def test_events_without_a_time_take_no_part() -> None:
    events = [{"kind": "A", "k": "x"}, at(1, "B"), {**at(0, "A"), "@timestamp": "soon"}]
    assert rows(search("sequence [A where true] [B where true]", events)) == []


def test_keys_optional_null_and_several() -> None:
    events = [
        at(0, "A", tags=["x", "y"]),
        at(1, "B", tags=["y", "z"]),
        at(2, "A"),
        at(3, "B"),
        at(4, "B", tags="x"),
    ]
    two = "[A where true] [B where true]"
    assert rows(search(f"sequence by tags {two}", events)) == [[1, 2], [1, 5]]
    found = search(f"sequence by ?tags {two}", events)
    assert rows(found) == [[1, 2], [3, 4], [1, 5]]
    assert [m.keys for m in found] == [("y",), (None,), ("x",)]


def test_same_last_event_orders_by_key() -> None:
    events = [at(0, "A", tags=["z", "a", "m"]), at(1, "B", tags=["m", "z", "a"])]
    found = search("sequence by tags [A where true] [B where true]", events)
    assert [m.keys for m in found] == [("a",), ("m",), ("z",)]


def test_until_at_the_completing_event_is_late_and_at_an_earlier_one_in_time() -> None:
    events = [at(0, "A"), at(1, "B", last=1), at(2, "C", last=1)]
    three = "sequence by k [A where true] [B where true] [C where true]"
    assert rows(search(f"{three} until [C where last == 1]", events)) == [[1, 2, 3]]
    assert rows(search(f"{three} until [B where last == 1]", events)) == []


def test_until_needs_no_key() -> None:
    events = [at(0, "A", j="q"), at(1, "X"), at(2, "B", j="q")]
    two = "sequence by ?j [A where true] [B where true] until [X where true]"
    assert rows(search(two, events)) == [[1, 3]]
    without = [{k: v for k, v in e.items() if k != "j"} for e in events] + [{"j": "q"}]
    assert rows(search(two, without)) == []


@pytest.mark.parametrize(
    ("absent", "kept"),
    [(300_000, False), (300_001, True), (0, True), (1, False), (-1, True)],
)
def test_trailing_missing_event(absent: int, kept: bool) -> None:
    events = [at(0, "A"), at(absent / 1000, "B")]
    found = search("sequence with maxspan=5m [A where true] ![B where true]", events)
    assert rows(found) == ([[1, None]] if kept else [])


@pytest.mark.parametrize(
    ("absent", "kept"), [(-1, False), (0, True), (-298_000, False), (-298_001, True)]
)
def test_leading_missing_event(absent: int, kept: bool) -> None:
    events = [at(0, "A"), at(2, "C"), at(absent / 1000, "B")]
    query = "sequence with maxspan=5m ![B where true] [A where true] [C where true]"
    assert rows(search(query, events)) == ([[None, 1, 2]] if kept else [])


@pytest.mark.parametrize(
    ("absent", "kept"), [(0, True), (1, False), (1999, False), (2000, True), (-5, True)]
)
def test_missing_event_in_the_middle(absent: int, kept: bool) -> None:
    events = [at(0, "A"), at(2, "C"), at(absent / 1000, "B")]
    query = "sequence with maxspan=5m [A where true] ![B where true] [C where true]"
    assert rows(search(query, events)) == ([[1, None, 2]] if kept else [])


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (-1, None, True),
        (None, 2001, True),
        (-100_000, 200_000, False),
        (-100_000, 200_001, True),
        (0, 2001, True),
    ],
)
def test_missing_on_both_sides(before: int | None, after: int | None, kept: bool) -> None:
    events = [at(0, "A"), at(2, "C")]
    events += [at(t / 1000, k) for t, k in ((before, "L"), (after, "T")) if t is not None]
    query = "sequence with maxspan=5m ![L where true] [A where true] [C where true] ![T where true]"
    assert rows(search(query, events)) == ([[None, 1, 2, None]] if kept else [])


def test_a_missing_event_joins_by_its_key() -> None:
    events = [at(0, "A", j=1), at(1, "B", j=2), at(2, "C", j=1)]
    query = "sequence by j with maxspan=5m [A where true] ![B where true] [C where true]"
    assert rows(search(query, events)) == [[1, None, 3]]


def test_a_failed_absence_tries_no_other_sequence() -> None:
    events = [at(0, "A"), at(1, "A"), at(2, "B"), at(3, "C")]
    query = "sequence with maxspan=5m [A where true] ![B where true] [C where true]"
    assert rows(search(query, events)) == []


def test_an_empty_term_empties_the_sequence() -> None:
    events = [at(0, "A"), at(1, "C")]
    query = "sequence with maxspan=5m [A where true] ![B where false] [C where true]"
    assert rows(search(query, events)) == []


def test_nanoseconds_count() -> None:
    events = [
        {"@timestamp": "2024-01-01T00:00:00.000000002Z", "kind": "A"},
        {"@timestamp": "2024-01-01T00:00:00.000000001Z", "kind": "B"},
        {"@timestamp": "2024-01-01T00:00:00.001000003Z", "kind": "B"},
    ]
    assert rows(search("sequence [A where true] [B where true]", events)) == [[1, 3]]
    query = "sequence with maxspan=1ms [A where true] [B where true]"
    assert rows(search(query, events)) == []
