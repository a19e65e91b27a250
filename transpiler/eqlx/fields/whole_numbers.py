"""The type of a field that holds whole numbers, by how large they are (spec §2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqlx.ir.types import FieldType

_LONG = range(-(2**63), 2**63)
_UNSIGNED = range(2**64)
_HELD = {FieldType.LONG: _LONG, FieldType.UNSIGNED_LONG: _UNSIGNED}


def whole_type(least: int, greatest: int) -> FieldType:
    """The narrowest type that holds whole numbers from `least` to `greatest`: a long, an unsigned
    long, else a double.

    >>> whole_type(-1, 5).value, whole_type(0, 2**63).value, whole_type(-1, 2**63).value
    ('long', 'unsigned_long', 'double')
    """
    if least in _LONG and greatest in _LONG:
        return FieldType.LONG
    if least in _UNSIGNED and greatest in _UNSIGNED:
        return FieldType.UNSIGNED_LONG
    return FieldType.DOUBLE


@dataclass
class Wide:
    """The range of each field's whole numbers, as far as they leave 64 signed bits."""

    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, name: str, value: object) -> None:
        """Take in a value of a field; what is no whole number of that size is left out."""
        if isinstance(value, int) and not isinstance(value, bool) and value not in _LONG:
            least, greatest = self.ranges.get(name, (value, value))
            self.ranges[name] = (min(least, value), max(greatest, value))

    def beyond(self, name: str, kind: FieldType) -> int | None:
        """A whole number of the field that its type cannot hold, so that it reads as missing; None if
        there is none, or the type holds none at all."""
        held = _HELD.get(kind)
        if held is None:
            return None
        return next((value for value in self.ranges.get(name, ()) if value not in held), None)

    def type_of(self, name: str, *, negative: bool) -> FieldType:
        """The type of a field that holds whole numbers alone; `negative`: some below zero."""
        least, greatest = self.ranges.get(name, (0, 0))
        return whole_type(min(least, -1 if negative else 0), max(greatest, 0))
