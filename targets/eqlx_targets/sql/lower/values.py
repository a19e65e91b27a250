"""Values inside a leaf as SQL: fields, literals, arithmetic, functions, conditions as values.

Everything is three-valued here, as in SQL: null in, null out (spec §7), but where a function says
otherwise. What can fail at run time says so on the `Choices`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from sqlglot import exp

from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir.nodes import (
    Arithmetic,
    Boolean,
    Call,
    Case,
    Decimal,
    Field,
    Function,
    Instant,
    Integer,
    Negation,
    Null,
    Operator,
    Text,
    Truth,
    Value,
)
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower import functions, numbers
from eqlx_targets.sql.lower.addresses import address_text
from eqlx_targets.sql.lower.choices import Choices
from eqlx_targets.sql.lower.kinds import Kind, Typed, kind_of
from eqlx_targets.sql.lower.letters import folded
from eqlx_targets.sql.words.vocabulary import word

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - timestamps here have no zone: they are UTC


def value_sql(value: Value, choices: Choices) -> Typed:
    """A value as an expression, with its kind."""
    match value:
        case Field():
            width = choices.scope.read(value).converted_type
            return Typed(choices.read(value), kind_of(value.type), width)
        case Text(text):
            return Typed(sql.text(text), Kind.TEXT, computed=True)
        case Integer(number):
            kind = Kind.LONG if number < 2**63 else Kind.UNSIGNED
            return Typed(sql.whole(number), kind, computed=True)
        case Decimal(number):
            return Typed(sql.cast(sql.double(number), "DOUBLE"), Kind.DOUBLE, computed=True)
        case Boolean(truth):
            return Typed(exp.Boolean(this=truth), Kind.BOOLEAN)
        case Null():
            return Typed(exp.Null(), Kind.NULL)
        case Instant(nanoseconds):
            return Typed(instant(nanoseconds), Kind.DATE)
        case Arithmetic(operator, left, right):
            choices.raises = choices.raises or _can_fail(value)
            choices.fails |= _can_fail(value) and not _is_small(value)
            operands = value_sql(left, choices), value_sql(right, choices)
            if operator in _REORDERED and any(_is_chained(operator, v) for v in (left, right)):
                return _rounded(_in_order(operator, *operands, choices), choices)
            result = numbers.arithmetic(operator, *operands)
            return _rounded(result, choices)
        case Negation(inner):
            choices.raises = choices.fails = True
            return _rounded(numbers.negated(value_sql(inner, choices)), choices)
        case Call():
            return _call(value, choices)
        case Truth(condition):
            return Typed(choices.evaluate(condition, choices), Kind.BOOLEAN, computed=True)
        case _:
            assert_never(value)


_REORDERED = (Operator.ADD, Operator.MULTIPLY)
"""Operators whose chains DuckDB's optimiser puts into another order, its constants first."""


def _is_chained(operator: Operator, value: Value) -> bool:
    return isinstance(value, Arithmetic) and value.operator is operator


def _in_order(operator: Operator, left: Typed, right: Typed, choices: Choices) -> Typed:
    """A chain as written, since in another order it may fail, or not fail, on other values: whole
    numbers overflow. Each operand that is an operation of the same kind is bound to a variable."""
    if not (left.kind.is_whole and right.kind.is_whole):
        return numbers.arithmetic(operator, left, right)
    a, b = choices.fresh("a"), choices.fresh("b")
    named = replace(left, expression=a), replace(right, expression=b)
    result = numbers.arithmetic(operator, *named)
    inner = sql.bind(right.expression, b, result.expression)
    return replace(result, expression=sql.bind(left.expression, a, inner))


def _can_fail(value: Arithmetic) -> bool:
    """Division of a stored number by a constant above zero cannot; all else may."""
    if value.operator not in (Operator.DIVIDE, Operator.MODULO):
        return True
    divisor = value.right.value if isinstance(value.right, Integer) else 0
    return not (isinstance(value.left, Field) and divisor > 0)


def _is_small(value: Value) -> bool:
    """Whether a value is a length or a position, or a sum of few of them: far from 64 bits."""
    match value:
        case Call(Function.LENGTH | Function.INDEX_OF):
            return True
        case Integer(number):
            return abs(number) < 2**32
        case Arithmetic(Operator.ADD | Operator.SUBTRACT, left, right):
            return _is_small(left) and _is_small(right)
        case _:
            return False


def _rounded(result: Typed, choices: Choices) -> Typed:
    """Arithmetic over `number(…)` is a double's in SQL, where Elasticsearch has 64 bits."""
    if result.kind is Kind.NUMBER:
        choices.scope.losses.assume(
            "arithmetic on number(…) stays within 2^53: SQL computes it in doubles"
        )
    return result


def instant(nanoseconds: int, kind: str = "TIMESTAMP") -> exp.Expr:
    """A point in time as a timestamp literal; whole microseconds unless `kind` is TIMESTAMP_NS."""
    microseconds, rest = divmod(nanoseconds, 1000)
    moment = (EPOCH + timedelta(microseconds=microseconds)).isoformat(sep=" ")
    if rest:
        moment = f"{moment}{'' if '.' in moment else '.000000'}{rest:03d}"
    return sql.cast(sql.text(moment), kind)


