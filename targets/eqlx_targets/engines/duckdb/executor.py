"""The executor over embedded DuckDB: event files or events in memory, searched with our SQL."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from eqlx.bounds import bytes_of
from eqlx.diagnostics import Diagnostic
from eqlx.events import Broken, notes_of
from eqlx.execution import Bounds, Dataset, DatasetError, Event, ExecutionError, Found, Job, Match
from eqlx.fields.layout import Layout, LayoutKind
from eqlx.fields.schema import Schema
from eqlx.fields.table import TableShape
from eqlx.fields.whole_numbers import Wide
from eqlx.packs.model import Pack
from eqlx.target import API_VERSION, EventModel
from eqlx_targets.engines.duckdb import files
from eqlx_targets.engines.duckdb.connection import Connection
from eqlx_targets.engines.duckdb.documents import looked_at, made_by_packs, read_documents
from eqlx_targets.engines.duckdb.matches import MatchReader
from eqlx_targets.engines.duckdb.packs import map_documents
from eqlx_targets.engines.duckdb.parquet import load_parquet
from eqlx_targets.engines.duckdb.prepared import Prepared
from eqlx_targets.engines.duckdb.rows import as_lines, describe, needs_documents
from eqlx_targets.engines.duckdb.tables import Loaded, load_json
from eqlx_targets.engines.duckdb.together import Progress, Together
from eqlx_targets.sql.units import Units


@dataclass(frozen=True)
class DuckDBSession:
    """A dataset in a locked connection. `options` are those of the target `sql`."""

    schema: Schema
    layout: Layout
    options: Mapping[str, str]
    _connection: Connection
    _reader: MatchReader
    notes: tuple[Diagnostic, ...] = ()
    has_times: bool = True
    wide: Wide = field(default_factory=Wide)
    memory: int = 4_000_000_000
    _prepared: Prepared = field(default_factory=Prepared)

    def prepare(self, jobs: Sequence[Job], progress: Progress | None) -> None:
        """See `eqlx.execution.Preparing`."""
        made = Together(
            self._connection,
            self._units,
            self.layout,
            self._reader.model,
            self._reader.row,
            self.memory,
        )
        self._prepared.search(made, jobs, progress)

    def _units(self, job: Job) -> Units:
        return Units(job.schema or self.schema, self._reader.model, self.layout)

    def run(self, job: Job) -> Sequence[Match]:
        """Run the artifact's text, nothing else. See `find`."""
        with self._connection.timed("the query"):
            found = self.find(job)
            return found.make(self.documents(found.rows))

    def find(self, job: Job) -> Found:
        """Run the artifact's text, nothing else.

        Raises:
            ExecutionError: there is no artifact, it is not one SELECT, or DuckDB failed on it.
        """
        if job.artifact is None:
            message = "the engine `duckdb` runs artifacts of the target `sql`, and the job has none"
            raise ExecutionError(message)
        text = job.artifact.text
        with self._connection.timed("the query"):
            return self._prepared.found(
                job, lambda: self._found(job, text), lambda: self._connection.plan(text)
            )

    def _found(self, job: Job, text: str) -> Found:
        names, rows = self._connection.select(text)
        return self._reader.found(job.query, names, rows)

    def documents(self, rows: Sequence[int]) -> Mapping[int, Event]:
        """See `eqlx.execution.Deferring`."""
        with self._connection.timed("reading the events of matches"):
            return self._reader.documents(rows)


