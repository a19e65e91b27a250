"""YAML as this target writes it: single quotes, four spaces, no aliases, no repeated key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias, assert_never

from eqlx.printable import is_safe

Yaml: TypeAlias = "bool | int | float | str | tuple[Yaml, ...] | Mapping[str, Yaml] | None"

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.|-]*\Z")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""Words that some YAML reader takes for a boolean or null."""


def document(content: Mapping[str, Yaml]) -> str:
    """One YAML document, ending in a line feed.

    >>> print(document({"title": "It's", "tags": ("a", "b"), "level": "low"}), end="")
    title: 'It''s'
    tags:
        - 'a'
        - 'b'
    level: 'low'
    """
    return "\n".join(_mapping(content, 0)) + "\n"


def scalar(value: str | float | bool | None) -> str:  # noqa: FBT001 - YAML's own scalars
    """A scalar that every YAML 1.1 and 1.2 reader takes for the same value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _decimal(value)
        case str():
            return _quoted(value)
        case _:
            assert_never(value)


def _mapping(content: Mapping[str, Yaml], indent: int) -> Iterator[str]:
    for key, value in content.items():
        written = key if _is_plain(key) else _quoted(key)
        yield from _entry(f"{' ' * indent}{written}:", value, indent + 4)


def _entry(start: str, value: Yaml, indent: int) -> Iterator[str]:
    match value:
        case tuple():
            yield start if value else f"{start} []"
            for item in value:
                yield from _item(item, indent)
        case Mapping():
            yield start if value else f"{start} {{}}"
            yield from _mapping(value, indent)
        case None | bool() | int() | float() | str():
            yield f"{start} {scalar(value)}"
        case _:
            assert_never(value)


def _item(item: Yaml, indent: int) -> Iterator[str]:
    dash = f"{' ' * indent}- "
    match item:
        case Mapping() if item:
            lines = _mapping(item, indent + 2)
            yield dash + next(lines)[indent + 2 :]
            yield from lines
        case Mapping():
            yield f"{dash}{{}}"
        case tuple():
            message = "a list in a list has no use in Sigma"
            raise TypeError(message)
        case None | bool() | int() | float() | str():
            yield dash + scalar(item)
        case _:
            assert_never(item)


def _is_plain(key: str) -> bool:
    return _PLAIN_KEY.match(key) is not None and key.lower() not in _WORDS


def _decimal(value: float) -> str:
    """YAML 1.1 takes `1e+16` for text: a point is needed."""
    text = repr(value)
    mantissa, exponent, power = text.partition("e")
    return f"{mantissa}.0{exponent}{power}" if exponent and "." not in mantissa else text


def _quoted(text: str) -> str:
    """Single quotes; double ones where a character has to be escaped (line ends, controls, the
    byte order mark), because a line end in single quotes reads back as a blank."""
    if all(_stands_as_is(character) for character in text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escape(character) for character in text) + '"'


def _stands_as_is(character: str) -> bool:
    """Whether YAML takes it raw (U+FFFE and U+FFFF are no characters) and it hides nothing."""
    return is_safe(character) and character not in "\ufffe\uffff"


def _escape(character: str) -> str:
    code = ord(character)
    if character in '"\\':
        return f"\\{character}"
    if _stands_as_is(character):
        return character
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
