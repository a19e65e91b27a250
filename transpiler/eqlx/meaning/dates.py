"""Dates as events and literals write them: ISO 8601 or epoch milliseconds, exact to nanoseconds
(spec §2, §13.11)."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

MILLISECOND: Final = 1_000_000
"""In nanoseconds."""

_ISO: Final = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    r"(?:[T ](?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})"
    r"(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    r"(?P<zone>Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_STRICT: Final = re.compile(r"[0-9]{4}[-0-9]*(?:T[^z]*)?")
"""What an ISO literal of a rule looks like; events may also have a space for `T`, and a small `z`."""
_MILLISECONDS: Final = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,6})?")
_ARITHMETIC: Final = re.compile(r"now|.*\|\|")
_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
_EPOCH: Final = date(1970, 1, 1).toordinal()


def epoch_nanoseconds(raw: object) -> int | None:
    """Nanoseconds since 1970 UTC, or None where `raw` is no date.

    Numbers, and texts that are whole numbers of other than four digits (which are a year), are
    epoch milliseconds. A text without a zone is UTC.

    >>> epoch_nanoseconds("1970-01-01T00:00:01.000000001+01:00")
    -3598999999999
    >>> epoch_nanoseconds("100"), epoch_nanoseconds(1.5), epoch_nanoseconds("soon")
    (100000000, 1500000, None)
    """
    match raw:
        case bool():
            return None
        case int():
            return raw * MILLISECOND
        case float():
            return round(Decimal(repr(raw)) * MILLISECOND) if math.isfinite(raw) else None
        case str():
            parsed = _ISO.fullmatch(raw)
            if parsed is not None:
                return _from_iso(parsed)
            return int(raw) * MILLISECOND if _INTEGER.fullmatch(raw) else None
        case _:
            return None


def is_arithmetic(text: str) -> bool:
    """Whether a literal is date arithmetic (`now-1d`, `2026-01-01||/M`).

    >>> is_arithmetic("now/d"), is_arithmetic("2026")
    (True, False)
    """
    return _ARITHMETIC.match(text) is not None


def parse_instant(text: str) -> int:
    """A date literal as nanoseconds since 1970 UTC. Four digits are a year, other numbers are
    milliseconds; what an ISO text leaves out is the least value, and its zone is UTC.

    >>> parse_instant("1970-01-01T00:00:01.5Z"), parse_instant("100"), parse_instant("1971")
    (1500000000, 100000000, 31536000000000000)

    Raises:
        ValueError: neither form, or no such date.
    """
    nanoseconds = epoch_nanoseconds(text) if _STRICT.fullmatch(text) else None
    if nanoseconds is None and _MILLISECONDS.fullmatch(text):
        nanoseconds = int(Fraction(text) * MILLISECOND)
    if nanoseconds is None:
        message = f'"{text}" is no date'
        raise ValueError(message)
    return nanoseconds


def _from_iso(parsed: re.Match[str]) -> int | None:
    hour, minute, second = (int(parsed[part] or 0) for part in ("hour", "minute", "second"))
    try:
        day = date(int(parsed["year"]), int(parsed["month"] or 1), int(parsed["day"] or 1))
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    seconds = (day.toordinal() - _EPOCH) * 86_400 + hour * 3600 + minute * 60 + second
    fraction = int((parsed["fraction"] or "").ljust(9, "0"))
    return (seconds - _offset(parsed["zone"])) * 1_000_000_000 + fraction


def _offset(zone: str | None) -> int:
    """The zone's offset from UTC in seconds."""
    if zone is None or zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def spelled_instant(nanoseconds: int) -> str:
    """The shortest ISO text of an instant, to the second at least.

    >>> spelled_instant(1_500_000_000), spelled_instant(0)
    ('1970-01-01T00:00:01.5Z', '1970-01-01T00:00:00Z')
    """
    text = iso_text(nanoseconds)
    whole, point, fraction = text.removesuffix("Z").partition(".")
    digits = fraction.rstrip("0")
    return text if not point else f"{whole}{'.' if digits else ''}{digits}Z"


def iso_text(nanoseconds: int) -> str:
    """ISO 8601 in UTC with as many digits of the second as needed: 3, 6 or 9.

    >>> iso_text(0), iso_text(1_500), iso_text(-1)
    ('1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000001500Z', '1969-12-31T23:59:59.999999999Z')
    """
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    days, second = divmod(seconds, 86_400)
    digits = f"{rest:09}"
    while len(digits) > 3 and digits.endswith("000"):
        digits = digits[:-3]
    ordinal = _EPOCH + days
    if not 1 <= ordinal <= date.max.toordinal():
        return str(nanoseconds // MILLISECOND)
    day = date.fromordinal(ordinal).isoformat()
    return f"{day}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.{digits}Z"
