"""Necessary conditions: what an event must meet to meet a condition, in fewer fields.

A condition is two-valued over leaves (`eqlx.ir.nodes`), so that this needs no look at nulls, lists or
anything else inside a leaf: a leaf that reads other fields becomes true where it stands positively and
false below a `not`. By induction over the polarity, each event that meets the condition meets the
weaker one. The result is a condition again, which targets print and engines evaluate as any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from eqlx.ir.nodes import (
    And,
    Compare,
    Comparison,
    Condition,
    Constant,
    EventQuery,
    Field,
    Filter,
    IsNull,
    Like,
    Membership,
    NetworkMatch,
    Not,
    Or,
    Query,
    RegexMatch,
    Sample,
    Text,
    TextMatch,
)
from eqlx.ir.walk import walk

CLASS_FIELDS = (
    "host.os.type",
    "host.os.family",
    "event.type",
    "event.action",
    "event.dataset",
    "data_stream.dataset",
    "event.module",
    "event.provider",
    "event.code",
)
"""Fields of few values by which rules say what kind of event they are about, beside the category."""


def weaken(condition: Condition, known: Collection[str], *, positive: bool = True) -> Condition:
    """The strongest condition of this form that reads the fields `known` alone and that `condition`
    implies; with `positive` false, that implies `condition`.

        process.name == "a" and (host.os.type == "linux" or user.id == "0")
        known {process.name}  →  process.name == "a"
    """
    match condition:
        case And(parts):
            return _joined(And, [weaken(part, known, positive=positive) for part in parts])
        case Or(parts):
            return _joined(Or, [weaken(part, known, positive=positive) for part in parts])
        case Not(inner):
            weaker = weaken(inner, known, positive=not positive)
            if isinstance(weaker, Constant):
                return Constant(weaker.value is not True)
            return condition if weaker is inner else Not(weaker, span=condition.span)
        case Constant():
            return condition
        case _:
            return condition if fields_of(condition) <= set(known) else Constant(positive)


def _joined(kind: type[And | Or], parts: list[Condition]) -> Condition:
    """`And` or `Or` of the parts, without constants."""
    absorbing = kind is Or
    kept: list[Condition] = []
    for part in parts:
        if not isinstance(part, Constant):
            kept.append(part)
        elif (part.value is True) is absorbing:
            return Constant(absorbing)
    if not kept:
        return Constant(not absorbing)
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


def fields_of(condition: Condition) -> frozenset[str]:
    """The names of the fields that a condition reads."""
    return frozenset(node.name for node, _, _ in walk(condition) if isinstance(node, Field))


@dataclass(frozen=True, slots=True)
class Unit:
    """A filter of a query as one condition, its category included. `required`: no match is without
    an event that meets it; otherwise such events end or forbid matches."""

    condition: Condition
    required: bool


def units(query: Query, category: Field) -> Iterator[Unit]:
    """The filters of a query, in order of writing; `category` is the field of the category.

    An event that meets none of them has no part in any match, nor does it keep one away.
    """
    if isinstance(query, EventQuery):
        yield Unit(whole(query.filter, category), required=True)
        return
    for stage in query.stages:
        yield Unit(whole(stage.filter, category), required=not stage.missing)
    if not isinstance(query, Sample) and query.until is not None:
        yield Unit(whole(query.until.filter, category), required=False)


def whole(wanted: Filter, category: Field) -> Condition:
    """A filter's condition with its category as the first part."""
    if wanted.category is None:
        return wanted.condition
    same = Compare(Comparison.EQUAL, category, Text(wanted.category), span=wanted.span)
    rest = conjuncts(wanted.condition)
    return And((same, *rest)) if rest else same


def conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that all must hold; none for `true`."""
    if condition == Constant(value=True):
        return ()
    return condition.conditions if isinstance(condition, And) else (condition,)


def cost(condition: Condition, lists: Collection[str]) -> int:
    """How much work the condition is, roughly, for ordering: equality < choice < prefix < pattern <
    regular expression < network; ten times as much where a field of `lists` is read."""
    match condition:
        case And(parts) | Or(parts):
            return sum(cost(part, lists) for part in parts)
        case Not(inner):
            return cost(inner, lists)
        case Constant():
            return 0
        case Compare() | IsNull():
            own = 1
        case Membership():
            own = 2
        case TextMatch():
            own = 4
        case Like(_, patterns):
            own = 4 + 2 * len(patterns)
        case RegexMatch(_, patterns):
            own = 10 + 5 * len(patterns)
        case NetworkMatch(_, networks):
            own = 20 + 5 * len(networks)
    return own * (10 if fields_of(condition) & set(lists) else 1)
