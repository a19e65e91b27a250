"""Conditions taken apart and put together: texts of a leaf, constants folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from eqlx.ir import nodes as ir
from eqlx.patterns.folding import fold
from eqlx.patterns.wildcard import Wild, Wildcard
from eqlx.source import Span

_PIECES = {Wild.ANY_RUN: ".*", Wild.ANY_ONE: "."}
_SOME_TEXT = Wildcard((Wild.ANY_ONE, Wild.ANY_RUN))
NOT_EMPTY = "a field of text that is there is not empty"
"""What `present` assumes of the fields that it asks for."""


def field_of(condition: ir.Condition) -> str | None:
    """The field that a leaf is about; None for other conditions and for computed values."""
    match condition:
        case ir.Compare(left=ir.Field(name)):
            return name
        case (
            ir.Membership(value=ir.Field(name))
            | ir.Like(value=ir.Field(name))
            | ir.RegexMatch(value=ir.Field(name))
            | ir.NetworkMatch(value=ir.Field(name))
            | ir.TextMatch(value=ir.Field(name))
            | ir.IsNull(value=ir.Field(name))
        ):
            return name
        case _:
            return None


def texts(leaf: ir.Condition) -> tuple[tuple[Wildcard, ...], ir.Case] | None:
    """A leaf on text as patterns of which any may match; None for leaves of another sort."""
    match leaf:
        case ir.Compare(ir.Comparison.EQUAL, ir.Field(), ir.Text(text), case):
            return (literally(text),), case
        case ir.Membership(ir.Field(), choices, case):
            found = tuple(literally(c.value) for c in choices if isinstance(c, ir.Text))
            return (found, case) if len(found) == len(choices) else None
        case ir.Like(ir.Field(), patterns, case):
            return patterns, case
        case ir.TextMatch(where, ir.Field(), ir.Text(text), case) if text:
            start = () if where is ir.Where.START else (Wild.ANY_RUN,)
            end = () if where is ir.Where.END else (Wild.ANY_RUN,)
            return (Wildcard((*start, text, *end)),), case
        case _:
            return None


def texts_of_choices(leaf: ir.Leaf) -> tuple[tuple[str, ...], ir.Case] | None:
    """The texts that a value, computed or not, is compared with, and how; None where one of them is a
    pattern, or the leaf is of another sort."""
    match leaf:
        case ir.Compare(ir.Comparison.EQUAL, _, ir.Text(text), case):
            return (text,), case
        case ir.Membership(_, choices, case):
            found = tuple(c.value for c in choices if isinstance(c, ir.Text))
            return (found, case) if len(found) == len(choices) else None
        case ir.Like(_, patterns, case):
            plain = all(isinstance(piece, str) for p in patterns for piece in p.pieces)
            return (tuple(p.literal for p in patterns), case) if plain else None
        case _:
            return None


def bounds(operator: ir.Comparison, value: int) -> tuple[int, int | None]:
    """The least and the greatest whole number from 0 on for which a comparison holds; None where
    there is no greatest."""
    return {
        ir.Comparison.EQUAL: (value, value),
        ir.Comparison.LESS: (0, value - 1),
        ir.Comparison.LESS_OR_EQUAL: (0, value),
        ir.Comparison.GREATER: (value + 1, None),
        ir.Comparison.GREATER_OR_EQUAL: (value, None),
    }[operator]


def literally(text: str) -> Wildcard:
    """A pattern for exactly `text`, whose `*` and `?` are no wildcards."""
    return Wildcard((text,) if text else ())


def matches(pattern: Wildcard, value: str, case: ir.Case) -> bool:
    """Whether a value matches a pattern, its letters compared by the case mode."""
    folding = case.folding
    body = "".join(
        re.escape(p if folding is None else fold(p, folding)) if isinstance(p, str) else _PIECES[p]
        for p in pattern.pieces
    )
    found = re.fullmatch(body, value if folding is None else fold(value, folding), re.DOTALL)
    return found is not None


def negated(condition: ir.Condition, span: Span) -> ir.Condition:
    match condition:
        case ir.Constant(value):
            return ir.Constant(not value, span=span)
        case ir.Not(inner):
            return inner
        case _:
            return ir.Not(condition, span=span)


def united(conditions: Sequence[ir.Condition]) -> ir.Condition:
    """Any of the conditions (one or more), less those that ask for all of another one and more."""
    asked = [frozenset(conjuncts(condition)) for condition in conditions]
    kept = [
        condition
        for place, (condition, own) in enumerate(zip(conditions, asked, strict=True))
        if not any(other < own or (other == own and at < place) for at, other in enumerate(asked))
    ]
    return simplified(ir.Or(tuple(kept), span=conditions[0].span))


def conjuncts(condition: ir.Condition) -> tuple[ir.Condition, ...]:
    return condition.conditions if isinstance(condition, ir.And) else (condition,)


def asked_for(condition: ir.Condition) -> Iterator[str]:
    """Fields that have a value wherever the condition holds, by a conjunct that tests it."""
    for conjunct in conjuncts(condition):
        name = field_of(conjunct)
        if name is not None and not isinstance(conjunct, ir.IsNull):
            yield name


def without_needless_nulls(condition: ir.Condition) -> ir.Condition:
    """The condition less `f != null` where another conjunct asks for a value of `f`."""
    asked = set(asked_for(condition))
    kept = tuple(c for c in conjuncts(condition) if not (_has_value(c) & asked))
    return simplified(ir.And(kept, span=condition.span)) if kept else condition


def present(field: ir.Field, span: Span) -> ir.Condition:
    """That a field has a value, as most back ends can ask it: text by `?*`, a number that is not
    negative by `gte`, anything else by `not null`.

    Two back ends refuse null, one inverts `not null`, and one has no null for text; `*` alone is always
    true in Kusto and an empty query in Carbon Black; `exists` is refused by EQL, QRadar and LogScale.
    """
    asked = replace(field, optional=False)
    if field.type.is_string:
        return ir.Like(asked, (_SOME_TEXT,), ir.Case.INSENSITIVE, span=span)
    if field.type.is_integer:
        return ir.Compare(ir.Comparison.GREATER_OR_EQUAL, asked, ir.Integer(0), span=span)
    return ir.Not(ir.IsNull(asked, span=span), span=span)


def with_values(condition: ir.Condition) -> ir.Condition:
    """The condition with `f != null` on text asked by `present`."""
    match condition:
        case ir.Not(ir.IsNull(ir.Field() as field)) if field.type.is_string:
            return present(field, condition.span)
        case ir.Not(ir.Or(conditions)) if any(isinstance(c, ir.IsNull) for c in conditions):
            outside = tuple(ir.Not(c, span=condition.span) for c in conditions if _is_missing(c))
            inside = tuple(c for c in conditions if not _is_missing(c))
            if not outside:
                return condition
            rest = (negated(simplified(ir.Or(inside, span=condition.span)), condition.span),)
            return with_values(ir.And((*(rest if inside else ()), *outside), span=condition.span))
        case ir.Not(inner):
            return ir.Not(with_values(inner), span=condition.span)
        case ir.And(conditions) | ir.Or(conditions):
            parts = tuple(map(with_values, conditions))
            return simplified(replace(condition, conditions=parts))
        case _:
            return condition


def _is_missing(condition: ir.Condition) -> bool:
    match condition:
        case ir.IsNull(ir.Field() as field):
            return field.type.is_string
        case _:
            return False


def _has_value(condition: ir.Condition) -> set[str]:
    match condition:
        case ir.Not(ir.IsNull(ir.Field(name))):
            return {name}
        case _:
            return set()


def simplified(condition: ir.Condition) -> ir.Condition:
    """`And` and `Or` without constants, repetitions and nesting in their own kind; one level."""
    match condition:
        case ir.And(conditions) | ir.Or(conditions):
            kind = ir.And if isinstance(condition, ir.And) else ir.Or
            neutral = isinstance(condition, ir.And)
            kept: dict[ir.Condition, None] = {}
            for child in conditions:
                if child == ir.Constant(not neutral):
                    return child
                if child != ir.Constant(neutral):
                    parts = child.conditions if isinstance(child, kind) else (child,)
                    kept.update(dict.fromkeys(parts))
            if not kept:
                return ir.Constant(neutral, span=condition.span)
            found = tuple(kept)
            return found[0] if len(found) == 1 else kind(found, span=condition.span)
        case (
            ir.Not() | ir.Constant() | ir.Compare() | ir.Membership() | ir.Like()
            | ir.RegexMatch() | ir.NetworkMatch() | ir.TextMatch() | ir.IsNull()
        ):  # fmt: skip
            return condition
        case _:
            assert_never(condition)
