"""The engines of SQL for suites and fuzzing: one open session, many queries, any of the layouts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlglot import exp

from eqlx.capability import Losses
from eqlx.diagnostics import Report, Severity
from eqlx.execution import Bounds, Dataset, Event, Job, Match, Session
from eqlx.fields.layout import LayoutKind
from eqlx.fields.schema import Schema
from eqlx.ir.nodes import Query, Sample
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx.target import Artifact, EventModel, Request
from eqlx_targets.engines.clickhouse.executor import ClickHouseExecutor
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor
from eqlx_targets.sql.dialects import DIALECTS
from eqlx_targets.sql.joins.sample import sample_sql
from eqlx_targets.sql.scope import Scope
from eqlx_targets.sql.spelling import spelled
from eqlx_targets.sql.target import TARGET

RULE = Rule(Source("query", ""))


class Refused(AssertionError):  # noqa: N818 a verdict, not a fault
    """The target refuses the query; the message names the slugs."""


@dataclass(frozen=True)
class Searched:
    """An open session and what queries for it are converted with."""

    session: Session
    model: EventModel
    schema: Schema
    dialect: str = "duckdb"

    def sql(
        self, query: Query, samples_per_key: int = 1, *, verified: bool = True, **options: str
    ) -> str:
        """The query's SQL for this session. The target itself makes one sample a key.

        `verified`: emitted as the target does it, the text parsed again and compared; else only
        printed, which takes a third of the time.

        Raises:
            Refused: the target refuses it.
        """
        request = self._request(query, options)
        if isinstance(query, Sample) and samples_per_key > 1:
            tree: exp.Expr = spelled(
                sample_sql(query, Scope.of(request), per_key=samples_per_key),
                DIALECTS[self.dialect],
            )
        else:
            tree = TARGET.lower(request)
        _check(request)
        text = TARGET.emit(tree, request) if verified else tree.sql(self.dialect, copy=False)
        _check(request)
        return text

    def run(
        self, query: Query, samples_per_key: int = 1, *, verified: bool = True, **options: str
    ) -> Sequence[Match]:
        """The matches.

        Raises:
            Refused: the target refuses it.
            ExecutionError: DuckDB fails on it.
        """
        text = self.sql(query, samples_per_key, verified=verified, **options)
        artifact = Artifact("sql", self.dialect, text, None, query, RULE, Losses().fidelity())
        return self.session.run(Job(query, artifact))

    def _request(self, query: Query, options: dict[str, str]) -> Request:
        defaults = {option.name: option.default for option in TARGET.options}
        return Request(
            query=query,
            rule=RULE,
            dialect=self.dialect,
            options={**defaults, **self.session.options, **options},
            model=self.model,
            schema=self.schema,
            eql=lambda: "",
            report=Report(),
            losses=Losses(),
            layout=self.session.layout,
        )


def _check(request: Request) -> None:
    errors = [d.code for d in request.report if d.severity is Severity.ERROR]
    if errors:
        raise Refused(", ".join(errors))


@contextmanager
def searched(
    events: Sequence[Event],
    model: EventModel,
    schema: Schema,
    layout: LayoutKind,
    bounds: Bounds = Bounds(threads=1),  # noqa: B008 a frozen value
    dialect: str = "duckdb",
) -> Iterator[Searched]:
    """The events in an engine of SQL (DuckDB), in a layout."""
    made = {"duckdb": DuckDBExecutor, "clickhouse": ClickHouseExecutor}[dialect]
    with made(layout).open(Dataset(events=tuple(events)), model, bounds) as session:
        yield Searched(session, model, schema, dialect)