@dataclass(frozen=True, slots=True)
class DuckDBExecutor:
    """`layout`: how JSON events are laid out in columns (None: flat); Parquet keeps its own.
    `packs`: mappings for raw JSON events that they recognise."""

    layout: LayoutKind | None = None
    packs: tuple[Pack, ...] = ()
    api_version: int = API_VERSION
    name: str = "duckdb"
    summary: str = "embedded DuckDB, in memory, over JSON and Parquet"
    target: str | None = "sql"
    dialect: str | None = "duckdb"

    def open(
        self, dataset: Dataset, model: EventModel, bounds: Bounds
    ) -> AbstractContextManager[DuckDBSession]:
        """See `eqlx.execution.Executor.open`."""
        return _session(dataset, model, bounds, self)

    def describe(self, file: Path) -> TableShape:
        """See `eqlx.execution.Describes`."""
        with tempfile.TemporaryDirectory(prefix="eqlx-", ignore_cleanup_errors=True) as folder:
            connection = Connection(Bounds(), Path(folder, "spill"))
            try:
                with connection.timed("reading the table"):
                    (opened,) = files.open_files([file], Path(folder), Broken(skip=False))
                    return describe(opened, connection)
            finally:
                connection.close()

    def write_parquet(self, rows: Path, columns: Mapping[str, str], file: Path) -> None:
        """See `eqlx.execution.WritesTables`."""
        part = file.with_name(f".{file.name}.{os.getpid()}.part")
        with tempfile.TemporaryDirectory(prefix="eqlx-", ignore_cleanup_errors=True) as folder:
            connection = Connection(Bounds(), Path(folder, "spill"))
            try:
                with connection.within_bounds():
                    table = connection.raw.read_ndjson(str(rows), dict(columns))
                    table.write_parquet(str(part))
                part.replace(file)
            except OSError as error:
                message = f"the file cannot be written: {error.strerror}"
                raise ExecutionError(message) from error
            finally:
                connection.close()
                part.unlink(missing_ok=True)

    def with_layout(self, layout: LayoutKind) -> DuckDBExecutor:
        """See `eqlx.execution.LayoutChoice`."""
        return replace(self, layout=layout)

    def with_packs(self, packs: tuple[Pack, ...]) -> DuckDBExecutor:
        """See `eqlx.packs.model.TakesPacks`."""
        return replace(self, packs=packs)


@contextmanager
def _session(
    dataset: Dataset, model: EventModel, bounds: Bounds, executor: DuckDBExecutor
) -> Generator[DuckDBSession]:
    with tempfile.TemporaryDirectory(prefix="eqlx-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        connection = Connection(bounds, scratch / "spill")
        try:
            loaded = load(dataset, scratch, connection, executor, model)
            connection.lock(loaded.in_place)
            yield DuckDBSession(
                loaded.schema,
                loaded.layout,
                loaded.options(),
                connection,
                loaded.reader(model),
                loaded.notes,
                loaded.has_times,
                loaded.wide,
                bytes_of(bounds.memory),
            )
        finally:
            connection.close()


def load(
    dataset: Dataset,
    scratch: Path,
    connection: Connection,
    executor: DuckDBExecutor,
    model: EventModel,
) -> Loaded:
    """The dataset as a table of typed columns, with all that there is to say of it; in one total of time.
    Engines that search a copy of the table load it by this, too."""
    faults = Broken(dataset.skip_broken)
    mapped: list[Diagnostic] = []
    with connection.timed("loading the events"):
        loaded = _load(dataset, scratch, connection, executor, model, faults, mapped)
    read = dataset.events is None and loaded.times is not None
    said = notes_of(dataset, faults, loaded.times) if read and loaded.times else ()
    return replace(loaded, notes=(*mapped, *loaded.notes, *said))


def _load(
    dataset: Dataset,
    scratch: Path,
    connection: Connection,
    executor: DuckDBExecutor,
    model: EventModel,
    faults: Broken,
    mapped: list[Diagnostic],
) -> Loaded:
    """The dataset as a table of typed columns."""
    if dataset.events is not None:
        file = scratch / "events.ndjson"
        _write(dataset.events, file)
        opened = files.open_files([file], scratch, faults)
    else:
        opened = files.open_files(dataset.files, scratch, faults)
    parquet = [file for file in opened if file.is_parquet]
    if parquet:
        alone = len(parquet) == len(opened)
        if alone and not needs_documents(
            opened, connection, model, executor.packs, own_form=dataset.timestamp_format is not None
        ):
            return load_parquet(opened, connection, model.timestamp)
        opened = as_lines(opened, connection)
    found = read_documents(opened, connection, scratch, faults)
    if executor.packs:
        made = map_documents(connection, executor.packs, model.category, found.shapes.places)
        mapped.extend(made.notes)
        if made.changed:
            found = made_by_packs(connection) if made.whole else looked_at(connection)
    return load_json(
        found,
        connection,
        executor.layout,
        model,
        with_units=dataset.events is None,
        timestamp_format=dataset.timestamp_format,
    )


def _write(events: Sequence[Event], file: Path) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for number, event in enumerate(events, 1):
            try:
                lines.write(json.dumps(event, allow_nan=False, default=str) + "\n")
            except (ValueError, RecursionError) as error:
                message = f"event {number} cannot be written as JSON: {error}"
                raise DatasetError(message) from error


EXECUTOR = DuckDBExecutor()
