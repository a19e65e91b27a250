"""Constructors for the SQL expressions that the lowering uses, shaped as sqlglot's parser shapes them.

That last point matters: emitted text is parsed again and must give the same tree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

from sqlglot import exp

from eqlx_targets.sql.words.templates import filled, parsed
from eqlx_targets.sql.words.vocabulary import word

TRUE = exp.true()
FALSE = exp.false()


def text(value: str) -> exp.Expr:
    """A text literal; the printer quotes it."""
    return exp.Literal.string(value)


def whole(value: int) -> exp.Expr:
    """A whole number."""
    number = exp.Literal.number(abs(value))
    return exp.Neg(this=number) if value < 0 else number


def double(value: float) -> exp.Expr:
    """A double, exactly. Up to 15 digits a plain decimal converts without error."""
    if not math.isfinite(value):
        return exp.cast(text(str(value)), "DOUBLE")
    plain = repr(abs(value))
    if "e" in plain or sum(c.isdigit() for c in plain) > 15:
        mantissa, _, exponent = plain.partition("e")
        plain = f"{mantissa}e{int(exponent or 0)}"
    number = exp.Literal(this=plain, is_string=False)
    return exp.Neg(this=number) if math.copysign(1, value) < 0 else number


def cast(value: exp.Expr, kind: str) -> exp.Expr:
    """`CAST(value AS kind)`; raises at run time where it cannot."""
    return exp.Cast(this=value, to=data_type(kind).copy())


def try_cast(value: exp.Expr, kind: str) -> exp.Expr:
    """`TRY_CAST(value AS kind)`; NULL where it cannot."""
    return exp.TryCast(this=value, to=data_type(kind).copy(), safe=True)


@cache
def data_type(kind: str) -> exp.DataType:
    """A type by its name in DuckDB. One tree a name: copy it before it goes into another."""
    return exp.DataType.build(kind, dialect="duckdb")


_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe)
_OPERATORS = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.AtTimeZone)
_TIGHT = (exp.Dot, exp.Paren, exp.JSONExtract, exp.JSONExtractScalar)


_MATCHES = frozenset({"regex_full", "regex_search", "regex_search_with"})
"""Operations that are operators on many engines (`x RLIKE p`, `x ~ p`)."""


def wrapped(value: exp.Expr) -> exp.Expr:
    """In parentheses where the expression is an operator."""
    if isinstance(value, exp.Neg) and isinstance(value.this, exp.Literal):
        return value
    if isinstance(value, _OPERATORS) and not isinstance(value, _TIGHT):
        return exp.Paren(this=value)
    if isinstance(value, exp.Anonymous) and value.name in _MATCHES:
        return exp.Paren(this=value)
    return value


def operand(value: exp.Expr) -> exp.Expr:
    """As the operand of a comparison, which arithmetic binds more tightly than."""
    return value if isinstance(value, _ARITHMETIC) else wrapped(value)


def compare(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """A comparison with its operands in parentheses where they need them."""
    return kind(this=operand(left), expression=operand(right))


def never(value: exp.Expr, *, nulls: bool) -> exp.Expr:
    """A comparison that no value meets: false, and NULL for NULL where `nulls` count."""
    return compare(exp.NEQ, value, value.copy()) if nulls else exp.false()


def conjunction(parts: Sequence[exp.Expr]) -> exp.Expr:
    """`a AND b AND …`, left-deep as the parser builds it."""
    return _joined(exp.And, parts, exp.Or)


def disjunction(parts: Sequence[exp.Expr]) -> exp.Expr:
    """`a OR b OR …`."""
    return _joined(exp.Or, parts, exp.And)


def _joined(
    kind: type[exp.Connector], parts: Sequence[exp.Expr], other: type[exp.Connector]
) -> exp.Expr:
    """Operands of the other connector get parentheses for the reader's sake."""
    operands = [exp.Paren(this=p) if isinstance(p, other) else p for p in _flat(kind, parts)]
    joined: exp.Expr = operands[0]
    for operand in operands[1:]:
        joined = kind(this=joined, expression=operand)
    return joined


def _flat(kind: type[exp.Connector], parts: Sequence[exp.Expr]) -> list[exp.Expr]:
    flat: list[exp.Expr] = []
    for part in parts:
        flat += list(part.flatten(unnest=False)) if isinstance(part, kind) else [part]
    return flat


def negation(condition: exp.Expr) -> exp.Expr:
    """`NOT condition`; two in a row cancel out."""
    if isinstance(condition, exp.Not):
        inner: exp.Expr = condition.this
        return inner.unnest()
    if isinstance(condition, exp.Is):
        return exp.Not(this=condition)
    return exp.Not(this=wrapped(condition))


def is_null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=wrapped(value), expression=exp.Null())


def two_valued(condition: exp.Expr) -> exp.Expr:
    """NULL becomes false."""
    if never_null(condition):
        return condition
    return exp.Coalesce(this=condition, expressions=[exp.false()])


def never_null(condition: exp.Expr) -> bool:
    """Whether the condition is certainly TRUE or FALSE, seen from its form."""
    match condition:
        case exp.Paren() | exp.Not():
            return never_null(condition.this)
        case exp.And() | exp.Or():
            return all(never_null(part) for part in condition.flatten())
        case exp.Is():
            return isinstance(condition.expression, exp.Null)
        case exp.Coalesce():
            return bool(condition.expressions) and isinstance(
                condition.expressions[-1], exp.Boolean
            )
        case _:
            return isinstance(condition, (exp.Boolean, exp.NullSafeEQ, exp.NullSafeNEQ))


def one_of(value: exp.Expr, choices: Sequence[exp.Expr]) -> exp.Expr:
    """`value = a`, or `value IN (a, b)`."""
    if len(choices) == 1:
        return compare(exp.EQ, value, choices[0])
    return exp.In(this=operand(value), expressions=list(choices))


def lambda_(variable: exp.Identifier, body: exp.Expr) -> exp.Expr:
    return exp.Lambda(this=body, expressions=[variable.copy()])


def any_element(values: exp.Expr, variable: exp.Identifier, condition: exp.Expr) -> exp.Expr:
    """Whether some element of a list makes `condition` true (NULL for a NULL list)."""
    return word("list_any", values, lambda_(variable, condition))


def full_match(value: exp.Expr, pattern: str) -> exp.Expr:
    """RE2 over the whole value."""
    return word("regex_full", value, text(pattern))


def search(value: exp.Expr, pattern: str, options: str = "") -> exp.Expr:
    """RE2 anywhere in the value."""
    if options:
        return word("regex_search_with", value, text(pattern), text(options))
    return word("regex_search", value, text(pattern))


def bind(value: exp.Expr, variable: exp.Identifier, body: exp.Expr) -> exp.Expr:
    """`body` with `variable` standing for `value`, which is computed once."""
    return word("let", value, lambda_(variable, body))


def element(values: exp.Expr, index: int) -> exp.Expr:
    """`values[index]`, counted from 1."""
    return exp.Bracket(this=values.copy(), expressions=[exp.Literal.number(index)], offset=1)


def fill(template: str, **parts: exp.Expr) -> exp.Expr:
    """A fixed SQL text in the vocabulary's words (a constant of this package, never made from input)
    with each `$name` replaced by a tree.

    >>> fill("coalesce($x, 0)", x=text("a")).sql()
    "COALESCE('a', 0)"
    """
    return filled(parsed(template, "duckdb"), parts)
