"""One event from its JSON text: what Elasticsearch would refuse as a document is refused here."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import NoReturn, cast

from eqlx.execution import Event

MAX_DEPTH = 512
"""The deepest nesting of objects and arrays in an event."""

MAX_EVENT = 16 * 1024 * 1024
"""The largest event in bytes of JSON, which is DuckDB's own limit."""

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


class FaultyEventError(ValueError):
    """Why a text is no event. The message is a clause without the place."""


def parse_event(text: bytes) -> Event:
    """The event of a JSON text. A lone surrogate becomes U+FFFD, as Lucene indexes it.

    Raises:
        FaultyEventError: the text is not UTF-8, no JSON object, has a key twice in one object (spec
            §13.23), a number beyond a double, or exceeds `MAX_DEPTH` or `MAX_EVENT`.
    """
    if len(text) > MAX_EVENT:
        message = f"an event of more than {MAX_EVENT // 1024 // 1024} MiB"
        raise FaultyEventError(message)
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        message = f"not UTF-8 (byte {error.start + 1} of the line)"
        raise FaultyEventError(message) from None
    try:
        value = decoder().decode(decoded)
    except json.JSONDecodeError as error:
        raise FaultyEventError(broken(error, decoded)) from None
    except RecursionError:
        raise FaultyEventError(_TOO_DEEP) from None
    return checked(value, decoded)


def broken(error: json.JSONDecodeError, text: str) -> str:
    """What the decoder says, with the column in the line of the fault."""
    said = f"{error.msg[:1].lower()}{error.msg[1:]}"
    if text[error.pos : error.pos + 1] == "\0":
        said = "a NUL character"
    return f"broken JSON: {said} (column {error.colno})"


def decoder() -> json.JSONDecoder:
    """A decoder that raises `FaultyEventError` at what is JSON in form alone."""
    return json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_float, parse_int=_int
    )


def checked(value: object, text: str) -> Event:
    """A decoded value as an event: an object, not nested too deeply, without surrogates."""
    if not isinstance(value, dict):
        message = "not a JSON object"
        raise FaultyEventError(message)
    # Only a text with so many brackets can nest so deeply.
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise FaultyEventError(_TOO_DEEP)
    if _SURROGATE_ESCAPE.search(text):
        value = _without_surrogates(value)
    return cast("Event", value)


_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        key = next(key for number, key in enumerate(names) if key in names[:number])
        message = f"the key `{key}` stands twice in one object"
        raise FaultyEventError(message)
    return found


def _no_constant(word: str) -> NoReturn:
    message = f"broken JSON: `{word}` is no JSON"
    raise FaultyEventError(message)


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        message = f"the number `{digits[:40]}` is beyond the range of a double"
        raise FaultyEventError(message)
    return value


def _int(digits: str) -> int:
    # Python refuses to convert very long ones, and `float` of them is infinite.
    if len(digits) > 300:
        _float(digits)
    return int(digits)


def _depth(value: dict[str, object]) -> int:
    deepest = 0
    stack: list[tuple[dict[str, object] | list[object], int]] = [(value, 1)]
    while stack:
        node, depth = stack.pop()
        children: Iterable[object] = node.values() if isinstance(node, dict) else node
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in children if isinstance(child, dict | list))
    return deepest


def _without_surrogates(value: object) -> object:
    match value:
        case str():
            return _SURROGATE.sub(_REPLACEMENT, value)
        case list():
            return [_without_surrogates(child) for child in value]
        case dict():
            return _object(
                [
                    (_SURROGATE.sub(_REPLACEMENT, key), _without_surrogates(child))
                    for key, child in value.items()
                ]
            )
        case _:
            return value
