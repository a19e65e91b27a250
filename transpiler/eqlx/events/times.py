"""The times of a data set: in which unit its numbers count, and how many of them can be read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from eqlx.diagnostics import Diagnostic, Report
from eqlx.diagnostics.catalogue.execution import times_in_unit, times_unreadable
from eqlx.events.forms import TimeForm, iso_of, strptime_form
from eqlx.execution import Event
from eqlx.fields.documents import flatten
from eqlx.meaning.dates import epoch_nanoseconds, iso_text

NUMBER_TEXT = r"-?[0-9]{5,20}(?:\.[0-9]{1,9})?"
"""Strings that are numbers since 1970; four digits are a year."""

_NUMBER = re.compile(NUMBER_TEXT)


Number = int | float | Decimal


class TimeUnit(Enum):
    """What numbers count since 1970. `nanoseconds`: how many of them make one."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    MICROSECONDS = "microseconds"
    NANOSECONDS = "nanoseconds"

    @property
    def nanoseconds(self) -> int:
        return _NANOSECONDS[self]


_NANOSECONDS = dict(zip(TimeUnit, (10**9, 10**6, 10**3, 1), strict=True))
_SIZES = (
    (TimeUnit.SECONDS, 5e8, 1e11),
    (TimeUnit.MICROSECONDS, 1e14, 1e17),
    (TimeUnit.NANOSECONDS, 1e17, 1e20),
)
"""From 1985 (seconds) or 1973 on. Everything else is milliseconds, as Elasticsearch has it."""


def unit_of(least: Number | None, greatest: Number | None) -> TimeUnit:
    """The unit of a column's numbers, by the size of all of them.

    >>> unit_of(1714557600, 1714557605).value, unit_of(0, 5000).value, unit_of(5, 1714557600).value
    ('seconds', 'milliseconds', 'milliseconds')
    """
    if least is None or greatest is None:
        return TimeUnit.MILLISECONDS
    fitting = (unit for unit, low, high in _SIZES if low <= least and greatest < high)
    return next(fitting, TimeUnit.MILLISECONDS)


@dataclass(frozen=True, slots=True)
class Times:
    """What is known of a data set's times: the `events`, those with a value in `field`, those whose
    time could be read, and a value that could not be."""

    field: str
    unit: TimeUnit
    events: int
    present: int
    readable: int
    example: str | None = None

    @property
    def none_readable(self) -> bool:
        """Whether there are events, and nothing is known of the time of any."""
        return self.events > 0 and self.readable == 0

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What there is to say of them."""
        report = Report()
        if self.unit is not TimeUnit.MILLISECONDS:
            report.add(times_in_unit(self.field, self.unit.value))
        if self.readable < self.events:
            report.add(times_unreadable(self.field, self.readable, self.events, self.example))
        return report.diagnostics


@dataclass
class NumberRange:
    """The least and the greatest number of a column of times."""

    least: Decimal | int | None = None
    greatest: Decimal | int | None = None

    def add(self, value: object) -> None:
        number = number_of(value)
        if number is not None:
            self.least = number if self.least is None else min(self.least, number)
            self.greatest = number if self.greatest is None else max(self.greatest, number)


def number_of(value: object) -> int | Decimal | None:
    """The number that a time is given by, if it is; a fraction by the digits that are written.

    >>> number_of(1714557600.1), number_of("1714557600"), number_of("2024")
    (Decimal('1714557600.1'), 1714557600, None)
    """
    if isinstance(value, str):
        if _NUMBER.fullmatch(value) is None:
            return None
        return Decimal(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value
    return Decimal(repr(value)) if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class TimeReader:
    """How the values in the field of times are read: strings by `form` first, numbers in `unit`."""

    unit: TimeUnit = TimeUnit.MILLISECONDS
    form: TimeForm | None = None

    def date(self, value: object) -> object:
        """The value as an ISO date, or as it is where Elasticsearch reads it so, or where it is none."""
        if isinstance(value, str | int) and not isinstance(value, bool) and self.form is not None:
            by_form = self.form.iso(str(value))
            if by_form is not None:
                return by_form
        number = None if self.unit is TimeUnit.MILLISECONDS else number_of(value)
        if number is not None:
            return iso_text(round(number * self.unit.nanoseconds))
        if isinstance(value, str) and epoch_nanoseconds(value) is None:
            return iso_of(value) or value
        return value


def reader_for(events: Iterable[Event], name: str, form: TimeForm | None) -> TimeReader:
    """What reads the field `name`. With a form of their own, numbers are milliseconds."""
    if form is not None:
        return TimeReader(form=form)
    numbers = NumberRange()
    for event in events:
        for value in flatten(event).get(name, ()):
            numbers.add(value)
    return TimeReader(unit_of(numbers.least, numbers.greatest))


def dated(
    events: Sequence[Event], name: str, timestamp_format: str | None
) -> tuple[Sequence[Event], TimeUnit]:
    """The events with the times in the field `name` as Elasticsearch reads them, and the unit of numbers
    among them."""
    form = None if timestamp_format is None else strptime_form(timestamp_format)
    reader = reader_for(events, name, form)
    return tuple(_dated_object(event, name, reader) for event in events), reader.unit


def _dated_object(node: Event, rest: str, reader: TimeReader) -> Event:
    return {key: _dated(child, key, rest, reader) for key, child in node.items()}


def _dated(child: object, key: str, rest: str, reader: TimeReader) -> object:
    inner = rest.removeprefix(f"{key}.")
    if key != rest and inner == rest:
        return child
    if isinstance(child, list):
        return _dated_list(child, key, rest, reader)
    if isinstance(child, Mapping):
        return _dated_object(child, inner, reader) if inner != rest else child
    return reader.date(child) if key == rest else child


def _dated_list(node: list[object], key: str, rest: str, reader: TimeReader) -> list[object]:
    # A stack of our own: lists nest deeper than Python's recursion goes.
    made: list[object] = [None] * len(node)
    stack = [(node, made)]
    while stack:
        source, target = stack.pop()
        for place, one in enumerate(source):
            if isinstance(one, list):
                below: list[object] = [None] * len(one)
                target[place] = below
                stack.append((one, below))
            else:
                target[place] = _dated(one, key, rest, reader)
    return made
