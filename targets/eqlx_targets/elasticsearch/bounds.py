"""Constants that a field's type cannot hold: what such a comparison comes to.

An engine answers a number beyond the type with an error, or takes it for another one; the meaning
is that of the numbers themselves (spec §5). The same goes for a date beyond `date_nanos`.
"""

from __future__ import annotations

import math
from enum import Enum

from eqlx.ir import nodes as ir
from eqlx.ir.types import FieldType

_RANGES: dict[FieldType, tuple[int, int]] = {
    FieldType.LONG: (-(2**63), 2**63 - 1),
    FieldType.UNSIGNED_LONG: (0, 2**64 - 1),
    FieldType.DATE_NANOS: (0, 2**63 - 1),
}
"""The first and the last whole value of a type; nanoseconds since 1970 for dates."""


class Always(Enum):
    """A comparison that the field's type decides."""

    NEVER = "no value of the field passes"
    ANY_VALUE = "every value of the field passes"


def decided(
    field: ir.Value, operator: ir.Comparison, constant: ir.Integer | ir.Decimal | ir.Instant
) -> Always | None:
    """What the comparison is for every value of the field's type; None if it depends on the value.

    A `!=` is a `not` around `==`, and has no operator of its own.
    """
    if not isinstance(field, ir.Field) or field.type not in _RANGES:
        return None
    first: float
    last: float
    first, last = _RANGES[field.type]
    value = constant.nanoseconds if isinstance(constant, ir.Instant) else constant.value
    if isinstance(value, float):  # whole numbers meet doubles as doubles
        first, last = float(first), float(last)
    match operator:
        case ir.Comparison.EQUAL:
            whole = isinstance(value, int) or value.is_integer()
            return None if whole and first <= value <= last else Always.NEVER
        case ir.Comparison.LESS | ir.Comparison.LESS_OR_EQUAL:
            return _side(value, first, last, strict=operator is ir.Comparison.LESS)
        case _:
            return _side(-value, -last, -first, strict=operator is ir.Comparison.GREATER)


def _side(value: float, first: float, last: float, *, strict: bool) -> Always | None:
    """`x < value` (`x <= value` if not `strict`) for all x from `first` to `last`."""
    if math.isnan(value) or value < first or (strict and value == first):
        return Always.NEVER
    if value > last or (not strict and value == last):
        return Always.ANY_VALUE
    return None
