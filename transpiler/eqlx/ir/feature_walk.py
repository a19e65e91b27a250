"""Which node of a query has which feature, where, and at which polarity.

A feature inside a `Truth` (a condition as a value) is given at both polarities: whether it holds
may count for or against the whole there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from eqlx.ir.features import Feature, Polarity
from eqlx.ir.functions import of
from eqlx.ir.kinds import type_of
from eqlx.ir.nodes import (
    And,
    Arithmetic,
    Call,
    Case,
    Compare,
    Comparison,
    Condition,
    Constant,
    End,
    EventQuery,
    Field,
    Filter,
    IsNull,
    Leaf,
    Like,
    Limit,
    Membership,
    Negation,
    NetworkMatch,
    Not,
    Or,
    Query,
    RegexMatch,
    Sample,
    Sequence,
    Stage,
    TextMatch,
    Truth,
    Value,
)
from eqlx.ir.types import FieldType
from eqlx.ir.walk import LEAVES, children, walk
from eqlx.patterns.regex import (
    Alternation,
    AnyString,
    Complement,
    Concatenation,
    Intersection,
    Interval,
    Nothing,
    RegexNode,
    Repetition,
)
from eqlx.source import Span

Occurrence = tuple[Feature, Span, Polarity]


def features(query: Query) -> Iterator[Occurrence]:
    """Every occurrence of a feature in `query`, in order of writing; a leaf's are given once."""
    match query:
        case EventQuery():
            pass
        case Sequence():
            yield from _sequence(query)
        case Sample():
            yield Feature.SAMPLE, query.span, Polarity.POSITIVE
            yield from _keys(query.stages)
        case _:
            assert_never(query)
    # Nodes inside a leaf are `_leaf`'s business; `walk` gives them too, and they are passed over.
    for node, polarity, leaf in walk(query):
        match node:
            case Filter():
                yield from _filter(node, polarity)
            case And():
                yield from _at(Feature.CONJUNCTION, node.span, polarity, leaf)
            case Or():
                yield from _at(Feature.DISJUNCTION, node.span, polarity, leaf)
            case Not():
                yield from _at(Feature.NEGATION, node.span, polarity, leaf)
            case Limit():
                feature = Feature.HEAD if node.end is End.HEAD else Feature.TAIL
                yield feature, node.span, polarity
            case Stage() if node.missing:
                yield Feature.MISSING_EVENT, node.span, polarity
            case _:
                if leaf is not None and node is leaf:
                    yield from _leaf(leaf, polarity)


def _at(
    feature: Feature, span: Span, polarity: Polarity, leaf: Leaf | None
) -> Iterator[Occurrence]:
    if leaf is None:
        yield feature, span, polarity


def _filter(node: Filter, polarity: Polarity) -> Iterator[Occurrence]:
    if node.category is not None:
        yield Feature.CATEGORY, node.span, polarity
    if isinstance(node.condition, Constant):
        feature = Feature.MATCH_ALL if node.condition.value else Feature.MATCH_NONE
        yield feature, node.condition.span, polarity


# --- sequences and samples --------------------------------------------------------------------


def _sequence(query: Sequence) -> Iterator[Occurrence]:
    sign = Polarity.POSITIVE
    yield Feature.SEQUENCE, query.span, sign
    if not query.stages[0].keys:
        yield Feature.SEQUENCE_WITHOUT_KEYS, query.span, sign
    spanned = query.maxspan is not None
    feature = Feature.SEQUENCE_MAXSPAN if spanned else Feature.SEQUENCE_WITHOUT_MAXSPAN
    yield feature, query.span, sign
    for stage in query.stages:
        if stage.runs > 1:
            yield Feature.SEQUENCE_RUNS, stage.span, sign
    if query.until is not None:
        yield Feature.SEQUENCE_UNTIL, query.until.span, sign
    yield from _keys(query.stages if query.until is None else (*query.stages, query.until))


def _keys(stages: tuple[Stage, ...]) -> Iterator[Occurrence]:
    names = [key.name for key in stages[0].keys]
    for stage in stages:
        if [key.name for key in stage.keys] != names:
            yield Feature.KEYS_DIFFER, stage.span, Polarity.POSITIVE
        for key in stage.keys:
            if key.optional:
                yield Feature.OPTIONAL_KEY, key.span, Polarity.POSITIVE
            if key.multivalued:
                yield Feature.MULTIVALUED_KEY, key.span, Polarity.POSITIVE


# --- leaves -----------------------------------------------------------------------------------


