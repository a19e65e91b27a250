r"""The pass `simplify_patterns`: patterns that need no pattern matching (spec §4).

    process.name : "cmd.exe"               process.name in~ ("cmd.exe")
    process.name like ("a", "b")           process.name in ("a", "b")
    process.name like ("a*", "*")          process.name != null

    process.name regex "cmd\\.exe"         process.name == "cmd.exe"
    process.name regex (".*", "a")         process.name != null

A pattern without wildcards is an equality, and so is a regular expression with one possible string.
One that accepts everything asks for a value only, of a field or a computed one, line ends and all
(spec §13.19).
"""

from __future__ import annotations

from typing import cast

from eqlx.ir.nodes import (
    Compare,
    Comparison,
    Condition,
    IsNull,
    Like,
    Membership,
    Not,
    Query,
    RegexMatch,
    Text,
)
from eqlx.ir.walk import LITERALS, Node, map_children, map_query_conditions
from eqlx.passes.context import Context
from eqlx.patterns.regex import matches_everything, only_text
from eqlx.patterns.wildcard import Shape


def simplify_patterns(query: Query, context: Context) -> Query:  # noqa: ARG001 the signature of a pass
    """`query` with `Like` and `RegexMatch` only where a pattern is."""
    return map_query_conditions(query, lambda condition: cast("Condition", _simple(condition)))


def _simple(node: Node) -> Node:
    if isinstance(node, LITERALS):
        return node
    node = map_children(node, _simple)
    if isinstance(node, Like):
        return _equality(node)
    if isinstance(node, RegexMatch):
        return _plain(node)
    if isinstance(node, Not) and isinstance(node.condition, Not):
        return node.condition.condition
    return node


def _equality(node: Like) -> Condition:
    shapes = {pattern.shape for pattern in node.patterns}
    if Shape.ANYTHING in shapes:
        return Not(IsNull(node.value, span=node.span), span=node.span)
    if shapes != {Shape.EXACT}:
        return node
    return _among(node, [pattern.literal for pattern in node.patterns])


def _plain(node: RegexMatch) -> Condition:
    if isinstance(node.value, LITERALS):
        return node
    if any(matches_everything(p.root) for p in node.patterns):
        return Not(IsNull(node.value, span=node.span), span=node.span)
    texts: list[str] = []
    for pattern in node.patterns:
        text = only_text(pattern.root)
        if text is None:
            return node
        texts.append(text)
    return _among(node, texts)


def _among(node: Like | RegexMatch, texts: list[str]) -> Condition:
    values = tuple([Text(text, span=node.span) for text in texts])
    if len(values) == 1:
        return Compare(Comparison.EQUAL, node.value, values[0], node.case, span=node.span)
    return Membership(node.value, values, node.case, span=node.span)
