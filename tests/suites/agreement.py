"""Whether two engines agree on a query: what must be the same, and what the spec leaves free."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from eqlx.execution import Event, Match
from eqlx.ir.nodes import EventQuery, Query, Sample
from eqlx.ir.nodes import Sequence as SequenceQuery
from eqlx.ir.types import FieldType
from eqlx.meaning.values import published
from eqlx.reference import evaluate
from eqlx.reference.conditions import passes
from eqlx.reference.documents import numbered
from eqlx.reference.keys import key_tuples
from eqlx.target import EventModel

Rows = tuple[int | None, ...]


def disagreement(
    query: Query,
    expected: Sequence[Match],
    found: Sequence[Match],
    events: Sequence[Event],
    model: EventModel,
) -> str | None:
    """None where `found` is right given that `expected` is, else what is different."""
    match query:
        case EventQuery():
            same = [rows(m) for m in expected] == [rows(m) for m in found]
            return None if same else _shown(expected, found)
        case SequenceQuery():
            return _sequences(query, expected, found, events, model)
        case Sample():
            return _samples(query, expected, found, events, model)


def rows(match: Match) -> Rows:
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
    if [_last(rows_) for rows_, _ in ours] == [_last(rows_) for rows_, _ in theirs]:
        whole = _keyed(evaluate(replace(query, limits=()), events, model), types)
        free = any(key is None for _, keys in whole for key in keys) or FieldType.IP in types
        if free and Counter(theirs) <= Counter(whole):
            return None
    return _shown(expected, found)


def _keyed(
    matches: Sequence[Match], types: Sequence[FieldType]
) -> list[tuple[Rows, tuple[object, ...]]]:
    return [(rows(match), _keys(match, types)) for match in matches]


def _last(rows_: Rows) -> int:
    return next(row for row in reversed(rows_) if row is not None)


def _samples(
    query: Sample,
    expected: Sequence[Match],
    found: Sequence[Match],
    events: Sequence[Event],
    model: EventModel,
) -> str | None:
    """The same keys in the same order, each with a valid choice of events (§10)."""
    types = [key.type for key in query.stages[0].keys]
    ours = [_keys(m, types) for m in expected]
    theirs = [_keys(m, types) for m in found]
    ordered = FieldType.IP not in types
    if ours != theirs and (ordered or Counter(ours) != Counter(theirs)):
        return _shown(expected, found)
    documents = numbered(events, model)
    for match, keys in zip(found, theirs, strict=True):
        chosen = [documents[(event.row or 0) - 1] for event in match.events]
        if len({document.row for document in chosen}) != len(query.stages):
            return f"one event twice: {rows(match)}"
        for stage, document in zip(query.stages, chosen, strict=True):
            held = [
                tuple(_key(t, published(k)) for t, k in zip(types, tuple_, strict=True))
                for tuple_ in key_tuples(stage, document)
            ]
            if not passes(stage.filter, document) or keys not in held:
                return f"row {document.row} is no event of its stage: {rows(match)}, keys {keys}"
    return None


def _keys(match: Match, types: Sequence[FieldType]) -> tuple[object, ...]:
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
    sides = [[(rows(m), m.keys) for m in side] for side in (expected, found)]
    return f"expected {sides[0]}\nfound    {sides[1]}"
