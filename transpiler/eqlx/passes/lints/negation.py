"""Lint on negations of fields that may hold several values (spec §6)."""

from __future__ import annotations

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.lint import not_on_multivalued_field
from eqlx.ir.nodes import Field, IsNull, Not, Query
from eqlx.ir.walk import LEAVES, children, walk


def negations(query: Query, report: Report) -> None:
    """Each `not` directly on a leaf with such a field; a test for a missing field is exempt."""
    for node, _, leaf in walk(query):
        if not isinstance(node, Not) or leaf is not None:
            continue
        inner = node.condition
        if not isinstance(inner, LEAVES) or isinstance(inner, IsNull):
            continue
        for value in children(inner):
            if isinstance(value, Field) and value.multivalued:
                report.add(not_on_multivalued_field(value.name, span=node.span))
                break
