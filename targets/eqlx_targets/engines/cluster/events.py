"""A dataset's events in memory, their fields, and their times as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from eqlx.diagnostics import Diagnostic, EqlxError
from eqlx.events import Broken, notes_of, read_events
from eqlx.events.times import Times, dated
from eqlx.execution import Dataset, DatasetError, Event
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.documents import Scalar, flatten
from eqlx.fields.infer import infer
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.fields.whole_numbers import Wide
from eqlx.ir.types import FieldType
from eqlx_targets.elasticsearch.mapping import is_addressable
from eqlx_targets.engines.duckdb.times import iso_text

_FINE = re.compile(r"[.,]\d{3}\d*[1-9]")


@dataclass(frozen=True)
class Loaded:
    """The events as they are indexed, and what there is to say of them."""

    events: tuple[Event, ...]
    notes: tuple[Diagnostic, ...] = ()
    has_times: bool = True
    wide: Wide = field(default_factory=Wide)


def load(dataset: Dataset, timestamp: str) -> Loaded:
    """The events of a dataset, in order; numbers in the field `timestamp` that are no milliseconds
    become dates.

    Raises:
        DatasetError: a file is missing, broken, or Parquet.
    """
    if dataset.events is not None:
        return Loaded(dataset.events)
    faults = Broken(dataset.skip_broken)
    events, unit = dated(read_events(dataset.files, faults), timestamp, dataset.timestamp_format)
    values = [flatten(event).get(timestamp, []) for event in events]
    readable = [timestamp_text(found) is not None for found in values]
    unread = (
        str(found[0])
        for found, is_read in zip(values, readable, strict=True)
        if found and not is_read
    )
    present = sum(map(bool, values))
    times = Times(timestamp, unit, len(values), present, sum(readable), next(unread, None))
    wide = Wide()
    for event in events:
        for name, found in flatten(event).items():
            for value in found:
                wide.add(name, value)
    return Loaded(tuple(events), notes_of(dataset, faults, times), not times.none_readable, wide)


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
