"""What the tokens of one text mean by themselves: escapes, names, numbers, and where they stand."""

from __future__ import annotations

import re
from typing import NoReturn, Protocol

from eqlx.diagnostics import Diagnostic
from eqlx.diagnostics.catalogue import syntax as say
from eqlx.source import Span
from eqlx.syntax.tree import NumberValue

_ESCAPE = re.compile(r"\\(?:([btnfr\"'\\])|u\{([0-9a-fA-F]{2,8})\}|(u\{[^}\"]*\}?|.))")
_PLAIN = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_SEGMENT = re.compile(r"`((?:[^`]|``)+)`|([^.`]+)")
LARGEST_INTEGER = 2**64 - 1
"""Whole numbers beyond it are doubles (spec §1)."""


class FaultError(Exception):
    """Raised inside the parse where one token is at fault."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Token(Protocol):
    """A token of lark, or of lark-cython (which is no `str`)."""

    type: str
    value: str
    start_pos: int
    end_pos: int


def token_span(token: Token) -> Span:
    """Where a token stands."""
    return Span(token.start_pos, token.end_pos)


def refuse(diagnostic: Diagnostic) -> NoReturn:
    """End the parse with `diagnostic`."""
    raise FaultError(diagnostic)


def unescape(body: str, offset: int) -> str:
    """The value of a string's inside, which starts at `offset` of the text (spec §1)."""
    if "\\" not in body:
        return body

    def value(match: re.Match[str]) -> str:
        if match[1]:
            return _PLAIN[match[1]]
        span = Span(offset + match.start(), offset + match.end())
        if not match[2]:
            refuse(say.unknown_escape(match.group(), span=span))
        code = int(match[2], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            refuse(say.no_character(match[2], span=span))
        return chr(code)

    return _ESCAPE.sub(value, body)


def path_name(path: str) -> str:
    """The joined path without backticks.

    >>> path_name("a.`b c`.`d``e`")
    'a.b c.d`e'
    """
    if "`" not in path:
        return path
    parts = [m[1].replace("``", "`") if m[1] else m[2] for m in _SEGMENT.finditer(path)]
    return ".".join(parts)


def whole(token: Token) -> int:
    """The value of an `INTEGER`; one beyond all bounds is cut (Python reads no 5,000 digits)."""
    return int(token.value[:400])


def number(token: Token) -> NumberValue:
    """A whole number up to unsigned 64 bits, or a double (spec §1)."""
    span = token_span(token)
    text = token.value
    if token.type == "INTEGER" and len(text) < 400:
        whole = int(text)
        if whole <= LARGEST_INTEGER:
            return NumberValue(whole, text, span=span)
    value = float(text)
    if value == float("inf"):
        refuse(say.number_too_large(span=span))
    return NumberValue(value, text, span=span)
