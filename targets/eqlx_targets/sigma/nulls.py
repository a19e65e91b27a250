"""`(condition) == null` without a condition as a value: exact, by three-valued logic."""

from __future__ import annotations

from eqlx.ir import nodes as ir


class _NeverNullError(Exception):
    """No condition on fields says when this is null."""


def as_null_test(leaf: ir.Leaf) -> ir.Condition | None:
    """`(condition) == null` as a condition: a disjunction is null where none of its parts holds and one
    is null, a conjunction where none fails and one is null (three-valued, eql-semantics.md §5)."""
    match leaf:
        case ir.IsNull(ir.Truth(condition)):
            try:
                return _null(condition, leaf)
            except _NeverNullError:
                return None
        case _:
            return None


def _null(condition: ir.Condition, at: ir.Leaf) -> ir.Condition:
    match condition:
        case ir.Not(inner):
            return _null(inner, at)
        case ir.Or(conditions) | ir.And(conditions):
            holds = _true if isinstance(condition, ir.Or) else _false
            decided = [ir.Not(holds(child, at), span=at.span) for child in conditions]
            missing = ir.Or(tuple(_null(child, at) for child in conditions), span=at.span)
            return ir.And((*decided, missing), span=at.span)
        case ir.Constant():
            raise _NeverNullError
        case ir.IsNull(ir.Field()):  # never null itself
            return ir.Constant(value=False, span=at.span)
        case _:
            return ir.IsNull(_one_field(condition), span=at.span)


def _true(condition: ir.Condition, at: ir.Leaf) -> ir.Condition:
    match condition:
        case ir.Not(inner):
            return _false(inner, at)
        case ir.Or(conditions):
            return ir.Or(tuple(_true(child, at) for child in conditions), span=at.span)
        case ir.And(conditions):
            return ir.And(tuple(_true(child, at) for child in conditions), span=at.span)
        case _:
            return condition


def _false(condition: ir.Condition, at: ir.Leaf) -> ir.Condition:
    """Neither true nor null."""
    neither = (_true(condition, at), _null(condition, at))
    return ir.And(tuple(ir.Not(part, span=at.span) for part in neither), span=at.span)


def _one_field(leaf: ir.Leaf) -> ir.Field:
    """The field of a leaf that is null exactly where the field is."""
    value = leaf.left if isinstance(leaf, ir.Compare) else leaf.value
    plain = not isinstance(leaf, ir.TextMatch) or isinstance(leaf.text, ir.Text)
    if not isinstance(value, ir.Field) or value.multivalued or not plain:
        raise _NeverNullError
    return value
