"""What the tests of the SQL target share: running a query over a handful of events."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from eqlx.driver import convert_rule
from eqlx.execution import Bounds, Dataset, Event, Job
from eqlx.fields.layout import LayoutKind
from eqlx.reference import evaluate
from eqlx.rulefile.loader import from_query
from eqlx.target import EventModel
from eqlx_harness.searching import Case, Search
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor
from eqlx_targets.sql.target import TARGET

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(params=list(LayoutKind), ids=lambda kind: kind.value)
def search(request: pytest.FixtureRequest) -> Search:
    """Checks which rows (from 1) conditions or queries match, in each layout, in DuckDB and in the
    reference interpreter."""

    def run(cases: Sequence[Case], events: Sequence[Event]) -> None:
        model = EventModel()
        dated = [{"@timestamp": 1000 + n, **event} for n, event in enumerate(events)]
        wrong = []
        executor = DuckDBExecutor(layout=request.param)
        with executor.open(Dataset(events=tuple(dated)), model, Bounds(threads=1)) as session:
            for text, rows in cases:
                outcome = convert_rule(
                    from_query(text if " where " in text else f"any where {text}"),
                    TARGET,
                    options=session.options,
                    schema=session.schema,
                    layout=session.layout,
                )
                assert outcome.artifact is not None, (text, outcome.diagnostics)
                assert outcome.query is not None
                found = session.run(Job(outcome.query, outcome.artifact))
                in_duckdb = [match.events[0].row for match in found]
                in_reference = [m.events[0].row for m in evaluate(outcome.query, dated, model)]
                if not in_duckdb == in_reference == rows:
                    wrong.append((text, rows, in_duckdb, in_reference))
        assert wrong == []

    return run
