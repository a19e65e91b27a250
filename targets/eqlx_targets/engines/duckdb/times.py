"""Times of events as results show them: ISO 8601 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = re.compile(r"(?<=:[0-9]{2})[.,]([0-9]{1,9})")
_WHOLE = re.compile(r"-?[0-9]{1,20}")
_YEAR_FIRST = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:[T ].*)?)?)?")


def iso_text(value: object) -> str | None:
    """A time with 3, 6 or 9 digits of the second, or None for what is no time.

    Numbers, and whole numbers as text (but for four digits, a year), are milliseconds since 1970.

    >>> iso_text("2024-01-01T01:00:00+01:00"), iso_text(1500), iso_text("soon")
    ('2024-01-01T00:00:00.000Z', '1970-01-01T00:00:01.500Z', None)
    """
    if isinstance(value, str) and _YEAR_FIRST.fullmatch(value):
        return _from_text(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        nanoseconds = round(value * 1_000_000)
        return _shown(_EPOCH + timedelta(seconds=nanoseconds // 10**9), nanoseconds % 10**9)
    except (OverflowError, ValueError):
        return str(value)


def _from_text(text: str) -> str | None:
    found = _FRACTION.search(text)
    fraction = found[1] if found else ""
    missing = {4: "-01-01", 7: "-01"}.get(len(text), "")
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text) + missing)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return _shown(moment.astimezone(UTC), int(fraction.ljust(9, "0")))
    except OverflowError:
        return None


def _shown(second: datetime, nanoseconds: int) -> str:
    digits = f"{nanoseconds:09}"
    while len(digits) > 3 and digits.endswith("000"):
        digits = digits[:-3]
    return f"{second.year:04}-{second:%m-%dT%H:%M:%S}.{digits}Z"
