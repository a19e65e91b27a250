"""JSON values with the places of an object's keys and values; the work is `json`'s own.

Only the outer objects are walked here; each value inside is read by the standard decoder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from eqlx.rulefile.embedded import Decoded
from eqlx.source import Span

_NAMES = {'"': "a key in double quotes"}
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r"[^\\]+")
_SIMPLE = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u.{4}|\\.")


@dataclass(frozen=True)
class Object:
    """A JSON object, its keys' values and where they stand; `span` covers the whole of it."""

    value: Mapping[str, object]
    values: Mapping[str, Span]
    span: Span


def _expect(token: str, text: str, at: int) -> None:
    if not text.startswith(token, at):
        reason = f"expecting {_NAMES.get(token, f'`{token}`')}"
        raise json.JSONDecodeError(reason, text, at)


def skip_space(text: str, at: int) -> int:
    """The offset of the next character that is no white space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def read_object(text: str, at: int) -> Object:
    """The object whose `{` stands at `at`. Raises `json.JSONDecodeError` at the fault."""
    value: dict[str, object] = {}
    spans: dict[str, Span] = {}
    start = at
    at = skip_space(text, at + 1)
    while not text.startswith("}", at):
        _expect('"', text, at)
        key, at = _DECODER.raw_decode(text, at)
        at = skip_space(text, at)
        _expect(":", text, at)
        begin = skip_space(text, at + 1)
        value[key], at = _DECODER.raw_decode(text, begin)
        spans[key] = Span(begin, at)
        at = _after_comma(text, at, "}")
    return Object(value, spans, Span(start, at + 1))


def read_array(text: str, at: int) -> tuple[list[Object | Span], int]:
    """The elements of the array whose `[` stands at `at`, and its end.

    Of elements that are no objects there is the span alone.
    """
    elements: list[Object | Span] = []
    at = skip_space(text, at + 1)
    while not text.startswith("]", at):
        if text.startswith("{", at):
            element = read_object(text, at)
            elements.append(element)
            at = element.span.end
        else:
            start = at
            _, at = _DECODER.raw_decode(text, at)
            elements.append(Span(start, at))
        at = _after_comma(text, at, "]")
    return elements, at + 1


def _after_comma(text: str, at: int, closer: str) -> int:
    """The start of the next element, or the closer."""
    at = skip_space(text, at)
    if text.startswith(",", at):
        at = skip_space(text, at + 1)
        if text.startswith(closer, at):
            reason = "comma before the end"
            raise json.JSONDecodeError(reason, text, at)
    elif not text.startswith(closer, at):
        _expect(",", text, at)
    return at


def decode(text: str, span: Span) -> Decoded:
    """The value of the string token at `span`, with the place of every character."""
    start, end = span.start + 1, span.end - 1
    if "\\" not in text[start:end]:
        return Decoded(text[start:end], range(start, end + 1))
    parts: list[str] = []
    offsets: list[int] = []
    at = start
    while at < end:
        plain = _PLAIN.match(text, at, end)
        if plain is not None:
            parts.append(plain.group())
            offsets.extend(range(at, plain.end()))
            at = plain.end()
            continue
        if (value := _SIMPLE.get(text[at + 1], "")) != "":
            after = at + 2
        else:
            escape = _ESCAPE.match(text, at, end)
            after = escape.end() if escape else end
            value = json.loads(f'"{text[at:after]}"')
        parts.append(value)
        offsets.extend([at] * len(value))
        at = after
    offsets.append(end)
    return Decoded("".join(parts), offsets)
