"""Elasticsearch's EQL suite: events, schemas and cases as values, and the judge of a result.

Any engine can be put to it: a function from a compiled query, a `Group` (its events, schema and
event model) and the number of samples a key to matches. The data is read in place.
"""

from __future__ import annotations

import ipaddress
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from eqlx.diagnostics import Report, Severity
from eqlx.execution import Event, Match, MatchKind
from eqlx.fields.schema import FieldInfo, FieldList
from eqlx.ir.nodes import Field, Query, Sample
from eqlx.ir.nodes import Sequence as SequenceQuery
from eqlx.ir.types import FieldType, field_type
from eqlx.passes.context import Context
from eqlx.passes.pipeline import compile_source
from eqlx.source import Source
from eqlx.target import EventModel

FOLDER = "elasticsearch-eql-suite"
SIZE = 50
"""The request's size, unless a case says otherwise."""

MISSING = -1
"""The slot of a missing event in expected ids."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One query. `expected`: the flattened ids of every result that is right."""

    file: str
    name: str
    text: str
    expected: tuple[tuple[object, ...], ...]
    join_keys: tuple[str, ...]
    size: int = SIZE
    samples_per_key: int = 1


@dataclass(frozen=True)
class Group:
    """A data set and the cases that run on it."""

    name: str
    documents: tuple[Event, ...]
    schema: FieldList
    model: EventModel
    cases: tuple[Case, ...]


class Engine(Protocol):
    """What the suite can be run on."""

    def __call__(self, query: Query, group: Group, samples_per_key: int, /) -> Sequence[Match]: ...


# --- loading ----------------------------------------------------------------------------------


@cache
def groups(folder: Path) -> tuple[Group, ...]:
    """All groups: 308 cases, and the group `endgame-140-nanos-again` beyond them."""
    return (
        _group(
            folder,
            "endgame-140",
            ("endgame-140",),
            ("test_queries", "additional_test_queries", "test_queries_date"),
            EventModel(tiebreaker="serial_event_id", id="serial_event_id"),
        ),
        _group(
            folder,
            "endgame-140-nanos",
            ("endgame-140",),
            ("test_queries_date_nanos",),
            EventModel(tiebreaker="serial_event_id", id="serial_event_id"),
        ),
        _group(
            folder,
            "extra",
            ("extra",),
            ("test_extra",),
            EventModel(tiebreaker="sequence", id="sequence"),
        ),
        _group(
            folder,
            "missing-events",
            ("missing-events",),
            ("test_missing_events",),
            EventModel(tiebreaker="sequence", id="sequence"),
        ),
        _group(
            folder,
            "samples",
            ("sample1", "sample2", "sample3"),
            ("test_sample",),
            EventModel(id="id"),
        ),
        _group(
            folder,
            "sample-multi",
            ("sample-multi",),
            ("test_sample_multi",),
            EventModel(id="id"),
        ),
        _nanos_again(folder),
    )


def _nanos_again(folder: Path) -> Group:
    """The cases of the millisecond index, on nanosecond times."""
    group = _group(
        folder,
        "endgame-140-nanos",
        ("endgame-140",),
        ("test_queries", "additional_test_queries"),
        EventModel(tiebreaker="serial_event_id", id="serial_event_id"),
    )
    # The span of one query holds for milliseconds only.
    cases = tuple(c for c in group.cases if c.name != "sequencesOnDifferentEventTypes7")
    return Group("endgame-140-nanos-again", group.documents, group.schema, group.model, cases)


def _group(
    folder: Path, name: str, data: Sequence[str], tests: Sequence[str], model: EventModel
) -> Group:
    fields: dict[str, Mapping[str, Any]] = {}
    documents: list[Event] = []
    for part in data:
        mapping = name if name.startswith("endgame") else part
        properties = json.loads((folder / "data" / f"{mapping}.mapping.json").read_text("utf-8"))
        own = dict(_mapped(properties))
        fields.update(own)
        for event in json.loads((folder / "data" / f"{part}.json").read_text("utf-8")):
            if name.startswith("endgame"):
                event["@timestamp"] = _endgame_time(event["timestamp"], nanos="nanos" in name)
                event["timestamp"] = event["@timestamp"]
            documents.append(_indexed(event, own))
    cases = tuple(case for test in tests for case in _cases(folder / f"{test}.toml"))
    return Group(name, tuple(documents), _schema(fields, documents), model, cases)


