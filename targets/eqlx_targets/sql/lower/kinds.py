"""What kind of value an SQL expression holds, as EQL sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from eqlx.ir.types import FieldType


class Kind(Enum):
    """`NUMBER` is what `number(…)` gives: whole or not, by the text; held as a double."""

    TEXT = "text"
    LONG = "long"
    UNSIGNED = "unsigned"
    DOUBLE = "double"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    IP = "ip"
    VERSION = "version"
    NULL = "null"

    @property
    def is_whole(self) -> bool:
        return self in (Kind.LONG, Kind.UNSIGNED)

    @property
    def is_number(self) -> bool:
        return self in (Kind.LONG, Kind.UNSIGNED, Kind.DOUBLE, Kind.NUMBER)


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression and what it holds.

    `width`: the column's real type. `computed`: the result of a calculation. `whole_if`: for a
    `NUMBER`, the condition under which its text was a whole number; `exact`, that number as one of
    64 bits, where it is known (a double rounds beyond 2^53).
    """

    expression: exp.Expr
    kind: Kind
    width: str = ""
    computed: bool = False
    whole_if: exp.Expr | None = None
    exact: Callable[[], exp.Expr] | None = None


_KINDS = {
    FieldType.UNRESOLVED: Kind.TEXT,
    FieldType.KEYWORD: Kind.TEXT,
    FieldType.TEXT: Kind.TEXT,
    FieldType.LONG: Kind.LONG,
    FieldType.UNSIGNED_LONG: Kind.UNSIGNED,
    FieldType.DOUBLE: Kind.DOUBLE,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DATE: Kind.DATE,
    FieldType.DATE_NANOS: Kind.DATE,
    FieldType.IP: Kind.IP,
    FieldType.VERSION: Kind.VERSION,
    FieldType.UNSUPPORTED: Kind.TEXT,
}


def kind_of(field_type: FieldType) -> Kind:
    """The kind of a field's values."""
    return _KINDS[field_type]
