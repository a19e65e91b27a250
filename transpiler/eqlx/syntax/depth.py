"""How deeply a tree is nested, measured without recursion and capped by a diagnostic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue import syntax as say
from eqlx.syntax.tree import (
    Arithmetic,
    BooleanValue,
    Comparison,
    EventFilter,
    Expression,
    FieldName,
    FunctionCall,
    InList,
    Logical,
    NotExpression,
    NullValue,
    NumberValue,
    PatternMatch,
    SequenceQuery,
    Sign,
    Statement,
    StringValue,
)

MAXIMUM_DEPTH = 100
"""Levels of nodes in one condition. Real rules have fewer than 20; whoever walks a tree by
recursion can rely on it."""


def check_depth(statement: Statement, report: Report) -> None:
    """Report the first expression that is nested more deeply than `MAXIMUM_DEPTH`."""
    for root in _roots(statement):
        level = [root]
        depth = 1
        while level:
            if depth > MAXIMUM_DEPTH:
                report.add(say.nesting_too_deep(MAXIMUM_DEPTH, span=level[0].span))
                return
            level = [child for node in level for child in children(node)]
            depth += 1


def _roots(statement: Statement) -> Iterator[Expression]:
    query = statement.query
    if isinstance(query, EventFilter):
        yield query.condition
    else:
        for term in query.terms:
            yield term.filter.condition
        if isinstance(query, SequenceQuery) and query.until is not None:
            yield query.until.filter.condition
    for pipe in statement.pipes:
        yield pipe.argument


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly below `node`, in order."""
    match node:
        case StringValue() | FieldName() | NumberValue() | BooleanValue() | NullValue():
            return ()
        case FunctionCall():
            return node.arguments
        case Logical():
            return node.operands
        case Sign() | NotExpression():
            return (node.operand,)
        case Comparison() | Arithmetic():
            return (node.left, node.right)
        case InList():
            return (node.operand, *node.choices)
        case PatternMatch():
            return (node.operand, *node.patterns)
        case _:
            assert_never(node)
