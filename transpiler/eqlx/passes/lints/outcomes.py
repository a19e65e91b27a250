"""Lint on conditions that constants and nulls decide: they never match, or always do (spec §5 A)."""

from __future__ import annotations

import re

from eqlx.diagnostics import Report
from eqlx.diagnostics.catalogue.lint import always_matches, never_matches
from eqlx.ir.nodes import And, Condition, Constant, Not, Or, Query, Text
from eqlx.ir.walk import children, filters
from eqlx.passes.fold import fold_condition


def constant_conditions(query: Query, report: Report) -> None:
    """The outermost conditions that fold to a constant; a written `true` or `false` is meant."""
    for node in filters(query):
        _look(node.condition, report)


def _look(condition: Condition, report: Report) -> bool:
    """Reports the innermost conditions that are to blame; says whether there was any."""
    if isinstance(condition, Constant):
        return False
    folded = fold_condition(condition, Report())
    inner: tuple[Condition, ...] = ()
    if isinstance(condition, And | Or):
        inner = condition.conditions
    elif isinstance(condition, Not):
        inner = (condition.condition,)
    blamed = [_look(part, report) for part in inner]
    if any(blamed) or not isinstance(folded, Constant):
        return any(blamed)
    reason = _quoted_name(condition) or "it does not depend on the event"
    if folded.value:
        report.add(always_matches(reason, span=condition.span))
    elif folded.value is None:
        report.add(never_matches("it compares with null", span=condition.span))
    else:
        report.add(never_matches(reason, span=condition.span))
    return True


_FIELD_NAME = re.compile(r"[a-z@_]\w*(?:\.\w+)+")


def _quoted_name(condition: Condition) -> str | None:
    """`"process.name" == "cmd.exe"` compares two texts."""
    value = next(iter(children(condition)), None)
    if isinstance(value, Text) and _FIELD_NAME.fullmatch(value.value):
        return f'`"{value.value}"` is a text, a field has no quotes'
    return None
