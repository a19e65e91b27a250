"""From operations to one dialect's SQL: every operation becomes the dialect's template, filled."""

from __future__ import annotations

from sqlglot import exp

from eqlx_targets.sql.dialects.base import Dialect
from eqlx_targets.sql.words.templates import filled, needs_parentheses
from eqlx_targets.sql.words.vocabulary import Operation, Type, operation_of, word


class UnspelledError(Exception):
    """The dialect lacks an operation that the query needs: `operation`, and `why`."""

    def __init__(self, operation: Operation, why: str) -> None:
        super().__init__(f"{operation.name}: {why}")
        self.operation = operation
        self.why = why


_SPELLED = frozenset(
    {exp.Anonymous, exp.Like, exp.ILike, exp.Escape, exp.IntDiv, exp.Identifier, exp.DataType}
)
"""The kinds of nodes that dialects differ in."""


def spelled(tree: exp.Expr, dialect: Dialect) -> exp.Expr:
    """The tree in the dialect's words. The tree given is used up.

    Raises:
        UnspelledError: the dialect has no spelling for an operation.
    """
    root = exp.Paren(this=tree)
    for found in reversed(list(root.walk(bfs=False))):
        if type(found) not in _SPELLED:
            continue
        node = _as_operation(found)
        operation = operation_of(node)
        if operation is not None:
            _replace(node, _operation(node, operation, dialect), type(found))
        elif isinstance(node, exp.Identifier):
            if node.this in dialect.reserved:
                node.set("quoted", value=True)
        elif isinstance(node, exp.DataType) and dialect.types:
            name = str(node.this.value if isinstance(node.this, exp.DataType.Type) else node.this)
            if name in dialect.types:
                own = exp.DataType.build(dialect.types[name], dialect=dialect.printer, udt=True)
                node.replace(own)
    done: exp.Expr = root.this
    return done.pop()


def _operation(node: exp.Expr, operation: Operation, dialect: Dialect) -> exp.Expr:
    escape = ""
    if operation.parameters and operation.parameters[-1][0] == "escape":
        escape = node.expressions[-1].name
    template = dialect.template(operation.name, escape)
    if template is None:
        raise UnspelledError(operation, dialect.why_missing(operation.name) or "no spelling")
    parts = {
        name: _operand(operand, kind, operation, node, dialect)
        for (name, kind), operand in zip(operation.parameters, node.expressions, strict=True)
    }
    return filled(template, parts)


def _operand(
    operand: exp.Expr, kind: Type, operation: Operation, node: exp.Expr, dialect: Dialect
) -> exp.Expr:
    """Patterns are written as the dialect takes them."""
    if not isinstance(operand, exp.Literal):
        return operand
    if kind is Type.PATTERN and dialect.pattern is not None:
        last = node.expressions[-1]
        options = last.this if operation.parameters[-1][0] == "options" else ""
        return exp.Literal.string(dialect.pattern(operation, operand.this, options))
    if kind is Type.LIKE and dialect.like is not None and operation.parameters[-1][0] != "escape":
        return exp.Literal.string(dialect.like(operand.this))
    return operand


def _as_operation(node: exp.Expr) -> exp.Expr:
    """An operator of SQL that engines differ in, replaced by the operation that it means."""
    meant: exp.Expr
    match node:
        case exp.Escape(this=exp.Like() | exp.ILike() as like):
            name = "text_like" if isinstance(like, exp.Like) else "text_like_folded"
            meant = word(f"{name}_escaped", like.this, like.expression, node.expression)
        case exp.Like() | exp.ILike() if not isinstance(node.parent, exp.Escape):
            name = "text_like" if isinstance(node, exp.Like) else "text_like_folded"
            meant = word(name, node.this, node.expression)
        case exp.IntDiv():
            meant = word("number_divide", node.this, node.expression)
        case _:
            return node
    node.replace(meant)
    return meant


def _replace(node: exp.Expr, new: exp.Expr, before: type[exp.Expr]) -> None:
    """An operator that stays one needs no more parentheses than it had."""
    needed = type(new) is not before and needs_parentheses(new, node.parent)
    node.replace(exp.Paren(this=new) if needed else new)
