"""Conditions with what each of their clauses came to for one document, as EQL, for explanations.

The tree is the two-valued one of spec §5: `and`, `or`, `not` over leaves. Nothing is judged here that
`conditions` does not judge: a clause's truth is asked there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from eqlx.ir.nodes import (
    And,
    Call,
    Compare,
    Condition,
    Constant,
    Field,
    Filter,
    IsNull,
    Like,
    Membership,
    NetworkMatch,
    Not,
    Or,
    RegexMatch,
    TextMatch,
    Value,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import walk
from eqlx.meaning.values import Scalar, published
from eqlx.passes.surface import to_expression, value_to_expression
from eqlx.reference.conditions import Failure, holds, outcomes, truths
from eqlx.reference.documents import Document
from eqlx.source import Span
from eqlx.syntax.printer import print_category, print_expression, print_string

Shown = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a field, or a computed expression, came to: no values where it is missing (or null)."""

    name: str
    values: tuple[Shown, ...]
    fails: bool = False
    """Whether some choice of values fails, as Elasticsearch would (spec §13.4)."""


@dataclass(frozen=True)
class Clause:
    """A clause as EQL, whether it was true, and why: its `parts`, or for a leaf the `readings`.

    `word` is `and`, `or`, `not` or `leaf`; the category is a leaf too.
    """

    text: str
    truth: bool
    word: str
    span: Span
    readings: tuple[Reading, ...] = ()
    parts: tuple[Clause, ...] = ()

    def deciding(self) -> Clause:
        """Without the parts that made no difference: the true ones of a false `and`, the false ones
        of a true `or`."""
        match self.word:
            case "and" | "or":
                decisive = self.truth is (self.word == "or")
                kept = [p for p in self.parts if p.truth is self.truth] if decisive else self.parts
                parts = tuple(part.deciding() for part in kept)
                if len(parts) == 1:
                    return parts[0]
                return Clause(self.text, self.truth, self.word, self.span, (), parts)
            case "not":
                parts = tuple(part.deciding() for part in self.parts)
                return Clause(self.text, self.truth, self.word, self.span, (), parts)
            case _:
                return self

    def leaves(self) -> Iterator[Clause]:
        """The leaves, in order."""
        if self.word == "leaf":
            yield self
        for part in self.parts:
            yield from part.leaves()


def trace(wanted: Filter, document: Document) -> Clause:
    """The clauses of a filter, its category first."""
    condition = trace_condition(wanted.condition, document)
    if wanted.category is None:
        return condition
    category = _category(wanted, document)
    same = condition.parts if condition.word == "and" else (condition,)
    truth = category.truth and condition.truth
    text = f"{print_category(wanted.category)} where {condition.text}"
    return Clause(text, truth, "and", wanted.span, (), (category, *same))


def trace_condition(condition: Condition, document: Document) -> Clause:
    """The clauses of a condition. `not` directly on a leaf is one clause, as `!=` reads."""
    text, truth = print_expression(to_expression(condition)), holds(condition, document)
    match condition:
        case And(conditions) | Or(conditions):
            word = "and" if isinstance(condition, And) else "or"
            parts = tuple(trace_condition(part, document) for part in conditions)
            return Clause(text, truth, word, condition.span, (), parts)
        case Not(And() | Or() | Not() as inner):
            return Clause(
                text, truth, "not", condition.span, (), (trace_condition(inner, document),)
            )
        case Constant() | Not(Constant()):
            return Clause(text, truth, "leaf", condition.span)
        case Not(inner):
            return Clause(text, truth, "leaf", condition.span, _readings(inner, document))
        case leaf:
            return Clause(text, truth, "leaf", leaf.span, _readings(leaf, document))


def _category(wanted: Filter, document: Document) -> Clause:
    field = Field(document.model.category, type=FieldType.KEYWORD)
    values = document.values(field)
    text = f"{field.name} == {print_string(wanted.category or '')}"
    reading = Reading(field.name, _shown(values))
    return Clause(text, wanted.category in values, "leaf", wanted.span, (reading,))


def _readings(leaf: Condition, document: Document) -> tuple[Reading, ...]:
    """The leaf's fields, and the values that it computes from them."""
    found: dict[str, Reading] = {}
    for node, _, _ in walk(leaf):
        if isinstance(node, Field):
            found.setdefault(node.name, Reading(node.name, _shown(document.values(node))))
    for value in _operands(leaf):
        if isinstance(value, Call) or (not isinstance(value, Field) and _has_field(value)):
            reading = _computed(value, document)
            found.setdefault(reading.name, reading)
    fails = Failure.FAILURE in (truths(leaf, document) if not isinstance(leaf, And | Or) else ())
    if fails and not any(reading.fails for reading in found.values()):
        found["(the clause)"] = Reading("(the clause)", (), fails=True)
    return tuple(found.values())


def _has_field(value: Value) -> bool:
    return any(isinstance(node, Field) for node, _, _ in walk(value))


def _operands(leaf: Condition) -> tuple[Value, ...]:
    match leaf:
        case Compare():
            return (leaf.left, leaf.right)
        case TextMatch():
            return (leaf.value, leaf.text)
        case Membership() | Like() | RegexMatch() | NetworkMatch() | IsNull():
            return (leaf.value,)
        case And() | Or() | Not() | Constant():
            return ()
        case _:
            assert_never(leaf)


def _computed(value: Value, document: Document) -> Reading:
    found = outcomes(value, document)
    shown = [_plain(one) for one in found if not isinstance(one, Failure)]
    name = print_expression(value_to_expression(value))
    values = tuple(one for one in shown if one is not None)
    return Reading(name, values, fails=Failure.FAILURE in found)


def _plain(value: Scalar | None) -> Shown:
    return published(value)


def _shown(values: tuple[Scalar, ...]) -> tuple[Shown, ...]:
    return tuple(published(value) for value in values)
