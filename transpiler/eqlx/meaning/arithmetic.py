"""EQL's arithmetic on single values (spec §7 "Arithmetic"). A null operand is None."""

from __future__ import annotations

import math
from typing import assert_never

from eqlx.ir.nodes import Operator
from eqlx.meaning.values import LONG, UNSIGNED_LONG, Failed, Operand, Scalar


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
        message = "not a number"
        raise Failed(message)
    return value


def _exact(result: int, *operands: int) -> int:
    """Long arithmetic, unsigned once an operand is too large for a signed long."""
    allowed = LONG if all(operand in LONG for operand in operands) else UNSIGNED_LONG
    if result not in allowed:
        message = "overflow"
        raise Failed(message)
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
                message = "division by zero"
                raise Failed(message)
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