def _leaf(leaf: Leaf, polarity: Polarity) -> Iterator[Occurrence]:
    found: dict[tuple[Feature, Polarity], Span] = {}

    def add(feature: Feature, span: Span, *signs: Polarity) -> None:
        for sign in signs:
            found.setdefault((feature, sign), span)

    fields = 0
    stack: list[tuple[Value | Condition, tuple[Polarity, ...]]] = [(leaf, (polarity,))]
    while stack:
        node, signs = stack.pop()
        if isinstance(node, LEAVES):
            for feature in _of_leaf(node):
                add(feature, node.span, *signs)
        elif isinstance(node, Truth):
            add(Feature.CONDITION_AS_VALUE, node.span, *signs)
            signs = (Polarity.POSITIVE, Polarity.NEGATIVE)
        elif isinstance(node, Field):
            fields += 1
            if node.multivalued:
                add(Feature.MULTIVALUED_FIELD, node.span, *signs)
        elif isinstance(node, Call):
            add(of(node.function).feature_of(node.case), node.span, *signs)
        elif isinstance(node, Arithmetic | Negation):
            add(Feature.ARITHMETIC, node.span, *signs)
        stack.extend((child, signs) for child in reversed(children(node)))  # type: ignore[misc]  # below a leaf are values and conditions
    if fields > 1:
        add(Feature.TWO_FIELDS, leaf.span, polarity)
    for (feature, sign), span in found.items():
        yield feature, span, sign


_ORDER = {
    FieldType.DATE: Feature.ORDER_DATE,
    FieldType.DATE_NANOS: Feature.ORDER_DATE,
    FieldType.IP: Feature.ORDER_IP,
    FieldType.VERSION: Feature.ORDER_VERSION,
    FieldType.LONG: Feature.ORDER_NUMBER,
    FieldType.UNSIGNED_LONG: Feature.ORDER_NUMBER,
    FieldType.DOUBLE: Feature.ORDER_NUMBER,
}
_EQUAL = {
    FieldType.DATE: Feature.EQUAL_DATE,
    FieldType.DATE_NANOS: Feature.EQUAL_DATE,
    FieldType.VERSION: Feature.EQUAL_VERSION,
    FieldType.BOOLEAN: Feature.EQUAL_BOOLEAN,
    FieldType.LONG: Feature.EQUAL_NUMBER,
    FieldType.UNSIGNED_LONG: Feature.EQUAL_NUMBER,
    FieldType.DOUBLE: Feature.EQUAL_NUMBER,
}


def _of_leaf(leaf: Leaf) -> Iterator[Feature]:
    """The features of the leaf itself, not of what it holds."""
    match leaf:
        case Compare():
            yield _compared(leaf.left, leaf.operator, leaf.case)
            value = leaf.left
        case Membership():
            yield _compared(leaf.value, Comparison.EQUAL, leaf.case)
            value = leaf.value
        case Like():
            sensitive = leaf.case is Case.SENSITIVE
            yield Feature.WILDCARD if sensitive else Feature.WILDCARD_IGNORE_CASE
            value = leaf.value
        case RegexMatch():
            sensitive = leaf.case is Case.SENSITIVE
            yield Feature.REGEX if sensitive else Feature.REGEX_IGNORE_CASE
            if any(_has_lucene_operator(pattern.root) for pattern in leaf.patterns):
                yield Feature.REGEX_LUCENE_OPERATOR
            value = leaf.value
        case NetworkMatch():
            yield Feature.NETWORK
            value = leaf.value
        case TextMatch():
            yield of(leaf.where).feature_of(leaf.case)
            value = leaf.value
        case IsNull():
            is_field = isinstance(leaf.value, Field)
            yield Feature.FIELD_MISSING if is_field else Feature.NULL_RESULT
            return
        case _:
            assert_never(leaf)
    if not isinstance(value, Field):
        yield Feature.COMPUTED_COMPARISON


def _compared(value: Value, operator: Comparison, case: Case) -> Feature:
    kind = type_of(value) or FieldType.KEYWORD
    if operator is Comparison.EQUAL:
        if case is not Case.SENSITIVE:
            return Feature.EQUAL_TEXT_IGNORE_CASE
        return _EQUAL.get(kind, Feature.EQUAL_TEXT)
    return _ORDER.get(kind, Feature.ORDER_TEXT)


def _has_lucene_operator(root: RegexNode) -> bool:
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Complement | Intersection | Interval | AnyString | Nothing):
            return True
        if isinstance(node, Concatenation | Alternation):
            stack.extend(node.parts)
        elif isinstance(node, Repetition):
            stack.append(node.part)
    return False
