"""Number arithmetic and comparison as Elasticsearch computes them (spec §7 "Arithmetic").

Whole numbers are 64 bits and exact: overflow and division by zero fail (the leaf does not match,
spec §13.4). A double operand makes the operation a double's.
"""

from __future__ import annotations

import math

from sqlglot import exp

from eqlx.ir.nodes import Comparison, Operator
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower.kinds import Kind, Typed
from eqlx_targets.sql.words.vocabulary import word

COMPARISONS: dict[Comparison, type[exp.Binary]] = {
    Comparison.EQUAL: exp.EQ,
    Comparison.LESS: exp.LT,
    Comparison.LESS_OR_EQUAL: exp.LTE,
    Comparison.GREATER: exp.GT,
    Comparison.GREATER_OR_EQUAL: exp.GTE,
}
_OF_DOUBLES: dict[Comparison, str] = {
    Comparison.EQUAL: "double_equal",
    Comparison.LESS: "double_less",
    Comparison.LESS_OR_EQUAL: "double_less_or_equal",
    Comparison.GREATER: "double_greater",
    Comparison.GREATER_OR_EQUAL: "double_greater_or_equal",
}
_ABOVE = frozenset({Comparison.GREATER, Comparison.GREATER_OR_EQUAL})
"""What not-a-number does to a literal."""
EXACT_IN_DOUBLE = 2**53


