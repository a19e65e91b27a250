"""Why a query matched or not: for event queries each event's clauses, for sequences and samples how far
each key came and what stopped it."""

from __future__ import annotations

from collections.abc import Sequence as Row
from typing import assert_never

from eqlx.execution import Event
from eqlx.ir.nodes import EventQuery, Query, Sample, Sequence, Stage
from eqlx.reference.conditions import passes
from eqlx.reference.documents import Document, in_order, numbered
from eqlx.reference.evaluate import evaluate
from eqlx.reference.explain_samples import sample_keys
from eqlx.reference.explain_sequences import sequence_keys
from eqlx.reference.explanation import EventTrace, Explanation, StageTrace, stage_text
from eqlx.reference.trace import trace
from eqlx.target import EventModel


def explain(query: Query, events: Row[Event], model: EventModel) -> Explanation:
    """The explanation of a query that has been through the passes; rows count from 1."""
    documents = numbered(events, model)
    found = evaluate(query, events, model)
    ids = tuple(document.id for document in documents)
    match query:
        case EventQuery():
            rows = {event.row for match in found for event in match.events}
            return Explanation("event", len(found), ids, _events(query, documents, rows))
        case Sequence():
            stages = _stages(query.stages, documents)
            names = tuple(key.name for key in query.stages[0].keys)
            keys = sequence_keys(query, documents, found)
            untimed = tuple(d.row for d in documents if d.nanoseconds is None)
            return Explanation("sequence", len(found), ids, (), stages, names, keys, untimed)
        case Sample():
            stages = _stages(query.stages, documents)
            names = tuple(key.name for key in query.stages[0].keys)
            keys = sample_keys(query, documents, found)
            return Explanation("sample", len(found), ids, (), stages, names, keys)
        case _:
            assert_never(query)


def _events(
    query: EventQuery, documents: Row[Document], rows: set[int | None]
) -> tuple[EventTrace, ...]:
    return tuple(
        EventTrace(d.row, d.id, d.timestamp, d.row in rows, trace(query.filter, d))
        for d in in_order(documents)
    )


def _stages(stages: Row[Stage], documents: Row[Document]) -> tuple[StageTrace, ...]:
    return tuple(
        StageTrace(
            number,
            stage_text(stage),
            stage.missing,
            stage.runs,
            tuple(d.row for d in in_order(documents) if passes(stage.filter, d)),
            stage.span,
        )
        for number, stage in enumerate(stages, start=1)
    )
