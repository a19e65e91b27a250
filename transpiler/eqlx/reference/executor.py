"""The executor `reference`: the interpreter over event files or events in memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

from eqlx.bounds import Deadline, bytes_of, within
from eqlx.diagnostics import Diagnostic
from eqlx.events import Broken, notes_of, read_events
from eqlx.events.notes import clashes
from eqlx.events.times import Times, TimeUnit, dated
from eqlx.execution import Bounds, Dataset, Event, Job, Match, MatchedEvent, TooManyFieldsError
from eqlx.fields import infer
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.documents import flatten
from eqlx.fields.layout import Layout
from eqlx.fields.schema import FieldInfo, FieldList, Schema
from eqlx.fields.whole_numbers import Wide
from eqlx.ir.types import FieldType
from eqlx.reference.documents import Document, numbered
from eqlx.reference.evaluate import evaluate
from eqlx.target import API_VERSION, EventModel

_LONGEST_NAME = 200
_MS = TimeUnit.MILLISECONDS


@dataclass(frozen=True)
class ReferenceSession:
    """Events in memory; queries run on the IR, so that no layout and no option matters.

    `searched` are the events with times as dates where the file's numbers are no milliseconds.
    """

    events: tuple[Event, ...]
    model: EventModel
    schema: Schema
    searched: tuple[Event, ...]
    notes: tuple[Diagnostic, ...] = ()
    has_times: bool = True
    wide: Wide = field(default_factory=Wide)
    bounds: Bounds = field(default_factory=Bounds)
    layout: Layout | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def run(self, job: Job) -> Sequence[Match]:
        """Evaluate the query; the artifact is not looked at.

        Raises:
            ExecutionError: it took more time or memory than the bounds allow.
        """
        with _bounded("the query", self.bounds):
            found = evaluate(job.query, self.searched, self.model)
        return [replace(match, events=tuple(map(self._as_read, match.events))) for match in found]

    def _as_read(self, event: MatchedEvent) -> MatchedEvent:
        return event if event.row is None else replace(event, fields=self.events[event.row - 1])


@dataclass(frozen=True, slots=True)
class ReferenceExecutor:
    """Clear rather than fast: for small sets of events, and to judge other engines by."""

    api_version: int = API_VERSION
    name: str = "reference"
    summary: str = "the interpreter that defines what queries mean, over NDJSON, for small data"
    target: str | None = None
    dialect: str | None = None

    def open(
        self,
        dataset: Dataset,
        model: EventModel,
        bounds: Bounds,
    ) -> AbstractContextManager[ReferenceSession]:
        """See `eqlx.execution.Executor.open`; `bounds` hold while loading, too; threads there are none."""
        return _session(dataset, model, bounds)


@contextmanager
def _session(dataset: Dataset, model: EventModel, bounds: Bounds) -> Generator[ReferenceSession]:
    with _bounded("loading the events", bounds):
        session = _loaded(dataset, model)
    yield replace(session, bounds=bounds)


def _bounded(what: str, bounds: Bounds) -> AbstractContextManager[None]:
    return within(Deadline(what, bounds.seconds), memory=bytes_of(bounds.memory))


def _loaded(dataset: Dataset, model: EventModel) -> ReferenceSession:
    faults = Broken(dataset.skip_broken)
    events = (*(dataset.events or ()), *read_events(dataset.files, faults))
    # Events in memory are eqlx's own, or a test's: their numbers are milliseconds.
    searched, unit = (
        dated(events, model.timestamp, dataset.timestamp_format) if dataset.files else (events, _MS)
    )
    times = _times(numbered(searched, model), events, model, unit)
    schema = inferred(events)
    notes = (*clashes(schema.names()), *notes_of(dataset, faults, times)) if dataset.files else ()
    return ReferenceSession(
        events, model, schema, tuple(searched), notes, not times.none_readable, wide_of(events)
    )


def _times(
    documents: Sequence[Document], events: Sequence[Event], model: EventModel, unit: TimeUnit
) -> Times:
    present = readable = 0
    example = None
    for document, event in zip(documents, events, strict=True):
        given = document.raw.get(model.timestamp)
        present += bool(given)
        if document.nanoseconds is not None:
            readable += 1
        elif given and example is None:
            example = str(flatten(event)[model.timestamp][0])
    return Times(model.timestamp, unit, len(events), present, readable, example)


def wide_of(events: Iterable[Event]) -> Wide:
    """The ranges of the fields' whole numbers, as far as they leave 64 signed bits."""
    wide = Wide()
    for event in events:
        for name, values in flatten(event).items():
            for value in values:
                wide.add(name, value)
    return wide


def inferred(events: Iterable[Event]) -> FieldList:
    """The fields that the events have, closed: the catalogue's type where it knows the name, else
    what the JSON values themselves are."""
    kinds: dict[str, set[FieldType]] = {}
    several: set[str] = set()
    wide, below = Wide(), set[str]()
    for event in events:
        for name, values in flatten(event).items():
            if name not in kinds and len(kinds) >= infer.MAX_FIELDS:
                raise TooManyFieldsError(infer.MAX_FIELDS, name[:_LONGEST_NAME])
            kinds.setdefault(name, set()).update(_kind(value) for value in values)
            if len(values) > 1:
                several.add(name)
            for value in values:
                if type(value) is int:
                    wide.add(name, value)
                    if value < 0:
                        below.add(name)
    return FieldList(
        {
            name: FieldInfo(_type(name, found, wide, negative=name in below), name in several)
            for name, found in kinds.items()
        }
    )


def _kind(value: object) -> FieldType:
    match value:
        case bool():
            return FieldType.BOOLEAN
        case int():
            return FieldType.LONG
        case float():
            return FieldType.DOUBLE
        case _:
            return FieldType.KEYWORD


def _type(name: str, found: set[FieldType], wide: Wide, *, negative: bool) -> FieldType:
    known = CATALOGUE.lookup(name)
    if known is not None:
        return known.type
    if found == {FieldType.LONG}:
        return wide.type_of(name, negative=negative)
    if found == {FieldType.LONG, FieldType.DOUBLE}:
        return FieldType.DOUBLE
    return next(iter(found)) if len(found) == 1 else FieldType.KEYWORD


EXECUTOR = ReferenceExecutor()
