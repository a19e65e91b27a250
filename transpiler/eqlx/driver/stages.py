"""A rule stopped at any stage between its text and the IR that targets are given."""

from __future__ import annotations

from eqlx.diagnostics import Report
from eqlx.ir.nodes import Query
from eqlx.passes.context import Context
from eqlx.rule import Rule
from eqlx.syntax.tree import Statement

SURFACE, LOWERED, IR, TARGET = "surface", "lowered", "ir", "target"
NECESSARY = "necessary"


def names() -> tuple[str, ...]:
    """All stages, in order: the surface tree, the IR as lowered, the IR after each pass (by the
    pass's name), the finished IR, what its events need of the fields that tell kinds of events apart,
    and the target's tree."""
    from eqlx.passes.pipeline import PIPELINE

    return (SURFACE, LOWERED, *(name for name, _ in PIPELINE), IR, NECESSARY, TARGET)


def surface(rule: Rule, report: Report) -> Statement | None:
    """The parsed statement; None iff `report` has errors."""
    from eqlx.syntax.parser import parse

    return parse(rule.query, report)


def query_at(rule: Rule, stage: str, context: Context) -> Query | None:
    """The IR at `stage` (`lowered`, a pass's name, `ir`); None iff the rule has errors before it.

    Raises:
        ValueError: the stage is none of the IR's.
    """
    from eqlx.passes.lower import lower
    from eqlx.passes.pipeline import PIPELINE

    if stage == NECESSARY:
        query = query_at(rule, IR, context)
        return None if query is None else _necessary(query, context)
    statement = surface(rule, context.report)
    query = None if statement is None else lower(statement, context)
    if query is None or stage == LOWERED:
        return query
    for name, apply in PIPELINE:
        query = apply(query, context)
        if name == stage:
            return query
    if stage != IR:
        message = f"no stage {stage} of the IR"
        raise ValueError(message)
    return None if context.report.has_errors else query


def _necessary(query: Query, context: Context) -> Query:
    """The query with each condition as weak as the fields of classes leave it."""
    from eqlx.ir.walk import map_query_conditions
    from eqlx.planning.necessary import CLASS_FIELDS, weaken

    known = {context.model.category, *CLASS_FIELDS}
    return map_query_conditions(query, lambda condition: weaken(condition, known))
