"""The types of IR values, and the words for them in diagnostics (spec §2)."""

from __future__ import annotations

from typing import assert_never

from eqlx.ir.functions import of
from eqlx.ir.nodes import (
    Arithmetic,
    Boolean,
    Call,
    Decimal,
    Field,
    Instant,
    Integer,
    Negation,
    Null,
    Text,
    Truth,
    Value,
)
from eqlx.ir.types import FieldType

_WORDS = {
    FieldType.KEYWORD: "a string",
    FieldType.TEXT: "a string",
    FieldType.LONG: "an integer",
    FieldType.UNSIGNED_LONG: "an integer",
    FieldType.DOUBLE: "a number",
    FieldType.BOOLEAN: "a boolean",
    FieldType.DATE: "a date",
    FieldType.DATE_NANOS: "a date",
    FieldType.IP: "an address",
    FieldType.VERSION: "a version",
    FieldType.UNSUPPORTED: "an unsupported type",
    FieldType.UNRESOLVED: "a field",
}


def type_of(value: Value) -> FieldType | None:
    """The type of a value's results; None for null, which fits every type."""
    match value:
        case Field():
            return value.type
        case Text():
            return FieldType.KEYWORD
        case Integer():
            return FieldType.LONG
        case Decimal():
            return FieldType.DOUBLE
        case Boolean() | Truth():
            return FieldType.BOOLEAN
        case Null():
            return None
        case Instant():
            return FieldType.DATE
        case Call():
            return of(value.function).result.type
        case Negation():
            return type_of(value.value)
        case Arithmetic():
            sides = (type_of(value.left), type_of(value.right))
            if None in sides:
                return None
            integers = all(side is not None and side.is_integer for side in sides)
            return FieldType.LONG if integers else FieldType.DOUBLE
        case _:
            assert_never(value)


def describe(value: Value) -> str:
    """A value in a few words, for "found …".

    >>> describe(Text("a")), describe(Integer(4)), describe(Null())
    ('the string "a"', 'the number 4', 'null')
    """
    match value:
        case Field():
            if value.type is FieldType.UNRESOLVED:
                return f"the field `{value.name}`"
            return f"the {value.type.value} field `{value.name}`"
        case Text():
            return f'the string "{value.value}"'
        case Integer() | Decimal():
            return f"the number {value.value}"
        case Boolean():
            return str(value.value).lower()
        case Null():
            return "null"
        case _:
            return word(type_of(value))


def word(kind: FieldType | None) -> str:
    """A type in words, with its article."""
    return "null" if kind is None else _WORDS[kind]
