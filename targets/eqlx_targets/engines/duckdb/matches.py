"""Result rows of the SQL target as matches with their documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from ipaddress import ip_address
from itertools import groupby

from eqlx.events.times import TimeReader
from eqlx.execution import Event, ExecutionError, Found, Match, MatchedEvent, MatchKind
from eqlx.fields.documents import flatten
from eqlx.ir.nodes import EventQuery, Query, Sample, Stage
from eqlx.ir.nodes import Sequence as SequenceQuery
from eqlx.ir.types import FieldType
from eqlx.target import EventModel
from eqlx_targets.engines.duckdb.times import iso_text
from eqlx_targets.sql.joins.result import KEY, SEQUENCE, STAGE

READABLE = {"sequences": "long", "order": "time", "envelope": "query"}
"""The options of the target `sql` for results that `MatchReader` reads."""

Documents = Callable[[Sequence[int]], Mapping[int, Event]]
"""The documents of some row numbers."""


@dataclass(frozen=True)
class MatchReader:
    """Reads the rows of one session's artifacts. `row` names the row number's column."""

    row: str
    model: EventModel
    documents: Documents
    times: TimeReader | None = None

    def read(
        self, query: Query, names: list[str], rows: Iterable[tuple[object, ...]]
    ) -> Sequence[Match]:
        """The matches, in the order of the rows (spec §1, §9.3, §10).

        Raises:
            ExecutionError: the rows lack a column that the SQL target always gives.
        """
        found = self.found(query, names, rows)
        return found.make(self.documents(found.rows))

    def found(self, query: Query, names: list[str], rows: Iterable[tuple[object, ...]]) -> Found:
        """The same before the documents are read."""
        match query:
            case EventQuery():
                return self._events(names, rows)
            case SequenceQuery():
                return self._groups(MatchKind.SEQUENCE, query.stages, names, rows)
            case Sample():
                return self._groups(MatchKind.SAMPLE, query.stages, names, rows)

    def _events(self, names: list[str], rows: Iterable[tuple[object, ...]]) -> Found:
        place = _place(names, self.row)
        numbers = [_integer(row[place]) for row in rows]

        def made(documents: Mapping[int, Event]) -> list[Match]:
            return [Match(MatchKind.EVENT, (), (self._event(0, n, documents),)) for n in numbers]

        return Found(numbers, made)

    def _groups(
        self,
        kind: MatchKind,
        stages: Sequence[Stage],
        names: list[str],
        rows: Iterable[tuple[object, ...]],
    ) -> Found:
        group, stage, row = (_place(names, name) for name in (SEQUENCE, STAGE, self.row))
        keys = [_place(names, KEY.format(number + 1)) for number in range(len(stages[0].keys))]
        types = [key.type for key in stages[0].keys]
        found = [
            (row_[group], _integer(row_[stage]), _integer(row_[row]), tuple(row_[k] for k in keys))
            for row_ in rows
        ]
        made = partial(self._grouped, kind, list(_slots(stages)), types, found)
        return Found([number for _, _, number, _ in found], made)

    def _grouped(
        self,
        kind: MatchKind,
        slots: Sequence[tuple[int, bool]],
        types: Sequence[FieldType],
        found: Sequence[tuple[object, int, int, tuple[object, ...]]],
        documents: Mapping[int, Event],
    ) -> list[Match]:
        matches = []
        for _, members in groupby(found, key=lambda member: member[0]):
            listed = list(members)
            present = {stage: number for _, stage, number, _ in listed}
            events = tuple(
                MatchedEvent(slot, None, None, None, missing=True, fields={})
                if missing
                else self._event(slot, present[slot], documents)
                for slot, missing in slots
            )
            shown = zip(listed[0][3], types, strict=True)
            matches.append(Match(kind, tuple(_published(key, of) for key, of in shown), events))
        return matches

    def _shown(self, time: object) -> str | None:
        return iso_text(time if self.times is None else self.times.date(time))

    def _event(self, stage: int, number: int, documents: Mapping[int, Event]) -> MatchedEvent:
        document = documents[number]
        values = flatten(document)
        identity = values.get(self.model.id) if self.model.id else None
        times = values.get(self.model.timestamp)
        return MatchedEvent(
            stage=stage,
            row=number,
            id=identity[0] if identity else number,
            timestamp=self._shown(times[0]) if times and len(times) == 1 else None,
            missing=False,
            fields=document,
        )


def _slots(stages: Sequence[Stage]) -> Iterator[tuple[int, bool]]:
    """Stage number, `runs` expanded, and whether its event is a missing one."""
    expanded = (stage.missing for stage in stages for _ in range(stage.runs))
    return enumerate(expanded)


def _place(names: list[str], name: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        message = f"the artifact gives no column `{name}`: convert it for this session"
        raise ExecutionError(message) from None


def _published(key: object, of: FieldType) -> object:
    """A join key as results show it: JSON scalars, dates in ISO form, addresses in short form."""
    if isinstance(key, datetime):
        return iso_text(key.isoformat())
    if of is FieldType.IP and isinstance(key, str):
        return str(ip_address(key))
    return key


def _integer(value: object) -> int:
    if not isinstance(value, int):
        message = f"a row number or stage is {value!r}, not a whole number"
        raise ExecutionError(message)
    return value
