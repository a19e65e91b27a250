"""What is wrong with a file of events, shown at the line that is wrong."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue.execution import (
    engine_failed,
    engine_version,
    events_unreadable,
)
from eqlx.diagnostics.catalogue.fields import too_many_fields
from eqlx.events import Broken, notes_of, read_events
from eqlx.events.times import Times, dated
from eqlx.execution import (
    Dataset,
    DatasetError,
    EngineVersionError,
    Event,
    ExecutionError,
    TooManyFieldsError,
)
from eqlx.fields.documents import flatten
from eqlx.meaning.dates import epoch_nanoseconds
from eqlx.source import Source, Span


def load_events(dataset: Dataset, timestamp: str) -> tuple[list[Event], tuple[Diagnostic, ...]]:
    """The events of JSON files, and what there is to say of them. Numbers in the field `timestamp`
    that are no milliseconds become dates.

    Raises:
        DatasetError: a file cannot be read.
    """
    faults = Broken(dataset.skip_broken)
    events, unit = dated(read_events(dataset.files, faults), timestamp, dataset.timestamp_format)
    values = [flatten(event).get(timestamp, []) for event in events]
    read = [len(found) == 1 and epoch_nanoseconds(found[0]) is not None for found in values]
    unread = (
        str(found[0]) for found, is_read in zip(values, read, strict=True) if found and not is_read
    )
    times = Times(
        timestamp, unit, len(values), sum(map(bool, values)), sum(read), next(unread, None)
    )
    return list(events), notes_of(dataset, faults, times)


def engine_diagnostic(engine: str, error: ExecutionError) -> Diagnostic:
    """The diagnostic of an engine that did not start."""
    if isinstance(error, EngineVersionError):
        return engine_version(error.engine, error.version, error.construct, error.promised)
    return engine_failed(engine, str(error), error.advice)


_MAX_LINE = 1_000_000


def dataset_diagnostic(error: DatasetError) -> Diagnostic:
    """The diagnostic of a dataset that cannot be read, with the broken line if it is known."""
    if isinstance(error, TooManyFieldsError):
        return too_many_fields(error.limit, error.example)
    path = None if error.path is None else str(error.path)
    line = None
    if error.path is not None and error.line is not None:
        line = _line(error.path, error.line)
    if path is None or line is None or error.line is None:
        where = "" if error.line is None else f" (line {error.line})"
        return events_unreadable(f"{error}{where}", path, advice=error.advice)
    # The lines before it need not be read again to know their number.
    start = error.line - 1
    source = Source(path, "\n" * start + line)
    report = Report(source)
    report.add(events_unreadable(str(error), path, _fault(line, start), ends=error.ends))
    return report.diagnostics[0]


def _line(path: Path, number: int) -> str | None:
    """A line of a text file; None if the file is compressed or not text."""
    try:
        with path.open("rb") as lines:
            found = next(islice(lines, number - 1, number), None)
    except OSError:
        return None
    if found is None or found.startswith(b"\x1f\x8b"):
        return None
    try:
        return found[:_MAX_LINE].decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return found[:_MAX_LINE].decode("utf-8", "replace").rstrip("\r\n")


def _fault(line: str, start: int) -> Span:
    """Where the JSON of the line breaks, else the whole line."""
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        place = min(error.pos, max(len(line) - 1, 0))
        return Span(start + place, start + min(place + 1, max(len(line), 1)))
    except (ValueError, RecursionError):
        pass
    return Span(start, start + max(len(line), 1))
