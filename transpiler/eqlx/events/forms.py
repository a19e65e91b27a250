"""Forms of times that are not those of Elasticsearch: as a regular expression whose groups are parts of a date.

Engines read a string by the expression, and put the parts together as an ISO date, which they read as any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property


class Part(Enum):
    """What a group holds."""

    YEAR = "year"
    SHORT_YEAR = "two digits of a year"
    MONTH = "month"
    MONTH_NAME = "name of a month"
    DAY = "day"
    DAY_OF_YEAR = "day of the year"
    HOUR = "hour"
    HALF_DAY_HOUR = "hour of twelve"
    HALF_DAY = "AM or PM"
    MINUTE = "minute"
    SECOND = "second"
    FRACTION = "fraction of a second"
    ZONE = "offset from UTC"


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DEFAULT_YEAR = "2000"
"""Of times without a year: a leap year, so that each day of a month can be read."""
PIVOT = 69
"""Two digits from here on are of the 20th century, as POSIX has it."""
NO_OFFSETS = ("UTC", "GMT", "Z")

_DIRECTIVES = {
    "Y": ("([0-9]{4})", Part.YEAR),
    "y": ("([0-9]{2})", Part.SHORT_YEAR),
    "m": ("([0-9]{1,2})", Part.MONTH),
    "b": ("([A-Za-z]{3,9})", Part.MONTH_NAME),
    "d": (" ?([0-9]{1,2})", Part.DAY),
    "j": ("([0-9]{1,3})", Part.DAY_OF_YEAR),
    "H": ("([0-9]{1,2})", Part.HOUR),
    "I": ("([0-9]{1,2})", Part.HALF_DAY_HOUR),
    "p": ("([AaPp])[Mm]", Part.HALF_DAY),
    "M": ("([0-9]{1,2})", Part.MINUTE),
    "S": ("([0-9]{1,2})", Part.SECOND),
    "f": ("([0-9]{1,9})", Part.FRACTION),
    "z": ("([Zz]|[+-][0-9]{2}:?[0-9]{2})", Part.ZONE),
    "Z": ("([Uu][Tt][Cc]|[Gg][Mm][Tt]|[Zz])", Part.ZONE),
    "a": ("[A-Za-z]{3,9}", None),
    "%": ("%", None),
}
_SAME = {"B": "b", "h": "b", "e": "d", "A": "a"}
_SHORT = {"T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y", "F": "%Y-%m-%d"}
_WRITTEN = re.compile(r"%(.)|(\s+)|([^%\s]+)|(%)", re.DOTALL)


@dataclass(frozen=True, slots=False)
class TimeForm:
    """A form. `pattern` must match the whole string, in RE2 and in Python alike; `parts`: what its
    groups hold, of which one that took no part is an empty string."""

    pattern: str
    parts: tuple[Part, ...]

    def iso(self, text: str) -> str | None:
        """The time as an ISO date, or None if the string has another form.

        >>> strptime_form("%b %d, %Y %I:%M %p").iso("May 1, 2024 1:05 PM")
        '2024-05-01T13:05:00.0Z'
        """
        found = self._compiled.fullmatch(text)
        if found is None:
            return None
        given = dict(zip(self.parts, (each or "" for each in found.groups()), strict=True))
        day = _day(given)
        if day is None:
            return None
        hour = given.get(Part.HOUR, "")
        if half := given.get(Part.HALF_DAY_HOUR, ""):
            hour = str(int(half) % 12 + 12 * (given.get(Part.HALF_DAY, "").lower() == "p"))
        minute, second = given.get(Part.MINUTE, ""), given.get(Part.SECOND, "")
        time = ":".join(each.rjust(2, "0") for each in (hour, minute, second))
        zone = given.get(Part.ZONE, "").upper()
        zone = "Z" if not zone or zone in NO_OFFSETS else zone
        return f"{day}T{time}.{given.get(Part.FRACTION, '') or '0'}{zone}"

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.ASCII)


def _day(given: dict[Part, str]) -> str | None:
    year = given.get(Part.YEAR, "")
    if short := given.get(Part.SHORT_YEAR, ""):
        year = ("19" if int(short) >= PIVOT else "20") + short
    year = year or DEFAULT_YEAR
    if number := given.get(Part.DAY_OF_YEAR, ""):
        try:
            return (date(int(year), 1, 1) + timedelta(int(number) - 1)).isoformat()
        except (ValueError, OverflowError):
            return None
    month = given.get(Part.MONTH, "")
    if name := given.get(Part.MONTH_NAME, "")[:3].lower():
        month = str(MONTHS.index(name) + 1) if name in MONTHS else "0"
    return f"{year}-{month.rjust(2, '0') if month else '01'}-{(given.get(Part.DAY, '') or '1').rjust(2, '0')}"


def strptime_form(text: str) -> TimeForm:
    """A form as `strptime` has it, such as `%d/%b/%Y:%H:%M:%S %z`; blanks stand for any number of blanks.

    Raises:
        ValueError: a directive is unknown or stands twice, or there is no part of a time.
    """
    pattern, parts = [], list[Part]()
    for found in _WRITTEN.finditer(text):
        letter, blanks, literal, alone = found.groups()
        if alone:
            message = "`%` is no directive; expected a letter after it, or `%%`"
            raise ValueError(message)
        if blanks:
            pattern.append(r"\s+")
        elif literal:
            pattern.append(re.escape(literal))
        elif letter in _SHORT:
            inner = strptime_form(_SHORT[letter])
            pattern.append(inner.pattern)
            parts.extend(inner.parts)
        else:
            one, part = _directive(letter)
            pattern.append(one)
            parts.extend([] if part is None else [part])
    twice = next((part for part in parts if parts.count(part) > 1), None)
    if twice is not None:
        message = f"the form has the {twice.value} twice"
        raise ValueError(message)
    if not parts:
        message = "the form has no directive, such as `%Y-%m-%d %H:%M:%S`"
        raise ValueError(message)
    return TimeForm("".join(pattern), tuple(parts))


def _directive(letter: str) -> tuple[str, Part | None]:
    found = _DIRECTIVES.get(_SAME.get(letter, letter))
    if found is None:
        known = " ".join(f"%{each}" for each in sorted({*_DIRECTIVES, *_SAME, *_SHORT}))
        message = f"unknown directive `%{letter}`; expected one of {known}"
        raise ValueError(message)
    return found


_TIME = "([0-9]{2}){0}([0-9]{2})(?:{0}([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
_ZONE = " ?([Uu][Tt][Cc]|[Gg][Mm][Tt]|[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_OF_DAY = (Part.HOUR, Part.MINUTE, Part.SECOND, Part.FRACTION, Part.ZONE)
_COLONS, _BASIC = (_TIME.replace("{0}", mark) for mark in (":", ""))

ISO_FORMS = (
    TimeForm(
        f"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})[Tt ]{_BASIC}{_ZONE}",
        (Part.YEAR, Part.MONTH, Part.DAY, *_OF_DAY),
    ),
    TimeForm(
        f"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})[Tt ]{_COLONS}{_ZONE}",
        (Part.YEAR, Part.MONTH, Part.DAY, *_OF_DAY),
    ),
    TimeForm(
        f"([0-9]{{4}})-([0-9]{{3}})[Tt ]{_COLONS}{_ZONE}",
        (Part.YEAR, Part.DAY_OF_YEAR, *_OF_DAY),
    ),
    TimeForm(
        f"([0-9]{{4}})([0-9]{{3}})[Tt ]{_BASIC}{_ZONE}",
        (Part.YEAR, Part.DAY_OF_YEAR, *_OF_DAY),
    ),
)
"""Forms of ISO 8601, and near to it, that Elasticsearch does not read: tried where nothing else fits."""


@dataclass(frozen=True, slots=True)
class TimeForms:
    """The forms of a column of times: `own` is tried first, those of ISO where nothing else fits."""

    own: TimeForm | None = None


def iso_of(text: str) -> str | None:
    """The time in one of `ISO_FORMS` as an ISO date that Elasticsearch reads; None where none fits.

    >>> iso_of("20240501T100000+0200"), iso_of("2024-05-01 10:00:00 UTC"), iso_of("soon")
    ('2024-05-01T10:00:00.0+0200', '2024-05-01T10:00:00.0Z', None)
    """
    return next((found for each in ISO_FORMS if (found := each.iso(text)) is not None), None)
