"""Values as scripts have them: an expression, its type, and when it is null."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from eqlx.ir.types import FieldType
from eqlx_targets.elasticsearch.painless.code import Code, any_of, call, cast, method

LONG: Final = (-(2**63), 2**63 - 1)


class Kind(Enum):
    """What a value is. A `NUMBER` is a Long or a Double, as the running script finds it; an `ANY` may
    be a BigInteger as well, beyond a long."""

    TEXT = "text"
    LONG = "long"
    DOUBLE = "double"
    NUMBER = "number"
    ANY = "any"
    BOOLEAN = "boolean"
    DATE = "date"
    ADDRESS = "address"

    @property
    def is_number(self) -> bool:
        return self in (Kind.LONG, Kind.DOUBLE, Kind.NUMBER, Kind.ANY)


@dataclass(frozen=True, slots=True)
class Value:
    """`code`, of the static type `java`, has the value unless one of `nulls` holds; then the value is
    null and `code` must not run. Running it never fails.

    `least` and `most` bound a `LONG`. A number is `finite` unless it may be infinite or NaN, may be
    `nan`, and may be `zero`. `absent`: what `code` is where the value is null, if it may run then.
    """

    kind: Kind
    code: Code
    java: str
    nulls: tuple[Code, ...] = ()
    least: int = LONG[0]
    most: int = LONG[1]
    finite: bool = True
    nan: bool = False
    zero: bool = True
    absent: int | None = None

    @property
    def is_null(self) -> Code:
        return any_of(*self.nulls)

    @property
    def as_long(self) -> Code:
        """A `LONG` as a long, in which sums do not wrap at 32 bits."""
        return self.code if self.java == "long" else cast("long", self.code)

    @property
    def as_double(self) -> Code:
        """Any number as a double."""
        if self.java == "double":
            return self.code
        if self.kind in (Kind.LONG, Kind.DOUBLE):
            return cast("double", self.code)
        return method(cast("Number", self.code), "doubleValue")

    @property
    def as_text(self) -> Code:
        """Java's text of anything but a date."""
        if self.java == "String":
            return self.code
        if self.kind in (Kind.TEXT, Kind.ADDRESS):
            return cast("String", self.code)
        return call("String.valueOf", self.code)


@dataclass(frozen=True, slots=True)
class Stored:
    """How the doc values of a field type come: `java` is the type of the loop's variable, `boxed` the
    one that also takes a null."""

    kind: Kind
    name: str
    java: str
    boxed: str


STORED: Final = {
    FieldType.KEYWORD: Stored(Kind.TEXT, "text", "String", "String"),
    FieldType.TEXT: Stored(Kind.TEXT, "text", "String", "String"),
    FieldType.LONG: Stored(Kind.LONG, "number", "long", "def"),
    FieldType.UNSIGNED_LONG: Stored(Kind.ANY, "number", "def", "def"),
    FieldType.DOUBLE: Stored(Kind.DOUBLE, "number", "double", "def"),
    FieldType.BOOLEAN: Stored(Kind.BOOLEAN, "flag", "boolean", "def"),
    FieldType.DATE: Stored(Kind.DATE, "time", "ZonedDateTime", "ZonedDateTime"),
    FieldType.DATE_NANOS: Stored(Kind.DATE, "time", "ZonedDateTime", "ZonedDateTime"),
    FieldType.IP: Stored(Kind.ADDRESS, "address", "String", "String"),
}
