"""Events as the interpreter sees them: typed values by field, time, and place in the order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from eqlx.execution import Event
from eqlx.fields.documents import flatten
from eqlx.ir.nodes import Field
from eqlx.ir.types import FieldType
from eqlx.meaning.dates import MILLISECOND, epoch_nanoseconds, iso_text
from eqlx.meaning.values import Scalar, identity, indexed, order
from eqlx.target import EventModel


@dataclass(frozen=True, eq=False)
class Document:
    """One event. `row` counts from 1."""

    row: int
    event: Event
    model: EventModel
    _typed: dict[tuple[str, FieldType], tuple[Scalar, ...]] = field(
        default_factory=dict, repr=False
    )

    @cached_property
    def raw(self) -> dict[str, list[str | int | float | bool]]:
        """JSON scalars by field path; a missing field has no entry."""
        return flatten(self.event)

    def values(self, wanted: Field) -> tuple[Scalar, ...]:
        """The distinct values of a field as its type has them; empty where it is missing."""
        place = (wanted.name, wanted.type)
        if place not in self._typed:
            self._typed[place] = _distinct(
                indexed(raw, wanted.type) for raw in self.raw.get(wanted.name, ())
            )
        return self._typed[place]

    @cached_property
    def nanoseconds(self) -> int | None:
        """The event's time, or None where it has not exactly one that can be read."""
        match self.raw.get(self.model.timestamp, []):
            case [raw]:
                return epoch_nanoseconds(raw)
            case _:
                return None

    @property
    def milliseconds(self) -> int | None:
        return None if self.nanoseconds is None else self.nanoseconds // MILLISECOND

    @property
    def timestamp(self) -> str | None:
        """The time in UTC as ISO 8601, as every engine gives it; None where there is none."""
        return None if self.nanoseconds is None else iso_text(self.nanoseconds)

    @property
    def id(self) -> object:
        """The value of the id field, else the row number."""
        if self.model.id is None:
            return self.row
        values = self.raw.get(self.model.id)
        return values[0] if values else self.row

    @cached_property
    def ordinal(self) -> tuple[object, ...]:
        """Place in the order of events: time, tiebreaker, row; what is missing goes last (§9.1)."""
        time = (1, 0) if self.nanoseconds is None else (0, self.nanoseconds)
        return (time, self._tiebreak(), self.row)

    def _tiebreak(self) -> tuple[object, ...]:
        values = self.raw.get(self.model.tiebreaker, []) if self.model.tiebreaker else []
        return (0, *order(values[0])) if len(values) == 1 else (1,)


def _distinct(values: Iterable[Scalar | None]) -> tuple[Scalar, ...]:
    found = {identity(value): value for value in values if value is not None}
    return tuple(found.values())


def in_order(documents: Iterable[Document]) -> list[Document]:
    """Documents by time, tiebreaker and row."""
    return sorted(documents, key=lambda document: document.ordinal)


def numbered(events: Sequence[Event], model: EventModel) -> list[Document]:
    return [Document(row, event, model) for row, event in enumerate(events, start=1)]
