"""Events as ECS documents that a person can read: nested objects, a time, an id."""

from __future__ import annotations

from datetime import UTC, datetime

from eqlx.meaning.dates import MILLISECOND, iso_text
from eqlx.synthesis.model import Assignment
from eqlx.target import EventModel

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The time of the first event."""


def time_text(milliseconds: int) -> str:
    """So long after the start, as ISO 8601 in UTC."""
    return iso_text((int(START.timestamp()) * 1000 + milliseconds) * MILLISECOND)


def document(
    values: Assignment, model: EventModel, *, at: int, number: int, taken: frozenset[str]
) -> dict[str, object]:
    """The event with these values, `at` milliseconds after the start.

    `number` numbers the event within its synthesis. `taken`: the fields that the rule speaks of,
    which are never filled in here. A time of its own in `values` stays.
    """
    event: dict[str, object] = {}
    roles: dict[str, object] = {
        model.timestamp: time_text(at),
        model.id or "event.id": f"ev-{number:04}",
    }
    if model.tiebreaker is not None:
        roles[model.tiebreaker] = number
    for name, value in roles.items():
        if name not in values and (name not in taken or name == model.timestamp):
            _put(event, name, value)
    if not any(name.partition(".")[0] == "host" for name in taken):
        _put(event, "host.name", "workstation-7")
    for name, value in values.items():
        _put(event, name, value)
    return event


def _put(event: dict[str, object], name: str, value: object) -> None:
    """Nested by the name's dots; dotted where a value stands in the way."""
    *outer, last = name.split(".")
    node: dict[str, object] = event
    for key in outer:
        child = node.setdefault(key, {})
        if not isinstance(child, dict):
            event[name] = value
            return
        node = child
    if isinstance(node.get(last), dict):
        event[name] = value
    else:
        node[last] = value
