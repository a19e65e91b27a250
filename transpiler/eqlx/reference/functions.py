"""The functions and the arithmetic of EQL on single values (spec §7).

A null argument is None. What makes Elasticsearch fail the whole request raises `Failed`, and the
leaf does not match (spec §13.4).
"""

from __future__ import annotations

import math
import re
from typing import Final, assert_never

from eqlx.ir.nodes import Case, Function, Operator
from eqlx.reference.text import folded, from_units, units
from eqlx.reference.values import LONG, UNSIGNED_LONG, Scalar, text_of

Operand = Scalar | None


class Failed(Exception):  # noqa: N818  a state of one evaluation, never shown to anyone
    """Elasticsearch would fail the request here."""


def call(function: Function, arguments: tuple[Operand, ...], case: Case) -> Operand:
    """A function's value for one choice of its arguments' values.

    Raises:
        Failed: a runtime error in Elasticsearch.
    """
    first, rest = arguments[0], arguments[1:]
    if function is Function.CONCAT:
        return _concat(arguments)
    if first is None:
        return None
    match function:
        case Function.BETWEEN:
            return _between(_text(first), rest, case)
        case Function.INDEX_OF:
            return _index_of(_text(first), rest, case)
        case Function.LENGTH:
            return len(units(_text(first)))
        case Function.NUMBER:
            return _number(_text(first), *rest)
        case Function.STRING:
            return text_of(first)
        case Function.SUBSTRING:
            return _substring(_text(first), *rest)
        case _:
            assert_never(function)


def _text(value: Operand) -> str:
    if not isinstance(value, str):
        raise Failed
    return value


def _whole(value: Operand) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Failed
    return value


def _concat(arguments: tuple[Operand, ...]) -> str | None:
    if any(argument is None for argument in arguments):
        return None
    return "".join(text_of(argument) for argument in arguments if argument is not None)


def _between(source: str, rest: tuple[Operand, ...], case: Case) -> str:
    """Text after the first `left` up to the next `right`, or to the last one if greedy."""
    left, right = units(_text(rest[0])), units(_text(rest[1]))
    greedy = rest[2] if len(rest) > 2 else False
    if not isinstance(greedy, bool):
        raise Failed
    if not (source and left and right):
        return source
    whole = searched = units(source)
    if case is Case.INSENSITIVE:
        searched, left, right = folded(searched), folded(left), folded(right)
    start = searched.find(left)
    if start < 0:
        return ""
    start += len(left)
    end = searched.rfind(right) if greedy else searched.find(right, start)
    if end < 0:
        return ""
    if end < start:
        raise Failed
    return from_units(whole[start:end])


def _index_of(source: str, rest: tuple[Operand, ...], case: Case) -> int | None:
    if rest[0] is None:
        return None
    searched, wanted = units(source), units(_text(rest[0]))
    if case is Case.INSENSITIVE:
        searched, wanted = folded(searched), folded(wanted)
    start = 0 if len(rest) < 2 or rest[1] is None else max(0, _whole(rest[1]))
    if start > len(searched):
        return None
    place = searched.find(wanted, start)
    return None if place < 0 else place


def _substring(source: str, start: Operand, end: Operand = None) -> str:
    """Python's slice: negatives count from the end, everything clamps."""
    if start is None:
        return source
    stop = None if end is None else _whole(end)
    return from_units(units(source)[_whole(start) : stop])


# --- number() ---------------------------------------------------------------------------------

_JAVA_DOUBLE: Final = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)"
)
_BLANKS: Final = "".join(map(chr, range(0x21)))


def _number(source: str, base: Operand = None) -> int | float:
    hexadecimal = source.startswith("0x")
    radix = (16 if hexadecimal else 10) if base is None else _whole(base)
    if hexadecimal and radix == 16:
        source = source[2:]
    whole = _long(source, radix)
    if whole is not None:
        return whole
    if radix != 10:
        raise Failed
    trimmed = source.strip(_BLANKS)
    if not _JAVA_DOUBLE.fullmatch(trimmed):
        raise Failed
    return float(trimmed.rstrip("fFdD") if trimmed[-1] in "fFdD" else trimmed)


_PREFIXES: Final = {2: "0b", 8: "0o", 16: "0x"}


def _long(source: str, radix: int) -> int | None:
    """Java's `Long.parseLong`, or None where it throws."""
    digits = source[1:] if source[:1] in ("+", "-") else source
    if not 2 <= radix <= 36 or not (digits.isascii() and digits.isalnum()):
        return None
    if digits[:2].lower() == _PREFIXES.get(radix):  # which Python takes and Java does not
        return None
    try:
        number = int(source, radix)
    except ValueError:
        return None
    return number if number in LONG else None


# --- arithmetic -------------------------------------------------------------------------------


def calculate(operator: Operator, left: Operand, right: Operand) -> Operand:
    """`left operator right`, null if either is.

    Raises:
        Failed: overflow, a whole number over zero, or an operand that is no number.
    """
    if left is None or right is None:
        return None
    a, b = _numeric(left), _numeric(right)
    if isinstance(a, float) or isinstance(b, float):
        return _floating(operator, float(a), float(b))
    return _exact(_integral(operator, a, b), a, b)


def negate(value: Operand) -> Operand:
    """Unary minus.

    Raises:
        Failed: overflow, or no number.
    """
    if value is None:
        return None
    number = _numeric(value)
    return -number if isinstance(number, float) else _exact(-number, number)


def _numeric(value: Scalar) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Failed
    return value


def _exact(result: int, *operands: int) -> int:
    """Long arithmetic, unsigned once an operand is too large for a signed long."""
    allowed = LONG if all(operand in LONG for operand in operands) else UNSIGNED_LONG
    if result not in allowed:
        raise Failed
    return result


def _integral(operator: Operator, a: int, b: int) -> int:
    match operator:
        case Operator.ADD:
            return a + b
        case Operator.SUBTRACT:
            return a - b
        case Operator.MULTIPLY:
            return a * b
        case Operator.DIVIDE | Operator.MODULO:
            if b == 0:
                raise Failed
            # Toward zero, where Python goes down; the remainder has the dividend's sign.
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            return quotient if operator is Operator.DIVIDE else a - b * quotient
        case _:
            assert_never(operator)


def _floating(operator: Operator, a: float, b: float) -> float:
    match operator:
        case Operator.ADD:
            return a + b
        case Operator.SUBTRACT:
            return a - b
        case Operator.MULTIPLY:
            return a * b
        case Operator.DIVIDE:
            return _quotient(a, b)
        case Operator.MODULO:
            return math.nan if b == 0 or math.isinf(a) or math.isnan(a) else math.fmod(a, b)
        case _:
            assert_never(operator)


def _quotient(a: float, b: float) -> float:
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)
