"""From operations to one dialect's SQL: every operation becomes the dialect's template, filled."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from eqlx_targets.sql.dialects.base import Dialect
from eqlx_targets.sql.words.templates import filled, needs_parentheses, parsed
from eqlx_targets.sql.words.vocabulary import Operation, Type, operation_of, word


class UnspelledError(Exception):
    """The dialect lacks an operation that the query needs: `operation`, and `why`."""

    def __init__(self, operation: Operation, why: str) -> None:
        super().__init__(f"{operation.name}: {why}")
        self.operation = operation
        self.why = why


_SPELLED = frozenset(
    {
        exp.Anonymous,
        exp.Like,
        exp.ILike,
        exp.Escape,
        exp.IntDiv,
        exp.Identifier,
        exp.DataType,
        exp.Cast,
        exp.TryCast,
        exp.CTE,
        exp.Placeholder,
    }
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
        elif isinstance(node, exp.DataType):
            if dialect.types and not _is_cast_by_template(node, dialect):
                _retype(node, dialect)
        elif isinstance(node, exp.Cast):
            template = _casts(node, dialect).get(_type_name(node.to))
            if template is not None:
                tree = parsed(template, dialect.printer)
                _replace(node, filled(tree, {"x": node.this}), type(node))
        elif isinstance(node, exp.Placeholder):
            if dialect.parameter:
                node.set("kind", exp.Var(this=dialect.parameter))
        elif isinstance(node, exp.CTE) and not dialect.materialized:
            node.set("materialized", None)
    done: exp.Expr = root.this
    if dialect.settings:
        done.set("settings", [_setting(name, value) for name, value in dialect.settings])
    return done.pop()


def _casts(node: exp.Cast, dialect: Dialect) -> Mapping[str, str]:
    return dialect.try_casts if isinstance(node, exp.TryCast) else dialect.casts


def _type_name(kind: exp.DataType) -> str:
    return str(kind.this.value if isinstance(kind.this, exp.DataType.Type) else kind.this)


def _is_cast_by_template(node: exp.DataType, dialect: Dialect) -> bool:
    cast = node.parent
    return isinstance(cast, exp.Cast) and _type_name(node) in _casts(cast, dialect)


def _retype(node: exp.DataType, dialect: Dialect) -> None:
    name = dialect.types.get(_type_name(node))
    if name is not None:
        node.replace(exp.DataType.build(name, dialect=dialect.printer, udt=True))


def _setting(name: str, value: int) -> exp.Expr:
    return exp.EQ(this=exp.column(name), expression=exp.Literal.number(value))


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
    """Patterns and keys are written as the dialect takes them."""
    if not isinstance(operand, exp.Literal):
        return operand
    if kind is Type.PATTERN and dialect.pattern is not None:
        last = node.expressions[-1]
        options = last.this if operation.parameters[-1][0] == "options" else ""
        return exp.Literal.string(dialect.pattern(operation, operand.this, options))
    if kind is Type.LIKE and dialect.like is not None:
        return exp.Literal.string(dialect.like(operation, operand.this))
    if kind is Type.REPLACEMENT and dialect.replacement is not None:
        return exp.Literal.string(dialect.replacement(operation, operand.this))
    if kind is Type.KEY and dialect.key is not None:
        return exp.Literal.string(dialect.key(operand.this))
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
