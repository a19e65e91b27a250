"""Date literals: ISO 8601 texts and milliseconds since 1970, as exact instants (spec §2, §13.11)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction

_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?:(?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?)?)?)?"
)
_MILLISECONDS = re.compile(r"(?P<whole>-?\d+)(?:\.(?P<part>\d{1,6}))?")
_ARITHMETIC = re.compile(r"now|.*\|\|")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_arithmetic(text: str) -> bool:
    """Whether `text` is date arithmetic (`now-1d`, `2026-01-01||/M`).

    >>> is_arithmetic("now/d"), is_arithmetic("2026")
    (True, False)
    """
    return _ARITHMETIC.match(text) is not None


def parse_instant(text: str) -> int:
    """Nanoseconds since 1970 UTC. Four digits are a year, other numbers are milliseconds; what an
    ISO text leaves out is the least value, and its zone is UTC.

    >>> parse_instant("1970-01-01T00:00:01.5Z"), parse_instant("100"), parse_instant("1971")
    (1500000000, 100000000, 31536000000000000)

    Raises:
        ValueError: neither form, or no such date.
    """
    if (iso := _ISO.fullmatch(text)) is not None:
        return _nanoseconds(iso)
    if (number := _MILLISECONDS.fullmatch(text)) is not None:
        return int(Fraction(number.group()) * 1_000_000)
    message = f'"{text}" is no date'
    raise ValueError(message)


def _nanoseconds(iso: re.Match[str]) -> int:
    parts = [int(iso[name] or default) for name, default in _PARTS]
    instant = datetime(*parts[:6], tzinfo=UTC) - _offset(iso["zone"])  # type: ignore[misc,arg-type]  # six numbers
    seconds = (instant - _EPOCH) // timedelta(seconds=1)
    return seconds * 1_000_000_000 + int((iso["fraction"] or "").ljust(9, "0"))


_PARTS = (("year", 0), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if zone[0] == "-" else offset


def spelled_instant(nanoseconds: int) -> str:
    """The shortest ISO text of an instant.

    >>> spelled_instant(1_500_000_000), spelled_instant(0)
    ('1970-01-01T00:00:01.5Z', '1970-01-01T00:00:00Z')
    """
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    moment = _EPOCH + timedelta(seconds=seconds)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
