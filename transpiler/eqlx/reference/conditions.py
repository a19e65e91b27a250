"""Conditions and leaves over one document (spec §5 phase B, §6).

A leaf is true iff *some* choice of one stored value for each field occurrence makes it true. Field
occurrences choose independently of each other, so that the outcomes a value can have are those of
its parts in all combinations: `outcomes` computes just that set, with null and failure (§13.4) as
members of their own. Outside leaves everything is two-valued.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from itertools import product
from typing import assert_never

from eqlx.ir.nodes import (
    And,
    Arithmetic,
    Boolean,
    Call,
    Case,
    Compare,
    Condition,
    Constant,
    Decimal,
    Field,
    Filter,
    Instant,
    Integer,
    IsNull,
    Like,
    Literal,
    Membership,
    Negation,
    NetworkMatch,
    Not,
    Null,
    Or,
    RegexMatch,
    Text,
    TextMatch,
    Truth,
    Value,
    Where,
)
from eqlx.ir.types import FieldType
from eqlx.meaning.arithmetic import calculate, negate
from eqlx.meaning.comparison import compare, same, within
from eqlx.meaning.functions import call
from eqlx.meaning.matching import regex_matches, wildcard_matches
from eqlx.meaning.text import folded, units
from eqlx.meaning.values import Failed, Moment, Operand, identity
from eqlx.reference.documents import Document


class Failure(Enum):
    """What a choice of values comes to that makes Elasticsearch fail."""

    FAILURE = "failure"


Outcome = Operand | Failure
Outcomes = tuple[Outcome, ...]


def passes(wanted: Filter, document: Document) -> bool:
    """Whether a document is of the filter's category and meets its condition."""
    if wanted.category is not None:
        category = Field(document.model.category, type=FieldType.KEYWORD)
        if wanted.category not in document.values(category):
            return False
    return holds(wanted.condition, document)


def holds(condition: Condition, document: Document) -> bool:
    """The two-valued truth of a condition."""
    match condition:
        case And(conditions):
            return all(holds(c, document) for c in conditions)
        case Or(conditions):
            return any(holds(c, document) for c in conditions)
        case Not(inner):
            return not holds(inner, document)
        case Constant(value):
            return value is True
        case leaf:
            return any(outcome is True for outcome in truths(leaf, document))


# --- conditions inside leaves: three-valued -----------------------------------------------------


def truths(condition: Condition, document: Document) -> Outcomes:
    """What a condition can come to over all choices of values: true, false, null, failure."""
    match condition:
        case And(conditions):
            return combined([truths(c, document) for c in conditions], _conjunction)
        case Or(conditions):
            return combined([truths(c, document) for c in conditions], _disjunction)
        case Not(inner):
            return combined([truths(inner, document)], _opposite)
        case Constant(value):
            return (value,)
        case Compare(operator, left, right, case):
            return combined(
                [outcomes(left, document), outcomes(right, document)],
                lambda a, b: compare(operator, a, b, case),
            )
        case IsNull(value):
            return combined([outcomes(value, document)], lambda v: v is None)
        case TextMatch(where, value, text, case):
            return combined(
                [outcomes(value, document), outcomes(text, document)],
                lambda a, b: _text_match(where, a, b, case),
            )
        case Membership() | Like() | RegexMatch() | NetworkMatch():
            return combined(
                [outcomes(condition.value, document)],
                lambda v: None if v is None else _matches(condition, v),
            )
        case _:
            assert_never(condition)


def _conjunction(*operands: Operand) -> Operand:
    if any(o is False for o in operands):
        return False
    return None if any(o is None for o in operands) else True


def _disjunction(*operands: Operand) -> Operand:
    if any(o is True for o in operands):
        return True
    return None if any(o is None for o in operands) else False


def _opposite(operand: Operand) -> Operand:
    return None if operand is None else operand is not True


def _matches(leaf: Membership | Like | RegexMatch | NetworkMatch, value: Operand) -> bool:
    """A leaf that tests one value, which is not null."""
    insensitive = not isinstance(leaf, NetworkMatch) and leaf.case is Case.INSENSITIVE
    match leaf:
        case Membership(_, choices):
            operands = [literal(choice) for choice in choices]
            return any(
                same(value, o, leaf.case) for o in operands if o is not None and value is not None
            )
        case Like(_, patterns):
            text = _text(value)
            return any(
                wildcard_matches(p, text, insensitive=insensitive, crosses_lines=leaf.crosses_lines)
                for p in patterns
            )
        case RegexMatch(_, expressions):
            text = _text(value)
            return any(regex_matches(r, text, insensitive=insensitive) for r in expressions)
        case NetworkMatch(_, networks):
            return any(within(value, network) for network in networks)


def _text(value: Operand) -> str:
    if not isinstance(value, str):
        raise Failed
    return value


def _text_match(where: Where, value: Operand, text: Operand, case: Case) -> bool | None:
    """`startsWith`, `endsWith`, `stringContains`; the last is false on empty text (spec §7)."""
    if value is None or text is None:
        return None
    whole, part = units(_text(value)), units(_text(text))
    if case is Case.INSENSITIVE:
        whole, part = folded(whole), folded(part)
    match where:
        case Where.START:
            return whole.startswith(part)
        case Where.END:
            return whole.endswith(part)
        case Where.ANYWHERE:
            return bool(whole and part) and part in whole


# --- values -----------------------------------------------------------------------------------


def outcomes(value: Value, document: Document) -> Outcomes:
    """Every value that an expression can have over the choices of its fields' values."""
    match value:
        case Field():
            return document.values(value) or (None,)
        case Text() | Integer() | Decimal() | Boolean() | Null() | Instant():
            return (literal(value),)
        case Call(function, arguments, case):
            return combined(
                [outcomes(a, document) for a in arguments],
                lambda *chosen: call(function, chosen, case),
            )
        case Arithmetic(operator, left, right):
            return combined(
                [outcomes(left, document), outcomes(right, document)],
                lambda a, b: calculate(operator, a, b),
            )
        case Negation(inner):
            return combined([outcomes(inner, document)], negate)
        case Truth(condition):
            return truths(condition, document)
        case _:
            assert_never(value)


def literal(value: Literal) -> Operand:
    """The value that a literal stands for."""
    match value:
        case Null():
            return None
        case Instant(nanoseconds):
            return Moment(nanoseconds)
        case _:
            return value.value


def combined(parts: Sequence[Outcomes], function: Callable[..., Operand]) -> Outcomes:
    """The function over every combination of the parts' outcomes, each distinct outcome once.

    A combination that holds a failure fails, whatever the function would make of the rest:
    Elasticsearch evaluates all operands.
    """
    found: dict[object, Outcome] = {}
    for chosen in product(*parts):
        outcome: Outcome = Failure.FAILURE
        if not any(isinstance(operand, Failure) for operand in chosen):
            try:
                outcome = function(*chosen)
            except Failed:
                outcome = Failure.FAILURE
        # `1` and `1.0`, `0.0` and `-0.0` print and divide differently.
        match outcome:
            case Failure():
                key: object = outcome
            case float():
                key = (float, repr(outcome))
            case _:
                key = (type(outcome), identity(outcome))
        found.setdefault(key, outcome)
    return tuple(found.values())
