"""Arithmetic (spec §7): plain operators where nothing can go wrong, guards and functions elsewhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from eqlx.ir.nodes import Operator
from eqlx_targets.elasticsearch.painless.code import (
    FALSE,
    TRUE,
    Code,
    all_of,
    any_of,
    binary,
    minus,
)
from eqlx_targets.elasticsearch.painless.program import Program
from eqlx_targets.elasticsearch.painless.value import LONG, Kind, Value

_FUNCTIONS = {
    Operator.ADD: "add",
    Operator.SUBTRACT: "subtract",
    Operator.MULTIPLY: "multiply",
    Operator.DIVIDE: "divide",
    Operator.MODULO: "modulo",
}
_RESULTS = {
    Operator.ADD: "sum",
    Operator.SUBTRACT: "difference",
    Operator.MULTIPLY: "product",
    Operator.DIVIDE: "quotient",
    Operator.MODULO: "remainder",
}
_MIN = Code("Long.MIN_VALUE")


def calculated(program: Program, operator: Operator, left: Value, right: Value) -> Value:
    """`left operator right`; a choice of values for which it fails is left."""
    kinds = {left.kind, right.kind}
    nulls = tuple(dict.fromkeys(left.nulls + right.nulls))
    if kinds == {Kind.LONG}:
        return _whole(program, operator, left, right, nulls)
    if Kind.DOUBLE in kinds:
        return _double(operator, left, right, nulls)
    result = program.function(f"{_FUNCTIONS[operator]}Any", left.code, right.code)
    found = program.attempt(_RESULTS[operator], result, nulls)
    kind = Kind.ANY if Kind.ANY in kinds else Kind.NUMBER
    return Value(kind, found, "def", nulls, finite=False, nan=True)


def negative(program: Program, value: Value) -> Value:
    """Unary minus."""
    match value.kind:
        case Kind.LONG:
            if value.least == LONG[0]:
                program.guard(binary("==", value.as_long, _MIN), value.nulls)
            least, most = -value.most, min(-value.least, LONG[1])
            return Value(Kind.LONG, minus(value.as_long), "long", value.nulls, least, most)
        case Kind.DOUBLE:
            code = minus(value.as_double)
            return replace(value, code=code, java="double")
        case _:
            result = program.function("negateAny", value.code)
            found = program.attempt("opposite", result, value.nulls)
            return replace(value, code=found, java="def")


def _double(operator: Operator, left: Value, right: Value, nulls: tuple[Code, ...]) -> Value:
    """As Java's doubles, which never fail."""
    code = binary(operator.value, left.as_double, right.as_double)
    finite = left.finite and right.finite
    if operator in (Operator.DIVIDE, Operator.MODULO):
        nan = right.zero or not finite
        finite = operator is Operator.MODULO and not nan
        return Value(Kind.DOUBLE, code, "double", nulls, finite=finite, nan=nan)
    return Value(Kind.DOUBLE, code, "double", nulls, finite=False, nan=not finite)


def _whole(
    program: Program, operator: Operator, left: Value, right: Value, nulls: tuple[Code, ...]
) -> Value:
    a, b = left.as_long, right.as_long
    if operator in (Operator.DIVIDE, Operator.MODULO):
        program.guard(_undefined(operator, left, right), nulls)
        least, most = _quotients(operator, left, right)
        return Value(Kind.LONG, binary(operator.value, a, b), "long", nulls, least, most)
    least, most = _bounds(operator, left, right)
    if LONG[0] <= least and most <= LONG[1]:
        return Value(Kind.LONG, binary(operator.value, a, b), "long", nulls, least, most)
    result = program.function(_FUNCTIONS[operator], a, b)
    found = program.attempt(_RESULTS[operator], result, nulls)
    return Value(Kind.LONG, found, "def", nulls, max(least, LONG[0]), min(most, LONG[1]))


def _bounds(operator: Operator, left: Value, right: Value) -> tuple[int, int]:
    corners = [
        a + b if operator is Operator.ADD else a - b if operator is Operator.SUBTRACT else a * b
        for a, b in product((left.least, left.most), (right.least, right.most))
    ]
    return min(corners), max(corners)


def _undefined(operator: Operator, left: Value, right: Value) -> Code:
    """When a division fails: by zero, and where the least long over -1 is no long."""
    if right.least > 0 or right.most < 0:
        zero = FALSE
    else:
        zero = TRUE if right.least == right.most else binary("==", right.as_long, Code("0"))
    overflow = FALSE
    if operator is Operator.DIVIDE and left.least == LONG[0] and right.least <= -1 <= right.most:
        least = binary("==", left.as_long, _MIN)
        only = right.least == right.most
        overflow = least if only else all_of(least, binary("==", right.as_long, Code("-1")))
    return any_of(zero, overflow)


def _quotients(operator: Operator, left: Value, right: Value) -> tuple[int, int]:
    """Bounds of a quotient or remainder, not always the closest ones."""
    widest = max(abs(left.least), abs(left.most))
    if operator is Operator.MODULO:
        widest = min(widest, max(abs(right.least), abs(right.most)) - 1)
    least = 0 if left.least >= 0 and (operator is Operator.MODULO or right.least >= 0) else -widest
    return max(least, LONG[0]), min(widest, LONG[1])
