"""Constants: what an expression without fields is worth, as Elasticsearch computes it (spec §7)."""

from __future__ import annotations

import math
import re
from typing import TypeVar

from eqlx.ir.nodes import (
    Case,
    Compare,
    Comparison,
    Decimal,
    Integer,
    Like,
    Literal,
    Null,
    Operator,
    Text,
    TextMatch,
    Where,
)
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx.source import Span

Ordered = TypeVar("Ordered", bytes, float)

LONG_MIN, LONG_MAX = -(1 << 63), (1 << 63) - 1
UNSIGNED_MAX = (1 << 64) - 1


class ConstantError(ValueError):
    """The constant expression fails: Elasticsearch fails the request; the message says why."""


def number(value: float, span: Span) -> Literal:
    """A number as a literal; floats become `Decimal`.

    Raises:
        ConstantError: it is not finite.
    """
    if isinstance(value, int):
        return Integer(value, span=span)
    if not math.isfinite(value):
        message = "not a finite number"
        raise ConstantError(message)
    return Decimal(value, span=span)


def calculate(operator: Operator, left: Literal, right: Literal, span: Span) -> Literal:
    """`left operator right`; null in, null out.

    Raises:
        ConstantError: overflow, division by zero, or operands that are no numbers.
    """
    if isinstance(left, Null) or isinstance(right, Null):
        return Null(span=span)
    if not isinstance(left, Integer | Decimal) or not isinstance(right, Integer | Decimal):
        message = "not a number"
        raise ConstantError(message)
    a, b = left.value, right.value
    if isinstance(a, int) and isinstance(b, int):
        return Integer(_integers(operator, a, b), span=span)
    try:
        return number(_floats(operator, float(a), float(b)), span)
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        raise ConstantError(str(error)) from None


def _integers(operator: Operator, a: int, b: int) -> int:
    match operator:
        case Operator.ADD:
            result = a + b
        case Operator.SUBTRACT:
            result = a - b
        case Operator.MULTIPLY:
            result = a * b
        case Operator.DIVIDE | Operator.MODULO:
            if b == 0:
                message = "division by zero"
                raise ConstantError(message)
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            result = quotient if operator is Operator.DIVIDE else a - b * quotient
    unsigned = max(a, b) > LONG_MAX
    low, high = (0, UNSIGNED_MAX) if unsigned else (LONG_MIN, LONG_MAX)
    if not low <= result <= high:
        message = "overflow"
        raise ConstantError(message)
    return result


def _floats(operator: Operator, a: float, b: float) -> float:
    match operator:
        case Operator.ADD:
            return a + b
        case Operator.SUBTRACT:
            return a - b
        case Operator.MULTIPLY:
            return a * b
        case Operator.DIVIDE:
            return a / b
        case Operator.MODULO:
            return math.fmod(a, b)


def negate(value: Literal, span: Span) -> Literal:
    """Unary minus; null in, null out.

    Raises:
        ConstantError: overflow, or no number.
    """
    if isinstance(value, Null):
        return Null(span=span)
    if isinstance(value, Decimal):
        return Decimal(-value.value, span=span)
    if not isinstance(value, Integer):
        message = "not a number"
        raise ConstantError(message)
    if value.value > LONG_MAX + 1:
        message = "overflow"
        raise ConstantError(message)
    return Integer(-value.value, span=span)


def compare(node: Compare, left: Literal, right: Literal) -> bool | None:
    """A comparison of constants, three-valued. Constants of different kinds are never equal, and
    have no order: null."""
    if isinstance(left, Null) or isinstance(right, Null):
        return None
    if isinstance(left, Text) and isinstance(right, Text):
        one, other = folded(left.value, node.case), folded(right.value, node.case)
        return _ordered(
            node.operator,
            one.encode("utf-8", "surrogatepass"),
            other.encode("utf-8", "surrogatepass"),
        )
    if isinstance(left, Integer | Decimal) and isinstance(right, Integer | Decimal):
        return _ordered(node.operator, left.value, right.value)
    if node.operator is not Comparison.EQUAL:
        return None
    return left == right


def _ordered(operator: Comparison, a: Ordered, b: Ordered) -> bool:
    match operator:
        case Comparison.EQUAL:
            return a == b
        case Comparison.LESS:
            return a < b
        case Comparison.LESS_OR_EQUAL:
            return a <= b
        case Comparison.GREATER:
            return a > b
        case Comparison.GREATER_OR_EQUAL:
            return a >= b


def among(value: Literal, choices: tuple[Literal, ...], case: Case) -> bool:
    """Whether a constant is one of others."""
    equals = (Compare(Comparison.EQUAL, value, choice, case) for choice in choices)
    return any(compare(equal, value, choice) for equal, choice in zip(equals, choices, strict=True))


def like(node: Like, text: str) -> bool:
    """Whether a constant matches a wildcard: in Java's regular expressions, so that `*` and `?` end
    at line ends (spec §4)."""
    flags = re.ASCII | (re.IGNORECASE if node.case is Case.INSENSITIVE else 0)
    return any(re.fullmatch(_expression(pattern), text, flags) for pattern in node.patterns)


def _expression(pattern: Wildcard) -> str:
    within = "[^\\n\\r\\x85\\u2028\\u2029]"
    spelling = {Wild.ANY_RUN: f"{within}*", Wild.ANY_ONE: within}
    return "".join(
        re.escape(piece) if isinstance(piece, str) else spelling[piece] for piece in pattern.pieces
    )


def text_match(node: TextMatch, value: Text, text: Text) -> bool:
    """`startsWith`, `endsWith`, `stringContains` of constants (spec §7)."""
    whole, part = folded(value.value, node.case), folded(text.value, node.case)
    match node.where:
        case Where.START:
            return whole.startswith(part)
        case Where.END:
            return whole.endswith(part)
        case Where.ANYWHERE:
            # Empty on either side is false in Elasticsearch.
            return bool(whole) and bool(part) and part in whole


_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def folded(text: str, case: Case) -> str:
    """`text` with ASCII letters in lower case where case does not matter (spec §13.2)."""
    return text.translate(_UPPER) if case is Case.INSENSITIVE else text
