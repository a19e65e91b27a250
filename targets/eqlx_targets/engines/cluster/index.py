"""A temporary index that holds a dataset's events: mapping, bulk loading, removal."""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count

from eqlx.bounds import Deadline
from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue.execution import index_left
from eqlx.execution import DatasetError, Event, ExecutionError
from eqlx.fields.documents import Scalar, flatten
from eqlx.fields.schema import FieldInfo, Schema
from eqlx.ir.types import FieldType
from eqlx.target import EventModel
from eqlx_targets.elasticsearch.mapping import Property, conflict, properties, property_of
from eqlx_targets.engines.cluster.answers import (
    Answer,
    check_acknowledged,
    check_complete,
    check_indexed,
)
from eqlx_targets.engines.cluster.client import Client

ROW = "eqlx_row"
"""The field that holds an event's row number (from 1), which is also its `_id`."""

_CHUNK_BYTES = 4_000_000
_CHUNK_EVENTS = 10_000
_REMOVAL_SECONDS = 5.0
_FIELDS_BESIDE = 100
LONGEST_TERM = 32_766
"""Bytes of UTF-8; Lucene keeps no longer term."""


@contextmanager
def temporary_index(
    client: Client,
    events: Sequence[Event],
    schema: Schema,
    model: EventModel,
    left: list[Diagnostic],
) -> Generator[str]:
    """The name of an index that holds the events; it is removed at the end, however the work ends. If
    it cannot be, `left` says so.

    Raises:
        DatasetError: an event cannot be indexed.
        ExecutionError: the cluster refused the index.
    """
    name = f"eqlx-{uuid.uuid4().hex}"
    mapped = {field: info for field in schema.names() if (info := schema.lookup(field)) is not None}
    settings = _settings(mapped, model)
    try:
        check_acknowledged(client.put(name, body=settings))
        for lines in _chunks(events, mapped):
            _check(client.post_lines(name, "_bulk", lines=lines), len(lines) // 2)
        check_complete(client.post(name, "_refresh"), "the refresh of an index")
        yield name
    finally:
        _remove(client, name, left)


def _remove(client: Client, name: str, left: list[Diagnostic]) -> None:
    """Remove the index if it is there. What went wrong before is more telling than a failing
    removal, so that nothing is raised for it."""
    try:
        with client.until(Deadline("the removal of the index", _REMOVAL_SECONDS), attempts=1):
            client.delete(name, ignore_unavailable="true")
    except ExecutionError as error:
        left.append(index_left(name, str(error)))
    except KeyboardInterrupt:
        left.append(index_left(name, "interrupted"))
        raise


def _settings(mapped: Mapping[str, FieldInfo], model: EventModel) -> Answer:
    roles = {model.timestamp: FieldType.DATE, model.category: FieldType.KEYWORD}
    if model.tiebreaker is not None:
        roles[model.tiebreaker] = FieldType.LONG
    missing = {name: FieldInfo(kind) for name, kind in roles.items() if name not in mapped}
    fields = {**mapped, **missing, ROW: FieldInfo(FieldType.LONG)}
    if (pair := conflict(fields)) is not None:
        message = (
            f"an index cannot hold both `{pair[0]}` and `{pair[1]}`: "
            "a field with values has no fields below it"
        )
        raise DatasetError(message)
    return {
        "settings": {
            "index": {
                "number_of_shards": 1,
                "number_of_replicas": 0,
                "refresh_interval": "-1",
                "mapping": {
                    "total_fields": {"limit": 2 * len(fields) + _FIELDS_BESIDE},
                    "depth": {"limit": 100},
                    "ignore_malformed": True,
                },
            }
        },
        "mappings": {"dynamic": False, "properties": properties(fields, _property)},
    }


def _property(info: FieldInfo) -> Property:
    """As the target's own mapping has it, but for two things: OpenSearch 2 has no type for versions,
    and every text is kept that Lucene can keep."""
    match info.type:
        case FieldType.KEYWORD | FieldType.VERSION:
            return {"type": "keyword"}
        case FieldType.TEXT:
            return {"type": "text", "fields": {"keyword": {"type": "keyword"}}}
        case _:
            return property_of(info)


def _chunks(events: Sequence[Event], mapped: Mapping[str, FieldInfo]) -> Iterator[list[bytes]]:
    lines: list[bytes] = []
    size = 0
    for row, event in zip(count(1), events, strict=False):
        action = json.dumps({"index": {"_id": str(row)}}).encode()
        document = _document(event, row, mapped)
        size += len(action) + len(document)
        lines += [action, document]
        if size > _CHUNK_BYTES or len(lines) >= 2 * _CHUNK_EVENTS:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def _document(event: Event, row: int, mapped: Mapping[str, FieldInfo]) -> bytes:
    """The event with flat names and only the fields that are mapped."""
    document: dict[str, object] = {ROW: row}
    for name, values in flatten(event).items():
        if (info := mapped.get(name)) is not None:
            kept = [v for value in values if (v := _indexable(value, info.type)) is not None]
            if kept:
                document[name] = kept
    try:
        return json.dumps(document, ensure_ascii=True, allow_nan=False, default=str).encode()
    except (ValueError, RecursionError) as error:
        message = f"event {row} cannot be written as JSON: {error}"
        raise DatasetError(message) from error


def _indexable(value: Scalar, kind: FieldType) -> Scalar | None:
    """A value as the index takes it; None for one that it would refuse a whole document for."""
    match kind:
        case FieldType.KEYWORD | FieldType.TEXT | FieldType.VERSION:
            text = value if isinstance(value, str) else json.dumps(value)
            return text if len(text.encode("utf-8", "replace")) <= LONGEST_TERM else None
        case FieldType.BOOLEAN:
            return value if value in ("true", "false", "") or isinstance(value, bool) else None
        case _:
            return None if isinstance(value, bool) else value


def _check(answer: Answer, sent: int) -> None:
    """Raise for the first event that the cluster did not take."""
    refused = check_indexed(answer, sent)
    if refused is not None:
        message = f"event {refused[0]} cannot be indexed: {refused[1]}"
        raise DatasetError(message)
