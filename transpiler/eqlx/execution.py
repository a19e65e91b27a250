"""The protocol of an executor: a query over a dataset gives matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from eqlx.diagnostics import Diagnostic
from eqlx.fields.layout import Layout, LayoutKind
from eqlx.fields.schema import Schema
from eqlx.fields.table import TableShape
from eqlx.fields.whole_numbers import Wide
from eqlx.ir.nodes import Query
from eqlx.target import Artifact, EventModel

Event = Mapping[str, object]
"""One event as a JSON document: nested objects, dotted keys, arrays, in any mixture."""


@dataclass(frozen=True)
class Dataset:
    """Events to search: files (JSON or Parquet, see `eqlx.events`), in order, or events in memory.
    Row numbers count from 1 over all of them.

    `skip_broken`: events of files that cannot be read are left out and counted (`Session.notes`);
    otherwise the first of them ends the reading. `timestamp_format`: the form of the files' times as
    `strptime` has it (`eqlx.events.forms`), where they are neither ISO dates nor numbers."""

    files: tuple[Path, ...] = ()
    events: tuple[Event, ...] | None = None
    skip_broken: bool = False
    timestamp_format: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may use.

    `seconds`: the total for loading the events, and for each query's whole search. `memory`: what the
    engine may use; what eqlx holds itself, beside an engine with memory of its own, may take as much
    again.
    """

    seconds: float = 300.0
    memory: str = "4GB"
    threads: int | None = None


class MatchKind(Enum):
    EVENT = "event"
    SEQUENCE = "sequence"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class MatchedEvent:
    """One event of a match, or the slot of a missing one (`missing`, all else None).

    `stage` counts from 0 after `runs` are expanded, missing stages included. `row` is the row number
    from 1. `id` is the value of the id field, else `row`. `fields` is the document as it was read.
    """

    stage: int
    row: int | None
    id: object
    timestamp: str | None
    missing: bool
    fields: Event


@dataclass(frozen=True, slots=True)
class Match:
    """One result; `keys` are the join keys, None where an optional key had no value."""

    kind: MatchKind
    keys: tuple[object, ...]
    events: tuple[MatchedEvent, ...]


@dataclass(frozen=True)
class Job:
    """One query to run: the IR and, for an executor that takes a target's artifacts, the artifact.
    `schema`: what it was made with, where that is known."""

    query: Query
    artifact: Artifact | None = None
    schema: Schema | None = None


class ExecutionError(Exception):
    """The engine refused or failed; the message is its own words, made readable. `advice` says what to
    do about it."""

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        self.advice = advice


class TimeUpError(ExecutionError):
    """The time is up. `what`: the work, as the subject of a sentence."""

    def __init__(self, what: str, seconds: float) -> None:
        message = f"{what} took longer than {seconds:g} seconds and was stopped"
        super().__init__(message, "give it more time with `--timeout`")
        self.what = what
        self.seconds = seconds

    def __reduce__(self) -> tuple[type[Self], tuple[str, float]]:
        return type(self), (self.what, self.seconds)


