"""Leaves that come to the same for every event, though they hold a field (spec §5 B, §13.12).

    process.pid + null > 3                  false: the leaf's value is null for every event
    concat(process.name, null) == null      true
    process.pid < 1 / 0.0                   process.pid != null: every stored number is below Infinity

Constant folding leaves these alone, since not every operand is a constant. They are false or true, not
null, so that `not` turns them round. Inside a value a null leaf stays: it is three-valued there.
"""

from __future__ import annotations

import math
from typing import cast

from eqlx.ir.functions import OnNull, of
from eqlx.ir.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Comparison,
    Condition,
    Constant,
    Decimal,
    Field,
    IsNull,
    Membership,
    Negation,
    Not,
    Null,
    Or,
    Value,
)
from eqlx.ir.walk import LITERALS, Node, children, map_children

_ATOMS = (Field, *LITERALS)


def decided(condition: Condition) -> Condition:
    """`condition` with the leaves that are decided replaced; itself where there is none."""
    return cast("Condition", _decide(condition))


def _decide(node: Node) -> Node:
    match node:
        case And() | Or() | Not():
            return map_children(node, _decide)
        case Constant():
            return node
        case IsNull():
            return _is_null(node)
        case Compare(left=Field(), right=Decimal(number)) if not math.isfinite(number):
            return _beyond_all(node, number)
        case Membership():
            return _finite(node)
        case _:
            if any(_comes_to_null(cast("Value", value)) for value in children(node)):
                return Constant(value=False, span=cast("Condition", node).span)
            return node


def _is_null(node: IsNull) -> Condition:
    """`value == null`, where a null operand decides it. One that may fail on others is left."""
    value = node.value
    if not _comes_to_null(value):
        return node
    if isinstance(value, Call):
        for index, argument in enumerate(value.arguments):
            if isinstance(argument, Null):
                if of(value.function).parameter(index).on_null is OnNull.FAILS:
                    break
                return Constant(value=True, span=node.span)
            if not isinstance(argument, _ATOMS):
                return node
        # The null argument fails, unless an earlier one is null: for a field, where it is missing.
        return IsNull(value.arguments[0], span=node.span)
    plain = all(isinstance(operand, _ATOMS) for operand in children(value))
    return Constant(value=True, span=node.span) if plain else node


def _comes_to_null(value: Value) -> bool:
    """Whether a value is null, or fails, for every event."""
    match value:
        case Null():
            return True
        case Arithmetic(_, left, right):
            return _comes_to_null(left) or _comes_to_null(right)
        case Negation(inner):
            return _comes_to_null(inner)
        case Call(function, arguments):
            parameter = of(function).parameter
            return any(
                _comes_to_null(argument) and parameter(index).on_null is not OnNull.DEFAULT
                for index, argument in enumerate(arguments)
            )
        case _:
            return False


def _beyond_all(node: Compare, number: float) -> Condition:
    """A stored number, which is finite, against Infinity or NaN, which sorts above all (spec §7)."""
    below = math.isnan(number) or number > 0
    matching = (
        {Comparison.LESS, Comparison.LESS_OR_EQUAL}
        if below
        else {Comparison.GREATER, Comparison.GREATER_OR_EQUAL}
    )
    if node.operator not in matching:
        return Constant(value=False, span=node.span)
    return Not(IsNull(node.left, span=node.span), span=node.span)


def _finite(node: Membership) -> Condition:
    """A list with Infinity or NaN: no field holds them; a computed value is compared apart."""
    if _comes_to_null(node.value):
        return Constant(value=False, span=node.span)
    apart = [c for c in node.choices if isinstance(c, Decimal) and not math.isfinite(c.value)]
    if not apart:
        return node
    rest = tuple(c for c in node.choices if all(c is not other for other in apart))
    parts: list[Condition] = []
    if rest:
        parts.append(Membership(node.value, rest, node.case, span=node.span))
    if not isinstance(node.value, Field):
        parts += [
            Compare(Comparison.EQUAL, node.value, choice, node.case, span=node.span)
            for choice in apart
        ]
    if not parts:
        return Constant(value=False, span=node.span)
    return parts[0] if len(parts) == 1 else Or(tuple(parts), span=node.span)
