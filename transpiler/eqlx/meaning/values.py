"""What an event's fields hold once they are indexed, and the text and order of such values."""

from __future__ import annotations

import ipaddress
import math
import re
from dataclasses import dataclass
from decimal import Decimal as Exact
from functools import total_ordering
from typing import Final

from eqlx.ir.nodes import Instant, Literal, Null
from eqlx.ir.types import FieldType
from eqlx.meaning.dates import epoch_nanoseconds, iso_text
from eqlx.patterns.network import MAPPED, parse_address


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A date: nanoseconds since 1970 UTC."""

    nanoseconds: int


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An IP address as a 128-bit number; IPv4 is the same as IPv4-mapped IPv6 (spec §2)."""

    number: int


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version, in semver order; what is no version sorts after all versions, as text.

    >>> texts = ["1.10.0", "1.2.0", "1.2.0-rc.1", "junk", "1.2.0-rc.1.x", "1.2.0-1"]
    >>> [v.text for v in sorted(map(Version, texts))]
    ['1.2.0-1', '1.2.0-rc.1', '1.2.0-rc.1.x', '1.2.0', '1.10.0', 'junk']
    """

    text: str

    def __lt__(self, other: Version) -> bool:
        return self.rank < other.rank

    @property
    def rank(self) -> tuple[object, ...]:
        """What the order goes by; build metadata and leading zeros break ties as text."""
        parsed = _VERSION.fullmatch(self.text)
        if parsed is None:
            return (1, self.text)
        numbers = tuple(_digits(n) for n in parsed["main"].split("."))
        release = tuple(
            (0, *_digits(part)) if part.isdigit() else (1, 0, part)
            for part in (parsed["release"] or "").split(".")
        )
        return (0, numbers, parsed["release"] is None, release, self.text)


_VERSION: Final = re.compile(
    r"(?P<main>[0-9]+(?:\.[0-9]+)*)(?:-(?P<release>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)


def _digits(text: str) -> tuple[int, str]:
    """Sorts digits by their number, which may have more of them than Python converts."""
    significant = text.lstrip("0")
    return (len(significant), significant)


Scalar = str | int | float | bool | Moment | Address | Version
"""A value that a field can hold."""

Operand = Scalar | None
"""A value, or None for null."""


class Failed(Exception):  # noqa: N818  a state of one evaluation; passes say it in a diagnostic
    """Elasticsearch would fail the request here; the leaf does not match (spec §13.4). The message
    says why."""


def value_of(literal: Literal) -> Operand:
    """The value that a literal stands for."""
    match literal:
        case Null():
            return None
        case Instant(nanoseconds):
            return Moment(nanoseconds)
        case _:
            return literal.value


LONG: Final = range(-(2**63), 2**63)
UNSIGNED_LONG: Final = range(2**64)


def indexed(raw: object, kind: FieldType) -> Scalar | None:
    """A JSON scalar as a field of this type holds it; None for a malformed value, which
    Elasticsearch leaves out of the index (spec §5 "Missing also means")."""
    match kind:
        case FieldType.KEYWORD | FieldType.TEXT:
            return json_text(raw)
        case FieldType.LONG:
            return _integer(raw, LONG)
        case FieldType.UNSIGNED_LONG:
            return _integer(raw, UNSIGNED_LONG)
        case FieldType.DOUBLE:
            return _double(raw)
        case FieldType.BOOLEAN:
            return _boolean(raw)
        case FieldType.DATE | FieldType.DATE_NANOS:
            instant = epoch_nanoseconds(raw)
            return None if instant is None else Moment(instant)
        case FieldType.IP:
            return address(raw)
        case FieldType.VERSION:
            return Version(raw) if isinstance(raw, str) else None
        case FieldType.UNRESOLVED | FieldType.UNSUPPORTED:
            return raw if isinstance(raw, str | int | float | bool) else None


def json_text(raw: object) -> str:
    """A JSON scalar's own text, which is what a keyword field holds."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw)


