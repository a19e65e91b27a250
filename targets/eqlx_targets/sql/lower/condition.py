"""Conditions as SQL: the two-valued model of spec §5 and §6 over SQL's three values.

A leaf that is NULL counts as false. `AND` and `OR` of such leaves are TRUE exactly where they should
be, so that NULL has to become FALSE only below a `NOT`: there, and nowhere else, stands
`coalesce(…, FALSE)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from eqlx.ir.features import Polarity
from eqlx.ir.nodes import (
    And,
    Case,
    Compare,
    Comparison,
    Condition,
    Constant,
    Field,
    IsNull,
    Leaf,
    Membership,
    Not,
    Or,
    Text,
)
from eqlx.ir.types import FieldType
from eqlx_targets.sql import expressions as sql
from eqlx_targets.sql.lower import addresses
from eqlx_targets.sql.lower.choices import Choices
from eqlx_targets.sql.lower.predicate import predicate
from eqlx_targets.sql.reading import Reading
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.words.vocabulary import word


def condition_sql(
    condition: Condition, scope: Scope, polarity: Polarity = Polarity.POSITIVE
) -> exp.Expr:
    """TRUE exactly for the events that meet the condition; FALSE or NULL for the others.

    Ready for a `WHERE`; wrap it in `expressions.two_valued` where NULL would do harm. `polarity` is
    that of the place in the query (`NEGATIVE` for `until` and missing events) and gives recorded
    drifts their direction. What cannot be expressed is an error in `scope.report`.
    """
    match condition:
        case And(conditions):
            return sql.conjunction([condition_sql(c, scope, polarity) for c in conditions])
        case Or(conditions):
            return sql.disjunction([condition_sql(c, scope, polarity) for c in conditions])
        case Not(inner):
            return _negated(inner, scope, polarity.flipped)
        case Constant(value):
            return exp.Boolean(this=value is True)
        case _:
            return _leaf(condition, scope, polarity)


def category_sql(category: str, scope: Scope) -> exp.Expr:
    """`category_field == category` (case-sensitive; NULL counts as false)."""
    name = scope.role(scope.model.category, FieldType.KEYWORD)
    return condition_sql(Compare(Comparison.EQUAL, name, Text(category)), scope)


def _negated(inner: Condition, scope: Scope, polarity: Polarity) -> exp.Expr:
    return sql.negation(sql.two_valued(condition_sql(inner, scope, polarity)))


def _leaf(leaf: Leaf, scope: Scope, polarity: Polarity) -> exp.Expr:
    choices = Choices(scope, leaf, polarity, three_valued)
    return _in_list(leaf, scope) or choices.close(predicate(leaf, choices))


def _in_list(leaf: Leaf, scope: Scope) -> exp.Expr | None:
    """The short forms for one list column: no value, an exact text.

    One of several texts is left to `list_filter`, which takes a third of the time of `&&`.
    """
    match leaf:
        case IsNull(Field() as field):
            reading = scope.read(field)
            if not reading.is_list:
                return None
            if field.type is FieldType.IP:
                return _no_address(reading)
            count = word("list_values", reading.expression)
            none = exp.Coalesce(this=count, expressions=[sql.whole(0)])
            return exp.EQ(this=none, expression=sql.whole(0))
        case Compare(Comparison.EQUAL, Field() as field, Text(text), Case.SENSITIVE) | Membership(
            Field() as field, (Text(text),), Case.SENSITIVE
        ):
            reading = scope.read(field)
            if not reading.is_list or not field.type.is_string or reading.converts:
                return None
            return word("list_has", reading.raw.copy(), sql.text(text))
        case _:
            return None


def _no_address(reading: Reading) -> exp.Expr:
    """A text that is no address is no value of an ip field."""
    variable = exp.to_identifier("v")
    valid = addresses.is_address(reading.element(variable.copy()))
    return sql.negation(sql.two_valued(sql.any_element(reading.raw.copy(), variable, valid)))


def three_valued(condition: Condition, choices: Choices) -> exp.Expr:
    """A condition as a value inside a leaf: NULL is a value here (spec §5)."""
    match condition:
        case And(conditions):
            return _evaluated(conditions, sql.conjunction, choices)
        case Or(conditions):
            return _evaluated(conditions, sql.disjunction, choices)
        case Not(inner):
            return sql.negation(three_valued(inner, choices))
        case Constant(value):
            return exp.Null() if value is None else exp.Boolean(this=value)
        case _:
            return predicate(condition, choices)


def _evaluated(
    conditions: Sequence[Condition],
    joined: Callable[[Sequence[exp.Expr]], exp.Expr],
    choices: Choices,
) -> exp.Expr:
    """Operands of `and`, `or` in a value, where Elasticsearch evaluates all of them: one that fails
    fails the whole (spec §5, §7), while SQL may stop at `TRUE OR …`. As the members of a list they
    are computed before they are joined."""
    before, choices.raises = choices.raises, False
    operands = [three_valued(c, choices) for c in conditions]
    fails, choices.raises = choices.raises, choices.raises or before
    if not fails:
        return joined(operands)
    operands = [sql.cast(o, "BOOLEAN") if isinstance(o, exp.Null) else o for o in operands]
    variable = choices.fresh("c")
    members = [sql.element(variable, place) for place in range(1, len(operands) + 1)]
    return sql.bind(exp.Array(expressions=operands), variable, joined(members))
