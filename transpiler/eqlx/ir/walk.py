"""Going through IR trees: children, rebuilding with identity kept, and walking with polarity.

One level of nesting costs at most three Python frames, so that the nesting which the parser admits
stays far from the interpreter's limit; `walk` itself does not recurse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, assert_never, cast

from eqlx.ir.features import Polarity
from eqlx.ir.nodes import (
    And,
    Arithmetic,
    Boolean,
    Call,
    Compare,
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
    Limit,
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

Node: TypeAlias = Query | Stage | Filter | Limit | Condition | Value

LITERALS = (Text, Integer, Decimal, Boolean, Null, Instant)
"""The classes of `Literal`, for `isinstance`."""

Transform = Callable[[Node], Node]


def children(node: Node) -> tuple[Node, ...]:
    """The direct children, in order of writing; wildcards, regexes and networks are no nodes."""
    match node:
        case And() | Or():
            return node.conditions
        case Not() | Truth() | Filter():
            return (node.condition,)
        case Compare() | Arithmetic():
            return (node.left, node.right)
        case Membership():
            return (node.value, *node.choices)
        case Like() | RegexMatch() | NetworkMatch() | IsNull() | Negation():
            return (node.value,)
        case TextMatch():
            return (node.value, node.text)
        case Call():
            return node.arguments
        case Field() | Text() | Integer() | Decimal() | Boolean() | Null() | Instant():
            return ()
        case Constant() | Limit():
            return ()
        case EventQuery():
            return (node.filter, *node.limits)
        case Stage():
            return (node.filter, *node.keys)
        case Sequence():
            until = () if node.until is None else (node.until,)
            return (*node.stages, *until, *node.limits)
        case Sample():
            return node.stages
        case _:
            assert_never(node)


def map_children(node: Node, transform: Transform) -> Node:
    """`node` with every child replaced by `transform(child)`, and `node` itself where all came back
    the same objects. A replacement must be of a kind that may stand there; spans are kept."""
    rebuild = _REBUILD.get(type(node))
    return node if rebuild is None else rebuild(node, transform)


def map_query_conditions(query: Query, transform: Callable[[Condition], Condition]) -> Query:
    """`query` with the condition of every filter replaced, identity kept where nothing changed."""

    def filters(node: Node) -> Node:
        if isinstance(node, Filter):
            condition = transform(node.condition)
            if condition is node.condition:
                return node
            return Filter(node.category, condition, span=node.span)
        if isinstance(node, Stage):
            return map_children(node, filters)
        return node

    return cast("Query", map_children(query, filters))


def filters(query: Query) -> Iterator[Filter]:
    """The filters of all stages, `until` included, in order of writing."""
    match query:
        case EventQuery():
            yield query.filter
        case Sequence():
            yield from (stage.filter for stage in query.stages)
            if query.until is not None:
                yield query.until.filter
        case Sample():
            yield from (stage.filter for stage in query.stages)
        case _:
            assert_never(query)


def walk(
    node: Node, polarity: Polarity = Polarity.POSITIVE
) -> Iterator[tuple[Node, Polarity, Leaf | None]]:
    """Every node below and including `node`, in order of writing, parents first.

    With each come its polarity (flipped by `not`, by `until` and by a missing event) and the
    outermost leaf that it belongs to (itself for a leaf; None above the leaves).
    """
    stack: list[tuple[Node, Polarity, Leaf | None]] = [(node, polarity, None)]
    while stack:
        here, sign, leaf = stack.pop()
        if leaf is None and isinstance(here, LEAVES):
            leaf = here
        yield here, sign, leaf
        if isinstance(here, Not):
            stack.append((here.condition, sign.flipped, leaf))
        elif isinstance(here, Sequence):
            stack.extend((limit, sign, None) for limit in reversed(here.limits))
            if here.until is not None:
                stack.append((here.until, sign.flipped, None))
            stack.extend((stage, sign, None) for stage in reversed(here.stages))
        else:
            below = sign.flipped if isinstance(here, Stage) and here.missing else sign
            stack.extend((child, below, leaf) for child in reversed(children(here)))


LEAVES = (Compare, Membership, Like, RegexMatch, NetworkMatch, TextMatch, IsNull)
"""The classes of `Leaf`, for `isinstance`."""


# --- rebuilding, one function a class ---------------------------------------------------------


def _mapped(nodes: tuple[Node, ...], transform: Transform) -> tuple[Node, ...]:
    new: list[Node] = []
    changed = False
    for node in nodes:
        replacement = transform(node)
        changed = changed or replacement is not node
        new.append(replacement)
    return tuple(new) if changed else nodes


def _junction(node: And | Or, transform: Transform) -> And | Or:
    # The loop stands here and not in `_mapped`, to spend one frame less on a level of nesting.
    new: list[Condition] = []
    changed = False
    for condition in node.conditions:
        replacement = cast("Condition", transform(condition))
        changed = changed or replacement is not condition
        new.append(replacement)
    return type(node)(tuple(new), span=node.span) if changed else node


def _not(node: Not, transform: Transform) -> Not:
    new = cast("Condition", transform(node.condition))
    return node if new is node.condition else Not(new, span=node.span)


def _truth(node: Truth, transform: Transform) -> Truth:
    new = cast("Condition", transform(node.condition))
    return node if new is node.condition else Truth(new, span=node.span)


def _filter(node: Filter, transform: Transform) -> Filter:
    new = cast("Condition", transform(node.condition))
    return node if new is node.condition else Filter(node.category, new, span=node.span)


def _compare(node: Compare, transform: Transform) -> Compare:
    left = cast("Value", transform(node.left))
    right = cast("Value", transform(node.right))
    if left is node.left and right is node.right:
        return node
    return Compare(node.operator, left, right, node.case, span=node.span)


def _membership(node: Membership, transform: Transform) -> Membership:
    value = cast("Value", transform(node.value))
    choices = cast("tuple[Literal, ...]", _mapped(node.choices, transform))
    if value is node.value and choices is node.choices:
        return node
    return Membership(value, choices, node.case, span=node.span)


def _like(node: Like, transform: Transform) -> Like:
    value = cast("Value", transform(node.value))
    if value is node.value:
        return node
    return Like(value, node.patterns, node.case, node.crosses_lines, span=node.span)


def _regex(node: RegexMatch, transform: Transform) -> RegexMatch:
    value = cast("Value", transform(node.value))
    if value is node.value:
        return node
    return RegexMatch(value, node.patterns, node.case, span=node.span)


def _network(node: NetworkMatch, transform: Transform) -> NetworkMatch:
    value = cast("Value", transform(node.value))
    return (
        node
        if value is node.value
        else NetworkMatch(value, node.networks, span=node.span, compared=node.compared)
    )


def _text_match(node: TextMatch, transform: Transform) -> TextMatch:
    value = cast("Value", transform(node.value))
    text = cast("Value", transform(node.text))
    if value is node.value and text is node.text:
        return node
    return TextMatch(node.where, value, text, node.case, span=node.span)


def _is_null(node: IsNull, transform: Transform) -> IsNull:
    value = cast("Value", transform(node.value))
    return node if value is node.value else IsNull(value, span=node.span)


def _call(node: Call, transform: Transform) -> Call:
    new = cast("tuple[Value, ...]", _mapped(node.arguments, transform))
    return node if new is node.arguments else Call(node.function, new, node.case, span=node.span)


def _arithmetic(node: Arithmetic, transform: Transform) -> Arithmetic:
    left = cast("Value", transform(node.left))
    right = cast("Value", transform(node.right))
    if left is node.left and right is node.right:
        return node
    return Arithmetic(node.operator, left, right, span=node.span)


def _negation(node: Negation, transform: Transform) -> Negation:
    value = cast("Value", transform(node.value))
    return node if value is node.value else Negation(value, span=node.span)


def _event_query(node: EventQuery, transform: Transform) -> EventQuery:
    new = cast("Filter", transform(node.filter))
    limits = cast("tuple[Limit, ...]", _mapped(node.limits, transform))
    if new is node.filter and limits is node.limits:
        return node
    return EventQuery(new, limits, span=node.span)


def _stage(node: Stage, transform: Transform) -> Stage:
    new = cast("Filter", transform(node.filter))
    keys = cast("tuple[Field, ...]", _mapped(node.keys, transform))
    if new is node.filter and keys is node.keys:
        return node
    return Stage(new, keys, node.runs, node.missing, span=node.span)


def _sequence(node: Sequence, transform: Transform) -> Sequence:
    stages = cast("tuple[Stage, ...]", _mapped(node.stages, transform))
    until = None if node.until is None else cast("Stage", transform(node.until))
    limits = cast("tuple[Limit, ...]", _mapped(node.limits, transform))
    if stages is node.stages and until is node.until and limits is node.limits:
        return node
    return Sequence(stages, node.maxspan, until, limits, span=node.span)


def _sample(node: Sample, transform: Transform) -> Sample:
    stages = cast("tuple[Stage, ...]", _mapped(node.stages, transform))
    return node if stages is node.stages else Sample(stages, span=node.span)


_Rebuild = Callable[[Node, Transform], Node]
_REBUILD: dict[type[Node], _Rebuild] = cast(
    "dict[type[Node], _Rebuild]",
    {
        And: _junction,
        Or: _junction,
        Not: _not,
        Truth: _truth,
        Filter: _filter,
        Compare: _compare,
        Membership: _membership,
        Like: _like,
        RegexMatch: _regex,
        NetworkMatch: _network,
        TextMatch: _text_match,
        IsNull: _is_null,
        Call: _call,
        Arithmetic: _arithmetic,
        Negation: _negation,
        EventQuery: _event_query,
        Stage: _stage,
        Sequence: _sequence,
        Sample: _sample,
    },
)