def _mapped(
    mapping: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, info in mapping["properties"].items():
        if "properties" in info:
            yield from _mapped(info, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", info


def _endgame_time(ticks: int, *, nanos: bool) -> str:
    """Windows file time, in the way that the suite's own loader makes dates of it."""
    if nanos:
        seconds, rest = divmod(ticks, 10**9)
        return f"{(EPOCH + timedelta(seconds=seconds)):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"
    return _iso(ticks // 10_000 - 11_644_473_600_000)


def _iso(milliseconds: int) -> str:
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def _indexed(event: dict[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> Event:
    """The event with aliases, null values and date formats resolved, as the index has them."""
    for name, info in fields.items():
        if name in event and event[name] is None and "null_value" in info:
            event[name] = info["null_value"]
        if info["type"] in ("date", "date_nanos") and name in event:
            event[name] = _dates(event[name], info.get("format"))
    for name, info in fields.items():
        if info["type"] == "alias" and event.get(info["path"]) is not None:
            event[name] = event[info["path"]]
    return event


def _dates(raw: object, pattern: str | None) -> object:
    if isinstance(raw, list):
        return [_dates(item, pattern) for item in raw]
    if isinstance(raw, str) and pattern is not None:
        parts = raw.split("-")
        return "-".join(parts[::-1] if pattern == "dd-MM-yyyy" else parts) + "T00:00:00.000Z"
    if isinstance(raw, str) and raw.isdigit():
        return _iso(int(raw))
    return raw


def _schema(fields: Mapping[str, Mapping[str, Any]], documents: Sequence[Event]) -> FieldList:
    types: dict[str, FieldType] = {}
    for name, info in fields.items():
        real = fields[info["path"]] if info["type"] == "alias" else info
        types[name] = FieldType.KEYWORD if "keyword" in real["type"] else field_type(real["type"])
    several = set()
    for event in documents:
        for name, raw in event.items():
            values = raw if isinstance(raw, list) else [raw]
            if len(values) > 1:
                several.add(name)
            for value in values:
                if value is not None:
                    types.setdefault(name, _dynamic(value))
    return FieldList({n: FieldInfo(t, multivalued=n in several) for n, t in types.items()})


def _dynamic(value: object) -> FieldType:
    """The type that an index gives to a field that its mapping does not name."""
    match value:
        case bool():
            return FieldType.BOOLEAN
        case int():
            return FieldType.LONG
        case float():
            return FieldType.DOUBLE
        case _:
            return FieldType.KEYWORD


def _cases(path: Path) -> Iterator[Case]:
    for query in tomllib.loads(path.read_text("utf-8"))["queries"]:
        expected = query["expected_event_ids"]
        alternatives = expected if expected and isinstance(expected[0], list) else [expected]
        yield Case(
            path.stem,
            query["name"],
            query["query"],
            tuple(tuple(ids) for ids in alternatives),
            tuple(query.get("join_keys", ())),
            query.get("size", SIZE),
            query.get("max_samples_per_key", 1),
        )


# --- running and judging ----------------------------------------------------------------------


def compiled(case: Case, group: Group) -> Query:
    """The case's query after all passes.

    Raises:
        AssertionError: it does not compile; the diagnostics are its text.
    """
    report = Report()
    source = Source(case.name, case.text)
    context = Context(group.schema, report, group.model, size=case.size)
    if "sample" in case.file:
        # A sample has no limit in the query: the request cuts its results.
        context = Context(group.schema, report, group.model)
    query = compile_source(source, context)
    errors = [d for d in report.diagnostics if d.severity is Severity.ERROR]
    assert query is not None, f"{case.text}\n{[d.message for d in errors]}"
    return query


def difference(case: Case, group: Group, engine: Engine) -> str | None:
    """None where the engine gives the expected ids and keys, else what is different."""
    query = compiled(case, group)
    matches = list(engine(query, group, case.samples_per_key))
    if isinstance(query, Sample):
        matches = matches[: case.size]
    ids = tuple(
        MISSING if event.missing else event.id for match in matches for event in match.events
    )
    if ids not in case.expected:
        return f"ids {ids}, expected one of {case.expected}\n{case.text}"
    keys = tuple(text for match in matches for text in _keys(match, query))
    if case.join_keys and keys != case.join_keys:
        return f"keys {keys}, expected {case.join_keys}\n{case.text}"
    return None


def _keys(match: Match, query: Query) -> Iterator[str]:
    keys = query.stages[0].keys if isinstance(query, SequenceQuery | Sample) else ()
    for field, value in zip(keys, match.keys, strict=True):
        yield _key_text(field, value, match.kind)


def _key_text(field: Field, value: object, kind: MatchKind) -> str:
    """A key as Elasticsearch's response shows it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _ if field.type.is_date:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            milliseconds = (moment - EPOCH) // timedelta(milliseconds=1)
            return _iso(milliseconds) if kind is MatchKind.SEQUENCE else str(milliseconds)
        case _ if field.type is FieldType.IP:
            return str(ipaddress.ip_address(str(value)))
        case _:
            return str(value)