def _call(call: Call, choices: Choices) -> Typed:
    arguments = [value_sql(argument, choices) for argument in call.arguments]
    match call.function:
        case Function.LENGTH:
            value = _once(_text(arguments[0]), choices, functions.length)
            return Typed(value, Kind.LONG, computed=True)
        case Function.CONCAT:
            joined = sql.wrapped(string_of(arguments[0], choices))
            for argument in arguments[1:]:
                text = sql.wrapped(string_of(argument, choices))
                joined = exp.DPipe(this=joined, expression=text, safe=True)
            return Typed(joined, Kind.TEXT, computed=True)
        case Function.STRING:
            return Typed(string_of(arguments[0], choices), Kind.TEXT, computed=True)
        case Function.SUBSTRING:
            return Typed(_substring(arguments, choices), Kind.TEXT, computed=True)
        case Function.INDEX_OF:
            return Typed(_index_of(arguments, call.case, choices), Kind.LONG, computed=True)
        case Function.BETWEEN:
            return Typed(_between(arguments, call.case, choices), Kind.TEXT, computed=True)
        case Function.NUMBER:
            return _number(call, arguments, choices)
        case _:
            assert_never(call.function)


def _once(
    value: exp.Expr,
    choices: Choices,
    body: Callable[[exp.Expr], exp.Expr],
) -> exp.Expr:
    """`body(value)`, with `value` bound to a variable where it is more than a name or a literal."""
    if isinstance(value, (exp.Column, exp.Identifier, exp.Literal, exp.Null)):
        return body(value)
    variable = choices.fresh("s")
    return sql.bind(value, variable, body(variable.copy()))


def _text(typed: Typed) -> exp.Expr:
    """A text operand; the type check of the passes lets no other kind come here but null."""
    return typed.expression


def string_of(typed: Typed, choices: Choices) -> exp.Expr:
    """The value's Java string form (spec §7 `string`)."""
    value = typed.expression
    match typed.kind:
        case Kind.TEXT | Kind.VERSION:
            return value
        case Kind.IP:
            return address_text(value)
        case Kind.BOOLEAN:
            return word("truth_text", value)
        case Kind.LONG | Kind.UNSIGNED | Kind.NULL:
            return sql.cast(value, "VARCHAR")
        case Kind.DOUBLE:
            return _once(sql.cast(value, "DOUBLE"), choices, functions.java_double)
        case Kind.NUMBER:
            whole = typed.exact() if typed.exact else sql.cast(value.copy(), "BIGINT")
            whole = sql.cast(whole, "VARCHAR")
            if typed.whole_if is None:
                return whole
            broken = _once(value, choices, functions.java_double)
            return exp.Case(ifs=[exp.If(this=typed.whole_if.copy(), true=whole)], default=broken)
        case Kind.DATE:
            return _once(value, choices, functions.iso_date)
        case _:
            assert_never(typed.kind)


def _substring(arguments: list[Typed], choices: Choices) -> exp.Expr:
    choices.raises = True
    value, start, *rest = (argument.expression for argument in arguments)

    if isinstance(start, exp.Null):
        return value

    def with_units(text: exp.Expr, units: exp.Expr) -> exp.Expr:
        length = word("text_length", units.copy())
        last: exp.Expr = length
        if rest and not isinstance(rest[0], exp.Null):
            end = exp.Coalesce(this=rest[0].copy(), expressions=[length])
            if _whole_number(rest[0]) is not None:
                last = _clamped(end, units)
            else:
                given = choices.fresh("e")
                last = sql.bind(end, given, functions.clamped(given, units))
        a, b = choices.fresh("p"), choices.fresh("q")
        piece = functions.piece(text, a, b, units)
        return sql.bind(_clamped(start.copy(), units), a, sql.bind(last, b, piece))

    def with_text(text: exp.Expr) -> exp.Expr:
        variable = choices.fresh("u")
        exact = sql.bind(functions.units(text.copy()), variable, with_units(text, variable))
        first, last = _whole_number(start), _whole_number(rest[0]) if rest else None
        if first is None or (rest and last is None) or not _is_plain(first, last):
            return exact
        plain = functions.constant_piece(text.copy(), first, last)
        astral = exp.If(this=functions.has_astral(text.copy()), true=exact)
        return exp.Case(ifs=[astral], default=plain)

    piece = _once(value, choices, with_text)
    if isinstance(start, exp.Literal | exp.Neg):
        return piece
    # A null start gives the whole text, whatever the end (spec §7).
    return exp.Case(ifs=[exp.If(this=sql.is_null(start.copy()), true=value.copy())], default=piece)


def _whole_number(value: exp.Expr) -> int | None:
    """The number that a literal says."""
    if isinstance(value, exp.Neg):
        inner = _whole_number(value.this)
        return None if inner is None else -inner
    if isinstance(value, exp.Literal) and not value.is_string:
        return int(value.this)
    return None


