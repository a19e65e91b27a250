"""Matches as JSON-able records: the form that `eqlx run` prints and other programs read."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from eqlx.execution import Match, MatchedEvent
from eqlx.rule import Rule


def record(rule: Rule, match: Match) -> dict[str, object]:
    """One match: the rule's id (else name, else `query`), kind, join keys and events."""
    return {
        "rule": rule.label,
        "name": rule.name,
        "kind": match.kind.value,
        "join_keys": [plain(key) for key in match.keys],
        "events": [_event(event) for event in match.events],
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
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
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
