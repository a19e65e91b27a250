"""The pass `flatten`: chains of one connective become one node.

a and (b and c)          And(a, And(b, c))
a and b and c            And(a, b, c)
"""

from __future__ import annotations

from typing import cast

from eqlx.ir.nodes import And, Condition, Or, Query
from eqlx.ir.walk import LITERALS, Node, map_children, map_query_conditions
from eqlx.passes.context import Context


def flatten(query: Query, context: Context) -> Query:  # noqa: ARG001 the signature of a pass
    """`query` without an `And` directly in an `And`, or an `Or` in an `Or`."""
    return map_query_conditions(query, lambda condition: cast("Condition", _flat(condition)))


def _flat(node: Node) -> Node:
    if isinstance(node, LITERALS):
        return node
    node = map_children(node, _flat)
    if not isinstance(node, And | Or):
        return node
    kind = type(node)
    if not any(isinstance(condition, kind) for condition in node.conditions):
        return node
    flat: list[Condition] = []
    for condition in node.conditions:
        if isinstance(condition, And | Or) and isinstance(condition, kind):
            flat.extend(condition.conditions)
        else:
            flat.append(condition)
    return kind(tuple(flat), span=node.span)
