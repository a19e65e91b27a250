"""The executor over Spark in local mode: files are read and typed by DuckDB, as for its own engine, and
searched by Spark with the SQL of the dialect `spark`."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from eqlx.bounds import Deadline, within
from eqlx.diagnostics import Diagnostic
from eqlx.execution import Bounds, Dataset, ExecutionError, Job, Match
from eqlx.fields.layout import Layout, LayoutKind
from eqlx.fields.schema import Schema
from eqlx.fields.whole_numbers import Wide
from eqlx.packs.model import Pack
from eqlx.target import API_VERSION, EventModel
from eqlx_targets.engines.duckdb.connection import Connection as Reader
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor, load
from eqlx_targets.engines.duckdb.matches import MatchReader
from eqlx_targets.engines.spark.connection import readable, spark_session
from eqlx_targets.engines.spark.tables import copy_table

_NUMBERS = count(1)


@dataclass(frozen=True)
class SparkRun:
    """A dataset as a view in the process's Spark session. `options` are those of the target `sql`."""

    schema: Schema
    layout: Layout
    options: Mapping[str, str]
    _session: Any
    _reader: MatchReader
    _seconds: float
    notes: tuple[Diagnostic, ...] = ()
    has_times: bool = True
    wide: Wide = field(default_factory=Wide)

    def run(self, job: Job) -> Sequence[Match]:
        """Run the artifact's text, nothing else.

        Raises:
            ExecutionError: there is no artifact, it is not one SELECT, or Spark failed on it.
        """
        if job.artifact is None:
            message = "the engine `spark` runs artifacts of the target `sql`, and the job has none"
            raise ExecutionError(message)
        names, rows = self._select(job.artifact.text)
        return self._reader.read(job.query, names, rows)

    def _select(self, text: str) -> tuple[list[str], list[tuple[object, ...]]]:
        if not is_one_select(text):
            message = "the artifact is not exactly one SELECT statement over tables"
            raise ExecutionError(message)
        deadline = Deadline("the query", self._seconds)
        try:
            with within(deadline, self._session.sparkContext.cancelAllJobs):
                frame = self._session.sql(text)
                return list(frame.columns), [tuple(row) for row in frame.collect()]
        except ExecutionError:
            raise
        except Exception as error:
            raise ExecutionError(readable(error)) from error


def is_one_select(text: str) -> bool:
    """Whether the text is one SELECT that reads from tables alone, not from files."""
    try:
        statements = parse(text, read="spark")
    except SqlglotError:
        return False
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        return False
    tables = statements[0].find_all(exp.Table)
    return all(isinstance(table.this, exp.Identifier) and not table.db for table in tables)


@dataclass(frozen=True, slots=True)
class SparkExecutor:
    """`layout`: how JSON events are laid out in columns (None: nested).
    `packs`: mappings for raw JSON events that they recognise."""

    layout: LayoutKind | None = None
    packs: tuple[Pack, ...] = ()
    api_version: int = API_VERSION
    name: str = "spark"
    summary: str = "Spark in local mode (pyspark), over JSON and Parquet"
    target: str | None = "sql"
    dialect: str | None = "spark"

    def open(
        self, dataset: Dataset, model: EventModel, bounds: Bounds
    ) -> AbstractContextManager[SparkRun]:
        """See `eqlx.execution.Executor.open`."""
        return _session(dataset, model, bounds, self)

    def with_layout(self, layout: LayoutKind) -> SparkExecutor:
        """See `eqlx.execution.LayoutChoice`."""
        return replace(self, layout=layout)

    def with_packs(self, packs: tuple[Pack, ...]) -> SparkExecutor:
        """See `eqlx.packs.model.TakesPacks`."""
        return replace(self, packs=packs)


@contextmanager
def _session(
    dataset: Dataset, model: EventModel, bounds: Bounds, executor: SparkExecutor
) -> Generator[SparkRun]:
    session = spark_session(bounds)
    name = f"eqlx_{next(_NUMBERS)}"
    with tempfile.TemporaryDirectory(prefix="eqlx-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        reader = Reader(bounds, scratch / "spill")
        try:
            as_read = DuckDBExecutor(executor.layout or LayoutKind.NESTED, executor.packs)
            loaded = load(dataset, scratch, reader, as_read, model)
            copy_table(reader, loaded.table, session, scratch, name)
            yield SparkRun(
                loaded.schema,
                loaded.layout,
                loaded.options(name),
                session,
                loaded.reader(model),
                bounds.seconds,
                loaded.notes,
                loaded.has_times,
                loaded.wide,
            )
        finally:
            reader.close()
            session.catalog.dropTempView(name)


EXECUTOR = SparkExecutor()
