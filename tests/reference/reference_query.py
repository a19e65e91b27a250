"""EQL text straight to the reference interpreter's answer, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eqlx.diagnostics import Report
from eqlx.execution import Event, Match
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.reference import evaluate
from eqlx.reference.executor import inferred
from eqlx.source import Source
from eqlx.target import EventModel

MODEL = EventModel(tiebreaker="tie", category="kind")


def search(
    text: str, events: Sequence[Event], types: dict[str, FieldType] | None = None, **model: Any
) -> list[Match]:
    """The matches of a query; `types` beyond what the events themselves say."""
    schema = inferred(events)
    fields = {**schema.fields, **{n: FieldInfo(t) for n, t in (types or {}).items()}}
    report = Report()
    chosen = EventModel(tiebreaker="tie", category="kind", **model)
    query = compile_source(Source("query", text), Context(FieldList(fields), report, chosen))
    assert query is not None, [d.message for d in report.diagnostics]
    return evaluate(query, events, chosen)


def rows(matches: Sequence[Match]) -> list[list[int | None]]:
    """The row numbers of each match; None for a missing event."""
    return [[event.row for event in match.events] for match in matches]


def true_for(condition: str, event: Event, types: dict[str, FieldType] | None = None) -> bool:
    """Whether `any where condition` matches the one event."""
    return len(search(f"any where {condition}", [event], types)) == 1
