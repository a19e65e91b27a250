"""The DuckDB engine for suites and fuzzing: one open session, many queries, any of the layouts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from eqlx.capability import Losses
from eqlx.diagnostics import Report, Severity
from eqlx.execution import Bounds, Dataset, Event, Job, Match
from eqlx.fields.layout import LayoutKind
from eqlx.fields.schema import Schema
from eqlx.ir.nodes import Query, Sample
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.target import Artifact, EventModel, Request
from eqlx_targets.sql.duckdb import DuckDBExecutor, DuckDBSession
from eqlx_targets.sql.sample import sample_sql
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.target import TARGET


@dataclass(frozen=True)
class Searched:
    """An open session and what queries for it are converted with."""

    session: DuckDBSession
    model: EventModel
    schema: Schema

    def sql(self, query: Query, samples_per_key: int = 1, **options: str) -> str:
        """The query's SQL for this session. The target itself makes one sample a key.

        Raises:
            AssertionError: the target refuses it.
        """
        report = Report()
        defaults = {option.name: option.default for option in TARGET.options}
        request = Request(
            query=query,
            rule=Rule(Source("query", "")),
            dialect="duckdb",
            options={**defaults, **self.session.options, **options},
            model=self.model,
            schema=self.schema,
            eql=lambda: "",
            report=report,
            losses=Losses(),
            layout=self.session.layout,
        )
        if isinstance(query, Sample) and samples_per_key > 1:
            tree = sample_sql(query, Scope.of(request), per_key=samples_per_key)
        else:
            tree = TARGET.lower(request)
        errors = [d.message for d in report if d.severity is Severity.ERROR]
        assert not errors, errors
        return TARGET.emit(tree, request)

    def run(self, query: Query, samples_per_key: int = 1, **options: str) -> Sequence[Match]:
        """The matches."""
        text = self.sql(query, samples_per_key, **options)
        artifact = Artifact(
            "sql", "duckdb", text, None, query, Rule(Source("query", "")), Losses().fidelity()
        )
        return self.session.run(Job(query, artifact))


@contextmanager
def searched(
    events: Sequence[Event], model: EventModel, schema: Schema, layout: LayoutKind
) -> Iterator[Searched]:
    """The events in DuckDB, in a layout."""
    executor = DuckDBExecutor(layout)
    with executor.open(Dataset(events=tuple(events)), model, Bounds(threads=1)) as session:
        yield Searched(session, model, schema)
