"""Fields from data as Elasticsearch would map it: the type and multiplicity that events show, with the
catalogue's word first where the values fit. For clusters; engines that run here type as their own
readers do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eqlx.diagnostics import EqlxError, Report
from eqlx.diagnostics.catalogue.fields import too_many_fields
from eqlx.fields.documents import Scalar, leaves
from eqlx.fields.schema import FieldInfo, FieldList, Schema
from eqlx.ir.types import FieldType
from eqlx.patterns.network import parse_address

MAX_FIELDS = 100_000
"""More names than any mapping holds: such data has values where names should be (ids as keys)."""

_LONG_MAX = 2**63 - 1
_UNSIGNED_MAX = 2**64 - 1
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d(?::\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?(?:Z|[+-]\d\d:?(?:\d\d)?)?)?"
)
_WHOLE = re.compile(r"[+-]?\d{1,19}")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_ADDRESS_NAME = re.compile(
    r"(?:^|[._])(?i:ips?|ip_?addr(?:ess)?)$|[a-z](?:Ip|IP)(?:Addr(?:ess)?)?$"
)


def merge(left: FieldInfo, right: FieldInfo) -> FieldInfo:
    """What holds of a field where both hold of a part of the data; text takes everything in."""
    if left == right:
        return left
    many = left.multivalued or right.multivalued
    types = {left.type, right.type}
    if len(types) == 1:
        return FieldInfo(left.type, many)
    if types == {FieldType.DATE, FieldType.DATE_NANOS}:
        return FieldInfo(FieldType.DATE_NANOS, many)
    if types == {FieldType.LONG, FieldType.UNSIGNED_LONG}:
        return FieldInfo(FieldType.UNSIGNED_LONG, many)
    if all(each.is_number for each in types):
        return FieldInfo(FieldType.DOUBLE, many)
    if FieldType.TEXT in types:
        return FieldInfo(FieldType.TEXT, many)
    return FieldInfo(FieldType.KEYWORD, many)


def observed(name: str, value: Scalar) -> FieldType:
    """The type of one value, as Elasticsearch maps a field that it meets first (spec §2).

    Whole numbers are long, text is a date if it is one in ISO form, else a keyword. Beyond that,
    text that is an address in a field whose name says so (`…ip`, `…IpAddress`) is an ip.
    """
    match value:
        case bool():
            return FieldType.BOOLEAN
        case int():
            if -_LONG_MAX - 1 <= value <= _LONG_MAX:
                return FieldType.LONG
            return FieldType.UNSIGNED_LONG if 0 < value <= _UNSIGNED_MAX else FieldType.DOUBLE
        case float():
            return FieldType.DOUBLE
        case str():
            if _DATE.fullmatch(value):
                return FieldType.DATE
            if _ADDRESS_NAME.search(name) and is_address(value):
                return FieldType.IP
    return FieldType.KEYWORD


def fits(value: Scalar, known: FieldType) -> bool:
    """Whether Elasticsearch would index `value` in a field of type `known`."""
    if isinstance(value, bool):
        return known not in NUMBERS_AND_DATES and known is not FieldType.IP
    match known:
        case FieldType.LONG:
            return isinstance(value, int) or bool(_is_text(value, _WHOLE))
        case FieldType.UNSIGNED_LONG:
            return (isinstance(value, int) and value >= 0) or bool(_is_text(value, _WHOLE))
        case FieldType.DOUBLE:
            return isinstance(value, int | float) or bool(_is_text(value, _NUMBER))
        case FieldType.BOOLEAN:
            return value in ("true", "false", "")
        case FieldType.DATE | FieldType.DATE_NANOS:
            return isinstance(value, int) or bool(_is_text(value, _DATE))
        case FieldType.IP:
            return isinstance(value, str) and is_address(value)
        case _:
            return True


TAKES_ALL = frozenset((FieldType.KEYWORD, FieldType.TEXT, FieldType.VERSION, FieldType.UNSUPPORTED))
NUMBERS_AND_DATES = frozenset(
    (
        FieldType.LONG,
        FieldType.UNSIGNED_LONG,
        FieldType.DOUBLE,
        FieldType.DATE,
        FieldType.DATE_NANOS,
    )
)


def _is_text(value: Scalar, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def is_address(text: str) -> bool:
    """Whether `text` is an IPv4 or IPv6 address."""
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class _Seen:
    """The state of one path: what the values were, and whether they all fit the known type."""

    known: FieldInfo | None
    info: FieldInfo | None = None
    fits: bool = True
    settled: bool = False
    settled_many: bool = False

    def add(self, name: str, value: Scalar, *, many: bool) -> None:
        if self.settled and (self.settled_many or not many):
            return
        if self.known is not None and self.fits:
            self.fits = fits(value, self.known.type)
        seen = FieldInfo(observed(name, value), many)
        if self.info is None:
            self.info = seen
        elif seen != self.info:
            self.info = merge(self.info, seen)
        # A keyword takes everything in, so that most values need no further look.
        if self.info.type is FieldType.KEYWORD:
            self.settled = self.known is None or not self.fits or self.known.type in TAKES_ALL
            self.settled_many = self.info.multivalued

    def result(self) -> FieldInfo | None:
        if self.info is None or self.known is None:
            return self.info
        many = self.info.multivalued or self.known.multivalued
        return FieldInfo(self.known.type if self.fits else self.info.type, many)


class Inference:
    """Gathers fields event by event; what it keeps grows with the names, not with the events."""

    def __init__(self, known: Schema | None = None) -> None:
        self._known = known
        self._seen: dict[str, _Seen] = {}

    def add(self, event: Mapping[str, object]) -> None:
        """Take in an event. Raises `EqlxError` at more than `MAX_FIELDS` names."""
        previous: dict[str, bool] = {}
        for path, value, in_array in leaves(event):
            seen = self._seen.get(path)
            if seen is None:
                if len(self._seen) >= MAX_FIELDS:
                    report = Report()
                    report.add(too_many_fields(MAX_FIELDS, path))
                    raise EqlxError(report.diagnostics)
                known = self._known.lookup(path) if self._known else None
                seen = self._seen[path] = _Seen(known)
            # The same path twice, nested and dotted, is two values as well.
            seen.add(path, value, many=in_array or path in previous)
            previous[path] = True

    def result(self) -> FieldList:
        """The fields so far, as a closed list: the data has no others."""
        rows = ((name, seen.result()) for name, seen in sorted(self._seen.items()))
        return FieldList({name: info for name, info in rows if info is not None})


def infer(events: Iterable[Mapping[str, object]], known: Schema | None = None) -> FieldList:
    """The fields of events. Where `known` has a field and all its values fit, its type holds.

    Without that, `user.id: 1000` would be a number and `source.ip` text.
    """
    inference = Inference(known)
    for event in events:
        inference.add(event)
    return inference.result()