def compare_doubles(operator: Comparison, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Two doubles of which one is computed, so that it may be not-a-number (spec §7)."""
    return word(_OF_DOUBLES[operator], sql.operand(left), sql.operand(right))


def compare_number(operator: Comparison, left: Typed, right: float, *, nulls: bool) -> exp.Expr:
    """A number against a literal, exactly where `left` is a whole number (a stored one or a result);
    a computed whole number against a double goes through double (spec §7). `nulls`: whether a null must
    stay null."""
    kind = COMPARISONS[operator]
    if left.computed and left.kind in (Kind.DOUBLE, Kind.NUMBER) and operator in _ABOVE:

        def against(literal: exp.Expr) -> exp.Expr:
            return compare_doubles(operator, left.expression, literal)
    else:

        def against(literal: exp.Expr) -> exp.Expr:
            return sql.compare(kind, left.expression, literal)

    if isinstance(right, int):
        rounded = against(sql.whole(right))
        if abs(right) < EXACT_IN_DOUBLE or left.exact is None or left.whole_if is None:
            return rounded
        # Only here can a whole number beyond 2^53, rounded to a double, change sides.
        exact = exp.If(
            this=left.whole_if.copy(), true=sql.compare(kind, left.exact(), sql.whole(right))
        )
        return exp.Case(ifs=[exact], default=rounded)
    if not left.kind.is_whole:
        return against(sql.double(right))
    if left.computed:
        return sql.compare(kind, sql.cast(left.expression, "DOUBLE"), sql.double(right))
    return _whole_against_double(operator, left.expression, right, nulls=nulls)


def _whole_against_double(
    operator: Comparison, left: exp.Expr, right: float, *, nulls: bool
) -> exp.Expr:
    """A stored whole number: the bound moves to the next whole number on its own side."""
    if math.isnan(right) or (math.isinf(right) and right > 0):
        always = operator in (Comparison.LESS, Comparison.LESS_OR_EQUAL)
        return sql.negation(sql.is_null(left)) if always else sql.never(left, nulls=nulls)
    if math.isinf(right):
        always = operator in (Comparison.GREATER, Comparison.GREATER_OR_EQUAL)
        return sql.negation(sql.is_null(left)) if always else sql.never(left, nulls=nulls)
    if right == int(right):
        return sql.compare(COMPARISONS[operator], left, sql.whole(int(right)))
    match operator:
        case Comparison.EQUAL:
            return sql.never(left, nulls=nulls)
        case Comparison.LESS | Comparison.LESS_OR_EQUAL:
            return sql.compare(exp.LTE, left, sql.whole(math.floor(right)))
        case Comparison.GREATER | Comparison.GREATER_OR_EQUAL:
            return sql.compare(exp.GTE, left, sql.whole(math.ceil(right)))


def arithmetic(operator: Operator, left: Typed, right: Typed) -> Typed:
    """One operation; whoever calls marks the leaf as one that can fail."""
    if Kind.NUMBER in (left.kind, right.kind) and Kind.DOUBLE not in (left.kind, right.kind):
        return _dynamic(operator, left, right)
    if left.kind.is_whole and right.kind.is_whole:
        return _whole(operator, left, right)
    return Typed(_double(operator, left.expression, right.expression), Kind.DOUBLE, computed=True)


def _whole(operator: Operator, left: Typed, right: Typed) -> Typed:
    kind = Kind.UNSIGNED if Kind.UNSIGNED in (left.kind, right.kind) else Kind.LONG
    width = "HUGEINT" if kind is Kind.UNSIGNED else "BIGINT"
    operands = [sql.wrapped(_as(operand, width)) for operand in (left, right)]
    result: exp.Expr
    if kind is Kind.UNSIGNED and operator in _WIDE:
        result = _WIDE[operator](this=operands[0], expression=operands[1])
    else:
        result = word(_CHECKED[operator], *operands)
    if kind is Kind.UNSIGNED:
        result = _in_range(result, operands)
    return Typed(result, kind, computed=True)


_WIDE: dict[Operator, type[exp.Binary]] = {
    Operator.ADD: exp.Add,
    Operator.SUBTRACT: exp.Sub,
    Operator.MULTIPLY: exp.Mul,
}
"""Of numbers so wide that nothing overflows."""
_CHECKED = {
    Operator.ADD: "number_add",
    Operator.SUBTRACT: "number_subtract",
    Operator.MULTIPLY: "number_multiply",
    Operator.DIVIDE: "number_divide",
    Operator.MODULO: "number_modulo",
}

_RANGE = """
CASE WHEN $small THEN CAST(CAST($x AS BIGINT) AS HUGEINT)
ELSE CAST(CAST($x AS UBIGINT) AS HUGEINT) END
"""
_SMALL = "$n <= 9223372036854775807"


def _in_range(result: exp.Expr, operands: list[exp.Expr]) -> exp.Expr:
    """A result of long operands must be a long; with a larger operand, an unsigned long."""
    small = sql.conjunction([sql.fill(_SMALL, n=operand) for operand in operands])
    return sql.fill(_RANGE, small=small, x=result)


def _as(operand: Typed, width: str) -> exp.Expr:
    """A stored column may be narrower than 64 bits, where it would overflow too early."""
    if width == "BIGINT" and (operand.computed or operand.width == "BIGINT"):
        return operand.expression
    return sql.cast(operand.expression, width)


def _double(operator: Operator, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    operands = {"this": _as_double(left), "expression": _as_double(right)}
    match operator:
        case Operator.ADD:
            return exp.Add(**operands)
        case Operator.SUBTRACT:
            return exp.Sub(**operands)
        case Operator.MULTIPLY:
            return exp.Mul(**operands)
        case Operator.DIVIDE:
            return word("double_divide", *operands.values())
        case Operator.MODULO:
            return word("double_modulo", *operands.values())


def _as_double(value: exp.Expr) -> exp.Expr:
    """As a double; a literal in decimal notation would otherwise be a DECIMAL."""
    if isinstance(value, exp.Cast) and value.to.this is exp.DataType.Type.DOUBLE:
        return value
    return sql.cast(value, "DOUBLE")


def _dynamic(operator: Operator, left: Typed, right: Typed) -> Typed:
    """With a `number(…)`, whole or not by its text: doubles, but division truncates whole numbers
    and fails on zero, as `%` does."""
    result = _double(operator, left.expression, right.expression)
    both = [t.whole_if for t in (left, right) if t.whole_if is not None]
    if operator in (Operator.DIVIDE, Operator.MODULO) and both:
        whole = _whole(
            operator,
            Typed(sql.cast(left.expression.copy(), "BIGINT"), Kind.LONG, computed=True),
            Typed(sql.cast(right.expression.copy(), "BIGINT"), Kind.LONG, computed=True),
        )
        branch = exp.If(
            this=sql.conjunction([b.copy() for b in both]), true=_as_double(whole.expression)
        )
        result = exp.Case(ifs=[branch], default=result)
    condition = sql.conjunction([b.copy() for b in both]) if both else None
    return Typed(result, Kind.NUMBER, computed=True, whole_if=condition)


def negated(operand: Typed) -> Typed:
    """Unary minus, failing on the one whole number that has no opposite."""
    value = operand.expression
    result: exp.Expr
    if operand.kind.is_whole:
        value = _as(operand, "HUGEINT" if operand.kind is Kind.UNSIGNED else "BIGINT")
    if operand.kind is Kind.UNSIGNED:
        result = _in_range(exp.Neg(this=sql.wrapped(value)), [value])
    elif operand.kind.is_whole:
        result = word("number_negative", sql.wrapped(value))
    else:
        result = exp.Neg(this=sql.wrapped(value))
    return Typed(result, operand.kind, computed=True, whole_if=operand.whole_if)
