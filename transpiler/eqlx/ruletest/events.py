"""Events as test files write them: dotted or nested, with times relative to the test's start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eqlx.execution import Event
from eqlx.fields.documents import flatten
from eqlx.meaning.dates import MILLISECOND, iso_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a test begins, for events that give no date."""

_OFFSET = re.compile(r"\+(?:\d+(?:ms|[dhms]))+")
_PART = re.compile(r"(\d+)(ms|[dhms])")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass
class Times:
    """Gives each event of a test its time: as written; `+1m30s` after the start; else one second
    after the event before it."""

    field: str
    last: datetime = START - timedelta(seconds=1)

    def complete(self, event: dict[str, object]) -> str | None:
        """Set the time of `event`; what is wrong with the one that it has, or None."""
        given = event.get(self.field)
        if self.field not in event:
            self.last += timedelta(seconds=1)
        elif isinstance(given, str) and given.startswith("+"):
            if not _OFFSET.fullmatch(given):
                return f"`{given}` is no time after the test's start"
            self.last = START + offset(given)
        else:
            return None
        event[self.field] = iso(self.last)
        return None


def offset(text: str) -> timedelta:
    """The time that `+1m30s` or `+250ms` stands for."""
    parts = ((int(count), _UNITS[unit]) for count, unit in _PART.findall(text))
    return sum((timedelta(**{unit: count}) for count, unit in parts), timedelta())


def iso(moment: datetime) -> str:
    """A time as events have it: UTC, milliseconds."""
    return iso_text((moment - EPOCH) // timedelta(milliseconds=1) * MILLISECOND)


def nested(flat: Mapping[str, object]) -> Event:
    """Fields by dotted path as nested objects; a path that runs through a value stays dotted."""
    document: dict[str, object] = {}
    # Short paths first, so that `a` is there before `a.b` asks whether it is an object.
    for path, value in sorted(flat.items(), key=lambda item: item[0].count(".")):
        *parents, last = path.split(".")
        place = document
        for name in parents:
            below = place.setdefault(name, {})
            if not isinstance(below, dict):
                document[path] = value
                break
            place = below
        else:
            place[last] = value
    return document


def plain(event: Event, field: str) -> str | int | None:
    """The value of a field that names events, if it is a text or a whole number."""
    values = flatten(event).get(field, [])
    value = values[0] if values else None
    return value if isinstance(value, str | int) else None