def _is_plain(start: int, end: int | None) -> bool:
    """Whether a slice needs no more than one or two functions of SQL."""
    return end is None or (start >= 0 and (end < 0 or end > start))


def _clamped(position: exp.Expr, units: exp.Expr) -> exp.Expr:
    """A Python slice position: negative ones count from the end, both ends clamp."""
    length = word("text_length", units.copy())
    literal = position.this if isinstance(position, exp.Coalesce) else position
    if isinstance(literal, exp.Literal):
        if literal.this == "0":
            return literal
        return exp.Least(this=literal, expressions=[length], ignore_nulls=True)
    if isinstance(literal, exp.Neg) and isinstance(literal.this, exp.Literal):
        back = exp.Sub(this=length, expression=literal.this)
        return exp.Greatest(this=back, expressions=[sql.whole(0)], ignore_nulls=True)
    return functions.clamped(sql.wrapped(position), units)


def _index_of(arguments: list[Typed], case: Case, choices: Choices) -> exp.Expr:
    value, wanted, *rest = (argument.expression for argument in arguments)
    if case.folding is not None:
        known = [wanted.this] if isinstance(wanted, exp.Literal) else None
        value, wanted = (folded(side, case.folding, known) for side in (value, wanted))
    if not rest:
        return _once(
            value,
            choices,
            lambda text: _once(wanted, choices, lambda part: functions.index_from_0(text, part)),
        )
    start = functions.not_negative(rest[0])
    begin = choices.fresh("p")
    wanted = functions.units(wanted)
    return _once(
        functions.units(value),
        choices,
        lambda text: _once(
            wanted,
            choices,
            lambda part: sql.bind(start, begin, functions.index_of(text, part, begin)),
        ),
    )


def _between(arguments: list[Typed], case: Case, choices: Choices) -> exp.Expr:
    value, left, right, *rest = (argument.expression for argument in arguments)
    choices.raises = choices.fails = True

    def with_all(text: exp.Expr, first: exp.Expr, last: exp.Expr) -> exp.Expr:
        as_compared = (text, first, last)
        if case.folding is not None:
            literals = [part.this for part in (first, last) if isinstance(part, exp.Literal)]
            known = literals if len(literals) == 2 else None
            as_compared = (
                folded(text, case.folding, known),
                folded(first, case.folding, known),
                folded(last, case.folding, known),
            )
        lazy = functions.between(text, first, last, as_compared, greedy=False)
        if not rest:
            return lazy
        greedy = functions.between(text, first, last, as_compared, greedy=True)
        if isinstance(rest[0], exp.Boolean):
            return greedy if rest[0].this else lazy
        return exp.Case(
            ifs=[exp.If(this=rest[0], true=greedy)],
            default=exp.Case(ifs=[exp.If(this=sql.negation(rest[0].copy()), true=lazy)]),
        )

    def unless_null(text: exp.Expr, first: exp.Expr, last: exp.Expr) -> exp.Expr:
        given = [part for part in (first, last, *rest) if _may_be_null(part)]
        return functions.failing_on_null(text, given, with_all(text, first, last))

    return _once(
        value,
        choices,
        lambda s: _once(
            left, choices, lambda a: _once(right, choices, lambda b: unless_null(s, a, b))
        ),
    )


def _may_be_null(value: exp.Expr) -> bool:
    return not isinstance(value, exp.Literal | exp.Boolean)


def _number(call: Call, arguments: list[Typed], choices: Choices) -> Typed:
    choices.raises = choices.fails = True
    value, *rest = (argument.expression for argument in arguments)
    if rest and not isinstance(call.arguments[1], (Integer, Null)):
        reason = "the base of `number` must be written as a number"
        choices.scope.report.add(inexpressible("sql", "a computed base", reason, call.span))
        return Typed(exp.Null(), Kind.NUMBER, computed=True)
    base = call.arguments[1].value if rest and isinstance(call.arguments[1], Integer) else None
    if base is not None and not 2 <= base <= 36:
        fails = exp.DPipe(this=sql.text("no base: "), expression=sql.wrapped(value), safe=True)
        return Typed(word("failure_double", fails), Kind.NUMBER, computed=True)
    if base not in (None, 10):
        result = _once(value, choices, lambda s: functions.in_base(s, base or 16))
        as_double = sql.cast(result, "DOUBLE")
        return Typed(as_double, Kind.NUMBER, computed=True, whole_if=exp.true(), exact=result.copy)
    prefixed = base is None
    result = _once(value, choices, lambda s: functions.number(s, prefixed=prefixed))
    whole = _once(value.copy(), choices, lambda s: functions.is_whole(s, prefixed=prefixed))

    def exact() -> exp.Expr:
        return _once(value.copy(), choices, lambda s: functions.exact_number(s, prefixed=prefixed))

    return Typed(result, Kind.NUMBER, computed=True, whole_if=whole, exact=exact)
