"""The pass `simplify_patterns`: patterns that need no pattern matching (spec §4).

    process.name : "cmd.exe"               process.name in~ ("cmd.exe")
    process.name like ("a", "b")           process.name in ("a", "b")
    process.name like ("a*", "*")          process.name != null

A pattern without wildcards is an equality. One that accepts everything asks, on a field, for a value
only; on a computed value it stays, because there `*` ends at a line end.
"""

from __future__ import annotations

from typing import cast

from eqlx.ir.nodes import (
    Compare,
    Comparison,
    Condition,
    Field,
    IsNull,
    Like,
    Membership,
    Not,
    Query,
    Text,
)
from eqlx.ir.walk import LITERALS, Node, map_children, map_query_conditions
from eqlx.passes.context import Context
from eqlx.patterns.wildcard import Shape


def simplify_patterns(query: Query, context: Context) -> Query:  # noqa: ARG001 the signature of a pass
    """`query` with `Like` only where a wildcard is."""
    return map_query_conditions(query, lambda condition: cast("Condition", _simple(condition)))


def _simple(node: Node) -> Node:
    if isinstance(node, LITERALS):
        return node
    node = map_children(node, _simple)
    if isinstance(node, Like):
        return _equality(node)
    if isinstance(node, Not) and isinstance(node.condition, Not):
        return node.condition.condition
    return node


def _equality(node: Like) -> Condition:
    shapes = {pattern.shape for pattern in node.patterns}
    if Shape.ANYTHING in shapes and isinstance(node.value, Field):
        return Not(IsNull(node.value, span=node.span), span=node.span)
    if shapes != {Shape.EXACT}:
        return node
    texts = tuple(Text(pattern.literal, span=node.span) for pattern in node.patterns)
    if len(texts) == 1:
        return Compare(Comparison.EQUAL, node.value, texts[0], node.case, span=node.span)
    return Membership(node.value, texts, node.case, span=node.span)
