"""Every pass keeps meaning: the reference interpreter finds the same matches before and after.

`fold` decides nulls before any event is seen, which is a meaning of its own (spec §5 A); the queries
here hold no null constant and compare no condition with a boolean, where it must keep meaning too.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqlx.diagnostics import Report
from eqlx.ir.dump import dump
from eqlx.ir.nodes import Query
from eqlx.ir.verify import verify
from eqlx.passes.context import Context
from eqlx.passes.pipeline import PIPELINE
from eqlx.passes.resolve_fields import resolve_fields
from eqlx.reference import evaluate
from eqlx.target import EventModel
from eqlx_harness.data import LONG
from eqlx_harness.generated import SCHEMA, events, queries

MODEL = EventModel()
NAMES = [name for name, _ in PIPELINE]


@pytest.mark.parametrize("name", NAMES[1:])
@settings(max_examples=400 if LONG else 40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_matches_stay(name: str, data: st.DataObject) -> None:
    """Before `coerce_literals` dates and addresses are texts, which no document can be compared with."""
    dates = NAMES.index(name) > NAMES.index("coerce_literals")
    report = Report()
    context = Context(SCHEMA, report)
    query: Query = resolve_fields(data.draw(queries(dates=dates)), context)
    for before, step in PIPELINE[1:]:
        if before == name:
            break
        query = step(query, context)
    verify(query, final=False)
    after = dict(PIPELINE)[name](query, context)
    verify(after, final=False)
    if report.has_errors:
        return
    documents = data.draw(events())
    found = evaluate(query, documents, MODEL)
    assert evaluate(after, documents, MODEL) == found, (dump(query), dump(after), documents)
