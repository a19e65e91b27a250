"""The executor over ClickHouse in this process: files are read and typed by DuckDB, as for its own
engine, and searched by ClickHouse with the SQL of the dialect `clickhouse`."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from eqlx.diagnostics import Diagnostic
from eqlx.execution import Bounds, Dataset, Event, ExecutionError, Found, Job, Match
from eqlx.fields.layout import Layout, LayoutKind
from eqlx.fields.schema import Schema
from eqlx.fields.whole_numbers import Wide
from eqlx.packs.model import Pack
from eqlx.target import API_VERSION, EventModel
from eqlx_targets.engines.clickhouse.connection import Connection
from eqlx_targets.engines.clickhouse.tables import copy_table
from eqlx_targets.engines.duckdb.connection import Connection as Reader
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor, load
from eqlx_targets.engines.duckdb.matches import MatchReader


@dataclass(frozen=True)
class ClickHouseSession:
    """A dataset in a database of its own. `options` are those of the target `sql`."""

    schema: Schema
    layout: Layout
    options: Mapping[str, str]
    _connection: Connection
    _reader: MatchReader
    notes: tuple[Diagnostic, ...] = ()
    has_times: bool = True
    wide: Wide = field(default_factory=Wide)

    def run(self, job: Job) -> Sequence[Match]:
        """Run the artifact's text, nothing else. See `find`."""
        found = self.find(job)
        return found.make(self.documents(found.rows))

    def find(self, job: Job) -> Found:
        """Run the artifact's text, nothing else.

        Raises:
            ExecutionError: there is no artifact, it is not one SELECT, or ClickHouse failed on it.
        """
        if job.artifact is None:
            message = (
                "the engine `clickhouse` runs artifacts of the target `sql`, and the job has none"
            )
            raise ExecutionError(message)
        names, rows = self._connection.select(job.artifact.text)
        return self._reader.found(job.query, names, rows)

    def documents(self, rows: Sequence[int]) -> Mapping[int, Event]:
        """See `eqlx.execution.Deferring`."""
        return self._reader.documents(rows)


@dataclass(frozen=True, slots=True)
class ClickHouseExecutor:
    """`layout`: how JSON events are laid out in columns (None: nested).
    `packs`: mappings for raw JSON events that they recognise."""

    layout: LayoutKind | None = None
    packs: tuple[Pack, ...] = ()
    api_version: int = API_VERSION
    name: str = "clickhouse"
    summary: str = "ClickHouse in this process (chdb), over JSON and Parquet"
    target: str | None = "sql"
    dialect: str | None = "clickhouse"

    def open(
        self, dataset: Dataset, model: EventModel, bounds: Bounds
    ) -> AbstractContextManager[ClickHouseSession]:
        """See `eqlx.execution.Executor.open`."""
        return _session(dataset, model, bounds, self)

    def with_layout(self, layout: LayoutKind) -> ClickHouseExecutor:
        """See `eqlx.execution.LayoutChoice`."""
        return replace(self, layout=layout)

    def with_packs(self, packs: tuple[Pack, ...]) -> ClickHouseExecutor:
        """See `eqlx.packs.model.TakesPacks`."""
        return replace(self, packs=packs)


@contextmanager
def _session(
    dataset: Dataset, model: EventModel, bounds: Bounds, executor: ClickHouseExecutor
) -> Generator[ClickHouseSession]:
    kind = executor.layout or LayoutKind.NESTED
    connection = Connection(bounds)
    with tempfile.TemporaryDirectory(prefix="eqlx-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        reader = Reader(bounds, scratch / "spill")
        try:
            as_read = DuckDBExecutor(kind, executor.packs)
            loaded = load(dataset, scratch, reader, as_read, model)
            table = copy_table(reader, loaded.table, connection, scratch)
            yield ClickHouseSession(
                loaded.schema,
                loaded.layout,
                loaded.options(table),
                connection,
                loaded.reader(model),
                loaded.notes,
                loaded.has_times,
                loaded.wide,
            )
        finally:
            reader.close()
            connection.close()


EXECUTOR = ClickHouseExecutor()
