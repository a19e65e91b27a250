"""A leaf for one choice of values: the predicate, three-valued as SQL is."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from sqlglot import exp

from eqlx.diagnostics.catalogue.target import inexpressible
from eqlx.ir.nodes import (
    Boolean,
    Call,
    Case,
    Compare,
    Comparison,
    Decimal,
    Field,
    Function,
    Instant,
    Integer,
    IsNull,
    Leaf,
    Like,
    Literal,
    Membership,
    NetworkMatch,
    Null,
    RegexMatch,
    Text,
    TextMatch,
    Value,
    Where,
)
from eqlx.ir.walk import LITERALS
from eqlx.patterns.network import Network, NetworkError
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower import addresses, network, numbers, text, versions
from eqlx_targets.sql.lower.choices import Choices
from eqlx_targets.sql.lower.kinds import Kind, Typed
from eqlx_targets.sql.lower.letters import folded
from eqlx_targets.sql.lower.values import instant, value_sql


def predicate(leaf: Leaf, choices: Choices) -> exp.Expr:
    """The leaf with every field occurrence read once from `choices`."""
    match leaf:
        case Compare(operator, left, right, case):
            if isinstance(right, LITERALS):
                value = _tried(value_sql(left, choices), leaf, choices)
                return compare_literal(operator, value, right, case, choices)
            return _compare_values(operator, left, right, case, choices)
        case Membership(value, literals, case):
            return _membership(value_sql(value, choices), literals, case, choices)
        case Like(value, patterns, case, lines):
            typed = value_sql(value, choices)
            return text.like_any(typed.expression, patterns, case, choices, lines=lines)
        case RegexMatch():
            return _regex(leaf, choices)
        case NetworkMatch(value, networks):
            return network.in_networks(value_sql(value, choices).expression, networks)
        case TextMatch(where, value, wanted, case):
            return _text_match(where, value, wanted, case, choices)
        case IsNull(value):
            return _is_null(value, choices)
        case _:
            assert_never(leaf)


def _tried(value: Typed, leaf: Leaf, choices: Choices) -> Typed:
    """`TRY` close about what can fail, where the leaf is not part of another: DuckDB then cannot
    move a constant of `a + 1 > 0` to the other side, past an overflow."""
    if not choices.raises or leaf is not choices.leaf:
        return value
    choices.raises = False
    exact = value.exact
    return replace(
        value,
        expression=choices.attempt(value.expression),
        exact=None if exact is None else lambda: choices.attempt(exact()),
    )


def compare_literal(
    operator: Comparison, left: Typed, right: Literal, case: Case, choices: Choices
) -> exp.Expr:
    """A value against a literal; kinds that cannot be compared fail, so they do not match."""
    kind = numbers.COMPARISONS[operator]
    match left.kind, right:
        case (_, Null()):
            return exp.Null()
        case (Kind.TEXT, Text(wanted)):
            if operator is Comparison.EQUAL:
                return text.equal_any(left.expression, [wanted], case, choices)
            return sql.compare(kind, left.expression, sql.text(wanted))
        case (Kind.LONG | Kind.UNSIGNED | Kind.DOUBLE | Kind.NUMBER, Integer(number)):
            return numbers.compare_number(operator, left, number, nulls=choices.nulls)
        case (Kind.LONG | Kind.UNSIGNED | Kind.DOUBLE | Kind.NUMBER, Decimal(number)):
            return numbers.compare_number(operator, left, number, nulls=choices.nulls)
        case (Kind.BOOLEAN, Boolean(truth)):
            return sql.compare(kind, left.expression, exp.Boolean(this=truth))
        case (Kind.DATE, Instant(nanoseconds)):
            return _compare_instant(operator, left, nanoseconds, nulls=choices.nulls)
        case (Kind.IP, Text(wanted)):
            return _compare_address(operator, left, wanted)
        case (Kind.VERSION, Text(wanted)):
            if operator is Comparison.EQUAL:
                return sql.compare(kind, left.expression, sql.text(wanted))
            key = sql.text(versions.version_key_of(wanted))
            return sql.compare(kind, versions.version_key(left.expression), key)
        case _:
            choices.scope.losses.assume("values of kinds that cannot be compared do not match")
            return exp.false()


def _compare_instant(
    operator: Comparison, left: Typed, nanoseconds: int, *, nulls: bool
) -> exp.Expr:
    """Exact: a column of microseconds against nanoseconds has its bound moved."""
    kind = numbers.COMPARISONS[operator]
    if left.width == "TIMESTAMP_NS":
        return sql.compare(kind, left.expression, instant(nanoseconds, "TIMESTAMP_NS"))
    floor = nanoseconds - nanoseconds % 1000
    if floor != nanoseconds:
        if operator is Comparison.EQUAL:
            return sql.never(left.expression, nulls=nulls)
        below = operator in (Comparison.LESS, Comparison.LESS_OR_EQUAL)
        kind = exp.LTE if below else exp.GT
    return sql.compare(kind, left.expression, instant(floor))


def _compare_address(operator: Comparison, left: Typed, wanted: str) -> exp.Expr:
    try:
        block = Network.parse(wanted)
    except NetworkError:
        return exp.false()
    if operator is Comparison.EQUAL:
        return network.in_networks(left.expression, [block])
    key = sql.text(addresses.hex_digits(block.first))
    kind = numbers.COMPARISONS[operator]
    return sql.compare(kind, addresses.address_key(left.expression), key)


def _compare_values(
    operator: Comparison, left: Value, right: Value, case: Case, choices: Choices
) -> exp.Expr:
    """Two computed values (inside a condition used as a value)."""
    a, b = value_sql(left, choices), value_sql(right, choices)
    kind = numbers.COMPARISONS[operator]
    if (a.kind.is_number and b.kind.is_number) or a.kind is b.kind:
        x, y = a.expression, b.expression
        if a.kind is Kind.TEXT and case.folding is not None:
            known = [v.value for v in (left, right) if isinstance(v, Text)] or None
            x, y = (folded(side, case.folding, known) for side in (x, y))
        if a.kind is Kind.IP:
            x, y = addresses.address_key(x), addresses.address_key(y)
        if a.kind is Kind.VERSION and operator is not Comparison.EQUAL:
            x, y = versions.version_key(x), versions.version_key(y)
        if a.kind.is_whole != b.kind.is_whole:
            x, y = sql.cast(x, "DOUBLE"), sql.cast(y, "DOUBLE")
        if any(side.computed and side.kind in (Kind.DOUBLE, Kind.NUMBER) for side in (a, b)):
            return numbers.compare_doubles(operator, x, y)
        return sql.compare(kind, x, y)
    if Kind.NULL in (a.kind, b.kind):
        return exp.Null()
    choices.scope.losses.assume("values of kinds that cannot be compared do not match")
    return exp.false()


def _membership(
    value: Typed, literals: tuple[Literal, ...], case: Case, choices: Choices
) -> exp.Expr:
    texts = [choice.value for choice in literals if isinstance(choice, Text)]
    if value.kind is Kind.TEXT and len(texts) == len(literals):
        return text.equal_any(value.expression, texts, case, choices)
    numbers_ = [c.value for c in literals if isinstance(c, Integer)]
    if value.kind.is_number and value.exact is None and len(numbers_) == len(literals):
        return sql.one_of(value.expression, [sql.whole(number) for number in numbers_])
    if value.kind is Kind.IP and len(texts) == len(literals):
        blocks = [Network.parse(address) for address in texts]
        return network.in_networks(value.expression, blocks)
    tests = []
    for choice in literals:
        if not isinstance(choice, Null):
            copy = replace(value, expression=value.expression.copy())
            tests.append(compare_literal(Comparison.EQUAL, copy, choice, case, choices))
    return sql.disjunction(tests) if tests else exp.false()


def _regex(leaf: RegexMatch, choices: Choices) -> exp.Expr:
    from eqlx.patterns.regex_printer import Inexpressible, to_re2

    typed = value_sql(leaf.value, choices)
    bodies = []
    for pattern in leaf.patterns:
        try:
            bodies.append(to_re2(pattern, leaf.case.folding))
        except Inexpressible as error:
            what = f"the regular expression `{pattern.text}`"
            choices.scope.report.add(inexpressible("sql", what, str(error), leaf.span))
    return sql.full_match(typed.expression, "|".join(bodies))


def _text_match(
    where: Where, value: Value, wanted: Value, case: Case, choices: Choices
) -> exp.Expr:
    typed = value_sql(value, choices)
    if isinstance(wanted, Text):
        if not wanted.value and where is Where.ANYWHERE:
            present = exp.Not(this=sql.is_null(typed.expression))
            unless_null = exp.Case(ifs=[exp.If(this=present, true=exp.false())])
            return unless_null if choices.nulls else exp.false()
        return text.located(typed.expression, where, wanted.value, case, choices)
    part = value_sql(wanted, choices).expression
    whole = typed.expression
    if case.folding is not None:
        known = [value.value] if isinstance(value, Text) else None
        whole, part = (folded(side, case.folding, known) for side in (whole, part))
    found = text.located_sql(whole, where, part)
    if where is not Where.ANYWHERE:
        return found
    if choices.nulls:
        # An AND would say false of a null text and an empty part.
        empty = sql.compare(exp.EQ, part.copy(), sql.text(""))
        return sql.compare(exp.NEQ, found, empty)
    return sql.conjunction([sql.compare(exp.NEQ, part.copy(), sql.text("")), found])


def _is_null(value: Value, choices: Choices) -> exp.Expr:
    match value:
        case Call(Function.INDEX_OF, (Field() as whole, Text(wanted)), case) if wanted:
            # Null where the text does not contain the other: no position is needed.
            typed = value_sql(whole, choices)
            found = text.located(typed.expression, Where.ANYWHERE, wanted, case, choices)
            return sql.negation(sql.two_valued(found))
        case _:
            pass
    typed = value_sql(value, choices)
    if typed.kind is Kind.IP and isinstance(value, Field):
        return sql.negation(sql.two_valued(addresses.is_address(typed.expression)))
    if choices.raises:
        # Bound, since DuckDB turns `(a * b) IS NULL` into tests of the parts and skips their errors.
        variable = choices.fresh("n")
        return sql.bind(typed.expression, variable, sql.is_null(variable.copy()))
    return sql.is_null(typed.expression)