class StillBusyError(TimeUpError):
    """The time is up, and the engine did not stop when it was told to: nobody waits for it any more."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(what, seconds)
        found = f"{what} took longer than {seconds:g} seconds"
        self.args = (
            f"{found}; the engine did not stop when it was told to, and computes on until it can",
        )
        self.advice = (
            "look for a slow regular expression over long values in the query; other rules may run "
            "more slowly meanwhile"
        )


MORE_MEMORY = "give it more memory with `--memory`, or search fewer events at once"


class MemoryUpError(ExecutionError):
    """The memory is used up. `what`: the work, as the subject of a sentence; `size` in bytes."""

    def __init__(self, what: str, size: int) -> None:
        shown = f"{size / 1_000_000:,.0f} MB" if size >= 10_000_000 else f"{size:,} bytes"
        super().__init__(f"{what} took more than {shown} of memory and was stopped", MORE_MEMORY)
        self.what = what
        self.size = size

    def __reduce__(self) -> tuple[type[Self], tuple[str, int]]:
        return type(self), (self.what, self.size)


class EngineVersionError(ExecutionError):
    """The installed version of an engine lacks a construct that artifacts need. `promised`: the
    versions that have all of them."""

    def __init__(self, engine: str, version: str, construct: str, promised: str) -> None:
        super().__init__(f"{engine} {version} lacks {construct}")
        self.engine = engine
        self.version = version
        self.construct = construct
        self.promised = promised

    def __reduce__(self) -> tuple[type[Self], tuple[str, str, str, str]]:
        return type(self), (self.engine, self.version, self.construct, self.promised)


class DatasetError(ExecutionError):
    """The events cannot be read; `path` and `line` (from 1) say where. `ends`: nothing behind the
    place can be read, whatever is skipped."""

    def __init__(
        self,
        message: str,
        path: Path | None = None,
        line: int | None = None,
        *,
        ends: bool = False,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, advice)
        self.path = path
        self.line = line
        self.ends = ends


class TooManyFieldsError(DatasetError):
    """The events have more than `limit` field names; `example` is one of them."""

    def __init__(self, limit: int, example: str) -> None:
        super().__init__(f"more than {limit} different field names, `{example}` among them")
        self.limit = limit
        self.example = example

    def __reduce__(self) -> tuple[type[Self], tuple[int, str]]:
        return type(self), (self.limit, self.example)


class Session(Protocol):
    """A dataset opened by an executor."""

    @property
    def schema(self) -> Schema:
        """The fields that the data has (closed)."""
        ...

    @property
    def layout(self) -> Layout | None:
        """The columns that artifacts for this session must be made for."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """Options of the target that artifacts for this session must be made with."""
        ...

    def run(self, job: Job) -> Sequence[Match]:
        """The matches, in the order of spec §1 "Pipes and size".

        Raises:
            ExecutionError: the engine failed on this query; the session stays usable.
        """
        ...


class Executor(Protocol):
    """An engine. `target`/`dialect`: whose artifacts it runs (None: the IR itself)."""

    @property
    def api_version(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def target(self) -> str | None: ...
    @property
    def dialect(self) -> str | None: ...

    def open(
        self, dataset: Dataset, model: EventModel, bounds: Bounds
    ) -> AbstractContextManager[Session]:
        """Open the events.

        Raises:
            DatasetError: a file is missing or broken.
        """
        ...


@runtime_checkable
class Noting(Protocol):
    """What a session may add: what there is to say of its data before any rule runs."""

    @property
    def notes(self) -> Sequence[Diagnostic]: ...

    @property
    def has_times(self) -> bool:
        """Whether the time of any event can be read, or there are no events."""
        ...


@dataclass(frozen=True)
class Found:
    """What a search found before the documents are read: the `rows` that the matches need, and what
    makes matches of their documents."""

    rows: Sequence[int]
    make: Callable[[Mapping[int, Event]], Sequence[Match]]


@runtime_checkable
class Deferring(Protocol):
    """What a session may add: it searches without reading documents, so that those of many rules are
    read in one pass over the data."""

    def find(self, job: Job) -> Found:
        """Search, as `Session.run`, without the documents."""
        ...

    def documents(self, rows: Sequence[int]) -> Mapping[int, Event]:
        """The documents of some rows."""
        ...


@runtime_checkable
class Preparing(Protocol):
    """What a session may add: it looks for the events of many jobs in one pass over the data."""

    def prepare(self, jobs: Sequence[Job], progress: Callable[[int, int], None] | None) -> None:
        """Search for the jobs; `run` and `find` of these very jobs then use what was found, and give what
        they give without. `progress` is told how many events were searched, and of how many.

        Nothing is raised for a job that fails, nor where the pass as a whole fails: such jobs are
        searched alone.
        """
        ...


@runtime_checkable
class Ranged(Protocol):
    """What a session may add: the ranges of its fields' whole numbers, as far as they leave 64 signed
    bits, so that a field whose type cannot hold them can be named."""

    @property
    def wide(self) -> Wide: ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What an executor must be told about its surroundings: a server's URL, credentials.

    `environment` is the variable that the CLI reads it from. A `secret` has no other source, since
    a command line is seen by others.
    """

    name: str
    environment: str
    help: str
    secret: bool = False


@runtime_checkable
class Configurable(Protocol):
    """An executor that needs settings before it is opened. It reads no environment itself."""

    @property
    def settings(self) -> tuple[Setting, ...]: ...

    def configured(self, values: Mapping[str, str]) -> Executor:
        """The executor with these values, by the settings' names.

        Raises:
            ExecutionError: they do not fit together.
        """
        ...


@runtime_checkable
class Describes(Protocol):
    """What an executor may add: it says how a file of events looks as a table of its engine."""

    def describe(self, file: Path) -> TableShape:
        """The columns of the table that the engine reads out of the file, with nothing added.

        Raises:
            DatasetError: the file is broken.
        """
        ...


@runtime_checkable
class WritesTables(Protocol):
    """What an executor may add: it writes rows as a Parquet file."""

    def write_parquet(self, rows: Path, columns: Mapping[str, str], file: Path) -> None:
        """Write the NDJSON file `rows` with these columns (types in the words of DuckDB), whole or not
        at all.

        Raises:
            ExecutionError: the file cannot be written.
        """
        ...


@runtime_checkable
class LayoutChoice(Protocol):
    """What an executor may add: it can lay JSON events out in columns in several ways, and
    `eqlx verify` tries each."""

    def with_layout(self, layout: LayoutKind) -> Self:
        """The executor, with this layout for JSON events."""
        ...
