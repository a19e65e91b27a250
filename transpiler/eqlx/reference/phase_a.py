"""Phase A of spec §5 for the interpreter: what constants and nulls come to, from the spec alone.

The passes fold a query before targets see it; the interpreter does it here in its own way, top-down and
without rewriting values, so that the answer to a query *as lowered* is independent of every pass. Both
stand on `eqlx.meaning` for what EQL computes, and on nothing else in common.

Each condition is *settled* (true, false or null, whatever the event) or open. `in_phase_b` gives the
condition that is left for events to decide.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from functools import cache
from typing import assert_never

from eqlx.execution import Event
from eqlx.ir.nodes import (
    And,
    Arithmetic,
    Boolean,
    Call,
    Compare,
    Comparison,
    Condition,
    Constant,
    Decimal,
    EventQuery,
    Field,
    Filter,
    Instant,
    Integer,
    IsNull,
    Leaf,
    Like,
    Literal,
    Membership,
    Negation,
    NetworkMatch,
    Not,
    Null,
    Or,
    Query,
    RegexMatch,
    Sample,
    Sequence,
    Stage,
    Text,
    TextMatch,
    Truth,
    Value,
)
from eqlx.ir.types import FieldType
from eqlx.meaning.values import number_of, text_of, value_of
from eqlx.patterns.lucene import parse_lucene
from eqlx.patterns.regex import matches_everything
from eqlx.patterns.wildcard import Shape
from eqlx.reference.conditions import Failure, outcomes, truths
from eqlx.reference.documents import Document
from eqlx.target import EventModel


class ConstantFailure(Exception):  # noqa: N818  a state of one query, never shown to anyone
    """A constant expression fails, and Elasticsearch fails the request; no events are searched."""


class Open(Enum):
    """A condition that events decide."""

    OPEN = "open"


Settled = bool | Open | None
_NOTHING: Event = {}


def in_phase_b(query: Query) -> Query:
    """A query as lowered, with its fields resolved, as events are to be tested with it.

    Raises:
        ConstantFailure: a constant expression of it fails.
    """
    match query:
        case EventQuery():
            return replace(query, filter=_filter(query.filter))
        case Sequence():
            until = None if query.until is None else _stage(query.until)
            return replace(query, stages=_stages(query.stages), until=until)
        case Sample():
            return replace(query, stages=_stages(query.stages))
        case _:
            assert_never(query)


def _stages(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """All stages; none matches anything where one is empty (spec §5, §13.8)."""
    new = tuple(_stage(stage) for stage in stages)
    if all(stage.filter.condition != Constant(value=False) for stage in new):
        return new
    return tuple(
        replace(stage, filter=replace(stage.filter, condition=Constant(value=False)))
        for stage in new
    )


def _stage(stage: Stage) -> Stage:
    return replace(stage, filter=_filter(stage.filter))


def _filter(wanted: Filter) -> Filter:
    state = settled(wanted.condition)
    if isinstance(state, Open):
        return replace(wanted, condition=_left_open(wanted.condition))
    return replace(wanted, condition=Constant(state is True))


# --- what no event changes ----------------------------------------------------------------------


def settled(condition: Condition) -> Settled:
    """What a condition is for all events by its constants, or that it is open."""
    match condition:
        case And(conditions):
            states = [settled(part) for part in conditions]
            if any(state is False for state in states):
                return False
            if any(state is None for state in states):
                return None
            return Open.OPEN if Open.OPEN in states else True
        case Or(conditions):
            states = [settled(part) for part in conditions]
            if any(state is True for state in states):
                return True
            if Open.OPEN in states:  # `x or null` is `x`
                return Open.OPEN
            return None if any(state is None for state in states) else False
        case Not(inner):
            state = settled(inner)
            return (not state) if isinstance(state, bool) else state
        case Constant(value):
            return value
        case _:
            return _settled_leaf(condition)


def _settled_leaf(leaf: Leaf) -> Settled:
    if isinstance(leaf, Compare) and leaf.operator is Comparison.EQUAL:
        sides = leaf.left, leaf.right
        known = [side for side in sides if _is_constant(side)]
        if any(_constant(side) is None for side in known):
            # `e == null` asks whether `e` is null; that is known if both sides are.
            return Open.OPEN if len(known) < 2 else all(_constant(s) is None for s in sides)
    if isinstance(leaf, Membership) and all(isinstance(c, Null) for c in leaf.choices):
        return None
    if not all(map(_is_constant, _operands(leaf))):
        return Open.OPEN
    found = truths(_rebuilt(leaf), _no_document())
    if found[0] is Failure.FAILURE:
        raise ConstantFailure
    everything = isinstance(leaf, Like | RegexMatch) and _accepts_all(leaf)
    if everything and _constant(_operands(leaf)[0]) is not None:
        return True
    return found[0] if isinstance(found[0], bool) else None


def _operands(leaf: Leaf) -> tuple[Value, ...]:
    match leaf:
        case Compare(_, left, right):
            return (left, right)
        case TextMatch(_, value, text):
            return (value, text)
        case Membership() | Like() | RegexMatch() | NetworkMatch() | IsNull():
            return (leaf.value,)
        case _:
            assert_never(leaf)


def _is_constant(value: Value) -> bool:
    """Whether no event changes a value, and nothing but constants is in it (spec §13.12)."""
    match value:
        case Field():
            return False
        case Arithmetic(_, left, right):
            return _is_constant(left) and _is_constant(right)
        case Negation(inner):
            return _is_constant(inner)
        case Call(_, arguments):
            return all(map(_is_constant, arguments))
        case Truth(condition):
            return not isinstance(settled(condition), Open)
        case Text() | Integer() | Decimal() | Boolean() | Null() | Instant():
            return True
        case _:
            assert_never(value)


def _constant(value: Value) -> object:
    found = outcomes(_with_truths(value), _no_document())[0]
    if found is Failure.FAILURE:
        raise ConstantFailure
    return found


@cache
def _no_document() -> Document:
    return Document(0, _NOTHING, EventModel())


# --- what is left for events --------------------------------------------------------------------


def _left_open(condition: Condition) -> Condition:
    """An open condition without its settled parts."""
    match condition:
        case And(conditions) | Or(conditions):
            rest = tuple(_left_open(c) for c in conditions if isinstance(settled(c), Open))
            return rest[0] if len(rest) == 1 else type(condition)(rest)
        case Not(inner):
            return Not(_left_open(inner))
        case Constant():
            return condition
        case _:
            return _open_leaf(condition)


def _open_leaf(leaf: Leaf) -> Condition:
    match leaf:
        case Compare(Comparison.EQUAL, left, right):
            for side, other in ((left, right), (right, left)):
                if _is_constant(side) and _constant(side) is None:
                    return IsNull(_with_truths(other))
                if isinstance(other, Truth) and _is_constant(side):
                    # `condition == true`, `condition == false`: the condition is no value any more.
                    inner = _left_open(_of_its_own(other.condition))
                    return inner if _constant(side) is True else Not(inner)
        case Like() | RegexMatch() if _accepts_all(leaf):
            return Not(IsNull(_with_truths(leaf.value)))
        case _:
            pass
    return _stored(_rebuilt(leaf))


def _of_its_own(condition: Condition) -> Condition:
    """Patterns on fields as a leaf of its own has them: wildcards that cross lines, and Lucene's
    regular expressions (spec §4)."""
    match condition:
        case And(conditions) | Or(conditions):
            return type(condition)(tuple(map(_of_its_own, conditions)))
        case Not(inner):
            return Not(_of_its_own(inner))
        case Like(Field()):
            return replace(condition, crosses_lines=True)
        case RegexMatch(Field(), patterns):
            return replace(condition, patterns=tuple(parse_lucene(p.text) for p in patterns))
        case _:
            return condition


def _accepts_all(leaf: Like | RegexMatch) -> bool:
    """Spec §4, §13.19."""
    if isinstance(leaf, Like):
        return any(pattern.shape is Shape.ANYTHING for pattern in leaf.patterns)
    return any(matches_everything(pattern.root) for pattern in leaf.patterns)


def _rebuilt(leaf: Leaf) -> Leaf:
    match leaf:
        case Compare(_, left, right):
            return replace(leaf, left=_with_truths(left), right=_with_truths(right))
        case TextMatch(_, value, text):
            return replace(leaf, value=_with_truths(value), text=_with_truths(text))
        case Membership() | Like() | RegexMatch() | NetworkMatch() | IsNull():
            return replace(leaf, value=_with_truths(leaf.value))
        case _:
            assert_never(leaf)


def _with_truths(value: Value) -> Value:
    """A value with the conditions inside it settled as far as they are."""
    match value:
        case Truth(condition):
            state = settled(condition)
            if isinstance(state, Open):
                return Truth(_left_open(condition))
            return Null() if state is None else Boolean(state)
        case Arithmetic(_, left, right):
            return replace(value, left=_with_truths(left), right=_with_truths(right))
        case Negation(inner):
            return Negation(_with_truths(inner))
        case Call(_, arguments):
            return replace(value, arguments=tuple(map(_with_truths, arguments)))
        case _:
            return value


def _stored(leaf: Leaf) -> Leaf:
    """Constants beside a field as the field's mapping reads them (spec §2)."""
    match leaf:
        case Compare(_, Field() as field, right) if _is_constant(right):
            return replace(leaf, right=_as_stored(field.type, right))
        case Compare(_, left, Field() as field) if _is_constant(left):
            return replace(leaf, left=_as_stored(field.type, left))
        case Membership(Field() as field, choices):
            return replace(leaf, choices=tuple(_read(field.type, choice) for choice in choices))
        case _:
            return leaf


def _as_stored(kind: FieldType, value: Value) -> Value:
    if isinstance(value, Text | Integer | Decimal | Boolean):
        return _read(kind, value)
    return value


def _read(kind: FieldType, literal: Literal) -> Literal:
    value = value_of(literal)
    if value is None:
        return literal
    if kind in (FieldType.KEYWORD, FieldType.TEXT, FieldType.VERSION):
        return Text(text_of(value))
    if not isinstance(value, str):
        return literal
    if kind.is_number:
        number = number_of(value)
        if number is None:
            return literal
        return Integer(number) if isinstance(number, int) else Decimal(number)
    if kind is FieldType.BOOLEAN and value in ("true", "false"):
        return Boolean(value == "true")
    return literal
