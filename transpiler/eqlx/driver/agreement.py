"""Whether two engines agree on a query: what must be the same, and what the spec leaves free.

The only place that knows it: `eqlx verify`, the fuzzers and the suites ask here.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from eqlx.driver.verdict import Rows
from eqlx.execution import Event, Match
from eqlx.ir.nodes import EventQuery, Query, Sample
from eqlx.ir.nodes import Sequence as SequenceQuery
from eqlx.ir.types import FieldType
from eqlx.meaning.values import published
from eqlx.reference import evaluate
from eqlx.reference.conditions import passes
from eqlx.reference.documents import Document, numbered
from eqlx.reference.keys import key_tuples
from eqlx.target import EventModel


def disagreement(
    query: Query,
    expected: Sequence[Match],
    found: Sequence[Match],
    events: Sequence[Event],
    model: EventModel,
) -> str | None:
    """None where `found` is right given that `expected`, the reference's matches, is; else what is
    different.

    Free are (spec §10, §13.9): the choice of events in a sample; the order of sequences that end with the
    same event and whose keys hold a null or an address, and so which of them a limit cuts off.
    """
    match query:
        case EventQuery():
            same = [rows_of(m) for m in expected] == [rows_of(m) for m in found]
            return None if same else _shown(expected, found)
        case SequenceQuery():
            return _sequences(query, expected, found, events, model)
        case Sample():
            return _samples(query, expected, found, events, model)


def rows_of(match: Match) -> Rows:
    """The rows of a match's events; None is a missing one."""
    return tuple(event.row for event in match.events)


def _sequences(
    query: SequenceQuery,
    expected: Sequence[Match],
    found: Sequence[Match],
    events: Sequence[Event],
    model: EventModel,
) -> str | None:
    types = [key.type for key in query.stages[0].keys]
    ours = _keyed(expected, types)
    theirs = _keyed(found, types)
    if ours == theirs:
        return None
    # Sequences that end with the same event may come in any order of keys that hold a null or an
    # address (§13.9), so that a limit may cut either of them off.
    if [last_row(rows) for rows, _ in ours] == [last_row(rows) for rows, _ in theirs]:
        whole = _keyed(evaluate(replace(query, limits=()), events, model), types)
        free = any(key is None for _, keys in whole for key in keys) or FieldType.IP in types
        if free and Counter(theirs) <= Counter(whole):
            return None
    return _shown(expected, found)


def _keyed(
    matches: Sequence[Match], types: Sequence[FieldType]
) -> list[tuple[Rows, tuple[object, ...]]]:
    return [(rows_of(match), keys_of(match, types)) for match in matches]


def last_row(rows: Rows) -> int:
    """The last event's row; 0 where all are missing."""
    return next((row for row in reversed(rows) if row is not None), 0)


def _samples(
    query: Sample,
    expected: Sequence[Match],
    found: Sequence[Match],
    events: Sequence[Event],
    model: EventModel,
) -> str | None:
    """The same keys in the same order, each with a valid choice of events (§10)."""
    types = [key.type for key in query.stages[0].keys]
    ours = [keys_of(m, types) for m in expected]
    theirs = [keys_of(m, types) for m in found]
    ordered = FieldType.IP not in types
    if ours != theirs and (ordered or Counter(ours) != Counter(theirs)):
        return _shown(expected, found)
    documents = numbered(events, model)
    faults = (sample_fault(query, match, documents) for match in found)
    return next((fault for fault in faults if fault is not None), None)


def sample_fault(query: Sample, match: Match, documents: Sequence[Document]) -> str | None:
    """What is wrong with the choice of events in a sample (spec §10); `documents` are all events, in
    order of rows."""
    types = [key.type for key in query.stages[0].keys]
    keys = keys_of(match, types)
    chosen = [documents[(event.row or 0) - 1] for event in match.events]
    if len({document.row for document in chosen}) != len(query.stages):
        return f"one event twice: {rows_of(match)}"
    for stage, document in zip(query.stages, chosen, strict=True):
        held = [
            tuple(_key(t, published(k)) for t, k in zip(types, tuple_, strict=True))
            for tuple_ in key_tuples(stage, document)
        ]
        if not passes(stage.filter, document) or keys not in held:
            return f"row {document.row} is no event of its stage: {rows_of(match)}, keys {keys}"
    return None


def keys_of(match: Match, types: Sequence[FieldType]) -> tuple[object, ...]:
    """The join keys, each in one form, however an engine returns it."""
    return tuple(_key(t, key) for t, key in zip(types, match.keys, strict=True))


def _key(kind: FieldType, value: object) -> object:
    """A key in one form, however an engine returns it."""
    if value is None:
        return None
    if kind is FieldType.IP:
        address = ipaddress.ip_address(str(value))
        return getattr(address, "ipv4_mapped", None) or address
    if kind.is_date:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind.is_number:
        return Decimal(str(value))
    return value


def _shown(expected: Sequence[Match], found: Sequence[Match]) -> str:
    sides = [[(rows_of(m), m.keys) for m in side] for side in (expected, found)]
    return f"expected {sides[0]}\nfound    {sides[1]}"
