"""Literals of the IR as values of EQL, and back: all that the passes know of computing (spec §7)."""

from __future__ import annotations

from typing import assert_never

from eqlx.ir.nodes import Boolean, Decimal, Instant, Integer, Literal, Null, Text
from eqlx.meaning.dates import spelled_instant
from eqlx.meaning.values import Address, Moment, Operand, Version
from eqlx.source import Span


def literal_of(value: Operand, span: Span) -> Literal:
    """The literal of a value. A double may be infinite or no number, which EQL can only compute
    (`1 / 0.0`).

    >>> from eqlx.source import NOWHERE
    >>> literal_of(5.0, NOWHERE), literal_of(None, NOWHERE)
    (Decimal(value=5.0), Null())
    """
    match value:
        case None:
            return Null(span=span)
        case bool():
            return Boolean(value, span=span)
        case int():
            return Integer(value, span=span)
        case float():
            return Decimal(value, span=span)
        case str():
            return Text(value, span=span)
        case Moment(nanoseconds):
            return Instant(nanoseconds, spelled_instant(nanoseconds), span=span)
        case Address() | Version():
            message = "addresses and versions are values of fields alone"
            raise TypeError(message)
        case _:
            assert_never(value)
