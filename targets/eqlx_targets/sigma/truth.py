"""Predicates whose truth is known: what is left of a condition where some fields have known values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eqlx.capability import Polarity
from eqlx.ir import nodes as ir
from eqlx.ir.walk import walk
from eqlx.patterns.wildcard import Wildcard
from eqlx_targets.sigma.conditions import field_of, matches, negated, simplified, texts
from eqlx_targets.sigma.taxonomy import Grade, Place, taxonomy

Facts = Mapping[str, frozenset[str]]
"""Of some fields, the values that an event may have in them."""

DATASETS = ("data_stream.dataset", "event.dataset")
"""The fields that name the data set of an event, with one value."""


def specialised(condition: ir.Condition, facts: Facts) -> ir.Condition:
    """The condition where the fields of `facts` have one of those values."""
    match condition:
        case ir.And(conditions):
            return simplified(
                ir.And(tuple(specialised(c, facts) for c in conditions), span=condition.span)
            )
        case ir.Or(conditions):
            return simplified(
                ir.Or(tuple(specialised(c, facts) for c in conditions), span=condition.span)
            )
        case ir.Not(inner):
            return negated(specialised(inner, facts), condition.span)
        case ir.Constant():
            return condition
        case _:
            return _known(condition, facts)


def _known(leaf: ir.Leaf, facts: Facts) -> ir.Condition:
    name = field_of(leaf)
    found = texts(leaf)
    if name is None or name not in facts:
        return leaf
    if isinstance(leaf, ir.IsNull):
        return ir.Constant(value=False, span=leaf.span)
    if found is None:
        return leaf
    truth = any(matches_text(p, found[1], value) for p in found[0] for value in facts[name])
    return ir.Constant(truth, span=leaf.span)


def matches_text(pattern: Wildcard, case: ir.Case, value: str) -> bool:
    return matches(pattern, value, case)


def without_absent(condition: ir.Condition, place: Place) -> ir.Condition:
    """The condition on events that lack some fields, or have one value in them."""
    match condition:
        case ir.And(conditions) | ir.Or(conditions):
            kind = ir.And if isinstance(condition, ir.And) else ir.Or
            parts = tuple(without_absent(c, place) for c in conditions)
            return simplified(kind(parts, span=condition.span))
        case ir.Not(inner):
            return negated(without_absent(inner, place), condition.span)
        case ir.Constant():
            return condition
        case _:
            row = taxonomy().row(field_of(condition) or "", place)
            if row is not None and row.grade is Grade.ABSENT:
                return ir.Constant(isinstance(condition, ir.IsNull), span=condition.span)
            verb, _, value = row.rewrite.partition(":") if row is not None else ("", "", "")
            known = {field_of(condition) or "": frozenset((value,))}
            return _known(condition, known) if verb == "constant" else condition


def leaves(condition: ir.Condition) -> Iterator[tuple[ir.Leaf, Polarity]]:
    for node, polarity, leaf in walk(ir.EventQuery(ir.Filter(None, condition))):
        if leaf is not None and node is leaf:
            yield leaf, polarity


def is_leaf(condition: ir.Condition) -> bool:
    return not isinstance(condition, ir.And | ir.Or | ir.Not | ir.Constant)
