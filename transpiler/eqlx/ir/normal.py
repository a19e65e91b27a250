"""A normal form of queries: what order and repetition cannot change is written in one way.

`and` and `or` are two-valued and have no order; a list of choices, patterns or networks has none either. Two
queries with one normal form mean the same. The converse does not hold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, cast

from eqlx.ir.dump import dump
from eqlx.ir.nodes import And, Condition, Like, Membership, NetworkMatch, Or, Query, RegexMatch
from eqlx.ir.walk import Node, map_children

Item = TypeVar("Item")


def normal(query: Query) -> Query:
    """The query in its normal form."""
    return cast("Query", _normal(query))


def same_meaning(one: Query, other: Query) -> bool:
    """Whether the queries have one normal form. False says nothing."""
    return dump(normal(one)) == dump(normal(other))


def _normal(node: Node) -> Node:
    node = map_children(node, _normal)
    match node:
        case And():
            return _junction(And, node)
        case Or():
            return _junction(Or, node)
        case Membership():
            return replace(node, choices=_once(node.choices))
        case Like():
            return replace(node, patterns=_once(node.patterns))
        case RegexMatch():
            return replace(node, patterns=_once(node.patterns))
        case NetworkMatch():
            return replace(node, networks=_once(node.networks))
        case _:
            return node


def _junction(kind: type[And | Or], node: And | Or) -> Condition:
    parts: list[Condition] = []
    for part in node.conditions:
        parts.extend(
            part.conditions if isinstance(part, And | Or) and type(part) is kind else (part,)
        )
    by_text = {dump(part): part for part in parts}
    ordered = tuple(by_text[text] for text in sorted(by_text))
    return ordered[0] if len(ordered) == 1 else kind(ordered, span=node.span)


def _once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    by_text = {repr(item): item for item in items}
    return tuple(by_text[text] for text in sorted(by_text))