def _integer(raw: object, allowed: range) -> int | None:
    """Whole numbers; decimals and numeric texts are cut to whole ones (`coerce`)."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        if not _NUMBER.fullmatch(raw):
            return None
        exact = Exact(raw)
        # A huge exponent would make a huge integer before the range is looked at.
        raw = int(exact) if exact.adjusted() < 40 else None
    if isinstance(raw, float):
        raw = int(raw) if math.isfinite(raw) else None
    return raw if isinstance(raw, int) and raw in allowed else None


_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")


def _double(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    if isinstance(raw, str) and not _NUMBER.fullmatch(raw):
        return None
    try:
        number = float(raw)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def number_of(text: str) -> int | float | None:
    """The number that a text is where the mapping of a number field reads it, else None; unlike
    `number()`, no hexadecimal, no blanks, no `NaN`.

    >>> [number_of(text) for text in ("4", "4.50", "1e3", "0x1F", " 4", "9" * 400)]
    [4, 4.5, 1000.0, None, None, None]
    """
    if not _NUMBER.fullmatch(text):
        return None
    if _WHOLE.fullmatch(text) and len(text) < 30:
        number = int(text)
        if number in LONG or number in UNSIGNED_LONG:
            return number
    return _double(text)


def _boolean(raw: object) -> bool | None:
    if isinstance(raw, bool):
        return raw
    return {"true": True, "false": False, "": False}.get(raw) if isinstance(raw, str) else None


def address(raw: object) -> Address | None:
    """The address that a text names, or None."""
    if not isinstance(raw, str):
        return None
    try:
        return Address(parse_address(raw)[0])
    except ValueError:
        return None


def identity(value: Scalar | None) -> tuple[str, object]:
    """A key under which two values are the same value: `1` and `true` differ, `1` and `1.0` do
    not (spec §9.2)."""
    match value:
        case None:
            return ("null", None)
        case bool():
            return ("boolean", value)
        case int() | float():
            return ("number", value)
        case _:
            return (type(value).__name__, value)


def order(value: Scalar | None) -> tuple[int, object]:
    """A sort key for join keys: null first, then by value (spec §9.3, §10)."""
    if value is None:
        return (0, 0)
    kinds = ("boolean", "number", "str", "Moment", "Address", "Version")
    kind, comparable = identity(value)
    return (1 + kinds.index(kind), comparable)


def text_of(value: Scalar) -> str:
    """A value's Java string form: what `string()` and `concat()` make of it (spec §7)."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _double_text(value)
        case Moment(nanoseconds):
            return iso_text(nanoseconds)
        case Address(number):
            return address_text(number)
        case Version(text):
            return text


def address_text(number: int) -> str:
    """An address in canonical text; a mapped one as IPv4."""
    if number >> 32 == 0xFFFF:
        return str(ipaddress.IPv4Address(number - MAPPED))
    return str(ipaddress.IPv6Address(number))


def _double_text(value: float) -> str:
    """Java's `Double.toString`: plain from 1e-3 to 1e7, else with an exponent.

    >>> [_double_text(x) for x in (42.5, 1e7, 0.0001, -0.0, 12345678.9, 5e-324)]
    ['42.5', '1.0E7', '1.0E-4', '-0.0', '1.23456789E7', '4.9E-324']
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        exact = format(Exact(repr(value)), "f")
        return exact if "." in exact else f"{exact}.0"
    # Of one digit, Java looks for the closest of two: 4.9E-324, where Python has 5e-324.
    shortest = two if float(two := f"{value:.1e}") == value else repr(value)
    sign, digits, exponent = Exact(shortest).normalize().as_tuple()
    mantissa = "".join(map(str, digits))
    power = int(exponent) + len(mantissa) - 1
    return f"{'-' if sign else ''}{mantissa[0]}.{mantissa[1:] or '0'}E{power}"


def published(value: Scalar | None) -> str | int | float | bool | None:
    """A value as a join key of a result shows it: JSON scalars, all else as text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return text_of(value)
