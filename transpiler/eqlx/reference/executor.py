"""The executor `reference`: the interpreter over event files or events in memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from eqlx.execution import Bounds, Dataset, Event, Job, Match
from eqlx.fields.catalogue import CATALOGUE
from eqlx.fields.documents import flatten
from eqlx.fields.layout import Layout
from eqlx.fields.schema import FieldInfo, FieldList, Schema
from eqlx.ir.types import FieldType
from eqlx.reference.evaluate import evaluate
from eqlx.reference.event_files import read_events
from eqlx.target import API_VERSION, EventModel


@dataclass(frozen=True)
class ReferenceSession:
    """Events in memory; queries run on the IR, so that no layout and no option matters."""

    events: tuple[Event, ...]
    model: EventModel
    schema: Schema
    layout: Layout | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def run(self, job: Job) -> Sequence[Match]:
        """Evaluate the query; the artifact is not looked at."""
        return evaluate(job.query, self.events, self.model)


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
        bounds: Bounds,  # noqa: ARG002  the interpreter runs in this process, which has its own
    ) -> AbstractContextManager[ReferenceSession]:
        """See `eqlx.execution.Executor.open`; `bounds` are not enforced."""
        return _session(dataset, model)


@contextmanager
def _session(dataset: Dataset, model: EventModel) -> Generator[ReferenceSession]:
    events = list(dataset.events or ())
    for path in dataset.files:
        events.extend(read_events(path))
    yield ReferenceSession(tuple(events), model, inferred(events))


def inferred(events: Iterable[Event]) -> FieldList:
    """The fields that the events have, closed: the catalogue's type where it knows the name, else
    what the JSON values themselves are."""
    kinds: dict[str, set[FieldType]] = {}
    several: set[str] = set()
    for event in events:
        for name, values in flatten(event).items():
            kinds.setdefault(name, set()).update(_kind(value) for value in values)
            if len(values) > 1:
                several.add(name)
    return FieldList(
        {name: FieldInfo(_type(name, found), name in several) for name, found in kinds.items()}
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


def _type(name: str, found: set[FieldType]) -> FieldType:
    known = CATALOGUE.lookup(name)
    if known is not None:
        return known.type
    if found == {FieldType.LONG, FieldType.DOUBLE}:
        return FieldType.DOUBLE
    return next(iter(found)) if len(found) == 1 else FieldType.KEYWORD


EXECUTOR = ReferenceExecutor()
