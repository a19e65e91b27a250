"""The specification's worked examples and rules for sequences and samples, executed in DuckDB.

Every case is judged by the expected stages as written here and by the reference interpreter.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from duckdb_engine import searched

from eqlx.diagnostics import Report
from eqlx.execution import Event
from eqlx.fields.layout import LayoutKind
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.reference.executor import inferred
from eqlx.source import Source
from eqlx.target import EventModel

MODEL = EventModel(category="category")


def at(seconds: float, kind: str | list[str], **more: object) -> Event:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    time = f"2024-01-01T12:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}Z"
    return {"@timestamp": time, "category": "any", "kind": kind, "k": "k", **more}


def stream(*times: tuple[float, str]) -> list[Event]:
    return [at(second, kind) for second, kind in times]


def found(text: str, events: Iterable[Event], layout: LayoutKind) -> list[tuple[object, ...]]:
    """Per match its rows, None for the slot of a missing event; equal to the reference's."""
    events = tuple(events)
    schema = inferred(events)
    report = Report()
    query = compile_source(Source("query", text), Context(schema, report, MODEL))
    assert query is not None, [d.message for d in report]
    with searched(events, MODEL, schema, layout) as engine:
        matches = list(engine.run(query))
    expected = evaluate(query, events, MODEL)
    rows = [tuple(event.row for event in match.events) for match in matches]
    assert rows == [tuple(event.row for event in match.events) for match in expected]
    assert [match.keys for match in matches] == [match.keys for match in expected]
    return rows


A, B, C = '[any where kind == "A"]', '[any where kind == "B"]', '[any where kind == "C"]'
X = '[any where kind == "X"]'
WORKED = ((0, "A"), (2, "A"), (3, "B"), (4, "A"), (5, "B"), (6, "C"), (7, "C"))

