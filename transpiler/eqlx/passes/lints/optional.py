"""Lint on optional fields whose marker decides the result (spec §5: the two columns of its table)."""

from __future__ import annotations

from typing import cast

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.lint import optional_changes_result
from eqlx.ir.nodes import Condition, Constant, Field, Null, Query
from eqlx.ir.walk import LEAVES, Node, filters, map_children, walk
from eqlx.passes.fold import fold_condition


def optional_fields(query: Query, report: Report) -> None:
    """Each optional field without which a filter folds to something else, depending on whether an
    index maps the field (then its leaves are false) or none does (then they are null)."""
    for node in filters(query):
        fields: dict[str, Field] = {}
        for below, _, _ in walk(node):
            if isinstance(below, Field) and below.optional:
                fields.setdefault(below.name, below)
        for name, field in fields.items():
            if _unmapped(node.condition, name) != _missing(node.condition, name):
                report.add(optional_changes_result(name, span=field.span))


def _unmapped(condition: Condition, name: str) -> Condition:
    return _two_valued(fold_condition(_without(condition, name), Report()))


def _missing(condition: Condition, name: str) -> Condition:
    """An event without the field, where it is mapped: a leaf that is null counts as false."""

    def settle(node: Node) -> Node:
        if not isinstance(node, LEAVES):
            return map_children(node, settle)
        folded = fold_condition(_without(node, name), Report())
        return _two_valued(folded)

    settled = cast("Condition", settle(condition))
    return _two_valued(fold_condition(settled, Report()))


def _without(condition: Condition, name: str) -> Condition:
    def replace(node: Node) -> Node:
        if isinstance(node, Field):
            return Null(span=node.span) if node.name == name else node
        return map_children(node, replace)

    return cast("Condition", replace(condition))


def _two_valued(condition: Condition) -> Condition:
    if isinstance(condition, Constant) and condition.value is None:
        return Constant(value=False, span=condition.span)
    return condition
