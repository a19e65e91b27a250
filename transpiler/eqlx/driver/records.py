"""Matches as JSON-able records: the form that `eqlx run` prints and other programs read."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from eqlx.applicability import Applicability, Applied
from eqlx.execution import Match, MatchedEvent
from eqlx.rule import Rule


def record(rule: Rule, match: Match, applied: Applied | None = None) -> dict[str, object]:
    """One match: the rule's id (else name, else `query`), kind, join keys and events; and what the rule
    can mean on the data, where that is known and less than complete."""
    mark = {}
    if applied is not None and applied.grade is not Applicability.COMPLETE:
        mark["applicability"] = {"grade": applied.grade.value, "fields": list(applied.fields)}
    return {
        "rule": rule.label,
        "name": rule.name,
        "kind": match.kind.value,
        "join_keys": [plain(key) for key in match.keys],
        "events": [_event(event) for event in match.events],
        **mark,
    }


def _event(event: MatchedEvent) -> dict[str, object]:
    return {
        "stage": event.stage,
        "id": plain(event.id),
        "timestamp": event.timestamp,
        "missing": event.missing,
        "fields": plain(event.fields),
    }


def plain(value: object) -> object:
    """A value of an event as JSON has it. Dates become ISO 8601, bytes base64, numbers that JSON
    lacks (not-a-number, infinities) their names."""
    whole: list[object] = []
    # A stack of our own: events nest deeper than Python's recursion goes.
    stack: list[tuple[object, Callable[[object], None]]] = [(value, whole.append)]
    while stack:
        node, put = stack.pop()
        match node:
            case Mapping():
                made: dict[str, object] = {str(key): None for key in node}
                put(made)
                stack.extend(
                    (child, partial(made.__setitem__, str(k))) for k, child in node.items()
                )
            case list() | tuple() | set() | frozenset():
                row: list[object] = [None] * len(node)
                put(row)
                stack.extend((child, partial(row.__setitem__, n)) for n, child in enumerate(node))
            case _:
                put(_scalar(node))
    return whole[0]


def _scalar(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes() | bytearray():
            return base64.b64encode(value).decode("ascii")
        case timedelta() | UUID():
            return str(value)
        case _:
            return str(value)
