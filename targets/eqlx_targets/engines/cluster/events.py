"""A dataset's events in memory, their fields, and their times as text."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from eqlx.diagnostics import EqlxError
from eqlx.execution import Dataset, DatasetError, Event
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.documents import Scalar, flatten
from eqlx.fields.infer import infer
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.types import FieldType
from eqlx_targets.elasticsearch.mapping import is_addressable
from eqlx_targets.engines.duckdb.files import Opened, binary, find_broken_line, open_files
from eqlx_targets.engines.duckdb.times import iso_text

_FINE = re.compile(r"[.,]\d{3}\d*[1-9]")


def read_events(dataset: Dataset) -> tuple[Event, ...]:
    """The events of a dataset, in order.

    Raises:
        DatasetError: a file is missing, broken, or Parquet.
    """
    if dataset.events is not None:
        return dataset.events
    with tempfile.TemporaryDirectory(prefix="eqlx-", ignore_cleanup_errors=True) as scratch:
        opened = open_files(dataset.files, Path(scratch))
        return tuple(event for file in opened for event in _events(file))


def _events(file: Opened) -> Iterator[Event]:
    if file.is_parquet:
        message = "this engine reads no Parquet: use `--engine duckdb`, or convert it to NDJSON"
        raise DatasetError(message, file.path)
    if (error := find_broken_line([file])) is not None and file.readable == file.path.resolve():
        raise error
    with binary(file.readable) as lines:
        for line in lines:
            if line.strip():
                event: Event = json.loads(line)
                yield event


def schema_of(events: Sequence[Event]) -> FieldList:
    """The fields that the events have, closed: the catalogue's type where it knows the name, else
    that of the values. A date with a part of a millisecond is `date_nanos`."""
    try:
        found = infer(events)
    except EqlxError as error:
        raise DatasetError(error.diagnostics[0].message) from error
    fine = set(_fine_dates(events))
    fields: dict[str, FieldInfo] = {}
    for name, info in found.fields.items():
        known = CATALOGUE.lookup(name)
        kind = info.type if known is None else known.type
        # What only looks like a date stays text, as the reference interpreter has it.
        if known is None and kind in (FieldType.DATE, FieldType.IP):
            kind = FieldType.KEYWORD
        if kind is FieldType.DATE and name in fine:
            kind = FieldType.DATE_NANOS
        if is_addressable(name):
            fields[name] = FieldInfo(kind, info.multivalued)
    return FieldList(fields)


def _fine_dates(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        for name, values in flatten(event).items():
            if any(isinstance(value, str) and _FINE.search(value) for value in values):
                yield name


def timestamp_text(values: Sequence[Scalar]) -> str | None:
    """The one time of an event in UTC as ISO 8601; None where there is none, or several."""
    return iso_text(values[0]) if len(values) == 1 else None
