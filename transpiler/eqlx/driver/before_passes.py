"""The passes, proved: a rule's query as lowered against the query that the targets are given."""

from __future__ import annotations

from collections.abc import Sequence as Row
from dataclasses import replace

from eqlx.diagnostics import Report
from eqlx.driver.comparing import Batch
from eqlx.driver.verdict import Disagreement, Lane, Verdict
from eqlx.fields.schema import Schema
from eqlx.ir.nodes import EventQuery, Query, Sequence
from eqlx.passes.context import Context
from eqlx.passes.pipeline import lowered_source
from eqlx.reference import evaluate_lowered
from eqlx.reference.phase_a import ConstantFailure
from eqlx.rule import Rule
from eqlx.target import EventModel

NAME = "passes"
_SHOWN = 5


def passes_lane(rule: Rule, schema: Schema, model: EventModel, sets: Row[Batch]) -> Lane | None:
    """A lane of its own where the passes changed what the rule matches on these events, else None.

    The interpreter searches the query as lowered, and does phase A of spec §5 itself.
    """
    query = lowered_source(rule.query, Context(schema, Report(), model), rule.exceptions)
    if query is None:
        return Lane(NAME, Verdict.FAILED, reason="the rule cannot be lowered a second time")
    shown: list[Disagreement] = []
    count = 0
    for batch in sets:
        try:
            found = evaluate_lowered(_limited_as(batch.query, query), batch.events, model)
        except ConstantFailure:
            return Lane(NAME, Verdict.FAILED, reason="a constant expression fails unfolded")
        for number, (extra, missing) in batch.differences(found).items():
            count += 1
            case = batch.cases[number]
            shown.append(
                Disagreement(
                    case.name,
                    case.clause_text,
                    case.events,
                    tuple(batch.within(number, rows) for rows in missing),
                    tuple(batch.within(number, rows) for rows in extra),
                )
            )
    if not shown:
        return None
    return Lane(NAME, Verdict.DIFFERS, tuple(shown[:_SHOWN]), count)


def _limited_as(other: Query, query: Query) -> Query:
    """The query without its limits where the other has none."""
    if isinstance(query, EventQuery | Sequence) and isinstance(other, EventQuery | Sequence):
        return query if other.limits else replace(query, limits=())
    return query
