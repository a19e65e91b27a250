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
)
from eqlx.ir.types import FieldType
from eqlx.meaning.arithmetic import calculate, negate
from eqlx.meaning.comparison import compare
from eqlx.meaning.functions import call
from eqlx.meaning.leaves import conjunction, disjunction, matches, opposite, text_match
from eqlx.meaning.values import Failed, Operand, identity, value_of
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
            return combined([truths(c, document) for c in conditions], conjunction)
        case Or(conditions):
            return combined([truths(c, document) for c in conditions], disjunction)
        case Not(inner):
            return combined([truths(inner, document)], opposite)
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
                lambda a, b: text_match(where, a, b, case),
            )
        case Membership() | Like() | RegexMatch() | NetworkMatch():
            return combined(
                [outcomes(condition.value, document)],
                lambda v: matches(condition, v),
            )
        case _:
            assert_never(condition)


# --- values -----------------------------------------------------------------------------------


def outcomes(value: Value, document: Document) -> Outcomes:
    """Every value that an expression can have over the choices of its fields' values."""
    match value:
        case Field():
            return document.values(value) or (None,)
        case Text() | Integer() | Decimal() | Boolean() | Null() | Instant():
            return (value_of(value),)
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
