"""EQL's functions on constants, as Elasticsearch computes them (spec §7). Texts count UTF-16 units."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eqlx.ir.nodes import (
    Boolean,
    Case,
    Decimal,
    Function,
    Instant,
    Integer,
    Literal,
    Null,
    Text,
)
from eqlx.passes.constants import LONG_MAX, LONG_MIN, ConstantError, folded, number
from eqlx.source import Span

_DIGITS = re.compile(r"[+-]?[0-9A-Za-z]+")
_DOUBLE = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?")


def call(function: Function, arguments: Sequence[Literal], case: Case, span: Span) -> Literal:
    """The function's value for these constants, none of them a null that gives null.

    Raises:
        ConstantError: Elasticsearch fails on this.
    """
    match function:
        case Function.LENGTH:
            return Integer(len(_units(_text(arguments[0]))) // 2, span=span)
        case Function.CONCAT:
            return Text("".join(spelled(argument) for argument in arguments), span=span)
        case Function.STRING:
            return Text(spelled(arguments[0]), span=span)
        case Function.SUBSTRING:
            return Text(_substring(arguments), span=span)
        case Function.INDEX_OF:
            return _index_of(arguments, case, span)
        case Function.BETWEEN:
            return Text(_between(arguments, case), span=span)
        case Function.NUMBER:
            return number(_number(arguments), span)


def spelled(value: Literal) -> str:
    """A constant in Java's words: `true`, `5`, `42.5`."""
    match value:
        case Text():
            return value.value
        case Boolean():
            return str(value.value).lower()
        case Integer():
            return str(value.value)
        case Decimal():
            return spelled_double(value.value)
        case Instant():
            return value.text
        case Null():
            return "null"


def spelled_double(value: float) -> str:
    """A double as Java's `Double.toString` writes it.

    >>> [spelled_double(x) for x in (1.0, 0.001, 1e7, 1.5e-5, -0.0)]
    ['1.0', '0.001', '1.0E7', '1.5E-5', '-0.0']
    """
    size = abs(value)
    if size == 0 or 1e-3 <= size < 1e7:
        return repr(value) if "e" not in repr(value) else f"{value:f}"
    mantissa, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        digits = mantissa.replace(".", "").replace("-", "").lstrip("0")
        digits = digits.rstrip("0") or "0"
        whole = mantissa.replace("-", "").partition(".")[0]
        power = len(whole) - 1 if whole != "0" else 0
        sign = "-" if value < 0 else ""
        return f"{sign}{digits[0]}.{digits[1:] or '0'}E{power}"
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}E{int(exponent)}"


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _from_units(units: bytes) -> str:
    return units.decode("utf-16-le", "surrogatepass")


def _text(value: Literal) -> str:
    if isinstance(value, Text):
        return value.value
    message = "not a string"
    raise ConstantError(message)


def _whole(value: Literal, default: int) -> int:
    if isinstance(value, Integer):
        return value.value
    if isinstance(value, Null):
        return default
    message = "not an integer"
    raise ConstantError(message)


def _substring(arguments: Sequence[Literal]) -> str:
    source = _text(arguments[0])
    if isinstance(arguments[1], Null):
        return source  # whatever the end (spec §7)
    units = _units(source)
    size = len(units) // 2
    start = _whole(arguments[1], 0)
    end = _whole(arguments[2], size) if len(arguments) > 2 else size
    start = max(start + size, 0) if start < 0 else min(start, size)
    end = max(end + size, 0) if end < 0 else min(end, size)
    return _from_units(units[2 * start : 2 * end]) if start < end else ""


def _index_of(arguments: Sequence[Literal], case: Case, span: Span) -> Literal:
    whole = _units(folded(_text(arguments[0]), case))
    part = _units(folded(_text(arguments[1]), case))
    start = max(_whole(arguments[2], 0), 0) if len(arguments) > 2 else 0
    size = len(whole) // 2
    if start > size:
        return Null(span=span)
    index = _find(whole, part, start)
    return Null(span=span) if index < 0 else Integer(index, span=span)


def _find(whole: bytes, part: bytes, start: int) -> int:
    """The first index in UTF-16 units, -1 if none."""
    index = whole.find(part, 2 * start)
    while index >= 0 and index % 2:
        index = whole.find(part, index + 1)
    return -1 if index < 0 else index // 2


def _between(arguments: Sequence[Literal], case: Case) -> str:
    source, left, right = (_text(argument) for argument in arguments[:3])
    greedy = len(arguments) > 3 and arguments[3] == Boolean(value=True)
    if not source or not left or not right:
        return source
    whole = folded(source, case)
    start = whole.find(folded(left, case))
    if start < 0:
        return ""
    start += len(left)
    last = folded(right, case)
    end = whole.rfind(last) if greedy else whole.find(last, start)
    if end < 0:
        return ""
    if end < start:
        message = "`between` ends before it starts"
        raise ConstantError(message)
    return source[start:end]


def _number(arguments: Sequence[Literal]) -> float:
    text = _text(arguments[0])
    base = _whole(arguments[1], 0) if len(arguments) > 1 else 0
    value = parse_number(text, base or None)
    if value is None:
        message = f'"{text}" is no number'
        raise ConstantError(message)
    return value


def parse_number(text: str, base: int | None = None) -> int | float | None:
    """What `number(text, base)` reads; None where Elasticsearch fails.

    >>> [parse_number(text) for text in ("0x1F", " 7 ", "1e3", "7", "junk")]
    [31, 7.0, 1000.0, 7, None]
    >>> parse_number("-0x1F", 16) is None
    True
    """
    prefixed = text.startswith("0x")
    base = base or (16 if prefixed else 10)
    digits = text[2:] if prefixed and base == 16 else text
    # Python takes a prefix after the sign, Java does not.
    prefix = digits.lstrip("+-")[:2].lower() == {2: "0b", 8: "0o", 16: "0x"}.get(base)
    if _DIGITS.fullmatch(digits) and 2 <= base <= 36 and not prefix:
        try:
            value = int(digits, base)
        except ValueError:
            value = LONG_MAX + 1
        if LONG_MIN <= value <= LONG_MAX:
            return value
    if base == 10 and _DOUBLE.fullmatch(text.strip()):
        return float(text.strip().rstrip("dDfF"))
    return None