CASES = {
    # §9.7
    "the latest partial wins": (
        f"sequence by k with maxspan=10s {A} {B} {C} until {X}",
        stream(*WORKED),
        [(4, 5, 6)],
    ),
    "until between kills and still consumes": (
        f"sequence by k with maxspan=10s {A} {B} {C} until {X}",
        stream(*WORKED, (5.5, "X")),
        [],
    ),
    # §9.3, facts
    "an event ends one sequence and starts another": (
        f"sequence by k {A} {A}",
        stream((1, "A"), (2, "A"), (3, "A")),
        [(1, 2), (2, 3)],
    ),
    "runs are sliding windows": (
        f"sequence by k {A} with runs=3",
        stream(*((n, "A") for n in range(1, 6))),
        [(1, 2, 3), (2, 3, 4), (3, 4, 5)],
    ),
    "tail cuts the list": (
        f"sequence by k {A} {A} | tail 1",
        stream((1, "A"), (2, "A"), (3, "A")),
        [(2, 3)],
    ),
    "head of a tail": (
        f"sequence by k {A} {A} | tail 2 | head 1",
        stream((1, "A"), (2, "A"), (3, "A"), (4, "A")),
        [(2, 3)],
    ),
    "maxspan is inclusive": (
        f"sequence by k with maxspan=5s {A} {B}",
        stream((0, "A"), (5, "B")),
        [(1, 2)],
    ),
    "a millisecond beyond maxspan is too late": (
        f"sequence by k with maxspan=5s {A} {B}",
        stream((0, "A"), (5.001, "B")),
        [],
    ),
    "maxspan counts from the first event at every step": (
        f"sequence by k with maxspan=5s {A} {B} {C}",
        stream((0, "A"), (4, "B"), (6, "C")),
        [],
    ),
    "an event is not two stages of one sequence": (
        f"sequence by k {A} {A}",
        stream((0, "A")),
        [],
    ),
    "until at the very event that completes does not kill": (
        f"sequence by k {A} {B} until {B}",
        stream((0, "A"), (1, "B")),
        [(1, 2)],
    ),
    "until at the very event of an earlier stage does": (
        f"sequence by k {A} {B} until {A}",
        stream((0, "A"), (1, "B")),
        [],
    ),
    "events at one time follow each other in row order": (
        f"sequence by k {A} {B}",
        stream((0, "A"), (0, "B")),
        [(1, 2)],
    ),
    "and not against it": (f"sequence by k {A} {B}", stream((0, "B"), (0, "A")), []),
    "events without a time never enter": (
        f"sequence by k {A} {B}",
        [{**at(0, "A"), "@timestamp": None}, at(1, "B")],
        [],
    ),
    "without keys everything is one stream": (
        f"sequence {A} {B}",
        [at(0, "A", k="x"), at(1, "B", k="y")],
        [(1, 2)],
    ),
    "keys may differ by stage": (
        f"sequence {A} by k {B} by o",
        [at(0, "A", k="x"), at(1, "B", k="y", o="x")],
        [(1, 2)],
    ),
    "a missing key is out": (
        f"sequence by k {A} {B}",
        [at(0, "A", k=None), at(1, "B", k=None)],
        [],
    ),
    "null joins null where the key is optional": (
        f"sequence by ?k, c {A} {B}",
        [at(0, "A", k=None, c=1), at(1, "B", k=[], c=1), at(2, "B", k="k", c=1)],
        [(1, 2)],
    ),
    "several values of a key join each by itself": (
        f"sequence by t {A} {B}",
        [at(0, "A", t=["x", "y", "x"]), at(1, "B", t=["y", "x", "z"])],
        [(1, 2), (1, 2)],
    ),
    "several keys of several values join as pairs": (
        f"sequence by t, s {A} {B}",
        [at(0, "A", t=["x", "y"], s=["1", "2"]), at(1, "B", t="y", s=["2", "1"])],
        [(1, 2), (1, 2)],
    ),
    # §9.6
    "a missing event within maxspan discards": (
        f"sequence by k with maxspan=5m {A} !{B}",
        stream((0, "A"), (300, "B")),
        [],
    ),
    "a missing event beyond maxspan does not": (
        f"sequence by k with maxspan=5m {A} !{B}",
        stream((0, "A"), (300.001, "B")),
        [(1, None)],
    ),
    "a missing event at the same time does not": (
        f"sequence by k with maxspan=5m {A} !{B}",
        stream((0, "A"), (0, "B")),
        [(1, None)],
    ),
    "a missing event in between discards": (
        f"sequence by k with maxspan=5m {A} !{X} {B}",
        stream((0, "A"), (1, "X"), (2, "B"), (3, "A"), (4, "B")),
        [(4, None, 5)],
    ),
    "a missing event before": (
        f"sequence by k with maxspan=5s !{X} {A} {B}",
        stream((0, "X"), (1, "A"), (2, "B"), (20, "A"), (21, "B")),
        [(None, 4, 5)],
    ),
    "missing events before and after leave a window": (
        f"sequence by k with maxspan=5s !{X} {A} {B} !{C}",
        stream((0, "X"), (1, "A"), (2, "B"), (5, "C"), (10, "X"), (11, "A"), (12, "B"), (16, "C")),
        [(None, 6, 7, None)],
    ),
    "missing runs are as many slots": (
        f"sequence by k with maxspan=5s {A} !{X} with runs=2 {B}",
        stream((0, "A"), (1, "B")),
        [(1, None, None, 2)],
    ),
    # §13.8
    "an empty term empties the sequence": (
        f"sequence by k with maxspan=5s {A} ![any where false] {B}",
        stream((0, "A"), (1, "B")),
        [],
    ),
    # §10
    "a sample needs different events": (
        f"sample by k {A} {A}",
        stream((0, "A")),
        [],
    ),
    "a sample ignores time and takes the first choice": (
        f"sample by k {B} {A} {A}",
        stream((3, "A"), (2, "B"), (1, "A"), (0, "A")),
        [(2, 1, 3)],
    ),
    "a sample backs out of a first choice that leaves none": (
        f"sample by k [any where true] {B}",
        stream((0, "B"), (1, "A")),
        [(2, 1)],
    ),
    "samples come in order of their keys, null first": (
        f"sample by ?k {A} {B}",
        [at(0, k, k=v) for v in ("b", None, "a") for k in ("A", "B")],
        [(3, 4), (5, 6), (1, 2)],
    ),
}


@pytest.mark.parametrize("layout", list(LayoutKind), ids=lambda layout: layout.value)
@pytest.mark.parametrize("name", CASES)
def test_case(name: str, layout: LayoutKind) -> None:
    text, events, expected = CASES[name]
    assert found(text, events, layout) == expected


def test_a_hundred_runs() -> None:
    events = stream(*((n, "A") for n in range(101)))
    rows = found('sequence by k [any where kind == "A"] with runs=100', events, LayoutKind.FLAT)
    assert rows == [tuple(range(1, 101)), tuple(range(2, 102))]
